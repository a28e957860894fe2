"""How much waits, where, and since when. Counts and times only: nothing that anybody wrote, and nobody's address."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from core.storage import sources, tallies
from core.storage.database import Tx
from core.storage.schema import (
    IS_KEPT_OUT,
    KEPT_OUT,
    cursors,
    fetched,
    inbox,
    jobs,
    leases,
    paces,
    relays,
    suppressed,
    tickets,
    troubles,
)
from core.tickets.tallies import Tally

_READER, _STREAM, _RELAY = "imap:", "stream:", "relay:"


class Waiting(NamedTuple):
    """What is to be done at one destination. `oldest`: when the first was asked for; `due`: since when, or from when
    on, one could be done, None where all are being done; `failed`: how many were tried in vain already.
    """

    destination: str
    jobs: int
    failed: int
    oldest: datetime
    due: datetime | None


class Folder(NamedTuple):
    """A folder of a mailbox on another server. `late`: mails that its server could not give yet."""

    mailbox: str
    folder: str
    looked_at: datetime | None
    late: int


class Relay(NamedTuple):
    """A server that takes our mail. `resting_until`: nobody asks it before then; `spoke_at`: when it said last how
    much it takes.
    """

    name: str
    resting_until: datetime | None
    spoke_at: datetime | None


class Source(NamedTuple):
    """A partner who brings messages, by our name of it. `failing_since`: its webhooks are not taken."""

    name: str
    failing_since: datetime | None


class Heap(NamedTuple):
    """How many of something there are, and the oldest."""

    many: int
    oldest: datetime | None


class Figures(NamedTuple):
    """All of it, at one moment."""

    at: datetime
    waiting: list[Waiting]
    given_up: dict[str, int]  # jobs, by kind
    kept_out: dict[str, int]  # of what came in, by state: every state is there
    strangers: Heap  # tickets with words that wait for a decision
    overdue: Heap  # tickets that time had something to say about
    untold: Heap  # what supervisors are to hear
    suppressed: dict[str, int]  # addresses, by kind
    folders: list[Folder]
    readers: frozenset[str]  # mailboxes that somebody reads just now
    streams: frozenset[str]  # what is read by number, and is being read just now: "telegram:4711"
    relays: list[Relay]
    sources: list[Source]  # those that are not revoked
    tallies: dict[Tally, dict[str, int]]  # how often, since the desk began; every label is there

    def first(self, prefix: str) -> datetime | None:
        """When the oldest was asked for of what waits at destinations that begin so."""
        return min((one.oldest for one in self.waiting if one.destination.startswith(prefix)), default=None)

    @property
    def not_understood(self) -> datetime | None:
        """When the oldest mail came that nobody has understood yet."""
        return self.first("in:")

    @property
    def not_sent(self) -> datetime | None:
        """When the oldest mail was written that has not left yet."""
        return self.first("out:")


def take(tx: Tx) -> Figures:
    waiting, given_up = _jobs(tx)
    return Figures(
        at=tx.now,
        waiting=waiting,
        given_up=given_up,
        kept_out=dict.fromkeys(KEPT_OUT, 0) | _counted(tx, inbox.c.state, IS_KEPT_OUT),
        strangers=_heap(tx, tickets.c.held_at, tickets.c.held_at.is_not(None)),
        overdue=_heap(tx, tickets.c.due, tickets.c.due.is_not(None), tickets.c.due <= tx.now),
        untold=_heap(tx, troubles.c.at),
        suppressed=_counted(tx, suppressed.c.kind),
        folders=_folders(tx),
        readers=_held(tx, _READER),
        streams=_held(tx, _STREAM),
        relays=_relays(tx),
        sources=[Source(one.name, one.failing_since) for one in sources.every(tx) if one.revoked_at is None],
        tallies=tallies.every(tx),
    )


def _jobs(tx: Tx) -> tuple[list[Waiting], dict[str, int]]:
    waits, is_up = jobs.c.state == 0, jobs.c.state < 2
    rows = tx.sql.execute(
        sa.select(
            jobs.c.destination,
            sa.func.count().label("jobs"),
            sa.func.count(sa.case((sa.and_(waits, jobs.c.attempts > 0), 1))).label("failed"),
            sa.func.min(jobs.c.created_at, type_=jobs.c.created_at.type).label("oldest"),
            sa.func.min(sa.case((waits, jobs.c.due)), type_=jobs.c.due.type).label("due"),
        )
        .where(is_up)
        .group_by(jobs.c.destination)
        .order_by(jobs.c.destination)
    )
    return [Waiting(*row) for row in rows], _counted(tx, jobs.c.kind, jobs.c.state == 2)


def _counted(tx: Tx, column: sa.Column[str], *where: sa.ColumnElement[bool]) -> dict[str, int]:
    rows = tx.sql.execute(sa.select(column, sa.func.count()).where(*where).group_by(column).order_by(column))
    return {name: count for name, count in rows}


def _heap(tx: Tx, at: sa.Column[datetime], *where: sa.ColumnElement[bool]) -> Heap:
    return Heap(*tx.sql.execute(sa.select(sa.func.count(), sa.func.min(at, type_=at.type)).where(*where)).one())


def _folders(tx: Tx) -> list[Folder]:
    # Counted here: where it is to group them, SQLite reads all that was ever fetched in the order of its key.
    late = sa.select(fetched.c.mailbox, fetched.c.folder).where(fetched.c.fate == sa.literal_column("2"))
    counted = Counter((row.mailbox, row.folder) for row in tx.sql.execute(late))
    columns = (cursors.c.mailbox, cursors.c.folder, cursors.c.looked_at)
    rows = tx.sql.execute(sa.select(*columns).order_by(cursors.c.mailbox, cursors.c.folder))
    return [Folder(row.mailbox, row.folder, row.looked_at, counted[row.mailbox, row.folder]) for row in rows]


def _held(tx: Tx, prefix: str) -> frozenset[str]:
    """The leases of a kind that somebody has just now."""
    now = sa.func.clock_timestamp() if tx.pg else tx.now
    mine = (leases.c.name.startswith(prefix, autoescape=True), leases.c.until > now)
    names = tx.sql.execute(sa.select(leases.c.name).where(*mine)).scalars()
    return frozenset(name.removeprefix(prefix) for name in names)


def _relays(tx: Tx) -> list[Relay]:
    """Those that have been spoken with, or that rest; the usual one has no name."""
    rests = (paces.c.name.startswith(_RELAY, autoescape=True), paces.c.paused_until > tx.now)
    found = tx.sql.execute(sa.select(paces.c.name, paces.c.paused_until).where(*rests))
    resting: dict[str, datetime] = {row.name.partition("/")[2]: row.paused_until for row in found}
    spoke: dict[str, datetime] = {row.name: row.at for row in tx.sql.execute(sa.select(relays.c.name, relays.c.at))}
    return [Relay(name, resting.get(name), spoke.get(name)) for name in sorted({*resting, *spoke})]
