"""What is understood of tickets, what agents said instead, and what was learnt from that: rows to values and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.routing.kept import as_kept, as_said
from core.routing.minds import Read, Taught
from core.routing.reasons import Reason
from core.routing.understood import Understood
from core.storage.database import Tx
from core.storage.messages import first_words_of
from core.storage.schema import examples, messages, minds, signals, tickets
from core.storage.statements import Prepared, on_each


@dataclass(frozen=True, slots=True)
class Signals:
    """What is understood of a ticket. `corrected` is what an agent said instead, by question."""

    message: int
    found: Understood
    topic_reasons: tuple[Reason, ...]
    corrected: Mapping[str, Any]
    likeness: str
    raw: bytes | None = None
    mind: int | None = None


def of(tx: Tx, number: int) -> Signals | None:
    """None where nothing was understood yet."""
    row = _OF.first(tx, {"number": number})
    if row is None:
        return None
    found, reasons = as_said(row.found)
    return Signals(row.message, found, reasons, row.corrected, row.likeness, row.raw, row.mind)


_OF = Prepared(sa.select(signals).where(signals.c.ticket == sa.bindparam("number")))


def keep(tx: Tx, number: int, message: int, read: Read, likeness: str, mind: int | None) -> None:
    """What is understood now; what an agent said stays."""
    row: dict[str, Any] = {
        "ticket": number,
        "message": message,
        "at": tx.now,
        "found": as_kept(read.understood, read.topic_reasons),
        "corrected": dict[str, Any](),
        "likeness": likeness,
        "raw": read.raw or None,
        "mind": mind,
    }
    _KEEP.run(tx, row)


def _keep(insert: Any) -> Any:
    statement = insert(signals)
    names = ("message", "at", "found", "likeness", "raw", "mind")
    return statement.on_conflict_do_update(
        index_elements=["ticket"], set_={name: statement.excluded[name] for name in names}
    )


_KEEP = Prepared(on_each(_keep), columns=[column.name for column in signals.columns])


def correct(tx: Tx, number: int, corrected: Mapping[str, Any]) -> None:
    """What agents say of it, all in all."""
    tx.sql.execute(signals.update().where(signals.c.ticket == number).values(corrected=dict(corrected)))


# Examples


def teach(tx: Tx, number: int, known: Signals, answers: Mapping[str, str], by: str) -> None:
    """An agent says how it is of a ticket's words. What was said of them before is one with it, and is new again."""
    mine = examples.c.ticket == number
    before: Mapping[str, str] = tx.sql.execute(sa.select(examples.c.answers).where(mine)).scalar() or {}
    tx.sql.execute(examples.delete().where(mine))
    row: dict[str, Any] = {
        "ticket": number,
        "likeness": known.likeness,
        "answers": {**before, **answers},
        "language": known.found.language,
        "raw": known.raw,
        "by": by,
        "at": tx.now,
    }
    tx.sql.execute(examples.insert().values(row))


def same(tx: Tx, likeness: str) -> dict[str, str]:
    """What agents said last of exactly these words."""
    return dict(_SAME.value(tx, {"likeness": likeness}) or {})


_SAME = Prepared(
    sa.select(examples.c.answers)
    .where(examples.c.likeness == sa.bindparam("likeness"))
    .order_by(examples.c.id.desc())
    .limit(1)
)


def taught(tx: Tx, after: int, most: int) -> list[Taught]:
    """What agents said since an example, the newest first, with the words that it is about."""
    return [
        Taught(f"{row.subject}\n{row.reply_text or row.text}".strip(), row.language, row.answers, 1.0, row.raw)
        for row in _TAUGHT.rows(tx, {"after": after, "most": most})
    ]


_TAUGHT = Prepared(
    sa.select(examples, tickets.c.subject, messages.c.reply_text, messages.c.text)
    .join(tickets, tickets.c.number == examples.c.ticket)
    .join(messages, messages.c.id == first_words_of(examples.c.ticket))
    .where(examples.c.id > sa.bindparam("after"))
    .order_by(examples.c.id.desc())
    .limit(sa.bindparam("most", type_=sa.Integer))
)


def last_example(tx: Tx) -> int:
    """The number of the newest; 0 where there is none."""
    return tx.sql.execute(sa.select(sa.func.max(examples.c.id))).scalar() or 0


# What was learnt


class Mind(NamedTuple):
    """A version of what was learnt. `chosen`: its place among those that were put in force; None: it never was.

    `chosen_by` None: the desk did so by itself.
    """

    version: int
    at: datetime
    mark: str
    examples: int
    upto: int
    quality: Mapping[str, Any]
    chosen: int | None
    chosen_by: str | None


_MIND = [minds.c[name] for name in Mind._fields]


def in_force(tx: Tx) -> Mind | None:
    """What messages are read with; None: nothing was learnt yet."""
    row = _IN_FORCE.first(tx, {})
    return Mind(*row) if row else None


_IN_FORCE = Prepared(sa.select(*_MIND).where(minds.c.chosen.is_not(None)).order_by(minds.c.chosen.desc()).limit(1))


def newest(tx: Tx, most: int) -> list[Mind]:
    """The newest versions, the last first."""
    return [Mind(*row) for row in tx.sql.execute(sa.select(*_MIND).order_by(minds.c.version.desc()).limit(most))]


def mind(tx: Tx, version: int) -> bytes | None:
    """A version as it is kept."""
    return tx.sql.execute(sa.select(minds.c.kept).where(minds.c.version == version)).scalar()


def keep_mind(tx: Tx, row: Mapping[str, Any]) -> int:
    """Keep what was learnt. Its version."""
    return tx.sql.execute(minds.insert().values(**row, at=tx.now).returning(minds.c.version)).scalar_one()


def choose(tx: Tx, version: int, by: str | None) -> None:
    """Messages are read with this version from now on."""
    last = tx.sql.execute(sa.select(sa.func.max(minds.c.chosen))).scalar() or 0
    tx.sql.execute(minds.update().where(minds.c.version == version).values(chosen=last + 1, chosen_by=by))


def forget_minds(tx: Tx, kept: Sequence[int]) -> None:
    """Only these versions are wanted any more."""
    tx.sql.execute(minds.delete().where(minds.c.version.not_in(list(kept))))
