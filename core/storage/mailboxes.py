"""How far mailboxes on other servers have been read, and what became of each mail there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.storage.database import Tx
from core.storage.schema import cursors, fetched

_AT_ONCE = 500


class Place(NamedTuple):
    """A folder in one numbering of its mails: with another UIDVALIDITY they mean other mails (RFC 3501 §2.3.1.1).

    `mailbox` is its name in our settings.
    """

    mailbox: str
    folder: str
    uidvalidity: int


class Cursor(NamedTuple):
    """How far a folder is read: every mail up to number `uid` is in `fetched`, or was there before we began.

    Mails up to `rescan_to` had other numbers before and are known again by what they say; of those that we do not
    know, what came before `began` is none of ours. `looked_at`: when the folder was last read to its end.
    """

    uidvalidity: int
    uid: int
    rescan_to: int
    began: datetime | None
    looked_at: datetime | None


class Fate(IntEnum):
    """What there is still to do about a mail that lies in a mailbox."""

    TO_MARK = 0  # we have it; its server is to be told so
    DONE = 1
    TO_FETCH = 2  # the server could not give it; to be tried again
    GIVEN_UP = 3


class Seen(NamedTuple):
    """A mail in a mailbox. `digest` is its bytes', `likeness` that of what stays the same when a server copies it."""

    uid: int
    fate: Fate
    digest: str = ""
    likeness: str = ""
    inbox: int | None = None
    attempts: int = 0
    due: datetime | None = None
    reason: str | None = None


def cursor(tx: Tx, mailbox: str, folder: str) -> Cursor | None:
    """How far a folder is read; None where it has never been looked at."""
    columns = (cursors.c[name] for name in Cursor._fields)
    row = tx.sql.execute(sa.select(*columns).where(_in(cursors, mailbox, folder))).first()
    return Cursor(*row) if row else None


def begin(tx: Tx, place: Place, uid: int, began: datetime | None) -> None:
    """Read a folder from behind `uid` on."""
    row = {**place._asdict(), "uid": uid, "rescan_to": 0, "began": began}
    tx.sql.execute(_insert(tx)(cursors).on_conflict_do_nothing(), row)


def turn(tx: Tx, place: Place, rescan_to: int) -> None:
    """The folder's mails have new numbers: look at all of them, up to `rescan_to` for what we do not know."""
    values = {"uidvalidity": place.uidvalidity, "uid": 0, "rescan_to": rescan_to}
    tx.sql.execute(cursors.update().where(_in(cursors, place.mailbox, place.folder)).values(values))


def advance(tx: Tx, place: Place, uid: int) -> None:
    """Everything up to `uid` is dealt with. Never backwards."""
    here = (_in(cursors, place.mailbox, place.folder), cursors.c.uidvalidity == place.uidvalidity)
    tx.sql.execute(cursors.update().where(*here, cursors.c.uid < uid).values(uid=uid))


def looked(tx: Tx, place: Place) -> None:
    """The folder has just been read to its end."""
    tx.sql.execute(cursors.update().where(_in(cursors, place.mailbox, place.folder)).values(looked_at=tx.now))


def note(tx: Tx, place: Place, mails: Sequence[Seen]) -> None:
    """Say what became of mails; of one that is known already, anew."""
    if not mails:
        return
    statement = _insert(tx)(fetched)
    new = {name: statement.excluded[name] for name in Seen._fields if name != "uid"}
    statement = statement.on_conflict_do_update(index_elements=["mailbox", "folder", "uidvalidity", "uid"], set_=new)
    tx.sql.execute(statement, [{**place._asdict(), **mail._asdict()} for mail in mails])


def known(tx: Tx, place: Place, uids: Collection[int]) -> set[int]:
    """Those of these numbers that we have said something of."""
    query = sa.select(fetched.c.uid).where(*_at(place), fetched.c.uid.in_(uids))
    return set(tx.sql.execute(query).scalars())


def newest_known(tx: Tx, place: Place, most: int) -> set[int]:
    """The highest numbers that we have said something of."""
    query = sa.select(fetched.c.uid).where(*_at(place)).order_by(fetched.c.uid.desc()).limit(most)
    return set(tx.sql.execute(query).scalars())


def is_like_one_of_before(tx: Tx, place: Place, digest: str, likeness: str) -> bool:
    """Whether we had this mail from here under another number: the same bytes, or the same letter."""
    alike = [fetched.c.digest == digest]
    if likeness:
        alike.append(fetched.c.likeness == likeness)
    here = (fetched.c.mailbox == place.mailbox, fetched.c.folder == place.folder)
    query = sa.select(1).where(*here, fetched.c.uidvalidity != place.uidvalidity, sa.or_(*alike)).limit(1)
    return tx.sql.execute(query).first() is not None


def settle(tx: Tx, place: Place, uids: Sequence[int]) -> None:
    """Their server has been told that we have them."""
    for at in range(0, len(uids), _AT_ONCE):
        some = fetched.c.uid.in_(uids[at : at + _AT_ONCE])
        tx.sql.execute(fetched.update().where(*_at(place), some, fetched.c.fate == Fate.TO_MARK).values(fate=Fate.DONE))


def to_mark(tx: Tx, place: Place) -> list[int]:
    """Mails that we have and whose server does not know it yet."""
    query = sa.select(fetched.c.uid).where(*_at(place), fetched.c.fate == sa.literal_column("0"))
    return list(tx.sql.execute(query.order_by(fetched.c.uid)).scalars())


def to_fetch(tx: Tx, place: Place, by: datetime) -> dict[int, int]:
    """Mails that the server could not give, to be tried again by then, with how often they were tried."""
    query = sa.select(fetched.c.uid, fetched.c.attempts).where(
        *_at(place), fetched.c.fate == sa.literal_column("2"), fetched.c.due <= by
    )
    return {row.uid: row.attempts for row in tx.sql.execute(query.order_by(fetched.c.uid))}


def given_up(tx: Tx, mailbox: str) -> int:
    """How many mails of a mailbox its server could never give."""
    query = sa.select(sa.func.count()).select_from(fetched)
    where = (fetched.c.mailbox == mailbox, fetched.c.fate == Fate.GIVEN_UP)
    return tx.sql.execute(query.where(*where)).scalar_one()


def _in(table: sa.Table, mailbox: str, folder: str) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.mailbox == mailbox, table.c.folder == folder)


def _at(place: Place) -> list[sa.ColumnElement[bool]]:
    return [_in(fetched, place.mailbox, place.folder), fetched.c.uidvalidity == place.uidvalidity]


def _insert(tx: Tx):
    return postgresql.insert if tx.pg else sqlite.insert
