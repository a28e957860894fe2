"""Whoever is an agent of a queue is invited into its room: once, whatever died in between."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

from core.desk import Desk
from gateways.slack.wire import RateLimited, Slack
from gateways.slack.wire.client import MOST_INVITED

T = TypeVar("T")

log = logging.getLogger("deskbell.bot")

_IN_IT = "already_in_channel"


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask Slack; where it wants us to rest, rest, and go on there: so many agents, so many questions."""
    while True:
        try:
            return await ask()
        except RateLimited as limited:
            log.info("%s", limited)
            await asyncio.sleep(limited.retry_after.total_seconds())


async def invite(desk: Desk, slack: Slack, room: str, users: Collection[str]) -> dict[str, str]:
    """Invite those who are not in the room and never were; whom Slack does not let in, each with its word for why.

    Slack says who is in it. The desk remembers whom it has invited or found there, as soon as it is so: who is
    remembered and not in it any more has left, and is left in peace. Raises SlackError where nobody can be invited.
    """
    team = (await slack.me()).team
    wanted = set(users) - await desk.invited.soon(team, room)
    if not wanted:
        return {}
    there = wanted & await patiently(lambda: slack.members(room))
    await desk.keep_invited.soon(team, room, there)
    refused: dict[str, str] = {}
    for some in in_lots(sorted(wanted - there), MOST_INVITED):
        said = await patiently(lambda some=some: slack.invite(room, some))
        said = {user: code for user, code in said.items() if code != _IN_IT}
        await desk.keep_invited.soon(team, room, set(some) - said.keys())
        refused |= said
    return refused


def in_lots(users: list[str], most: int) -> list[list[str]]:
    """So many at a time."""
    return [users[at : at + most] for at in range(0, len(users), most)]
