"""The only constructor of a desk: the store opened, up to date, with its keys made."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import core.storage.keys as keys
from core.desk import Desk
from core.desk.outlets import Outlets
from core.desk.pages import Pages
from core.phrases import Refused, phrase
from core.settings import for_a_child
from core.storage.database import Clock, Database, revision_of

REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
    "0019",
    "0021",
    "0022",
    "0023",
    "0024",
    "0027",
    "0028",
    "0029",
    "0030",
    "0031",
    "0032",
)
"""Every revision that a database may be at, oldest first; a test compares them with the migrations."""

REVISION = REVISIONS[-1]
"""The one that this code needs."""


def wall_clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the desk's clock: the one place where time comes in


def open_desk(
    url: str,
    var: Path,
    *,
    clock: Clock = wall_clock,
    undo_for: timedelta = timedelta(seconds=10),
    outlets: Outlets | None = None,
    pages: Pages | None = None,
) -> Desk:
    """Open the store, bring it up to date where it is older, and give the desk that stands on it.

    Raises StoreDown where the database cannot be reached, Refused where it is of a newer desk.
    """
    db = Database(url, clock, var / "blobs")
    try:
        bring_up_to_date(db, url)
        db.run(lambda tx: (keys.generations(tx, "reply"), keys.generations(tx, "page")))
    except BaseException:
        db.close()
        raise
    return Desk(db, undo_for=undo_for, outlets=outlets, pages=pages)


def bring_up_to_date(db: Database, url: str) -> None:
    found = revision_of(db.engine)
    if found is not None and found not in REVISIONS:
        raise Refused(
            phrase(
                "This database is of a newer Deskbell (revision {found}; this one knows up to {known}). "
                "Install the newer one again, or restore a backup.",
                found=found,
                known=REVISION,
            )
        )
    if found != REVISION:
        migrate_apart(url)


def migrate_apart(url: str) -> None:
    """Migrate in a process of its own: the machinery for it is large, and is needed once in a while."""
    done = subprocess.run(
        [sys.executable, "-m", "core.storage.migrations.run"],
        input=url,
        env=for_a_child(os.environ, "PG"),
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        cause = done.stderr.strip().rpartition("\n")[2]
        raise Refused(phrase("The database could not be brought up to date: {cause}", cause=cause))
