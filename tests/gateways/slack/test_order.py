"""What one person says is heard in the order in which they said it, in whatever order and how often it is told."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.storage import messages, tickets
from core.tickets.model import Thread
from gateways.slack.keeping import SETTLES
from gateways.slack.reading import moment
from tests.gateways.slack.rooms import ACME, ROOM, Rooms

Event = dict[str, Any]
_TEAM = "T0SANDBOX"
_rooms = count(1)
_SOME = max(4, int(os.environ.get("LAWS", "100")) // 12)
"""Each is many transactions."""

_NOON = 1_795_000_000_000_000
"""In microseconds since 1970."""

deeds = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["says", "replies"]), st.just(0)),
        st.tuples(st.sampled_from(["edits", "deletes"]), st.integers(0, 4)),
    ),
    min_size=1,
    max_size=6,
)


@given(deeds, st.data())
@settings(
    max_examples=_SOME,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_any_order_and_repetition_of_what_is_told_gives_the_same_ticket(
    rooms: Rooms, done: Sequence[tuple[str, int]], data: st.DataObject
) -> None:
    await rooms.rules(queue="billing")  # which acknowledges nothing
    events = story([("says", 0), *done], rooms.people["carla"])
    told = data.draw(st.permutations([*events, *data.draw(st.lists(st.sampled_from(events), max_size=3))]))
    assert await becomes(rooms, told) == await becomes(rooms, events)


async def test_what_was_said_first_and_is_told_late_comes_first(rooms: Rooms) -> None:
    said = [f"{n} of the kettles came broken." for n in range(4)]
    for text in said:
        await rooms.says(text)
    for one in reversed(rooms.told()):
        await rooms.arriving.takes(one)
        rooms.world.now += SETTLES / 8
    await rooms.works()
    assert await rooms.heard(1) == said


def story(deeds: Sequence[tuple[str, int]], user: str) -> list[Event]:
    """What Slack tells of it, in order: `says` outside threads, `replies` below the first message."""
    clock = count(_NOON)
    events: list[Event] = []
    said: list[Event] = []
    for what, which in deeds:
        now = next(clock)
        ts = f"{now // 1_000_000}.{now % 1_000_000:06d}"
        if what in ("says", "replies"):
            place = {"thread_ts": said[0]["ts"]} if what == "replies" else {}
            said.append(
                {"type": "message", "user": user, "team": ACME, "ts": ts, "text": f"It broke at {ts}.", **place}
            )
            events.append(said[-1])
            continue
        message = said[which % len(said)]
        if message.get("gone"):
            continue
        if what == "edits":
            message = {**message, "text": f"It broke again at {ts}.", "edited": {"user": user, "ts": ts}}
            said[which % len(said)] = message
            news: Event = {"subtype": "message_changed", "message": message}
        else:
            said[which % len(said)] = {**message, "gone": True}
            news = {"subtype": "message_deleted", "deleted_ts": message["ts"], "previous_message": message}
        events.append({"type": "message", "ts": ts, "event_ts": ts, **news})
    return events


async def becomes(rooms: Rooms, events: Sequence[Event]) -> list[list[str]]:
    """What stands in the tickets of a room of its own in which this is told, within the time that is waited."""
    room = f"C0ORDER{next(_rooms)}"
    await rooms.desk.seat_customers.soon(_TEAM, room, ROOM, True, "0")
    seat = await rooms.desk.seat.soon(_TEAM, room)
    assert seat is not None
    for event in events:
        await rooms.arriving.takes({"team_id": _TEAM, "event": {**event, "channel": room}})
    rooms.world.now = max(rooms.world.now, moment(events[-1]["ts"])) + SETTLES
    await rooms.drains()
    threads = await rooms.desk.going_threads.soon("slack", seat.number)

    def read(tx: Any) -> list[list[str]]:
        numbers = sorted({n for key in threads for n in tickets.of_thread(tx, Thread("slack", key))})
        return [[one.text for one in messages.conversation(tx, number)] for number in numbers]

    return rooms.desk.db.run(read)
