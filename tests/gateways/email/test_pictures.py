"""Pictures of signatures and quotations are not what a customer sent; all others are, and none is lost."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tickets.model import File
from gateways.email.envelope import Envelope
from gateways.email.reading.parse import heard, understand
from gateways.email.reading.pictures import fold

ENVELOPE = Envelope("b@example.com", ("support@desk.example",), "192.0.2.1", "x", "", datetime(2026, 3, 2, tzinfo=UTC))
DOT = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"x" * 300)
GMAIL_QUOTE = (
    '<div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, 2 Mar 2026 at 12:00, Desk '
    '&lt;<a href="mailto:support@desk.example">support@desk.example</a>&gt; wrote:<br></div>'
    '<blockquote class="gmail_quote" style="margin:0 0 0 .8ex">Which one?<br><img src="cid:old@desk"></blockquote>'
    "</div>"
)
OUTLOOK_QUOTE = (
    '<hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><b>From:</b> Desk '
    "&lt;support@desk.example&gt;<br><b>Sent:</b> Monday, March 2, 2026 12:00<br><b>To:</b> Carla<br>"
    '<b>Subject:</b> Printer</div><div>Which one?<img src="cid:old@desk"></div>'
)
APPLE_QUOTE = (
    '<div><br><blockquote type="cite"><div>On 2. Mar 2026, at 12:00, Desk &lt;support@desk.example&gt; wrote:</div>'
    '<div>Which one? <img src="cid:old@desk"></div></blockquote></div>'
)
SIGNATURE = '<div class="gmail_signature" data-smartmail="gmail_signature">Carla<br><img src="cid:logo@carla"></div>'
DELIMITED = '<div>-- <br>Carla Rossi<br>Shop Ltd<br><img alt="" src="CID:logo%40carla"></div>'


def mail(page: str, *cids: str, subject: str = "Re: Printer", plain: str = "") -> bytes:
    """A mail with a page, and a picture for each of the ids."""
    parts = [
        b"--r\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
        b"--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + (plain or "It is this one.").encode() + b"\r\n"
        b"--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>"
        + page.encode()
        + b"</body></html>\r\n--a--\r\n"
    ]
    for cid in cids:
        name = cid.partition("@")[0]
        parts.append(
            f'--r\r\nContent-Type: image/png; name="{name}.png"\r\nContent-ID: <{cid}>\r\n'
            f'Content-Disposition: inline; filename="{name}.png"\r\nContent-Transfer-Encoding: base64\r\n\r\n'.encode()
            + DOT
            + b"\r\n"
        )
    head = f"From: Carla <carla@example.com>\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n".encode()
    return head + b"Content-Type: multipart/related; boundary=r\r\n\r\n" + b"".join(parts) + b"--r--\r\n"


def shown(raw: bytes) -> list[str]:
    """The names of the files that count as sent."""
    return [file.name for file in heard(raw, ENVELOPE).files if not file.folded]


@pytest.mark.parametrize("quote", [GMAIL_QUOTE, OUTLOOK_QUOTE, APPLE_QUOTE], ids=["Gmail", "Outlook", "Apple"])
@pytest.mark.parametrize("signature", ["", SIGNATURE, DELIMITED], ids=["unsigned", "Gmail's", "delimited"])
def test_a_picture_of_the_quotation_or_of_the_signature_is_folded_and_one_of_the_answer_is_not(
    quote: str, signature: str
) -> None:
    raw = mail(
        f'<p>It is this one: <img src="cid:new@carla"></p>{signature}{quote}', "logo@carla", "new@carla", "old@desk"
    )
    assert shown(raw) == (["logo.png", "new.png"] if not signature else ["new.png"])
    assert [file.name for file in understand(raw).files] == ["logo.png", "new.png", "old.png"]
    assert all(len(file.content) > 300 for file in understand(raw).files)


def test_a_picture_alone_above_a_quotation_is_an_answer() -> None:
    assert shown(mail('<div><img src="cid:new@carla"></div>' + GMAIL_QUOTE, "new@carla", "old@desk")) == ["new.png"]


def test_a_picture_that_is_quoted_and_shown_anew_is_shown() -> None:
    assert shown(mail('<p>This: <img src="cid:old@desk"></p>' + GMAIL_QUOTE, "old@desk")) == ["old.png"]


def test_a_picture_between_two_quoted_ones_is_shown() -> None:
    above = (
        '<blockquote type="cite"><div>On 2. Mar 2026, at 12:00, Desk &lt;support@desk.example&gt; wrote:</div>Which?'
    )
    raw = mail(f'{above}</blockquote><p>That: <img src="cid:new@carla"></p>{APPLE_QUOTE}', "new@carla", "old@desk")
    assert "new.png" in shown(raw)


def test_pictures_that_the_page_does_not_show_are_shown_as_files() -> None:
    assert shown(mail("<p>See the picture.</p>" + GMAIL_QUOTE, "new@carla", "old@desk")) == ["new.png"]


def test_pictures_of_a_mail_that_somebody_passes_on_are_what_they_sent() -> None:
    page = (
        '<p>Can you help him?</p><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
        "---------- Forwarded message ---------<br>From: <b>Max</b> &lt;max@example.org&gt;<br>"
        "Date: Mon, 2 Mar 2026<br>Subject: Broken<br>"
        'To: Carla &lt;carla@example.com&gt;<br></div>It looks so: <img src="cid:old@desk"></div>'
    )
    plain = (
        "Can you help him?\r\n\r\n---------- Forwarded message ---------\r\nFrom: Max <max@example.org>\r\n"
        "Date: Mon, 2 Mar 2026\r\nSubject: Broken\r\nTo: Carla <carla@example.com>\r\n\r\nIt looks so:"
    )
    raw = mail(page, "old@desk", subject="Fwd: Broken", plain=plain)
    assert understand(raw).forwarded is not None
    assert shown(raw) == ["old.png"]


def png(wide: int, high: int) -> bytes:
    size = wide.to_bytes(4, "big") + high.to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + size + b"\x08\x06\0\0\0"


@pytest.mark.parametrize(
    ("content", "folded"),
    [
        (png(1, 1), True),
        (b"GIF89a\x01\0\x01\0\x80\0\0", True),
        (png(1, 40), False),  # a line is seen
        (png(24, 24), False),
        (b"GIF89a\x00\x01\x00\x01", False),
        (b"GIF89a\x01", False),
        (b"", False),
    ],
)
def test_a_picture_that_nobody_can_see_is_folded(content: bytes, folded: bool) -> None:
    [file] = fold([File("a.png", "image/png", content, "a")], '<p>Hello <img src="cid:a"></p>')
    assert file.folded is folded


def test_a_file_that_is_no_picture_and_one_without_an_id_are_never_folded() -> None:
    page = '<p>Here.</p><div>-- <br><img src="cid:a"><img src="cid:b"></div>'
    files = [
        File("a.pdf", "application/pdf", b"x", "a"),
        File("b.png", "image/png", b"x"),
        File("c.png", "image/png", b"x", "b"),
    ]
    assert [file.folded for file in fold(files, page)] == [False, False, True]


@given(st.text(max_size=400), st.lists(st.sampled_from(["a", "b", "x y", "ü"]), max_size=4))
def test_whatever_a_page_says_every_file_is_there_once(page: str, cids: list[str]) -> None:
    files = [File(f"{n}.png", "image/png", b"x", cid) for n, cid in enumerate(cids)]
    tagged = page.replace("a", '<img src="cid:a">').replace("e", "<blockquote type=cite>").replace("o", "</blockquote>")
    assert [(file.name, file.cid) for file in fold(files, tagged)] == [(file.name, file.cid) for file in files]
