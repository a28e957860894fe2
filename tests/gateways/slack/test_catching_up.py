"""After a time in which nobody told us: what was said meanwhile is found, once."""

from __future__ import annotations

from datetime import timedelta

from core.tickets.model import Part, Status
from tests.gateways.slack.rooms import ROOM, Rooms
from tests.world import ANN

HELP = "The kettle that you sent me does not get warm any more."


async def test_what_was_said_while_we_were_away_is_heard_once(rooms: Rooms) -> None:
    await rooms.comes("Max Weber")
    ts = await rooms.says(HELP)
    await rooms.works()
    edited = await rooms.says("It says E5.", thread=ts)
    await rooms.works()
    before = await rooms.says("My order has not come.", who="max")
    await rooms.says("It was number A-77.", who="max", thread=before)
    await rooms.says("Hello? Is anybody there?", thread=ts)
    await rooms.box.edit(rooms.people["carla"], ROOM, edited, "It says E7.")
    await rooms.says("I will look.", who="U0ANN", thread=ts)
    missed = rooms.told()
    await rooms.desk.catch_up.soon("slack")
    await rooms.desk.catch_up.soon("slack")
    await rooms.works()
    assert await rooms.heard(1) == [HELP, "It says E7.", "Hello? Is anybody there?"]
    assert await rooms.heard(2) == ["My order has not come.", "It was number A-77."], "its thread is as new as it is"
    await rooms.desk.catch_up.soon("slack")
    for one in missed:  # it is told after all
        await rooms.arriving.takes(one)
    await rooms.works()
    assert await rooms.heard(1) == [HELP, "It says E7.", "Hello? Is anybody there?"]
    assert await rooms.heard(2) == ["My order has not come.", "It was number A-77."]
    assert [one.text for one in await rooms.said(1) if one.author == "T0SANDBOX:U0ANN"] == ["I will look."]


async def test_what_was_said_before_we_came_is_none_of_ours(rooms: Rooms) -> None:
    await rooms.says(HELP)
    rooms.told()
    rooms.world.now += timedelta(days=400)  # later than anything that is said here
    await rooms.desk.seat_customers.soon("T0SANDBOX", "C0OTHER", "other", False, f"{rooms.world.now.timestamp():.6f}")
    await rooms.desk.catch_up.soon("slack")
    await rooms.works()
    assert await rooms.heard(1) == [HELP], "the desk of this test began long before"


async def test_threads_are_looked_at_as_long_as_their_tickets_can_be_opened_again(rooms: Rooms) -> None:
    ts = await rooms.says(HELP)
    await rooms.works()
    await rooms.desk.close.soon(1, ANN)
    assert await rooms.desk.going_threads.soon("slack", 1) == [f"1/{ts}"]
    rooms.world.now += timedelta(days=15)
    assert await rooms.desk.going_threads.soon("slack", 1) == []


async def looks(rooms: Rooms) -> None:
    """Everything that was said until now was told to nobody; then somebody looks."""
    rooms.told()
    await rooms.desk.catch_up.soon("slack")
    for _ in range(4):
        await rooms.works(30)


async def test_what_was_changed_and_deleted_while_we_were_away_is_found(rooms: Rooms) -> None:
    carla = rooms.people["carla"]
    ts = await rooms.says(HELP)
    await rooms.works()
    grouped = await rooms.says("My password is hunter2.")
    below = await rooms.says("And my pin is 1234.", thread=grouped)
    edited = await rooms.says("It says E5.", thread=ts)
    gone = await rooms.says("I am very angry.", thread=ts)
    answered = await rooms.says("We are sorry.", who="U0ANN", thread=ts)
    await rooms.works()
    await rooms.replies(1, "Please send it back.")
    await rooms.desk.catch_up.soon("slack")
    await rooms.works(120)
    before = ["The kettle that you sent me does not get warm any more.", "My password is hunter2."]
    assert (await rooms.heard(1))[:2] == before, "nothing was deleted"
    await rooms.box.edit(carla, ROOM, edited, "It says E7.")
    await rooms.box.edit(carla, ROOM, below, "And another thing.")
    await rooms.box.delete(carla, ROOM, gone)
    await rooms.box.delete(carla, ROOM, ts)  # a tombstone stays for the others' sake
    await rooms.box.edit("U0ANN", ROOM, answered, "We are very sorry.")
    await looks(rooms)
    assert await rooms.heard(1) == ["", "My password is hunter2.", "And another thing.", "It says E7.", ""]
    assert [one.text for one in await rooms.said(1, Part.REPLY)] == ["We are very sorry.", "Please send it back."]
    await rooms.box.delete(carla, ROOM, below)
    await rooms.box.delete(carla, ROOM, grouped)  # outside the ticket's thread, with nothing left below it
    await rooms.box.delete("U0ANN", ROOM, answered)
    await looks(rooms)
    await looks(rooms)
    assert await rooms.heard(1) == ["", "", "", "It says E7.", ""]
    assert [one.text for one in await rooms.said(1, Part.REPLY)] == ["", "Please send it back."]
    deleted = [note for note in await rooms.notes(1) if "has deleted a message" in note]
    assert len(deleted) == 4, "each is told of once"


async def test_a_first_message_that_was_deleted_before_anybody_answered_is_found(rooms: Rooms) -> None:
    await rooms.rules(queue="billing")  # which acknowledges nothing
    ts = await rooms.says(HELP)
    await rooms.works()
    await rooms.box.delete(rooms.people["carla"], ROOM, ts)
    await looks(rooms)
    assert await rooms.heard(1) == [""]


async def test_a_closed_ticket_is_opened_by_what_was_said_while_we_were_away(rooms: Rooms) -> None:
    ts = await rooms.says(HELP)
    await rooms.works()
    await rooms.desk.close.soon(1, ANN)
    await rooms.says("It is cold again.", thread=ts)
    await looks(rooms)
    assert await rooms.heard(1) == [HELP, "It is cold again."]
    assert rooms.world.ticket(1).status is Status.NEW


async def test_more_than_slack_gives_at_once_is_heard_in_order(rooms: Rooms) -> None:
    rooms.slack.page = 3
    said = [f"{n} of the kettles came broken." for n in range(5)]
    ts = [await rooms.says(one) for one in said]
    await rooms.says("Number eleven, too.", thread=ts[0])
    more = [await rooms.says(f"Also {n}.", thread=ts[0]) for n in range(4)]
    await looks(rooms)
    heard, below = await rooms.heard(1), ["Number eleven, too.", *(f"Also {n}." for n in range(4))]
    assert ([one for one in heard if one in said], [one for one in heard if one not in said]) == (said, below)
    await rooms.box.delete(rooms.people["carla"], ROOM, more[-2])
    await looks(rooms)
    assert [one for one in await rooms.heard(1) if one not in said][-3:] == ["Also 1.", "", "Also 3."]
