"""After a time in which nobody told us: what was said meanwhile is found, once."""

from __future__ import annotations

from datetime import timedelta

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
    assert await rooms.heard(2) == ["My order has not come."]
    await rooms.desk.catch_up.soon("slack")  # now it knows of Max's thread, too
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
    await rooms.desk.close.soon(1, ANN)
    assert await rooms.desk.open_threads.soon("slack", 1) == []
