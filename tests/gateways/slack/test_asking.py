"""What becomes a ticket because somebody wants it to: asked first, by a shortcut, by 🎫, or by a direct message."""

from __future__ import annotations

from contextlib import suppress

from core.rulebook import Opening
from sandbox import SandboxError
from sandbox.errors import Json
from tests.gateways.slack.rooms import ROOM, Rooms

HELP = "The kettle that you sent me does not get warm any more."


def asked(rooms: Rooms) -> list[Json]:
    """What Carla is asked, where nobody else sees it."""
    return [one for one in rooms.box.ephemeral if one["user"] == rooms.people["carla"]]


async def press(rooms: Rooms, action: str) -> None:
    """Carla presses a button below the question. Nobody is connected, so what Slack would tell is taken by hand."""
    with suppress(SandboxError):
        await rooms.box.click(rooms.people["carla"], action, ephemeral_id=asked(rooms)[0]["id"])
    await rooms.works()


async def tickets(rooms: Rooms) -> int:
    return rooms.desk.db.run(lambda tx: len(tx.sql.exec_driver_sql("select 1 from tickets").all()))


async def test_who_is_asked_first_has_a_ticket_when_they_say_so(rooms: Rooms) -> None:
    await rooms.rules(opens=Opening.ASKED)
    ts = await rooms.says(HELP)
    await rooms.works()
    assert (await tickets(rooms), rooms.ours(), len(asked(rooms))) == (0, [], 1)
    await press(rooms, "customer:open")
    assert await rooms.heard(1) == [HELP]
    assert "number 1" in rooms.shown(ts)[0]
    assert asked(rooms) == [], "the question is gone"
    await rooms.says("It is the red one.", thread=ts)
    await rooms.works()
    assert (await rooms.heard(1), asked(rooms)) == ([HELP, "It is the red one."], [])


async def test_who_wants_none_has_none_and_may_want_one_later(rooms: Rooms) -> None:
    await rooms.rules(opens=Opening.ASKED)
    ts = await rooms.says(HELP)
    await rooms.works()
    await press(rooms, "customer:leave")
    assert (await tickets(rooms), asked(rooms)) == (0, [])
    await rooms.box.react(rooms.people["carla"], ROOM, ts, "ticket")
    await rooms.works()
    assert await rooms.heard(1) == [HELP]


async def test_a_reaction_makes_a_ticket_of_what_opened_none_once(rooms: Rooms) -> None:
    ts = await rooms.says("Thanks a lot!")
    await rooms.works()
    assert await tickets(rooms) == 0
    await rooms.box.react("U0ANN", ROOM, ts, "admission_tickets")
    await rooms.box.react(rooms.people["carla"], ROOM, ts, "ticket")
    await rooms.box.react(rooms.people["carla"], ROOM, ts, "eyes")
    await rooms.works()
    assert await rooms.heard(1) == ["Thanks a lot!"]
    assert await tickets(rooms) == 1


async def test_a_shortcut_makes_a_ticket_of_what_was_said_before_we_came(rooms: Rooms) -> None:
    ts = await rooms.says(HELP)
    rooms.told()  # nobody was there to hear it
    with suppress(SandboxError):
        await rooms.box.message_shortcut("U0ANN", ROOM, ts, "open_ticket")
    await rooms.works()
    assert await rooms.heard(1) == [HELP]
    assert (await rooms.said(1))[0].author_name == "Carla Gómez"


async def test_what_an_agent_says_is_no_ticket_whoever_wants_one(rooms: Rooms) -> None:
    ts = await rooms.says("We are closed on Monday.", who="U0ANN")
    await rooms.works()
    await rooms.box.react(rooms.people["carla"], ROOM, ts, "ticket")
    await rooms.works()
    assert await tickets(rooms) == 0


async def test_direct_messages_are_heard_where_the_rulebook_says_so_and_agents_are_not(rooms: Rooms) -> None:
    carla = rooms.people["carla"]
    direct = (await rooms.box.open_dm(carla, "U0DESKBELL"))["room"]
    agents = (await rooms.box.open_dm("U0ANN", "U0DESKBELL"))["room"]
    await rooms.says(HELP, room=direct)
    await rooms.works()
    assert await tickets(rooms) == 0, "the rulebook does not say so"
    await rooms.rules(direct=True)
    ts = await rooms.says(HELP, room=direct)
    await rooms.says("Only a test.", who="U0ANN", room=agents)
    await rooms.works()
    assert (await rooms.heard(1), await tickets(rooms)) == ([HELP], 1)
    assert rooms.world.ticket(1).door == "slack:direct"
    await rooms.replies(1, "Please send it back.")
    assert rooms.shown(ts, direct)[-1] == "Please send it back."
    assert rooms.ours() == []
