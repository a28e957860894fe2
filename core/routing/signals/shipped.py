"""The signals that lie in locales/: one file a language, for which no catalogue need be there."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[3] / "locales"


@lru_cache(maxsize=1)
def tags() -> tuple[str, ...]:
    """The locales that have signals."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/signals.toml")))


@lru_cache(maxsize=64)
def table(tag: str) -> dict[str, Any]:
    """What a locale's file says."""
    return tomllib.loads((FOLDER / tag / "signals.toml").read_text(encoding="utf-8"))


def primary(tag: str) -> str:
    """The language of a tag, without script and region."""
    return re.split(r"[-_]", tag, maxsplit=1)[0].lower()
