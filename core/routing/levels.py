"""Skills and levels, as they are written: a table of names and levels, or a list of names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, cast

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, Strict
from pydantic_core import PydanticCustomError

LEVELS = 5
"""Of skills and languages: 1 is a beginning, 5 is as good as it gets."""
PLAIN = 3
"""What somebody is taken to have who says no level."""

_NAME = re.compile(r"\w+(?:[ _-]\w+)*")


def _skill(written: str) -> str:
    folded = written.strip().casefold()
    if not _NAME.fullmatch(folded) or len(folded) > 60:
        raise PydanticCustomError("bad_skill", "not the name of a skill: {value}", {"value": written})
    return folded


def levels(value: object) -> object:
    """A list says no levels: then each is plain."""
    if isinstance(value, list | tuple):
        return {name if isinstance(name, str) else str(name): PLAIN for name in cast("Iterable[object]", value)}
    return value


def listed(known: Mapping[str, int]) -> list[str] | dict[str, int]:
    """As a list where all are plain."""
    return list(known) if all(level == PLAIN for level in known.values()) else dict(known)


Skill = Annotated[str, AfterValidator(_skill)]
Level = Annotated[int, Strict(), Field(ge=1, le=LEVELS)]
Skills = Annotated[dict[Skill, Level], BeforeValidator(levels), PlainSerializer(listed)]
