"""The sandbox's clock: sped up and set ahead on its page, and as far ahead as it was when the sandbox opens again."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path

from core.desk import Desk
from core.desk.house import CLOCK
from core.desk.opening import wall_clock
from core.engine.virtual import FARTHEST, VirtualClock


def kept_clock(file: Path) -> VirtualClock:
    """The clock, as far ahead as the file says: what has happened must not lie in the future."""
    clock = VirtualClock(wall_clock)
    with contextlib.suppress(OSError, ValueError, OverflowError):
        ahead = timedelta(seconds=float(file.read_text(encoding="ascii")))
        while ahead > timedelta(0):
            step = min(ahead, FARTHEST)
            clock.set(ahead=step)
            ahead -= step
    return clock


def keep(clock: VirtualClock, file: Path) -> None:
    """Write down how far ahead it is."""
    file.write_text(f"{(clock() - wall_clock()).total_seconds():.0f}", encoding="ascii")


def watch(clock: VirtualClock, desk: Desk, file: Path) -> None:
    """Whenever somebody sets it, what has come due is looked at, and how far ahead it is is kept."""

    def changed() -> None:
        keep(clock, file)
        desk.db.on_wake(CLOCK, clock())

    clock.changed = changed
