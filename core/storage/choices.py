"""Of what came in without saying what it is about: what its writer was asked, and what they chose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.storage.database import Tx
from core.storage.schema import choices


class Choice(NamedTuple):
    """Asked `at`, with these tickets to choose from; `chosen`: one of them, 0 for a new one, None for nothing yet."""

    options: tuple[int, ...]
    at: datetime
    chosen: int | None


def asked(tx: Tx, piece: int, place: str, options: Sequence[int]) -> None:
    """Its writer is asked now."""
    row = {"inbox": piece, "place": place, "options": list(options), "at": tx.now, "chosen": None}
    tx.sql.execute((postgresql.insert if tx.pg else sqlite.insert)(choices).on_conflict_do_nothing(), row)


def of(tx: Tx, piece: int) -> Choice | None:
    """What was asked about it."""
    row = tx.sql.execute(sa.select(choices).where(choices.c.inbox == piece)).first()
    return Choice(tuple(row.options), row.at, row.chosen) if row else None


def choose(tx: Tx, piece: int, place: str, number: int) -> None:
    """Somebody chose, in the place where they were asked; the first choice stands."""
    known = of(tx, piece)
    if known is None or (number and number not in known.options):
        return
    here = (choices.c.inbox == piece, choices.c.place == place, choices.c.chosen.is_(None))
    tx.sql.execute(choices.update().where(*here).values(chosen=number))
