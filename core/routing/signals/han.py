"""Whether Chinese is written in simplified or traditional characters: by those that only one of the two has."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Literal

Script = Literal["Hans", "Hant"]


def script(text: str) -> Script | None:
    """The script of which more characters are there; None where neither shows, as in one short line of twenty."""
    simplified, traditional = _telling()
    hans = hant = 0
    for sign in text:
        if sign > "\u3400":
            hans += sign in simplified
            hant += sign in traditional
    if hans == hant:
        return None
    return "Hans" if hans > hant else "Hant"


@lru_cache(maxsize=1)
def _telling() -> tuple[frozenset[str], frozenset[str]]:
    """The characters that tell, as `han_make.py` wrote them down from OpenCC's tables."""
    text = files("core.routing.signals").joinpath("han.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return frozenset(lines[0]), frozenset(lines[1])
