"""How much a bot may send (Bots FAQ): about 30 messages a second in all, one a second a chat, 20 a minute a group."""

import math
import time
from collections import defaultdict, deque

from sandbox.telegram.answers import too_many

IN_ALL = 30  # in a second; to bots that pay for broadcasts Telegram grants more
BURST = 3  # "short bursts" to one chat are let through
GROUP = 20  # in a minute


class Flood:
    """Counts what is sent, edits too. `on` False: nothing is refused. `in_all`: so many in a second."""

    def __init__(self, on: bool = True, in_all: int = IN_ALL) -> None:
        self.on, self.in_all = on, in_all
        self.clock = time.monotonic
        self.refusals = 0
        self._all: deque[float] = deque()
        self._chats: dict[int, float] = {}  # theoretical arrival times (GCRA)
        self._groups: dict[int, deque[float]] = defaultdict(deque)

    def take(self, chat: int, times: int = 1) -> None:
        """Raises BotApiError(429) where it is too much. What leaves together is let through, and counts as so many."""
        if not self.on:
            return
        now = self.clock()
        wait = max(
            self._wait_in_all(now), self._wait_in_group(chat, now) if chat < 0 else self._wait_in_chat(chat, now)
        )
        if wait > 0:
            self.refusals += 1
            raise too_many(math.ceil(wait))
        self._all.extend([now] * times)
        if chat < 0:
            self._groups[chat].extend([now] * times)
        else:
            self._chats[chat] = max(self._chats.get(chat, now), now) + times

    def _wait_in_all(self, now: float) -> float:
        while self._all and now - self._all[0] >= 1:
            self._all.popleft()
        return self._all[-self.in_all] + 1 - now if len(self._all) >= self.in_all else 0

    def _wait_in_chat(self, chat: int, now: float) -> float:
        return self._chats.get(chat, now) - (BURST - 1) - now

    def _wait_in_group(self, chat: int, now: float) -> float:
        sent = self._groups[chat]
        while sent and now - sent[0] >= 60:
            sent.popleft()
        return sent[-GROUP] + 60 - now if len(sent) >= GROUP else 0
