"""Mailboxes on other servers, as the settings name them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from core.phrases import Refused, phrase
from core.settings import ImapSettings, Settings
from deskbell.relays import VaultOf, tokens_of
from gateways.email.imap.account import Account

Now = Callable[[], datetime]


def accounts_of(settings: Settings, now: Now, vault_of: VaultOf | None = None) -> list[Account]:
    """Every mailbox that is to be read. Raises Refused where one cannot be understood."""
    return [_account(name, said, now, vault_of) for name, said in settings.imap.items()]


def _account(name: str, said: ImapSettings, now: Now, vault_of: VaultOf | None) -> Account:
    address = said.address or said.user
    folders = tuple(folder.strip() for folder in said.folders.split(",") if folder.strip())
    if "@" not in address:
        raise Refused(
            phrase(
                "Whom mail in the mailbox {name} is for is not known. Set IMAP__{setting}__ADDRESS to one of the "
                "addresses in the rulebook.",
                name=name,
                setting=name.upper(),
            )
        )
    if not folders or (said.after == "move" and said.move_to in folders):
        raise Refused(
            phrase(
                "The mailbox {name} would read nothing, or what it has moved away itself. Look at "
                "IMAP__{setting}__FOLDERS and MOVE_TO.",
                name=name,
                setting=name.upper(),
            )
        )
    hold = frozenset(folder.strip() for folder in said.hold.split(",") if folder.strip())
    if unread := sorted(hold - set(folders)):
        raise Refused(
            phrase(
                "The mailbox {name} does not read {folders}, whose mail is to be held back. Add to "
                "IMAP__{setting}__FOLDERS what stands in HOLD.",
                name=name,
                folders=unread,
                setting=name.upper(),
            )
        )
    return Account(
        name=name,
        host=said.host,
        port=said.port if said.port is not None else (993 if said.tls == "tls" else 143),
        user=said.user,
        address=address,
        password=said.password.get_secret_value() if said.password else None,
        token=tokens_of(said, "imap", name, now, vault_of),
        tls=said.tls,
        recipient=said.recipient,
        folders=folders,
        hold=hold,
        all_of_it=said.start == "all",
        after=said.after,
        move_to=said.move_to,
        max_size=said.max_size,
        poll=said.poll,
    )
