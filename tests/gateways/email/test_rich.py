"""What is wrapped within a mail: in Outlook's winmail.dat, PGP's armour, calendar entries and rich text."""

import base64
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.email.parts.entries import entry_text
from gateways.email.parts.rtf import read_rtf, unpacked
from gateways.email.parts.structure import read
from gateways.email.parts.tnef import unpack
from gateways.email.reading.body import read_body
from tests.gateways.email import packing
from tests.gateways.email.packing import file, message, properties, rich, tnef
from tests.gateways.email.test_body import PLAIN, pack, part, shown

SUBJECT, TEXT, RTF, HTML, CONTENT, NAME, KIND, CID = 0x37, 0x1000, 0x1009, 0x1013, 0x3701, 0x3707, 0x370E, 0x3712


def packed(kind: str, content: bytes, **fields: str) -> bytes:
    return part(kind, base64.encodebytes(content), Content_Transfer_Encoding="base64", **fields)


def winmail(content: bytes, *, kind: str = "application/ms-tnef", text: bytes = b"") -> bytes:
    return pack("mixed", part("text/plain", text), packed(f'{kind}; name="winmail.dat"', content))


# What is encrypted, and PGP in the text


@pytest.mark.parametrize(
    "mail",
    [
        packed('application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"', b"\x30\x03\x06\x01*"),
        pack("encrypted", part("application/pgp-encrypted", b"Version: 1"), part("application/octet-stream", b"?")),
        part("text/plain", b"Hi\n-----BEGIN PGP MESSAGE-----\n\nhQIOAwTJ\n-----END PGP MESSAGE-----\n"),
        part("text/html", b"Hi<pre>-----BEGIN PGP MESSAGE-----\n\nhQIOAwTJ\n-----END PGP MESSAGE-----</pre>"),
        pack("mixed", PLAIN, packed('application/x-microsoft-rpmsg-message; name="message.rpmsg"', b"v")),
    ],
    ids=["S/MIME", "PGP", "PGP in the text", "PGP in a page", "Microsoft's"],
)
def test_what_is_encrypted_is_known_to_be_and_kept(mail):
    body = read_body(read(mail))
    assert body.notes == ["encrypted"]
    assert body.files or "hQIOAwTJ" in body.text


def test_what_somebody_quotes_is_not_what_they_encrypted_or_signed():
    armoured = (
        "-----BEGIN PGP {}-----<br><br>hQIOA<br>-----BEGIN PGP SIGNATURE-----<br>x<br>-----END PGP SIGNATURE-----"
    )
    for kind in ("MESSAGE", "SIGNED MESSAGE"):
        page = f"<p>See below</p><blockquote type=cite>{armoured.format(kind)}</blockquote>"
        assert read_body(read(part("text/html", page.encode()))).notes == []


def test_a_page_signed_in_clear_is_what_it_says():
    armour = "-----BEGIN PGP SIGNED MESSAGE-----<br>Hash: SHA256<br><br>It burns<br>-----BEGIN PGP SIGNATURE-----<br>"
    body = read_body(read(part("text/html", f"{armour}<br>iF0E<br>-----END PGP SIGNATURE-----<br>".encode())))
    assert (body.text, body.notes) == ("It burns", ["signed"])


VERSION = part("application/pgp-encrypted", b"Version: 1\r\n\r\n")
SECRET = part('application/octet-stream; name="encrypted.asc"', b"-----BEGIN PGP MESSAGE-----\r\n\r\nhIwDxE023q1U\r\n")


@pytest.mark.parametrize("kind", ["encrypted", "mixed"])
def test_what_only_says_that_pgp_was_used_is_no_file_also_where_a_server_made_the_mail_anew(kind):
    body = read_body(read(pack(kind, VERSION, SECRET)))
    assert [file.name for file in body.files] == ["encrypted.asc"]
    assert body.notes == ["encrypted"]


def test_a_file_of_that_type_that_says_something_else_stays_one():
    body = read_body(read(pack("mixed", part("application/pgp-encrypted", b"Version: 1\r\nand my order"), SECRET)))
    assert len(body.files) == 2


def test_a_text_signed_in_clear_is_what_it_says():
    text = """Dear desk,
-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Printer two:
- - it burns
- -- and smokes
-----BEGIN PGP SIGNATURE-----

iF0EARECAB0=
-----END PGP SIGNATURE-----
Ann"""
    assert shown(part("text/plain", text.encode()))[0] == "Dear desk,\nPrinter two:\n- it burns\n-- and smokes\nAnn"


def test_a_signature_that_is_not_whole_takes_no_words_with_it():
    text = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHelp\n-----BEGIN PGP SIGNATURE-----\n\nabc"
    assert shown(part("text/plain", text.encode()))[0] == text


# winmail.dat


def test_files_in_what_outlook_packs_are_files_and_the_packing_is_kept():
    content = tnef(
        file(b"1,2", (NAME, "Maße 2026.csv"), (KIND, "text/csv")),
        file(b"\x89PNG", (NAME, "logo.png"), (KIND, "image/png"), (CID, "logo@1")),
        file(b"old", title=b"OLD.TXT"),
        file(b"", (NAME, "..\\..\\evil.exe"), (CONTENT, b"MZ")),
    )
    body = read_body(read(winmail(content, text=b"See there")))
    assert body.text == "See there"
    assert [(one.name, one.type, one.content, one.cid) for one in body.files] == [
        ("winmail.dat", "application/ms-tnef", content, None),
        ("Maße 2026.csv", "text/csv", b"1,2", None),
        ("logo.png", "image/png", b"\x89PNG", "logo@1"),
        ("OLD.TXT", "text/plain", b"old", None),
        ("evil.exe", body.files[4].type, b"MZ", None),
    ]


def test_it_is_known_by_its_first_bytes_whatever_it_is_called():
    assert shown(winmail(tnef(file(b"1", (NAME, "a.txt"))), kind="application/octet-stream"))[2][1][0] == "a.txt"


@pytest.mark.parametrize(
    "said",
    [
        [(TEXT, "Grüße, see there")],
        [(HTML, b"<p>Gr\xc3\xbc\xc3\x9fe, <b>see</b> there</p>")],
        [(RTF, rich(rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\pard Gr\'fc\u223?e, {\b see} there\par}"))],
        [
            (HTML, b""),
            (RTF, rich(rb"{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}Gr\'fc\'dfe, see there{\*\htmltag72 </p>}}")),
        ],
    ],
    ids=["plain", "HTML", "rich text", "HTML within rich text"],
)
def test_its_text_is_shown_where_the_mail_has_no_other(said):
    assert shown(winmail(tnef(message(*said))))[0] == "Grüße, see there"
    assert shown(winmail(tnef(message(*said)), text=b"Mine"))[0] == "Mine"


def test_text_in_an_old_code_page_is_read_in_it():
    content = tnef(
        packing.attribute(1, 0x00069007, (1251).to_bytes(8, "little")),
        packing.attribute(1, 0x0002800C, "Принтер горит, помогите".encode("cp1251") + b"\0"),
    )
    assert unpack(content).plain == "Принтер горит, помогите"


def test_a_mail_within_it_gives_its_text_and_its_files():
    inner = tnef(message((SUBJECT, "Order 7"), (TEXT, "Two, please")), file(b"1,2", (NAME, "a.csv")))
    found = unpack(tnef(file(b"", (NAME, "Order"), (CONTENT, b"\x07\x03\x02" + b"\0" * 13 + inner))))
    assert [(one.name, one.content) for one in found.files] == [("Order 7.txt", b"Two, please"), ("a.csv", b"1,2")]


def test_mails_within_each_other_without_end_are_a_file():
    content = tnef(file(b"seed", (NAME, "seed.txt")))
    for _ in range(50):
        content = tnef(file(b"", (CONTENT, b"\0" * 16 + content)))
    assert [one.type for one in unpack(content).files] == ["application/ms-tnef"]


def test_of_a_damaged_one_what_stands_before_the_damage_is_read():
    content = tnef(file(b"1,2", (NAME, "a.csv")), file(b"3,4", (NAME, "b.csv")))
    found = unpack(content[:-3])
    assert [one.content for one in found.files] == [b"1,2", b"3,4"]
    assert [one.name for one in unpack(content[: len(content) // 2 + 20]).files][:1] == ["a.csv"]


@given(st.binary(max_size=200), st.integers(0, 200))
def test_no_packing_raises(junk, at):
    sound = tnef(message((SUBJECT, "x"), (RTF, packing.HELLO_PACKED)), file(b"1", (NAME, "a"), (KIND, "text/csv")))
    for content in (tnef(junk), sound[:at] + junk, sound[:at] + junk + sound[at + len(junk) :]):
        unpack(content)
    unpack(tnef(packing.attribute(1, 0x00069003, properties((SUBJECT, "x"))[:4] + junk)))


def test_counts_that_promise_millions_are_not_believed():
    began = time.process_time()
    for kind in (0x1003, 0x101F, 0x1102):
        lie = (2**31).to_bytes(4, "little") + (kind | TEXT << 16).to_bytes(4, "little") + (2**31).to_bytes(4, "little")
        unpack(tnef(packing.attribute(1, 0x00069003, lie + b"\0" * 100_000)))
    assert time.process_time() - began < 1


# Rich text


def test_rich_text_is_unpacked_as_its_makers_describe_it():
    assert unpacked(packing.HELLO_PACKED) == packing.HELLO
    assert unpacked(packing.RING_PACKED) == packing.RING


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (rb"{\rtf1 a\par b\line c\tab d}", "a\nb\nc\td"),
        (rb"{\rtf1\uc1 \u8364? \u-10179?\u-8704? \lquote x\rquote\emdash}", "€ 😀 ‘x’—"),
        (rb"{\rtf1\uc0 \u8364\u8364 x}", "€€x"),
        (rb"{\rtf1\ansicpg932 \'82\'a0\'82\'a2}", "あい"),
        (rb"{\rtf1{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}}\f1 \'cf\'f0 {\f0 \'fc}}", "Пр ü"),
        (rb"{\rtf1{\info{\author Ann}}{\*\private x}{\pict 89504e47}{\header top}shown\~\{\}\\}", "shown\xa0{}\\"),
        (b"{\\rtf1 a\\\n b}", "a\n b"),
        (b"Dear desk, {\\rtf1}", ""),
    ],
)
def test_rich_text_says_what_one_sees(text, says):
    assert read_rtf(text).plain == says


def test_html_within_rich_text_is_that_html():
    text = (
        rb"{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}\htmlrtf {\pard\htmlrtf0 A &{\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0 B"
        rb"\htmlrtf\par}\htmlrtf0{\*\htmltag72 </p>}}"
    )
    assert read_rtf(text).html == "<p>A &&lt;B</p>"


def test_a_mail_of_rich_text_alone_is_shown_and_stays_a_file():
    text, _, files = shown(part("text/rtf", rb"{\rtf1 Printer two burns\par}"))
    assert (text, [kind for _, kind, _ in files]) == ("Printer two burns", ["text/rtf"])


def test_enriched_text_loses_its_marks():
    text = b"<bold>Now</bold> <color><param>red</param>it burns</color>: 1 << 2"
    assert shown(part("text/enriched", text))[0] == "Now it burns: 1 < 2"


@given(st.binary(max_size=300))
def test_no_rich_text_raises(junk):
    read_rtf(b"{\\rtf1" + junk)
    read_rtf(junk)
    unpacked(packing.HELLO_PACKED[:16] + junk)


@pytest.mark.parametrize("piece", [b"{", b"}", b"\\u8364?", b"{\\f1 \\'e4", b"\\'", b"\\par", b"\\fonttbl{", b"{\\*"])
def test_rich_text_without_end_is_read_in_time(piece):
    began = time.process_time()
    read_rtf(b"{\\rtf1 " + piece * (2_000_000 // len(piece)))
    assert time.process_time() - began < 4


def test_groups_within_each_other_without_end_do_not_fill_the_memory():
    text = b"{\\rtf1 " + b"{" * 300_000 + b"}" * 300_000 + b"seen}"
    tracemalloc.start()
    try:
        assert read_rtf(text).plain == "seen"
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


# Calendar entries

INVITATION = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID="Europe/Berlin":20260302T120000
DTEND;TZID="Europe/Berlin":20260302T133000
SUMMARY;LANGUAGE=de:Drucker\\, zweiter
  Versuch
LOCATION:Raum 2
ORGANIZER;CN="Ann Walker":mailto:ann@desk.example
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:carla@example.com
BEGIN:VALARM
DESCRIPTION:Reminder
END:VALARM
DESCRIPTION:Bitte\\nkommen
END:VEVENT
END:VCALENDAR
"""


def calendar(*lines: str, method: str = "REQUEST") -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"])


def test_an_invitation_without_words_shows_what_it_is_about_and_stays_a_file():
    told = """Drucker, zweiter Versuch
2026-03-02 12:00 – 13:30 (Europe/Berlin)
Raum 2
Ann Walker <ann@desk.example>

Bitte
kommen"""
    alone = packed("text/calendar; charset=utf-8; method=REQUEST", INVITATION.encode())
    text, _, files = shown(pack("alternative", part("text/plain", b"\r\n"), alone))
    assert (text, [kind for _, kind, _ in files]) == (told, ["text/calendar"])
    assert shown(pack("alternative", part("text/plain", b"Come!"), alone))[0] == "Come!"


@pytest.mark.parametrize(
    ("lines", "when"),
    [
        (["DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260303"], "2026-03-02"),
        (["DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260305"], "2026-03-02 – 2026-03-04"),
        (["DTSTART:20260302T120000Z", "DTEND:20260303T010000Z"], "2026-03-02 12:00 – 2026-03-03 01:00 (UTC)"),
        (["DTSTART:20260302T120000"], "2026-03-02 12:00"),
        (["DTSTART:20260302T120000", "DTEND:20260302T110000"], "2026-03-02 12:00"),
        (["DTSTART:20261302T120000"], ""),
        (["DTSTART:soon"], ""),
    ],
)
def test_times_of_an_invitation(lines, when):
    assert entry_text(calendar("SUMMARY:x", *lines)) == "\n".join(["x", when]).strip()


def test_an_answer_to_an_invitation_says_who_answers_and_what():
    lines = [
        "SUMMARY:Printer",
        "ORGANIZER:mailto:desk@desk.example",
        "ATTENDEE;PARTSTAT=DECLINED:MAILTO:carla@x.example",
    ]
    assert entry_text(calendar(*lines, "COMMENT:Ill", method="REPLY")) == "Printer\ncarla@x.example: DECLINED\n\nIll"


def test_what_is_called_off_says_so():
    assert entry_text(calendar("SUMMARY:Printer", method="CANCEL")) == "Printer (CANCEL)"


@given(st.text(max_size=300))
def test_no_calendar_raises(junk):
    entry_text("BEGIN:VEVENT\n" + junk)
    entry_text(calendar(junk, "DTSTART:" + junk, "SUMMARY;X=" + junk))
