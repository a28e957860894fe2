"""How Slack names things: ids, message timestamps, tokens and the one app that lives in this workspace."""

import secrets
import string
import time
from dataclasses import dataclass

from sandbox.journal import Journal

ALPHABET = string.ascii_uppercase + string.digits
TEAM_ID = "T0SANDBOX"
TEAM_NAME = "Deskbell sandbox"
TEAM_DOMAIN = "sandbox"
APP_ID = "A0SANDBOX"
BOT_USER = "U0DESKBELL"
BOT_ID = "B0DESKBELL"
BOT_NAME = "deskbell"


@dataclass(frozen=True)
class Keys:
    """The secrets an app is installed with. They are random: other programs on this machine must not guess them."""

    bot_token: str
    app_token: str
    signing_secret: str
    verification_token: str

    @classmethod
    def of(cls, journal: Journal) -> "Keys":
        """Those of the last run where there is one, so that a desk which kept its settings finds them valid."""
        if "keys" not in journal.table("app"):
            journal.put("app", "keys", cls.fresh().__dict__)
        return cls(**journal.table("app")["keys"])

    @classmethod
    def fresh(cls) -> "Keys":
        return cls(
            bot_token=f"xoxb-{secrets.randbelow(10**12):012}-{secrets.token_hex(12)}",
            app_token=f"xapp-1-{APP_ID}-{secrets.randbelow(10**12):012}-{secrets.token_hex(24)}",
            signing_secret=secrets.token_hex(16),
            verification_token=secrets.token_hex(12),
        )


def fresh_id(prefix: str) -> str:
    """An id as Slack makes them: a letter that tells the kind, then ten capitals and digits."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(10))


def fresh_block_id() -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(5))


class Stamps:
    """Message timestamps: Unix seconds with microseconds as text, unique and rising. They are ids, not only times."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> str:
        self._last = max(time.time_ns() // 1000, self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"


def seconds_now() -> int:
    return int(time.time())
