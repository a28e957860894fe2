"""Anybody writes by the contact form: people are heard, machines are held, and nobody else gets mail by it."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest

from core.rulebook import parse_toml
from core.rulebook.problems import RulebookError
from core.storage import suppressed
from core.storage.suppressed import Suppressed
from core.tickets.model import Part
from core.tickets.suppression import Kind, Standing
from gateways.pages.looking import inspect
from tests.gateways.pages.conftest import Seen, Visitor, there
from tests.world import ANN, RULEBOOK

PATH = "/contact"
WORDS = {
    "name": "Dana Weiss",
    "email": "dana@example.com",
    "subject": "A broken lamp",
    "text": "Hello, the lamp that you sent me arrived broken. What can I do?",
}


@pytest.fixture(autouse=True)
async def _open(visitor: Visitor) -> None:
    await opens_to(visitor, "support")


async def opens_to(visitor: Visitor, *names: str) -> None:
    book = visitor.world.book
    queues = tuple(queue.model_copy(update={"contact": queue.name in names}) for queue in book.queues)
    await visitor.desk.apply.soon(book.model_copy(update={"queues": queues}), "test")


async def writes(
    visitor: Visitor,
    files: tuple[tuple[str, str, bytes], ...] = (),
    seconds: float = 30,
    path: str = PATH,
    peer: str = "",
    **fields: str,
) -> Seen:
    """Somebody opens the form, takes their time, and sends it."""
    form = (await visitor.opens(path)).form("")
    visitor.world.now += timedelta(seconds=seconds)
    headers: dict[str, Any] = {"X-Forwarded-For": peer} if peer else {}
    return await visitor.sends(path, {**form, **WORDS, **fields}, files, **headers)


async def held(visitor: Visitor) -> list[tuple[str, ...]]:
    await visitor.works()
    pieces = await visitor.desk.kept_out.soon()
    return [tuple(piece.said["spam"]) for piece in reversed(pieces)]


async def test_what_somebody_writes_becomes_a_ticket_that_is_answered_by_mail(visitor: Visitor) -> None:
    sent = await writes(visitor, (("lamp.jpg", "image/jpeg", b"x" * 400_000),))
    assert (sent.status, sent.headers["Location"]) == (303, "?done=contact")
    there(await visitor.opens(f"{PATH}?done=contact"), "Thank you, we have your message. We answer by mail")
    await visitor.works()
    ticket = visitor.world.ticket(1)
    assert (ticket.thread.channel, ticket.door, ticket.queue) == ("email", "support@desk.example", "support")
    first, note, *_ = await visitor.said(1)
    assert (first.author_name, first.text, first.files[0].size) == ("Dana Weiss", WORDS["text"], 400_000)
    assert note.part is Part.NOTE
    assert "Nobody has checked" in note.text
    await visitor.desk.reply.soon(1, ANN, "We send you another one.")
    await visitor.works(seconds=11)
    out = visitor.world.sent[-1]
    assert (out.to[0].address, out.subject) == ("dana@example.com", "A broken lamp")


async def test_an_acknowledgement_carries_nothing_that_anybody_typed(visitor: Visitor) -> None:
    """Else the form would bring their words to whoever they name."""
    await writes(visitor, name="Cheap Pills", subject="Buy pills now", text="You have won, call us today, my friend.")
    await visitor.works()
    (told,) = visitor.world.sent
    assert told.part is Part.ACKNOWLEDGEMENT
    assert told.subject == "Your message to Example Help"
    everything = f"{told.subject} {told.text} {told.to[0].name}"
    assert not re.search("pills|won|Cheap", everything, re.IGNORECASE)
    assert "/t/" not in told.text, "nor a way to a page that shows it"


async def test_one_address_is_told_once_a_day_and_holds_nobody_up(visitor: Visitor) -> None:
    for n in range(4):
        assert (await writes(visitor, text=f"Message {n} of many about this very lamp.")).status == 303
    assert await held(visitor) == [("contact form: many messages in the name of this address",)]
    assert len(visitor.world.sent) == 1


async def test_a_network_that_sends_very_much_is_asked_to_wait(visitor: Visitor) -> None:
    answers = [
        (await writes(visitor, seconds=4, peer="9.9.9.7", email=f"dana{n}@example.com")).status for n in range(12)
    ]
    assert answers == [303] * 10 + [429] * 2
    elsewhere = await writes(visitor, peer="8.8.8.9", email="hugo@example.org")
    assert elsewhere.status == 303
    visitor.world.now += timedelta(minutes=2)
    assert (await writes(visitor, peer="9.9.9.200")).status == 303


async def test_nobody_gets_into_a_ticket_by_naming_its_number_and_its_requester(visitor: Visitor) -> None:
    number = await asyncio.to_thread(visitor.world.mail)
    carla = visitor.world.ticket(number).requester
    await writes(visitor, email="carla@example.com", name="Somebody Else", subject=f"[#{number}] Where is my order?")
    await visitor.works()
    assert await visitor.heard(number) == ["My order has not arrived."]
    assert (visitor.world.ticket(number + 1).requester, visitor.world.ticket(number + 1).follows) == (carla, None)
    assert (await visitor.desk.card.soon(number)).requester == "Carla Gómez"


async def test_a_form_does_not_say_that_mail_arrives_somewhere_again(visitor: Visitor) -> None:
    standing = Standing(Kind.GONE, 0.0, visitor.world.now)
    await asyncio.to_thread(
        visitor.desk.db.run,
        lambda tx: suppressed.keep(tx, Suppressed("email", "dana@example.com", standing, "no such user", None)),
    )
    await writes(visitor)
    await visitor.works()
    assert [one.address for one in await visitor.desk.suppressed.soon()] == ["dana@example.com"]
    assert visitor.world.sent == []


@pytest.mark.parametrize(
    ("odd", "sign"),
    [
        ({"website": "https://x.example"}, "a field was filled in that nobody sees"),
        ({"seconds": 1}, "sent 1 s after it was opened"),
        ({"text": "https://a.example https://b.example www.c.example https://d.example"}, "4 links"),
        ({"text": "See [url=https://a.example]here[/url]"}, "links written for machines"),
        ({"subject": "https://a.example"}, "a link in the name or the subject"),
    ],
)
async def test_what_seems_to_be_a_machines_is_held_and_can_be_let_in(
    visitor: Visitor, odd: dict[str, Any], sign: str
) -> None:
    assert (await writes(visitor, **odd)).status == 303  # as if it were taken: machines learn nothing
    assert f"contact form: {sign}" in (await held(visitor))[0]
    assert visitor.world.sent == []
    (piece,) = await visitor.desk.kept_out.soon()
    assert piece.said["address"] == "dana@example.com"
    seen = inspect(await visitor.desk.raw_of.soon(piece.id) or b"")
    assert seen is not None
    assert (seen.sender.name, seen.sender.address, seen.text) == (
        "Dana Weiss",
        "dana@example.com",
        odd.get("text", WORDS["text"]),
    )
    assert inspect(b"From: dana@example.com\r\n\r\nHello") is inspect(b"[]") is inspect(b'{"act": "odd"}') is None
    await visitor.desk.admit.soon(piece.id)
    await visitor.works()
    assert len(await visitor.heard(1)) == 1


async def test_a_form_that_was_open_too_long_or_is_none_of_ours_is_shown_again_with_its_words(visitor: Visitor) -> None:
    late = await writes(visitor, seconds=25 * 3600)
    made_up = await visitor.sends(PATH, {**WORDS, "stamp": "aaaaaaaaaaaaaaaa"})
    for shown in (late, made_up):
        assert shown.status == 422
        there(shown, "was open for very long", WORDS["text"])
        assert f'value="{WORDS["subject"]}"' in shown.html
    again = {**late.form(""), **WORDS}
    visitor.world.now += timedelta(seconds=5)
    assert (await visitor.sends(PATH, again)).status == 303


async def test_what_is_sent_twice_is_there_once_and_what_is_changed_is_there_too(visitor: Visitor) -> None:
    form = {**(await visitor.opens(PATH)).form(""), **WORDS}
    visitor.world.now += timedelta(seconds=10)
    for text in ("Once, and with care.", "Once, and with care.", "Back, and something else."):
        assert (await visitor.sends(PATH, {**form, "text": text})).status == 303
        await visitor.works()
    assert [await visitor.heard(1), await visitor.heard(2)] == [["Once, and with care."], ["Back, and something else."]]


@pytest.mark.parametrize("address", ["", "dana", "dana@example", "a b@example.com", "a@b.c, d@e.example"])
async def test_what_is_missing_is_said_beside_its_field(visitor: Visitor, address: str) -> None:
    shown = await writes(visitor, email=address, subject="")
    there(shown, "Please say in a few words what it is about.", "Please give the email address that we can answer to")
    assert 'href="#subject"' in shown.html
    assert 'aria-describedby="email-hint email-wrong" aria-invalid="true"' in shown.html


async def test_it_speaks_as_the_browser_asks_and_as_is_chosen(visitor: Visitor) -> None:
    german = await visitor.opens(PATH, **{"Accept-Language": "de-AT,de;q=0.9,en;q=0.4"})
    there(german, "Schreiben Sie uns", "English")
    chosen = await visitor.opens(f"{PATH}?lang=en", **{"Accept-Language": "de"})
    there(chosen, "Write to us", "Deutsch")
    await writes(visitor, path=f"{PATH}?lang=de", text="Die Lampe ist kaputt.", subject="Lampe")
    await visitor.works()
    assert visitor.world.sent[0].subject == "Ihre Nachricht an Example Help"


async def test_only_queues_that_want_it_have_a_form(visitor: Visitor) -> None:
    assert (await visitor.opens("/contact/support")).status == 200
    assert (await visitor.opens("/contact/billing")).status == 404
    await opens_to(visitor)
    assert (await visitor.opens(PATH)).status == 404
    assert (await visitor.sends(PATH, WORDS)).status == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_form_needs_a_mailbox_from_which_it_is_answered() -> None:
    with pytest.raises(RulebookError, match="no mailbox does"):
        parse_toml(RULEBOOK.replace("acknowledge = false", "contact = true"))


async def test_where_several_queues_have_one_it_is_chosen(visitor: Visitor) -> None:
    billing = visitor.world.book.mailboxes[0].model_copy(
        update={"address": "billing@desk.example", "name": "Example Billing", "queue": "billing"}
    )
    queues = tuple(queue.model_copy(update={"contact": True}) for queue in visitor.world.book.queues)
    book = visitor.world.book.model_copy(
        update={"queues": queues, "mailboxes": (*visitor.world.book.mailboxes, billing)}
    )
    await visitor.desk.apply.soon(book, "test")
    there(await visitor.opens(PATH), "Who should read it", "Example Support", "Example Billing")
    await writes(visitor, queue="billing")
    await visitor.works()
    assert (visitor.world.ticket(1).queue, visitor.world.ticket(1).door) == ("billing", "billing@desk.example")
