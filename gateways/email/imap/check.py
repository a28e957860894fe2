"""What is right and wrong with a mailbox on another server, and what helps, in sentences."""

from __future__ import annotations

from collections.abc import Generator

from core.phrases import DeskError, Phrase, phrase
from gateways.email.imap.account import USUAL, Account, Times
from gateways.email.imap.folder import can_move
from gateways.email.imap.line import Line, LoginRefused, No

Check = tuple[str, Phrase]
"""“good”, “warn” or “bad”, and why."""

_PASSWORDS = {
    "gmail.com": phrase(
        "Gmail takes no account password here: make an app password (it needs 2-step verification), "
        "or set OAUTH=google."
    ),
    "office365.com": phrase("Microsoft 365 takes no passwords for IMAP any more: set OAUTH=microsoft."),
    "outlook.com": phrase("Microsoft takes no passwords for IMAP any more: set OAUTH=microsoft."),
}
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def check(account: Account, times: Times = USUAL) -> Generator[Check]:
    """Log in, look at each folder without changing anything, and at what the server can do. Blocks."""
    if account.tls == "none" and account.host not in _LOOPBACK:
        yield (
            "warn",
            phrase(
                "The password of the mailbox {name} goes to {host} in clear. Set TLS=tls, or starttls.",
                name=account.name,
                host=account.host,
            ),
        )
    line = Line(account, times)
    try:
        line.connect()
    except LoginRefused as error:
        yield "bad", error.phrase
        yield "warn", _remedy(account)
    except DeskError as error:
        yield "bad", error.phrase
        yield (
            "warn",
            phrase("Look whether host, port and TLS are right, and whether a firewall lets the desk through."),
        )
    else:
        yield from _folders(line)
        yield from _able(line)
    finally:
        line.close()


def _remedy(account: Account) -> Phrase:
    if account.token is None:
        for domain, said in _PASSWORDS.items():
            if account.host.casefold().endswith(domain):
                return said
        return phrase(
            "Look whether user and password in .env are right, and whether the account may use IMAP. The desk tries "
            "again every 15 minutes only, so that the account is not locked."
        )
    return phrase("Look whether the account that gave consent may read this mailbox, and whether IMAP is switched on.")


def _folders(line: Line) -> Generator[Check]:
    account = line.account
    for folder in account.folders:
        try:
            line.examine(folder)
        except No as no:
            yield (
                "bad",
                phrase(
                    "The folder {folder} of the mailbox {name} cannot be opened: {reason}. There are: {folders}",
                    folder=folder,
                    name=account.name,
                    reason=no.phrase.values["said"],
                    folders=", ".join(line.folders()[:20]),
                ),
            )
        except DeskError as error:
            yield "bad", error.phrase
            return
        else:
            yield (
                "good",
                phrase(
                    "The mailbox {name} on {host} is open: {folder}.",
                    name=account.name,
                    host=account.host,
                    folder=folder,
                ),
            )


def _able(line: Line) -> Generator[Check]:
    account = line.account
    if not line.can("IDLE"):
        yield (
            "warn",
            phrase(
                "{host} does not tell of new mail by itself (no IDLE): the mailbox {name} is looked at every {poll}.",
                host=account.host,
                name=account.name,
                poll=account.poll,
            ),
        )
    if account.after == "move" and not can_move(line):
        yield (
            "warn",
            phrase(
                "{host} cannot move mails safely (neither MOVE nor UIDPLUS): in the mailbox {name} they are only "
                "marked as read.",
                host=account.host,
                name=account.name,
            ),
        )
    if account.after == "delete" and not line.can("UIDPLUS"):
        yield (
            "warn",
            phrase(
                "{host} cannot delete single mails safely (no UIDPLUS): in the mailbox {name} they are only marked as "
                "read.",
                host=account.host,
                name=account.name,
            ),
        )
