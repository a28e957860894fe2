"""Tickets and their events: rows to values and back, with the version check; and lists of tickets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.phrases import Conflict, NotFound, phrase
from core.storage.database import Tx
from core.storage.people import THEIRS, members
from core.storage.schema import (
    EPOCH,
    events,
    identities,
    indexable,
    promises,
    tickets,
    ways,
)
from core.storage.statements import Prepared, rows_in
from core.tickets.events import HAPPENINGS, Closed, Event, Reopened
from core.tickets.evolve import fold
from core.tickets.follow_up import Going
from core.tickets.model import (
    Nature,
    Part,
    Status,
    Thread,
    Ticket,
)


class Words(NamedTuple):
    """What belongs to a ticket and is not a fact of its fold."""

    subject: str
    answer_to: str


_FACTS = [f.name for f in fields(Ticket) if f.name not in ("thread", "status")]
_TICKET = [tickets.c[name] for name in _FACTS] + [tickets.c.channel, tickets.c.thread, tickets.c.status]
_ROW = sa.select(*_TICKET, tickets.c.subject, tickets.c.answer_to).where(tickets.c.number == sa.bindparam("n"))
_LOOK = Prepared(_ROW)
_LOAD = Prepared({True: _ROW.with_for_update(), False: _ROW})


def load(tx: Tx, number: int) -> Ticket:
    """The ticket, locked until the transaction ends (on SQLite there is one writer anyway)."""
    return load_with_words(tx, number)[0]


def load_with_words(tx: Tx, number: int) -> tuple[Ticket, Words]:
    """Raises NotFound."""
    row = _LOAD.first(tx, {"n": number})
    if row is None:
        raise NotFound(
            phrase("There is no ticket #{number}. /desk mine and /desk next say which there are.", number=number)
        )
    return _ticket(row), Words(row.subject, row.answer_to)


def look(tx: Tx, number: int) -> tuple[Ticket, Words]:
    """Without a lock. Raises NotFound."""
    row = _LOOK.first(tx, {"n": number})
    if row is None:
        raise NotFound(
            phrase("There is no ticket #{number}. /desk mine and /desk next say which there are.", number=number)
        )
    return _ticket(row), Words(row.subject, row.answer_to)


def begin(tx: Tx, ticket: Ticket, words: Words) -> Ticket:
    """Give a blank ticket its number; its messages can point to it before its first event is saved."""
    row = {**_row(ticket), **words._asdict(), "due": None, "opened_at": tx.now}
    del row["number"]
    number = _BEGIN.value(tx, row)
    assert number is not None
    return replace(ticket, number=number)


_BEGIN = Prepared(
    tickets.insert().returning(tickets.c.number), columns=[c.name for c in tickets.columns if c.name != "number"]
)
_SAVED = [*(name for name in _FACTS if name != "number"), "channel", "thread", "status", "due"]
_SAVE = Prepared(
    tickets.update()
    .where(tickets.c.number == sa.bindparam("n"), tickets.c.version == sa.bindparam("was"))
    .returning(tickets.c.number),
    columns=_SAVED,
)


def save(tx: Tx, before: Ticket, after: Ticket, happened: Sequence[Event], due: datetime | None) -> None:
    """The ticket's row and its new events. Raises Conflict where somebody else was first."""
    row = {**_row(after), "due": due, "n": before.number, "was": before.version}
    del row["number"]
    new = [
        {
            "ticket": after.number,
            "seq": before.version + n,
            "kind": type(event).__name__,
            "v": 1,
            "at": event.at,
            "facts": _facts(event),
        }
        for n, event in enumerate(happened, 1)
    ]
    saved = _SAVE_WITH_EVENTS.first(tx, {**row, "happened": new}) if tx.pg else _SAVE.first(tx, row)
    if saved is None:
        raise Conflict(phrase("Ticket #{number} was changed by somebody else.", number=before.number))
    if not tx.pg:
        _HAPPENED.run_each(tx, new)


def set_words(tx: Tx, number: int, words: Words) -> None:
    """What it is about, and where answers go, is known better now."""
    tx.sql.execute(tickets.update().where(tickets.c.number == number).values(**words._asdict()))


_HAPPENED = Prepared(events.insert(), columns=[c.name for c in events.columns])


def _save_with_events() -> Any:
    """On PostgreSQL both in one statement: each would be a journey to the server and back."""
    saved = (
        tickets.update()
        .where(tickets.c.number == sa.bindparam("n"), tickets.c.version == sa.bindparam("was"))
        .values({tickets.c[name]: sa.bindparam(name, type_=tickets.c[name].type) for name in _SAVED})
        .returning(tickets.c.number)
        .cte("saved")
    )
    new = rows_in("happened", list(events.columns))
    cells = [new.c[c.name] for c in events.columns]
    happened = events.insert().from_select([c.name for c in events.columns], sa.select(*cells).join(saved, sa.true()))
    return sa.select(saved.c.number).add_cte(happened.cte("new"))


_SAVE_WITH_EVENTS = Prepared(_save_with_events())


def history(tx: Tx, number: int) -> list[Event]:
    """Everything that happened to a ticket, in order."""
    rows = tx.sql.execute(
        sa.select(events.c.kind, events.c.at, events.c.facts).where(events.c.ticket == number).order_by(events.c.seq)
    )
    return [_event(row.kind, row.at, row.facts) for row in rows]


def newest_in(tx: Tx, thread: Thread) -> tuple[int, datetime | None] | None:
    """The ticket of a thread that goes on there, and when it was closed: an open one first, of these the one that the
    requester spoke in last.
    """
    row = _NEWEST_IN.first(tx, {"of_channel": thread.channel, "of_thread": thread.key})
    return (row.number, row.closed_at) if row else None


def _spoken_in(channel: Any, thread: Any) -> sa.ColumnElement[bool]:
    """Those of a thread where people chat, also those that were opened elsewhere and go on there, too."""
    opened = sa.select(tickets.c.number).where(
        tickets.c.channel == channel,
        tickets.c.channel != sa.literal_column("'email'"),  # as the index says
        tickets.c.thread == thread,
    )
    gone_over = sa.select(ways.c.ticket).where(ways.c.channel == channel, ways.c.thread == thread)
    return tickets.c.number.in_(sa.union_all(opened, gone_over))


_NEWEST_IN = Prepared(
    sa.select(tickets.c.number, tickets.c.closed_at)
    .where(_spoken_in(sa.bindparam("of_channel"), sa.bindparam("of_thread")))
    .order_by(tickets.c.status == sa.literal_column("'closed'"), tickets.c.heard_at.desc(), tickets.c.number.desc())
    .limit(sa.literal_column("1"))
)


def to_comment_in(tx: Tx, thread: Thread) -> int | None:
    """The ticket of a thread whose requester was asked just now why they rated us so, and is closed."""
    return _TO_COMMENT.value(tx, {"of_channel": thread.channel, "of_thread": thread.key, "now": tx.now})


_TO_COMMENT = Prepared(
    sa.select(tickets.c.number)
    .where(
        _spoken_in(sa.bindparam("of_channel"), sa.bindparam("of_thread")),
        tickets.c.status == sa.literal_column("'closed'"),
        tickets.c.comment_until >= sa.bindparam("now", type_=tickets.c.comment_until.type),
    )
    .order_by(tickets.c.comment_until.desc())
    .limit(sa.literal_column("1"))
)


def in_thread(tx: Tx, thread: Thread, most: int = 5) -> list[Going]:
    """The tickets of a thread that may go on: open ones first, of these those that the requester spoke in last."""
    columns = (tickets.c.number, tickets.c.subject, tickets.c.queue, tickets.c.heard_at, tickets.c.closed_at)
    order = (tickets.c.status == "closed", tickets.c.heard_at.desc(), tickets.c.number.desc())
    here = sa.and_(_spoken_in(thread.channel, thread.key), tickets.c.merged_into.is_(None))
    return [Going(*row) for row in tx.sql.execute(sa.select(*columns).where(here).order_by(*order).limit(most))]


def of_door(
    tx: Tx, channel: str, door: str, thread: str | None, status: Status | None, after: int, most: int
) -> list[tuple[Ticket, Words]]:
    """The tickets that came to a door of the web API, by number, from behind `after`; of a thread, of a status. Those
    that have gone on elsewhere, too.
    """
    here = [tickets.c.channel == channel, tickets.c.channel == sa.literal_column("'web'"), tickets.c.door == door]
    was_here = [ways.c.channel == channel, ways.c.door == door]
    if thread is not None:
        here.append(tickets.c.thread == thread)
        was_here.append(ways.c.thread == thread)
    of_these = [tickets.c.number > after, *([tickets.c.status == status] if status is not None else [])]
    query = sa.select(*_TICKET, tickets.c.subject, tickets.c.answer_to).order_by(tickets.c.number).limit(most)
    gone = query.where(tickets.c.number.in_(sa.select(ways.c.ticket).where(*was_here)), *of_these)
    rows = {row.number: row for those in (query.where(*here, *of_these), gone) for row in tx.sql.execute(those)}
    return [(_ticket(row), Words(row.subject, row.answer_to)) for _, row in sorted(rows.items())[:most]]


def spoken_of(tx: Tx, channel: str, requester: int, threads: str, since: datetime) -> str | None:
    """The thread, of those whose keys begin so, of the ticket that is not closed and whose requester has spoken in it
    last, since then; None where there is none.
    """
    theirs = (tickets.c.channel == channel, tickets.c.requester == requester, tickets.c.heard_at >= since)
    going = (tickets.c.status != Status.CLOSED, tickets.c.thread.startswith(threads, autoescape=True))
    query = sa.select(tickets.c.thread).where(*theirs, *going).order_by(tickets.c.heard_at.desc()).limit(1)
    return tx.sql.execute(query).scalar()


def going_threads(tx: Tx, channel: str, beginning: str, reopen_since: Mapping[str, datetime], most: int) -> list[str]:
    """The threads, of those whose keys begin so, of tickets that are not closed, or were closed later than these times
    by queue: open ones first, of these those that the requester spoke in last.
    """
    can_reopen = [
        sa.and_(tickets.c.queue == queue, tickets.c.closed_at > since) for queue, since in reopen_since.items()
    ]
    goes_on = sa.or_(tickets.c.status != Status.CLOSED, *can_reopen)
    there = (tickets.c.channel == channel, tickets.c.thread.startswith(beginning, autoescape=True))
    gone_over = (ways.c.channel == channel, ways.c.thread.startswith(beginning, autoescape=True))
    order = [tickets.c.status == Status.CLOSED, tickets.c.heard_at.desc()]
    began = sa.select(tickets.c.thread).where(*there, goes_on).order_by(*order).limit(most)
    others = sa.select(ways.c.thread).join(tickets, tickets.c.number == ways.c.ticket).where(*gone_over, goes_on)
    found = [*tx.sql.execute(began).scalars(), *tx.sql.execute(others.order_by(*order).limit(most)).scalars()]
    return list(dict.fromkeys(found))[:most]


def of_thread(tx: Tx, thread: Thread) -> list[int]:
    """Every ticket that went on in a thread where people chat."""
    here = _spoken_in(thread.channel, thread.key)
    return list(tx.sql.execute(sa.select(tickets.c.number).where(here)).scalars())


def open_of(tx: Tx, those: sa.Select[tuple[int]], most: int) -> list[tuple[int, str]]:
    """The tickets of these people that are not closed, the newest first, each with its queue."""
    theirs = (tickets.c.requester.in_(those), tickets.c.status != Status.CLOSED)
    query = sa.select(tickets.c.number, tickets.c.queue).where(*theirs).order_by(tickets.c.number.desc()).limit(most)
    return [(row.number, row.queue) for row in tx.sql.execute(query)]


def answered_at(tx: Tx, channel: str, address: str) -> list[int]:
    """The tickets of a channel that are not closed and whose answers go there."""
    there = (tickets.c.channel == channel, tickets.c.answer_to == address, tickets.c.status != Status.CLOSED)
    return list(tx.sql.execute(sa.select(tickets.c.number).where(*there).order_by(tickets.c.number)).scalars())


def newest(tx: Tx, most: int) -> list[int]:
    """The numbers of the newest that customers have opened, the newest first."""
    query = sa.select(tickets.c.number).where(tickets.c.part_of.is_(None))
    return list(tx.sql.execute(query.order_by(tickets.c.number.desc()).limit(most)).scalars())


def last_closing(tx: Tx, number: int) -> Closed | None:
    """Who closed a ticket last, and when."""
    row = tx.sql.execute(
        sa.select(events.c.kind, events.c.at, events.c.facts)
        .where(events.c.ticket == number, events.c.kind == Closed.__name__)
        .order_by(events.c.seq.desc())
        .limit(1)
    ).first()
    found = _event(row.kind, row.at, row.facts) if row else None
    return found if isinstance(found, Closed) else None


def reopened_by(tx: Tx, number: int, since: datetime) -> list[int]:
    """The messages that opened a ticket again since then."""
    rows = tx.sql.execute(
        sa.select(events.c.facts).where(
            events.c.ticket == number, events.c.kind == Reopened.__name__, events.c.at > since
        )
    ).scalars()
    return [facts["message"] for facts in rows if facts.get("message") is not None]


def unlike_their_history(tx: Tx, numbers: Iterable[int]) -> list[int]:
    """Tickets whose row is not what their events fold to: a check, always empty."""
    return [n for n in numbers if fold(n, history(tx, n)) != look(tx, n)[0]]


# Those that go on in others


def goes_on_in(tx: Tx, number: int) -> int:
    """The ticket that one goes on in, however often it was merged; itself where it was not."""
    here = number
    while (into := _MERGED_INTO.value(tx, {"n": here})) is not None:
        here = into
    return here


_MERGED_INTO = Prepared(sa.select(tickets.c.merged_into).where(tickets.c.number == sa.bindparam("n")))


def merged_of(tx: Tx, people: Sequence[int]) -> list[int]:
    """The tickets of these people, and of whoever is one person with any of them, that go on in others or in which
    others go on.
    """
    theirs = sa.or_(*(tickets.c.requester.in_(members(person)) for person in people))
    rows = sa.select(tickets.c.number).where(tickets.c.merged_into.is_not(None), theirs)
    return list(tx.sql.execute(rows.order_by(tickets.c.number)).scalars())


def merged_in(tx: Tx, thread: Thread) -> int | None:
    """The newest ticket that was told in a thread and goes on in another one."""
    here = (tickets.c.channel == thread.channel, tickets.c.channel != "email", tickets.c.thread == thread.key)
    query = sa.select(sa.func.max(tickets.c.number)).where(*here, tickets.c.merged_into.is_not(None))
    return tx.sql.execute(query).scalar()


def merged_beneath(tx: Tx, number: int) -> list[int]:
    """The tickets that go on in this one, by whatever others; by number."""
    found: list[int] = []
    near = [number]
    while near:
        rows = sa.select(tickets.c.number).where(tickets.c.merged_into.is_not(None), tickets.c.merged_into.in_(near))
        near = list(tx.sql.execute(rows).scalars())
        found += near
    return sorted(found)


# Lists


MANY = 99
"""More of a list than are shown are counted up to here: nobody needs to know whether 5,000 wait or 6,000."""


class Line(NamedTuple):
    """A ticket in a list. `due`: when what is promised for it has to be kept, in the list of what waits."""

    ticket: Ticket
    subject: str
    due: datetime | None = None

    @property
    def turn(self) -> tuple[int, bool, datetime, datetime, int]:
        """Of what waits, what comes first: the most urgent, of these what is due first, of these the oldest."""
        opened = self.ticket.opened_at or EPOCH
        return (-self.ticket.urgency, self.due is None, self.due or EPOCH, opened, self.ticket.number)


class Page(NamedTuple):
    """The first lines of a list, and how many there are in all; of those that are not here, MANY + 1 count as all."""

    lines: tuple[Line, ...] = ()
    total: int = 0


def of_assignee(tx: Tx, agent: str, most: int) -> Page:
    """An agent's open tickets, oldest first."""
    return _page(tx, tickets.c.assignee == agent, (tickets.c.opened_at,), most)


def unclaimed(tx: Tx, queue: str, most: int) -> Page:
    """A queue's tickets that wait for somebody to take them, as their turns are (`Line.turn`)."""
    waits = sa.and_(
        tickets.c.queue == queue,
        tickets.c.assignee.is_(None),
        tickets.c.status != sa.literal_column("'pending'"),  # many are answered at once without being taken
        tickets.c.status != sa.literal_column("'closed'"),
    )
    due = sa.select(promises.c.due).where(promises.c.ticket == tickets.c.number).scalar_subquery().label("promised")
    turns = (tickets.c.urgency.desc(), due.is_(None), due, tickets.c.opened_at, tickets.c.number)
    rows = tx.sql.execute(sa.select(*_TICKET, tickets.c.subject, due).where(waits).order_by(*turns).limit(most))
    return _paged(tx, [Line(_ticket(row), row.subject, row.promised) for row in rows], waits, most)


def with_strangers(tx: Tx, queues: Sequence[str], most: int) -> list[Line]:
    """Tickets of these queues, closed ones too, in which a stranger's words wait for a decision; the longest first."""
    rows = tx.sql.execute(
        sa.select(*_TICKET, tickets.c.subject)
        .where(tickets.c.held_at.is_not(None), tickets.c.queue.in_(queues))
        .order_by(tickets.c.held_at, tickets.c.number)
        .limit(most)
    )
    return [Line(_ticket(row), row.subject) for row in rows]


def _page(tx: Tx, condition: sa.ColumnElement[bool], order: Sequence[sa.ColumnElement[Any]], most: int) -> Page:
    those = sa.and_(condition, tickets.c.status != sa.literal_column("'closed'"))
    rows = tx.sql.execute(sa.select(*_TICKET, tickets.c.subject).where(those).order_by(*order).limit(most))
    return _paged(tx, [Line(_ticket(row), row.subject) for row in rows], those, most)


def _paged(tx: Tx, lines: Sequence[Line], those: sa.ColumnElement[bool], most: int) -> Page:
    if len(lines) < most:
        return Page(tuple(lines), len(lines))
    counted = sa.select(sa.literal(1)).where(those).limit(most + MANY + 1).subquery()
    return Page(tuple(lines), tx.sql.execute(sa.select(sa.func.count()).select_from(counted)).scalar_one())


def of_person(tx: Tx, person: int, but: int, most: int) -> Page:
    """The tickets of a person on all channels, whichever of those who are one is named, but one; the newest first;
    closed ones, too.
    """
    return _past(tx, sa.and_(tickets.c.requester.in_(members(person)), tickets.c.number != but), most)


def count_of_person(tx: Tx, person: int, but: int) -> int:
    """How many these are; there may be more than MANY."""
    return _COUNT_OF_PERSON.value(tx, {"person": person, "but": but}) or 0


def of_houses(tx: Tx, houses: Sequence[tuple[str, str]], person: int, but: int, most: int) -> Page:
    """The tickets of those who have an address in one of these houses (channel, name), but of a person and that one;
    the newest first.
    """
    return _past(tx, _in_houses(houses, person, but), most) if houses else Page()


def count_of_houses(tx: Tx, houses: Sequence[tuple[str, str]], person: int, but: int) -> int:
    """How many these are; there may be more than MANY."""
    return tx.sql.execute(_up_to_many(_in_houses(houses, person, but))).scalar_one() if houses else 0


def _in_houses(houses: Sequence[tuple[str, str]], person: int, but: int) -> sa.ColumnElement[bool]:
    those = sa.tuple_(identities.c.channel, identities.c.house).in_([(c, indexable(house)) for c, house in houses])
    theirs = sa.select(identities.c.person).where(those, identities.c.house.is_not(None))
    mine = members(person)
    return sa.and_(tickets.c.requester.in_(theirs), tickets.c.requester.not_in(mine), tickets.c.number != but)


def _past(tx: Tx, condition: sa.ColumnElement[bool], most: int) -> Page:
    # Sorted by what is no column: else all tickets may be gone through from the newest on until enough are found.
    newest = (tickets.c.number + 0).desc()
    rows = tx.sql.execute(sa.select(*_TICKET, tickets.c.subject).where(condition).order_by(newest).limit(most))
    lines = tuple(Line(_ticket(row), row.subject) for row in rows)
    if len(lines) < most:
        return Page(lines, len(lines))
    return Page(lines, tx.sql.execute(_up_to_many(condition, most)).scalar_one())


def _up_to_many(condition: sa.ColumnElement[bool], beyond: int = 1) -> sa.Select[int]:
    counted = sa.select(sa.literal(1)).where(condition).limit(beyond + MANY + 1).subquery()
    return sa.select(sa.func.count()).select_from(counted)


_COUNT_OF_PERSON = Prepared(
    _up_to_many(sa.and_(tickets.c.requester.in_(THEIRS), tickets.c.number != sa.bindparam("but")))
)


class Stray(NamedTuple):
    """A ticket in a queue that is none."""

    number: int
    queue: str
    is_open: bool


def strays(tx: Tx, queues: Sequence[str]) -> list[Stray]:
    """The tickets that are in none of these queues: open ones first, then the oldest."""
    is_open = tickets.c.status != sa.literal_column("'closed'")
    rows = tx.sql.execute(
        sa.select(tickets.c.number, tickets.c.queue, is_open.label("is_open"))
        .where(tickets.c.queue.not_in(queues))
        .order_by(is_open.desc(), tickets.c.number)
    )
    return [Stray(row.number, row.queue, bool(row.is_open)) for row in rows]


def due_after(tx: Tx, due: datetime | None, number: int, most: int) -> list[tuple[datetime, int]]:
    """The tickets that time has something to say about, in that order, behind this one (None: from the first on)."""
    query = sa.select(tickets.c.due, tickets.c.number).where(tickets.c.due.is_not(None))
    if due is not None:
        query = query.where(sa.tuple_(tickets.c.due, tickets.c.number) > sa.tuple_(_bound(due), number))
    rows = tx.sql.execute(query.order_by(tickets.c.due, tickets.c.number).limit(most))
    return [(row.due, row.number) for row in rows]


def open_without_due(tx: Tx, first: int, last: int) -> list[int]:
    """Of the tickets with these numbers those that are open, and about which time has nothing to say."""
    here = tickets.c.number.between(first, last)
    query = sa.select(tickets.c.number).where(here, tickets.c.status != "closed", tickets.c.due.is_(None))
    return list(tx.sql.execute(query.order_by(tickets.c.number)).scalars())


def last_number(tx: Tx) -> int:
    """The number of the newest ticket; 0: there is none."""
    return tx.sql.execute(sa.select(sa.func.max(tickets.c.number))).scalar() or 0


def look_at_now(tx: Tx, numbers: Sequence[int]) -> None:
    """These are to be looked at now."""
    if numbers:
        tx.sql.execute(tickets.update().where(tickets.c.number.in_(numbers)).values(due=tx.now))


def _bound(at: datetime) -> sa.ColumnElement[datetime]:
    return sa.literal(at, tickets.c.due.type)


_COMING = Prepared(
    sa.select(tickets.c.number, tickets.c.due)
    .where(tickets.c.due.is_not(None))
    .order_by(tickets.c.due)
    .limit(sa.bindparam("most"))
)
_SET_DUE = Prepared(
    tickets.update()
    .where(tickets.c.number == sa.bindparam("n"))
    .values(due=sa.bindparam("at", type_=tickets.c.due.type))
)


def coming(tx: Tx, most: int) -> list[tuple[int, datetime]]:
    """The tickets that time has something to say about next, and when."""
    return [(row.number, row.due) for row in _COMING.rows(tx, {"most": most})]


def due_by(tx: Tx, now: datetime, most: int) -> list[int]:
    """Tickets that time has something to say about, the longest due first."""
    return [number for number, due in coming(tx, most) if due <= now]


def set_due(tx: Tx, number: int, due: datetime | None) -> None:
    """When to look at it next, where nothing has happened to it now."""
    _SET_DUE.run(tx, {"n": number, "at": due})


def next_due(tx: Tx) -> datetime | None:
    return next((due for _, due in coming(tx, 1)), None)


def came_into(tx: Tx, queue: str, since: datetime, until: datetime) -> int:
    """How many tickets were opened that are in a queue, from one moment to another."""
    there = (tickets.c.queue == queue, tickets.c.opened_at > since, tickets.c.opened_at <= until)
    return tx.sql.execute(sa.select(sa.func.count()).select_from(tickets).where(*there)).scalar_one()


def answering_time(tx: Tx, queue: str, sample: int = 50, least: int = 5) -> timedelta | None:
    """The median time to the first answer, over the last tickets answered; None where there are too few to say."""
    rows = _ANSWERED.rows(tx, {"in_queue": queue, "most": sample})
    if len(rows) < least:
        return None
    waits = sorted(row.first_replied_at - row.opened_at for row in rows)
    return waits[len(waits) // 2]


_ANSWERED = Prepared(
    sa.select(tickets.c.opened_at, tickets.c.first_replied_at)
    .where(tickets.c.queue == sa.bindparam("in_queue"), tickets.c.first_replied_at.is_not(None))
    .order_by(tickets.c.first_replied_at.desc())
    .limit(sa.bindparam("most"))
)


# Rows and values


def _row(ticket: Ticket) -> dict[str, Any]:
    row = {name: getattr(ticket, name) for name in _FACTS}
    return {**row, "channel": ticket.thread.channel, "thread": ticket.thread.key, "status": ticket.status.value}


def _ticket(row: Any) -> Ticket:
    facts = {name: getattr(row, name) for name in _FACTS}
    return Ticket(thread=Thread(row.channel, row.thread), status=Status(row.status), **facts)


def _facts(event: Event) -> dict[str, Any]:
    """An event's facts as JSON: times as microseconds since 1970, absent ones left out."""
    facts: dict[str, Any] = {}
    for f in fields(event):
        value = getattr(event, f.name)
        if f.name == "at" or value is None:
            continue
        facts[f.name] = (value - EPOCH) // timedelta(microseconds=1) if isinstance(value, datetime) else value
    return facts


_TIMES = {
    "heard_at",
    "first_replied_at",
    "replied_at",
    "pending_at",
    "reminded_at",
    "closed_at",
    "held_at",
    "due",
    "next_due",
    "until",
}


def _event(kind: str, at: datetime, facts: Mapping[str, Any]) -> Event:
    values = dict(facts)
    for name in _TIMES & values.keys():
        values[name] = EPOCH + timedelta(microseconds=values[name])
    if "thread" in values:
        values["thread"] = Thread(*values["thread"])
    if "nature" in values:
        values["nature"] = Nature(values["nature"])
    if "part" in values:
        values["part"] = Part(values["part"])
    if "status" in values:
        values["status"] = Status(values["status"])
    for name in {"pings", "hooks", "tasks", "messages"} & values.keys():
        values[name] = tuple(values[name])
    return HAPPENINGS[kind](at=at, **values)
