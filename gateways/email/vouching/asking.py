"""DNS asked who may send in a sender's name: after the 250, for seconds at most, and no other mail waits for it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from core.engine.apart import Apart, GaveOutError
from core.tickets.model import Inbound, Vouched
from gateways.email.envelope import Envelope
from gateways.email.reading.parse import heard
from gateways.email.vouching.resolver import Resolver, Unanswered
from gateways.email.vouching.spf import spf
from gateways.email.vouching.verdict import Answers, Claims, Trust, as_found, heard_with_claims, judged

log = logging.getLogger(__name__)

AT_MOST = timedelta(seconds=10)
"""For all that is asked about one mail."""

AT_ONCE = timedelta(milliseconds=250)
"""So long a hand waits for the answers; then it does other mail, and comes back."""

COME_BACK = timedelta(seconds=1)

MOST = 256
"""Mails asked about at the same time."""

_FORGET = 2 * AT_MOST.total_seconds()


class NotYet(Exception):
    """The answers are not there yet; what is asked goes on. Come back."""


class Vouching:
    """Who vouches for mails: what they say is read in the process `apart`, and DNS asked in this one."""

    def __init__(self, trust: Trust, apart: Apart, asking: Asking):
        self._trust = trust
        self._apart = apart
        self._asking = asking

    def waits_for(self, id: int) -> bool:
        """Whether it would be in vain to come back to this mail now."""
        return self._asking.waits_for(id)

    async def message(self, id: int, raw: bytes, envelope: Envelope, taken_at: datetime) -> Inbound:
        """A mail as the desk takes it, with what is known of where it comes from. Raises NotYet, GaveOutError.

        `taken_at`: when the desk took it, which may be long after it was received elsewhere.
        """
        try:
            message, claims = await self._apart.call(heard_with_claims, raw, envelope, self._trust)
        except GaveOutError:
            raise
        except Exception as error:  # what a mail says is heard, whatever is strange about where it comes from
            log.error("what mail %s says of its sender cannot be read", id, exc_info=error)
            message, claims = await self._apart.call(heard, raw, envelope), Claims(settled=_unsure("", error))
        if claims.settled is not None:
            return replace(message, vouched=claims.settled)
        answers = await self._asking.about(id, claims, envelope, was_handed_on=self._trust.was_handed_on(envelope))
        try:
            vouched = await self._apart.call(judged, raw, claims, answers, envelope, self._trust, taken_at)
        except Exception as error:  # GaveOutError is one
            log.error("who vouches for mail %s cannot be told", id, exc_info=error)
            vouched = _unsure(claims.domain, error)
        return as_found(message, claims.author, vouched)

    async def close(self) -> None:
        """Ask no more."""
        await self._asking.close()


def _unsure(domain: str, error: Exception) -> Vouched:
    return Vouched(domain=domain, evidence=(f"who vouches for it could not be told: {type(error).__name__}: {error}",))


class Asking:
    """What is asked about mails just now, by their numbers. For one event loop."""

    def __init__(
        self,
        resolver: Resolver,
        *,
        at_once: timedelta = AT_ONCE,
        at_most: timedelta = AT_MOST,
        most: int = MOST,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._resolver = resolver
        self._at_once = at_once.total_seconds()
        self._at_most = at_most.total_seconds()
        self._most = most
        self._clock = clock
        self._asked: dict[int, tuple[float, asyncio.Task[Answers]]] = {}

    async def about(self, id: int, claims: Claims, envelope: Envelope, *, was_handed_on: bool) -> Answers:
        """The answers. Raises NotYet where that takes longer than a hand may wait.

        `was_handed_on`: it came by a server of ours, so SPF says nothing.
        """
        if id not in self._asked:
            self._forget()
            if len(self._asked) >= self._most:
                raise NotYet
            self._asked[id] = self._clock(), asyncio.create_task(self._answers(claims, envelope, was_handed_on))
        _, task = self._asked[id]
        done, _ = await asyncio.wait([task], timeout=self._at_once)
        if not done:
            raise NotYet
        self._asked.pop(id, None)
        return task.result()

    def waits_for(self, id: int) -> bool:
        """Whether something is being asked about this mail, and not answered yet."""
        asked = self._asked.get(id)
        return asked is not None and not asked[1].done()

    async def close(self) -> None:
        """Ask no more."""
        tasks = [task for _, task in self._asked.values()]
        self._asked.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self) -> None:
        """What nobody came back for: another process has done that mail."""
        before = self._clock() - _FORGET
        for id in [id for id, (since, task) in self._asked.items() if since < before and task.done()]:
            del self._asked[id]

    async def _answers(self, claims: Claims, envelope: Envelope, was_handed_on: bool) -> Answers:
        """All that is to be known, asked at the same time; what is not known after so long is not known."""
        keys: dict[str, tuple[bytes, ...]] = {}
        found: dict[str, Answers] = {}
        asked = [self._policy(claims, found), *(self._key(name, keys) for name in claims.keys)]
        if not was_handed_on:
            asked.append(self._spf(envelope, found))
        tasks = [asyncio.create_task(one) for one in asked]
        try:
            await asyncio.wait(tasks, timeout=self._at_most)
        finally:
            for task in tasks:
                task.cancel()
        for came in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(came, Exception):  # no answer like any other, but not one that was foreseen
                log.error("a question to DNS ended badly", exc_info=came)
        policy, by_spf = found.get("policy", Answers()), found.get("spf", Answers())
        answered = by_spf.spf if by_spf.spf or was_handed_on else ("temperror", _sender_domain(envelope))
        return Answers(policy.policy, policy.of_parent, answered, keys)

    async def _policy(self, claims: Claims, found: dict[str, Answers]) -> None:
        """The domain's own policy, else its organisation's."""
        texts: list[bytes] = []
        name = claims.domain
        try:
            for name in dict.fromkeys([claims.domain, claims.organisation]):
                texts = [one.strip() for one in await self._resolver.txt(f"_dmarc.{name}")]
                if any(text.startswith(b"v=DMARC1") for text in texts):
                    break
        except Unanswered:
            return
        found["policy"] = Answers(policy=tuple(texts), of_parent=name != claims.domain)

    async def _key(self, name: str, keys: dict[str, tuple[bytes, ...]]) -> None:
        try:
            keys[name] = tuple(await self._resolver.txt(name))
        except Unanswered:
            return

    async def _spf(self, envelope: Envelope, found: dict[str, Answers]) -> None:
        said = await spf(envelope.peer, envelope.mail_from or "", envelope.helo, self._resolver)
        found["spf"] = Answers(spf=(said.result, said.domain))


def _sender_domain(envelope: Envelope) -> str:
    return (envelope.mail_from or envelope.helo).rpartition("@")[2].lower()
