"""What goes out: the same bytes for the same message, readable by others, and no header but ours."""

import email
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import policy

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.phrases import DeskError
from core.tickets.model import Address, Outgoing, Part
from gateways.email.outgoing.compose import LONGEST_SUBJECT, MOST_REFERENCES, checked, compose, reply_subject
from gateways.email.reading.parse import understand

ANSWER = Outgoing(
    message=7,
    ticket=42,
    part=Part.REPLY,
    external_id="<m.42.7.q1w2e3@desk.example>",
    at=datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
    door="support@desk.example",
    door_name="Ann via Example Support",
    to=(Address("email", "carla@example.com", "Carla Gómez"),),
    subject="Broken printer",
    text="Hello Carla,\n\nplease try again.\n\nAnn",
    reply_token="k3y.abc",
    in_reply_to="<her.second@example.com>",
    references=("<her.first@example.com>", "<her.second@example.com>"),
    language="en",
)
words = st.text(max_size=300)
nasty = st.lists(
    st.sampled_from(
        ["\r\n", "\n", "\r", "\x00", "=?utf-8?Q?=0ABcc:_a@b.example?=", "=?", "Bcc: x@y.example", ": ", "é", "\ud800",
         "\u2028", "\x85", "x" * 90, " ", "<a@b>", '"', "\\", "👩🏽‍🚀", "?=", "\t", ","]
    ),
    max_size=20,
).map("".join)  # fmt: skip
anything = st.one_of(words, nasty)


def header_names(raw: bytes) -> list[str]:
    """As any server reads them: every line of the header that is not a continuation."""
    head = raw.partition(b"\r\n\r\n")[0]
    return [line.partition(b":")[0].decode("ascii") for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]


def test_who_gets_a_copy_stands_in_the_mail_and_is_a_recipient():
    out = replace(ANSWER, copied=(Address("email", "dan@example.com", "Dan Ö"), Address("email", "CARLA@example.com")))
    mail = email.message_from_bytes(compose(out), policy=policy.default)
    assert [(one.display_name, one.addr_spec) for one in mail["Cc"].addresses] == [
        ("Dan Ö", "dan@example.com"),
        ("", "CARLA@example.com"),
    ]
    assert out.recipients == ("carla@example.com", "dan@example.com", "CARLA@example.com")
    assert email.message_from_bytes(compose(ANSWER))["Cc"] is None


def test_an_answer_reads_as_it_was_written():
    raw = compose(ANSWER)
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert mail["From"] == "Ann via Example Support <support@desk.example>"
    assert mail["To"] == "Carla Gómez <carla@example.com>"
    assert mail["Reply-To"].addresses[0].addr_spec == "support+t.k3y.abc@desk.example"
    assert mail["Subject"] == "Re: Broken printer"
    assert mail["Message-ID"] == "<m.42.7.q1w2e3@desk.example>"
    assert mail["In-Reply-To"] == "<her.second@example.com>"
    assert mail["References"].split() == ["<her.first@example.com>", "<her.second@example.com>"]
    assert mail["Date"].datetime == ANSWER.at
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().splitlines() == ANSWER.text.splitlines()


def test_an_answer_has_these_headers_and_no_others():
    assert header_names(compose(ANSWER)) == [
        "Date",
        "From",
        "To",
        "Reply-To",
        "Subject",
        "Message-ID",
        "In-Reply-To",
        "References",
        "Content-Language",
        "MIME-Version",
        "Content-Type",
    ]


def test_the_same_message_is_the_same_bytes():
    assert compose(ANSWER) == compose(replace(ANSWER))
    assert compose(ANSWER) != compose(replace(ANSWER, text="other"))


@pytest.mark.parametrize(
    ("part", "says"),
    [
        (Part.REPLY, {}),
        (
            Part.ACKNOWLEDGEMENT,
            {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All", "Precedence": "bulk"},
        ),
        (Part.REMINDER, {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}),
        (Part.CLOSING, {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}),
    ],
)
def test_only_what_no_person_wrote_says_so(part, says):
    mail = email.message_from_bytes(compose(replace(ANSWER, part=part)))
    assert {
        name: mail[name] for name in ("Auto-Submitted", "X-Auto-Response-Suppress", "Precedence") if mail[name]
    } == says


@given(anything, anything, anything, anything)
@example("a =?UTF-8?Q?=0A?=Bcc: injected@example.com", "", "", "")
@example("a\r\nBcc: injected@example.com", "b\r\nBcc: x", "c\nBcc: x", "d\r\n.\r\nQUIT")
def test_no_words_of_anybody_become_a_header(subject, our_name, their_name, text):
    out = replace(
        ANSWER,
        subject=subject,
        door_name=our_name,
        to=(Address("email", "carla@example.com", their_name),),
        text=text,
    )
    raw = compose(out)
    assert header_names(raw) == header_names(compose(ANSWER))
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\x00", raw)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.isascii()
    for reader in (policy.default, policy.compat32):
        mail = email.message_from_bytes(raw, policy=reader)
        assert mail.keys() == header_names(raw)
    mail = understand(raw)
    assert mail.sender.address == "support@desk.example"
    assert [one.address for one in mail.to] == ["carla@example.com"]
    assert "Bcc" not in header_names(raw)


BREAKS = ["\r\n", "\n", "\r", "\0", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
"""Whatever any reader takes for the end of a line, or of a string."""


@pytest.mark.parametrize("end", BREAKS, ids=ascii)
@pytest.mark.parametrize("where", ["subject", "door_name", "name", "address", "door", "external_id", "in_reply_to"])
def test_nothing_that_ends_a_line_begins_a_header(where, end):
    smuggled = f"a{end}Bcc: spy@example.net{end}{end}b"
    try:
        if where in ("name", "address"):
            hers = ANSWER.to[0]
            raw = compose(replace(ANSWER, to=(replace(hers, **{where: getattr(hers, where) + smuggled}),)))
        else:
            raw = compose(replace(ANSWER, **{where: getattr(ANSWER, where) + smuggled}))
    except DeskError:
        assert where in ("address", "door", "external_id"), "words are made harmless, not refused"
        return
    names = set(header_names(compose(ANSWER)))
    head = raw.partition(b"\r\n\r\n")[0].decode("latin-1")
    starts = {line.partition(":")[0] for line in head.splitlines() if not line.startswith(" ")}  # the widest reader
    assert starts <= names
    assert set(email.message_from_bytes(raw).keys()) <= names


HEADER = b"From: a@b.test\r\nSubject: x\r\n"


def test_a_header_as_it_was_meant_is_let_through():
    for header in (HEADER, HEADER.replace(b"x", b"x\r\n y"), HEADER.replace(b"x", b"x" * 989)):
        assert checked(header, ["From", "Subject"]) == header


@pytest.mark.parametrize(
    "bad",
    [
        HEADER + b"Bcc: spy@example.net\r\n",
        HEADER.replace(b"Subject: x", b"Bcc: x"),
        b"Bcc: x\r\n" + HEADER,
        b"Subject: x\r\n" + HEADER,
        b"From: a@b.test\r\n",
        HEADER.replace(b"x", b"x\nBcc: spy@example.net"),
        HEADER.replace(b"x", b"x\rBcc: spy@example.net"),
        HEADER.replace(b"x", b"x\n y"),
        HEADER.replace(b"x", b"x\0"),
        HEADER.replace(b"x", b"x\r\n\r\n the text"),
        HEADER.replace(b"x", b"x\r\n \r\n y"),
        HEADER.replace(b"x", b"x" * 990),
        b"",
    ],
    ids=[
        "one more", "another", "one before", "one twice", "one less", "a bare LF", "a bare CR", "a fold at a bare LF",
        "a NUL", "the end of the header", "an empty line", "a line too long", "nothing",
    ],
)  # fmt: skip
def test_bytes_that_are_not_the_header_that_was_meant_are_refused(bad):
    with pytest.raises(DeskError):
        checked(bad, ["From", "Subject"])


def test_a_name_that_no_mail_of_ours_carries_is_refused_even_where_it_was_meant():
    with pytest.raises(DeskError):
        checked(b"Bcc: spy@example.net\r\n", ["Bcc"])


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=120))
def test_a_subject_and_a_name_survive_the_way(text):
    text = understand(b"Subject: x\r\n\r\n" + text.encode()).text.replace("=?", "")[:90]  # as the desk would know it
    out = replace(ANSWER, subject="Re: " + text, to=(Address("email", "carla@example.com", text),))
    mail = understand(compose(out))
    assert mail.subject == reply_subject(text)
    assert " ".join(mail.to[0].name.split()) == " ".join(text.split()).strip("'\" ") or set(text) & set("\"'\\")


@given(st.text(max_size=3000))
def test_a_text_survives_the_way(text):
    expected = understand(b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode("utf-8", "replace")).text
    sent = email.message_from_bytes(compose(replace(ANSWER, text=expected)), policy=policy.default).get_body(("plain",))
    assert sent is not None
    assert sent.get_content().replace("\r\n", "\n").strip("\n").split() == expected.strip("\n").split()


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("Broken printer", "Re: Broken printer"),
        ("Re: Broken printer", "Re: Broken printer"),
        ("AW: Re: RE[2]: SV: Drucker", "Re: Drucker"),
        ("回复：订单", "Re: 订单"),
        ("Ref: order 12", "Re: Ref: order 12"),
        ("Request: a chair", "Re: Request: a chair"),
        ("a\r\nBcc: x@y.example", "Re: a Bcc: x@y.example"),
        ("=?utf-8?q?x?=", "Re: = ?utf-8?q?x?="),
        ("\x1b[31mred\x07", "Re: [31mred"),
    ],
)
def test_a_subject_is_answered_once(subject, answer):
    assert reply_subject(subject) == answer


def test_a_subject_is_cut_and_an_empty_one_is_the_number():
    assert len(reply_subject("long " * 200)) <= LONGEST_SUBJECT
    assert email.message_from_bytes(compose(replace(ANSWER, subject=" Re: ")))["Subject"] == "Re: #42"


def test_ids_are_never_encoded_or_cut_however_long():
    long = tuple(f"<{'PH0PR00MB' * 20}{n}@{'namprd' * 12}.outlook.example>" for n in range(40))
    raw = compose(replace(ANSWER, references=long, in_reply_to=long[-1]))
    mail = email.message_from_bytes(raw)
    assert mail["References"].split() == [long[0], *long[-(MOST_REFERENCES - 1) :]]
    assert mail["In-Reply-To"] == long[-1]
    assert b"=?" not in raw.partition(b"Message-ID")[2]


@given(anything, st.lists(anything, max_size=4))
def test_ids_that_are_none_are_left_out(answered, chain):
    raw = compose(replace(ANSWER, in_reply_to=answered, references=tuple(chain)))
    mail = email.message_from_bytes(raw)
    assert set(mail.keys()) <= set(header_names(compose(ANSWER)))
    for one in (mail["References"] or "").split():
        assert re.fullmatch(r"<[!-~]+>", one)


@pytest.mark.parametrize(
    "change",
    [
        {"to": ()},
        {"to": (Address("email", "carla@example.com\r\nBcc: x@y.example"),)},
        {"to": (Address("email", "carla"),)},
        {"to": (Address("email", "a@b@c.example"),)},
        {"to": (Address("email", ""),)},
        {"to": (Address("email", "carla@" + "x" * 300 + ".example"),)},
        {"to": (Address("email", "ä b@example.com"),)},
        {"to": (Address("email", "ä\u202e@example.com"),)},
        {"to": (Address("email", "ä" * 33 + "@example.com"),)},
        {"to": (Address("email", "ä@example.com\r\nBcc: x@y.example"),)},
        {"to": (Address("email", "ä>,<x@example.com"),)},
        {"door": "bücher@desk.example"},
        {"door": "support"},
        {"external_id": "no id"},
        {"external_id": "<a@b>\r\nBcc: x@y.example"},
        {"reply_token": "a b"},
        {"reply_token": "x@evil.example>"},
    ],
)
def test_what_cannot_be_written_safely_is_refused(change):
    with pytest.raises(DeskError):
        compose(replace(ANSWER, **change))


def test_a_domain_beyond_ascii_is_written_as_dns_has_it():
    raw = compose(replace(ANSWER, to=(Address("email", "jo@bücher.example", "Jo"),)))
    assert b"<jo@xn--bcher-kva.example>" in raw


def test_an_address_beyond_ascii_is_written_as_it_is_and_nothing_else_is() -> None:
    raw = compose(replace(ANSWER, to=(Address("email", "müller@example.com", "Jo Müller"),)))
    head = raw.partition(b"\r\n\r\n")[0]
    assert "<müller@example.com>".encode() in head
    assert head.replace("müller@".encode(), b"").isascii()
    [to] = understand(raw).to
    assert to == ("Jo Müller", "müller@example.com")


def test_many_recipients_stay_on_lines_of_their_own():
    many = tuple(Address("email", f"person{n}@example.com", f"Person {n}, the {n}th") for n in range(80))
    mail = understand(compose(replace(ANSWER, to=many)))
    assert [(one.name, one.address) for one in mail.to] == [(one.name, one.address) for one in many]


def test_the_html_shows_markup_as_words():
    raw = compose(replace(ANSWER, text="<script>alert(1)</script> & <b>\n  https://example.com/?a=1&b=2."))
    html = email.message_from_bytes(raw, policy=policy.default).get_body(("html",))
    assert html is not None
    page = html.get_content()
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;" in page
    assert '<a href="https://example.com/?a=1&amp;b=2">https://example.com/?a=1&amp;b=2</a>.' in page


def test_what_goes_out_comes_back_as_the_same_words():
    mail = understand(compose(ANSWER))
    assert (mail.text, mail.reply_text, mail.message_id) == (ANSWER.text, ANSWER.text, ANSWER.external_id)
    assert mail.references == ANSWER.references
