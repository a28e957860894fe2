"""How much Slack allows: rate tiers as token buckets (docs: rate limits), per method, channel and workspace."""

import math
import time
from dataclasses import dataclass, field

from sandbox.errors import Json


@dataclass(frozen=True)
class Rate:
    """`per_minute` in the long run, `burst` at once. Slack publishes the first and only says that bursts are borne."""

    per_minute: float
    burst: int


TIER1 = Rate(1, 2)
TIER2 = Rate(20, 10)
TIER3 = Rate(50, 20)
TIER4 = Rate(100, 30)
POST_PER_CHANNEL = Rate(60, 5)
POST_PER_WORKSPACE = Rate(500, 50)  # "several hundred messages per minute"
EVENTS_IN = Rate(500, 30_000)  # 30,000 deliveries per hour

TIERS: dict[str, Rate] = {
    "api.test": TIER4,
    "apps.connections.open": TIER3,
    "auth.test": Rate(600, 100),  # "special": hundreds a minute
    "blocks.validate": TIER4,
    "bookmarks.add": TIER2,
    "bots.info": TIER3,
    "chat.delete": TIER3,
    "chat.deleteScheduledMessage": TIER3,
    "chat.getPermalink": Rate(600, 100),
    "chat.postEphemeral": TIER4,
    "chat.scheduleMessage": TIER3,
    "chat.unfurl": TIER3,
    "chat.update": TIER3,
    "conversations.archive": TIER2,
    "conversations.create": TIER2,
    "conversations.history": TIER3,
    "conversations.info": TIER3,
    "conversations.invite": TIER3,
    "conversations.join": TIER3,
    "conversations.kick": TIER3,
    "conversations.leave": TIER3,
    "conversations.list": TIER2,
    "conversations.members": TIER4,
    "conversations.open": TIER3,
    "conversations.rename": TIER2,
    "conversations.replies": TIER3,
    "conversations.setPurpose": TIER2,
    "conversations.setTopic": TIER2,
    "conversations.unarchive": TIER2,
    "files.completeUploadExternal": TIER4,
    "files.delete": TIER3,
    "files.getUploadURLExternal": TIER4,
    "files.info": TIER4,
    "files.list": TIER3,
    "oauth.v2.access": TIER4,
    "pins.add": TIER2,
    "pins.list": TIER2,
    "pins.remove": TIER2,
    "reactions.add": TIER3,
    "reactions.get": TIER3,
    "reactions.remove": TIER2,
    "team.info": TIER3,
    "usergroups.list": TIER2,
    "usergroups.users.list": TIER2,
    "users.conversations": TIER3,
    "users.getPresence": TIER3,
    "users.info": TIER4,
    "users.list": TIER2,
    "users.lookupByEmail": TIER3,
    "users.profile.get": TIER4,
    "views.open": TIER4,
    "views.publish": TIER4,
    "views.push": TIER4,
    "views.update": TIER4,
}


@dataclass
class Bucket:
    rate: Rate
    tokens: float = -1.0
    at: float = field(default_factory=time.monotonic)

    def wait(self) -> float:
        """Seconds until there is a token; 0 when there is one now. Takes nothing."""
        now = time.monotonic()
        held = self.rate.burst if self.tokens < 0 else self.tokens
        self.tokens = min(self.rate.burst, held + (now - self.at) * self.rate.per_minute / 60)
        self.at = now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) * 60 / self.rate.per_minute

    def take(self) -> None:
        self.tokens -= 1


class Tiers:
    """The buckets of one workspace and one app; `on` switches them while the sandbox runs."""

    def __init__(self, on: bool) -> None:
        self.on = on
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self.refusals: dict[str, int] = {}

    def admit(self, method: str, params: Json) -> int:
        """0, or the whole seconds of `Retry-After`; a refused call costs nothing."""
        if not self.on:
            return 0
        buckets = self._for(method, str(params.get("channel", "")))
        wait = max((bucket.wait() for bucket in buckets), default=0.0)
        if wait > 0:
            self.refusals[method] = self.refusals.get(method, 0) + 1
            return max(1, math.ceil(wait))
        for bucket in buckets:
            bucket.take()
        return 0

    def admits_event(self) -> bool:
        """Whether the app may be sent another event this hour (else `app_rate_limited`)."""
        if not self.on:
            return True
        bucket = self._bucket("events", "", EVENTS_IN)
        if bucket.wait() > 0:
            return False
        bucket.take()
        return True

    def _for(self, method: str, channel: str) -> list[Bucket]:
        if method in ("chat.postMessage", "chat.startStream"):
            return [
                self._bucket("chat.postMessage", channel, POST_PER_CHANNEL),
                self._bucket("chat.postMessage", "", POST_PER_WORKSPACE),
            ]
        return [self._bucket(method, "", TIERS[method])] if method in TIERS else []

    def _bucket(self, method: str, scope: str, rate: Rate) -> Bucket:
        return self._buckets.setdefault((method, scope), Bucket(rate))
