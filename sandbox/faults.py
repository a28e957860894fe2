"""What can be made to go wrong: faults that a test or a person on the page switches while everything runs."""

import random
import re
from dataclasses import asdict, dataclass, field, fields
from typing import Any, get_type_hints

from sandbox.errors import Json, SandboxError

BY_ADDRESS = ("mail_refuse", "mail_tempfail")


@dataclass
class Faults:
    """Counters count down and stop at 0; maps are by method (`*`: every method) or by mail address."""

    http_error_rate: float = 0.0
    """Share of API calls answered with status 500, 0 to 1."""
    http_errors: int = 0
    """The next n API calls are answered with status 500."""
    slow_ms: int = 0
    """Every API call waits so long before it is worked on."""
    rate_limit_next: int = 0
    """The next n API calls are refused with 429, whatever their tier says."""
    rate_limit_seconds: int = 1
    """`Retry-After` of those."""
    api_error: dict[str, str] = field(default_factory=dict)
    """Method: error code, until taken out."""
    refuse_broadcasts: bool = False
    """Replies that are to be seen in the room as well are refused, as where a room's settings keep that to some."""
    lose_answers: dict[str, int] = field(default_factory=dict)
    """Method: the next n calls are carried out, but the connection dies before their answer."""
    drop_acks: int = 0
    """The next n acknowledgements of events and interactions are lost."""
    duplicate_events: bool = False
    """Every event is delivered a second time with the same event_id, as a retry that crossed its ack."""
    delay_events_ms: int = 0
    """Events come so much late."""
    reorder_events: bool = False
    """Of each two events the second comes first."""
    scatter_events_ms: int = 0
    """Every event comes one to three times, each time up to so much late: so in any order."""
    refuse_sockets: bool = False
    """apps.connections.open fails with internal_error."""
    mail_refuse: dict[str, str] = field(default_factory=dict)
    """Recipient: the SMTP reply that refuses them, such as `550 5.1.1 No such user`."""
    mail_tempfail: dict[str, int] = field(default_factory=dict)
    """Recipient: the next n times `451 4.7.1` greylists them."""
    mail_lose_replies: int = 0
    """The next n mails are kept, but the connection dies before the reply to DATA."""
    telegram_errors: int = 0
    """The next n calls of the Bot API are answered with 502."""
    telegram_slow_ms: int = 0
    """Every call of the Bot API waits so long before it is worked on."""
    telegram_limit_next: int = 0
    """The next n calls of the Bot API are refused with 429, whatever was sent before."""
    telegram_limit_seconds: int = 3
    """`retry_after` of those."""
    telegram_lose_answers: int = 0
    """The next n messages are sent, but the connection dies before the bot hears so."""
    telegram_duplicates: bool = False
    """Every update comes twice with the same update_id."""
    telegram_scatter: bool = False
    """Every update comes one to three times, confirmed or not, and those that come together in any order."""

    def patch(self, changes: Json) -> None:
        """Raises SandboxError(invalid_fault) for a name or a type that is none of these."""
        kinds = get_type_hints(Faults)
        for name, value in changes.items():
            kind = kinds.get(name)
            if kind is None or not _fits(value, kind) or (name == "mail_refuse" and not _all_replies(value)):
                raise SandboxError("invalid_fault", fault=name)
        for name, value in changes.items():
            setattr(self, name, {k.casefold(): v for k, v in value.items()} if name in BY_ADDRESS else value)

    def clear(self) -> None:
        fresh = Faults()
        for each in fields(self):
            setattr(self, each.name, getattr(fresh, each.name))

    def shown(self) -> Json:
        return asdict(self)

    def spend(self, counter: str) -> bool:
        """Whether the named counter had one left; takes it."""
        left = getattr(self, counter)
        if left <= 0:
            return False
        setattr(self, counter, left - 1)
        return True

    @staticmethod
    def spend_of(counters: dict[str, int], name: str) -> bool:
        if counters.get(name, 0) <= 0:
            return False
        counters[name] -= 1
        if not counters[name]:
            del counters[name]
        return True

    def breaks(self) -> bool:
        """Whether this API call is answered with status 500."""
        return self.spend("http_errors") or random.random() < self.http_error_rate  # noqa: S311 (a dice roll)

    @staticmethod
    def times() -> int:
        """How often something scattered comes."""
        return random.randint(1, 3)  # noqa: S311 (a dice roll)

    def late(self) -> float:
        """Seconds that something scattered comes late."""
        return random.uniform(0, self.scatter_events_ms / 1000)  # noqa: S311 (a dice roll)

    @staticmethod
    def shuffled(those: list[Json]) -> list[Json]:
        """The same in any order."""
        return random.sample(those, len(those))

    def error_of(self, method: str) -> str | None:
        return self.api_error.get(method) or self.api_error.get("*")


def _all_replies(refusals: dict[str, str]) -> bool:
    """Whether each is one line of an SMTP reply that refuses (RFC 5321 section 4.2)."""
    return all(re.fullmatch(r"[45]\d\d [^\r\n]+", words) for words in refusals.values())


def _fits(value: Any, kind: Any) -> bool:
    if kind is bool:
        return isinstance(value, bool)
    if kind in (int, float):
        return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    inner = str if kind == dict[str, str] else int
    return isinstance(value, dict) and all(isinstance(k, str) and isinstance(v, inner) for k, v in value.items())
