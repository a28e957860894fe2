"""People's own accounts for which a bot of ours may speak: whose they are, and what it may do there."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.storage.database import Tx
from core.storage.schema import accounts

IN_ACCOUNT = "/b"
"""What stands in an address before the owner in whose account something is said there."""


class Account(NamedTuple):
    """Somebody's account on a channel. `connection` is how the channel calls that we may speak for it."""

    channel: str
    owner: str
    name: str
    connection: str
    may_reply: bool
    is_on: bool


def keep(tx: Tx, account: Account) -> None:
    """This is how it is now."""
    insert = (postgresql.insert if tx.pg else sqlite.insert)(accounts)
    row = account._asdict()
    known = {name: insert.excluded[name] for name in row if name not in ("channel", "owner")}
    tx.sql.execute(insert.on_conflict_do_update(index_elements=["channel", "owner"], set_=known), row)


def of(tx: Tx, channel: str, owner: str) -> Account | None:
    """Somebody's account."""
    return _one(tx, accounts.c.channel == channel, accounts.c.owner == owner)


def at(tx: Tx, channel: str, address: str) -> Account | None:
    """The account in which something is said to an address; None where it is no account's."""
    _, is_one, owner = address.partition(IN_ACCOUNT)
    return of(tx, channel, owner) if is_one else None


def by(tx: Tx, channel: str, connection: str) -> Account | None:
    """The account that a channel calls so."""
    return _one(tx, accounts.c.channel == channel, accounts.c.connection == connection)


def _one(tx: Tx, *which: sa.ColumnElement[bool]) -> Account | None:
    row = tx.sql.execute(sa.select(*(accounts.c[name] for name in Account._fields)).where(*which)).first()
    return Account(*row) if row else None
