"""How soon: a mail is safe, its card stands in Slack, a click is acknowledged and seen."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from bench.corpus import Mail, corpus, tagged
from bench.figures import Figure, at_most
from bench.load import send
from bench.processes import Desk, desk, folder, slack
from bench.room import Message, Rooms, rooms
from bench.scale import Scale
from bench.watch import watching

TEAMS = 8
ROOMS = TEAMS + 3  # with support, billing, and the #general that was there
CARDS_A_SECOND = 3.0
"""Half of what Slack takes: a message in 150 ms for the whole workspace, and one a second in each room."""

AGENT = "ann@desk.example"


async def measure(scale: Scale) -> list[Figure]:
    with ExitStack() as stack:
        where = stack.enter_context(folder())
        room = stack.enter_context(slack(where))
        one = stack.enter_context(desk(where, room.settings))
        watch = stack.enter_context(watching(one.database))
        async with rooms(room.url, ROOMS) as seen:
            figures = await _cards(one, seen, scale)
            figures += await _clicks(seen, scale)
        mails = corpus(scale.mails)
        full = await send(one.smtp_port, tagged(mails, "FULL0000"), 10)
        half = len(mails) / (await watch.until_worked_off() - full.began) / 2
        kept: list[list[float]] = []
        for n in range(scale.rounds):
            sent = await send(one.smtp_port, tagged(mails, f"HALF{n:04}")[: int(half * scale.seconds)], 20, rate=half)
            await watch.until_worked_off()
            kept.append(sorted(1000 * seconds for seconds in sent.kept))
        group = f"latency at half load ({half:.0f} mails/s), SQLite"
        figures.append(Figure(group, "final dot to 250, p50", "ms", [_at(0.5, round) for round in kept]))
        figures.append(Figure(group, "final dot to 250, p99", "ms", [_at(0.99, round) for round in kept]))
    return figures


async def _cards(one: Desk, seen: Rooms, scale: Scale) -> list[Figure]:
    """From a mail's 250 to its card in the room."""
    plain = [mail for mail in corpus(scale.cards * 3, seed=11) if mail.kind == "new" and not mail.malformed]
    spans: list[float] = []
    for n, mail in enumerate(tagged(plain[: scale.cards], "CARD0000")):
        began = time.perf_counter()
        marked, mark = _marked(replace(mail, recipient=f"team{n % TEAMS + 1}@desk.example"), n)
        sent = await send(one.smtp_port, [marked], 1)
        at, _ = await seen.until(lambda message, mark=mark: mark in str(message.get("text")))
        spans.append(1000 * (at - sent.at[0]))
        # People do not write in step; and the first few load code.
        await asyncio.sleep(max(0.0, random.uniform(0.5, 1.5) / CARDS_A_SECOND - (time.perf_counter() - began)))
    spans = sorted(spans[2:])
    group = f"latency, a card ({CARDS_A_SECOND:g} mails/s: half of Slack's pace), SQLite"
    return [
        Figure(group, "250 to the card in the room, p50", "ms", [_at(0.5, spans)], goal=at_most(150)),
        Figure(group, "250 to the card in the room, p95", "ms", [_at(0.95, spans)]),
    ]


async def _clicks(seen: Rooms, scale: Scale) -> list[Figure]:
    """From a click on Claim to its acknowledgement, and to the card that says who has it."""
    state = await seen.state()
    agent = next(user["id"] for user in state["users"] if user.get("profile", {}).get("email") == AGENT)
    cards = [
        {"room": room, **message}
        for room, messages in state["messages"].items()
        for message in messages
        if _button(message, "claim")
    ]
    acks: list[float] = []
    changes: list[float] = []
    for card in cards[: scale.clicks]:
        began = time.perf_counter()
        await seen.act("click", user=agent, room=card["room"], ts=card["ts"], action=_button(card, "claim"))
        acks.append(1000 * (time.perf_counter() - began))
        changed, _ = await seen.until(
            lambda message, ts=card["ts"]: message.get("ts") == ts and not _button(message, "claim"), began
        )
        changes.append(1000 * (changed - began))
        await asyncio.sleep(0.3)
    group = "latency, a click on Claim, through Socket Mode, SQLite"
    return [
        Figure(group, "click to acknowledgement, p50", "ms", [_at(0.5, sorted(acks))]),
        Figure(group, "click to acknowledgement, p95", "ms", [_at(0.95, sorted(acks))]),
        Figure(group, "click to the changed card, p50", "ms", [_at(0.5, sorted(changes))]),
    ]


def _marked(mail: Mail, n: int) -> tuple[Mail, str]:
    """A mail whose subject tells its card from all others."""
    mark = f"case {n:04} {random.getrandbits(32):08x}"
    head, _, rest = mail.raw.partition(b"\r\nSubject: ")
    return replace(mail, raw=head + b"\r\nSubject: " + mark.encode() + b" " + rest.lstrip()), mark


def _button(message: Message, action: str) -> str | None:
    """The action of a message's button that begins like this."""
    for block in message.get("blocks", ()):
        for element in block.get("elements", ()):
            if str(element.get("action_id", "")).startswith(action):
                return element["action_id"]
    return None


def _at(share: float, ordered: Sequence[float]) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
