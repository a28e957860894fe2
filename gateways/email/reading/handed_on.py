"""Lists and groups that hand a mail on under their own address: who wrote it, as far as the mail says.

They write From anew since the author's domain would not vouch for what they have changed (DMARC): `"Jane via Support"
<support@…>`. Google's groups, Mailman, Sympa and others keep the author in fields of their own, or in Reply-To.
"""

from __future__ import annotations

from gateways.email.parts.addresses import Mailbox, read_addresses
from gateways.email.parts.headers import Headers

_OF_LISTS = ("list-id", "list-post", "list-unsubscribe", "x-mailman-version")
_WRITTEN_BEFORE = ("x-original-from", "x-original-sender", "reply-to")
_MOST = 10  # of each field


def is_by_list(headers: Headers) -> bool:
    """Whether a list has sent it, or something that works as lists do."""
    return any(name in headers for name in _OF_LISTS)


def author_behind(headers: Headers, own: str) -> Mailbox | None:
    """Whom a mail names as its author whose From (`own`) is a list's address; None where it is nobody else.

    Anybody can write this: nothing of it is proven.
    """
    own = own.casefold()
    if not own or not is_by_list(headers) or own not in _addresses_of_list(headers):
        return None
    named = [one for field in _WRITTEN_BEFORE for one in read_addresses(headers.first(field))[:_MOST] if one.address]
    others = [one for one in named if one.address.casefold() != own]
    if not others:
        return None
    found = others[0].address
    names = [one.name for one in others if one.name and one.address.casefold() == found.casefold()]
    return Mailbox(names[0] if names else _before_via(headers), found)


def _addresses_of_list(headers: Headers) -> str:
    return headers.text("list-post").casefold() + headers.text("sender").casefold()


def _before_via(headers: Headers) -> str:
    """`Jane` of `'Jane' via Support`."""
    name, via, _ = next((one.name for one in read_addresses(headers.first("from"))), "").partition(" via ")
    return name.strip(" '\"") if via else ""
