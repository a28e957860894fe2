"""What stands in the sandbox's rooms, seen as its page sees it, at the moment it is there."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

PATIENCE = 60.0
Message = dict[str, Any]


class Rooms:
    """Listens to the sandbox, and acts there as a person would."""

    def __init__(self, http: aiohttp.ClientSession, url: str):
        self._http, self._url = http, url.rstrip("/")
        self._seen: list[tuple[float, Message]] = []
        self._more = asyncio.Event()

    async def listen(self) -> None:
        """Take down every message that is new or changed, for ever."""
        name = ""
        async with self._http.get(f"{self._url}/_sandbox/stream") as stream:
            async for line in stream.content:
                words = line.decode().rstrip("\n")
                if words.startswith("event: "):
                    name = words.removeprefix("event: ")
                elif words.startswith("data: ") and name == "message":
                    data = json.loads(words.removeprefix("data: "))
                    self._seen.append((time.perf_counter(), {"room": data["room"], **data["message"]}))
                    self._more.set()

    async def state(self) -> dict[str, Any]:
        async with self._http.get(f"{self._url}/_sandbox/state") as answer:
            return await answer.json()

    async def act(self, verb: str, /, **what: Any) -> Any:
        """Do something. Raises RuntimeError where the sandbox refuses it."""
        async with self._http.post(f"{self._url}/_sandbox/{verb}", json=what) as answer:
            said = await answer.json()
        if not said["ok"]:
            raise RuntimeError(f"{verb}: {said['error']}")
        return said["result"]

    async def until(self, is_it: Callable[[Message], bool], since: float = 0.0) -> tuple[float, Message]:
        """The first message like this, and when it came, by `time.perf_counter`."""
        deadline = time.perf_counter() + PATIENCE
        looked = 0
        while True:
            for at, message in self._seen[looked:]:
                if at >= since and is_it(message):
                    return at, message
            looked = len(self._seen)
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), max(0.01, deadline - time.perf_counter()))


@asynccontextmanager
async def rooms(url: str, wanted: int) -> AsyncGenerator[Rooms]:
    """Listening, once the desk has moved into so many rooms."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None), read_bufsize=1 << 22) as http:
        made = Rooms(http, url)
        listening = asyncio.create_task(made.listen())
        try:
            until = time.monotonic() + PATIENCE
            while len([room for room in (await made.state())["rooms"] if not room["is_im"]]) < wanted:
                if time.monotonic() > until:
                    raise RuntimeError("the desk did not move into its rooms")
                await asyncio.sleep(0.2)
            yield made
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
