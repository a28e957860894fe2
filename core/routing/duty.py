"""Hours that come round each week: whether it is one of them now, and since and until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from core.calendars.calendar import weekly
from core.calendars.hours import Hours, Span, span_of

__all__ = ["Hours", "Span", "is_within", "last_change", "next_change", "span_of"]


def is_within(hours: Sequence[str], now: datetime, zone: tzinfo) -> bool:
    """Whether it is one of these hours now; without any it always is."""
    return not hours or weekly(tuple(hours), zone).is_open(now)


def next_change(hours: Sequence[str], now: datetime, zone: tzinfo) -> datetime | None:
    """When that is otherwise next; None where it never is."""
    return weekly(tuple(hours), zone).changes(now)


def last_change(hours: Sequence[str], now: datetime, zone: tzinfo) -> datetime | None:
    """Since when it is as it is now; None where it never was otherwise."""
    return weekly(tuple(hours), zone).changed(now)
