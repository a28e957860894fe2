"""What other help desks have had to mend, each by the number in their tracker: mails that nobody could read, loops,
threads that broke.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.desk.answering import Then
from core.storage import tickets
from core.tickets.model import Inbound, Nature, Status
from gateways.email.envelope import Envelope
from gateways.email.outgoing.compose import compose
from gateways.email.reading.parse import heard
from tests.gateways.email.test_peers_threads import comes
from tests.world import ANN, SAM, World

NOON = datetime(2026, 3, 2, 9, tzinfo=UTC)


def read(*fields: str, body: bytes = b"Hello\r\n", sender: str = "bounce@example.net") -> Inbound:
    head = "".join(f"{field}\r\n" for field in fields).encode("latin-1")
    return heard(head + b"\r\n" + body, Envelope(sender, ("support@desk.example",), "192.0.2.1", "mx", "", NOON))


def read_file(*fields: str, content: bytes = b"QUJD") -> Inbound:
    """A mail with a file, whose part has these fields."""
    head = ("From: carla@example.com", "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"')
    part = "".join(f"{field}\r\n" for field in fields).encode("latin-1")
    body = b"--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b\r\n" + part + b"\r\n" + content + b"\r\n--b--\r\n"
    return read(*head, body=body)


# Mails that could not be read


@pytest.mark.parametrize(
    ("field", "address"),
    [
        ("Fabian <fabian@example.com", "fabian@example.com"),
        ("Ahana Shetty<ahana@example.com", "ahana@example.com"),
    ],
)
def test_zammad_3066_a_sender_whose_bracket_is_not_closed_is_the_sender(field: str, address: str) -> None:
    assert read(f"From: {field}").sender.address == address


@pytest.mark.parametrize(
    "field", ['""@example.com', '"" <""@example.com>', "foo bar@example.com", "<foo bar@x.example>"]
)
def test_zammad_4896_and_2198_an_address_that_is_none_is_read_and_opens_a_ticket(
    sqlite_world: World, field: str
) -> None:
    number = comes(
        sqlite_world, f"From: {field}", "Subject: Odd", text="I am here all the same.", sender="x@example.net"
    )
    assert number is not None
    assert sqlite_world.said(number)[0].text.strip() == "I am here all the same."


def test_zammad_2746_bytes_in_cc_are_no_reason_to_read_nothing() -> None:
    found = read("From: carla@example.com", "Cc: \xfc\xff\xd6 <bob@example.com>, <eve@example.com>")
    assert [one.address for one in found.copied] == ["bob@example.com", "eve@example.com"]


@pytest.mark.parametrize("kind", ["=?utf-8?q?text/plain?=", "text", "text/plain; charset", ";;;", "text/plain; ="])
def test_zammad_6141_a_content_type_that_says_nothing_loses_no_words(kind: str) -> None:
    assert read("From: carla@example.com", f"Content-Type: {kind}").text.strip() == "Hello"


def test_zammad_2224_and_3951_vietnamese_of_windows_is_read() -> None:
    found = read(
        "From: a@example.com", "Content-Type: text/plain; charset=windows-1258", body=b"Merci de m\x92\xe9tablir\r\n"
    )
    assert found.text.strip() == "Merci de m\u2019\xe9tablir"


def test_zammad_2227_a_file_whose_name_lies_about_its_charset_is_kept_with_its_name() -> None:
    [file] = read_file(
        "Content-Type: image/jpeg; name*=us-ascii''W%F6lbung.jpg",
        "Content-Disposition: attachment; filename*=us-ascii''W%F6lbung.jpg",
        "Content-Transfer-Encoding: base64",
    ).files
    assert (file.name, file.content) == ("W\xf6lbung.jpg", b"ABC")


def test_zammad_2491_a_file_with_an_empty_name_gets_one() -> None:
    [file] = read_file(
        "Content-Type: image/jpeg",
        'Content-Disposition: attachment; filename="=?utf-8?b??="',
        "Content-Transfer-Encoding: base64",
    ).files
    assert (file.name.endswith(".jpg") or file.name.endswith(".jpeg"), file.content) == (True, b"ABC")


def test_zammad_2425_an_enclosed_mail_is_named_by_its_subject_and_not_by_its_content_id() -> None:
    [file] = read_file(
        "Content-Type: message/rfc822",
        "Content-Disposition: attachment",
        "Content-ID: <ee5c8a7d@example.com>",
        content=b"From: x@example.com\r\nSubject: The plan\r\n\r\nWords",
    ).files
    assert file.name == "The plan.eml"


def test_alaveteli_32_who_the_envelope_names_is_kept_beside_the_mail() -> None:
    came = Envelope("real@example.net", ("support@desk.example",), "192.0.2.1", "mx", "", NOON)
    assert Envelope.from_json(came.to_json()).mail_from == "real@example.net"
    assert read("Subject: Nobody in From", sender="real@example.net").sender.address == "real@example.net"


# Loops


def test_osticket_532_what_another_desks_answering_machine_marks_as_a_loop_is_not_acknowledged(world: World) -> None:
    fields = ("From: otrs@example.com", "To: support@desk.example", "Subject: Your request", "X-Loop: yes")
    number = comes(world, *fields, text="We have your request.", sender="otrs@example.com")
    again = comes(world, *fields, text="We have your request again.", sender="otrs@example.com")
    assert (number is not None, again is not None) == (True, True)
    assert world.parts_sent().count("acknowledgement") <= 1


def test_posthog_92017_an_answering_machine_on_our_own_mailbox_opens_nothing(world: World) -> None:
    assert comes(world, "From: Support <support@desk.example>", "Subject: We are away", text="We are away.") is None
    assert world.sent == []
    number = world.mail(id="<hers@example.com>")
    world.settle()
    raw = compose(world.sent[-1])
    assert number
    assert b"\r\nAuto-Submitted: auto-replied\r\n" in raw


def test_alga_2705_a_vacation_notice_to_a_closing_leaves_it_closed(world: World) -> None:
    number = world.mail(id="<hers@example.com>")
    world.desk.reply(number, ANN, "Done.", Then.CLOSE)
    world.later(seconds=11)
    out = world.sent[-1]
    assert world.mail("I am away.", nature=Nature.AUTO_REPLY, answers=out.external_id) == number
    assert world.ticket(number).status is Status.CLOSED


# Threads


def test_alga_2742_every_mail_of_a_ticket_refers_to_the_same_first_id_and_to_the_customers(world: World) -> None:
    number = world.mail(id="<hers@example.com>")
    world.settle()
    world.desk.reply(number, ANN, "Which one?")
    world.later(seconds=11)
    world.later(days=3)
    assert world.parts_sent() == ["acknowledgement", "reply", "reminder"]
    assert len({out.references[0] for out in world.sent}) == 1
    assert all("<hers@example.com>" in out.references for out in world.sent)


def test_freescout_5590_an_answer_to_a_ticket_that_was_moved_finds_it(world: World) -> None:
    number = world.mail(id="<hers@example.com>", subject="An invoice")
    assert world.ticket(number).queue == "billing"
    world.desk.reply(number, ANN, "Which one?")
    world.later(seconds=11)
    without = world.book.model_copy(update={"queues": world.book.queues[:1], "rules": ()})
    world.desk.apply(without, "test")
    assert world.mail("The blue one.", answers=world.sent[-1].external_id) == number


def test_freescout_2086_who_was_copied_in_and_answers_before_we_do_is_in_the_same_ticket(world: World) -> None:
    number = world.mail(id="<hers@example.com>")
    for sender in ("bob@example.org", "eve@example.net"):
        assert world.mail("Me too.", sender=sender, name="", answers="<hers@example.com>") == number
    assert world.ticket(number).held_at == world.now


def test_breeze_3643_a_number_in_the_subject_lets_nobody_in(world: World) -> None:
    number = world.mail()
    world.desk.close(number, SAM)
    other = world.mail("Open it again.", sender="eve@example.org", subject=f"Re: [#{number}] Where is my order?")
    assert other != number
    assert world.ticket(number).status is Status.CLOSED
    assert world.desk.db.run(lambda tx: tickets.look(tx, other)[0]).follows is None


def test_breeze_6689_thanks_opens_nothing_again(world: World) -> None:
    number = world.mail(id="<hers@example.com>")
    world.desk.reply(number, ANN, "Done.", Then.CLOSE)
    world.later(seconds=11)
    assert world.mail("Thanks!", answers=world.sent[-1].external_id) == number
    assert world.ticket(number).status is Status.CLOSED


def test_rt_345_whatever_leaves_without_a_person_says_so_and_what_a_person_writes_does_not(world: World) -> None:
    number = world.mail(id="<hers@example.com>")
    world.settle()
    world.desk.reply(number, ANN, "Which one?")
    world.later(seconds=11)
    world.later(days=3, minutes=1)
    world.later(days=4, minutes=1)
    assert world.parts_sent() == ["acknowledgement", "reply", "reminder", "closing"]
    marked = [b"\r\nAuto-Submitted: auto-" in compose(out) for out in world.sent]
    assert marked == [True, False, True, True]


def test_rt_345_a_robot_that_marks_nothing_and_answers_every_mail_gets_one(world: World) -> None:
    for n in range(4):
        fields = ("From: robot@example.com", "To: support@desk.example", f"Subject: Case {n}", f"Message-ID: <{n}@r>")
        assert comes(world, *fields, text=f"Your mail has the number {n}.", sender="robot@example.com") is not None
    assert world.parts_sent() == ["acknowledgement"]


# Threads


def test_frappe_2626_each_answer_continues_the_thread_of_the_mail_that_it_answers(world: World) -> None:
    number = world.mail(id="<first@example.com>")
    world.settle()
    world.desk.reply(number, ANN, "Which one?")
    world.later(seconds=11)
    sent = world.sent[-1].external_id
    chain = ("<first@example.com>", sent)
    world.mail("The blue one.", id="<second@example.com>", answers=sent, references=chain)
    world.desk.reply(number, ANN, "It is on its way.")
    world.later(seconds=11)
    for out, answered in zip(world.sent, ("first", "first", "second"), strict=True):
        raw = compose(out)
        assert f"\r\nIn-Reply-To: <{answered}@example.com>\r\n".encode() in raw
        head = raw.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").split(b"\r\n")
        [references] = [line for line in head if line.startswith(b"References: ")]
        assert references.endswith(f"<{answered}@example.com>".encode())
        assert b"<first@example.com>" in references


def test_breeze_1361_answers_share_a_thread_of_the_tickets_own_that_leads_back_to_it(world: World) -> None:
    number = world.mail(id="<hers@example.com>")
    world.settle()
    world.desk.reply(number, ANN, "Which one?")
    world.later(seconds=11)
    anchors = {out.references[0] for out in world.sent}
    assert len(anchors) == 1
    fields = ("From: carla@example.com", "Subject: About that", f"References: {anchors.pop()}")
    assert comes(world, *fields, text="The blue one.", sender="carla@example.com") == number


@pytest.mark.parametrize(
    "fields",
    [
        ("From: carla@example.com", "Precedence: list"),
        ("From: carla@example.com", "Auto-Submitted: auto-generated"),
        ("From: no-reply@example.com",),
        ("From: mailer-daemon@example.com",),
        ("From: postmaster@example.com", "Precedence: junk"),
        ("From: support@desk.example",),
    ],
    ids=lambda fields: fields[-1],
)
def test_breeze_1361_nobody_is_acknowledged_who_is_no_person_or_is_ourselves(
    world: World, fields: tuple[str, ...]
) -> None:
    comes(world, *fields, "To: support@desk.example", "Subject: Hello", sender="bounce@example.com")
    assert world.sent == []


def test_breeze_1361_a_person_is_acknowledged_once_a_day(world: World) -> None:
    for n in range(3):
        world.mail(f"Another question, the {n}th.", id=f"<{n}@q>", subject=f"Question {n}")
    world.settle()
    assert world.parts_sent() == ["acknowledgement"]
    world.later(days=1, minutes=1)
    world.mail("And one more.", id="<late@q>", subject="Question 9")
    world.settle()
    assert world.parts_sent().count("acknowledgement") == 2
