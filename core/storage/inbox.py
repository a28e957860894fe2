"""What came in, as it came: kept first, understood later, never lost, replayable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects import postgresql

from core.effects import Job
from core.phrases import Conflict, phrase
from core.storage import ledger
from core.storage.database import Tx
from core.storage.schema import blobs, inbox, jobs
from core.storage.statements import Prepared, on_each

OPEN = ("received", "admitted")
"""The states of what is to be understood yet; "admitted": and to be heard, for a person has let it in."""


class Piece(NamedTuple):
    """One thing that came in. `envelope` is what the channel says about it; its bytes, if any, lie under `digest`."""

    id: int
    channel: str
    key: str
    envelope: Mapping[str, Any]
    digest: str | None
    at: datetime
    state: str
    reason: str | None
    message: int | None


def take_in(
    tx: Tx, channel: str, key: str, envelope: Mapping[str, Any], digest: str, raw: bytes, job: Callable[[int], Job]
) -> int | None:
    """Keep what came in with its bytes, and ask for `job` of its number; None where it is here already.

    On PostgreSQL in one statement: a sender waits for it, and each would be a journey to the server and back.
    """
    if not tx.pg:
        tx.blobs.put(tx, raw, digest)
        id = keep(tx, channel, key, envelope, digest)
        if id is not None:
            ledger.add(tx, [job(id)])
        return id
    row = ledger.row_of(tx, job(0))
    assert row["facts"] == {"inbox": 0}, "the statement writes the number, and nothing else"
    piece = {"channel": channel, "piece_key": key, "envelope": dict(envelope), "digest": digest, "at": tx.now}
    id = _TAKE_IN.value(tx, {**row, **piece, "size": len(raw), "content": raw})
    if id is not None:
        tx.wake(row["destination"], row["due"])
    return id


def _take_in() -> Any:
    said = {
        inbox.c.channel: "channel",
        inbox.c.key: "piece_key",
        inbox.c.envelope: "envelope",
        inbox.c.digest: "digest",
        inbox.c.at: "at",
    }
    values: dict[Any, Any] = {column: sa.bindparam(name, type_=column.type) for column, name in said.items()}
    kept = (
        postgresql.insert(inbox)
        .values({**values, inbox.c.state: sa.literal_column("'received'")})
        .on_conflict_do_nothing(index_elements=["channel", "key"])
        .returning(inbox.c.id)
        .cte("kept")
    )
    shelf = [blobs.c.digest, blobs.c.size, blobs.c.content]
    shelved = (
        postgresql.insert(blobs)
        .from_select(shelf, sa.select(*(sa.bindparam(c.name, type_=c.type) for c in shelf)).select_from(kept))
        .on_conflict_do_nothing(index_elements=["digest"])
        .cte("shelved")
    )
    facts = sa.func.jsonb_build_object(sa.literal_column("'inbox'"), kept.c.id)
    asked = (
        jobs.insert()
        .from_select(
            [*ledger.ASKED],
            sa.select(
                *(facts if name == "facts" else sa.bindparam(name, type_=jobs.c[name].type) for name in ledger.ASKED)
            ).select_from(kept),
        )
        .cte("asked")
    )
    return sa.select(kept.c.id).add_cte(shelved, asked)


_TAKE_IN = Prepared(_take_in())


def keep(tx: Tx, channel: str, key: str, envelope: Mapping[str, Any], digest: str | None) -> int | None:
    """Keep what came in under the channel's own key; None where it is here already: twice is once."""
    return _KEEP.value(
        tx,
        {
            "channel": channel,
            "key": key,
            "envelope": dict(envelope),
            "digest": digest,
            "at": tx.now,
            "state": "received",
        },
    )


_KEEP = Prepared(
    on_each(
        lambda insert: insert(inbox).on_conflict_do_nothing(index_elements=["channel", "key"]).returning(inbox.c.id)
    ),
    columns=("channel", "key", "envelope", "digest", "at", "state"),
)

_GET = Prepared(sa.select(*(inbox.c[name] for name in Piece._fields)).where(inbox.c.id == sa.bindparam("piece")))


def get(tx: Tx, id: int) -> Piece | None:
    row = _GET.first(tx, {"piece": id})
    return Piece(*row) if row else None


def settle(tx: Tx, id: int, state: str, reason: str | None = None, message: int | None = None) -> bool:
    """Say what became of what was received, or admitted. False where that was said already."""
    said = {"piece": id, "state": state, "reason": reason, "message": message}
    return _SETTLE.first(tx, said) is not None


_SETTLE = Prepared(
    inbox.update()
    .where(
        inbox.c.id == sa.bindparam("piece"),
        sa.or_(*(inbox.c.state == sa.literal_column(f"'{state}'") for state in OPEN)),
    )
    .values(state=sa.bindparam("state"), reason=sa.bindparam("reason"), message=sa.bindparam("message"))
    .returning(inbox.c.id)
)


class Heard(NamedTuple):
    """A delivery that is being heard; `first` is the one that it repeats."""

    first: int | None


def hear(tx: Tx, id: int, likeness: str) -> Heard | None:
    """Say that a delivery is heard now; None where that was said already. Nothing but the first of those alike keeps
    its likeness, which is unique: of two that are heard at the same time the second is tried anew (Conflict).
    """
    try:
        row = _HEAR.first(tx, {"piece": id, "alike": likeness or None})
    except exc.IntegrityError as error:
        raise Conflict(phrase("The same mail is being heard just now.")) from error
    return Heard(row.first) if row else None


def _hear() -> Any:
    others = inbox.alias("others")
    alike = sa.bindparam("alike", type_=sa.String)
    first = (
        sa.select(others.c.id)
        .where(others.c.likeness == alike, others.c.id != sa.bindparam("piece"))
        .limit(sa.literal_column("1"))
        .scalar_subquery()
    )
    return (
        inbox.update()
        .where(
            inbox.c.id == sa.bindparam("piece"),
            sa.or_(*(inbox.c.state == sa.literal_column(f"'{state}'") for state in OPEN)),
        )
        .values(
            state=sa.literal_column("'done'"),
            reason=sa.null(),
            likeness=sa.case((first.is_(None), alike), else_=sa.null()),
            first=first,
        )
        .returning(inbox.c.first)
    )


_HEAR = Prepared(_hear())


def first_of(tx: Tx, id: int) -> int | None:
    """The delivery that this one repeats."""
    return tx.sql.execute(sa.select(inbox.c.first).where(inbox.c.id == id)).scalar()


def take_place(tx: Tx, id: int, first: int, likeness: str) -> None:
    """From now on this delivery is the first of those alike."""
    tx.sql.execute(inbox.update().where(inbox.c.id == first).values(likeness=None))
    tx.sql.execute(inbox.update().where(inbox.c.id == id).values(likeness=likeness, first=None))


def repeat(tx: Tx, id: int, first: int, message: int | None, reason: str) -> None:
    """This delivery says what another one said already."""
    said = {"state": "done", "reason": reason, "message": message, "first": first, "likeness": None}
    tx.sql.execute(inbox.update().where(inbox.c.id == id).values(said))


def acts_like(tx: Tx, beginning: str, but: int) -> list[Piece]:
    """Agents' acts whose keys begin so, but one; oldest first."""
    from_here, to_here = ("~>=~", "~<=~") if tx.pg else (">=", "<=")  # by letters' numbers, as the index is sorted
    alike = sa.and_(inbox.c.key.bool_op(from_here)(beginning), inbox.c.key.bool_op(to_here)(beginning + "\U0010ffff"))
    rows = tx.sql.execute(
        sa.select(*(inbox.c[name] for name in Piece._fields))
        .where(inbox.c.channel == sa.literal_column("'act'"), alike, inbox.c.id != but)
        .order_by(inbox.c.id)
    )
    return [Piece(*row) for row in rows]


def receive_again(tx: Tx, id: int) -> bool:
    """Back to where it was when it came in. Only what was kept out can be received again."""
    row = tx.sql.execute(
        inbox.update()
        .where(inbox.c.id == id, inbox.c.state.in_(("suspended", "unreadable")))
        .values(state="received", reason=None)
        .returning(inbox.c.id)
    ).first()
    return row is not None


def admit(tx: Tx, id: int) -> bool:
    """Back to where it was when it came in, and to be let in whatever it is. False where it is not suspended."""
    row = tx.sql.execute(
        inbox.update()
        .where(inbox.c.id == id, inbox.c.state == "suspended")
        .values(state="admitted")
        .returning(inbox.c.id)
    ).first()
    return row is not None


def kept_out(tx: Tx, most: int = 100) -> list[Piece]:
    """What was kept and not let in, newest first, with its reasons."""
    rows = tx.sql.execute(
        sa.select(*(inbox.c[name] for name in Piece._fields))
        .where(inbox.c.state.in_(("suspended", "unreadable")))
        .order_by(inbox.c.id.desc())
        .limit(most)
    )
    return [Piece(*row) for row in rows]


def count_kept_out(tx: Tx) -> int:
    """How many there are of them, however many are shown."""
    query = sa.select(sa.func.count()).select_from(inbox).where(inbox.c.state.in_(("suspended", "unreadable")))
    return tx.sql.execute(query).scalar_one()


def suspend(tx: Tx, id: int, reason: str) -> None:
    """It was settled in this very transaction; now it turns out that it is not let in."""
    tx.sql.execute(inbox.update().where(inbox.c.id == id).values(state="suspended", reason=reason))


def forget_acts(tx: Tx, before: datetime) -> int:
    """Agents' acts that were answered before this; customers' words stay."""
    gone = tx.sql.execute(
        inbox.delete()
        .where(inbox.c.channel == "act", inbox.c.state == "done", inbox.c.at < before)
        .returning(inbox.c.id)
    )
    return len(gone.all())
