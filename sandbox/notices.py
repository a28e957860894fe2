"""Who watches the sandbox: every change is told to the open pages and to whoever waits in a test."""

import asyncio
import itertools
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

BACKLOG = 2000  # a page that fell so far behind is cut off: it reconnects and reads the state anew


@dataclass(frozen=True)
class Notice:
    id: int
    name: str
    data: Any


class Notices:
    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._watchers: set[asyncio.Queue[Notice | None]] = set()

    def tell(self, name: str, data: Any) -> None:
        notice = Notice(next(self._numbers), name, data)
        for queue in tuple(self._watchers):
            if queue.qsize() >= BACKLOG:
                self._watchers.discard(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(notice)

    async def watch(self) -> AsyncGenerator[Notice]:
        """Every notice from now on; ends when the sandbox closes or the watcher fell too far behind."""
        queue = self.enter()
        try:
            while (notice := await queue.get()) is not None:
                yield notice
        finally:
            self.leave(queue)

    def enter(self) -> "asyncio.Queue[Notice | None]":
        queue: asyncio.Queue[Notice | None] = asyncio.Queue()
        self._watchers.add(queue)
        return queue

    def leave(self, queue: "asyncio.Queue[Notice | None]") -> None:
        self._watchers.discard(queue)

    def close(self) -> None:
        for queue in self._watchers:
            queue.put_nowait(None)
        self._watchers.clear()
