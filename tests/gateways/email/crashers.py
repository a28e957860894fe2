"""A hundred mails at which mail readers crash, hang or lose what was said, each with what is right to read in it."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

from gateways.email.reading.parse import Mail

HEAD = b"From: Ann <ann@a.example>\r\nTo: desk@d.example\r\nSubject: help\r\nMessage-ID: <1@a.example>\r\n"
STUB: dict[str, Any] = {}  # nothing to say but that it is read


class Crasher(NamedTuple):
    """A mail, and what must be read in it: attributes of `Mail`, or a function of it that must be true."""

    raw: bytes
    right: dict[str, Any]


def _head(field: bytes, body: bytes = b"hello") -> bytes:
    """A sound mail with one more field, which stands before the others."""
    return field + b"\r\n" + HEAD + b"\r\n" + body


def _instead(name: bytes, value: bytes) -> bytes:
    lines = [line for line in HEAD.split(b"\r\n") if line and not line.startswith(name + b":")]
    return b"\r\n".join([*lines, name + b": " + value]) + b"\r\n\r\nhello"


def _part(kind: bytes, body: bytes, fields: bytes = b"") -> bytes:
    return HEAD + b"Content-Type: " + kind + b"\r\n" + fields + b"\r\n" + body


def _packed(kind: bytes, *parts: bytes) -> bytes:
    inner = b"".join(b"--b\r\n" + one + b"\r\n" for one in parts)
    return HEAD + b"Content-Type: multipart/" + kind + b"; boundary=b\r\n\r\n" + inner + b"--b--\r\n"


def _nested(depth: int, kind: bytes = b"mixed") -> bytes:
    opened = b"".join(
        b"Content-Type: multipart/%s; boundary=b%d\r\n\r\n--b%d\r\n" % (kind, level, level) for level in range(depth)
    )
    return HEAD + opened + b"Content-Type: text/plain\r\n\r\ndeep"


def _rfc822(depth: int) -> bytes:
    return HEAD + b"Content-Type: message/rfc822\r\n\r\n" * depth + b"Subject: inner\r\n\r\ndeep"


SAYS: Callable[[str], dict[str, Any]] = lambda text: {"text": text}  # noqa: E731
SENDER = {"sender": ("Ann", "ann@a.example"), "subject": "help"}
FLAT = 20_000

HEADERS = {
    "a message id of one bracket": (_instead(b"Message-ID", b"<[>"), SENDER),
    "a message id with Microsoft's brackets": (
        _instead(b"Message-ID", b"<[0123]@microsoft.com]>"),
        {"message_id": "<[0123]@microsoft.com]>"},
    ),
    "a message id with half a literal": (_instead(b"Message-ID", b"<a@[1.2>"), {"message_id": "<a@[1.2>"}),
    "an empty message id": (_instead(b"Message-ID", b""), {"message_id": lambda one: one.endswith("@intake.local>")}),
    "a message id of a blank": (_instead(b"Message-ID", b"< >"), {"message_id": lambda one: "@intake" in one}),
    "a message id of 2,000 letters": (_instead(b"Message-ID", b"<" + b"x" * 2000 + b"@a>"), SENDER),
    "a recipient that is an at sign": (_instead(b"To", b"x <@"), SENDER),
    "a recipient that is a quote": (_instead(b"Cc", b'"'), {"cc": ()}),
    "a group within a group": (_instead(b"To", b"a: b: c@c.example;;"), SENDER),
    "a group that never ends": (_instead(b"To", b"team: a@a.example, b@b.example"), {"to": lambda to: len(to) == 2}),
    "undisclosed recipients": (_instead(b"To", b"undisclosed-recipients:;"), {"to": ()}),
    "a route before the recipient": (
        _instead(b"To", b"<@x.example,@y.example:c@c.example>"),
        {"to": lambda to: to[0].address == "c@c.example"},
    ),
    "a sender without an address": (_instead(b"From", b"Ann"), {"sender": ("Ann", "")}),
    "an empty sender": (_instead(b"From", b"<>"), {"sender": ("", "")}),
    "a sender that is a comment": (_instead(b"From", b"(nobody)"), {"sender": lambda one: one.address == ""}),
    "10,000 comments in each other": (_instead(b"From", b"(" * 10_000 + b")" * 10_000 + b" ann@a.example"), STUB),
    "10,000 comments side by side": (
        _instead(b"From", b"(a)" * 10_000 + b" ann@a.example"),
        {"sender": lambda one: one.address == "ann@a.example"},
    ),
    "10,000 quotes": (_instead(b"From", b'"' * 10_001 + b" <ann@a.example>"), STUB),
    "10,000 backslashes": (_instead(b"From", b"\\" * 10_001 + b" <ann@a.example>"), STUB),
    "20,000 recipients": (
        _instead(b"To", b", ".join(b"a%d@a.example" % n for n in range(20_000))),
        {"to": lambda to: len(to) == 500},
    ),
    "a name with an address in its encoded word": (
        _instead(b"From", b"=?utf-8?q?evil=40x.example_=3Ca=40b.example=3E?= <real@x.example>"),
        {"sender": ("evil@x.example <a@b.example>", "real@x.example")},
    ),
    "line breaks in an encoded sender": (
        _instead(b"From", b"=?utf-8?q?Ann=0D=0ABcc:_x=40x.example?= <ann@a.example>"),
        {"sender": ("Ann Bcc: x@x.example", "ann@a.example")},
    ),
    "line breaks in an encoded subject": (_instead(b"Subject", b"=?utf-8?q?a=0D=0Ab?="), {"subject": "a b"}),
    "a zero in an encoded subject": (_instead(b"Subject", b"=?utf-8?q?a=00b?="), {"subject": "ab"}),
    "half a pair of surrogates in UTF-7": (_instead(b"Subject", b"=?utf-7?q?a+2AA-b?="), STUB),
    "half a pair of surrogates in UTF-16": (_instead(b"Subject", b"=?utf-16?b?2AAAYQ==?="), STUB),
    "an encoded word in no charset": (_instead(b"Subject", b"=?no-such?q?caf=C3=A9?="), {"subject": "café"}),
    "an encoded word with a language": (_instead(b"Subject", b"=?utf-8*fr?q?caf=C3=A9?="), {"subject": "café"}),
    "an encoded word with broken base64": (_instead(b"Subject", b"=?utf-8?b?Y2Fmw6k?="), {"subject": "café"}),
    "an encoded word of bad escapes": (_instead(b"Subject", b"=?utf-8?q?a=ZZb=?="), STUB),
    "an encoded word that never ends": (_instead(b"Subject", b"=?utf-8?b?" + b"A" * 50_000), STUB),
    "50,000 beginnings of encoded words": (_instead(b"Subject", b"=?utf-8?q?" * 50_000), STUB),
    "a letter cut between two encoded words": (
        _instead(b"Subject", b"=?utf-8?b?Y2Fmww==?= =?utf-8?b?qQ==?="),
        {"subject": "café"},
    ),
    "5,000 encoded words": (
        _instead(b"Subject", b"\r\n ".join([b"=?utf-8?q?=C3=A9?="] * 5000)),
        {"subject": lambda one: one.startswith("éé")},
    ),
    "raw Latin bytes in a subject": (_instead(b"Subject", b"caf\xe9"), {"subject": "café"}),
    "raw Latin bytes in a sender": (
        _instead(b"From", b"Ren\xe9 <ann@a.example>"),
        {"sender": ("René", "ann@a.example")},
    ),
    "a subject of a megabyte": (_instead(b"Subject", b"x" * 1_000_000), STUB),
    "a line of a megabyte without a colon": (HEAD + b"x" * 1_000_000 + b"\r\n\r\nhello", SENDER),
    "10,000 Received fields before all else": (b"Received: x\r\n" * 10_000 + HEAD + b"\r\nhello", STUB),
    "a fold of 100,000 lines": (_instead(b"X-Fold", b"a" + b"\r\n b" * 100_000), SENDER),
    "a header line without a colon": (_head(b"this is no header"), SENDER),
    "a blank before the colon": (_instead(b"Subject ", b"spaced"), STUB),
    "a byte order mark before the headers": (b"\xef\xbb\xbf" + HEAD + b"\r\nhello", SENDER),
    "blank lines before the headers": (b"\r\n\r\n" + HEAD + b"\r\nhello", SENDER | SAYS("hello")),
    "an mbox line before the headers": (b"From ann Mon Nov  2 10:00:00 2026\n" + HEAD + b"\r\nhello", SENDER),
    "a quoted mbox line before the headers": (b">From ann Mon Nov  2\n" + HEAD + b"\r\nhello", SENDER),
    "lines that end in CR alone": (HEAD.replace(b"\r\n", b"\r") + b"\rhello\rworld", SENDER | SAYS("hello\nworld")),
    "lines that end in CR CR LF": (HEAD.replace(b"\r\n", b"\r\r\n") + b"\r\r\nhello", SENDER | SAYS("hello")),
    "a zero in a header": (_instead(b"Subject", b"a\x00b"), {"subject": "ab"}),
    "a year of five digits": (_instead(b"Date", b"Mon, 2 Nov 99999 10:00:00 +0000"), {"date": None}),
    "a zone of 99 hours": (_instead(b"Date", b"Mon, 2 Nov 2026 10:00:00 +9999"), STUB),
    "a date of zeros": (_instead(b"Date", b"0, 0 0 0000 00:00:00 -0000"), {"date": None}),
    "the year 9999 behind the date line": (_instead(b"Date", b"Fri, 31 Dec 9999 23:59:59 -1200"), {"date": None}),
    "references that answer themselves": (_instead(b"References", b"<1@a.example> <1@a.example>"), STUB),
    "a megabyte of references": (
        _instead(b"References", b"<" + b"> <".join(b"%d@a" % n for n in range(100_000)) + b">"),
        {"references": lambda ids: len(ids) == 200},
    ),
    "no headers at all": (b"hello\r\n", SAYS("hello")),
    "nothing at all": (b"", {"text": "", "sender": ("", "")}),
    "a line feed": (b"\n", {"text": ""}),
    "a zero": (b"\x00", STUB),
    "no body": (HEAD, SENDER | SAYS("")),
}

PARTS = {
    "300 multiparts in each other": (_nested(300), SENDER),
    "3,000 multiparts in each other": (_nested(3_000), SENDER),
    "2,000 alternatives in each other": (_nested(2_000, b"alternative"), SENDER),
    "2,000 messages in each other": (_rfc822(2_000), SENDER | {"files": lambda files: len(files) == 1}),
    "100,000 parts": (_packed(b"mixed", *[b"\r\nx"] * 100_000), SENDER),
    "100,000 boundaries that enclose nothing": (_packed(b"mixed") + b"--b\r\n" * 100_000, SENDER),
    "100,000 lines that begin like a boundary": (_packed(b"mixed", b"\r\n" + b"--bb\r\n" * 100_000), SENDER),
    "100,000 attachments": (
        _packed(b"mixed", *[b"Content-Disposition: attachment\r\n\r\nx"] * FLAT),
        {"files": lambda files: len(files) == 500},
    ),
    "a boundary that is nowhere": (_part(b"multipart/mixed; boundary=nowhere", b"hello"), SAYS("hello")),
    "no boundary": (_part(b"multipart/mixed", b"--x\r\n\r\nhello\r\n--x--"), SAYS("hello")),
    "an empty boundary": (_part(b'multipart/mixed; boundary=""', b"hello"), SAYS("hello")),
    "a boundary of 10,000 letters": (_part(b"multipart/mixed; boundary=" + b"x" * 10_000, b"hello"), SAYS("hello")),
    "a boundary in eight bits": (
        _part(b"multipart/mixed; boundary=\xe9", b"--\xe9\r\n\r\nhello\r\n--\xe9--"),
        {"text": lambda text: "hello" in text},
    ),
    "a boundary that never closes": (_part(b"multipart/mixed; boundary=x", b"--x\r\n\r\nhello"), SAYS("hello")),
    "a boundary that is the one around it": (
        _packed(b"mixed", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n", b"\r\nhello"),
        SAYS("hello"),
    ),
    "an alternative without parts": (_part(b"multipart/alternative; boundary=x", b"--x--"), SENDER),
    "a related whose root is missing": (
        _packed(b'related; start="<none>"', b"Content-Type: text/html\r\n\r\n<p>hello"),
        SAYS("hello"),
    ),
    "a multipart in base64": (
        _part(
            b"multipart/mixed; boundary=x",
            base64.b64encode(b"--x\r\n\r\nhello\r\n--x--"),
            b"Content-Transfer-Encoding: base64\r\n",
        ),
        SAYS("hello"),
    ),
    "a message in base64": (
        _part(
            b"message/rfc822", base64.b64encode(b"Subject: inner\r\n\r\nx"), b"Content-Transfer-Encoding: base64\r\n"
        ),
        {"files": lambda files: files[0].name == "inner.eml"},
    ),
    "a nested message's headers": (
        _packed(
            b"mixed", b"\r\nhello", b"Content-Type: message/rfc822\r\n\r\nFrom: x@x.example\r\nIn-Reply-To: <9@x>\r\n"
        ),
        SENDER | {"in_reply_to": None},
    ),
    "an empty delivery report": (_packed(b"report", b"Content-Type: message/delivery-status\r\n\r\n"), SENDER),
    "a partial message": (_part(b"message/partial; number=1; total=9; id=x", b"x"), SENDER),
    "an external body": (_part(b'message/external-body; access-type=URL; URL="http://x"', b"x"), SENDER),
    "a type that is none": (_part(b";;;///", b"hello"), SAYS("hello")),
    "a type in quotes": (_part(b'"text/plain"', b"hello"), SAYS("hello")),
    "5,000 parameters": (_part(b"text/plain" + b"; a=b" * 5_000, b"hello"), SAYS("hello")),
    "5,000 pieces of one parameter": (
        _part(b"text/plain; " + b"; ".join(b"name*%d=x" % n for n in range(5_000)), b"hello"),
        SENDER,
    ),
    "a parameter's piece number 99999999999": (_part(b"text/plain; charset*99999999999=x", b"hello"), SAYS("hello")),
    "a quoted parameter that never ends": (_part(b'text/plain; charset="' + b'\\"' * 50_000, b"hello"), SENDER),
}

CHARSETS = {
    f"the charset {name.decode('latin-1')!r}": (_part(b"text/plain; charset=" + name, b"caf\xc3\xa9"), SAYS("café"))
    for name in (
        b"base64", b"zlib", b"rot13", b"bz2", b"hex", b"idna", b"punycode", b"undefined", b"unicode_escape",
        b"raw_unicode_escape", b"mbcs", b"uu", b'""', b"\xe9", b"a\x00b", b"x" * 5_000, b"ansi_x3.110-1983",
        b"iso-8859-8-i", b"../../etc/passwd", b"utf-8; charset=latin-1", b"utf8mb4", b"unknown-8bit", b"*",
    )
}  # fmt: skip

BODIES = {
    "base64 of one letter": (_part(b"text/plain", b"Y", b"Content-Transfer-Encoding: base64\r\n"), SENDER),
    "base64 with junk between": (
        _part(b"text/plain", b"aGVs\r\n!!\r\nbG8*=", b"Content-Transfer-Encoding: base64\r\n"),
        SAYS("hello"),
    ),
    "base64 that is none": (_part(b"text/plain", b"\xff" * 1000, b"Content-Transfer-Encoding: base64\r\n"), SENDER),
    "quoted-printable with bad escapes": (
        _part(b"text/plain", b"caf=C3=A9 =ZZ 100=", b"Content-Transfer-Encoding: quoted-printable\r\n"),
        {"text": lambda text: text.startswith("café")},
    ),
    "a megabyte of equals signs": (
        _part(b"text/plain", b"=" * 1_000_000, b"Content-Transfer-Encoding: quoted-printable\r\n"),
        SENDER,
    ),
    "an encoding that is none": (
        _part(b"text/plain", b"hello", b"Content-Transfer-Encoding: x-secret\r\n"),
        SAYS("hello"),
    ),
    "uuencode that never ends": (_part(b"text/plain", b"begin 644 x\r\n" + b"M" * 100_000), SENDER),
    "uuencode that is none": (_part(b"text/plain", b"x", b"Content-Transfer-Encoding: x-uuencode\r\n"), SENDER),
    "zeros in the text": (_part(b"text/plain", b"a\x00b"), SAYS("ab")),
    "text of no-break spaces": (_part(b"text/plain; charset=utf-8", b"\xc2\xa0" * 1_000), SENDER),
    "a compressed bomb": (
        _packed(b"mixed", b"\r\nhello", b"Content-Type: application/zip\r\n\r\n" + zlib.compress(bytes(50_000_000))),
        SAYS("hello"),
    ),
    "20,000 elements in each other": (_part(b"text/html", b"<div>" * FLAT + b"hello"), SAYS("hello")),
    "100,000 tags that never end": (_part(b"text/html", b"<a " * 100_000 + b">hello"), SENDER),
    "100,000 comments that never end": (_part(b"text/html", b"<!--" * 100_000 + b"hello"), SENDER),
    "a page that declares entities of entities": (
        _part(
            b"text/html",
            b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]><p>hello &c;</p>',
        ),
        {"text": lambda text: "hello" in text and "hahaha" not in text},
    ),
    "a declared charset within the page": (
        _part(b"text/html", b'<meta charset="koi8-r"><p>\xf0\xd2\xc9\xd7\xc5\xd4'),
        SAYS("Привет"),
    ),
    "100,000 quotation marks": (_part(b"text/plain", b">" * 100_000 + b"\r\n> x\r\nhello"), SENDER),
    "10,000 lines that may introduce a quotation": (
        _part(b"text/plain", b"On 2 Mar 2026 a@b.example\n" * 10_000),
        SENDER,
    ),
    "flowed lines without end": (_part(b"text/plain; format=flowed; delsp=yes", b"a \r\n" * 100_000), SENDER),
    "marks without end on one letter": (_part(b"text/plain; charset=utf-8", "e\u0301\u0323".encode() * 50_000), SENDER),
    "TNEF that is none": (
        _packed(b"mixed", b"\r\nhello", b"Content-Type: application/ms-tnef\r\n\r\nxx"),
        SAYS("hello"),
    ),
    "escapes of Japanese that lead nowhere": (
        _part(b"text/plain; charset=iso-2022-jp", b"\x1b$B\x1b(\xff\x1b"),
        SENDER,
    ),
}

NAMES: dict[str, tuple[bytes, dict[str, Any]]] = {
    f"the file name {given.decode('latin-1')!r}": (
        _packed(b"mixed", b"\r\nhello", b"Content-Disposition: attachment; filename" + given + b"\r\n\r\nx"),
        {"files": lambda files, shown=shown: files[0].name == shown},
    )
    for given, shown in {
        b'="../../etc/passwd"': "passwd",
        b'="C:\\\\Users\\\\ann\\\\a.txt"': "a.txt",
        b'="..\\\\..\\\\a.txt"': "a.txt",
        b'="%2e%2e%2fa.txt"': "a.txt",
        b"*=utf-8''%2e%2e%2fa.txt": "a.txt",
        b"*=utf-8''annexe%E2%80%AEtxt.exe": "annexetxt.exe",
        b'="a\x00b.txt"': "ab.txt",
        b'="=?utf-8?q?caf=C3=A9.txt?="': "café.txt",
        b"*0*=utf-8''caf; filename*1*=%C3%A9.txt": "café.txt",
        b"*=no-such''a.txt": "a.txt",
        b"*=utf-8'%zz": "utf-8'%zz",
        b'="CON.txt"': "_CON.txt",
        b'=""': "attachment-1.txt",
        b'=". . ."': "attachment-1.txt",
        b'="' + b"x" * 5_000 + b'.txt"': "x" * 196 + ".txt",
    }.items()
}


def crashers() -> dict[str, Crasher]:
    """All of them by name."""
    cases: list[dict[str, tuple[bytes, dict[str, Any]]]] = [HEADERS, PARTS, CHARSETS, BODIES, NAMES]
    return {name: Crasher(raw, right) for group in cases for name, (raw, right) in group.items()}


def wrong(mail: Mail, right: dict[str, Any]) -> dict[str, Any]:
    """What was read otherwise than it should have been."""
    found = {name: getattr(mail, name) for name in right}
    return {
        name: found[name]
        for name, expected in right.items()
        if not (expected(found[name]) if callable(expected) else found[name] == expected)
    }
