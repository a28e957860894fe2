"""Who was found to be one person, or not to be. Nothing is moved by it: what belonged to whom stays with them, so that
taking it back gives back everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from core.phrases import NotFound, phrase
from core.storage.database import Tx
from core.storage.people import members, people_of
from core.storage.schema import people, unions
from core.tickets.persons import Proof, Verdict, together


class Union(NamedTuple):
    """Two who are one person, or are not (`verdict`), as far as it stands; by whom and why it was said, and when."""

    id: int
    one: int
    other: int
    verdict: Verdict
    proof: Proof
    by: str
    at: datetime


_UNION = (unions.c.id, unions.c.one, unions.c.other, unions.c.verdict, unions.c.proof, unions.c.by, unions.c.at)
_STANDS = unions.c.undone_at.is_(None)


def find(tx: Tx, one: int, other: int, verdict: Verdict, proof: Proof, by: str) -> int:
    """Two are one person from now on, or certainly are not. The number to take it back by."""
    _alone(tx)
    row = {"one": one, "other": other, "verdict": verdict.value, "proof": proof.value, "by": by, "at": tx.now}
    id = tx.sql.execute(unions.insert().values(row).returning(unions.c.id)).scalar_one()
    if verdict is Verdict.ONE:
        _put_together(tx, one, other)
    return id


def take_back(tx: Tx, id: int, by: str) -> Union:
    """It does not stand any more. Raises NotFound where it does not already."""
    _alone(tx)
    found = next(iter(_unions(tx, sa.and_(unions.c.id == id, _STANDS))), None)
    if found is None:
        raise NotFound(phrase("That was taken back already."))
    tx.sql.execute(unions.update().where(unions.c.id == id).values(undone_by=by, undone_at=tx.now))
    if found.verdict is Verdict.ONE:
        _put_together(tx, found.one, found.other)
    return found


def standing(tx: Tx, person: int) -> list[Union]:
    """By what those who are one person with somebody are so, and whom they certainly are not; in the order of that."""
    theirs = members(person)
    return _unions(tx, sa.and_(_STANDS, sa.or_(unions.c.one.in_(theirs), unions.c.other.in_(theirs))))


def _unions(tx: Tx, condition: sa.ColumnElement[bool]) -> list[Union]:
    rows = tx.sql.execute(sa.select(*_UNION).where(condition).order_by(unions.c.id))
    return [Union(r.id, r.one, r.other, Verdict(r.verdict), Proof(r.proof), r.by, r.at) for r in rows]


def _put_together(tx: Tx, one: int, other: int) -> None:
    """Write down anew who is one person with whom, as it stands, among those whom it may concern."""
    concerned = people_of(tx, one) | people_of(tx, other)
    among = sa.and_(_STANDS, unions.c.verdict == Verdict.ONE.value, unions.c.one.in_(concerned))
    found = together(concerned, [(union.one, union.other) for union in _unions(tx, among)])
    sizes: dict[int, int] = {}
    for whole in found.values():
        sizes[whole] = sizes.get(whole, 0) + 1
    _write(tx, [(person, whole if sizes[whole] > 1 else None) for person, whole in sorted(found.items())])


def _write(tx: Tx, wholes: Sequence[tuple[int, int | None]]) -> None:
    for person, whole in wholes:
        tx.sql.execute(people.update().where(people.c.id == person).values(whole=whole))


def _alone(tx: Tx) -> None:
    """Of several transactions that say who is one person, each sees what the one before it said."""
    if tx.pg:
        tx.sql.execute(sa.text("lock table unions in share row exclusive mode"))
