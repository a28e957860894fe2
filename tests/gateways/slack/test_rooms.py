"""Customers in a room of Slack: what opens a ticket, what goes on in one, and what comes back into their thread."""

from __future__ import annotations

import base64
from datetime import timedelta

from core.desk.pages import Pages
from core.storage.handed import Handed
from core.tickets.model import Delivery, Part, Status
from core.tickets.passes import Purpose
from tests.gateways.slack.rooms import Rooms
from tests.world import ANN

COURTESIES = (
    "Hello!", "Hi all 👋", "Thanks a lot, that helped!", "👍", ":wave:", ":party_parrot: 🎉", "Guten Morgen", "ok",
    "@deskbell thank you",
)  # fmt: skip
HELP = "The kettle that you sent me does not get warm any more."


async def test_what_is_said_is_a_ticket_and_goes_on_in_its_thread(rooms: Rooms) -> None:
    ts = await rooms.says(HELP)
    await rooms.works()
    ticket = rooms.world.ticket(1)
    assert (ticket.thread.channel, ticket.door, ticket.queue, ticket.language) == (
        "slack",
        "#acme-help",
        "support",
        "en",
    )
    assert await rooms.heard(1) == [HELP]
    [acknowledged] = rooms.shown(ts)
    assert "number 1" in acknowledged
    await rooms.replies(1, "Please send it back to us.")
    assert rooms.shown(ts)[1:] == ["Please send it back to us."]
    [answer] = await rooms.said(1, Part.REPLY)
    assert answer.delivery is Delivery.SENT
    assert rooms.ours()[-1]["username"] == "Ann Walker · Example Help"
    await rooms.says("Which address is that?", thread=ts)
    await rooms.works()
    assert await rooms.heard(1) == [HELP, "Which address is that?"]
    assert rooms.world.ticket(1).status is Status.OPEN


async def test_a_thread_below_our_answer_or_their_second_message_is_about_the_same(rooms: Rooms) -> None:
    first = await rooms.says(HELP)
    await rooms.works()
    second = await rooms.says("It is the red one.")
    await rooms.works()
    assert await rooms.heard(1) == [HELP, "It is the red one."]
    await rooms.says("And it was expensive.", thread=second)
    await rooms.works()
    assert len(await rooms.heard(1)) == 3
    await rooms.replies(1, "We see.")
    assert rooms.shown(first)[-1] == "We see.", "answers stay in the thread in which it began"
    assert rooms.shown(second) == []


async def test_their_page_tells_times_by_the_zone_of_their_profile(rooms: Rooms) -> None:
    await rooms.comes("Rosa Quispe", tz="America/Lima")
    await rooms.says(HELP, who="rosa")
    await rooms.works()
    desk = rooms.world.desk
    desk.pages = Pages("https://help.example")
    visit = await desk.visit.soon((await desk.link.soon(1, Purpose.READ)).rpartition("/")[2])
    assert visit is not None
    assert visit.time_zone == "America/Lima"


async def test_what_one_person_says_within_a_while_is_one_ticket_and_later_another(rooms: Rooms) -> None:
    await rooms.says(HELP)
    await rooms.works()
    rooms.world.now += timedelta(minutes=9)
    await rooms.says("It says E5.")
    await rooms.works()
    rooms.world.now += timedelta(minutes=11)
    await rooms.says("Where is my invoice from May?")
    await rooms.works()
    assert await rooms.heard(1) == [HELP, "It says E5."]
    assert await rooms.heard(2) == ["Where is my invoice from May?"]


async def test_two_people_in_one_room_are_two_and_whoever_speaks_in_a_thread_takes_part(rooms: Rooms) -> None:
    await rooms.comes("Max Weber")
    ts = await rooms.says(HELP)
    await rooms.says("My order has not come.", who="max")
    await rooms.works()
    assert (await rooms.heard(1), await rooms.heard(2)) == ([HELP], ["My order has not come."])
    await rooms.says("I have seen it, it is really cold.", who="max", thread=ts)
    await rooms.works()
    assert (await rooms.heard(1))[-1] == "I have seen it, it is really cold."
    assert [one.author_name for one in await rooms.said(1, Part.REQUESTER)] == ["Carla Gómez", "Max Weber"]


async def test_greetings_thanks_and_emoji_open_nothing(rooms: Rooms) -> None:
    for said in COURTESIES:
        await rooms.says(said)
    await rooms.works()
    assert rooms.ours() == [], await rooms.heard(1)
    await rooms.says("Hello, is anybody there?")
    await rooms.works()
    assert await rooms.heard(1) == ["Hello, is anybody there?"]


async def test_thanks_in_a_thread_stay_in_their_ticket_and_leave_it_closed(rooms: Rooms) -> None:
    ts = await rooms.says(HELP)
    await rooms.works()
    await rooms.desk.close.soon(1, ANN)
    await rooms.says("Thank you!", thread=ts)
    await rooms.works()
    assert await rooms.heard(1) == [HELP, "Thank you!"]
    assert rooms.world.ticket(1).status is Status.CLOSED
    rooms.world.now += timedelta(days=2)
    await rooms.says("It is cold again.", thread=ts)
    await rooms.works()
    assert rooms.world.ticket(1).status is Status.OPEN or rooms.world.ticket(1).status is Status.NEW


async def test_long_after_it_was_closed_its_thread_goes_on_in_one_new_ticket(rooms: Rooms) -> None:
    ts = await rooms.says(HELP)
    await rooms.works()
    await rooms.desk.close.soon(1, ANN)
    rooms.world.now += timedelta(days=20)
    await rooms.says("It is cold again.", thread=ts)
    await rooms.works()
    await rooms.says("Very cold.", thread=ts)
    await rooms.works()
    assert rooms.world.ticket(2).follows == 1
    assert await rooms.heard(2) == ["It is cold again.", "Very cold."]


async def test_an_edit_changes_the_words_and_a_deletion_takes_them_away(rooms: Rooms) -> None:
    ts = await rooms.says(HELP)
    await rooms.works()
    await rooms.box.edit(rooms.people["carla"], "acme-help", ts, "The kettle is cold.")
    await rooms.works()
    assert await rooms.heard(1) == ["The kettle is cold."]
    more = await rooms.says("My password is hunter2.", thread=ts)
    await rooms.works()
    await rooms.replies(1, "Better do not write such things here.")
    await rooms.box.delete(rooms.people["carla"], "acme-help", more)
    await rooms.works()
    assert await rooms.heard(1) == ["The kettle is cold.", ""]
    assert any("Carla Gómez has deleted a message" in note for note in await rooms.notes(1))
    await rooms.box.delete(rooms.people["carla"], "acme-help", ts)  # the first of the thread: a tombstone stays
    await rooms.works()
    assert await rooms.heard(1) == ["", ""]


async def test_what_is_told_in_any_order_and_twice_is_heard_once(rooms: Rooms) -> None:
    ts = await rooms.says(HELP)
    gone = await rooms.says("Not this.")
    await rooms.box.edit(rooms.people["carla"], "acme-help", ts, "The kettle is cold.")
    await rooms.box.delete(rooms.people["carla"], "acme-help", gone)
    for one in [*reversed(told := rooms.told()), *told]:
        await rooms.arriving.takes(one)
    await rooms.works()
    assert await rooms.heard(1) == ["The kettle is cold."]
    assert rooms.desk.db.run(lambda tx: len(tx.sql.exec_driver_sql("select 1 from tickets").all())) == 1


async def test_a_mention_of_us_is_no_second_message(rooms: Rooms) -> None:
    await rooms.says(f"@deskbell {HELP}")
    await rooms.works()
    assert await rooms.heard(1) == [HELP]


async def test_files_come_and_go(rooms: Rooms) -> None:
    content = bytes(range(256)) * 40
    packed = base64.b64encode(content).decode()
    ts = await rooms.says(
        "Here is how it looks.", files=[{"name": "kettle.png", "type": "image/png", "base64": packed}]
    )
    await rooms.works()
    [first] = await rooms.said(1, Part.REQUESTER)
    assert [(file.name, file.size) for file in first.attachments] == [("kettle.png", len(content))]
    assert first.text == "Here is how it looks."
    form = Handed("T:F1", "Form.pdf", "application/pdf", len(content))
    await rooms.desk.keep_file.soon(1, form, content)
    await rooms.replies(1, "Please fill this in.", files=[form.id])
    assert rooms.shown(ts)[1:] == ["Please fill this in.", "Form.pdf"]


async def test_what_an_agent_says_in_the_customers_thread_is_an_answer(rooms: Rooms) -> None:
    await rooms.says("Good morning, here we help you.", who="U0ANN")
    ts = await rooms.says(HELP)
    await rooms.works()
    said = await rooms.says("I will look at it.", who="U0ANN", thread=ts)
    await rooms.works()
    [answer] = await rooms.said(1, Part.REPLY)
    assert (answer.text, answer.author_name, answer.delivery) == ("I will look at it.", "Ann Walker", Delivery.SENT)
    assert rooms.world.ticket(1).status is Status.PENDING
    assert len(rooms.shown(ts)) == 1, "it stands there already"
    await rooms.box.edit("U0ANN", "acme-help", said, "I will look at it today.")
    await rooms.works()
    assert [one.text for one in await rooms.said(1, Part.REPLY)] == ["I will look at it today."]
    await rooms.box.delete("U0ANN", "acme-help", said)
    await rooms.works()
    assert [one.text for one in await rooms.said(1, Part.REPLY)] == [""]


async def test_a_colleague_who_is_no_agent_is_no_customer_where_customers_are_from_outside(rooms: Rooms) -> None:
    await rooms.comes("Petra Sales", team="T0SANDBOX")
    await rooms.says("Does anybody know when Carla comes?", who="petra")
    ts = await rooms.says(HELP)
    await rooms.works()
    await rooms.says("They are a good customer!", who="petra", thread=ts)
    await rooms.works()
    assert await rooms.heard(1) == [HELP]
    assert any("Petra Sales" in note and "good customer" in note for note in await rooms.notes(1))
    assert rooms.desk.db.run(lambda tx: len(tx.sql.exec_driver_sql("select 1 from tickets").all())) == 1


async def test_a_room_that_gets_another_id_goes_on_as_it_was(rooms: Rooms) -> None:
    ts = await rooms.says(HELP)
    await rooms.works()
    before = rooms.box.room("acme-help")["id"]
    await rooms.box.give_new_id("acme-help")
    assert rooms.box.room("acme-help")["id"] != before
    await rooms.says("Hello? Is it coming?", thread=ts)
    await rooms.works()
    assert await rooms.heard(1) == [HELP, "Hello? Is it coming?"]
    await rooms.replies(1, "It is.")
    assert rooms.shown(ts)[-1] == "It is."


async def test_where_the_desk_was_put_out_or_the_room_is_archived_agents_are_told(rooms: Rooms) -> None:
    ts = await rooms.says(HELP)
    await rooms.works()
    await rooms.box.leave("U0DESKBELL", "acme-help")
    await rooms.replies(1, "We come in again by ourselves.")
    assert rooms.shown(ts)[-1] == "We come in again by ourselves."
    rooms.box.slack.rooms.archive(rooms.box.room("acme-help"), "U0SAM")
    await rooms.replies(1, "Nobody reads this.")
    answer = (await rooms.said(1, Part.REPLY))[-1]
    assert answer.delivery is Delivery.FAILED
    assert "not in the customers' channel any more" in (answer.reason or "")
    rooms.box.slack.rooms.unarchive(rooms.box.room("acme-help"), "U0SAM")
    await rooms.says("We are back.", thread=ts)
    await rooms.works()
    assert (await rooms.heard(1))[-1] == "We are back."
    assert await rooms.desk.unreachable.soon(1) == []
