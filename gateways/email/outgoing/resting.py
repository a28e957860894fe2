"""Whether a relay's answer says that the recipient's own server has had too much from us for now."""

from __future__ import annotations

import re

from core.tickets.model import Outcome
from gateways.email.parts.addresses import normal

_TOO_MUCH = re.compile(r"too (?:many|much|fast|frequent)|\brate\b|rate-?limit|throttl|slow down|exceed|quota", re.I)
_OF_SOMETHING_ELSE = re.compile(r"4\.[25]\.\d|too many (?:recipients|hops|errors)", re.I)
"""A single mailbox (4.2.x), or how we speak (4.5.x)."""

_MOST = 500


def resting_domain(outcome: Outcome, relay: str) -> str | None:
    """The domain that is to rest; None where the answer speaks of something else, be it of the relay itself.

    A relay has limits of its own. Only one that names the recipient's domain, or a server of it, speaks of that.
    """
    said = outcome.text[:_MOST].casefold()
    if not 400 <= outcome.code < 500 or not _TOO_MUCH.search(said) or _OF_SOMETHING_ELSE.search(said):
        return None
    domain = normal(outcome.address).rpartition("@")[2].casefold()
    named = re.search(rf"(?<![\w-]){re.escape(domain)}(?!-?\w|\.\w)", said.replace(relay.casefold(), ""))
    return domain if domain and named else None
