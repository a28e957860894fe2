"""What the app said for later: scheduled messages and when they are posted."""

import asyncio
import contextlib
import time
from collections.abc import Callable

from sandbox.errors import Json, SandboxError
from sandbox.journal import Journal
from sandbox.names import fresh_id, seconds_now

LATEST = 120 * 24 * 3600  # seconds ahead (time_too_far)
WINDOW, MOST_IN_WINDOW = 300, 30  # per channel (restricted_too_many)


class Schedule:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._added = asyncio.Event()

    @property
    def all(self) -> dict[str, Json]:
        return self._journal.table("scheduled")

    def add(self, room: Json, post_at: int, content: Json) -> Json:
        """`post_at` in Unix seconds. Raises SandboxError: time_in_past, time_too_far, restricted_too_many."""
        now = seconds_now()
        if post_at <= now:
            raise SandboxError("time_in_past")
        if post_at > now + LATEST:
            raise SandboxError("time_too_far")
        near = [s for s in self.all.values()
                if s["channel_id"] == room["id"] and abs(s["post_at"] - post_at) < WINDOW]  # fmt: skip
        if len(near) >= MOST_IN_WINDOW:
            raise SandboxError("restricted_too_many")
        scheduled: Json = {"id": fresh_id("Q"), "channel_id": room["id"], "post_at": post_at, "date_created": now,
                           "content": content}  # fmt: skip
        self._journal.put("scheduled", scheduled["id"], scheduled)
        self._added.set()
        return scheduled

    def drop(self, scheduled_id: str, room: Json) -> None:
        found = self.all.get(scheduled_id)
        if found is None or found["channel_id"] != room["id"]:
            raise SandboxError("invalid_scheduled_message_id")
        self._journal.drop("scheduled", scheduled_id)

    def due(self) -> list[Json]:
        """What is to be posted now. A message with metadata never is: Slack takes it and drops it."""
        now = seconds_now()
        ready = [s for s in self.all.values() if s["post_at"] <= now]
        for each in ready:
            self._journal.drop("scheduled", each["id"])
        return [each for each in ready if not each["content"]["metadata"]]

    async def run(self, post: Callable[[str, Json], None]) -> None:
        """Post what comes due, to the second, for as long as the sandbox is open."""
        while True:
            self._added.clear()
            for each in self.due():
                post(each["channel_id"], each["content"])
            soonest = min((s["post_at"] for s in self.all.values()), default=None)
            wait = None if soonest is None else max(0.0, soonest - time.time())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._added.wait(), wait)
