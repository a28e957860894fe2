"""What a mail shows and what it carries, whichever way it is packed."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.email.parts.structure import read
from gateways.email.reading.body import read_body, unflowed
from gateways.email.reading.carried import MOST_FILES
from gateways.email.reading.markup import to_text

PNG = base64.encodebytes(b"\x89PNG picture").replace(b"\n", b"\r\n")


def part(kind: str, content: bytes = b"", **fields: str) -> bytes:
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"Content-Type: {kind}\r\n{head}\r\n".encode() + content


def pack(kind: str, *parts: bytes) -> bytes:
    boundary = f"=_{kind.split(';')[0]}_{len(b''.join(parts))}"
    inner = b"".join(b"--" + boundary.encode() + b"\r\n" + one + b"\r\n" for one in parts)
    return (
        f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
        + inner
        + b"--"
        + boundary.encode()
        + b"--\r\n"
    )


def image(name: str = "photo.png", **fields: str) -> bytes:
    return part(f'image/png; name="{name}"', PNG, Content_Transfer_Encoding="base64", **fields)


PLAIN, HTML = (
    part("text/plain; charset=utf-8", "Grüße\r\n".encode()),
    part("text/html; charset=utf-8", "<p>Grüße</p>".encode()),
)


def shown(raw: bytes) -> tuple[str, str | None, list[tuple[str, str, int]]]:
    body = read_body(read(raw))
    return body.text, body.html, [(file.name, file.type, len(file.content)) for file in body.files]


def test_a_plain_mail_is_its_text():
    assert shown(PLAIN) == ("Grüße", None, [])


def test_two_forms_of_one_thing_are_one_thing():
    assert shown(pack("alternative", PLAIN, HTML)) == ("Grüße", "<p>Grüße</p>", [])


def test_a_mail_in_html_alone_is_shown_as_text_too():
    assert shown(HTML) == ("Grüße", "<p>Grüße</p>", [])


def test_files_are_files():
    pdf = part("application/pdf", b"%PDF", Content_Disposition="attachment; filename*=utf-8''Rechnung%20M%C3%A4rz.pdf")
    assert shown(pack("mixed", PLAIN, image(), pdf))[2] == [
        ("photo.png", "image/png", 12),
        ("Rechnung März.pdf", "application/pdf", 4),
    ]


def test_text_around_pictures_stays_in_order():
    raw = pack("mixed", part("text/plain", b"above"), image(), part("text/plain", b"below"))
    assert shown(raw)[0] == "above\n\nbelow"


def test_html_with_a_plain_footer_shows_both_in_both_forms():
    raw = pack("mixed", pack("alternative", PLAIN, HTML), part("text/plain", b"list footer <x>"))
    text, html, _ = shown(raw)
    assert text == "Grüße\n\nlist footer <x>"
    assert html == "<p>Grüße</p>\n<pre>list footer &lt;x&gt;</pre>"


def test_pictures_of_a_page_keep_the_id_it_calls_them_by():
    raw = pack("related", part("text/html", b'<img src="cid:a1">see'), image(Content_ID="<a1>"))
    body = read_body(read(raw))
    assert body.text == "see"
    assert [file.cid for file in body.files] == ["a1"]


def test_the_root_of_a_page_is_the_one_that_is_named():
    raw = pack('related; start="<root>"', image(), part("text/html", b"<p>root</p>", Content_ID="<root>"))
    assert shown(raw)[0] == "root"
    assert len(shown(raw)[2]) == 1


def test_text_with_a_file_name_is_a_file_unless_there_is_nothing_else():
    log = part('text/plain; name="log.txt"', b"lines")
    assert shown(pack("mixed", PLAIN, log)) == ("Grüße", None, [("log.txt", "text/plain", 5)])
    assert shown(log) == ("lines", None, [("log.txt", "text/plain", 5)])


def test_a_nested_mail_is_a_file_named_by_its_subject():
    nested = part("message/rfc822", b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe/x?=\r\n\r\nhidden")
    assert shown(pack("mixed", PLAIN, nested))[0] == "Grüße"
    assert [name for name, _, _ in shown(pack("mixed", PLAIN, nested))[2]] == ["Grüße-x.eml"]


def test_a_signature_is_neither_text_nor_file():
    raw = pack("signed; protocol=x", PLAIN, part('application/pkcs7-signature; name="smime.p7s"', b"xx"))
    assert shown(raw) == ("Grüße", None, [])
    assert read_body(read(raw)).notes == ["signed"]


def test_what_was_signed_in_clear_is_noted_and_what_somebody_quotes_is_not():
    armoured = b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nhello\n-----BEGIN PGP SIGNATURE-----\n\nx\n"
    armoured += b"-----END PGP SIGNATURE-----\n"
    assert read_body(read(part("text/plain", armoured))).notes == ["signed"]
    quoted = b"".join(b"> " + line + b"\n" for line in armoured.splitlines())
    assert read_body(read(part("text/plain", quoted))).notes == []


def test_a_plain_form_that_only_speaks_of_html_gives_way():
    stub = part("text/plain", b"Your mail client does not show HTML.")
    page = part("text/html", b"<p>" + b"the real text " * 20 + b"</p>")
    assert shown(pack("alternative", stub, page))[0].startswith("the real text")
    assert shown(pack("alternative", part("text/plain", b"  \r\n"), page))[0].startswith("the real text")


def test_a_short_plain_form_is_kept_when_the_page_says_no_more():
    assert shown(
        pack("alternative", part("text/plain", b"See our browser."), part("text/html", b"<p>See our browser."))
    )[0] == ("See our browser.")


def test_a_calendar_entry_is_a_file():
    entry = part("text/calendar; method=REQUEST; charset=utf-8", b"BEGIN:VCALENDAR")
    assert [kind for _, kind, _ in shown(pack("alternative", PLAIN, HTML, entry))[2]] == ["text/calendar"]


def test_files_from_before_mime_are_files():
    text, _, files = shown(part("text/plain", b"see\r\nbegin 644 a b.txt\r\n%2&5L;&\\\r\n`\r\nend\r\nbye"))
    assert text.split() == ["see", "bye"]
    assert files == [("a b.txt", "text/plain", 5)]


def test_a_page_says_its_charset_itself():
    assert shown(part("text/html", '<meta charset="koi8-r"><p>заказ'.encode("koi8-r")))[0] == "заказ"


def test_what_was_guessed_is_noted():
    body = read_body(read(part("text/plain; charset=x-unknown", b"Fr\xf6sche")))
    assert body.text == "Frösche"
    assert body.notes


def test_bytes_that_are_no_mail_are_a_file():
    raw = bytes(range(256)) * 50
    assert shown(raw) == ("", None, [("attachment-1.bin", "application/octet-stream", len(raw))])


@pytest.mark.parametrize(
    ("flowed", "delsp", "text"),
    [
        ("one \ntwo\nthree", False, "one two\nthree"),
        ("> quoted \n> on\nnot", False, "> quoted on\nnot"),
        ("> a \nb", False, "> a \nb"),
        ("text\n-- \nname \nmore", False, "text\n-- \nname more"),
        (" >not quoted\n From here", False, ">not quoted\nFrom here"),
        ("日本 \n語", True, "日本語"),
    ],
)
def test_flowed_lines_become_whole(flowed, delsp, text):
    assert unflowed(flowed, delsp) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        ("a<span>b</span>c", "abc"),
        ("<ul><li>x<li>y</ul>", "* x\n* y"),
        ("seen<div style='display:none'>hidden token</div>", "seen"),
        ("<head><title>t</title><style>p{}</style></head><body><script>x()</script>body", "body"),
        ("&lt;b&gt; &amp;amp; &nbsp;x", "<b> &amp; x"),
        ("<?xml version='1.0' encoding='utf-16'?><p>hi", "hi"),
        ("", ""),
        ("<!-- only -->", ""),
        ("no tags", "no tags"),
        ("a<hr>b", "a\n--------------------\nb"),
    ],
)
def test_html_is_read_as_one_sees_it(html, text):
    assert " ".join(to_text(html).split()) == " ".join(text.split())


def test_html_too_deep_or_long_loses_its_tags_but_not_its_words():
    assert to_text("<div>" * 20_000 + "words" + "</div>" * 20_000) == "words"
    assert to_text("<p>words</p>" * 30_000).count("words") == 30_000


@given(st.text(max_size=300))
def test_any_html_is_text(html):
    assert to_text(html).encode() is not None
    assert to_text(f"<div>{html}").encode() is not None


def with_files(count: int) -> bytes:
    """A mail that says hello and has so many pictures."""
    pictures = (part(f'image/png; name="{number}.png"', b"picture %d" % number) for number in range(count))
    return pack("mixed", part("text/plain", b"Hello"), *pictures)


@pytest.mark.parametrize("count", [21, MOST_FILES])
def test_many_attachments_are_all_kept(count):
    body = read_body(read(with_files(count)))
    assert [(file.name, file.content) for file in body.files] == [
        (f"{number}.png", b"picture %d" % number) for number in range(count)
    ]
    assert (body.text, body.left_out, body.notes) == ("Hello", 0, [])


@pytest.mark.parametrize("count", [MOST_FILES + 1, 998, 999, 1500, 5000])
def test_of_more_than_are_kept_it_is_known_how_many(count):
    body = read_body(read(with_files(count)))
    assert (body.text, len(body.files)) == ("Hello", MOST_FILES)
    assert body.left_out == count - MOST_FILES
    assert body.notes == [f"{count - MOST_FILES} attachments left out"]


def test_files_from_before_mime_are_counted_too():
    block = "begin 644 a.txt\n#86)C\n`\nend\n"
    body = read_body(read(("Hi\n" + block * (MOST_FILES + 7)).encode()))
    assert (len(body.files), body.left_out) == (MOST_FILES, 7)


ANSWER = "Your parcel number seventeen leaves the warehouse tomorrow morning"
OTHER = "Special offers this winter for pillows, blankets, curtains and carpets"


def two_forms(plain: str, html: str) -> bytes:
    return pack(
        "alternative",
        part("text/plain; charset=utf-8", plain.encode()),
        part("text/html; charset=utf-8", html.encode()),
    )


def test_a_plain_form_made_carelessly_gives_way_to_the_page():
    raw = two_forms(
        f"{ANSWER}&nbsp;&nbsp; < http://x.example/1 >", f"<p>{ANSWER} <a href='http://x.example/1'>here</a></p>"
    )
    assert shown(raw)[0] == f"{ANSWER} here"


def test_where_the_two_forms_say_different_things_the_page_counts_because_others_see_it():
    assert shown(two_forms(OTHER, f"<p>{ANSWER}</p>"))[0] == ANSWER


def test_a_page_of_pictures_does_not_replace_the_words_of_the_plain_form():
    assert shown(two_forms(OTHER, "<title>Invoice</title><img src='cid:1'>Hello"))[0] == OTHER


def test_the_plain_form_stays_where_the_page_says_the_same_in_entities():
    raw = two_forms(
        "Schöne Grüße übermittelt größtenteils: Müller, Köhler",
        "<p>Sch&ouml;ne Gr&uuml;&szlig;e &uuml;bermittelt<br>gr&ouml;&szlig;tenteils: M&uuml;ller, K&ouml;hler</p>",
    )
    assert shown(raw)[0] == "Schöne Grüße übermittelt größtenteils: Müller, Köhler"


def test_a_raised_number_does_not_run_into_the_one_before_it():
    assert to_text("<p>10<sup>6</sup> for 19<sup>90</sup>, the 1<sup>st</sup></p>") == "10^6 for 19^90, the 1st"
