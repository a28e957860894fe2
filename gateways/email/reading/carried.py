"""What a mail carries: its files, those that are packed or sealed among them, and what is found on the way to them."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass, field

from core.tickets.model import ENCRYPTED, SIGNED, File
from gateways.email.parts import signed, tnef
from gateways.email.parts.charsets import clean, decode
from gateways.email.parts.entries import entry_text
from gateways.email.parts.headers import one_line, split_mail
from gateways.email.parts.parameters import file_name
from gateways.email.parts.rtf import read_rtf
from gateways.email.parts.structure import Part, from_uuencode

MOST_FILES = 500  # that are kept one by one; the others are in the raw mail, and counted

_PROTECTED = "application/x-microsoft-rpmsg-message"  # Microsoft's, to be read by whoever may sign in there
_RICH = ("text/rtf", "application/rtf")
_UUENCODED = re.compile(r"^begin [0-7]{3,4} ([^\n]{1,200})\n((?:[!-`][^\n]{1,100}\n)+)`?\n?end[ \t]*$", re.MULTILINE)


@dataclass(slots=True)
class Piece:
    """Something to read: plain text, HTML, or one thing in both forms."""

    plain: str | None = None
    html: str | None = None


@dataclass(slots=True)
class Body:
    """A mail's content. `html` is None for a mail without; `marked` is `text` as `reply_text` wants it."""

    text: str = ""
    html: str | None = None
    marked: str = ""
    files: list[File] = field(default_factory=list)
    left_out: int = 0  # files beyond those
    notes: list[str] = field(default_factory=list)
    spare: list[Piece] = field(default_factory=list)  # what is shown where the mail shows nothing else
    codec: str | None = None  # of the first text, for header bytes that name no charset


def carry(part: Part, body: Body) -> None:
    """Take a part as a file."""
    if len(body.files) >= MOST_FILES:
        body.left_out += part.stands_for
        return
    content = part.content()
    extension = ".txt" if part.type.startswith("message/") else mimetypes.guess_extension(part.type) or ".bin"
    name = part.name()
    if part.type == "message/rfc822":
        extension = ".eml"
        name = name or _subject(content)
    _keep(body, name, part.type, content, extension, cid_of(part) or None)
    if part.type == "text/calendar" and (said := entry_text(_decoded(part, body))):
        body.spare.append(Piece(said))
    elif part.type in tnef.TYPES or tnef.is_tnef(content):
        _unpack(content, body)
    elif part.type in _RICH:
        rich = read_rtf(content)
        body.spare += [_piece(clean(rich.plain), clean(rich.html))] if rich.plain or rich.html else []
    elif part.type in signed.TYPES:
        _unseal(part, name, content, body)
    elif part.type == _PROTECTED:
        note(body, ENCRYPTED)


def _decoded(part: Part, body: Body) -> str:
    return decode(part.content(), part.parameters.get("charset"), body.codec).text


def _keep(body: Body, name: str, kind: str, content: bytes, extension: str, cid: str | None = None) -> None:
    if len(body.files) >= MOST_FILES:
        body.left_out += 1
        return
    body.files.append(File(file_name(name, len(body.files) + 1, extension), kind, content, cid))


def _unseal(part: Part, name: str, content: bytes, body: Body) -> None:
    """Say of an S/MIME block that holds no mail what it is: encrypted, or a file that somebody signed, which is then a
    file of its own beside it.
    """
    wrapping, inner = signed.opened(content)
    if wrapping is signed.Wrapping.UNKNOWN:  # damaged: by what it says of itself
        said = part.parameters.get("smime-type", "").lower()
        is_encrypted = "enveloped" in said or (not said and signed.is_message(name))
    else:
        is_encrypted = wrapping is signed.Wrapping.ENCRYPTED
    if is_encrypted:
        note(body, ENCRYPTED)
    elif inner is not None:
        note(body, SIGNED)
        within = re.sub(r"(?i)\.p7m\Z", "", name)
        kind = mimetypes.guess_type(within)[0] or "application/octet-stream"
        _keep(body, within, kind, inner, mimetypes.guess_extension(kind) or ".bin")


def _unpack(content: bytes, body: Body) -> None:
    """Take what Outlook has packed into one file as the files and the text that it is."""
    found = tnef.unpack(content)
    for file in found.files:
        kind = file.type if "/" in file.type else mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        extension = mimetypes.guess_extension(kind) or ".bin"
        _keep(body, file.name, kind, file.content, extension, one_line(file.cid).strip("<> ") or None)
    if found.plain or found.html:
        body.spare.append(_piece(found.plain, found.html))


def _piece(plain: str, html: str) -> Piece:
    return Piece(plain or None, html or None)


def note(body: Body, said: str) -> None:
    """Say something of the mail, once."""
    if said not in body.notes:
        body.notes.append(said)


def _subject(content: bytes) -> str:
    subject = split_mail(content[:65536]).headers.text("subject")
    return re.sub(r"[/\\]", "-", subject)[:80] + ".eml" if subject else ""


def cid_of(part: Part) -> str:
    """By what a page calls a part; empty where it has no such id."""
    value = part.headers.first("content-id")
    return one_line(value.decode("ascii", "replace")).strip("<> ") if value else ""


def without_uuencoded(text: str, body: Body) -> str:
    """A text without files in it as they were sent before MIME; these become files."""
    if "\nend" not in text or not _UUENCODED.search(text):
        return text

    def take(found: re.Match[str]) -> str:
        kind = mimetypes.guess_type(found[1])[0] or "application/octet-stream"
        _keep(body, found[1], kind, from_uuencode(found[2].encode("latin-1", "replace")), ".bin")
        return ""

    return _UUENCODED.sub(take, text)
