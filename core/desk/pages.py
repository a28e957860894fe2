"""Where our pages are that customers see, as the installation says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.tickets.passes import Purpose

PATHS = {Purpose.READ: "t", Purpose.UPLOAD: "u"}
"""Where pages lie, by what their links are for."""


@dataclass(frozen=True, slots=True)
class Pages:
    """`base` is the address under which the world reaches them, without a slash at its end; `hold` how long a link of
    a ticket does.
    """

    base: str
    hold: timedelta = timedelta(days=90)

    def of(self, path: str) -> str:
        """The address of one of them."""
        return f"{self.base}/{path}"
