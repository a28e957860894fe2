"""How much is measured: the short form looks whether everything works, the long one makes the figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    mails: int  # of the corpus, a round
    rounds: int
    seconds: int  # of an open loop
    cards: int
    clicks: int
    sizes: tuple[int, ...]  # tickets
    repeats: int  # of a query
    chats: int
    rate: int  # messages a second that a bot in Telegram may send
    burst: int  # customers' words
    upload: int  # bytes of a large file
    cases: int  # of working time, beside its oracle
    timers: int  # that are open
    due_at_once: int  # of them


SHORT = Scale(
    mails=150,
    rounds=1,
    seconds=3,
    cards=6,
    clicks=4,
    sizes=(1_000, 10_000),
    repeats=40,
    chats=30,
    rate=30,
    burst=60,
    upload=60_000_000,
    cases=2_000,
    timers=10_000,
    due_at_once=400,
)
LONG = Scale(
    mails=300,
    rounds=3,
    seconds=10,
    cards=40,
    clicks=12,
    sizes=(1_000, 10_000, 100_000, 1_000_000),
    repeats=200,
    chats=300,
    rate=30,
    burst=1_000,
    upload=300_000_000,
    cases=1_000_000,
    timers=100_000,
    due_at_once=10_000,
)
