"""A mail that cannot be read is a ticket all the same: agents see that it came, and have it as it came."""

from __future__ import annotations

from typing import Any

from core.storage import tickets
from core.tickets.model import Address, Inbound
from tests.core.test_why import told
from tests.world import ANN, SAM, World

RAW = b"From: Carla <carla@example.com>\r\n\r\n\xff\xfe"


def head(sender: str = "carla@example.com", **more: Any) -> Inbound:
    """What is known of it by its head."""
    said: dict[str, Any] = {"external_id": "<odd@example.com>", "subject": "Odd", "text": "", "reply_text": "", **more}
    return Inbound(channel="email", sender=Address("email", sender, "Carla"), door="support@desk.example", **said)


def unread(world: World, about: Inbound | None = None, key: str = "k") -> tuple[int, int | None]:
    """A mail that cannot be read; its number in the inbox, and the ticket it opened."""
    id = world.desk.accept("email", key, "lane", {}, RAW)
    assert id
    return id, world.desk.keep_out(id, "unreadable", "it takes too long", about or head())


def test_it_opens_a_ticket_that_says_why_and_has_the_mail_as_a_file_and_nobody_is_acknowledged(world: World) -> None:
    id, number = unread(world)
    assert number is not None
    world.settle()
    [first] = world.said(number)
    assert "could not read this mail (it takes too long)" in first.text
    assert f"deskbell inbox replay {id}" in first.text
    [file] = first.attachments
    assert (file.name, file.type, world.desk.blob(file.digest)) == ("message.eml", "message/rfc822", RAW)
    assert world.desk.db.run(lambda tx: tickets.look(tx, number)[1]) == ("Odd", "carla@example.com")
    assert world.sent == []
    assert [piece.id for piece in world.desk.held().pieces] == [id]
    assert f"Ticket #{number} says that it came" in told(world, "<odd@example.com>")


def test_read_again_with_success_its_words_come_into_that_ticket(world: World) -> None:
    id, number = unread(world)
    assert number is not None
    assert world.desk.replay(id)
    heard = head(text="Where is it?", reply_text="Where is it?", subject="My order", reply_to="c@other.example")
    assert world.desk.receive(id, heard) == number
    world.settle()
    assert [message.text for message in world.said(number)][-1] == "Where is it?"
    assert world.desk.db.run(lambda tx: tickets.look(tx, number)[1]) == ("My order", "c@other.example")
    assert world.desk.held().total == 0
    assert "could not be read at first" in told(world, id)
    world.desk.reply(number, ANN, "It left today.")
    world.later(seconds=11)
    assert world.sent[-1].in_reply_to == "<odd@example.com>"


def test_read_again_without_success_it_stays_one_ticket(world: World) -> None:
    id, number = unread(world)
    assert number is not None
    world.desk.replay(id)
    assert world.desk.keep_out(id, "unreadable", "it takes too long", head()) is None
    assert len(world.said(number)) == 1
    assert [piece.state for piece in world.desk.held().pieces] == ["unreadable"]


def test_of_a_blocked_sender_and_of_our_own_mailbox_it_opens_nothing(world: World) -> None:
    world.desk.block("eve@example.org", SAM)
    assert unread(world, head("eve@example.org"))[1] is None
    assert unread(world, head("support@desk.example"), "l")[1] is None
    assert [piece.state for piece in world.desk.kept_out(("blocked", "unreadable"))] == ["unreadable", "blocked"]
