"""Files that agents put where they are, a note's or a window's: what there is of each, and its bytes once fetched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import attachments, handed_files
from core.storage.statements import on_each


class Handed(NamedTuple):
    """A file of an agent's. `id` is the workspace's, and its own for it; `digest` None: its bytes lie there only."""

    id: str
    name: str
    type: str
    size: int
    digest: str | None = None


_HANDED = [handed_files.c[name] for name in Handed._fields]


def keep(tx: Tx, number: int, files: Sequence[Handed], note: int | None = None) -> None:
    """Know of these from now on; of one known already its digest is learnt."""
    rows = [{**file._asdict(), "ticket": number, "note": note, "at": tx.now} for file in files]
    if rows:
        tx.sql.execute(_KEEP[tx.pg], rows)


def _keep(insert: Any) -> Any:
    statement = insert(handed_files)
    changed = {name: statement.excluded[name] for name in ("name", "type", "size")}
    changed["digest"] = sa.func.coalesce(statement.excluded.digest, handed_files.c.digest)
    same = handed_files.c.ticket == statement.excluded.ticket
    return statement.on_conflict_do_update(index_elements=["id"], set_=changed, where=same)


_KEEP = on_each(_keep)


def of_ticket(tx: Tx, number: int, most: int) -> list[Handed]:
    """The last ones of a ticket, newest first."""
    newest = (handed_files.c.at.desc(), handed_files.c.id)
    rows = tx.sql.execute(sa.select(*_HANDED).where(handed_files.c.ticket == number).order_by(*newest).limit(most))
    return [Handed(*row) for row in rows]


def these(tx: Tx, number: int, ids: Sequence[str]) -> list[Handed]:
    """Those of a ticket with these ids, in their order, each once; another ticket's are nobody's here."""
    rows = tx.sql.execute(sa.select(*_HANDED).where(handed_files.c.ticket == number, handed_files.c.id.in_(list(ids))))
    found = {row.id: Handed(*row) for row in rows}
    return [found[id] for id in dict.fromkeys(ids) if id in found]


def attached_to(tx: Tx, number: int, message: int) -> list[str]:
    """The ids of those that a message takes along."""
    rows = tx.sql.execute(
        sa.select(handed_files.c.id)
        .where(
            handed_files.c.ticket == number,
            sa.exists().where(
                attachments.c.message == message,
                attachments.c.digest == handed_files.c.digest,
                attachments.c.name == handed_files.c.name,
            ),
        )
        .order_by(handed_files.c.at, handed_files.c.id)
    )
    return list(rows.scalars())


def forget_note(tx: Tx, note: int) -> None:
    """A note was deleted, and what came with it."""
    tx.sql.execute(handed_files.delete().where(handed_files.c.note == note))
