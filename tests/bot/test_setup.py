"""How the desk moves into a workspace, and what it says where it cannot."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.finding import ASK_AGAIN
from bot.first import become_supervisor, code_of
from bot.setup import Setup, look
from core.phrases import Refused
from core.rulebook import Agent, Role, parse_toml
from gateways.slack.wire import Slack, Unreachable
from tests.bot.office import ANN, SAM, Office
from tests.world import RULEBOOK


async def test_each_queue_gets_a_room_and_its_agents_are_in_it(office: Office) -> None:
    assert {(room.queue, room.name) for room in await office.desk.rooms.soon()} == {
        ("support", "desk-support"),
        ("billing", "desk-billing"),
    }
    for name in ("desk-support", "desk-billing"):
        await office.until(lambda name=name: {ANN, "U0JONAS", SAM} <= set(office.sandbox.room(name)["members"]))
    ann = await office.desk.colleague.soon(f"T0SANDBOX:{ANN}")
    assert ann is not None
    assert (ann.name, ann.locale) == ("Ann Walker", "en-GB")


async def test_a_room_that_is_there_already_is_used(closed_office: Office) -> None:
    made = await closed_office.sandbox.new_room(SAM, "desk-support")
    await closed_office.open()
    rooms = {room.queue: room.room for room in await closed_office.desk.rooms.soon()}
    assert rooms["support"] == made["room"]


async def test_a_room_stays_the_same_when_people_rename_it(office: Office) -> None:
    before = await office.desk.rooms.soon()
    box = office.sandbox.slack
    box.rooms.rename(office.sandbox.room("desk-support"), "helpdesk", SAM)
    edition = await office.desk.edition.soon()
    assert edition is not None
    await office.bot.setup.move_in(edition)
    assert await office.desk.rooms.soon() == before


async def test_a_new_queue_gets_its_room_while_the_desk_runs(office: Office) -> None:
    more = RULEBOOK + '\n[[queues]]\nname = "sales"\ntitle = "Sales"\n'
    await office.desk.apply.soon(parse_toml(more, "desk.toml"), "test")
    await office.until(lambda: any(room["name"] == "desk-sales" for room in office.sandbox.rooms))


async def test_who_left_a_room_is_not_dragged_back_into_it(office: Office) -> None:
    room = office.sandbox.room("desk-billing")
    await office.eventually(lambda: is_known_to_be_in(office, room["id"]))
    await office.sandbox.leave(ANN, "desk-billing")
    edition = await office.desk.edition.soon()
    assert edition is not None
    await office.bot.setup.move_in(edition)
    assert ANN not in office.sandbox.room("desk-billing")["members"]


async def test_a_private_room_that_we_are_not_in_is_said_how_to_open(
    closed_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office = closed_office
    await office.sandbox.new_room(SAM, "desk-support", is_private=True)
    edition = await office.desk.edition.soon()
    assert edition is not None
    await office.bot.setup.move_in(edition)
    await office.bot.setup.move_in(edition)
    said = [record.getMessage() for record in caplog.records if "/invite @deskbell" in record.getMessage()]
    assert len(said) == 1
    assert "The tickets of Support have no room: #desk-support exists" in said[0]
    await office.runner.start()
    await office.told(SAM, "/invite @deskbell")
    await office.quiet()
    assert len(office.whispers(SAM)) == 1
    assert [room.queue for room in await office.desk.rooms.soon()] == ["billing"]


async def test_a_missing_permission_is_named(closed_office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office = closed_office
    await office.sandbox.set_faults(api_error={"conversations.create": "missing_scope"})
    edition = await office.desk.edition.soon()
    assert edition is not None
    await office.bot.setup.move_in(edition)
    assert any("may not make or join #desk-support" in record.getMessage() for record in caplog.records)


async def test_the_first_supervisor_is_named_by_mail_address(closed_office: Office) -> None:
    office = closed_office
    agents = tuple(a.model_copy(update={"role": Role.AGENT}) for a in office.book.agents)
    await office.desk.apply.soon(office.book.model_copy(update={"agents": agents}), "test")
    office.bot.setup.supervisor = "ann@desk.example"
    edition = await office.desk.edition.soon()
    assert edition is not None
    await office.bot.setup.move_in(edition)
    assert [a.name for a in (await office.desk.book.soon()).supervisors] == ["Ann Walker"]


async def test_without_any_supervisor_the_terminal_shows_a_code(
    closed_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office = closed_office
    agents = tuple(a.model_copy(update={"role": Role.AGENT}) for a in office.book.agents)
    await office.desk.apply.soon(office.book.model_copy(update={"agents": agents}), "test")
    edition = await office.desk.edition.soon()
    assert edition is not None
    await office.bot.setup.move_in(edition)
    await office.bot.setup.move_in(edition)
    assert len([r for r in caplog.records if "/desk setup " in r.getMessage()]) == 1


async def test_a_wrong_token_is_said_so_and_the_desk_goes_on(
    closed_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = Slack("xoxb-wrong", closed_office.sandbox.slack_api_url)
    facts = await look(wrong)
    await wrong.close()
    assert facts.problem is not None
    assert "does not accept the token" in str(facts.problem.text)
    right = await look(closed_office.slack)
    assert (right.team, right.bot, right.missing, right.problem) == ("Deskbell sandbox", "deskbell", (), None)


async def test_when_slack_is_away_at_the_start_the_desk_moves_in_later(
    closed_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office = closed_office
    caplog.set_level(logging.ERROR, "deskbell")
    await office.sandbox.set_faults(http_errors=2)
    await office.open()
    assert any("Slack does not answer" in record.getMessage() for record in caplog.records)
    number = await office.mail()
    await office.card_of(number)


async def test_tickets_have_their_rooms_though_agents_cannot_be_looked_for(closed_office: Office) -> None:
    office = closed_office
    await office.sandbox.set_faults(api_error={"users.lookupByEmail": "internal_error"})
    edition = await office.desk.edition.soon()
    assert edition is not None
    with pytest.raises(Unreachable):
        await office.bot.setup.move_in(edition)
    assert len(await office.desk.rooms.soon()) == 2
    await office.sandbox.set_faults(api_error={})
    await office.bot.setup.move_in(edition)
    assert {ANN, "U0JONAS", SAM} <= set(office.sandbox.room("desk-support")["members"])


async def test_agents_are_looked_for_once_and_strangers_seldom(closed_office: Office) -> None:
    office = closed_office
    nobody = Agent(name="Nobody", email="nobody@desk.example")
    book = office.book.model_copy(update={"agents": (*office.book.agents, nobody)})
    await office.desk.apply.soon(book, "test")
    edition = await office.desk.edition.soon()
    assert edition is not None
    await office.bot.setup.move_in(edition)
    asked = looked(office)
    assert asked == 4
    await office.bot.setup.move_in(edition)
    assert looked(office) == asked
    fresh = Setup(office.desk, office.slack, office.bot.dispatcher.identity)
    await fresh.move_in(edition)
    assert looked(office) == asked + 1  # only whom nobody knows
    office.ahead += ASK_AGAIN
    await fresh.move_in(edition)
    assert looked(office) == asked + 2


async def test_where_slack_wants_a_rest_moving_in_goes_on_where_it_was(closed_office: Office) -> None:
    office = closed_office
    edition = await office.desk.edition.soon()
    assert edition is not None
    await office.sandbox.set_faults(slow_ms=20)
    moving = asyncio.create_task(office.bot.setup.move_in(edition))
    await office.until(lambda: looked(office) == 1)
    await office.sandbox.set_faults(rate_limit_next=1)
    await moving
    assert looked(office) <= 4  # three agents, of whom one was asked for twice at most
    assert {ANN, "U0JONAS", SAM} <= set(office.sandbox.room("desk-support")["members"])
    assert any(call.status == 429 for call in office.sandbox.slack.calls)


async def test_a_rulebook_changed_while_the_first_supervisor_is_made_is_not_lost(closed_office: Office) -> None:
    office = closed_office
    agents = tuple(a.model_copy(update={"role": Role.AGENT}) for a in office.book.agents)
    book = office.book.model_copy(update={"agents": agents})
    await office.desk.apply.soon(book, "test")
    old = await office.desk.edition.soon()
    assert old is not None
    more = parse_toml(RULEBOOK + '\n[[queues]]\nname = "sales"\ntitle = "Sales"\n', "desk.toml")
    await office.desk.apply.soon(more.model_copy(update={"agents": agents}), "test")
    office.bot.setup.supervisor = "ann@desk.example"
    await office.bot.setup.move_in(old)  # as it was read before the slow calls
    book = await office.desk.book.soon()
    assert [a.name for a in book.supervisors] == ["Ann Walker"]
    assert "sales" in {queue.name for queue in book.queues}


async def test_of_two_who_type_the_code_at_once_one_becomes_supervisor(closed_office: Office) -> None:
    office = closed_office
    agents = tuple(a.model_copy(update={"role": Role.AGENT}) for a in office.book.agents)
    await office.desk.apply.soon(office.book.model_copy(update={"agents": agents}), "test")
    edition = await office.desk.edition.soon()
    assert edition is not None
    code = code_of(office.slack, edition)
    who = [await office.bot.dispatcher.identity.who(f"T0SANDBOX:{user}") for user in (ANN, "U0JONAS")]
    tried = [become_supervisor(office.desk, office.slack, person, code) for person in who]
    came = await asyncio.gather(*tried, return_exceptions=True)
    refused = [error for error in came if isinstance(error, Refused)]
    assert [str(error.phrase.text) for error in refused] == ["This desk has a supervisor already: {names}."]
    assert len((await office.desk.book.soon()).supervisors) == 1


def looked(office: Office) -> int:
    return sum(call.method == "users.lookupByEmail" for call in office.sandbox.slack.calls)


async def is_known_to_be_in(office: Office, room: str) -> bool:
    return ANN in await office.desk.invited.soon("T0SANDBOX", room)
