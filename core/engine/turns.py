"""One turn of work that must go on whatever becomes of it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import TypeVar

from core.storage.database import StoreDown

R = TypeVar("R")

log = logging.getLogger("deskbell.engine")


async def outcome(work: Awaitable[R]) -> R | Exception:
    """What came of it: its result, or the error that ended it, as a value. Being cancelled goes through."""
    try:
        return await work
    except Exception as error:  # the job loop: nothing that one turn of it does may end it
        return error


async def go_on(what: str, turn: Awaitable[R]) -> R | None:
    """One turn of a loop that has to go on; None where it failed."""
    came = await outcome(turn)
    if not isinstance(came, Exception):
        return came
    report(what, came)
    return None


def report(what: str, error: Exception) -> None:
    """Say in the log why something was not done."""
    if isinstance(error, StoreDown):
        log.error("%s has to wait: %s", what, error)
    else:
        log.error("%s failed", what, exc_info=error)
