"""By which server mail leaves, and how much of it that one takes: as the installation says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.rulebook.kinds import normal_address

LARGEST = 25 * 1024 * 1024
"""Bytes of a mail that nearly everybody takes: what the large providers say of themselves."""

USUAL = ""
"""The name of the server that sends for whoever has none of their own."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """A server that takes our mail, by a name of ours; `largest` in bytes of a whole mail."""

    name: str = USUAL
    largest: int = LARGEST


@dataclass(frozen=True, slots=True)
class Outlets:
    """Every one of them: the usual one, and those that send for certain addresses of ours (in compared form)."""

    usual: Outlet = Outlet()
    own: Mapping[str, Outlet] = field(default_factory=dict[str, Outlet])

    def of(self, door: str) -> Outlet:
        """Whose mail leaves from this address of ours."""
        return self.own.get(normal_address(door), self.usual)
