"""What is learnt of agents by what they do: that they are there, what they solve, what they do not want."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from core.routing.assignment import Presence
from core.storage import lineup, offers, routings
from core.storage.database import Tx
from core.tickets import events as e
from core.tickets.model import MERGING, REQUESTER, By, Ticket

OFTEN = timedelta(minutes=5)
"""So often is written down that somebody is there who does things all the time."""


def seen(tx: Tx, agent: str) -> bool:
    """They do something. Whether that changes what they can be given: they were taken for away."""
    known = lineup.state(tx, agent)
    back = known.by_desk and known.status is Presence.AWAY
    if not back and not known.missed and known.seen_at is not None and tx.now - known.seen_at < OFTEN:
        return False
    known = known._replace(seen_at=tx.now, missed=0)
    if back:
        known = known._replace(status=Presence.AVAILABLE, until=None, since=tx.now, by_desk=False)
    lineup.keep(tx, known)
    return back


def reckon(tx: Tx, before: Ticket, happened: Sequence[e.Event]) -> None:
    """What happened to a ticket, as it counts for whoever had it."""
    agent = before.assignee
    for event in happened:
        match event:
            case e.Closed(outcome=None) if agent and before.claimed_at and By(event.by) not in (REQUESTER, MERGING):
                lineup.solved(tx, agent, topics_of(routings.of(tx, before.number)), event.at - before.claimed_at)
            case e.Reopened(message=int()) if agent:
                lineup.reopened(tx, agent, topics_of(routings.of(tx, before.number)))
            case e.Released() if agent and event.by == agent:
                offers.returned(tx, before.number, agent)
            case _:
                pass


def topics_of(known: routings.Routing | None) -> tuple[str, ...]:
    """What a ticket is about, where that is known: what counts as a skill."""
    if known is None:
        return ()
    return tuple(str(known.facts[name]) for name in ("topic", "product") if known.facts.get(name))
