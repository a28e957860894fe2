"""The rooms in Slack that customers are in, each by a number of ours: Slack's own id of a room may change."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.storage.database import Tx
from core.storage.schema import customers_rooms
from core.storage.statements import Prepared


class Seat(NamedTuple):
    """Where customers are. `name` is the room's in the rulebook; empty: direct messages with one person.

    `shared`: with another workspace. `heard_to`: Slack's time up to which nothing that was said there can be missing.
    """

    number: int
    team: str
    room: str
    name: str
    shared: bool
    heard_to: str


def at(tx: Tx, team: str, room: str) -> Seat | None:
    """What we know of a room by Slack's id."""
    row = _AT.first(tx, {"of_team": team, "called": room})
    return Seat(*row) if row else None


_AT = Prepared(  # asked of everything that is said in any room
    sa.select(customers_rooms).where(
        customers_rooms.c.team == sa.bindparam("of_team"), customers_rooms.c.room == sa.bindparam("called")
    )
)


def get(tx: Tx, number: int) -> Seat | None:
    row = tx.sql.execute(sa.select(customers_rooms).where(customers_rooms.c.number == number)).first()
    return Seat(*row) if row else None


def every(tx: Tx) -> list[Seat]:
    return [Seat(*row) for row in tx.sql.execute(sa.select(customers_rooms).order_by(customers_rooms.c.number))]


def keep(tx: Tx, team: str, room: str, name: str, shared: bool, heard_to: str) -> None:
    """A room is called this from now on; of one that is new, everything that was said up to `heard_to` is none of ours.

    What had the name before has none any more.
    """
    another = (customers_rooms.c.name == name, customers_rooms.c.room != room, customers_rooms.c.name != "")
    tx.sql.execute(customers_rooms.update().where(*another).values(name="?"))
    insert = (postgresql.insert if tx.pg else sqlite.insert)(customers_rooms)
    row = {"team": team, "room": room, "name": name, "shared": shared, "heard_to": heard_to}
    changed = {"name": name, "shared": shared}
    tx.sql.execute(insert.on_conflict_do_update(index_elements=["team", "room"], set_=changed), row)


def renumber(tx: Tx, team: str, before: str, after: str) -> None:
    """Slack calls a room by another id now."""
    here = (customers_rooms.c.team == team, customers_rooms.c.room == before)
    taken = sa.select(customers_rooms.c.number).where(customers_rooms.c.team == team, customers_rooms.c.room == after)
    if tx.sql.execute(taken).first() is None:
        tx.sql.execute(customers_rooms.update().where(*here).values(room=after))


def heard(tx: Tx, number: int, to: str) -> None:
    """Nothing that was said up to then can be missing."""
    tx.sql.execute(customers_rooms.update().where(customers_rooms.c.number == number).values(heard_to=to))
