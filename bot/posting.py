"""How a post comes to stand where it should, once, and as it should be: and what follows when Slack says no."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from bot.views.shown import Shown
from core.engine.hands import GiveUp, Later
from core.storage.ledger import Lease
from core.storage.rooms import Post, Room
from gateways.slack.wire import Gone, RateLimited, Refused, Slack, SlackError, TokenWrong, Unreachable

log = logging.getLogger("deskbell.bot")

LOOK_BACK = timedelta(minutes=5)
"""How much earlier than its job a post may be, by another clock."""

NO_ROOM = timedelta(seconds=30)
TOKEN = timedelta(minutes=5)
_SLOWEST = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is to stand: its room, the thread in it (None: not in one), and the key it is found by.

    `in_room`: what stands in a thread is to be seen in the room, too.
    """

    room: Room
    thread: str | None
    key: str
    in_room: bool = False


async def put(slack: Slack, lease: Lease, place: Place, shown: Shown) -> str:
    """Post it, and return its ts; where an earlier attempt may have posted it, that one is looked for first.

    What is found shows what was so at that attempt, and is brought up to date.
    """
    if lease.uncertain or lease.attempts > 1:
        since = (lease.created_at - LOOK_BACK).timestamp()
        found = await slack.find(place.room.room, place.key, since, place.thread)
        if found is not None:
            log.info("%s stands in #%s already", place.key, place.room.name)
            await slack.update(place.room.room, found, shown.text, shown.blocks)
            return found
    room, said = place.room.room, (shown.text, shown.blocks, place.key, place.thread, shown.username)
    if place.in_room:
        try:
            return await slack.post(room, *said, in_room=True)
        except Refused as no:  # a room may be set so that only some may; then it stands in its thread at least
            log.warning("%s is not shown in #%s beside its thread: %s", place.key, place.room.name, no)
    return await slack.post(room, *said)


async def change(slack: Slack, post: Post, shown: Shown) -> bool:
    """Bring a post up to date. False where it is not there any more, or cannot be changed any more."""
    if post.face == shown.face:
        return True
    try:
        await slack.update(post.room, post.ts, shown.text, shown.blocks)
    except Gone as gone:
        if gone.is_room:
            raise
        log.info("ticket %s: what stood at %s is gone (%s)", post.ticket, post.ts, gone.code)
        return False
    return True


def place_of(workspace: str, post: Post) -> str:
    """The address of what stands in a room of ours. `workspace` is the workspace's own."""
    return f"{workspace}archives/{post.room}/p{post.ts.replace('.', '')}"


def put_off(lease: Lease, error: SlackError, queue: str, now: datetime) -> NoReturn:
    """What becomes of a job when Slack says no: later, or never with the reason kept.

    What keeps everything away (the token, the room, the network) is waited for without end. What concerns this one
    thing counts, so that it ends, and what waits behind it goes on.
    """
    match error:
        case _ if is_of_its_own(error):
            raise Later(str(error)) from error
        case RateLimited():
            raise Later(str(error), error.retry_after, pace=pace_of(error.method, queue), counts=False) from error
        case TokenWrong():
            log.error("Slack does not let us: %s", error)
            raise Later(str(error), TOKEN, counts=False) from error
        case Refused():
            raise GiveUp(str(error)) from error
        case Gone() if error.is_room:
            raise Later(str(error), NO_ROOM, pace=room_pace(queue), counts=False) from error
        case Gone():
            raise Later(str(error)) from error
        case _:
            # The first failure counts: from the second attempt on we look whether the first one arrived all the same.
            # More do not count: however long Slack is away, nothing is given up for it.
            after = min(_SLOWEST, max(timedelta(seconds=1), (now - lease.created_at) / 4))
            raise Later(str(error), after, counts=lease.attempts < 2) from error


def is_of_its_own(error: SlackError) -> bool:
    """Whether it may be this one thing that Slack cannot take, or the files it may not, while all else goes well."""
    match error:
        case Unreachable():
            return error.code in _BROKEN_BY_IT or error.method == "upload"
        case TokenWrong():
            return error.method.startswith("files.") and error.code in _NOT_ALLOWED
        case _:
            return False


_BROKEN_BY_IT = frozenset({"fatal_error", "internal_error"})
_NOT_ALLOWED = frozenset({"missing_scope", "no_permission"})


def room_pace(queue: str) -> str:
    """The pace of everything that is posted into a queue's room; the names are those of core.effects."""
    return f"slack-room:{queue}"


def pace_of(method: str, queue: str) -> str:
    """The pace that rests when Slack refuses a method."""
    if method == "chat.postMessage":
        return room_pace(queue)
    return "slack-update" if method == "chat.update" else f"slack-other:{method}"
