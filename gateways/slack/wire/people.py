"""Who people in Slack are, as the desk remembers them: asked of Slack where that is not known, or long ago."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from core.desk import Desk
from core.storage.people import Colleague
from gateways.slack.wire.client import Slack
from gateways.slack.wire.errors import Gone, SlackError

log = logging.getLogger("deskbell.slack")

STALE = timedelta(hours=1)
"""After this long we ask again who somebody is: a guest may have become a member, an address may have changed."""


def is_stale(known: Colleague | None, now: datetime) -> bool:
    """Whether it is time to ask who somebody is."""
    return known is None or now - known.fetched_at > STALE


async def learn(desk: Desk, slack: Slack, user: Mapping[str, Any]) -> Colleague:
    """Remember what Slack says of somebody."""
    colleague = colleague_of(user, (await slack.me()).team, desk.db.clock())
    await desk.remember_colleague.soon(colleague)
    return colleague


async def ask(desk: Desk, slack: Slack, id: str, known: Colleague | None) -> None:
    """Ask Slack who somebody ("TEAM:USER") is. Raises SlackError where nobody knows, and nobody can say it now."""
    try:
        await learn(desk, slack, await slack.person(id.rpartition(":")[2]))
    except Gone:
        log.warning("Slack does not know %s, who acts all the same", id)
    except SlackError as error:
        if known is None:
            raise
        log.warning("who %s is now could not be asked, so what we knew holds: %s", id, error)


def colleague_of(user: Mapping[str, Any], our_team: str, now: datetime) -> Colleague:
    """A Slack user object as the desk keeps it. Guests, strangers, bots and those who have left are outside."""
    profile = user.get("profile") or {}
    team = str(user.get("team_id") or our_team)
    outside = (
        team != our_team
        or any(user.get(sign) for sign in ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger"))
        or user.get("id") == "USLACKBOT"
    )
    return Colleague(
        team=team,
        user=str(user["id"]),
        name=str(profile.get("real_name") or user.get("real_name") or user.get("name") or ""),
        email=profile.get("email") or None if user.get("is_email_confirmed", True) else None,
        locale=user.get("locale") or None,
        zone=user.get("tz") or None,
        outside=outside,
        fetched_at=now,
    )
