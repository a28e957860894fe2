"""Mails made to keep a reader busy: each maker gives one of about as many bytes as it is asked for."""

from __future__ import annotations

from collections.abc import Callable

Maker = Callable[[int], bytes]

# Pieces of header values that send a pattern looking ahead in vain, over and over.
_VALUES = {
    "letters": "x",
    "blanks": " ",
    "tabs": "\t",
    "folds": "\r\n ",
    "at signs": "@",
    "addresses": "a@b.example, ",
    "half addresses": "a@",
    "bare words": "word ",
    "angles": "<",
    "angles closed": "<>",
    "angle words": "<a ",
    "words in angles": "<a@b> ",
    "quotes": '"',
    "backslashes": "\\",
    "quoted backslashes": '"\\',
    "quoted words": '"a" ',
    "opening brackets": "(",
    "brackets": "()",
    "closing brackets": ")",
    "square": "[",
    "semicolons": ";",
    "colons": ":",
    "commas": ",",
    "parameters": "; a=b",
    "half parameters": ";a",
    "half quoted parameters": ';a="',
    "continued": "; a*1*=%41",
    "percents": "%41",
    "stars": "*",
    "encoded words": "=?utf-8?q?=41?= ",
    "half encoded words": "=?utf-8?q?a",
    "half encoded words with blanks": "=?utf-8?q?a ",
    "half words and an end": "=?a?b?=?",
    "encoded in base64": "=?utf-8?b?QQ?=",
    "encoded marks": "=?",
    "equals": "=",
    "slashes": "/",
    "dots": ".",
    "hyphens": "-",
    "plus": "+",
    "umlauts": "ü",
    "combining": "e\u0301\u0323",
    "apostrophes": "'",
    "re": "Re: ",
    "confirms": "confirm ",
    "owners": "owner-a-request",
    "automats": "automat",
    "noreply": "no-reply+",
    "blanks and at": "  @",
    "dash letters": "a-",
    "digits": "1",
    "route": "<@a,@b:",
}
_FIELDS = (
    "From",
    "To",
    "Subject",
    "References",
    "In-Reply-To",
    "Message-ID",
    "Content-Type",
    "Content-Disposition",
    "Content-Transfer-Encoding",
    "Received",
    "Date",
    "Auto-Submitted",
    "X-Failed-Recipients",
    "Content-Language",
)

_LINES = {
    "letters": "x",
    "blanks": " ",
    "blank and letter": " x",
    "tabs": "\t",
    "newlines": "\n",
    "blank lines": " \n",
    "no-break spaces": "\u00a0",
    "quote marks": ">",
    "quote marks apart": "> ",
    "quoted lines": "> hello\n",
    "deeper": ">" * 40 + " a\n",
    "escaped quote marks": "&gt;",
    "attributions": "On Mon, 2 Mar 2026 at 12:00, Ann <ann@desk.example> wrote:\n",
    "attributions quoted": "> On Mon, 2 Mar 2026 at 12:00, Ann <ann@desk.example> wrote:\n",
    "attributions and quotations": "On Mon, 2 Mar 2026 at 12:00, Ann <ann@desk.example> wrote:\n> yes\nno\n",
    "half attributions": "On 2 Mar 2026 12:00\n",
    "attributions in one line": "On Mon, 2 Mar 2026 at 12:00, Ann <ann@desk.example> wrote: ",
    "colons": ":",
    "lines of colons": "a:\n",
    "labels": "From: a\n",
    "header lines": "From: a\nTo: b\nSubject: c\nDate: d\n",
    "header lines in a line": "From: a To: b ",
    "starred labels": "*From:* a\n",
    "stars": "*",
    "bars": "| ",
    "signature dashes": "-- \n",
    "dashes": "-",
    "dash lines": "-----\n",
    "dashes apart": "- ",
    "rules": "_ ",
    "rule and stars": "*-",
    "separators": "-----Original Message-----\n",
    "separators in a line": "-----Original Message",
    "forward marks": "---------- Forwarded message ---------\n",
    "forwards with headers": "---------- Forwarded message ---------\nFrom: a@b\nSubject: c\n\n",
    "reply above": "reply above this line ",
    "sent from": "Sent from my iPhone\n",
    "sent from in a line": "Sent from my ",
    "half sent from": "-Sent ",
    "angles": "<",
    "angles and blanks": "< ",
    "angles and breaks": "<\n",
    "broken addresses": "<\na@b.example\n>",
    "half addresses": "<a@b ",
    "broken addresses with colons": "<\na@b.example\n> x: ",
    "at signs": "@",
    "addresses": "a@b.c ",
    "long address": "a@b-",
    "dotted": "a.",
    "mailto": "mailto:",
    "begins": "begin 644 a\n",
    "begins with lines": "begin 644 a\nMMMM\n",
    "uuencoded": "begin 644 a\n#0V%T\n`\nend\n",
    "ends": "\nend",
    "digits": "1",
    "digits and points": "1.",
    "statuses": "5.1.1",
    "recipients": "To: a@b.example\n",
    "unknown": "user unknown ",
    "to": "to ",
    "dashes and copy": "-- copy\n",
    "years": "2016-03-03 ",
    "dated lines": "2016-03-03 17:21 GMT+01:00 Ann \n",
    "umlauts": "ü",
    "combining": "\u0301\u0323",
    "hangul": "\u1112\u1161\u11ab",
    "chinese": "写道：\n",
    "invisible": "\u200b",
    "uhr": "12 uhr ",
    "letters and colon": "a b c: ",
    "flowed": "a \n",
    "flowed quotations": "> a \n",
}

_MARKUP = {
    **{f"text: {name}": piece.replace("<", "&lt;") for name, piece in _LINES.items()},
    "angles": "<",
    "angles and letters": "<a",
    "angles and blanks": "<a ",
    "open comments": "<!--",
    "comments": "<!-- a -->",
    "comment ends": "-->",
    "declarations": "<?xml ",
    "declared": "<?xml a?>",
    "doctypes": "<!doctype ",
    "cdata": "<![CDATA[",
    "styles": "<style>",
    "scripts": "<script>a</script>",
    "script heads": "<script ",
    "heads": "<head>",
    "references": "&#65;",
    "half references": "&#",
    "named": "&nbsp;",
    "named and blank": "&nbsp; ",
    "escaped ampersands": "&amp;",
    "half named": "&am",
    "ampersands": "&",
    "breaks": "<br>",
    "paragraphs": "<p>a</p>",
    "open paragraphs": "<p>",
    "divisions": "<div>",
    "closed divisions": "<div></div>",
    "division ends": "</div>",
    "blockquotes": "<blockquote>",
    "blockquotes closed": "<blockquote>a</blockquote>",
    "gmail quotes": '<blockquote class="gmail_quote">a</blockquote>',
    "spans": "<span>a</span>",
    "spans with blanks": "<span> </span>",
    "inline blanks": "<b> </b> ",
    "bold": "<b>",
    "bold crossed": "<b><i></b></i>",
    "fonts": "<font>a",
    "tables": "<table>",
    "tables closed": "<table><tr><td>a</td></tr></table>",
    "cells": "<td>a</td>",
    "rows": "<tr><td>a</td></tr>",
    "rules": "<hr>",
    "lists": "<ul>",
    "points": "<li>a</li>",
    "open points": "<li>",
    "links": '<a href="x">a</a>',
    "images": '<img src="x">',
    "attributes": '<p a="b" ',
    "many attributes": ' a="b"',
    "styled": '<p style="margin: 1px; padding-left: 2em">a</p>',
    "outlook lines": '<div style="border-top:solid #E1E1E1 1.0pt"></div>',
    "outlook lines open": '<div style="border-top:solid #E1E1E1 1.0pt">',
    "pre": "<pre> a\n b</pre>",
    "pre breaks": "<pre>\n</pre>",
    "forms": "<form><input>",
    "frames": "<iframe>",
    "selects": "<select><option>",
    "headings": "<h1>a",
    "carriage returns": "\r",
}


def _fill(piece: str, size: int) -> bytes:
    data = piece.encode()
    return data * (size // len(data))


def _header(field: str, piece: str, before: str = "", after: str = "") -> Maker:
    return lambda size: (
        b"From: a@b.example\r\n" * (field != "From")
        + f"{field}: {before}".encode()
        + _fill(piece, size)
        + after.encode()
        + b"\r\n\r\nHello.\r\n"
    )


def _text(piece: str, before: str = "", after: str = "", kind: str = "text/plain; charset=utf-8") -> Maker:
    head = f"From: mailer-daemon@b.example\r\nSubject: Fwd: a\r\nContent-Type: {kind}\r\n\r\n".encode()
    return lambda size: head + before.encode() + _fill(piece, size) + after.encode()


def _parts(head: str, piece: str, end: str = "") -> Maker:
    return lambda size: (
        f"From: a@b.example\r\nContent-Type: {head}\r\n\r\n".encode() + _fill(piece, size) + end.encode()
    )


def _nested(size: int) -> bytes:
    """Each part within the one before it."""
    out = [b"From: a@b.example\r\n"]
    for depth in range(size // 60):
        out.append(f'Content-Type: multipart/mixed; boundary="b{depth}"\r\n\r\n--b{depth}\r\n'.encode())
    return b"".join(out)


def _raw(piece: str, before: str = "", after: str = "") -> Maker:
    return lambda size: before.encode() + _fill(piece, size) + after.encode()


def makers() -> dict[str, Maker]:
    """All of them by name."""
    found: dict[str, Maker] = {}
    for field in _FIELDS:
        for name, piece in _VALUES.items():
            found[f"{field}: {name}"] = _header(field, piece)
    for name, piece in _VALUES.items():
        found[f"Content-Type, parameters: {name}"] = _header("Content-Type", piece, "text/plain; a=")
        found[f"Content-Type, quoted: {name}"] = _header("Content-Type", piece, 'text/plain; name="', '"')
        found[f"Content-Disposition, file: {name}"] = _header("Content-Disposition", piece, "attachment; filename=")
        found[f"From, name: {name}"] = _header("From", piece, "", " <a@b.example>")
        found[f"From, quoted name: {name}"] = _header("From", piece, '"', '" <a@b.example>')
        found[f"From, address: {name}"] = _header("From", piece, "<", "@b.example>")
        found[f"From, domain: {name}"] = _header("From", piece, "a@", "")
        found[f"Subject, word: {name}"] = _header("Subject", piece, "=?utf-8?q?", "?=")
        found[f"Subject, undeliverable: {name}"] = _header("Subject", piece, "Undeliverable confirm ", "")
    for name, piece in _LINES.items():
        found[f"text: {name}"] = _text(piece)
        found[f"text after words: {name}"] = _text(piece, "Hello.\r\n", "\r\nBye.")
        found[f"text below an attribution: {name}"] = _text(piece, "Ok.\nOn 2 Mar 2026 12:00, a@b wrote:\n", "\nx")
        found[f"text without a charset: {name}"] = _text(piece, "Hello.\n", kind="text/plain")
        found[f"flowed: {name}"] = _text(piece, kind="text/plain; format=flowed; charset=utf-8")
        found[f"report: {name}"] = _text(piece, kind="message/delivery-status")
        found[f"html in <pre>: {name}"] = _text(piece.replace("<", "&lt;"), "<pre>", "", "text/html; charset=utf-8")
    for name, piece in _MARKUP.items():
        found[f"html: {name}"] = _text(piece, kind="text/html; charset=utf-8")
        found[f"html after words: {name}"] = _text(piece, "<p>Hello</p>", "<p>Bye", "text/html; charset=utf-8")
        found[f"html in a quotation: {name}"] = _text(
            piece, '<div>Hi</div><blockquote type="cite">', "</blockquote>Bye", "text/html; charset=utf-8"
        )
        found[f"html in a cell: {name}"] = _text(piece, "<table><tr><td>", "", "text/html; charset=utf-8")
        found[f"html in a list: {name}"] = _text(piece, "<ul><li>", "", "text/html; charset=utf-8")
        found[f"html in an attribute: {name}"] = _text(
            piece.replace('"', ""), '<p style="', '">a</p>', "text/html; charset=utf-8"
        )
        found[f"html in a class: {name}"] = _text(
            piece.replace('"', ""), '<p class="', '">a</p>', "text/html; charset=utf-8"
        )
    mixed = "multipart/mixed; boundary=b"
    for name, piece in {
        "empty": "--b\r\n\r\n\r\n",
        "without a head": "--b\r\n",
        "small": "--b\r\nContent-Type: text/plain\r\n\r\na\r\n",
        "html": "--b\r\nContent-Type: text/html\r\n\r\n<p>a\r\n",
        "files": "--b\r\nContent-Disposition: attachment\r\n\r\na\r\n",
        "mails": "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: a\r\n\r\n",
        "nearly": "\r\n--bx",
        "dashes": "\r\n--",
        "ends": "\r\n--b--",
        "reports": "--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822;a@b\r\n",
        "blank-headed": "--b\r\n\r\n",
    }.items():
        found[f"parts: {name}"] = _parts(mixed, piece)
        found[f"related parts: {name}"] = _parts("multipart/related; boundary=b; start=x", piece, "\r\n--b--\r\n")
        found[f"alternatives: {name}"] = _parts("multipart/alternative; boundary=b", piece, "\r\n--b--\r\n")
        found[f"parts without a boundary: {name}"] = _parts("multipart/mixed", piece, "\r\n--b--\r\n")
        found[f"parts of another boundary: {name}"] = _parts("multipart/mixed; boundary=c", piece)
    found["parts within parts"] = _nested
    for name, piece in {
        "newlines": "\n",
        "returns": "\r",
        "returns and newlines": "\r\n",
        "returns before a newline": "\r\r\n",
        "fields": "a:\r\n",
        "other lines": "a\r\n",
        "colons": ":",
        "known": "X-A: b\r\n",
        "half known": "x-a",
        "half known lines": "x-a \n",
        "names with blanks": "a ",
        "from lines": "From a\n",
        "folded": " a\r\n",
        "escapes": "\x1b$B",
        "escapes back": "\x1b$B!!\x1b(B",
        "nul": "\x00",
        "high": "\x80",
        "recipients": "Final-Recipient: rfc822;a@b\r\n\r\n",
    }.items():
        found[f"mail: {name}"] = _raw(piece)
        found[f"mail after a field: {name}"] = _raw(piece, "From: a@b.example\r\n")
        found[f"mail after a word: {name}"] = _raw(piece, "From: a@b.example\r\nword\r\n", "\r\nX-Z: b\r\n\r\n")
        found[f"body: {name}"] = _raw(piece, "From: a@b.example\r\n\r\n")
        for encoding in ("base64", "quoted-printable", "x-uuencode"):
            head = f"From: a@b.example\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
            found[f"body in {encoding}: {name}"] = _raw(piece, head)
    for encoding, piece in (
        ("base64", "A=="),
        ("base64", "="),
        ("base64", "-A"),
        ("quoted-printable", "=\r\n"),
        ("quoted-printable", "= "),
        ("quoted-printable", " "),
        ("x-uuencode", "#0V%T\n"),
    ):
        head = f"From: a@b.example\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
        found[f"body in {encoding}: {piece!r}"] = _raw(piece, head)
    return found | _mixed()


def _mixed() -> dict[str, Maker]:
    """Pieces that are cheap by themselves, one kind after another."""

    def then(head: bytes, *pieces: bytes) -> Maker:
        share = len(pieces)
        return lambda size: head + b"".join(piece * (size // share // len(piece)) for piece in pieces)

    page = b"From: a@b.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    line = b'<div style="border-top:solid #E1E1E1 1.0pt">'
    return {
        "From, mixed: an open bracket and more": then(b"From: <", b"a ", b"@>", b"<"),
        "From, mixed: colons behind an at sign": then(b"From: ", b"a ", b"@ ", b":"),
        "From, mixed: literals": then(b"From: a", b"@["),
        "From, mixed: words with blanks": then(b"From: ", b"=?a?q? " + b"x" * 60),
        "From, mixed: unclosed locals": then(b"From: ", b"x" * 318 + b")@"),
        "Subject, mixed: an automatic question": then(b"Auto-Submitted: yes\r\nSubject: ", b"confirm"),
        "Subject, mixed: unknown bytes between words": then(
            b"Subject: ", b"=?utf-8?q?a?= " + bytes(range(0x80, 0xFF)) * 2
        ),
        "text, mixed: unknown bytes in parts": then(
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
            b"--b\r\nContent-Type: text/plain\r\n\r\n" + bytes(range(0x80, 0xFF)) * 2 + b"\r\n",
        ),
        "text, mixed: a bracket and blanks": then(b"From: a@b.example\r\n\r\n<", b" ", b"\t"),
        "text, mixed: label blanks": then(b"From: a@b.example\r\n\r\n", b">" + b" " * 900 + b"x:\n"),
        "text, mixed: stars in a rule": then(b"From: a@b.example\r\n\r\n", b"*" * 300 + b"x\n"),
        "text, mixed: long words that wrote": then(b"From: a@b.example\r\n\r\n", b"x" * 480 + b" wrote:\n"),
        "text, mixed: colons in lines": then(b"From: a@b.example\r\n\r\n", b"x" + b":" * 200 + b"\n"),
        "text, mixed: a bare attribution": then(b"From: a@b.example\r\n\r\n2016-03-03 Ann <", b"@a"),
        "html, mixed: lines within lines": then(page + line * 60, b"<p>a</p>"),
        "html, mixed: tables within tables": then(page + b"<table><tr><td>" * 60, b"word ", b"<p>a</p>"),
        "html, mixed: a wide cell above many": then(page + b"<table><tr><td>", b"x", b"<tr><td>a</td></tr>"),
        "html, mixed: one line of many pieces": then(page, b"<b>word word word</b> "),
        "html, mixed: deep": then(page, b"<div>" * 150 + b"a" + b"</div>" * 150),
        "html, mixed: deep and wide": then(page, b"<div>", b"<p>a</p>"),
        "html, mixed: deep inline and blocks": then(page, b"<b>", b"<p>a</p>"),
    }
