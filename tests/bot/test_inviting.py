"""Whoever is an agent of a queue is in its room: invited once, whatever died in between."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.first import become_supervisor, code_of
from bot.setup import Setup
from core.rulebook import Agent, Role
from tests.bot.office import ANN, JONAS, ROOM, SAM, Office


async def move_in(office: Office) -> None:
    """As a process does that has just been started: it remembers nothing."""
    edition = await office.desk.edition.soon()
    assert edition is not None
    await Setup(office.desk, office.slack, office.bot.dispatcher.identity).move_in(edition)


async def hire(office: Office, *agents: Agent) -> None:
    book = await office.desk.book.soon()
    await office.desk.apply.soon(book.model_copy(update={"agents": (*book.agents, *agents)}), "test")


def members(office: Office, room: str = ROOM) -> set[str]:
    return set(office.sandbox.room(room)["members"])


def invitations(office: Office) -> int:
    return sum(call.method == "conversations.invite" for call in office.sandbox.slack.calls)


async def test_who_looked_at_the_home_before_being_an_agent_is_invited(closed_office: Office) -> None:
    office = closed_office
    await move_in(office)
    mia = (await office.sandbox.new_person("Mia Long", "mia@desk.example"))["user"]
    assert (await office.bot.dispatcher.identity.who(f"T0SANDBOX:{mia}")).agent is None
    await hire(office, Agent(name="Mia", email="mia@desk.example"))
    await move_in(office)
    assert mia in members(office)


async def test_who_becomes_the_first_supervisor_by_code_is_invited(closed_office: Office) -> None:
    office = closed_office
    agents = tuple(a.model_copy(update={"role": Role.AGENT}) for a in office.book.agents)
    await office.desk.apply.soon(office.book.model_copy(update={"agents": agents}), "test")
    await move_in(office)
    edition = await office.desk.edition.soon()
    assert edition is not None
    mia = (await office.sandbox.new_person("Mia Long", "mia@desk.example"))["user"]
    person = await office.bot.dispatcher.identity.who(f"T0SANDBOX:{mia}")
    await become_supervisor(office.desk, office.slack, person, code_of(office.slack, edition))
    await move_in(office)
    assert mia in members(office)


@pytest.mark.parametrize("method", ["users.lookupByEmail", "conversations.members", "conversations.invite"])
async def test_a_process_that_dies_while_it_moves_in_leaves_nobody_out(closed_office: Office, method: str) -> None:
    office = closed_office
    await office.sandbox.set_faults(slow_ms=20)
    moving = asyncio.create_task(move_in(office))
    await office.until(lambda: any(call.method == method for call in office.sandbox.slack.calls))
    moving.cancel()
    await asyncio.gather(moving, return_exceptions=True)
    await office.sandbox.set_faults(slow_ms=0)
    await move_in(office)
    for room in ("desk-support", "desk-billing"):
        assert {ANN, JONAS, SAM} <= members(office, room)


async def test_who_left_stays_away_though_the_process_is_another(closed_office: Office) -> None:
    office = closed_office
    await move_in(office)
    await office.sandbox.leave(ANN, ROOM)
    await move_in(office)
    assert ANN not in members(office)


async def test_who_came_by_themselves_may_leave_too(closed_office: Office) -> None:
    office = closed_office
    await office.sandbox.new_room(SAM, ROOM)
    await office.sandbox.join(ANN, ROOM)
    await move_in(office)
    await office.sandbox.leave(ANN, ROOM)
    await move_in(office)
    assert ANN not in members(office)
    assert JONAS in members(office)


async def test_many_are_invited_by_few_calls(closed_office: Office) -> None:
    office = closed_office
    people = [await office.sandbox.new_person(f"Agent {n}", f"agent{n}@desk.example") for n in range(120)]
    await hire(office, *(Agent(name=f"A{n}", email=f"agent{n}@desk.example") for n in range(120)))
    await move_in(office)
    assert {person["user"] for person in people} <= members(office)
    assert invitations(office) == 2 * 2
    await move_in(office)
    assert invitations(office) == 2 * 2


async def test_who_cannot_be_invited_keeps_nobody_else_out(
    closed_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office = closed_office
    people = office.sandbox.slack.people
    people.put({**people.find(ANN), "is_ultra_restricted": True})
    await hire(office, Agent(name="Ghost", slack="T0SANDBOX:U0GHOST"), Agent(name="Bell", slack="T0SANDBOX:U0DESKBELL"))
    await move_in(office)
    assert {JONAS, SAM} <= members(office)
    said = " ".join(record.getMessage() for record in caplog.records)
    assert "could not be invited into #desk-support (user_is_ultra_restricted)" in said
    assert "Ghost could not be invited into #desk-support (user_not_found)" in said
    people.put({**people.find(ANN), "is_ultra_restricted": False})
    await move_in(office)
    assert ANN in members(office)


async def test_where_slack_lets_nobody_in_for_the_sake_of_one_each_is_asked_for_alone(office: Office) -> None:
    mia, lea = [(await office.sandbox.new_person(name, f"{name}@desk.example"))["user"] for name in ("Mia", "Lea")]
    await office.sandbox.join(lea, ROOM)
    room = office.sandbox.room(ROOM)["id"]
    refusing: dict[str, Any] = {"conversations.invite": "cant_invite"}
    await office.sandbox.set_faults(api_error=refusing)
    assert await office.slack.invite(room, [mia, lea]) == {mia: "cant_invite", lea: "cant_invite"}
    await office.sandbox.set_faults(api_error={})
    assert await office.slack.invite(room, [mia, lea]) == {lea: "already_in_channel"}
    assert mia in members(office)
