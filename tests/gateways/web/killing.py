"""Partners bring messages and requesters write on their pages while the desk is killed over and over: whoever gets no
answer asks again, by the same key or the same form; then what came of it is held against what was said.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256

import aiohttp

from core.desk import Desk
from core.desk.opening import open_desk
from core.desk.pages import Pages
from core.tickets.model import Message, Part
from core.tickets.passes import Purpose
from core.tickets.sources import USUAL
from tests.running import RunningDesk, soon

SOURCES, THREADS, PAGES = 4, 3, 3
"""So many sources, each with so many conversations; and so many tickets on whose pages somebody writes."""

EACH = 8
"""Times that somebody is answered between two kills, at least."""

_FILE = 300_000
"""Bytes of a file: more than lies in the database, so that the disk takes part."""


@dataclass
class Campaign:
    """What was done to a desk, and what came of it."""

    kills: int = 0
    cut: int = 0  # requests that had begun and got no answer
    brought: int = 0  # messages that were said to be kept
    posted: int = 0
    lost: list[str] = field(default_factory=list[str])
    doubled: list[str] = field(default_factory=list[str])
    out_of_order: list[str] = field(default_factory=list[str])
    broken_files: list[str] = field(default_factory=list[str])
    seconds: float = 0.0

    @property
    def faults(self) -> list[str]:
        return [*self.lost, *self.doubled, *self.out_of_order, *self.broken_files]

    def check(self) -> None:
        assert self.faults == [], self
        assert self.cut >= self.kills, "requests were under way when it was killed"


class Customers:
    """Everybody who writes, and what each was told is kept, in the order in which they said it."""

    def __init__(self, desk: RunningDesk, seed: int):
        self.desk, self.random = desk, random.Random(seed)
        self.api = f"http://127.0.0.1:{desk.web_port}"
        self.done = Campaign()
        self.kept: dict[str, list[str]] = {}
        self.files: dict[str, str] = {}
        self.answered = asyncio.Event()
        self.enough = asyncio.Event()
        self.http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))

    async def brings(self, source: str, token: str, thread: str) -> None:
        """One conversation: the next is said when the one before is kept."""
        said = self.kept.setdefault(f"{source}/{thread}", [])
        for n in itertools.count():
            if self.enough.is_set():
                return
            words = f"{source}/{thread} says {n}"
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{thread}-{n}"}
            body = {"thread": thread, "text": words}
            taken = await self._until_taken(
                202, lambda headers=headers, body=body: self._post("/api/v1/messages", headers=headers, json=body)
            )
            if taken:
                said.append(words)
                self.done.brought += 1

    async def writes(self, page: str, whose: str) -> None:
        """One page: the same form is sent until it is taken, every second one with a file."""
        said = self.kept.setdefault(whose, [])
        for n in itertools.count():
            if self.enough.is_set():
                return
            words, once = f"{whose} writes {n}", sha256(f"{whose} {n}".encode()).hexdigest()[:24]
            content = self.random.randbytes(_FILE) if n % 2 else b""
            self.files[words] = sha256(content).hexdigest() if content else ""
            taken = await self._until_taken(
                303,
                lambda words=words, once=once, content=content: self._post(page, data=_form(words, once, content)),
            )
            if taken:
                said.append(words)
                self.done.posted += 1

    async def _post(self, path: str, **more: object) -> int:
        async with self.http.post(f"{self.api}{path}", allow_redirects=False, **more) as answer:  # pyright: ignore[reportArgumentType]
            await answer.read()
            return answer.status

    async def _until_taken(self, status: int, ask: Callable[[], Awaitable[int]]) -> bool:
        """Whether it was; at the end nobody waits any more where there was too much."""
        while True:
            try:
                said = await ask()
            except aiohttp.ClientConnectorError:  # it is not there
                await asyncio.sleep(0.02)
                continue
            except (aiohttp.ClientError, TimeoutError):
                self.done.cut += 1
                continue
            if said == status:
                self.answered.set()
                return True
            assert said in (429, 503), said
            if said == 429 and self.enough.is_set():
                return False
            await asyncio.sleep(0.05)

    async def kills(self, times: int) -> None:
        """At any moment, as soon as so many were answered."""
        for _ in range(times):
            await self._answers(EACH)
            await asyncio.sleep(self.random.uniform(0, 0.15))
            await self.desk.kill()
            self.done.kills += 1
            await self.desk.start_without_slack()
        await self._answers(EACH)
        self.enough.set()

    async def _answers(self, count: int) -> None:
        for _ in range(count):
            self.answered.clear()
            await self.answered.wait()


async def campaign(running: RunningDesk, kills: int, seed: int = 1) -> Campaign:
    """Kill a desk so often while everybody writes; what came of it. It needs WEB_URL."""
    began, customers = time.monotonic(), Customers(running, seed)
    pages = Pages(running.env["WEB_URL"])
    desk = await asyncio.to_thread(open_desk, running.env["DATABASE_URL"], running.folder, pages=pages)
    try:
        tokens = {f"s{n}": (await desk.add_source.soon(f"s{n}", USUAL)).token for n in range(SOURCES)}
        links = await _tickets(customers, desk, tokens["s0"])
        talks = [customers.brings(name, tokens[name], f"t{n}") for name in tokens for n in range(THREADS)]
        visits = [customers.writes(link, f"page {n}") for n, link in enumerate(links)]
        await asyncio.gather(customers.kills(kills), *talks, *visits)
        await _judge(customers, desk)
    finally:
        await customers.http.close()
        desk.db.close()
    customers.done.seconds = time.monotonic() - began
    return customers.done


async def _tickets(customers: Customers, desk: Desk, token: str) -> list[str]:
    """Tickets on whose pages somebody can write; the paths of these."""
    headers = {"Authorization": f"Bearer {token}"}
    for n in range(PAGES):
        body = {"thread": f"page {n}", "text": "Something to begin with."}
        asked = {**headers, "Idempotency-Key": f"page-{n}"}
        async with customers.http.post(f"{customers.api}/api/v1/messages", json=body, headers=asked) as answer:
            assert answer.status == 202, await answer.text()
    found = await soon(lambda: _open(desk, PAGES), "the first tickets")
    links = [await desk.link.soon(number, Purpose.READ) for number in found]
    return [re.sub(r"^https?://[^/]+", "", link) for link in links]


def _open(desk: Desk, count: int) -> list[int] | None:
    found = desk.own_tickets("s0", "", None, 0, count)
    return [one.ticket.number for one in found] if len(found) == count else None


async def _judge(customers: Customers, desk: Desk) -> None:
    done, expected = customers.done, [words for said in customers.kept.values() for words in said]
    known = await soon(lambda: _heard(desk, len(expected)), "everything that was kept")
    times = Counter(message.text for message in known)
    done.lost = [words for words in expected if not times[words]]
    done.doubled = [words for words, count in times.items() if count > 1]
    order = {words: n for n, words in enumerate(message.text for message in known)}
    for said in customers.kept.values():
        places = [order[words] for words in said if words in order]
        if places != sorted(places):
            done.out_of_order.append(said[0])
    for message in known:
        if wanted := customers.files.get(message.text):
            kept = [file.digest for file in message.attachments]
            whole = kept == [wanted] and sha256(desk.blob(wanted)).hexdigest() == wanted
            done.broken_files += [] if whole else [message.text]


def _heard(desk: Desk, count: int) -> list[Message] | None:
    """What customers said, in the order of hearing, as soon as it is so much and nothing waits to be understood."""
    if any(job.kind.startswith("receive:") for job in desk.jobs()):
        return None
    numbers = [one.ticket.number for n in range(SOURCES) for one in desk.own_tickets(f"s{n}", "", None, 0, 100)]
    said = [one for number in numbers for one in desk.conversation(number) if one.part is Part.REQUESTER]
    said = [one for one in said if " says " in one.text or " writes " in one.text]
    return sorted(said, key=lambda one: one.id) if len(said) >= count else None


def _form(words: str, once: str, content: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("once", once)
    form.add_field("do", "answer")
    form.add_field("text", words)
    if content:
        form.add_field("files", content, filename="a.bin", content_type="application/octet-stream")
    return form
