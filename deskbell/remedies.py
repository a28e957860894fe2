"""What to do when the database cannot be used: said after what it says itself."""

from __future__ import annotations

import re

from core.phrases import DeskError, Phrase, phrase
from core.storage.database import StoreDown
from deskbell.speaking import speak

_REMEDIES = (
    (
        r"locked|busy",
        phrase("Another program is writing into the database, a backup perhaps. Try again when it is done."),
    ),
    (
        r"\bfull\b|no space|disk quota|out of memory|too many (?:clients|connections)|remaining connection slots",
        phrase("Make room for the database (disk, quota, connections), and try again. What was accepted is kept."),
    ),
    (
        r"read-?only|unable to open|permission denied",
        phrase("Let the desk's user write into the database's file and its folder, and try again."),
    ),
    (
        r"not a database|malformed",
        phrase("Look whether DATABASE_URL names the right file. If it does, the file is damaged: restore a backup."),
    ),
    (
        r"authentication failed|does not exist|no pg_hba\.conf entry|no password supplied",
        phrase("Look whether DATABASE_URL has the right user, password and name of a database that exists."),
    ),
    (
        r"connection|connect|resolve|timeout|shut ?down|starting up|terminat",
        phrase("Look whether the database's server runs and DATABASE_URL says where, and try again."),
    ),
)


def complain(error: DeskError) -> int:
    """Say on standard error why something was not done, and what would help. The exit code."""
    speak(error.phrase, to_stderr=True)
    if (help := remedy(error)) is not None:
        speak(help, to_stderr=True)
    return 1


def remedy(error: DeskError) -> Phrase | None:
    """What helps against a database that cannot be used; None for anything else."""
    if not isinstance(error, StoreDown):
        return None
    said = str(error)
    return next((words for pattern, words in _REMEDIES if re.search(pattern, said, re.IGNORECASE)), None)
