"""Readers killed with -9 in every window in which a mail could be lost or doubled, and what came of it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Generator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.storage.mailboxes import Fate
from core.storage.schema import jobs
from gateways.email.imap.account import Account
from tests import warm
from tests.conftest import need_dovecot
from tests.dovecot import Dovecot, dovecot_server, letters
from tests.gateways.email.reading import ask, fates, kept, reading, said, until
from tests.world import World

pytestmark = pytest.mark.kill

MAILS = 230
"""More than are fetched together, so that there is something behind the window and before it."""

Start = Callable[..., warm.Begun]


@pytest.fixture(scope="module")
def no_move() -> Generator[Dovecot]:
    """A server that moves by COPY and UID EXPUNGE only."""
    need_dovecot()
    with dovecot_server("protocol imap {\n  imap_capability = IMAP4rev1 LITERAL+ UIDPLUS IDLE\n}") as server:
        yield server


@pytest.fixture
def start(database_url: str, tmp_path: Path) -> Generator[Start]:
    """Starts a reader in a process of its own, which stands still at a point."""
    started: list[warm.Begun] = []

    def start(account: Account, point: str, after: int = 1, owner: str = "first", lease: float = 1) -> warm.Begun:
        facts = asdict(account)
        told = {
            "url": database_url,
            "var": str(tmp_path),
            "account": {**facts, "poll": None, "hold": sorted(account.hold)},
            "owner": owner,
            "lease": lease,
            "point": point,
            "after": after,
            "marker": str(tmp_path / "marker"),
        }
        with (tmp_path / f"{owner}.err").open("ab") as errors:
            process = warm.begin(
                "tests.gateways.email.imap_process", [json.dumps(told)], env=os.environ, stderr=errors.fileno()
            )
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()


def killed(start: Start, tmp_path: Path, account: Account, point: str, after: int = 1) -> None:
    process = start(account, point, after)
    marker = tmp_path / "marker"
    until(marker.exists, f"{point}: {(tmp_path / 'first.err').read_text()}")
    process.kill()
    process.wait()
    marker.unlink()


def whole(world: World) -> dict[str, Any]:
    """What was lost and what was doubled, of mails 0 to MAILS; and the jobs to understand them."""
    had = kept(world)
    wanted = [f"Order {n}" for n in range(MAILS)]
    return {
        "lost": sorted(set(wanted) - set(had)),
        "doubled": len(had) - len(set(had)),
        "jobs": ask(world, sa.select(sa.func.count()).where(jobs.c.kind == "receive:email"))[0][0],
        "troubles": said(world),
    }


NOTHING_WRONG = {"lost": [], "doubled": 0, "jobs": MAILS, "troubles": []}

WINDOWS = [
    ("fetched", 1),  # §3.5 (a): after the fetch, before the commit; of the first mails, and in the middle
    ("fetched", 2),
    ("kept", 1),  # (b): after the commit, before the flag
    ("kept", 3),
    ("flagged", 2),  # the server is told, we have not noted that it is
    ("marked", 1),
]


@pytest.mark.parametrize(("point", "after"), WINDOWS)
def test_a_reader_that_is_killed_loses_nothing_and_doubles_nothing(
    world: World, dovecot: Dovecot, start: Start, tmp_path: Path, point: str, after: int
) -> None:
    account = dovecot.account(f"kill-{tmp_path.name}")
    dovecot.put(account.user, *letters(range(MAILS)))
    killed(start, tmp_path, account, point, after)
    before = len(kept(world))
    with reading(world, account):
        until(lambda: fates(world) == [Fate.DONE] * MAILS)
    assert whole(world) == NOTHING_WRONG
    assert all(b"\\Seen" in flags for flags in dovecot.has(account.user).values())
    assert before == {("fetched", 1): 0, ("fetched", 2): 100, ("kept", 3): 230}.get((point, after), before)


@pytest.mark.parametrize("point", ["copied", "kept", "marked"])
def test_a_reader_that_is_killed_while_it_moves_leaves_every_mail_in_one_folder_or_the_other(
    world: World, no_move: Dovecot, start: Start, tmp_path: Path, point: str
) -> None:
    """§3.5 (c): a second copy in the target folder is harmless; the desk has each once."""
    account = replace(no_move.account(f"move-{tmp_path.name}"), after="move", move_to="Done")
    no_move.put(account.user, *letters(range(MAILS)))
    killed(start, tmp_path, account, point)
    with reading(world, account):
        until(lambda: fates(world) == [Fate.DONE] * MAILS)
    assert whole(world) == NOTHING_WRONG
    assert no_move.has(account.user) == {}
    again = 100 if point == "copied" else 0
    assert len(no_move.has(account.user, "Done")) == MAILS + again


def test_of_two_processes_one_reads_and_the_other_takes_over_when_it_is_killed(
    world: World, dovecot: Dovecot, start: Start, tmp_path: Path
) -> None:
    account = dovecot.account(f"two-{tmp_path.name}")
    dovecot.put(account.user, *letters(range(150)))
    first = start(account, "kept", 1, lease=6)
    until((tmp_path / "marker").exists)
    start(account, "nowhere", owner="second", lease=6)
    for number in range(150, MAILS):
        dovecot.put(account.user, letters([number])[0])
    assert len(kept(world)) == 100  # the first one stands still, and holds its lease
    first.kill()
    until(lambda: fates(world) == [Fate.DONE] * MAILS)
    assert whole(world) == NOTHING_WRONG
