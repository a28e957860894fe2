"""What an interaction lets the app do next: triggers that open a modal, and response URLs that answer it."""

import secrets
import time
from dataclasses import dataclass, field

from sandbox.errors import Json, SandboxError

RESPONSE_USES = 5


@dataclass
class Trigger:
    user: str
    at: float
    used: bool = False


@dataclass
class ResponseUrl:
    """Where and to whom its answers go; `ts` or `ephemeral_id` is the message that the interaction came from."""

    room: str
    user: str
    ts: str | None = None
    ephemeral_id: str | None = None
    thread_ts: str | None = None
    at: float = field(default_factory=time.monotonic)
    uses: int = 0


class Interactions:
    def __init__(self, trigger_seconds: float, response_url_seconds: float) -> None:
        self._trigger_seconds = trigger_seconds
        self._response_url_seconds = response_url_seconds
        self._triggers: dict[str, Trigger] = {}
        self._urls: dict[str, ResponseUrl] = {}
        self.base_url = ""

    def trigger(self, user: str) -> str:
        now = time.monotonic()
        for old in [t for t, x in self._triggers.items() if now - x.at > 10 * self._trigger_seconds]:
            del self._triggers[old]
        name = f"{secrets.randbelow(10**13):013}.{secrets.randbelow(10**13):013}.{secrets.token_hex(16)}"
        self._triggers[name] = Trigger(user, now)
        return name

    def pull(self, name: object) -> str:
        """The user who pulled the trigger. It lives 3 seconds and works once (docs: triggers)."""
        trigger = self._triggers.get(str(name))
        if trigger is None:
            raise SandboxError("invalid_trigger_id")
        if trigger.used:
            raise SandboxError("exchanged_trigger_id")
        if time.monotonic() - trigger.at > self._trigger_seconds:
            raise SandboxError("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def response_url(self, url: ResponseUrl) -> str:
        now = time.monotonic()
        for old in [k for k, u in self._urls.items() if now - u.at > self._response_url_seconds]:
            del self._urls[old]
        key = secrets.token_hex(12)
        self._urls[key] = url
        return f"{self.base_url}/response/{key}"

    def use(self, key: str) -> ResponseUrl:
        """Raises SandboxError(used_url) after five uses, (expired_url) after half an hour (docs: message responses)."""
        url = self._urls.get(key)
        if url is None or time.monotonic() - url.at > self._response_url_seconds:
            raise SandboxError("expired_url")
        if url.uses >= RESPONSE_USES:
            raise SandboxError("used_url")
        url.uses += 1
        return url


class Ephemerals:
    """Messages that one person sees and nobody keeps: they are gone after a restart, as in Slack."""

    def __init__(self) -> None:
        self.all: dict[str, Json] = {}

    def find(self, ephemeral_id: object) -> Json:
        item = self.all.get(str(ephemeral_id))
        if item is None:
            raise SandboxError("message_not_found")
        return item
