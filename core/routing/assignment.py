"""Who gets a ticket: who may have it, how well it suits each of them, and why not the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from core.phrases import Phrase, phrase
from core.routing.levels import LEVELS, PLAIN
from core.routing.matching import best


class Presence(StrEnum):
    """What an agent says of themselves."""

    AVAILABLE = "available"
    BUSY = "busy"  # there, and takes nothing new
    AWAY = "away"


class No(StrEnum):
    """Why somebody does not get a ticket."""

    OFF_DUTY = "off duty"
    AWAY = "away"
    BUSY = "busy"
    FULL = "full"
    FULL_OF_QUEUE = "full of queue"
    SKILL = "skill"
    LANGUAGE = "language"
    DECLINED = "declined"
    RETURNED = "returned"
    SILENT = "silent"
    NOT_NAMED = "not named"
    TAKES_ANOTHER = "takes another"


_NOES: Mapping[No, Phrase] = {
    No.OFF_DUTY: phrase("is off duty"),
    No.AWAY: phrase("is away"),
    No.BUSY: phrase("is busy"),
    No.FULL: phrase("has as much as they can carry"),
    No.FULL_OF_QUEUE: phrase("has as much of this queue as one may have"),
    No.DECLINED: phrase("did not want it"),
    No.RETURNED: phrase("put it back"),
    No.SILENT: phrase("was asked and did not answer"),
    No.TAKES_ANOTHER: phrase("suited another ticket better at that moment"),
}


def why_not(no: No, about: str) -> Phrase:
    """Why somebody does not get it, in words. `about` is what they lack."""
    match no:
        case No.SKILL:
            return phrase("lacks a skill that it needs: {about}", about=about)
        case No.LANGUAGE:
            return phrase("does not speak the language: {about}", about=about)
        case No.NOT_NAMED:
            return phrase("a rule names somebody else: {about}", about=about)
        case _:
            return _NOES[no]


WEIGHTS: Mapping[str, float] = {
    "load": 25.0,
    "record": 25.0,
    "skill": 20.0,
    "language": 12.0,
    "customer": 10.0,
    "turn": 8.0,
}
"""What each part of the score is worth at most; together a hundred."""

PARTS: Mapping[str, Phrase] = {
    "load": phrase("free hands"),
    "record": phrase("solves such tickets well and fast"),
    "skill": phrase("skill"),
    "language": phrase("language"),
    "customer": phrase("knows the customer"),
    "turn": phrase("it is their turn"),
}

_TURN = timedelta(hours=1)
"""After this long without a new ticket it is fully somebody's turn."""


class Record(NamedTuple):
    """What somebody has solved so far, the seconds that it took them, and how much of it was opened again."""

    solved: int = 0
    seconds: float = 0.0
    reopened: int = 0

    def __add__(self, other: object) -> Record:
        assert isinstance(other, Record)
        return Record(self.solved + other.solved, self.seconds + other.seconds, self.reopened + other.reopened)


NOTHING_SOLVED = Record()


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An agent in the line-up: what they can, and how much they carry now. `queues` None: all.

    `back_at` is when one who is not there may be again; None: nobody knows. `records` are by topic, "" being all.
    """

    id: str
    name: str
    queues: frozenset[str] | None = None
    skills: Mapping[str, int] = field(default_factory=dict[str, int])
    languages: Mapping[str, int] = field(default_factory=dict[str, int])
    presence: Presence = Presence.AVAILABLE
    on_duty: bool = True
    back_at: datetime | None = None
    capacity: float = 10.0
    load: float = 0.0
    load_of: Mapping[str, float] = field(default_factory=dict[str, float])
    records: Mapping[str, Record] = field(default_factory=dict[str, Record])
    given_at: datetime | None = None

    @property
    def is_there(self) -> bool:
        return self.on_duty and self.presence is not Presence.AWAY

    def serves(self, queue: str) -> bool:
        return self.queues is None or queue in self.queues


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A ticket that nobody has. `skills` are those that a rule asks for, with the level; `topics` are skills that count
    where anybody has them. `said_no`: who does not want it, or gave it back. `named`: whom a rule wants to have it.
    """

    number: int
    queue: str
    urgency: int = 0
    due: datetime | None = None
    since: datetime
    points: float = 1.0
    language: str | None = None
    skills: tuple[tuple[str, int], ...] = ()
    topics: tuple[str, ...] = ()
    said_no: frozenset[tuple[str, No]] = frozenset()
    named: str | None = None
    last_agent: str | None = None

    @property
    def order(self) -> tuple[object, ...]:
        """By which they come up: the most urgent, of these what is due first, of these what has waited longest."""
        return (-self.urgency, self.due is None, self.due or self.since, self.since, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a queue asks for. `languages`: which others will do, in this order, where nobody is there who speaks a
    customer's; empty: the desk's own, else any. `most`: points of this queue that one may carry.
    """

    languages: tuple[str, ...] = ()
    own: str = "en"
    most: float | None = None


class Row(NamedTuple):
    """Somebody in a score table: their score with its parts, or why they do not get it."""

    agent: str
    name: str
    score: float | None
    parts: Mapping[str, float]
    no: No | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A decision: everybody who could have got it, the best first, then those who could not. `language` and `skills`
    are what it was decided by.
    """

    rows: tuple[Row, ...]
    language: str | None = None
    skills: tuple[str, ...] = ()

    def as_kept(self, most: int = 20) -> dict[str, Any]:
        """As its row has it; of very many only the first."""
        rows = [
            [row.agent, row.name, row.score, dict(row.parts), row.no.value if row.no else None, row.about]
            for row in self.rows[:most]
        ]
        return {"rows": rows, "of": len(self.rows), "language": self.language, "skills": list(self.skills)}

    @classmethod
    def as_said(cls, kept: Mapping[str, Any]) -> Table:
        """Back from `as_kept`."""
        rows = [
            Row(a, name, score, parts, No(no) if no else None, about)
            for a, name, score, parts, no, about in kept["rows"]
        ]
        return cls(tuple(rows), kept["language"], tuple(kept["skills"]))


class Pick(NamedTuple):
    """Who gets a ticket, by which table; `agent` None: nobody now."""

    ticket: Waiting
    agent: str | None
    table: Table


# How heavy a ticket is

_URGENT = (1.0, 1.0, 1.5, 2.0)
CHAT = 1.5
"""A chat wants somebody there: it weighs more than a letter."""
AT_REST = 0.25
"""Of a ticket's weight, while it waits for its customer or for somebody else."""
OLD = timedelta(days=7)
"""What has not moved for so long weighs half: nobody is busy with it."""


def points(urgency: int, *, is_chat: bool, at_rest: bool = False, is_old: bool = False) -> float:
    """What a ticket weighs in the hands of whoever has it."""
    weight = _URGENT[min(max(urgency, 0), 3)] * (CHAT if is_chat else 1.0)
    if at_rest:
        weight *= AT_REST
    return weight / 2 if is_old else weight


# Who may have it


def present(ticket: Waiting, members: Iterable[Member]) -> list[Member]:
    """Those of a queue who are there and have not said no, whether they have room now or not."""
    noes = dict(ticket.said_no)
    return [one for one in members if one.serves(ticket.queue) and one.is_there and one.id not in noes]


def back_at(ticket: Waiting, members: Iterable[Member], terms: Terms) -> datetime | None:
    """When somebody may be there who could have it; None where nobody knows of anybody."""
    noes = dict(ticket.said_no)
    suited = [one for one in members if one.serves(ticket.queue) and one.id not in noes and _can(one, ticket.skills)]
    if terms.languages and ticket.language:
        allowed = {_primary(tag) for tag in (ticket.language, *terms.languages)}
        suited = [one for one in suited if any(_primary(tag) in allowed for tag in _spoken(one, terms))]
    return min((one.back_at for one in suited if one.back_at is not None), default=None)


def _can(member: Member, skills: Iterable[tuple[str, int]]) -> bool:
    return all(member.skills.get(name, 0) >= level for name, level in skills)


class _Needs(NamedTuple):
    """What a ticket needs once it is known who is there. `nobody`: it needs a language that none of them speaks."""

    skills: tuple[tuple[str, int], ...]
    language: str | None
    nobody: bool = False


def _needs(ticket: Waiting, there: Sequence[Member], terms: Terms) -> _Needs:
    """First what a rule asks for, then the language, then, among those who are left, what it is about."""
    able = [one for one in there if _can(one, ticket.skills)]
    language, nobody = _language(ticket, able, terms)
    if language is not None and not nobody:
        able = [one for one in able if _level(one, language, terms)]
    asked = dict(ticket.skills)
    for topic in ticket.topics:
        if topic not in asked and any(topic in one.skills for one in able):
            asked[topic] = 1
            able = [one for one in able if topic in one.skills]
    return _Needs(tuple(asked.items()), language, nobody)


def _language(ticket: Waiting, able: Sequence[Member], terms: Terms) -> tuple[str | None, bool]:
    """In which language it is to be answered; None: in any. And whether nobody is there for those that would do."""
    if ticket.language is None:
        return None, False
    for tag in (ticket.language, *(terms.languages or (terms.own,))):
        if any(_level(one, tag, terms) for one in able):
            return tag, False
    return (ticket.language, True) if terms.languages else (None, False)


def _spoken(member: Member, terms: Terms) -> Mapping[str, int]:
    """Who names no language speaks the desk's."""
    return member.languages or {terms.own: PLAIN}


def _level(member: Member, tag: str, terms: Terms) -> int:
    """How well somebody speaks a language; a region of it is as good as another."""
    wanted = _primary(tag)
    return max((level for one, level in _spoken(member, terms).items() if _primary(one) == wanted), default=0)


def _primary(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].lower()


def _no(ticket: Waiting, one: Member, needs: _Needs, terms: Terms) -> tuple[No | None, str]:
    """Why somebody does not get it now, and what about."""
    said = dict(ticket.said_no).get(one.id)
    if said is not None:
        return said, ""
    if not one.on_duty:
        return No.OFF_DUTY, ""
    if one.presence is Presence.AWAY:
        return No.AWAY, ""
    lacking = next((name for name, level in needs.skills if one.skills.get(name, 0) < level), None)
    if lacking is not None:
        return No.SKILL, lacking
    if needs.language is not None and not _level(one, needs.language, terms):
        return No.LANGUAGE, needs.language
    return _no_room(ticket, one, terms), ""


def _no_room(ticket: Waiting, one: Member, terms: Terms) -> No | None:
    if one.presence is Presence.BUSY:
        return No.BUSY
    if one.load + ticket.points > one.capacity:
        return No.FULL
    if terms.most is not None and one.load_of.get(ticket.queue, 0.0) + ticket.points > terms.most:
        return No.FULL_OF_QUEUE
    return None


# How well it suits them


class Desk(NamedTuple):
    """What is usual at the desk: seconds that a ticket takes, and the share that stays solved."""

    seconds: float = 3600.0
    holds: float = 0.9


_FEW = 8.0
"""So many tickets of one's own count as much as what is usual at the desk."""


def usual(members: Iterable[Member]) -> Desk:
    """What is usual among these."""
    all_of = sum((one.records.get("", NOTHING_SOLVED) for one in members), NOTHING_SOLVED)
    known = Desk()
    seconds = (all_of.seconds + known.seconds * _FEW) / (all_of.solved + _FEW)
    return Desk(seconds, (all_of.solved - all_of.reopened + known.holds * _FEW) / (all_of.solved + _FEW))


def _shrunk(record: Record, towards: Desk) -> Desk:
    """What somebody's record says; the less there is of it, the more it is what is usual."""
    weight = record.solved + _FEW
    seconds = (record.seconds + towards.seconds * _FEW) / weight
    return Desk(seconds, max(0.0, record.solved - record.reopened + towards.holds * _FEW) / weight)


def expected(member: Member, topics: Sequence[str], usually: Desk) -> Desk:
    """What to expect of somebody with such a ticket: of what they did alike, of all that they did, of the desk."""
    own = _shrunk(member.records.get("", NOTHING_SOLVED), usually)
    alike = sum((member.records.get(topic, NOTHING_SOLVED) for topic in topics if topic), NOTHING_SOLVED)
    return _shrunk(alike, own)


def _parts(ticket: Waiting, one: Member, needs: _Needs, terms: Terms, usually: Desk, now: datetime) -> dict[str, float]:
    """Each part of a score, from 0 to 1. A score's whole is `WEIGHTS` of them."""
    parts = {"load": max(0.0, 1 - one.load / one.capacity) if one.capacity else 0.0}
    likely = expected(one, ticket.topics, usually)
    # half is what is usual, one is twice as fast
    parts["record"] = likely.holds * min(1.0, usually.seconds / likely.seconds / 2)
    if needs.skills:
        parts["skill"] = sum(one.skills.get(name, 0) for name, _ in needs.skills) / (LEVELS * len(needs.skills))
    if needs.language is not None:
        parts["language"] = _level(one, needs.language, terms) / LEVELS
    if ticket.last_agent == one.id:
        parts["customer"] = 1.0
    waited = now - one.given_at if one.given_at else _TURN
    parts["turn"] = min(1.0, max(0.0, waited / _TURN))
    return parts


# The decision


def decide(
    tickets: Sequence[Waiting],
    members: Sequence[Member],
    terms: Callable[[str], Terms],
    now: datetime,
    usually: Desk | None = None,
) -> list[Pick]:
    """Who gets each of these now: each member one of them at most, the first in order first.

    `tickets` are in their order. What is decided of one changes what is true for the next: ask again with `after`.
    """
    usually = usually or usual(members)
    scored: list[dict[str, Row]] = []
    tables: list[tuple[_Needs, list[Row]]] = []
    for ticket in tickets:
        asks = terms(ticket.queue)
        mine = [one for one in members if one.serves(ticket.queue)]
        needs = _needs(ticket, present(ticket, mine), asks)
        named = _named(ticket, mine)
        rows: list[Row] = []
        for one in mine:
            no, about = _no(ticket, one, needs, asks)
            if no is None and named is not None and named != one.id:
                no, about = No.NOT_NAMED, next(other.name for other in mine if other.id == named)
            if no is not None:
                rows.append(Row(one.id, one.name, None, {}, no, about))
                continue
            parts = _parts(ticket, one, needs, asks, usually, now)
            shown = {name: round(WEIGHTS[name] * part, 1) for name, part in parts.items()}
            rows.append(Row(one.id, one.name, round(sum(shown.values()), 1), shown))
        scored.append({row.agent: row for row in rows if row.score is not None})
        tables.append((needs, rows))
    chosen = _matched(scored)
    taken = {agent for agent in chosen if agent}
    return [
        Pick(ticket, agent, _table(needs, rows, agent, taken))
        for ticket, agent, (needs, rows) in zip(tickets, chosen, tables, strict=True)
    ]


def _named(ticket: Waiting, members: Iterable[Member]) -> str | None:
    """Whom a rule wants to have it, where they are there."""
    there = present(ticket, members)
    return next((one.id for one in there if ticket.named in (one.id, one.name)), None) if ticket.named else None


def _matched(scored: Sequence[Mapping[str, Row]]) -> list[str | None]:
    """One alone goes to the best; several are solved together, over the best few of each: no more can matter."""
    few = len(scored)
    kept = [sorted(rows.values(), key=lambda row: (-(row.score or 0.0), row.agent))[:few] for rows in scored]
    if few == 1:
        return [kept[0][0].agent if kept[0] else None]
    columns = sorted({row.agent for rows in kept for row in rows})
    place = {agent: at for at, agent in enumerate(columns)}
    scores: list[list[float | None]] = []
    for rows in kept:
        line: list[float | None] = [None] * len(columns)
        for row in rows:
            line[place[row.agent]] = row.score
        scores.append(line)
    return [None if at is None else columns[at] for at in best(scores)]


def _table(needs: _Needs, rows: Sequence[Row], agent: str | None, taken: set[str]) -> Table:
    """Everybody, whoever gets it first, then by score, then those who could not."""
    said = [
        row._replace(no=No.TAKES_ANOTHER) if row.no is None and row.agent in taken and row.agent != agent else row
        for row in rows
    ]
    said.sort(key=lambda row: (row.agent != agent, row.score is None, -(row.score or 0.0), row.name))
    return Table(tuple(said), needs.language, tuple(name for name, _ in needs.skills))


def after(members: Sequence[Member], picks: Iterable[Pick], now: datetime) -> list[Member]:
    """The line-up when these have what they were given."""
    given = {pick.agent: pick.ticket for pick in picks if pick.agent}
    return [_carrying(one, given[one.id], now) if one.id in given else one for one in members]


def _carrying(one: Member, ticket: Waiting, now: datetime) -> Member:
    of_queue = {**one.load_of, ticket.queue: one.load_of.get(ticket.queue, 0.0) + ticket.points}
    return replace(one, load=one.load + ticket.points, load_of=of_queue, given_at=now)


def gone(member: Member) -> Member:
    """As they are when they are taken for away."""
    return replace(member, presence=Presence.AWAY, back_at=None)


def knowing(member: Member, records: Mapping[str, Record]) -> Member:
    """With what they have solved of other topics."""
    return replace(member, records=records)


def may_be_given(ticket: Waiting, members: Sequence[Member], terms: Terms) -> bool:
    """Whether anybody who is there could have it, at once or as soon as they have room."""
    mine = [one for one in members if one.serves(ticket.queue)]
    needs = _needs(ticket, present(ticket, mine), terms)
    noes = (No.BUSY, No.FULL, No.FULL_OF_QUEUE, None)
    return any(_no(ticket, one, needs, terms)[0] in noes for one in mine)


def has_room(members: Iterable[Member]) -> bool:
    """Whether anybody could take anything at all."""
    return any(one.is_there and one.presence is Presence.AVAILABLE and one.load < one.capacity for one in members)
