"""The child in which strangers' bytes are understood, one for all tests of a process: to start it takes half a second.

How it begins, ends and breaks is for tests/engine/test_apart.py, which have children of their own.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Callable
from functools import cache
from typing import ParamSpec, TypeVar

from core.engine.apart import Apart

P = ParamSpec("P")
R = TypeVar("R")


class Lent(Apart):
    """The child, for one desk. It stays when the desk goes."""

    async def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        asked = _home().apart.call(function, *args, **kwargs)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asked, _home().loop))

    async def close(self) -> None:
        pass


class _Home:
    """Where it lives: an event loop in a thread, since each test has a loop of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.apart = Apart()
        self._thread = threading.Thread(target=self.loop.run_forever, name="apart", daemon=True)
        self._thread.start()
        atexit.register(self._close)

    def _close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.apart.close(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


@cache
def _home() -> _Home:
    return _Home()
