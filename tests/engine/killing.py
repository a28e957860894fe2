"""Feed a desk of real processes, kill them over and over, and hold what came of it against the laws."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from core.desk.intake import RECOVER_AFTER
from core.storage.ledger import State
from core.storage.schema import events, inbox, messages, posts, tickets
from core.storage.tickets import unlike_their_history
from core.tickets.model import Part
from tests.engine.process import Counts
from tests.engine.site import Call, Running, Site, mail, reply

EACH = 10
"""Mails of one sender; every second one is answered by an agent."""

_AIM = 0.5


@dataclass
class Campaign:
    """What was done to a desk, and what it did."""

    runner: str
    kills: list[Counts] = field(default_factory=list[Counts])
    killed: dict[int, float] = field(default_factory=dict[int, float])  # pid -> when
    mails: int = 0
    acts: int = 0
    fed_again: int = 0
    lost: int = 0  # acknowledged, and no message of a ticket
    doubled: int = 0
    sends: int = 0
    repeated: int = 0
    seconds: float = 0.0
    tracebacks: int = 0
    broken: list[str] = field(default_factory=list[str])  # laws, with what broke them

    @property
    def in_transaction(self) -> int:
        """Kills in a transaction that had written something and not been committed."""
        return sum(1 for counts in self.kills if counts.dirty > 0)

    @property
    def in_call(self) -> int:
        return sum(1 for counts in self.kills if counts.calling > 0)

    @property
    def inside(self) -> int:
        return sum(1 for counts in self.kills if counts.dirty > 0 or counts.calling > 0)

    @property
    def in_any_transaction(self) -> int:
        return sum(1 for counts in self.kills if counts.open > 0)

    def check(self, law: str, breaks: Any) -> None:
        if breaks:
            self.broken.append(f"{law}: {str(breaks)[:500]}")


async def campaign(site: Site, kills: int, mails: int, seed: int = 1, patience: float = 120) -> Campaign:
    """Kill `kills` times over `mails` mails, and read what is left when everything is done.

    With less `patience` than an act takes to be recovered, an operator asks for it to be done now.
    """
    chance = random.Random(seed)
    done = Campaign(site.runner)
    began = time.monotonic()
    door, *others = await site.staff(pause=0.02)
    allowed = asyncio.Semaphore(mails // kills + 1)  # so that there is always something left to be killed over
    killer = asyncio.create_task(_kill(done, chance, [door, *others], kills, allowed, mails // kills + 1))
    senders = asyncio.Queue[int]()
    for sender in range(mails // EACH):
        senders.put_nowait(sender)
    await asyncio.gather(*(_feed(done, door, senders, allowed) for _ in range(6)))
    await killer
    if patience < RECOVER_AFTER.total_seconds():
        await site.until(lambda: all(entry.kind == "act" for entry in site.desk.jobs()))
        for entry in site.desk.jobs(State.WAITING):
            site.desk.retry_job(entry.id)
    await site.until_all_is_done(patience)
    for process in site.processes:
        done.check("a process that is told to stop stops", await process.stop() != 0)
    done.seconds = time.monotonic() - began
    done.tracebacks = site.everything_said().count("Traceback")
    _judge(site, done)
    return done


async def _feed(done: Campaign, door: Running, senders: asyncio.Queue[int], allowed: asyncio.Semaphore) -> None:
    """One sender after the other, each mail after the one before it was acknowledged."""
    while not senders.empty():
        sender = senders.get_nowait()
        for number in range(EACH):
            await allowed.acquire()
            await _insist(done, door, mail(sender, number))
            done.mails += 1
            if number % 2:
                await _insist(done, door, reply(sender, number))
                done.acts += 1


async def _insist(done: Campaign, door: Running, request: dict[str, Any]) -> None:
    """Until it is acknowledged, as a mail server does and as Slack does."""
    for again in itertools.count():
        try:
            await door.ask(**request)
        except ConnectionError:
            await asyncio.sleep(0.02)
            done.fed_again += again == 0
        else:
            return


async def _kill(
    done: Campaign, chance: random.Random, processes: list[Running], kills: int, allowed: asyncio.Semaphore, share: int
) -> None:
    for _ in range(kills):
        await asyncio.sleep(chance.uniform(0.02, 0.3))
        victim = chance.choice(processes)
        if chance.random() < 0.8:
            await _aim(victim, chance.choice(("dirty", "calling")))
        pid = victim.pid
        done.kills.append(victim.kill())
        done.killed[pid] = time.monotonic()
        await victim.start()
        for _ in range(share):
            allowed.release()


async def _aim(victim: Running, what: str) -> None:
    """Until it is in the middle of something, but not for long."""
    until = time.monotonic() + _AIM
    while not getattr(victim.box.read(), what) and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.0005)


# The laws


def _judge(site: Site, done: Campaign) -> None:
    def read(query: sa.Select[Any]) -> list[Any]:
        return list(site.desk.db.look(lambda tx: tx.sql.execute(query).all()).result())

    _judge_what_came_in(done, read)
    _judge_what_went_out(done, read, site.outside("send"))
    done.check("no job is left or given up", [e for e in site.desk.jobs() if e.state is not State.RUNNING])
    numbers = [row.number for row in read(sa.select(tickets.c.number))]
    unlike = site.desk.db.look(lambda tx: unlike_their_history(tx, numbers)).result()
    done.check("every ticket is what its events fold to", unlike)
    _judge_cards(done, read)


def _judge_what_came_in(done: Campaign, read: Any) -> None:
    arrived = read(sa.select(inbox.c.id, inbox.c.channel, inbox.c.state, inbox.c.key))
    heard = read(
        sa.select(messages.c.id, messages.c.inbox, messages.c.act, messages.c.ticket, messages.c.text, messages.c.part)
    )
    requesters = [row for row in heard if row.part == Part.REQUESTER]
    replies = [row for row in heard if row.part == Part.REPLY]
    mails = {row.id for row in arrived if row.channel == "email"}
    acts = {row.id for row in arrived if row.channel == "act"}
    done.check("everything kept is settled", [row for row in arrived if row.state != "done"])
    done.check("what was acknowledged is kept", (len(mails), len(acts)) != (done.mails, done.acts))
    done.check("a kept mail is one message", Counter(row.inbox for row in requesters) != Counter(mails))
    done.check("a kept act is one answer", Counter(row.act for row in replies) != Counter(acts))
    kept = Counter(row.inbox for row in requesters) + Counter(row.act for row in replies)
    done.lost = len((mails | acts) - kept.keys()) + done.mails + done.acts - len(mails) - len(acts)
    done.doubled = kept.total() - len(kept)
    wanted = [f"This is my message number {n}." for n in range(EACH)]
    by_ticket: dict[int, list[str]] = defaultdict(list)
    for row in sorted(requesters):
        by_ticket[row.ticket].append(row.text)
    done.check("each sender's mails are heard in order", {t: said for t, said in by_ticket.items() if said != wanted})


def _judge_what_went_out(done: Campaign, read: Any, calls: list[Call]) -> None:
    outgoing = read(
        sa.select(messages.c.id, messages.c.ticket, messages.c.delivery).where(
            messages.c.part.in_((Part.REPLY, Part.ACKNOWLEDGEMENT))
        )
    )
    done.sends = len(outgoing)
    done.repeated = len(calls) - len({call.facts["message"] for call in calls})
    done.check("every message is delivered", [row for row in outgoing if row.delivery != "sent"])
    delivered = Counter(
        row.facts["message"] for row in read(sa.select(events.c.facts).where(events.c.kind == "Delivered"))
    )
    done.check("its delivery is recorded once", delivered != Counter(row.id for row in outgoing))
    sent: dict[int, list[Call]] = defaultdict(list)
    first: dict[int, list[int]] = defaultdict(list)
    for call in calls:
        if call.facts["message"] not in sent:
            first[call.facts["ticket"]].append(call.facts["message"])
        sent[call.facts["message"]].append(call)
    done.check("every message is sent", {row.id for row in outgoing} ^ sent.keys())
    done.check("each lane keeps its order", [lane for lane in first.values() if lane != sorted(lane)])
    unkilled = [
        (before, after)
        for repeats in sent.values()
        for before, after in itertools.pairwise(repeats)
        if not before.at <= done.killed.get(before.pid, 0) <= after.at
    ]
    done.check("only what was in flight at a kill is sent again", unkilled)
    done.check("what is sent again is known to be uncertain", [r for s in sent.values() for r in s[1:] if not _sure(r)])


def _sure(again: Call) -> bool:
    return bool(again.facts["uncertain"])


def _judge_cards(done: Campaign, read: Any) -> None:
    shown = {row.ticket: row.face for row in read(sa.select(posts.c.ticket, posts.c.face).where(posts.c.message == 0))}
    now = {
        row.number: f"{row.status} {row.heard}"
        for row in read(
            sa.select(tickets.c.number, tickets.c.status, sa.func.max(messages.c.id).label("heard"))
            .join(messages, messages.c.ticket == tickets.c.number)
            .where(messages.c.part == Part.REQUESTER)
            .group_by(tickets.c.number, tickets.c.status)
        )
    }
    done.check(
        "every card shows how its ticket stands", {n: (shown.get(n), now[n]) for n in now if shown.get(n) != now[n]}
    )
