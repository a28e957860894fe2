"""The only constructor of a desk: the store opened, up to date, with its keys made."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import core.storage.keys as keys
from core.desk import Desk
from core.storage.database import Clock, Database, revision_of

REVISION = "0001"
"""The revision that this code needs; a test compares it with the newest migration."""


def wall_clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the desk's clock: the one place where time comes in


def open_desk(url: str, var: Path, *, clock: Clock = wall_clock, undo_for: timedelta = timedelta(seconds=10)) -> Desk:
    """Open the store, bring it up to date where it is older, and give the desk that stands on it.

    Raises StoreDown where the database cannot be reached.
    """
    db = Database(url, clock, var / "blobs")
    if revision_of(db.engine) != REVISION:
        migrate_apart(url)
    db.run(lambda tx: keys.generations(tx, "reply"))
    return Desk(db, undo_for=undo_for)


def migrate_apart(url: str) -> None:
    """Migrate in a process of its own: the machinery for it is large, and is needed once in a while."""
    done = subprocess.run(
        [sys.executable, "-m", "core.storage.migrations.run"],
        input=url,
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the database could not be brought up to date:\n{done.stderr.strip()}")
