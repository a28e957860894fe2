"""A whole mail, from its bytes to what the desk takes: nothing raises, nothing is made up in silence."""

import hashlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.tickets.model import Address, Nature
from gateways.email.envelope import Envelope
from gateways.email.reading.parse import inbound, understand

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ENVELOPE = Envelope("carla@example.com", ("support@desk.example",), "192.0.2.1", "mail.example.com", "", NOON)
MAIL = """From: =?utf-8?q?Carla_G=C3=B3mez?= <carla@Example.com>
To: Support <support@desk.example>, max@example.org
Cc: "Boss, The" <boss@example.com>
Subject: Re: =?utf-8?b?RHJ1Y2tlciBrYXB1dHQg4pi5?=
Date: Mon, 2 Mar 2026 12:59:00 +0100
Message-ID: <her.second@example.com>
In-Reply-To: <m.1@desk.example>
References: <her.first@example.com>
 <m.1@desk.example>
Content-Language: de-DE
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Geht immer noch nicht.

Am 02.03.2026 um 11:00 schrieb Ann:
> Geht es wieder?
""".replace("\n", "\r\n").encode()


def with_field(name: str, value: str) -> bytes:
    """MAIL with one field changed, or gone."""
    head, _, body = MAIL.partition(b"\r\n\r\n")
    kept = [
        line
        for line in head.replace(b"\r\n ", b" ").split(b"\r\n")
        if not line.lower().startswith(name.lower().encode() + b":")
    ]
    return b"\r\n".join([*kept, *([f"{name}: {value}".encode()] if value else [])]) + b"\r\n\r\n" + body


def test_a_name_is_the_senders_own_only_where_it_stands_in_from_with_the_address():
    assert inbound(understand(MAIL), ENVELOPE).is_own_name
    for said in ("Carla", ""):
        mail = with_field("From", said).replace(b"\r\n\r\n", b"\r\nReply-To: Max <max@example.org>\r\n\r\n", 1)
        assert not inbound(understand(mail), ENVELOPE).is_own_name


def test_a_mail_is_understood():
    mail = understand(MAIL)
    assert mail.subject == "Re: Drucker kaputt ☹"
    assert mail.sender == ("Carla Gómez", "carla@example.com")
    assert mail.to == (("Support", "support@desk.example"), ("", "max@example.org"))
    assert mail.cc == (("Boss, The", "boss@example.com"),)
    assert mail.message_id == "<her.second@example.com>"
    assert mail.in_reply_to == "<m.1@desk.example>"
    assert mail.references == ("<her.first@example.com>", "<m.1@desk.example>")
    assert mail.date == NOON - timedelta(minutes=1)
    assert mail.text.startswith("Geht immer noch nicht.\n\nAm 02.03.2026")
    assert mail.reply_text == "Geht immer noch nicht."
    assert mail.html is None
    assert mail.nature is Nature.HUMAN
    assert mail.language == "de-de"
    assert (mail.files, mail.bounced, mail.forwarded, mail.charset_notes, mail.repairs) == ((), (), None, (), ())


def test_the_desk_takes_it_as_for_the_address_of_the_envelope():
    heard = inbound(understand(MAIL), ENVELOPE)
    assert heard.sender == Address("email", "carla@example.com", "Carla Gómez")
    assert heard.door == "support@desk.example"
    assert (heard.channel, heard.external_id) == ("email", "<her.second@example.com>")
    assert (heard.in_reply_to, heard.references) == (
        "<m.1@desk.example>",
        ("<her.first@example.com>", "<m.1@desk.example>"),
    )
    assert (heard.reply_text, heard.subject) == ("Geht immer noch nicht.", "Re: Drucker kaputt ☹")
    assert heard.sent_at == NOON - timedelta(minutes=1)
    assert (heard.reply_to, heard.reply_tokens, heard.notes) == (None, (), ())


def test_whom_else_it_was_sent_to_are_those_who_can_be_written_to():
    raw = with_field(
        "Cc",
        "Dan Brown <dan@example.com>, DAN@example.com, carla@example.com, support+t.k3y@desk.example, "
        "no-reply@shop.example, owner-list@lists.example, Eve <eve@example.org>",
    )
    heard = inbound(understand(raw), ENVELOPE)
    assert [(one.name, one.address) for one in heard.copied] == [
        ("", "max@example.org"),  # in To, beside us
        ("Dan Brown", "dan@example.com"),
        ("Eve", "eve@example.org"),
    ]


def test_a_blind_copy_finds_its_door_too():
    blind = Envelope("a@b.example", ("billing@desk.example", "support@desk.example"), "192.0.2.1", "x", "", NOON)
    assert inbound(understand(MAIL), blind).door == "billing@desk.example"


def test_of_several_doors_the_first_counts_and_the_others_are_known_each_once():
    doors = ("Support@desk.example", "billing+7@desk.example", "billing@desk.example", "support@desk.example")
    heard = inbound(understand(MAIL), Envelope("a@b.example", doors, "192.0.2.1", "x", "", NOON))
    assert (heard.door, heard.also_to) == ("support@desk.example", ("billing@desk.example",))


def test_case_does_not_count_in_our_addresses():
    envelope = Envelope("a@b.example", ("SUPPORT+T.k3y@Desk.Example",), "192.0.2.1", "x", "", NOON)
    heard = inbound(understand(with_field("Reply-To", "Support@desk.example")), envelope)
    assert (heard.door, heard.reply_tokens, heard.reply_to) == ("support@desk.example", ("k3y",), None)


def test_a_token_in_an_address_is_found_and_taken_off_the_door():
    envelope = Envelope("a@b.example", ("support+t.k3y.abc@desk.example",), "192.0.2.1", "x", "", NOON)
    raw = with_field("To", "support+t.other-1@desk.example, support+sales@desk.example")
    heard = inbound(understand(raw), envelope)
    assert heard.door == "support@desk.example"
    assert heard.reply_tokens == ("k3y.abc", "other-1")


@pytest.mark.parametrize(
    ("reply_to", "answers_go_to"),
    [
        ("", None),
        ("carla@example.com", None),
        ("assistant@example.com", "assistant@example.com"),
        ("support@desk.example", None),  # our own door: a loop
        ("support+t.x@desk.example, assistant@example.com", "assistant@example.com"),
        ("nonsense", None),
        ("käthe@example.com, assistant@example.com", "assistant@example.com"),  # not every server can be told
        ("käthe@example.com", "käthe@example.com"),
        ("kä\u202ethe@example.com", None),
        ("assistant@example..com", None),
    ],
)
def test_answers_go_where_the_sender_wants_them(reply_to, answers_go_to):
    heard = inbound(understand(with_field("Reply-To", reply_to)), ENVELOPE)
    assert heard.reply_to == answers_go_to
    assert heard.sender.address == "carla@example.com"


@pytest.mark.parametrize(
    ("date", "believed"),
    [
        ("Mon, 2 Mar 2026 12:59:00 +0100", True),
        ("Sun, 8 Feb 2026 12:00:00 +0000", True),
        ("Mon, 2 Mar 2026 23:00:00 +0000", True),
        ("Fri, 2 Jan 2026 12:00:00 +0000", False),
        ("Mon, 9 Mar 2026 12:00:00 +0000", False),
        ("Fri, 31 Dec 9999 23:59:59 -1200", False),
        ("Mon, 2 Mar 2026 99:00:00 +0000", False),
        ("not a date", False),
        ("", False),
    ],
)
def test_a_date_is_believed_near_the_day_it_came(date, believed):
    heard = inbound(understand(with_field("Date", date)), ENVELOPE)
    assert (heard.sent_at is not None) == believed


@pytest.mark.parametrize(
    ("fields", "sender", "repairs"),
    [
        ({"From": ""}, ("", "carla@example.com"), ("no sender",)),
        ({"From": "<>"}, ("", "carla@example.com"), ("no sender",)),
        ({"From": "Carla", "Reply-To": "c@d.example"}, ("Carla", "c@d.example"), ("sender from reply-to",)),
        ({"From": "", "Sender": "Bot <bot@d.example>"}, ("Bot", "bot@d.example"), ("sender from sender",)),
        ({"From": "", "Return-Path": "<r@d.example>"}, ("", "r@d.example"), ("sender from return-path",)),
        ({"From": "[???]\r\nFrom: Real <real@d.example>"}, ("Real", "real@d.example"), ()),
    ],
)
def test_a_missing_sender_is_made_up_for_and_noted(fields, sender, repairs):
    fields = dict(fields)
    raw = with_field("From", fields.pop("From"))
    for name, value in fields.items():
        raw = f"{name}: {value}\r\n".encode() + raw
    heard = inbound(understand(raw), ENVELOPE)
    assert (heard.sender.name, heard.sender.address) == sender
    assert heard.notes == repairs


def test_a_mail_that_names_nobody_at_all_has_an_empty_sender():
    nobody = Envelope("", ("support@desk.example",), "192.0.2.1", "x", "", NOON)
    assert inbound(understand(b"Subject: x\r\n\r\nhi", null_sender=True), nobody).sender == Address("email", "", "")


@pytest.mark.parametrize(
    ("sender", "reply_to", "answerable"),
    [
        ("", "", False),
        ("Carla <carla>", "", False),
        ("undisclosed-recipients:;", "", False),
        ("käthe@example.com", "", True),
        ("kä\u202ethe@example.com", "", False),
        ("carla@example..com", "", False),
        ('"carla g"@example.com', "", True),
        ("käthe@bücher.example", "carla@bücher.example", True),
    ],
)
def test_whether_anybody_can_be_answered_is_known_when_a_mail_comes(sender, reply_to, answerable):
    nobody = Envelope("", ("support@desk.example",), "192.0.2.1", "x", "", NOON)
    raw = f"From: {sender}\r\nReply-To: {reply_to}\r\n\r\nhi".encode()
    assert inbound(understand(raw), nobody).answerable is answerable


@pytest.mark.parametrize(
    ("field", "message_id"),
    [
        ("<a.b@c.example>", "<a.b@c.example>"),
        ("a.b@c.example", "<a.b@c.example>"),
        ("<[0123abc]@microsoft.example>", "<[0123abc]@microsoft.example>"),
        ("<a@[1.2>", "<a@[1.2>"),
        ("(comment) <a@b> trailing", "<a@b>"),
        ("", None),
        ("<>", None),
        ("<no-at-sign>", None),
        ("   ", None),
    ],
)
def test_every_mail_has_an_id_of_its_own(field, message_id):
    raw = with_field("Message-ID", field)
    mail = understand(raw)
    if message_id is None:
        assert mail.message_id == f"<{hashlib.sha256(raw).hexdigest()}@intake.local>"
        assert mail.repairs == ("no Message-ID",)
    else:
        assert (mail.message_id, mail.repairs) == (message_id, ())


def test_ids_are_found_among_words_and_folds():
    raw = with_field("In-Reply-To", "Your message of Monday <a@b>").replace(
        b"Cc:", b"References: <one@b><two@b>,\r\n\t<three@b>\r\nCc:"
    )
    mail = understand(raw)
    assert mail.in_reply_to == "<a@b>"
    assert mail.references[:3] == ("<one@b>", "<two@b>", "<three@b>")


NAMES = [
    b"From",
    b"To",
    b"Subject",
    b"Date",
    b"Message-ID",
    b"References",
    b"Content-Type",
    b"Content-Transfer-Encoding",
]
NAMES += [b"Content-Disposition", b"Reply-To", b"Auto-Submitted", b"Return-Path"]
VALUES = [b"text/plain", b"text/html", b"multipart/mixed; boundary=x", b"message/rfc822", b"image/png", b";", b"base64"]
VALUES += [b"multipart/alternative; boundary=x", b"quoted-printable", b"x-uuencode", b"attachment; filename=../x"]
LINES = [b"--x\r\n", b"--x--\r\n", b"\r\n", b"begin 644 a\r\n", b"end\r\n", b"> q\r\n", b"<p>", b"=E4", b"From: a\r\n"]
hostile = st.builds(
    lambda fields, body: b"".join(name + b": " + value + b"\r\n" for name, value in fields) + b"\r\n" + body,
    st.lists(st.tuples(st.sampled_from(NAMES), st.one_of(st.binary(max_size=60), st.sampled_from(VALUES))), max_size=8),
    st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(LINES), max_size=15).map(b"".join)),
)


def strings(value) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for one in value for text in strings(one)]
    fields = getattr(type(value), "__dataclass_fields__", {})
    return [text for name in fields for text in strings(getattr(value, name))]


@given(st.one_of(st.binary(max_size=500), hostile))
@settings(max_examples=400)
def test_no_bytes_raise_and_every_string_can_be_kept(raw):
    mail = understand(raw)
    heard = inbound(mail, ENVELOPE)
    for text in (*strings(mail), *strings(heard)):
        assert "\x00" not in text
        text.encode("utf-8")
    assert bool(mail.reply_text.strip()) == bool(mail.text.strip())
    assert mail.message_id.startswith("<")
    assert understand(raw) == mail


def test_a_subject_without_a_charset_is_read_as_the_words_of_other_fields_are():
    raw = b"From: =?ISO-2022-JP?B?g2OBW4OL?= <a@b.example>\r\nSubject: \x83c\x81[\x83\x8b\r\n\r\nhello"
    assert understand(raw).subject == "ツール"


def test_raw_fields_of_a_mail_in_utf_7_are_in_utf_7_too():
    raw = (
        b'From: "Heinz M+APw-ller" <a@b.example>\r\nSubject: Die Fr+APY-sche\r\n'
        b"Content-Type: text/plain; charset=UTF-7\r\n\r\nFr+APY-sche\r\n"
    )
    mail = understand(raw)
    assert (mail.subject, mail.sender.name, mail.text) == ("Die Frösche", "Heinz Müller", "Frösche")


def test_a_plus_in_a_subject_stays_where_the_mail_is_in_any_other_charset():
    raw = b"From: a@b.example\r\nSubject: C+APY-x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xc3\xa4"
    assert understand(raw).subject == "C+APY-x"


def test_a_local_sender_without_a_domain_is_named_and_the_envelope_is_who_it_is():
    mail = understand(b"From: MAILER-DAEMON (Mail Delivery System)\r\nTo: a@b.example\r\n\r\nhello")
    assert mail.sender == ("Mail Delivery System", "MAILER-DAEMON")
    assert inbound(mail, ENVELOPE).sender.address == ENVELOPE.mail_from
    assert understand(b"From: Ann Lee\r\n\r\nhello").sender == ("Ann Lee", "")


@given(
    day=st.integers(0, 39),
    month=st.sampled_from(["Jan", "FEB", "mar", "Apr", "May", "Jun", "jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Foo"]),
    year=st.integers(100, 9999),  # fewer digits are a year of this century or the last
    clock=st.tuples(st.integers(0, 29), st.integers(0, 69), st.integers(0, 69)),
    zone=st.sampled_from(["+0000", "-0330", "+1400", "-1200", "+0545", "-0000", "+9999"]),
    comment=st.sampled_from(["", " (CET)", " (UTC)"]),
)
def test_a_date_in_the_usual_form_is_read_as_others_read_it(
    day: int, month: str, year: int, clock: tuple[int, int, int], zone: str, comment: str
) -> None:
    written = f"Mon, {day} {month} {year:04} {clock[0]:02}:{clock[1]:02}:{clock[2]:02} {zone}{comment}"
    try:
        at = parsedate_to_datetime(written)
        expected = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        expected = None
    assert understand(f"Date: {written}\n\nHi".encode()).date == expected
