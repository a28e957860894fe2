"""Where agents see tickets: each queue's room, and what stands in it for which ticket or message."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.storage.database import Tx
from core.storage.schema import posts, rooms
from core.storage.statements import Prepared

THEIRS = "theirs"
"""The face of a post that a person wrote: we never edit it."""


class Room(NamedTuple):
    queue: str
    team: str
    room: str
    name: str


class Post(NamedTuple):
    """Something that stands in a room: a ticket's card (message 0) or one of its messages.

    `face` is the digest of what was shown last, or THEIRS where a person posted it and it cannot be edited.
    """

    team: str
    room: str
    ts: str
    ticket: int
    message: int
    face: str


def room_of(tx: Tx, queue: str) -> Room | None:
    row = tx.sql.execute(sa.select(rooms).where(rooms.c.queue == queue)).one_or_none()
    return Room(*row) if row else None


def every_room(tx: Tx) -> list[Room]:
    return [Room(*row) for row in tx.sql.execute(sa.select(rooms).order_by(rooms.c.queue))]


def set_room(tx: Tx, room: Room) -> None:
    insert = postgresql.insert if tx.pg else sqlite.insert
    statement = insert(rooms)
    changed = {name: statement.excluded[name] for name in ("team", "room", "name")}
    tx.sql.execute(statement.on_conflict_do_update(index_elements=["queue"], set_=changed), room._asdict())


def forget_room(tx: Tx, queue: str) -> None:
    tx.sql.execute(rooms.delete().where(rooms.c.queue == queue))


def post_of(tx: Tx, ticket: int, message: int = 0) -> Post | None:
    """The newest post of a ticket's card or of a message."""
    row = tx.sql.execute(
        sa.select(posts)
        .where(posts.c.ticket == ticket, posts.c.message == message)
        .order_by(posts.c.ts.desc())
        .limit(1)
    ).first()
    return Post(*row) if row else None


def cards_of(tx: Tx, numbers: Collection[int]) -> dict[int, Post]:
    """Where the cards of these tickets stand, of those that do."""
    if not numbers:
        return {}
    rows = tx.sql.execute(
        sa.select(posts).where(posts.c.ticket.in_(sorted(numbers)), posts.c.message == 0).order_by(posts.c.ts)
    )
    return {row.ticket: Post(*row) for row in rows}


def post_at(tx: Tx, team: str, room: str, ts: str) -> Post | None:
    row = _POST_AT.first(tx, {"of_team": team, "in_room": room, "at": ts})
    return Post(*row) if row else None


_POST_AT = Prepared(  # asked of everything that is said in any thread
    sa.select(posts).where(
        posts.c.team == sa.bindparam("of_team"),
        posts.c.room == sa.bindparam("in_room"),
        posts.c.ts == sa.bindparam("at"),
    )
)


def keep_post(tx: Tx, post: Post) -> None:
    insert = postgresql.insert if tx.pg else sqlite.insert
    statement = insert(posts)
    changed = {name: statement.excluded[name] for name in ("ticket", "message", "face")}
    tx.sql.execute(statement.on_conflict_do_update(index_elements=["team", "room", "ts"], set_=changed), post._asdict())


def forget_post(tx: Tx, post: Post) -> None:
    """It is not there any more (deleted by a person, or its room is gone)."""
    tx.sql.execute(posts.delete().where(posts.c.team == post.team, posts.c.room == post.room, posts.c.ts == post.ts))
