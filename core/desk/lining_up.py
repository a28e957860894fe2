"""The line-up: everybody of the desk, whether they are there, what they can and what they carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from core.routing.assignment import Member, Presence, points
from core.rulebook import Agent, Rulebook
from core.storage import lineup, people
from core.storage.database import Tx
from core.storage.lineup import State
from core.storage.people import Colleague
from core.tickets.channels import manner


class Standing(NamedTuple):
    """Somebody in the line-up, and since when they are not there, where they are not. `changes`: when that may be
    otherwise, by the clock alone.
    """

    member: Member
    state: State
    gone_since: datetime | None
    changes: datetime | None


class _Shift(NamedTuple):
    on_duty: bool
    since: datetime | None
    until: datetime | None


def roster(tx: Tx, book: Rulebook) -> list[tuple[Colleague, Agent]]:
    """The people behind the rulebook's agents, each once."""
    by_member: dict[str, tuple[str, Agent]] = {}
    for agent in book.agents:
        team, _, member = (agent.slack or "").rpartition(":")
        if member:
            by_member.setdefault(member, (team, agent))
    found: dict[str, tuple[Colleague, Agent]] = {}
    for one in people.inside(tx):
        team, agent = by_member.get(one.user, ("", None))
        if agent is None or (team and team != one.team):
            agent = book.agent_for(email=one.email) if one.email else None
        if agent is not None:
            found.setdefault(agent.name, (one, agent))
    return list(found.values())


def line_up(
    tx: Tx, book: Rulebook, topics: Iterable[str] = (), states: Mapping[str, State] | None = None
) -> list[Standing]:
    """Everybody as they stand now. `topics`: those whose records count."""
    known = lineup.states(tx) if states is None else states
    loads: dict[str, dict[str, float]] = {}
    for load in lineup.loads(tx):
        weight = load.many * weighs(load)
        of_queue = loads.setdefault(load.agent, {})
        of_queue[load.queue] = of_queue.get(load.queue, 0.0) + weight
    records = lineup.every_record(tx, topics)
    shifts: dict[tuple[tuple[str, ...], str | None], _Shift] = {}
    found: list[Standing] = []
    for colleague, agent in roster(tx, book):
        hours = (agent.hours, agent.time_zone)
        shift = shifts.get(hours)
        if shift is None:
            shift = shifts[hours] = _Shift(book.on_duty(agent, tx.now), *book.duty_changes(agent, tx.now))
        state = as_of(known.get(colleague.id) or State(colleague.id), tx.now)
        of_queue = loads.get(colleague.id, {})
        away = state.status is Presence.AWAY
        member = Member(
            id=colleague.id,
            name=agent.name,
            queues=frozenset(agent.queues) or None,
            skills=agent.skills,
            languages=agent.languages,
            presence=state.status,
            on_duty=shift.on_duty,
            back_at=_back_at(state, shift),
            capacity=float(agent.capacity),
            load=sum(of_queue.values()),
            load_of=of_queue,
            records=records.get(colleague.id, {}),
            given_at=state.given_at,
        )
        gone = [at for at, is_gone in ((state.since, away), (shift.since, not shift.on_duty)) if is_gone and at]
        changes = [at for at in (state.until, shift.until) if at is not None]
        found.append(Standing(member, state, min(gone, default=None), min(changes, default=None)))
    return found


def weighs(load: lineup.Load) -> float:
    """What one of these tickets weighs."""
    is_chat = not manner(load.channel).letters
    return points(load.urgency, is_chat=is_chat, at_rest=load.at_rest, is_old=load.is_old)


def as_of(state: State, now: datetime) -> State:
    """What somebody said of themselves, as long as it holds."""
    if state.until is not None and state.until <= now:
        return state._replace(status=Presence.AVAILABLE, since=state.until, until=None, by_desk=False)
    return state


def _back_at(state: State, shift: _Shift) -> datetime | None:
    """When somebody who is not there may be again; None where nobody knows."""
    waits_for: list[datetime | None] = []
    if state.status is Presence.AWAY:
        waits_for.append(state.until)
    if not shift.on_duty:
        waits_for.append(shift.until)
    return None if None in waits_for else max((at for at in waits_for if at is not None), default=None)
