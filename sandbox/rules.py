"""The language in which Block Kit's rules stand: how a JSON value is checked and what is said of it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.errors import Json


@dataclass(frozen=True)
class Problem:
    """`pointer` is a JSON pointer (RFC 6901), `code` and `constraint` are those of blocks.validate."""

    pointer: str
    code: str
    message: str
    constraint: Json | None = None

    def shown(self) -> Json:
        return {"pointer": self.pointer, "code": self.code, "message": self.message, "constraint": self.constraint}

    def words(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"


Check = Callable[[Any, str], Iterator[Problem]]
"""Yields what is wrong with a value that stands at a pointer."""


def failed(pointer: str, message: str, **constraint: Any) -> Problem:
    return Problem(pointer, "failed_constraint", message, constraint or None)


def wrong_type(pointer: str, wanted: str) -> Problem:
    article = "an" if wanted[0] in "aeio" else "a"
    return Problem(pointer, "invalid_type", f"must provide {article} {wanted}", {"type": "type", "expected": wanted})


def text(most: int | None = None, least: int = 0, like: str | None = None) -> Check:
    """Length in characters, both ends included; `like` is a regular expression for the whole of it."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield wrong_type(at, "string")
        elif len(value) < least:
            yield failed(at, f"must be more than {least - 1} characters", type="min_length", expected=least)
        elif most is not None and len(value) > most:
            yield failed(at, f"must be less than {most + 1} characters", type="max_length", expected=most)
        elif like is not None and not re.fullmatch(like, value):
            yield failed(at, f"must match {like}", type="pattern", expected=like)

    return check


def flag(value: Any, at: str) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield wrong_type(at, "boolean")


def number(least: int, most: int) -> Check:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield wrong_type(at, "integer")
        elif not least <= value <= most:
            yield failed(at, f"must be between {least} and {most}", type="range", expected=[least, most])

    return check


def one_of(*allowed: Any) -> Check:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if value not in allowed:
            listed = ", ".join(str(each) for each in allowed)
            yield failed(at, f"must be one of: {listed}", type="enum", expected=list(allowed), got=value)

    return check


def items(each: Check, least: int = 1, most: int | None = None) -> Check:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield wrong_type(at, "array")
            return
        if len(value) < least:
            yield failed(at, f"no fewer than {least} items allowed", type="min_items", expected=least)
        if most is not None and len(value) > most:
            yield failed(at, f"no more than {most} items allowed", type="max_items", expected=most)
        for number_, item in enumerate(value):
            yield from each(item, f"{at}/{number_}")

    return check


def anything(value: Any, at: str) -> Iterator[Problem]:
    yield from ()


@dataclass(frozen=True)
class Shape:
    """An object: the fields it must and may have, then what must hold between them. `type` was looked at before."""

    must: Mapping[str, Check]
    may: Mapping[str, Check]
    laws: tuple[Check, ...]

    def __call__(self, value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield wrong_type(at, "object")
            return
        for name in self.must:
            if value.get(name) is None:
                required = {"type": "required", "field": name}
                yield Problem(at, "missing_field", f"missing required field: {name}", required)
        for name, found in value.items():
            check = self.must.get(name) or self.may.get(name)
            if check is None and name != "type":
                yield Problem(at, "additional_property", f"invalid additional property: {name}")
            elif check is not None and found is not None:
                yield from check(found, f"{at}/{name}")
        for law in self.laws:
            yield from law(value, at)


def shape(must: Mapping[str, Check], may: Mapping[str, Check] | None = None, *laws: Check) -> Shape:
    return Shape(must, may or {}, laws)


@dataclass(frozen=True)
class ByType:
    """An object whose `type` says which of the shapes it has."""

    shapes: Mapping[str, Check]

    def __call__(self, value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield wrong_type(at, "object")
        elif "type" not in value:
            yield Problem(at, "missing_field", "missing required field: type", {"type": "required", "field": "type"})
        elif str(value["type"]) not in self.shapes:
            expected = {"type": "enum", "expected": sorted(self.shapes), "got": value["type"]}
            yield Problem(f"{at}/type", "unsupported_type", f"unsupported type: {value['type']}", expected)
        else:
            yield from self.shapes[value["type"]](value, at)


def by_type(shapes: Mapping[str, Check]) -> ByType:
    return ByType(shapes)


def either(*names: str) -> Check:
    """A law: one of these fields at least."""

    def check(value: Json, at: str) -> Iterator[Problem]:
        if all(value.get(name) in (None, []) for name in names):
            yield failed(at, "must define either " + " or ".join(f"`{name}`" for name in names), type="required")

    return check


def not_both(one: str, other: str) -> Check:
    """A law: one of these fields at most."""

    def check(value: Json, at: str) -> Iterator[Problem]:
        if value.get(one) is not None and value.get(other) is not None:
            yield failed(at, f"cannot provide both `{one}` and `{other}`", type="exclusive")

    return check


def unique(values: Iterator[tuple[Any, str]], called: str) -> Iterator[Problem]:
    """What was there before: `values` are pairs of a value and where it stands."""
    seen = set()
    for value, at in values:
        if value in seen:
            yield failed(at, f"`{called}` must be unique: {value}", type="unique", got=value)
        seen.add(value)
