"""Modules that not every desk and not every process needs, loaded when they are first used: each takes megabytes."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    def __getattr__(self, name: str) -> Any:
        found = getattr(importlib.import_module(self.__name__), name)
        setattr(self, name, found)
        return found


def later(name: str) -> Any:
    """The module of this name, which is imported when something of it is first asked for."""
    return _Later(name)
