"""What a clock on a wall shows, and when: daylight saving time makes it jump ahead, or show an hour twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

_SECOND = timedelta(seconds=1)


def moment(shown: datetime, zone: tzinfo) -> datetime:
    """The first moment at which a clock in this zone shows this time, or has jumped beyond it. `shown` has no zone.

    So what is shown twice counts the first time, what is never shown is when the clock jumps over it, and a later time
    of day is never an earlier moment: hours that touch each other go on touching whatever the clocks do.
    """
    local = shown.replace(tzinfo=zone)
    before, after = local.utcoffset(), local.replace(fold=1).utcoffset()
    if before is None or after is None:
        raise ValueError(f"not a zone that knows its offset: {zone}")
    if before >= after:
        return (shown - before).replace(tzinfo=UTC)
    return _jump(shown, (shown - after).replace(tzinfo=UTC), (shown - before).replace(tzinfo=UTC), zone)


def _jump(shown: datetime, early: datetime, late: datetime, zone: tzinfo) -> datetime:
    """When the clock jumps over what it never shows: after `early`, at `late` at the latest."""
    while late - early > _SECOND:
        middle = early + (late - early) // 2
        middle = middle.replace(microsecond=0)
        if middle <= early:
            break
        if middle.astimezone(zone).replace(tzinfo=None) < shown:
            early = middle
        else:
            late = middle
    return late
