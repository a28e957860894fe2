"""Regular expressions of administrators, looked for in strangers' words: in time that grows with these only.

The engine is the one in pydantic (Rust's `regex`): it knows no backtracking, so that no pattern takes the square of a
text's length, or worse. What costs it memory and time is repetition of a given number, which is bounded here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError, SchemaError, SchemaValidator, core_schema

LOOKED_AT = 10_000
"""Characters of a text that a pattern is looked for in. Measured with the worst that is allowed: some 40 ms."""
LONGEST = 500
MOST_TIMES = 50
"""How often a part of a pattern may be repeated by a number, all such numbers taken times each other."""

_TIMES = re.compile(r"\{(\d+)(?:,(\d*))?\}")


def fault(pattern: str) -> str | None:
    """Why it cannot be used; None where it can."""
    if len(pattern) > LONGEST:
        return "too long"
    times = 1
    for found in _TIMES.finditer(pattern):
        times *= max(int(found[1][:6]), int((found[2] or "0")[:6]), 1)
    if times > MOST_TIMES:
        return "too many repetitions"
    try:
        _engine(pattern)
    except SchemaError as error:
        said = [line.strip() for line in str(error).splitlines() if line.strip()]
        return (said[-1] if said else "not a pattern").removeprefix("error: ")[:200]
    return None


def stands_in(pattern: str, text: str) -> bool:
    """Whether it is found anywhere in the beginning of a text; letter case does not count."""
    return _engine(pattern).isinstance_python(text[:LOOKED_AT].encode("utf-8", "replace").decode())


def _usable(written: str) -> str:
    if (said := fault(written)) is not None:
        raise PydanticCustomError("bad_pattern", "not a pattern: {value} ({said})", {"value": written, "said": said})
    return written


Pattern = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_usable)]
"""One in a rulebook."""


@lru_cache(maxsize=256)
def _engine(pattern: str) -> SchemaValidator:
    return SchemaValidator(core_schema.str_schema(pattern=f"(?im){pattern}", regex_engine="rust-regex"))
