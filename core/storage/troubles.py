"""What went wrong where nobody sees it, for each supervisor until they are told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa

from core.phrases import Phrase, as_kept, as_said
from core.storage.database import Tx
from core.storage.inbox import LISTED
from core.storage.ledger import State
from core.storage.schema import KEPT_OUT, inbox, jobs, troubles


class Trouble(NamedTuple):
    """`ticket` is the one it is about, `job` the one that was given up, `command` what an operator types.

    `held`: that mail waits for somebody to look at it; it stands for all such mail.
    """

    said: Phrase
    ticket: int | None = None
    job: int | None = None
    command: str | None = None
    held: bool = False


class Untold(NamedTuple):
    """The first troubles that a supervisor has not been told of, how many there are, and where they end.

    First come those that are told nowhere else, then the oldest.
    """

    first: list[Trouble]
    total: int
    end: int


def add(tx: Tx, supervisors: Iterable[str], trouble: Trouble) -> None:
    said = as_kept(trouble.said)
    rows = [{**trouble._asdict(), "said": said, "supervisor": name, "at": tx.now} for name in supervisors]
    if rows:
        tx.sql.execute(troubles.insert(), rows)


def add_held(tx: Tx, supervisors: Iterable[str], said: Phrase) -> None:
    """That mail waits for somebody: once for each supervisor until they are told."""
    known = tx.sql.execute(sa.select(troubles.c.supervisor).where(troubles.c.held)).scalars().all()
    add(tx, [name for name in supervisors if name not in known], Trouble(said, held=True))


def untold(tx: Tx, supervisor: str, most: int) -> Untold:
    """What is not so any more, because somebody had the job tried again or looked at the mail, is left out."""
    mine = troubles.c.supervisor == supervisor
    stands = sa.exists(sa.select(1).where(jobs.c.id == troubles.c.job, jobs.c.state == State.GIVEN_UP))
    waits = sa.exists(sa.select(1).where(inbox.c.state.in_(KEPT_OUT), inbox.c.state.in_(LISTED)))
    job_stands = sa.or_(troubles.c.job.is_(None), stands)
    true = sa.and_(mine, job_stands, sa.or_(troubles.c.held.is_(False), waits))
    columns = (troubles.c.said, troubles.c.ticket, troubles.c.job, troubles.c.command, troubles.c.held)
    order = (troubles.c.command.is_not(None), troubles.c.id)
    rows = tx.sql.execute(sa.select(*columns).where(true).order_by(*order).limit(most))
    first = [Trouble(as_said(row.said), *row[1:]) for row in rows]
    total = tx.sql.execute(sa.select(sa.func.count()).select_from(troubles).where(true)).scalar_one()
    end = tx.sql.execute(sa.select(sa.func.max(troubles.c.id)).where(mine)).scalar()
    return Untold(first, total, end or 0)


def forget(tx: Tx, supervisor: str, end: int) -> None:
    """They have been told of these."""
    tx.sql.execute(troubles.delete().where(troubles.c.supervisor == supervisor, troubles.c.id <= end))
