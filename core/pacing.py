"""How fast we may: token buckets as arithmetic on one time each (GCRA), so that a bucket fits in a row.

Source: ITU-T I.371, generic cell rate algorithm, virtual scheduling form.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from core.phrases import Refused, phrase


class Rate(NamedTuple):
    """One every `interval`, of which `burst` may come at once after a rest."""

    interval: timedelta
    burst: int = 1


class Pace(NamedTuple):
    """A bucket's state: the theoretical arrival time of the next one, and a pause the other side asked for."""

    tat: datetime
    paused_until: datetime | None = None


def may_at(pace: Pace | None, rate: Rate, now: datetime, count: int = 1) -> datetime:
    """The earliest time at which one more conforms, or `count` at once: `now` or later."""
    if pace is None:
        return now
    free = pace.tat - rate.interval * (rate.burst - count)
    return max(now, free, pace.paused_until or now)


def worth_taking(rate: Rate, within: timedelta) -> int:
    """How many are worth waiting for, so that they are taken at once: as many as come free `within` this time after the
    first, and no more than half a bucket, so that none is lost when whoever takes them is late.
    """
    return max(1, min(rate.burst // 2, 1 + within // rate.interval)) if rate.interval else 1


def took(pace: Pace | None, rate: Rate, now: datetime) -> Pace:
    """The bucket after one was taken at `now`."""
    tat = max(pace.tat, now) if pace else now
    return Pace(tat + rate.interval, pace.paused_until if pace else None)


# What the outside allows, by the first word of a pace's name. Sources: Slack "Rate limits" (chat.postMessage about one
# a second a channel with short bursts; tier 3 is 50 a minute a workspace, tier 4 100), measured with a margin.
RATES: dict[str, Rate] = {
    "slack-room": Rate(timedelta(seconds=1), 4),
    "slack-post": Rate(timedelta(milliseconds=150), 10),  # whole workspace: "several hundred a minute"
    "slack-warn": Rate(timedelta(minutes=1)),  # ours: more often nobody wants to be interrupted
    "slack-update": Rate(timedelta(milliseconds=1250), 15),
    "slack-history": Rate(timedelta(seconds=2), 5),
    "slack-tier4": Rate(timedelta(milliseconds=650), 15),
    "relay": Rate(timedelta(milliseconds=20), 50),
    # Telegram, "Bots FAQ": about thirty messages a second in all, one a second in a chat, twenty a minute in a group.
    "telegram": Rate(timedelta(milliseconds=36), 2),
    "telegram-chat": Rate(timedelta(seconds=1)),
    "telegram-group": Rate(timedelta(milliseconds=3200)),
    "telegram-typing": Rate(timedelta(milliseconds=200), 5),  # ours: a courtesy must not use up what answers need
    "web": Rate(timedelta(milliseconds=50), 20),  # webhooks to one source: ours, what a small shop bears
    "web-in": Rate(timedelta(milliseconds=50), 100),  # messages from one source: a flood of one must not drown others
    # Ours, of what strangers write on pages: people write once, and again where something was wrong.
    "form-network": Rate(timedelta(minutes=1), 10),  # forms from one network; more are turned away, and say so
    "form-address": Rate(timedelta(minutes=20), 3),  # that name one address; more are held
    "page": Rate(timedelta(seconds=20), 30),  # by a requester on the page of one ticket; more are turned away
    "form": Rate(timedelta(seconds=30), 30),  # in all; more are heard, and not acknowledged
    "domain": Rate(timedelta(milliseconds=50), 50),  # of recipients: less than half of what a relay takes
}


def grant(name: str, a_second: float) -> None:
    """Go by another rate in this process than the usual, since the outside allows more there, or less.

    A burst stays as long as it was. Raises Refused where nothing has this name.
    """
    usual = _USUAL.get(name)
    if usual is None:
        named = ", ".join(sorted(_USUAL))
        raise Refused(phrase("There is no pace named {name}. There are: {named}", name=name, named=named))
    interval = timedelta(seconds=1 / a_second)
    RATES[name] = Rate(interval, max(1, round(usual.burst * (usual.interval / interval))))


_USUAL = dict(RATES)
UNLIMITED = Rate(timedelta(0), 1_000_000)


def rate_of(name: str) -> Rate:
    """The rate of a pace named like "slack-room:general"."""
    return RATES.get(name.partition(":")[0], UNLIMITED)
