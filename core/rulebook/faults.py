"""What is wrong in a rulebook, before it is said in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Path = tuple[str | int, ...]
"""Where in the rulebook: ("queues", 0, "room")."""


class Fault(NamedTuple):
    """Something in a rulebook that contradicts something else in it; core.rulebook.problems says it in words."""

    path: Path
    code: str
    about: Mapping[str, Any]
