"""Seeded worlds of agents and tickets: what our assignment makes of them, beside round robin and least-loaded.

Each world has the same customers, agents and working times for every way of assigning. An agent works on one ticket at
a time, in the order in which they got them; the desk keeps what nobody has room for, the others give at once.
"""

from __future__ import annotations

import heapq
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count

from bench.figures import Figure, at_most
from bench.scale import SHORT, Scale
from core.routing.assignment import Member, Record, Terms, Waiting, after, decide

BEGAN = datetime(2026, 3, 2, 8, tzinfo=UTC)
LANGUAGES = {"en": 0.5, "de": 0.2, "es": 0.2, "fr": 0.1}
TOPICS = ("payments", "shipping", "returns", "accounts", "hardware", "contracts", "privacy", "other")
QUEUE = "support"
TERMS = Terms(languages=("en",), own="en")
USUAL = 900.0
"""Seconds that a ticket takes somebody who is neither good nor bad at it."""


@dataclass(slots=True)
class Agent:
    member: Member
    speed: Mapping[str, float]  # by topic: what a ticket takes them, against what is usual
    busy_until: datetime = BEGAN
    worked: float = 0.0
    held: list[int] = field(default_factory=list[int])


@dataclass(frozen=True, slots=True)
class Ticket:
    number: int
    at: datetime
    topic: str
    language: str
    urgency: int
    work: float  # seconds, of somebody usual


@dataclass(slots=True)
class Outcome:
    """How long customers waited for a first answer, what each agent carried, and what was broken."""

    waits: list[float]
    loads: list[float]
    broken: int
    decisions: list[float]


Way = Callable[[Sequence[Ticket], Sequence[Agent]], Outcome]


def world(seed: int, tickets: int, agents: int = 14) -> tuple[list[Ticket], list[Agent]]:
    """A world: about 85 of 100 hours are worked, tickets come in waves, and nobody is good at everything."""
    chance = random.Random(seed)
    made: list[Agent] = []
    for n in range(agents):
        topics = chance.sample(TOPICS, 5)
        skills = {topic: chance.randint(2, 5) for topic in topics}
        spoken = {"en": chance.randint(3, 5), list(LANGUAGES)[n % len(LANGUAGES)]: chance.randint(3, 5)}
        speed = {topic: chance.lognormvariate(0, 0.45) * (0.8 if topic in skills else 1.3) for topic in TOPICS}
        member = Member(id=f"T1:U{n}", name=f"Agent {n}", skills=skills, languages=spoken, capacity=2.0)
        made.append(Agent(member, speed))
    mean = statistics.fmean(rate for agent in made for rate in agent.speed.values()) * USUAL
    gap, at, came = mean / (0.85 * agents), BEGAN, list[Ticket]()
    for number in range(1, tickets + 1):
        wave = 1.6 if (number // 60) % 3 == 0 else 0.85
        at += timedelta(seconds=chance.expovariate(wave / gap))
        language = chance.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
        urgency = chance.choices((0, 1, 2, 3), (0.6, 0.25, 0.1, 0.05))[0]
        work = USUAL * chance.lognormvariate(-0.125, 0.5)
        came.append(Ticket(number, at, chance.choice(TOPICS), language, urgency, work))
    return came, made


def may(agent: Agent, ticket: Ticket, agents: Sequence[Agent]) -> bool:
    """The hard constraints: the language, where anybody speaks it; the skill, where any of those has it."""
    speakers = [one for one in agents if ticket.language in one.member.languages]
    able = [one for one in speakers or agents if ticket.topic in one.member.skills]
    return agent in (able or speakers or agents)


def ours(tickets: Sequence[Ticket], agents: Sequence[Agent]) -> Outcome:
    """The desk's own decisions, with what it learns of each agent by what they close."""
    found = Outcome([], [], 0, [])
    by_id = {agent.member.id: agent for agent in agents}
    ends: list[tuple[datetime, int, str, Ticket]] = []
    order, waiting, coming = count(), list[Waiting](), iter(tickets)
    known = {ticket.number: ticket for ticket in tickets}
    ticket = next(coming, None)
    while ticket is not None or ends:
        if ticket is not None and (not ends or ticket.at <= ends[0][0]):
            now = ticket.at
            waiting.append(_waiting(ticket))
            ticket = next(coming, None)
        else:
            now, _, id, done = heapq.heappop(ends)
            _learn(by_id[id], done)
        waiting.sort(key=lambda one: one.order)
        for number, id in _given(waiting, agents, now, found):
            taken, agent = known[number], by_id[id]
            found.broken += not may(agent, taken, agents) or agent.member.load > agent.member.capacity
            heapq.heappush(ends, (_work(agent, taken, now, found), next(order), id, taken))
    found.loads = [agent.worked for agent in agents]
    return found


def _given(waiting: list[Waiting], agents: Sequence[Agent], now: datetime, found: Outcome) -> list[tuple[int, str]]:
    """What is given now; it waits no more."""
    given: list[tuple[int, str]] = []
    while waiting:
        began = time.perf_counter()
        members = [agent.member for agent in agents]
        picks = decide(waiting[:8], members, lambda queue: TERMS, now)
        found.decisions.append((time.perf_counter() - began) * 1000)
        done = [pick for pick in picks if pick.agent]
        if not done:
            break
        for agent, member in zip(agents, after(members, done, now), strict=True):
            agent.member = member
        gone = {pick.ticket.number for pick in done}
        waiting[:] = [one for one in waiting if one.number not in gone]
        given += [(pick.ticket.number, str(pick.agent)) for pick in done]
    return given


def _waiting(ticket: Ticket) -> Waiting:
    return Waiting(
        number=ticket.number,
        queue=QUEUE,
        urgency=ticket.urgency,
        due=ticket.at + timedelta(hours=4),
        since=ticket.at,
        language=ticket.language,
        topics=(ticket.topic,),
    )


def _learn(agent: Agent, done: Ticket) -> None:
    """What they closed frees their hands and counts in their record."""
    one = agent.member
    took = Record(1, done.work * agent.speed[done.topic])
    records = {
        **one.records,
        "": one.records.get("", Record()) + took,
        done.topic: one.records.get(done.topic, Record()) + took,
    }
    agent.member = replace(one, load=one.load - 1.0, load_of={QUEUE: one.load - 1.0}, records=records)


def _work(agent: Agent, ticket: Ticket, now: datetime, found: Outcome) -> datetime:
    """They begin when they are done with what they have; the first answer comes in the middle of the work."""
    seconds = ticket.work * agent.speed[ticket.topic]
    begins = max(now, agent.busy_until)
    agent.busy_until = begins + timedelta(seconds=seconds)
    agent.worked += seconds
    found.waits.append((begins - ticket.at).total_seconds() + seconds / 2)
    return agent.busy_until


def _at_once(choose: Callable[[list[Agent], Ticket], Agent]) -> Way:
    """A way that gives each ticket when it comes, to one of those who may have it."""

    def way(tickets: Sequence[Ticket], agents: Sequence[Agent]) -> Outcome:
        found = Outcome([], [], 0, [])
        for ticket in tickets:
            able = [agent for agent in agents if may(agent, ticket, agents)]
            _work(choose(able, ticket), ticket, ticket.at, found)
        found.loads = [agent.worked for agent in agents]
        return found

    return way


def round_robin() -> Way:
    last: dict[int, int] = {}
    turn = count(1)

    def choose(able: list[Agent], ticket: Ticket) -> Agent:
        agent = min(able, key=lambda one: last.get(id(one), 0))
        last[id(agent)] = next(turn)
        return agent

    return _at_once(choose)


def least_loaded() -> Way:
    def choose(able: list[Agent], ticket: Ticket) -> Agent:
        agent = min(able, key=lambda one: sum(until > ticket.at.timestamp() for until in one.held))
        seconds = ticket.work * agent.speed[ticket.topic]
        begins = max(ticket.at, agent.busy_until)
        agent.held.append(int((begins + timedelta(seconds=seconds)).timestamp()) + 1)
        return agent

    return _at_once(choose)


def gini(loads: Sequence[float]) -> float:
    """0: everybody worked the same; towards 1: one did it all."""
    ordered, total = sorted(loads), sum(loads)
    if not total:
        return 0.0
    weighted = sum((2 * place - len(ordered) - 1) * load for place, load in enumerate(ordered, 1))
    return weighted / (len(ordered) * total)


def p90(waits: Sequence[float]) -> float:
    return statistics.quantiles(waits, n=10)[-1]


async def measure(scale: Scale) -> list[Figure]:
    """The worlds, each by every way; and how long a decision takes where there are a thousand agents."""
    worlds, many = (3, 600) if scale == SHORT else (8, 2000)
    desk, turns, least = list[Outcome](), list[Outcome](), list[Outcome]()
    for seed in range(worlds):
        for way, outcomes in ((ours, desk), (round_robin(), turns), (least_loaded(), least)):
            outcomes.append(way(*world(seed, many)))
    minutes = [[p90(outcome.waits) / 60 for outcome in outcomes] for outcomes in (desk, turns, least)]
    loads = [[gini(outcome.loads) for outcome in outcomes] for outcomes in (desk, turns, least)]
    group = "assignment"
    return [
        Figure(
            group,
            "first answer, p90, against round robin",
            "min",
            minutes[0],
            [own / other for own, other in zip(minutes[0], minutes[1], strict=True)],
            "round robin",
            at_most(0.7),
        ),
        Figure(
            group,
            "first answer, p90, against least-loaded",
            "min",
            minutes[0],
            [own / other for own, other in zip(minutes[0], minutes[2], strict=True)],
            "least-loaded",
        ),
        Figure(group, "Gini of load", "", loads[0], goal=at_most(0.30)),
        Figure(
            group,
            "Gini of load above least-loaded's",
            "",
            [own - other for own, other in zip(loads[0], loads[2], strict=True)],
            goal=at_most(0.10),
        ),
        Figure(group, "hard constraints broken", "", [float(outcome.broken) for outcome in desk], goal=at_most(0)),
        Figure(group, "a decision, 1,000 agents, p99", "ms", _large(scale), goal=at_most(50)),
    ]


def _large(scale: Scale) -> list[float]:
    """One ticket, a thousand agents, again and again."""
    chance = random.Random(1)
    members = [agent.member for agent in world(1, 1, 1000)[1]]
    members = [
        replace(one, load=chance.random() * 3, records={"": Record(20, 20_000), TOPICS[0]: Record(3, 3_000)})
        for one in members
    ]
    rounds: list[float] = []
    for _ in range(3):
        taken: list[float] = []
        for ticket in world(2, 50 if scale == SHORT else 200, 2)[0]:
            began = time.perf_counter()
            decide([_waiting(ticket)], members, lambda queue: TERMS, ticket.at)
            taken.append((time.perf_counter() - began) * 1000)
        rounds.append(statistics.quantiles(taken, n=100)[-1])
    return rounds
