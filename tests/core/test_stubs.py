"""A mail that cannot be read is a ticket all the same: agents see that it came, and have it as it came."""

from __future__ import annotations

from typing import Any

from core.storage import tickets
from core.tickets.model import Address, Inbound, Vouch, Vouched
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


def again(world: World, about: Inbound, key: str = "again") -> int | None:
    """The same mail comes by another way, and can be read: the ticket that it goes to."""
    id = world.desk.accept("email", key, "lane", {}, RAW + key.encode())
    assert id
    return world.desk.receive(id, about)


READ = head(text="Where is it?", reply_text="Where is it?", subject="My order", likeness="the same")


def test_the_same_mail_come_again_and_read_comes_into_that_ticket_and_nobody_looks_after_the_first(
    world: World,
) -> None:
    id, number = unread(world)
    assert again(world, READ) == number
    assert number is not None
    assert [message.text for message in world.said(number)][-1] == "Where is it?"
    assert world.desk.db.run(lambda tx: tickets.look(tx, number)[1]) == ("My order", "carla@example.com")
    assert world.desk.held().total == 0
    assert not world.desk.replay(id)
    assert again(world, READ, "a third time") is None
    assert len(world.said(number)) == 2


def test_where_it_comes_again_and_cannot_be_read_either_there_is_one_ticket_and_read_at_last_one_answer(
    world: World,
) -> None:
    first, number = unread(world)
    second, none = unread(world, key="l")
    assert none is None
    assert world.desk.held().total == 2
    assert world.desk.replay(second)
    assert world.desk.receive(second, READ) == number
    assert world.desk.held().total == 0
    assert not world.desk.replay(first)


def test_read_again_after_it_came_again_it_is_the_repeat_that_it_is(world: World) -> None:
    id, number = unread(world)
    assert world.desk.replay(id)
    assert world.desk.receive(id, READ) == number
    assert again(world, READ) is None
    assert number is not None
    assert len(world.said(number)) == 2


def test_what_somebody_else_wrote_or_another_mail_does_not_come_into_that_ticket(world: World) -> None:
    _, number = unread(world)
    others = [
        head("eve@example.org", text="x", reply_text="x", likeness="1"),
        head(text="x", reply_text="x", external_id="<other@example.com>", likeness="2"),
        head(text="x", reply_text="x", vouched=Vouched(Vouch.FAILED, "example.com"), likeness="3"),
    ]
    tickets_of_their_own = {again(world, one, f"k{n}") for n, one in enumerate(others)}
    assert len(tickets_of_their_own - {None, number}) == 3
    assert world.desk.held().total == 1


def test_of_a_blocked_sender_and_of_our_own_mailbox_it_opens_nothing(world: World) -> None:
    world.desk.block("eve@example.org", SAM)
    assert unread(world, head("eve@example.org"))[1] is None
    assert unread(world, head("support@desk.example"), "l")[1] is None
    assert [piece.state for piece in world.desk.kept_out(("blocked", "unreadable"))] == ["unreadable", "blocked"]
