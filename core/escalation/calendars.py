"""When there is work, as clocks and ladders ask for it. What a calendar is: core.calendars."""

from core.calendars.calendar import ALWAYS, Calendar, NeverCloses, NeverOpen

__all__ = ["ALWAYS", "Calendar", "NeverCloses", "NeverOpen"]
