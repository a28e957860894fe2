"""The bytes of a mail that goes out: the same for the same message, and no header in it but those written here."""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence
from email.utils import format_datetime
from hashlib import sha256
from html import escape

from core.phrases import DeskError, phrase
from core.tickets.model import Outgoing, Part
from gateways.email.outgoing.enclosing import enclosed
from gateways.email.parts.addresses import is_reachable, needs_utf8, normal
from gateways.email.parts.charsets import clean
from gateways.email.parts.headers import one_line
from gateways.email.parts.thread_index import answering
from gateways.email.tags import MARK, tagged

MOST_REFERENCES = 20
LONGEST_SUBJECT = 250  # characters
_LONGEST_NAME = 100
_WIDTH = 76  # characters a line where it can be folded
_LONGEST_LINE = 998  # RFC 5322 §2.1.1

_NAMES = {
    "Date",
    "From",
    "To",
    "Cc",
    "Reply-To",
    "Subject",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Thread-Topic",
    "Thread-Index",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Precedence",
    MARK,
    "Content-Language",
    "MIME-Version",
    "Content-Type",
}
_REPLY_PREFIX = re.compile(
    r"\s*(?:re|aw|antw|antwort|sv|vs|odp|ynt|rif|res|отв|ответ|回复|回覆|答复|返信|답장)\s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})?\s*[:：]\s*",
    re.IGNORECASE,
)
_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_MARK = re.compile(r"[0-9a-f]{1,64}")
_QUOTABLE = re.compile(r"[ -~]*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


def compose(out: Outgoing, contents: Sequence[bytes] = ()) -> bytes:
    """The mail as it leaves, lines ending in CRLF; `contents` are the bytes of its files, in their order.

    Its header is ASCII unless it names an address that is not: such a mail goes by SMTPUTF8 only (RFC 6532).
    Raises DeskError where it cannot be written safely.
    """
    if not out.to:
        raise DeskError(phrase("This mail has no recipient."))
    if needs_utf8(out.door):  # most could not answer
        raise DeskError(phrase("{address} can only be reached by servers that speak SMTPUTF8.", address=out.door))
    kind, body = _put_together("alternative", [_part("text/plain", out.text), _part("text/html", _page(out))])
    if out.files:
        files = [
            enclosed(file, content, n) for n, (file, content) in enumerate(zip(out.files, contents, strict=True), 1)
        ]
        kind, body = _put_together("mixed", [f"Content-Type: {kind}\r\n\r\n".encode() + body, *files])
    lines = [
        ("Date", format_datetime(out.at)),
        ("From", _mailbox(out.door_name, out.door)),
        ("To", ",\r\n ".join(_mailbox(one.name, one.address) for one in out.to)),
        ("Cc", ",\r\n ".join(_mailbox(one.name, one.address) for one in out.copied)),
        ("Reply-To", _mailbox(out.door_name, tagged(out.door, "t", out.reply_token)) if out.reply_token else ""),
        ("Subject", _subject(out)),
        ("Message-ID", _own_id(out.external_id)),
        ("In-Reply-To", _known_id(out.in_reply_to)),
        ("References", "\r\n ".join(_references(out))),
        *_carried(out),
        *_automatic(out.part),
        (MARK, out.mark if out.mark and _MARK.fullmatch(out.mark) else ""),
        ("Content-Language", out.language if out.language and _LANGUAGE.fullmatch(out.language) else ""),
        ("MIME-Version", "1.0"),
        ("Content-Type", kind),
    ]
    header = "".join(f"{name}: {value}\r\n" for name, value in lines if value).encode("utf-8", "replace")
    return b"".join([checked(header, [name for name, value in lines if value]), b"\r\n", body])


def reply_subject(subject: str) -> str:
    """A customer's subject as that of our answer: `Re:` once, on one line, at most 250 characters."""
    bare = one_line(subject).replace("=?", "= ?").strip()
    while prefix := _REPLY_PREFIX.match(bare):
        bare = bare[prefix.end() :]
    return f"Re: {bare}"[:LONGEST_SUBJECT].rstrip()


def _put_together(kind: str, parts: list[bytes]) -> tuple[str, bytes]:
    """Parts as one of this kind: its Content-Type and its body. The same parts have the same boundary."""
    digest = sha256()
    for part in parts:
        digest.update(part)
    boundary = "=_" + digest.hexdigest()[:40]  # `=_` comes up in neither encoding
    mark = b"--" + boundary.encode()
    body = b"".join([*(piece for part in parts for piece in (mark, b"\r\n", part)), mark, b"--\r\n"])
    return f'multipart/{kind};\r\n boundary="{boundary}"', body


def _subject(out: Outgoing) -> str:
    subject = reply_subject(out.subject)
    bare = subject.removeprefix("Re:").strip() or f"#{out.ticket}"
    return "Re: " + _text(bare, len("Subject: Re: "))


def _automatic(part: Part) -> list[tuple[str, str]]:
    """What keeps other machines from answering (RFC 3834); a person's answer carries none of it."""
    if part is Part.ACKNOWLEDGEMENT:
        kind = "auto-replied"
    elif part in (Part.REMINDER, Part.CLOSING):
        kind = "auto-generated"
    else:
        return []
    bulk = [("Precedence", "bulk")] if part is Part.ACKNOWLEDGEMENT else []
    return [("Auto-Submitted", kind), ("X-Auto-Response-Suppress", "All"), *bulk]


def _references(out: Outgoing) -> list[str]:
    """The chain of the conversation: its first id and the last ones. Never encoded: Outlook would lose the thread."""
    chain = dict.fromkeys(one for one in out.references if _ID.fullmatch(one))
    if answers := _known_id(out.in_reply_to):
        chain.pop(answers, None)
        chain[answers] = None
    ids = list(chain)
    return ids if len(ids) <= MOST_REFERENCES else [ids[0], *ids[1 - MOST_REFERENCES :]]


def _carried(out: Outgoing) -> list[tuple[str, str]]:
    """What Outlook keeps a conversation together by, where the mail that is answered had it."""
    index = answering(out.carried.thread, out.at, out.external_id)
    if not index:
        return []
    lines = [index[at : at + _WIDTH - 14] for at in range(0, len(index), _WIDTH - 14)]
    topic = one_line(out.carried.topic).replace("=?", "= ?").strip()[:LONGEST_SUBJECT]
    return [
        ("Thread-Topic", _text(topic, len("Thread-Topic: ")) if topic else ""),
        ("Thread-Index", "\r\n ".join(lines)),
    ]


def _own_id(message_id: str) -> str:
    if not _ID.fullmatch(message_id) or "@" not in message_id:
        raise DeskError(phrase("{id} is no Message-ID.", id=message_id))
    return message_id


def _known_id(message_id: str | None) -> str:
    return message_id if message_id and _ID.fullmatch(message_id) else ""


def _mailbox(name: str, address: str) -> str:
    """`"Ann Lee" <ann@example.com>`, the name encoded where it needs it."""
    plain = normal(address)
    if not is_reachable(plain):
        raise DeskError(phrase("{address} is no mail address.", address=address))
    name = one_line(name).strip()[:_LONGEST_NAME]
    if not name:
        return plain
    if _QUOTABLE.fullmatch(name) and "=?" not in name:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"\r\n <{plain}>' if len(escaped) + len(plain) > _WIDTH - 12 else f'"{escaped}" <{plain}>'
    return f"{_words(name, 12)}\r\n <{plain}>"


def _text(text: str, used: int) -> str:
    """Text for a header line of which some characters are used: folded at blanks, or in encoded words."""
    if not _QUOTABLE.fullmatch(text) or "=?" in text or any(len(word) > _WIDTH for word in text.split(" ")):
        return _words(text, used)
    lines, width = [""], used
    for word in text.split(" "):
        if lines[-1] and word and width + 1 + len(word) > _WIDTH:
            lines.append(word)
            width = 1 + len(word)
        else:
            lines[-1] += (" " if lines != [""] else "") + word
            width += 1 + len(word)
    return "\r\n ".join(lines)


def _words(text: str, used: int) -> str:
    """Encoded words (RFC 2047) of at most 75 characters; no letter is cut in two."""
    words: list[str] = []
    chunk, room = b"", (_WIDTH - used - 12) // 4 * 3
    for letter in text:
        encoded = letter.encode("utf-8", "replace")
        if chunk and len(chunk) + len(encoded) > room:
            words.append(_word(chunk))
            chunk, room = b"", 45
        chunk += encoded
    return "\r\n ".join([*words, _word(chunk)])


def _word(chunk: bytes) -> str:
    return f"=?utf-8?B?{binascii.b2a_base64(chunk, newline=False).decode('ascii')}?="


def _part(kind: str, text: str) -> bytes:
    data = clean(text.replace("\r\n", "\n")).encode("utf-8", "replace")
    if not data.endswith(b"\n"):
        data += b"\n"
    beyond = sum(byte > 0x7E for byte in data)
    if beyond * 3 > len(data):
        encoding, coded = "base64", binascii.b2a_base64(data.replace(b"\n", b"\r\n"), newline=False)
        coded = b"".join(coded[at : at + _WIDTH] + b"\r\n" for at in range(0, len(coded), _WIDTH))
    else:
        encoding, coded = "quoted-printable", binascii.b2a_qp(data, istext=True).replace(b"\n", b"\r\n")
    head = f"Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode("ascii") + coded


def _page(out: Outgoing) -> str:
    """The text as HTML: paragraphs, line breaks and links, nothing else."""
    language = f' lang="{out.language}"' if out.language and _LANGUAGE.fullmatch(out.language) else ""
    paragraphs = re.split(r"\n{2,}", clean(out.text.replace("\r\n", "\n")).strip("\n"))
    body = "\n".join(f"<p>{_inline(paragraph)}</p>" for paragraph in paragraphs)
    head = f'<!DOCTYPE html>\n<html{language}><head><meta charset="utf-8"></head>'
    return f'{head}<body dir="auto">\n{body}\n</body></html>\n'


def _inline(paragraph: str) -> str:
    pieces, at = [], 0
    for link in _LINK.finditer(paragraph):
        pieces.append(escape(paragraph[at : link.start()]))
        pieces.append(f'<a href="{escape(link[0])}">{escape(link[0])}</a>')
        at = link.end()
    pieces.append(escape(paragraph[at:]))
    lines = "".join(pieces).split("\n")
    return "<br>\n".join(re.sub(r"^ +", lambda blanks: "&nbsp;" * len(blanks[0]), line) for line in lines)


def checked(header: bytes, expected: list[str]) -> bytes:
    """The header, its bytes looked at: whatever went wrong above, none leaves that was not meant to.

    `expected` are the names in it, in their order. Raises DeskError. Not an idle fear: CVE-2024-6923 let a customer's
    subject add headers through the standard library.
    """
    found = []
    for line in header.removesuffix(b"\r\n").split(b"\r\n"):
        if b"\r" in line or b"\n" in line or b"\0" in line or len(line) > _LONGEST_LINE or not line.strip():
            raise DeskError(phrase("The header of this mail would be malformed."))
        if not line.startswith((b" ", b"\t")):
            found.append(line.partition(b":")[0].decode("ascii", "replace"))
    if found != expected or not _NAMES.issuperset(found):
        raise DeskError(phrase("The header of this mail would be malformed."))
    return header
