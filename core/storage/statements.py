"""Statements for both databases, built once when a module loads: to build one costs more than to run it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy.dialects import postgresql, sqlite

S = TypeVar("S")


def on_each(build: Callable[[Any], S]) -> Mapping[bool, S]:
    """A statement that needs its database's own `insert`, by `Tx.pg`."""
    return {True: build(postgresql.insert), False: build(sqlite.insert)}
