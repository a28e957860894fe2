"""A burst of customers' words: told one to three times, in any order, to a desk that is killed meanwhile; and what came
of it, compared with a ledger of what was said.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any, ClassVar, NamedTuple

import psycopg

from sandbox.delivery import Delivery
from tests.gateways.slack.rooms import words
from tests.running import RunningDesk

LATE = 300
"""Milliseconds that an event may come late, each time it comes."""

RETRIES = (0.0, 1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 8.0, 8.0)
"""Seconds after which Slack tells again what was not acknowledged: shorter than the real ones, which are minutes."""

PATIENCE = 240.0
_MARK = re.compile(r"\bc(\d+)w(\d+)\b")

BOX: Mapping[str, Any] = {"tiers": False, "retry_after": RETRIES, "ack_seconds": 2.0}
"""The sandbox of a burst: what agents see is to be looked at, too, and that is not to take a second a message."""

PACE: Mapping[str, str] = {
    f"PACE__{name}": "200" for name in ("SLACK_ROOM", "SLACK_POST", "SLACK_UPDATE", "SLACK_HISTORY", "TELEGRAM")
}
"""The settings of its desk, for the same reason."""

Mark = tuple[int, int]
Ledger = Sequence[Sequence[Mark]]


class Found(NamedTuple):
    """What is wrong in one place: of the words that were said, those that are not there, those that are there more than
    once, and conversations that are not one ticket with everything in its order.
    """

    lost: int
    doubled: int
    disordered: int


class Came(NamedTuple):
    """What came of a burst: in the desk's database, and in the sandbox's rooms, where agents read it. `answered` counts
    conversations that have more than one acknowledgement.
    """

    told: int
    kept: Found
    seen: Found
    answered: int


class Conversations(ABC):
    """Customers who have something to say, each in a conversation of their own."""

    channel: ClassVar[str]

    def __init__(self, desk: RunningDesk, people: int, each: int):
        self.desk, self.box = desk, desk.box
        self.ledger: Ledger = [[(who, n) for n in range(each)] for who in range(people)]
        self.said = 0
        self.told = 0

    @property
    def count(self) -> int:
        return sum(map(len, self.ledger))

    async def burst(self, kills: int = 2) -> Came:
        """They say it all, while the desk is killed so many times and begun again; what came of it."""
        await self.open()
        talking = [asyncio.create_task(self._talk(who, marks)) for who, marks in enumerate(self.ledger)]
        for n in range(kills):
            await _until(lambda n=n: self.said >= self.count * (n + 1) / (kills + 1), "enough that was said")
            await self.desk.kill()
            await self.desk.start()
        await asyncio.gather(*talking)
        await _until(self.is_told, "that the desk was told of everything")
        await _until(lambda: not self._left(), "the end of what the desk has to do")
        found = [(ticket, mark) for ticket, said in self._rows(_SAID) for mark in _marks(said)]
        return Came(self.told, _found(self.ledger, found), self._seen(), self._answered())

    async def _talk(self, who: int, marks: Sequence[Mark]) -> None:
        for mark in marks:
            await self.says(who, f"This is c{mark[0]}w{mark[1]} of all that I know of my printer.")
            self.said += 1

    @abstractmethod
    async def open(self) -> None:
        """Everybody is there, and from now on everything is told one to three times, in any order."""

    @abstractmethod
    async def says(self, who: int, text: str) -> None:
        """Somebody says something. The next is said when the desk has this, where the channel says so."""

    @abstractmethod
    def is_told(self) -> bool:
        """Whether the desk has taken everything."""

    @abstractmethod
    def answers(self) -> Iterable[tuple[int, str]]:
        """What the desk said to whom."""

    def _seen(self) -> Found:
        """What agents see: the first words on the ticket's card, which may quote them twice; all others below it."""
        found: list[tuple[str, Mark]] = []
        for message in self.box.messages("desk-support"):
            thread = message.get("thread_ts") or message["ts"]
            found += [(thread, mark) for mark in dict.fromkeys(_marks(str(message.get("blocks"))))]
        return _found(self.ledger, found)

    def _answered(self) -> int:
        said = Counter(who for who, text in self.answers() if "number" in text)
        return sum(times > 1 for times in said.values())

    def _left(self) -> int:
        return self._rows(_LEFT)[0][0]

    def _rows(self, query: str) -> list[Any]:
        """Looked up beside the desk."""
        url = self.desk.env["DATABASE_URL"]
        if not url.startswith("sqlite"):
            with psycopg.connect(url) as connection:
                return connection.execute(query.encode()).fetchall()
        with closing(sqlite3.connect(f"file:{url.removeprefix('sqlite:///')}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()


_SAID = "select ticket, reply_text from messages where part = 'requester' order by id"
_LEFT = "select count(*) from jobs where state < 2 and kind <> 'duty'"  # that goes over in days


class InSlack(Conversations):
    """Each in a thread of the room that we share. Who talks waits until Slack knows that the desk has it: what a person
    says next comes seconds later.
    """

    channel = "slack"

    def __init__(self, desk: RunningDesk, people: int, each: int):
        super().__init__(desk, people, each)
        self._people: list[str] = []
        self._threads: dict[int, str] = {}
        self._told: list[Delivery] = []

    async def open(self) -> None:
        for n in range(len(self.ledger)):
            made = await self.box.new_person(f"Customer{n} Acme", team_id="T0ACME")
            await self.box.join(made["user"], "acme-help")
            self._people.append(made["user"])
        await self.box.set_faults(scatter_events_ms=LATE)

    async def says(self, who: int, text: str) -> None:
        said = await self.box.say(self._people[who], "acme-help", text, thread_ts=self._threads.get(who))
        self._threads.setdefault(who, said["ts"])
        told = next(
            one
            for one in reversed(self.box.slack.deliveries.log)
            if one.payload.get("event", {}).get("ts") == said["ts"]
        )
        self._told.append(told)
        await _until(lambda: told.took is not None, "that Slack knows that the desk has it")

    def is_told(self) -> bool:
        self.told = sum(one.attempts for one in self._told)
        return all(one.took is not None for one in self._told)

    def answers(self) -> Iterable[tuple[int, str]]:
        of = {thread: who for who, thread in self._threads.items()}
        for message in self.box.spoken("acme-help"):
            if message.get("bot_id") and message.get("thread_ts") in of:
                yield of[message["thread_ts"]], words(message)


class OnPhones(Conversations):
    """Each in a chat of their own."""

    channel = "telegram"

    def __init__(self, desk: RunningDesk, people: int, each: int):
        super().__init__(desk, people, each)
        self._phones: list[int] = []

    async def open(self) -> None:
        for n in range(len(self.ledger)):
            self._phones.append((await self.box.new_phone(f"Customer {n}"))["user"]["id"])
        await self.box.set_faults(telegram_scatter=True)

    async def says(self, who: int, text: str) -> None:
        await self.box.phone_write(self._phones[who], text)
        await asyncio.sleep(LATE / 1000)

    def is_told(self) -> bool:
        self.told = self.box.telegram.told
        return not self.box.telegram.updates

    def answers(self) -> Iterable[tuple[int, str]]:
        bot = self.box.telegram.bot["id"]
        for message in self.box.telegram.messages.values():
            if message["from"]["id"] == bot and message["chat"]["id"] in self._phones:
                yield self._phones.index(message["chat"]["id"]), message.get("text") or ""


def _marks(text: str) -> list[Mark]:
    return [(int(who), int(n)) for who, n in _MARK.findall(text)]


def _found(ledger: Ledger, found: Sequence[tuple[Any, Mark]]) -> Found:
    """What is wrong with what was found, in its order: each mark in some ticket."""
    times = Counter(mark for _, mark in found)
    said = [mark for conversation in ledger for mark in conversation]
    tickets: dict[int, dict[Any, list[Mark]]] = defaultdict(lambda: defaultdict(list))
    for ticket, mark in found:
        if mark not in tickets[mark[0]][ticket]:
            tickets[mark[0]][ticket].append(mark)
    return Found(
        lost=sum(times[mark] == 0 for mark in said),
        doubled=sum(times[mark] > 1 for mark in said),
        disordered=sum(list(tickets[who].values()) != [list(marks)] for who, marks in enumerate(ledger)),
    )


async def _until(happens: Any, what: str) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    while not happens():
        assert loop.time() < until, f"{what} did not come within {PATIENCE:g} seconds"
        await asyncio.sleep(0.05)
