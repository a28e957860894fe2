"""A year of a desk, simulated: tickets, agents who act or do not, absences, outages, kills, clocks that jump.

Every transaction is the desk's own, on a clock that stands where the simulation puts it. A kill is a transaction that
is done and then dropped, as a process that dies before its commit drops it.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.desk.auditing import AT_ONCE
from core.desk.opening import open_desk
from core.desk.splitting import Reason
from core.engine.clock import look_at_due
from core.phrases import DeskError
from core.routing.assignment import Presence
from core.rulebook import parse_toml
from core.storage import pings, tickets
from core.storage.database import Step, Tx
from core.storage.people import Colleague
from core.storage.schema import tasks as rows
from core.tickets import events as e
from core.tickets.model import Address, By, Inbound
from core.tickets.tasks import Planned
from tests.world import ANN, JONAS, RULEBOOK, SAM

LADDERS = """
[[ladders]]
name = "usual"
hours = ["Mon-Fri 09:00-12:00", "Mon-Fri 13:00-17:30"]
time_zone = "America/New_York"
still_on_it_after = "6h"
still_on_it_within = "30m"
repeat = 1
repeat_after = "2h"
steps = [
    { after = "15m", notify = ["on duty"] },
    { after = "30m", notify = ["roster:week"], raise_urgency = true },
    { after = "1h", notify = ["supervisors"], urgency_at_least = 2 },
    { after = "90m", clock = "wall", notify = ["agent:Sam Rivera", "backup"], important = true },
]

[[ladders]]
name = "night"
hours = ["22:00-06:00"]
time_zone = "Europe/Berlin"
steps = [
    { after = "10m", clock = "wall", notify = ["on duty"], during = "open", important = true },
    { after = "20m", notify = ["roster:week"], important = true },
    { after = "1h", notify = ["supervisors"], more_than = 1, within = "3h" },
    { after = "1d", clock = "wall", to_backup = true },
]

[[rosters]]
name = "week"
shifts = [{ people = ["Ann Walker", "Jonas Becker", "Sam Rivera"], starts = "2026-01-05", days = 7 }]
"""
BOOK = (
    RULEBOOK.replace('title = "Support"', 'title = "Support"\nladder = "usual"\nbackup = "billing"')
    .replace('title = "Billing"', 'title = "Billing"\nladder = "night"\nbackup = "last"')
    .replace(
        '[[agents]]\nname = "Ann',
        '[[queues]]\nname = "last"\ntitle = "Last"\nladder = "usual"\n\n[[agents]]\nname = "Ann',
    )
    .replace(
        'ladder = "usual"\n\n[[agents]]',
        'ladder = "usual"\nbackup = "end"\n\n[[queues]]\nname = "end"\ntitle = "End"\n\n[[agents]]',
    )
    .replace('email = "ann@desk.example"', 'email = "ann@desk.example"\nhours = ["Mon-Fri 09:00-17:00"]')
    + LADDERS
)
EDITED = BOOK.replace('after = "15m", notify', 'after = "25m", notify').replace('"22:00-06:00"', '"21:00-05:00"')


class KilledError(Exception):
    """The process died before its commit."""


@dataclass
class Year:
    """What came of it."""

    tickets: int = 0
    tasks: int = 0
    steps: int = 0
    late: int = 0
    pings: int = 0
    repeated: int = 0
    kills: int = 0
    outages: int = 0
    acts: Counter[str] = field(default_factory=Counter[str])
    found: list[Any] = field(default_factory=list[Any])
    unlike: list[int] = field(default_factory=list[int])
    twice: int = 0
    early: int = 0


class Simulation:
    """One year, by a seed. `many` tickets; the clock begins at the first of January."""

    def __init__(self, url: str, folder: Path, many: int, seed: int = 1, days: int = 365):
        self.chance = random.Random(seed)
        self.began = self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.ends = self.began + timedelta(days=days)
        self.desk = open_desk(url, folder, clock=lambda: self.now)
        self.many, self.year = many, Year()
        self._plan: list[tuple[datetime, int, Callable[[], None]]] = []
        self._ids, self._order = count(1), count()
        self._down_until = self.began
        self._open: dict[int, str] = {}
        self.sent: Counter[int] = Counter()

    def run(self) -> Year:
        try:
            self._begin()
            asyncio.run(self._go())
            self._judge()
            return self.year
        finally:
            self.desk.db.close()

    # What is planned

    def _begin(self) -> None:
        self.desk.apply(parse_toml(BOOK), "test")
        for user, name in (("ANN", "Ann Walker"), ("JONAS", "Jonas Becker"), ("SAM", "Sam Rivera")):
            mail = f"{name.split()[0].lower()}@desk.example"
            self.desk.remember_colleague(Colleague("T1", user, name, mail, "en-GB", "Europe/London", False, self.now))
        for _ in range(self.many):
            self._at(self._some_time(), self._mail)
        days = (self.ends - self.began).days
        for _ in range(max(3, days // 12)):
            self._at(self._some_time(), self._go_down)
            self._at(self._some_time(), self._absent)
        for _ in range(4):
            self._at(self._some_time(), self._edit)

    def _some_time(self) -> datetime:
        return self.began + (self.ends - self.began) * self.chance.random()

    def _at(self, at: datetime, act: Callable[[], None]) -> None:
        heappush(self._plan, (at, next(self._order), act))

    async def _go(self) -> None:
        """From one thing that somebody does to the next; in between, what has come due."""
        while self._plan:
            at, _, act = heappop(self._plan)
            await self._pass_until(at)
            self.now = max(self.now, at)
            with suppress(DeskError):
                await asyncio.to_thread(act)
        await self._pass_until(self.ends + timedelta(days=14))
        self.now = self.ends + timedelta(days=14)
        await self._look()

    async def _pass_until(self, end: datetime) -> None:
        while (due := await self.desk.next_due.soon()) is not None and due <= end:
            wanted = max(due, self._down_until)
            if wanted > end:
                return
            self.now = max(self.now, wanted)
            await self._look()

    async def _look(self) -> None:
        """The clock is looked at, sometimes by two, sometimes by one that dies over it."""
        if self.chance.random() < 0.1:
            for number in await self.desk.due_now.soon():
                await asyncio.to_thread(self._killed_over, self.desk.look_at.step(number))
        if self.chance.random() < 0.05:
            back = self.now
            self.now -= timedelta(minutes=self.chance.randrange(1, 120))  # the clock is set back, and forth again
            await look_at_due(self.desk)
            self.now = back
        if self.chance.random() < 0.2:
            await asyncio.gather(look_at_due(self.desk), look_at_due(self.desk))
        else:
            await look_at_due(self.desk)
        await self._tell()

    async def _tell(self) -> None:
        """Those who are to be told are; now and then whoever tells them dies over it."""
        while True:
            claimed = await self.desk.claim_jobs.soon("pings", {"ping": 50}, "sim", timedelta(minutes=1))
            leases = claimed.leases
            if not leases:
                return
            for lease in leases:
                id = lease.facts["ping"]
                if self.chance.random() < 0.03:  # dies: the lease runs out
                    self.year.kills += 1
                    await self.desk.forget_owner.soon("sim")
                    continue
                pinged = await self.desk.pinged.soon(id)
                if pinged is None:
                    record = None
                elif not pinged.stands:
                    record = self.desk.ping_moot.step(id)
                else:
                    assert await self.desk.begin_ping.soon(id, "slack")
                    self.sent[id] += 1
                    record = self.desk.ping_sent.step(id, "slack", lease.uncertain)
                await self.desk.finish_job.soon(lease, record)

    def _killed_over(self, step: Step[Any]) -> None:
        def dies(tx: Tx) -> None:
            step(tx)
            raise KilledError

        self.year.kills += 1
        with suppress(KilledError):
            self.desk.db.run(dies)

    # What people do, and what happens to them

    def _mail(self) -> None:
        id = f"<{next(self._ids)}@example.com>"
        subject = self.chance.choice(("Where is it?", "invoice"))
        words = "My order has not arrived."
        sender = f"c{self.chance.randrange(50)}@example.com"
        inbound = Inbound("email", Address("email", sender, "C"), "support@desk.example", id, words, words, subject)
        piece = self.desk.accept("email", id, sender, {}, words.encode())
        number = self.desk.receive(piece, inbound) if piece else None
        if number is None:
            return
        self.year.tickets += 1
        self._open[number] = id
        self._soon(number)

    def _soon(self, number: int) -> None:
        """What somebody does about a ticket next; about some nobody does anything for long."""
        what = self.chance.choices(
            (
                self._claim,
                self._snooze,
                self._close,
                self._assign,
                self._write,
                self._release,
                self._on_it,
                self._split,
                self._despite,
            ),
            (5, 1, 2, 2, 2, 2, 1, 1, 1),
        )[0]
        wait = timedelta(minutes=self.chance.lognormvariate(4.5, 1.6))
        if self.now + wait < self.ends and self.chance.random() < 0.85:
            self._at(self.now + wait, lambda: self._do(what, number))

    def _do(self, what: Callable[[int], None], number: int) -> None:
        if self.now < self._down_until:  # Slack keeps what people do; it is done when the desk is there again
            self._at(self._down_until + timedelta(seconds=30), lambda: self._do(what, number))
            return
        try:
            what(number)
            self.year.acts[what.__name__.strip("_")] += 1
        finally:
            if what is not self._close:
                self._soon(number)

    def _who(self) -> By:
        return self.chance.choice((ANN, JONAS, SAM))

    def _claim(self, number: int) -> None:
        self.desk.claim(number, self._who())

    def _release(self, number: int) -> None:
        holder = self.desk.db.run(lambda tx: tickets.look(tx, number)[0].assignee)
        if holder:
            self.desk.release(number, By(holder))

    def _assign(self, number: int) -> None:
        self.desk.assign(number, self._who().agent, SAM)

    def _on_it(self, number: int) -> None:
        self.desk.acknowledge_call(number, self._who())

    def _snooze(self, number: int) -> None:
        self.desk.snooze(number, timedelta(minutes=self.chance.randrange(5, 5000)), "It can wait.", self._who())

    def _close(self, number: int) -> None:
        self.desk.close(number, self._who())
        self._soon_of_tasks()  # what waited for it has begun

    def _split(self, number: int) -> None:
        """Into a few tasks, each of which may wait for those before it; people go about them as about tickets."""
        many = self.chance.randrange(1, 4)
        queues = ("support", "billing", "last")
        self.desk.split_into(
            number,
            [
                Planned(
                    f"Task {n}",
                    self.chance.choice(queues),
                    target=timedelta(hours=self.chance.randrange(1, 40)),
                    waits=tuple(place for place in range(1, n) if self.chance.random() < 0.5),
                    blocks=self.chance.random() < 0.8,
                )
                for n in range(1, many + 1)
            ],
            self._who(),
        )
        self._soon_of_tasks()

    def _soon_of_tasks(self) -> None:
        """Tasks that have begun are worked on like tickets, by now also by this name."""
        found = self.desk.db.run(
            lambda tx: tx.sql.execute(sa.select(rows.c.work).where(rows.c.work.is_not(None))).scalars().all()
        )
        for number in found:
            if number not in self._open:
                self._open[number] = ""
                self.year.tasks += 1
                self._soon(number)

    def _despite(self, number: int) -> None:
        """A ticket is closed over its open tasks, or a task is not possible."""
        if self._open[number] == "":
            self.desk.not_possible(number, "It cannot be done.", self._who())
        else:
            reason = Reason("It is not needed.", call_off=self.chance.random() < 0.5)
            self.desk.close_despite(number, reason, self._who())

    def _write(self, number: int) -> None:
        if self._open[number] == "":  # nobody writes to a task
            return
        id = f"<{next(self._ids)}@example.com>"
        first = self.desk.conversation(number)[0].external_id
        sender, words = "c@example.com", "Is there any news?"
        known = self.desk.db.run(lambda tx: tickets.look(tx, number)[1].answer_to)
        inbound = Inbound(
            "email", Address("email", known or sender, "C"), "support@desk.example", id, words, words, in_reply_to=first
        )
        piece = self.desk.accept("email", id, known or sender, {}, words.encode())
        if piece is not None:
            self.desk.receive(piece, inbound)

    def _go_down(self) -> None:
        """Nobody looks at the clock for a while, up to a day and more."""
        self.year.outages += 1
        self._down_until = self.now + timedelta(hours=self.chance.lognormvariate(1, 1.2))

    def _absent(self) -> None:
        status = self.chance.choice((Presence.AWAY, Presence.AVAILABLE))
        self.desk.set_presence(self._who(), status, timedelta(days=self.chance.randrange(1, 15)))

    def _edit(self) -> None:
        self.desk.apply(parse_toml(self.chance.choice((BOOK, EDITED))), "test")

    # What one finds

    def _judge(self) -> None:
        year = self.year
        while True:
            audited = self.desk.audit()
            year.found += audited.found
            if audited.looked < AT_ONCE:
                break
        numbers = list(self._open)
        year.unlike = self.desk.db.run(lambda tx: tickets.unlike_their_history(tx, numbers))
        for number in numbers:
            self._count(self.desk.db.run(lambda tx, n=number: tickets.history(tx, n)))
        all_pings = self.desk.db.run(lambda tx: pings.of_tickets(tx, numbers))
        told = [ping for few in all_pings.values() for ping in few]
        year.pings, year.repeated = len(told), sum(ping.repeated for ping in told)
        year.twice = sum(1 for ping in told if self.sent[ping.id] > 1)

    def _count(self, history: Sequence[e.Event]) -> None:
        """By hand, without the auditor: each step of each climb at most once, none before its time."""
        seen = set[int]()
        for event in history:
            if isinstance(event, e.LadderBegun):
                seen.clear()
            elif isinstance(event, e.StepTaken):
                self.year.steps += 1
                self.year.late += event.late
                self.year.early += event.at < event.due
                self.year.twice += event.rung in seen
                seen.add(event.rung)
