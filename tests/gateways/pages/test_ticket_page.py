"""A requester reads their ticket behind a link, goes on with it, and says that it is settled; nobody else does."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest

from core.storage import messages
from core.tickets.model import Address, Delivery, Nature, Part, Status
from core.tickets.passes import Purpose
from gateways.pages.form import clean_name
from tests.gateways.pages.conftest import BASE, LARGEST, Seen, Visitor, there
from tests.world import ANN

FORM = {"do": "answer", "once": "0123456789abcdef"}


async def opened(visitor: Visitor, text: str = "My order has not arrived.", **more: object) -> tuple[int, str]:
    """A ticket, and the link to its page."""
    number = await asyncio.to_thread(visitor.world.mail, text, **more)
    await visitor.works()
    return number, await visitor.link(number)


async def test_the_acknowledgement_names_the_page_and_the_page_shows_the_conversation(visitor: Visitor) -> None:
    number, _ = await opened(visitor)
    (told,) = visitor.world.sent
    (link,) = re.findall(rf"{BASE}(/t/\S+)", told.text)
    await visitor.desk.reply.soon(number, ANN, "It is on its way: https://parcels.example/1?a=b&c=d.")
    await visitor.works(seconds=11)
    page = await visitor.opens(link)
    assert page.status == 200
    there(page, "Where is my order?", f"Number {number}", "My order has not arrived.", "Ann Walker", "It is on its way")
    there(page, "We wait for your answer", "2 Mar 2026" if "2 Mar 2026" in page.text else "Mar 2, 2026")
    assert 'href="https://parcels.example/1?a=b&amp;c=d"' in page.html


async def test_without_pages_or_where_a_queue_wants_none_nothing_is_said_of_them(visitor: Visitor) -> None:
    book, desk = visitor.world.book, visitor.world.desk
    quiet = tuple(queue.model_copy(update={"page": False}) for queue in book.queues)
    await desk.apply.soon(book.model_copy(update={"queues": quiet}), "test")
    await opened(visitor)
    desk.pages = None
    await desk.apply.soon(book, "test")
    await opened(visitor, sender="hugo@example.org", subject="Other")
    assert len(visitor.world.sent) == 2
    assert not any("/t/" in told.text for told in visitor.world.sent)


async def test_only_the_requesters_own_address_gets_the_link(visitor: Visitor) -> None:
    await opened(visitor, reply_to="somebody.else@example.net")
    (told,) = visitor.world.sent
    assert told.to[0].address == "somebody.else@example.net"
    assert "/t/" not in told.text


# What is seen

_SEEN = {
    Part.REQUESTER: True,
    Part.STRANGER: False,
    Part.REPLY: True,
    Part.NOTE: False,
    Part.ACKNOWLEDGEMENT: True,
    Part.REMINDER: True,
    Part.CLOSING: True,
    Part.NOTICE: True,
    Part.RATING: False,
    Part.RATING_WHY: True,
}


@pytest.mark.parametrize("part", list(Part))
async def test_of_every_part_it_is_decided_whether_it_is_seen(visitor: Visitor, part: Part) -> None:
    number, link = await opened(visitor)
    requester = visitor.world.ticket(number).requester
    row = {"ticket": number, "part": part, "at": visitor.world.now, "text": "quetzal", "reply_text": "quetzal"}
    owner = {"person": requester} if part is Part.REQUESTER else {}
    state = {"delivery": Delivery.SENT} if part.goes_out else {}
    visitor.desk.db.run(lambda tx: messages.say(tx, {**row, **owner, **state}))
    assert ("quetzal" in (await visitor.opens(link)).html) is _SEEN[part]


@pytest.mark.parametrize("delivery", list(Delivery))
async def test_an_answer_is_seen_when_it_cannot_be_taken_back_any_more(visitor: Visitor, delivery: Delivery) -> None:
    number, link = await opened(visitor)
    await visitor.desk.reply.soon(number, ANN, "quetzal")
    message = (await visitor.said(number))[-1].id
    visitor.desk.db.run(lambda tx: messages.set_message(tx, message, delivery=delivery))
    seen = delivery not in (Delivery.HELD, Delivery.UNDONE)
    assert ("quetzal" in (await visitor.opens(link)).html) is seen


async def test_what_strangers_wrote_is_not_seen_while_it_is_held_and_not_when_they_were_let_in(
    visitor: Visitor,
) -> None:
    number, link = await opened(visitor)
    first = (await visitor.said(number))[0].external_id
    await asyncio.to_thread(
        visitor.world.mail, "Do not give her a refund: quetzal", sender="boss@example.com", name="Boss", answers=first
    )
    assert "quetzal" not in (await visitor.opens(link)).html
    stranger = (await visitor.desk.card.soon(number)).strangers[0]
    await visitor.desk.let_in.soon(number, stranger, ANN)
    assert "quetzal" not in (await visitor.opens(link)).html
    to_her = (Address("email", "carla@example.com"),)
    await asyncio.to_thread(
        visitor.world.mail, "Hello both: aardvark", sender="boss@example.com", answers=first, copied=to_her
    )
    assert "aardvark" in (await visitor.opens(link)).html


async def test_reports_of_delivery_are_not_seen(visitor: Visitor) -> None:
    number, link = await opened(visitor)
    ours = visitor.world.sent[0].external_id
    await asyncio.to_thread(
        visitor.world.mail_at_all, "quetzal", answers=ours, nature=Nature.BOUNCE_DELAY, sender="postmaster@x.example"
    )
    assert any("quetzal" in one.text for one in await visitor.said(number))
    assert "quetzal" not in (await visitor.opens(link)).html


async def test_what_customers_write_is_shown_as_text_and_never_read_as_html(visitor: Visitor) -> None:
    evil = "<script>alert(1)</script> {braces} %s </textarea>"
    _, link = await opened(visitor, evil, subject=f'"><img src=x onerror=alert(1)> {evil}', name=f"<b>{evil}")
    page = await visitor.opens(link)
    assert "<script" not in page.html
    assert "<img" not in page.html
    assert "<b>&lt;" not in page.html.replace('<b dir="auto">', "")
    wrong = await visitor.sends(link, {**page.form("answer"), "text": evil + "x" * 60_000})
    assert wrong.status == 422
    assert "<script" not in wrong.html
    assert wrong.html.count("</textarea>") == 1
    there(wrong, "This is too long", "{braces} %s")


async def test_the_page_speaks_their_language(visitor: Visitor) -> None:
    _, link = await opened(visitor, "Guten Tag, meine Bestellung ist leider immer noch nicht angekommen.")
    page = await visitor.opens(link, **{"Accept-Language": "en"})
    assert '<html lang="de"' in page.html
    there(page, "Nummer")
    nowhere = await visitor.opens("/t/aaaaaaaaaaaaaaaaaaaa", **{"Accept-Language": "fr, de;q=0.8, en;q=0.5"})
    assert '<html lang="de"' in nowhere.html


# Who gets in


async def test_whatever_is_wrong_with_a_link_is_answered_alike_and_says_nothing_of_tickets(visitor: Visitor) -> None:
    number, link = await opened(visitor)
    wrong = [
        "/t/aaaaaaaaaaaaaaaaaaaa",
        link[:-1] + ("a" if link[-1] != "a" else "b"),
        await visitor.link(number, Purpose.UPLOAD),  # has another purpose
    ]
    wrong[2] = wrong[2].replace("/u/", "/t/")
    answers = {(page.status, page.html) for page in [await visitor.opens(path) for path in wrong]}
    await visitor.desk.take_links_back.soon(number)
    page = await visitor.opens(link)
    answers |= {(page.status, page.html)}
    sent = await visitor.sends(link, {**FORM, "text": "quetzal"})
    answers |= {(sent.status, sent.html)}
    link = await visitor.link(number)
    assert (await visitor.opens(link)).status == 200
    visitor.world.now += timedelta(days=91)
    page = await visitor.opens(link)
    answers |= {(page.status, page.html)}
    assert len(answers) == 1
    assert answers.pop()[0] == 404
    await visitor.works()
    assert await visitor.heard(number) == ["My order has not arrived."]


async def test_links_are_taken_back_for_one_ticket_or_for_all(visitor: Visitor) -> None:
    number, link = await opened(visitor)
    _, other = await opened(visitor, subject="Another matter", sender="hugo@example.org")
    await visitor.desk.take_links_back.soon(number)
    assert [(await visitor.opens(one)).status for one in (link, other)] == [404, 200]
    await visitor.desk.take_links_back.soon()
    link = await visitor.link(number)
    assert [(await visitor.opens(one)).status for one in (link, other)] == [200, 404]


async def test_a_page_lets_nothing_in_and_nothing_out(visitor: Visitor) -> None:
    _, link = await opened(visitor)
    for path, status in ((link, 200), ("/t/aaaaaaaaaaaaaaaaaaaa", 404)):
        page = await visitor.opens(path)
        assert page.status == status
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert "noindex" in page.headers["X-Robots-Tag"]
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        assert not re.search(r"<(?:script|img|iframe|object|embed)|src=|@import|url\(", page.html)


# What is written


async def test_an_answer_goes_into_the_ticket_with_its_files_and_the_next_one_of_ours_by_mail(visitor: Visitor) -> None:
    number, link = await opened(visitor)
    await visitor.desk.reply.soon(number, ANN, "Which order?")
    await visitor.works(seconds=11)
    large = b"large " * 100_000
    sent = await visitor.writes(link, "Number 4711.\nThanks!", [("a/b/Rechnung.pdf", "application/pdf", large)])
    assert sent.status == 303
    assert sent.headers["Location"] == f"{link.rpartition('/')[2]}?done=answer"
    there(await visitor.opens(f"{link}?done=answer"), "Thank you, we have your message", "4711", "just arrived")
    await visitor.works()
    said = (await visitor.said(number))[-1]
    assert (said.part, said.text, said.author_name) == (Part.REQUESTER, "Number 4711.\nThanks!", "Carla Gómez")
    assert [(file.name, file.type, file.size) for file in said.files] == [("Rechnung.pdf", "application/pdf", 600_000)]
    assert await visitor.desk.blob.soon(said.files[0].digest) == large
    assert visitor.world.ticket(number).status is Status.OPEN
    await visitor.desk.reply.soon(number, ANN, "Found it.")
    await visitor.works(seconds=11)
    out = visitor.world.sent[-1]
    assert (out.to[0].address, out.in_reply_to) == ("carla@example.com", said.external_id)
    assert visitor.world.sent[-2].external_id in out.references  # programs keep it together with what they have


async def test_what_is_sent_twice_is_there_once(visitor: Visitor) -> None:
    number, link = await opened(visitor)
    form = {**(await visitor.opens(link)).form("answer"), "text": "Once."}
    assert [(await visitor.sends(link, form)).status for _ in range(2)] == [303, 303]
    await visitor.works()
    assert (await visitor.sends(link, form)).status == 303
    await visitor.works()
    bare = {"text": "Without a name."}  # of a program that leaves hidden fields out
    assert [(await visitor.sends(link, bare)).status for _ in range(2)] == [303, 303]
    await visitor.works()
    assert await visitor.heard(number) == ["My order has not arrived.", "Once.", "Without a name."]


async def test_it_is_kept_before_the_page_says_so(visitor: Visitor) -> None:
    number, link = await opened(visitor)
    await visitor.writes(link, "Kept.")
    assert "Kept." in (await visitor.opens(link)).text
    assert await visitor.heard(number) == ["My order has not arrived."]
    await visitor.works()
    assert await visitor.heard(number) == ["My order has not arrived.", "Kept."]


async def test_nothing_and_too_much_is_said_to_be_so_beside_its_field(visitor: Visitor) -> None:
    number, link = await opened(visitor)
    nothing = await visitor.writes(link, "  \n ")
    assert nothing.status == 422
    there(nothing, "Please write something, or choose a file.")
    assert 'aria-describedby="text-wrong" aria-invalid="true"' in nothing.html
    much = await visitor.writes(link, "See the film.", [("film.mp4", "video/mp4", b"x" * (LARGEST + 1))])
    assert much.status == 422
    there(much, "These files are too large: 3 MB in all is what we can take.", "See the film.")
    many = await visitor.writes(link, "See.", [(f"{n}.txt", "text/plain", b"x") for n in range(11)])
    there(many, "Please send no more than 10 files at once.")
    odd = await visitor.sends(link, {f"f{n}": "x" for n in range(60)})
    assert odd.status == 422
    await visitor.works()
    assert await visitor.heard(number) == ["My order has not arrived."]


async def test_whoever_writes_more_than_people_do_is_told_to_wait_and_nothing_is_taken(visitor: Visitor) -> None:
    number, link = await opened(visitor)
    page = await visitor.opens(link)
    sent = [await visitor.sends(link, {**page.form("answer"), "text": f"No. {n}"}) for n in range(31)]
    assert [one.status for one in sent] == [303] * 30 + [429]
    there(sent[-1], "This was not taken: please send it again in a minute.", "No. 30")
    again = await visitor.sends(link, {**page.form("answer"), "text": "No. 0"})
    assert again.status == 303, "what is there already costs nothing"
    upload = await visitor.link(number, Purpose.UPLOAD)
    assert (await visitor.sends(upload, {"once": "0123456789ab"}, [("a.txt", "text/plain", b"x")])).status == 429
    visitor.world.now += timedelta(seconds=20)
    assert (await visitor.sends(link, {**page.form("answer"), "text": "No. 30"})).status == 303
    await visitor.works()
    assert len(await visitor.heard(number)) == 32


_BEGIN = b'--x\r\nContent-Disposition: form-data; name="text"\r\n'


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", b"Hello"),
        ("application/x-www-form-urlencoded", b"text=Hello"),
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"Hello"),
        ("multipart/form-data; boundary=x", _BEGIN + b"\r\nHello"),
        ("multipart/form-data; boundary=x", _BEGIN + b"X: " + b"x" * 20_000 + b"\r\n\r\nHello\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", _BEGIN + b"\r\n" + b"x" * 300_000 + b"\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", _BEGIN + b"Content-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nnameless\r\n--x--\r\n"),
    ],
)
async def test_what_is_no_form_is_said_to_be_none(visitor: Visitor, kind: str, body: bytes) -> None:
    number, link = await opened(visitor)
    page = await visitor.posts(link, kind, body)
    assert page.status == 422
    await visitor.works()
    assert await visitor.heard(number) == ["My order has not arrived."]


async def test_a_requester_says_that_it_is_settled_and_opens_it_again_by_writing(visitor: Visitor) -> None:
    number, link = await opened(visitor)
    form = (await visitor.opens(link)).form("close")
    assert [(await visitor.sends(link, form)).status for _ in range(2)] == [303, 303]
    await visitor.works()
    assert visitor.world.ticket(number).status is Status.CLOSED
    card = await visitor.desk.card.soon(number)
    assert card.closed is not None
    assert card.closed.by == "Carla Gómez"
    page = await visitor.opens(f"{link}?done=close")
    there(page, "we have closed your request", "Closed", "Still something open?")
    assert "my problem is solved" not in page.text
    await visitor.writes(link, "It has stopped working again.")
    await visitor.works()
    assert visitor.world.ticket(number).status is Status.NEW


async def test_long_after_it_was_closed_a_new_ticket_goes_on_with_it(visitor: Visitor) -> None:
    number, link = await opened(visitor)
    await visitor.sends(link, (await visitor.opens(link)).form("close"))
    await visitor.works()
    await visitor.works(days=20)
    await visitor.writes(link, "It has stopped working again.")
    await visitor.works()
    assert await visitor.heard(number) == ["My order has not arrived."]
    follower = visitor.world.ticket(number + 1)
    assert (follower.follows, follower.thread.channel) == (number, "email")


async def rated(visitor: Visitor, link: str, score: str) -> Seen:
    """They press that many."""
    answer = await visitor.sends(link, {**(await visitor.opens(link)).form("rate"), "score": score})
    await visitor.works()
    return answer


async def asks(visitor: Visitor) -> None:
    """Queues ask how it was."""
    queues = tuple(queue.model_copy(update={"rating": True}) for queue in visitor.world.book.queues)
    await visitor.desk.apply.soon(visitor.world.book.model_copy(update={"queues": queues}), "test")


async def test_a_requester_says_on_the_page_how_it_was_and_looking_says_nothing(visitor: Visitor) -> None:
    await asks(visitor)
    number, link = await opened(visitor)
    assert "How did we do?" not in (await visitor.opens(link)).text, "it is not done yet"
    await visitor.desk.close.soon(number, ANN)
    there(await visitor.opens(f"{link}?score=1&do=rate"), "How did we do?", "1 ★", "5 ★")
    await visitor.works()
    assert visitor.world.ticket(number).rating is None
    assert (await rated(visitor, link, "2")).status == 303
    assert (await rated(visitor, link, "4")).status == 303
    there(await visitor.opens(f"{link}?done=rate"), "we have noted that", "✓ 4 ★")
    ticket = visitor.world.ticket(number)
    assert (ticket.rating, ticket.status) == (4, Status.CLOSED)
    assert [one.part for one in await visitor.said(number) if one.part is Part.RATING_WHY] == []


async def test_what_cannot_be_chosen_counts_nothing(visitor: Visitor) -> None:
    number, link = await opened(visitor)
    await visitor.desk.close.soon(number, ANN)
    form = {"do": "rate", "once": "0123456789abcdef", "score": "5"}
    assert "How did we do?" not in (await visitor.opens(link)).text, "no queue asks"
    assert (await visitor.sends(link, form)).status == 422
    await asks(visitor)
    for score in ("0", "6", "", "٣"):
        assert (await visitor.sends(link, {**form, "score": score})).status == 422
    page = await visitor.opens(link)
    await visitor.desk.reopen.soon(number, ANN)
    assert (await visitor.sends(link, {**page.form("rate"), "score": "1"})).status == 422, "it is open again"
    await visitor.works()
    assert visitor.world.ticket(number).rating is None


async def test_what_a_blocked_sender_writes_there_is_kept_and_opens_nothing(visitor: Visitor) -> None:
    number, link = await opened(visitor)
    await visitor.desk.block.soon("carla@example.com", ANN)
    await visitor.writes(link, "Buy this.")
    await visitor.works()
    assert await visitor.heard(number) == ["My order has not arrived."]


# Files


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("a/b/c.txt", "c.txt"),
        ("C:\\Users\\x\\c.txt", "c.txt"),
        ("..", "file"),
        ("", "file"),
        ("a\r\nX: y\u202egpj.exe", "a X: ygpj.exe"),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_a_files_name_is_a_name_and_nothing_else(said: str, kept: str) -> None:
    assert clean_name(said) == kept


async def test_files_of_what_is_seen_can_be_had_and_others_cannot(visitor: Visitor) -> None:
    _, link = await opened(visitor)
    content = bytes(range(256)) * 10_000  # of several parts
    await visitor.writes(link, "", [("ä <b>.html", "text/html", content)])
    await visitor.works()
    page = await visitor.opens(link)
    (where,) = re.findall(r'href="(\w+/file/\d+/\d+)"', page.html)
    file = await visitor.opens(f"/t/{where}")
    assert file.body == content
    assert file.headers["Content-Type"] == "application/octet-stream"
    assert file.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%C3%A4")
    assert "sandbox" in file.headers["Content-Security-Policy"]
    for other in (f"{link}/file/999999/0", f"{link}/file/{where.split('/')[2]}/7", f"{link}/file/1/0"):
        assert (await visitor.opens(other)).status == 404


async def test_an_upload_link_takes_files_and_shows_nothing(visitor: Visitor) -> None:
    number, _ = await opened(visitor)
    upload = await visitor.link(number, Purpose.UPLOAD)
    page = await visitor.opens(upload)
    there(page, "Send us files", number)
    assert "order" not in page.text
    assert (await visitor.sends(upload, page.form(""))).status == 422
    content = b"film " * 500_000
    sent = await visitor.sends(upload, {**page.form(""), "text": "smuggled"}, [("film.mp4", "video/mp4", content)])
    assert sent.status == 303
    there(await visitor.opens(f"{upload}?done=upload"), "Thank you, your files are here.")
    await visitor.works()
    said = (await visitor.said(number))[-1]
    assert (said.part, said.text, [file.name for file in said.files]) == (Part.REQUESTER, "", ["film.mp4"])
    assert await visitor.desk.blob.soon(said.files[0].digest) == content
    assert (await visitor.opens(upload.replace("/u/", "/t/"))).status == 404
