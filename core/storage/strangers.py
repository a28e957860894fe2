"""Who wrote into tickets without taking part in them: their words, what was decided, and where their cards stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.messages import among_messages
from core.storage.schema import known_ids, messages, people, strangers
from core.storage.statements import Prepared, on_each
from core.tickets.joining import Standing, Stranger
from core.tickets.model import Message, Part


class Place(NamedTuple):
    """Where a stranger's card stands: in which thread of which room. `face` is the digest of what it showed last."""

    team: str
    room: str
    thread: str
    ts: str
    face: str


_FIELDS = [strangers.c[name] for name in Stranger._fields]
_FIND = Prepared(
    sa.select(*_FIELDS).where(
        strangers.c.ticket == sa.bindparam("in_ticket"), strangers.c.person == sa.bindparam("who")
    )
)


def find(tx: Tx, ticket: int, person: int) -> Stranger | None:
    row = _FIND.first(tx, {"in_ticket": ticket, "who": person})
    return _stranger(row) if row else None


def hold(tx: Tx, ticket: int, person: int, how: str, door: str, answer_to: str, acknowledged: bool) -> None:
    """Words of theirs wait from now on, where none did already. What was decided of them stands."""
    said = {"ticket": ticket, "person": person, "how": how, "door": door, "answer_to": answer_to}
    _HOLD.run(tx, {**said, "acknowledged": acknowledged, "standing": Standing.UNDECIDED.value, "waits_since": tx.now})


def _to_hold(insert: Any) -> Any:
    statement = insert(strangers)
    known = ("how", "door", "answer_to", "acknowledged")
    changed: dict[str, Any] = {name: statement.excluded[name] for name in known}
    changed["waits_since"] = sa.func.coalesce(strangers.c.waits_since, statement.excluded.waits_since)
    return statement.on_conflict_do_update(index_elements=["ticket", "person"], set_=changed)


_HOLD = Prepared(
    on_each(_to_hold),
    columns=["ticket", "person", "standing", "how", "door", "answer_to", "acknowledged", "waits_since"],
)


def decide(tx: Tx, stranger: Stranger, standing: Standing, by: str, own: int | None) -> None:
    """What was decided of them; nothing of theirs waits any more."""
    values = {"standing": standing.value, "decided_by": by, "decided_at": tx.now, "own": own, "waits_since": None}
    tx.sql.execute(strangers.update().where(_is(stranger.ticket, stranger.person)).values(values))


def follow(tx: Tx, person: int, old: int, new: int) -> None:
    """Somebody has this new ticket now: where they were turned away, what they write goes there from now on."""
    had = sa.or_(
        strangers.c.own == old,
        sa.and_(strangers.c.ticket == old, strangers.c.standing == Standing.OUT, strangers.c.own.is_(None)),
    )
    tx.sql.execute(strangers.update().where(strangers.c.person == person, had).values(own=new))


def waiting(tx: Tx, ticket: int, most: int) -> list[Stranger]:
    """Those of a ticket whose words wait, the longest first."""
    waits = sa.select(*_FIELDS).where(strangers.c.ticket == ticket, strangers.c.waits_since.is_not(None))
    rows = tx.sql.execute(waits.order_by(strangers.c.waits_since, strangers.c.person).limit(most))
    return [_stranger(row) for row in rows]


def decided(tx: Tx, ticket: int) -> list[tuple[Stranger, str]]:
    """Who was let in or turned away, with what they call themselves; the latest first."""
    those = sa.and_(strangers.c.ticket == ticket, strangers.c.standing != Standing.UNDECIDED)
    rows = tx.sql.execute(
        sa.select(*_FIELDS, people.c.name)
        .join(people, people.c.id == strangers.c.person)
        .where(those)
        .order_by(strangers.c.decided_at.desc())
    )
    return [(_stranger(row), row.name) for row in rows]


def names(tx: Tx, ticket: int) -> dict[int, str]:
    """What they call themselves."""
    rows = tx.sql.execute(
        sa.select(people.c.id, people.c.name)
        .join(strangers, strangers.c.person == people.c.id)
        .where(strangers.c.ticket == ticket)
    )
    return {row.id: row.name for row in rows}


# Their words


def held(tx: Tx, ticket: int, person: int, last: int | None = None) -> list[Message]:
    """What of theirs waits, oldest first: all of it, or the `last` ones."""
    waits = _held(ticket, person)
    if last is None:
        return among_messages(tx, waits)
    newest = sa.select(messages.c.id).where(waits).order_by(messages.c.id.desc()).limit(last)
    return among_messages(tx, messages.c.id.in_(list(tx.sql.execute(newest).scalars())))


def count_held(tx: Tx, ticket: int, person: int) -> int:
    return tx.sql.execute(sa.select(sa.func.count()).select_from(messages).where(_held(ticket, person))).scalar_one()


def _held(ticket: int, person: int) -> sa.ColumnElement[bool]:
    """What came since they wait. What was there when they were blocked stays what a stranger wrote, and is over."""
    since = sa.select(strangers.c.waits_since).where(_is(ticket, person)).scalar_subquery()
    theirs = sa.and_(messages.c.ticket == ticket, messages.c.person == person, messages.c.part == Part.STRANGER)
    return sa.and_(theirs, messages.c.at >= since)


def written(tx: Tx, message: int) -> Any:
    """Of a message what only its row has: the subject, and the ids that it answers."""
    columns = (messages.c.subject, messages.c.in_reply_to, messages.c.refs, messages.c.nature)
    return tx.sql.execute(sa.select(*columns).where(messages.c.id == message)).one()


def hear(tx: Tx, said: Sequence[int], ticket: int) -> None:
    """Their words are those of somebody who takes part, in this ticket: it is what answers to them find."""
    tx.sql.execute(messages.update().where(messages.c.id.in_(said)).values(part=Part.REQUESTER, ticket=ticket))
    tx.sql.execute(known_ids.update().where(known_ids.c.message.in_(said)).values(ticket=ticket))


# Where their cards stand


def place_of(tx: Tx, ticket: int, person: int) -> Place | None:
    columns = [strangers.c[name] for name in Place._fields]
    row = tx.sql.execute(sa.select(*columns).where(_is(ticket, person))).one_or_none()
    return Place(*row) if row and row.ts else None


def unseen(tx: Tx, ticket: int, most: int) -> list[int]:
    """Of the first `most` whose words wait, those without a card in the thread."""
    waits = sa.select(strangers.c.person, strangers.c.ts).where(
        strangers.c.ticket == ticket, strangers.c.waits_since.is_not(None)
    )
    rows = tx.sql.execute(waits.order_by(strangers.c.waits_since, strangers.c.person).limit(most))
    return [row.person for row in rows if row.ts is None]


def keep_place(tx: Tx, ticket: int, person: int, place: Place) -> None:
    tx.sql.execute(strangers.update().where(_is(ticket, person)).values(place._asdict()))


def _is(ticket: int, person: int) -> sa.ColumnElement[bool]:
    return sa.and_(strangers.c.ticket == ticket, strangers.c.person == person)


def _stranger(row: Any) -> Stranger:
    return Stranger(
        **{name: getattr(row, name) for name in Stranger._fields if name != "standing"}, standing=Standing(row.standing)
    )
