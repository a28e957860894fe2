"""Tickets, their messages and their events: rows to values and back, with the version check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from core.phrases import Conflict, NotFound, phrase
from core.storage.database import Tx
from core.storage.schema import (
    EPOCH,
    attachments,
    deliveries,
    events,
    inbox,
    known_ids,
    messages,
    tickets,
    versions,
)
from core.storage.statements import Prepared, among, cells_of, on_each, on_either, rows_in
from core.tickets.events import HAPPENINGS, Closed, Event
from core.tickets.evolve import fold
from core.tickets.model import (
    Address,
    Attachment,
    Delivery,
    Message,
    Nature,
    Outcome,
    Part,
    Status,
    Thread,
    Ticket,
)

_OF_PEOPLE = [nature for nature in Nature if nature.is_of_people]
_ANSWERABLE = [*_OF_PEOPLE, Nature.AUTO_GENERATED, Nature.CALENDAR, Nature.ARF]
"""What an answer may point to: people's words, and machines' that open tickets (forms, monitors)."""


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
        raise NotFound(phrase("There is no ticket #{number}.", number=number))
    return _ticket(row), Words(row.subject, row.answer_to)


def look(tx: Tx, number: int) -> tuple[Ticket, Words]:
    """Without a lock. Raises NotFound."""
    row = _LOOK.first(tx, {"n": number})
    if row is None:
        raise NotFound(phrase("There is no ticket #{number}.", number=number))
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


def unlike_their_history(tx: Tx, numbers: Iterable[int]) -> list[int]:
    """Tickets whose row is not what their events fold to: a check, always empty."""
    return [n for n in numbers if fold(n, history(tx, n)) != look(tx, n)[0]]


# Messages


def say(tx: Tx, row: Mapping[str, Any], files: Sequence[Attachment] = (), known_on: str | None = None) -> int:
    """Keep a message, and return its id. What came in under its number in the inbox points to it.

    `known_on` is the channel whose outside knows it by its external id.
    """
    id = _SAY_AT_ONCE.value(tx, {**row, "known_on": known_on}) if tx.pg else _say(tx, row, known_on)
    assert id is not None
    _ATTACH.run_each(
        tx,
        [
            {
                "message": id,
                "position": n,
                "name": f.name,
                "type": f.type,
                "size": f.size,
                "digest": f.digest,
                "cid": f.cid,
            }
            for n, f in enumerate(files)
        ],
    )
    return id


def _say(tx: Tx, row: Mapping[str, Any], known_on: str | None) -> int | None:
    id = _SAY.value(tx, row)
    if known_on is not None:
        known = {"external_id": row["external_id"], "ticket": row["ticket"]}
        _KNOW.run(tx, {"channel": known_on, "message": id, **known})
    if row.get("inbox") is not None:
        _BECAME.run(tx, {"piece": row["inbox"], "message": id})
    return id


def _say_at_once() -> Any:
    """On PostgreSQL all in one statement: each would be a journey to the server and back."""
    cells = cells_of(messages, but={"id"})
    said = messages.insert().values(cells).returning(messages.c.id).cte("said")
    channel = sa.bindparam("known_on", type_=sa.String)
    knows = sa.select(channel, cells[messages.c.external_id], said.c.id, cells[messages.c.ticket])
    known = (
        postgresql.insert(known_ids)
        .from_select(_KNOWS, knows.where(channel.is_not(None)))
        .on_conflict_do_nothing()
        .cte("known")
    )
    became = (
        inbox.update()
        .where(inbox.c.id == cells[messages.c.inbox])
        .values(message=sa.select(said.c.id).scalar_subquery())
        .cte("became")
    )
    return sa.select(said.c.id).add_cte(known, became)


_KNOWS = ("channel", "external_id", "message", "ticket")
_KNOW = Prepared(on_each(lambda insert: insert(known_ids).on_conflict_do_nothing()), columns=_KNOWS)
_BECAME = Prepared(inbox.update().where(inbox.c.id == sa.bindparam("piece")), columns=["message"])
_SAY = Prepared(
    messages.insert().returning(messages.c.id), columns=[c.name for c in messages.columns if c.name != "id"]
)
_SAY_AT_ONCE = Prepared(_say_at_once())
_ATTACH = Prepared(attachments.insert(), columns=[c.name for c in attachments.columns])


def of_act(tx: Tx, act: int) -> int | None:
    """The message that an act has made already."""
    return tx.sql.execute(sa.select(messages.c.id).where(messages.c.act == act)).scalar()


_KNOWN = Prepared(
    on_either(
        lambda pg: (
            sa.select(known_ids.c.external_id, known_ids.c.ticket, known_ids.c.message, messages.c.part)
            .join(messages, messages.c.id == known_ids.c.message)
            .where(known_ids.c.channel == sa.bindparam("channel"), among(pg, known_ids.c.external_id, "ids"))
            .order_by(known_ids.c.message.desc())
        )
    )
)


def known(tx: Tx, channel: str, external_ids: Sequence[str]) -> list[tuple[str, int, int, Part]]:
    """(id, ticket, message, part) of every id that we sent or took in; newest first."""
    if not external_ids:
        return []
    rows = _KNOWN.rows(tx, {"channel": channel, "ids": list(external_ids)})
    return [(r.external_id, r.ticket, r.message, Part(r.part)) for r in rows]


def message(tx: Tx, id: int) -> Message:
    """One message with its attachments. Raises NotFound."""
    found = _messages(tx, messages.c.id == id)
    if not found:
        raise NotFound(phrase("There is no such message."))
    return found[0]


def first_words(tx: Tx, number: int) -> Message | None:
    """What the requester wrote first."""
    found = _messages(tx, messages.c.id == _first(number).scalar_subquery())
    return found[0] if found else None


def opening(tx: Tx, number: int) -> int:
    """The id of what the requester wrote first; 0 where there is nothing."""
    return tx.sql.execute(_first(number)).scalar() or 0


def _first(number: int) -> sa.Select[Any]:
    return sa.select(sa.func.min(messages.c.id)).where(messages.c.ticket == number, messages.c.part == Part.REQUESTER)


def last_reply(tx: Tx, number: int) -> Message | None:
    """The last answer of an agent, whatever became of it."""
    last = (
        sa.select(sa.func.max(messages.c.id))
        .where(messages.c.ticket == number, messages.c.part == Part.REPLY)
        .scalar_subquery()
    )
    found = _messages(tx, messages.c.id == last)
    return found[0] if found else None


def last_failed(tx: Tx, number: int) -> Message | None:
    """The last thing we said, where it did not arrive and nothing was said since."""
    last = (
        sa.select(sa.func.max(messages.c.id))
        .where(messages.c.ticket == number, messages.c.delivery.is_not(None), messages.c.delivery != Delivery.UNDONE)
        .scalar_subquery()
    )
    found = _messages(tx, sa.and_(messages.c.id == last, messages.c.delivery == Delivery.FAILED))
    return found[0] if found else None


def as_kept(copied: Sequence[Address] | None) -> list[tuple[str, str, str]] | None:
    """Who else a message is sent to, as its row has it."""
    return [(one.channel, one.address, one.name) for one in copied] if copied else None


def as_said(kept: Sequence[Sequence[str]] | None) -> tuple[Address, ...]:
    """Back from `as_kept`."""
    return tuple(Address(*one) for one in kept or ())


def copied_people(tx: Tx, number: int) -> list[Address]:
    """Whom the requester copied in, those of the latest message first, each once; whatever machines wrote aside."""
    rows = tx.sql.execute(
        sa.select(messages.c.copied)
        .where(
            messages.c.ticket == number,
            messages.c.part == Part.REQUESTER,
            messages.c.nature.in_(_OF_PEOPLE),
            messages.c.copied.is_not(None),
        )
        .order_by(messages.c.id.desc())
    ).scalars()
    found = [one for copied in rows for one in as_said(copied)]
    return list({one.address.casefold(): one for one in reversed(found)}.values())[::-1]


def copied_last(tx: Tx, number: int) -> list[str]:
    """Who got copies of our last answer that stands."""
    copied = tx.sql.execute(
        sa.select(messages.c.copied)
        .where(messages.c.ticket == number, messages.c.part == Part.REPLY, messages.c.delivery != Delivery.UNDONE)
        .order_by(messages.c.id.desc())
        .limit(1)
    ).scalar()
    return [one.address for one in as_said(copied)]


def is_copied(tx: Tx, number: int, address: str) -> bool:
    """Whether somebody got a copy of an answer of ours."""
    rows = tx.sql.execute(
        sa.select(messages.c.copied).where(
            messages.c.ticket == number,
            messages.c.part == Part.REPLY,
            messages.c.delivery != Delivery.UNDONE,
            messages.c.copied.is_not(None),
        )
    ).scalars()
    wanted = address.casefold()
    return any(one.address.casefold() == wanted for copied in rows for one in as_said(copied))


def last_heard(tx: Tx, number: int) -> int:
    """The id of the last message that a person wrote to us; 0 where there is none."""
    last = tx.sql.execute(
        sa.select(sa.func.max(messages.c.id)).where(
            messages.c.ticket == number, messages.c.part == Part.REQUESTER, messages.c.nature.in_(_OF_PEOPLE)
        )
    ).scalar()
    return last or 0


def conversation(tx: Tx, number: int) -> list[Message]:
    """Everything said in a ticket, oldest first."""
    return _messages(tx, messages.c.ticket == number)


def threading(tx: Tx, number: int) -> tuple[str | None, list[str]]:
    """What an answer points to: the requester's last id, and the chain of ids before it, oldest first."""
    row = _THREADING.first(tx, {"n": number})
    return (row.external_id, list(row.refs or ())) if row else (None, [])


_THREADING = Prepared(
    sa.select(messages.c.external_id, messages.c.refs)
    .where(
        messages.c.ticket == sa.bindparam("n"),
        messages.c.part == Part.REQUESTER,
        sa.or_(*(messages.c.nature == sa.literal_column(f"'{nature}'") for nature in _ANSWERABLE)),
        messages.c.external_id.is_not(None),
    )
    .order_by(messages.c.id.desc())
    .limit(1)
)


def set_message(tx: Tx, id: int, **values: Any) -> None:
    tx.sql.execute(messages.update().where(messages.c.id == id).values(**values))


def keep_version(tx: Tx, message: Message) -> None:
    """Keep the words that a message has, before it gets others."""
    before = sa.select(sa.func.count()).where(versions.c.message == message.id).scalar_subquery()
    row = {"message": message.id, "version": before + 1, "text": message.text, "until": tx.now}
    tx.sql.execute(versions.insert().values(row))


def raw(tx: Tx, id: int) -> Any:
    """The message's whole row."""
    return tx.sql.execute(sa.select(messages).where(messages.c.id == id)).one()


def record_outcomes(tx: Tx, message: int, outcomes: Sequence[Outcome]) -> None:
    """What the next hop said about each recipient; the last word about each stands."""
    rows = [{"message": message, "address": o.address, "code": o.code, "said": o.text, "at": tx.now} for o in outcomes]
    if rows:
        _OUTCOMES.run_each(tx, rows)


def _last_word(insert: Any) -> Any:
    statement = insert(deliveries)
    changed = {name: statement.excluded[name] for name in ("code", "said", "at")}
    return statement.on_conflict_do_update(index_elements=["message", "address"], set_=changed)


_OUTCOMES = Prepared(on_each(_last_word), columns=[c.name for c in deliveries.columns])


def outcomes(tx: Tx, message: int) -> list[Outcome]:
    rows = tx.sql.execute(sa.select(deliveries).where(deliveries.c.message == message).order_by(deliveries.c.address))
    return [Outcome(r.address, r.code, r.said) for r in rows]


def goes_out(tx: Tx, message: int) -> bool:
    """Whether there is such a message of ours, one that goes out."""
    part = tx.sql.execute(sa.select(messages.c.part).where(messages.c.id == message)).scalar()
    return part is not None and Part(part).goes_out


def expect_again(tx: Tx, message: int) -> None:
    """A message that was given up is to be sent after all; what was said of its recipients does not count any more."""
    tx.sql.execute(deliveries.delete().where(deliveries.c.message == message, deliveries.c.code >= 400))
    set_message(tx, message, delivery=Delivery.QUEUED, reason=None)


# Lists


MANY = 99
"""More of a list than are shown are counted up to here: nobody needs to know whether 5,000 wait or 6,000."""


class Line(NamedTuple):
    """A ticket in a list."""

    ticket: Ticket
    subject: str


class Page(NamedTuple):
    """The first lines of a list, and how many there are in all; of those that are not here, MANY + 1 count as all."""

    lines: tuple[Line, ...] = ()
    total: int = 0


def of_assignee(tx: Tx, agent: str, most: int) -> Page:
    """An agent's open tickets, oldest first."""
    return _page(tx, tickets.c.assignee == agent, (tickets.c.opened_at,), most)


def unclaimed(tx: Tx, queue: str, most: int) -> Page:
    """A queue's open tickets that nobody has taken: the most urgent first, of these the oldest."""
    waits = sa.and_(tickets.c.queue == queue, tickets.c.assignee.is_(None))
    return _page(tx, waits, (tickets.c.urgency.desc(), tickets.c.opened_at), most)


def _page(tx: Tx, condition: sa.ColumnElement[bool], order: Sequence[sa.ColumnElement[Any]], most: int) -> Page:
    those = (condition, tickets.c.status != sa.literal_column("'closed'"))
    rows = tx.sql.execute(sa.select(*_TICKET, tickets.c.subject).where(*those).order_by(*order).limit(most))
    lines = tuple(Line(_ticket(row), row.subject) for row in rows)
    if len(lines) < most:
        return Page(lines, len(lines))
    counted = sa.select(sa.literal(1)).where(*those).limit(most + MANY + 1).subquery()
    return Page(lines, tx.sql.execute(sa.select(sa.func.count()).select_from(counted)).scalar_one())


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


def look_at_pending(tx: Tx) -> None:
    """The rules of waiting have changed: every ticket that waits is to be looked at now."""
    tx.sql.execute(tickets.update().where(tickets.c.status == Status.PENDING).values(due=tx.now))


def due_by(tx: Tx, now: datetime, most: int) -> list[int]:
    """Tickets that time has something to say about, the longest due first."""
    query = sa.select(tickets.c.number).where(tickets.c.due.is_not(None), tickets.c.due <= now)
    return list(tx.sql.execute(query.order_by(tickets.c.due).limit(most)).scalars())


def set_due(tx: Tx, number: int, due: datetime | None) -> None:
    """When to look at it next, where nothing has happened to it now."""
    tx.sql.execute(tickets.update().where(tickets.c.number == number).values(due=due))


def next_due(tx: Tx) -> datetime | None:
    return tx.sql.execute(sa.select(sa.func.min(tickets.c.due)).where(tickets.c.due.is_not(None))).scalar()


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


def _messages(tx: Tx, condition: sa.ColumnElement[bool]) -> list[Message]:
    rows = tx.sql.execute(sa.select(messages).where(condition).order_by(messages.c.id)).all()
    kept: dict[int, list[Attachment]] = {}
    if rows:
        ids = [row.id for row in rows]
        files = tx.sql.execute(
            sa.select(attachments).where(attachments.c.message.in_(ids)).order_by(attachments.c.position)
        )
        for f in files:
            kept.setdefault(f.message, []).append(Attachment(f.name, f.type, f.size, f.digest, f.cid))
    return [
        Message(
            id=row.id,
            ticket=row.ticket,
            part=Part(row.part),
            text=row.text,
            at=row.at,
            author=row.author,
            author_name=row.author_name,
            reply_text=row.reply_text,
            nature=Nature(row.nature),
            external_id=row.external_id,
            delivery=Delivery(row.delivery) if row.delivery else None,
            reason=row.reason,
            template=row.template,
            language=row.language,
            send_at=row.send_at,
            edited_at=row.edited_at,
            deleted_at=row.deleted_at,
            attachments=tuple(kept.get(row.id, ())),
            copied=as_said(row.copied),
        )
        for row in rows
    ]


def _facts(event: Event) -> dict[str, Any]:
    """An event's facts as JSON: times as microseconds since 1970, absent ones left out."""
    facts: dict[str, Any] = {}
    for f in fields(event):
        value = getattr(event, f.name)
        if f.name == "at" or value is None:
            continue
        facts[f.name] = (value - EPOCH) // timedelta(microseconds=1) if isinstance(value, datetime) else value
    return facts


_TIMES = {"first_replied_at", "replied_at", "pending_at", "reminded_at", "closed_at"}


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
    return HAPPENINGS[kind](at=at, **values)
