"""The language of the tests of mailboxes: somebody reads one, mails come in, one looks at what the desk has."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from core.storage.schema import cursors, fetched, inbox, troubles
from gateways.email.imap.account import Account, Times
from gateways.email.imap.mailboxes import Mailboxes
from tests.patience import PATIENCE
from tests.world import World

QUICK = Times(
    connect=timedelta(seconds=5),
    read=timedelta(seconds=5),
    command=timedelta(seconds=5),
    bodies=timedelta(seconds=5),
    idle=timedelta(seconds=30),
    lease=timedelta(seconds=1),
    first_pause=timedelta(milliseconds=20),
    most_pause=timedelta(milliseconds=200),
    refused_pause=timedelta(seconds=2),
    silent_for=timedelta(milliseconds=100),
)


@contextmanager
def reading(
    world: World, *accounts: Account, times: Times = QUICK, reached: Callable[[str], None] = lambda _: None
) -> Generator[Mailboxes]:
    """These mailboxes are read. `reached` hears how far each of them is."""
    mailboxes = Mailboxes(world.desk, accounts, "here", times, reached)
    mailboxes.start(alone=True)
    try:
        yield mailboxes
    finally:
        mailboxes.stop()


def ask(world: World, query: sa.Select[Any]) -> list[Any]:
    return world.desk.db.look(lambda tx: list(tx.sql.execute(query))).result()


def kept(world: World) -> list[str]:
    """The subjects of what is in the inbox, in its order."""
    raws = [world.desk.piece(row.id) for row in ask(world, sa.select(inbox.c.id).order_by(inbox.c.id))]
    return [found[1].split(b"Subject: ")[1].split(b"\r\n")[0].decode() for found in raws if found]


def envelopes(world: World) -> list[dict[str, Any]]:
    return [row.envelope for row in ask(world, sa.select(inbox.c.envelope).order_by(inbox.c.id))]


def said(world: World) -> list[str]:
    """What supervisors are to be told."""
    found = ask(world, sa.select(troubles.c.said).order_by(troubles.c.id))
    return [row.said["text"].format(**row.said["values"]) for row in found]


def fates(world: World) -> list[int]:
    return [row.fate for row in ask(world, sa.select(fetched.c.fate).order_by(fetched.c.uidvalidity, fetched.c.uid))]


def cursor(world: World) -> Any:
    return ask(world, sa.select(cursors))[0]


def until(true: Callable[[], object], what: str = "it", patience: float = PATIENCE) -> None:
    """Wait until something is so."""
    end = time.monotonic() + patience
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"{what} was not so within {patience:g} seconds")
        time.sleep(0.02)
