"""How the app hears of things: by Socket Mode where it is connected, else by signed HTTP, with Slack's retries."""

import asyncio
import hashlib
import hmac
import json
import logging
import time
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp

from sandbox import envelopes
from sandbox.errors import Json, SandboxError
from sandbox.faults import Faults
from sandbox.manifest import Manifest
from sandbox.names import BOT_USER, Keys
from sandbox.sockets import Sockets
from sandbox.tiers import Tiers

log = logging.getLogger("sandbox.delivery")
WAITS_FOR_ANSWER = frozenset({"view_submission", "block_suggestion", "slash_commands"})


@dataclass
class Delivery:
    """One thing the app was told, and how that went."""

    kind: str
    """`events_api`, `interactive` or `slash_commands`"""
    payload: Json
    attempts: int = 0
    outcome: str = "waiting"
    """`waiting`, `acked`, or why not: `timeout`, `connection_failed`, `http_error`"""
    answer: Any = None
    took: float | None = None
    """Seconds from when it was sent, the time that it was taken, to its acknowledgement."""
    late: float = 0.0
    """Seconds that a fault holds it back."""
    copies: int = 1


@dataclass
class Deliveries:
    keys: Keys
    sockets: Sockets
    faults: Faults
    tiers: Tiers
    manifest: Manifest
    ack_seconds: float
    retry_after: tuple[float, ...]
    request_url: str | None = None
    log: deque[Delivery] = field(default_factory=lambda: deque(maxlen=2000))
    _http: aiohttp.ClientSession | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _held: list[Delivery] = field(default_factory=list)

    # -- what happened

    def announce(self, event: Json, room: Json | None) -> None:
        """Tell the app, if it has subscribed to such events and is in the room; returns at once."""
        if room is not None and BOT_USER not in room["members"]:
            return
        if not self.manifest.hears(event):
            return
        if not self.tiers.admits_event():
            self._start(
                self._carry(self._record("events_api", envelopes.app_rate_limited(self.keys.verification_token)))
            )
            return
        event.setdefault("event_ts", f"{time.time():.6f}")
        payload = envelopes.event_callback(event, room, self.keys.verification_token)
        delivery = self._record("events_api", payload)
        delivery.late = self.faults.delay_events_ms / 1000
        delivery.copies = 2 if self.faults.duplicate_events else 1
        if self.faults.scatter_events_ms:
            delivery.late, delivery.copies = delivery.late + self.faults.late(), self.faults.times()
        if self.faults.reorder_events and not self._held:
            self._held.append(delivery)
            return
        for each in (delivery, *self._held):
            self._start(self._carry(each))
        self._held.clear()

    async def ask(self, kind: str, payload: Json) -> Any:
        """Bring an interaction and return the app's answer.

        Raises SandboxError with what the person sees: `timeout` (no ack within 3 seconds), `dispatch_failed` (the app
        is not connected) or `http_error`.
        """
        delivery = self._record(kind, payload)
        await self._attempt(delivery)
        if delivery.outcome == "acked":
            return delivery.answer
        raise SandboxError("dispatch_failed" if delivery.outcome == "connection_failed" else delivery.outcome)

    def tell(self, kind: str, payload: Json) -> None:
        """Bring what needs no answer, such as `view_closed`; that nobody took it shows in the log only."""
        self._start(self._once(self._record(kind, payload)))

    async def _once(self, delivery: Delivery) -> None:
        await self._attempt(delivery)

    # -- carrying

    def _record(self, kind: str, payload: Json) -> Delivery:
        delivery = Delivery(kind, payload)
        self.log.append(delivery)
        return delivery

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, delivery: Delivery) -> None:
        """An event: three retries, by default at once, after a minute and after five (docs: Events API)."""
        if delivery.late:
            await asyncio.sleep(delivery.late)
        goes_on = await self._attempt(delivery)
        for pause in self.retry_after:
            if not goes_on:
                break
            await asyncio.sleep(pause)
            goes_on = await self._attempt(delivery)
        if delivery.outcome != "acked":
            log.warning("an event was not taken: %s after %d attempts", delivery.outcome, delivery.attempts)
            return
        for _ in range(delivery.copies - 1):
            await asyncio.sleep(self.faults.late())
            await self._attempt(delivery)
            delivery.outcome = "acked"  # whatever became of this one: it was taken before

    async def _attempt(self, delivery: Delivery) -> bool:
        """Whether it is to be tried again."""
        number, reason = delivery.attempts, delivery.outcome if delivery.outcome != "acked" else "timeout"
        delivery.attempts += 1
        began = time.monotonic()
        try:
            if self.sockets.count:
                answer = await self._by_socket(delivery, number, reason)
            elif self.request_url:
                answer = await self._by_http(delivery, number, reason)
            else:
                raise ConnectionError("the app is not connected")
        except TimeoutError:
            delivery.outcome = "timeout"
        except (ConnectionError, aiohttp.ClientConnectionError):
            delivery.outcome = "connection_failed"
        except _HttpError as error:
            delivery.outcome = "http_error"
            return not error.final
        else:
            delivery.outcome, delivery.answer = "acked", answer
            delivery.took = time.monotonic() - began if delivery.took is None else delivery.took
        return delivery.outcome != "acked"

    async def _by_socket(self, delivery: Delivery, number: int, reason: str) -> Any:
        accepts = delivery.kind in WAITS_FOR_ANSWER or delivery.payload.get("type") in WAITS_FOR_ANSWER
        envelope = envelopes.socket(delivery.kind, delivery.payload, accepts)
        if delivery.kind == "events_api":
            envelope.update(retry_attempt=number, retry_reason=reason if number else "")
        return await self.sockets.send(envelope, self.ack_seconds)

    async def _by_http(self, delivery: Delivery, number: int, reason: str) -> Any:
        if delivery.kind == "events_api":
            body, content_type = json.dumps(delivery.payload).encode(), "application/json"
        else:
            form = delivery.payload if delivery.kind == "slash_commands" else {"payload": json.dumps(delivery.payload)}
            body, content_type = urlencode(form).encode(), "application/x-www-form-urlencoded"
        headers = {"Content-Type": content_type, **self._signature(body)}
        if number:
            said = {"timeout": "http_timeout", "waiting": "http_timeout"}.get(reason, reason)
            headers.update({"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": said})
        assert self.request_url is not None
        timeout = aiohttp.ClientTimeout(total=self.ack_seconds)
        async with self._session().post(self.request_url, data=body, headers=headers, timeout=timeout) as answer:
            data = await answer.read()
            if not answer.ok or self.faults.spend("drop_acks"):
                raise _HttpError(final=answer.headers.get("X-Slack-No-Retry") == "1")
            return _read(data)

    def _signature(self, body: bytes) -> dict[str, str]:
        """Docs: verifying requests from Slack, version v0."""
        at = str(int(time.time()))
        base = b"v0:" + at.encode() + b":" + body
        digest = hmac.new(self.keys.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        return {
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": f"v0={digest}",
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "Accept": "*/*",
        }

    async def verify_request_url(self) -> None:
        """Slack's handshake with a new Request URL; raises SandboxError when the challenge does not come back."""
        challenge = hashlib.sha256(str(time.time_ns()).encode()).hexdigest()[:32]
        body = {"token": self.keys.verification_token, "challenge": challenge, "type": "url_verification"}
        answer = await self.ask("events_api", body)
        echoed = answer.get("challenge") or answer.get("text") if isinstance(answer, dict) else None
        if echoed != challenge:
            raise SandboxError("url_verification_failed")

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession()
        return self._http

    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.close()
            self._http = None


class _HttpError(Exception):
    def __init__(self, final: bool) -> None:
        super().__init__("the app answered with an error")
        self.final = final


def _read(data: bytes) -> Any:
    """An answer's body: JSON, or the plain text that Slack takes as a message."""
    if not data:
        return None
    try:
        return json.loads(data)
    except ValueError:
        return {"text": data.decode("utf-8", errors="replace")}
