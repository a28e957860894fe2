"""What a mail shows and what it carries: its text, its HTML and its files."""

from __future__ import annotations

import itertools
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape, unescape
from typing import TYPE_CHECKING

from core.tickets.model import ENCRYPTED, SIGNED, File
from gateways.email.parts import armour, signed, tnef
from gateways.email.parts.charsets import clean, decode
from gateways.email.parts.entries import entry_text
from gateways.email.parts.headers import one_line, split_mail
from gateways.email.parts.parameters import file_name
from gateways.email.parts.rtf import read_rtf
from gateways.email.parts.structure import Part, from_uuencode
from gateways.later import later

if TYPE_CHECKING:
    from gateways.email.reading import markup
else:
    markup = later("gateways.email.reading.markup")

MOST_TEXT = 2 * 1024 * 1024  # characters that are shown; the rest is in the raw mail
MOST_FILES = 500  # that are kept one by one; the others are in the raw mail, and counted

_META = re.compile(rb"<meta[^<>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_CONTROLS = bytes([*range(7), *range(14, 27), *range(28, 32)])  # not those of text, nor escape
_STUB = re.compile(r"html|mime|view|browser|client|reader|viewer|anzeigen|afficher|visualizar", re.IGNORECASE)
_LEFTOVER = re.compile(r"&nbsp;|&#160;|<br ?/?>|</(?:p|div|td)>", re.IGNORECASE)  # a plain form made carelessly
_WORD = re.compile(r"\w{4,}")
_LINK = re.compile(r"https?://\S+")
_COMPARED, _MOST_WORDS, _FEWEST_WORDS = 4000, 60, 5
_PROTECTED = "application/x-microsoft-rpmsg-message"  # Microsoft's, to be read by whoever may sign in there
_PGP_VERSION = re.compile(rb"\s{0,99}Version:[ \t]{0,9}\d{1,3}\s{0,99}", re.IGNORECASE)
_RICH = ("text/rtf", "application/rtf")
_ENRICHED = re.compile(r"<(param)>.*?</\1>|</?[A-Za-z][A-Za-z0-9-]{0,60}>|<(?=<)", re.IGNORECASE | re.DOTALL)
_UUENCODED = re.compile(r"^begin [0-7]{3,4} ([^\n]{1,200})\n((?:[!-`][^\n]{1,100}\n)+)`?\n?end[ \t]*$", re.MULTILINE)


@dataclass(slots=True)
class _Piece:
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
    spare: list[_Piece] = field(default_factory=list)  # what is shown where the mail shows nothing else
    codec: str | None = None  # of the first text, for header bytes that name no charset


def read_body(top: Part) -> Body:
    """The content of a mail. Never raises."""
    body = Body()
    pieces = list(_pieces(top, body))
    if not pieces:
        pieces = list(_shown_for_want_of_better(top, body))
    found = [_without_armour(*_as_text(piece), body) for piece in pieces]
    if body.spare and not any(text.strip() for text, _ in found):
        pieces = body.spare
        found = [_as_text(piece) for piece in pieces]
    texts, marked, htmls = [], [], []
    for piece, (text, mark) in zip(pieces, found, strict=True):
        texts.append(text)
        marked.append(mark)
        htmls.append(piece.html if piece.html is not None else f"<pre>{escape(piece.plain or '')}</pre>")
    body.text = "\n\n".join(text for text in texts if text)[:MOST_TEXT]
    body.marked = "\n\n".join(text for text in marked if text)[:MOST_TEXT]
    if any(piece.html is not None for piece in pieces):
        body.html = "\n".join(htmls)
    if body.left_out:
        body.notes.append(f"{body.left_out} attachments left out")
    return body


def text_of(part: Part, body: Body) -> str:
    """A text part's characters, with line feeds; what was guessed goes to the body's notes."""
    data = part.content()
    declared = part.parameters.get("charset")
    if part.type == "text/html" and not declared and (meta := _META.search(data[:2048])):
        declared = meta[1].decode("ascii")
    found = decode(data, declared, body.codec)
    if found.note:
        _note(body, found.note)
    if body.codec is None and found.codec != "ascii":
        body.codec = found.codec
    if part.type == "text/plain" and part.parameters.get("format", "").lower() == "flowed":
        return unflowed(found.text, part.parameters.get("delsp", "").lower() == "yes")
    return found.text


def looks_binary(data: bytes) -> bool:
    """Whether bytes are no text in any charset: control characters abound. UTF-16 is taken for binary too."""
    sample = data[:4096]
    return len(sample.translate(None, _CONTROLS)) * 50 < len(sample) * 49


def unflowed(text: str, delsp: bool) -> str:
    """Format=flowed (RFC 3676) as whole paragraphs: a line that ends in a blank goes on in the next."""
    out: list[list[str]] = []  # paragraphs, each in the lines it came in
    open_depth = -1
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        if depth == open_depth and bare != "-- ":
            out[-1].append(bare)
        else:
            out.append([">" * depth + (" " if depth and bare else "") + bare])
        flows = bare.endswith(" ") and bare != "-- "
        if flows and delsp:
            out[-1][-1] = out[-1][-1][:-1]
        open_depth = depth if flows else -1
    return "\n".join("".join(paragraph) for paragraph in out)


def _as_text(piece: _Piece) -> tuple[str, str]:
    plain = piece.plain.strip("\n") if piece.plain is not None else ""
    if piece.html is None:
        return plain, plain
    stub = bool(plain.strip()) and len(plain) < 300 and bool(_STUB.search(plain))
    if plain.strip() and not stub and not _LEFTOVER.search(plain) and not _differ(plain, piece.html):
        return plain, plain
    found = markup.convert(piece.html)
    if stub and len(found.text) < 2 * len(plain):
        return plain, plain  # it only spoke of HTML
    if plain.strip() and not stub and len(_WORD.findall(found.text)) * 2 < len(_WORD.findall(plain)):
        return plain, plain  # the page is pictures
    return (found.text, found.marked) if found.text.strip() else (plain, plain)


def _differ(plain: str, html: str) -> bool:
    """Whether the plain form says other things than the page: then the page is what others see.

    Compared are the beginnings of words, as in some scripts a line is one word.
    """
    found = itertools.islice(_WORD.finditer(_LINK.sub("", plain[:_COMPARED])), _MOST_WORDS)
    words = [word[0][:6] for word in found]
    if len(words) < _FEWEST_WORDS or _share_many(words, html):
        return False
    return "&" not in html or not _share_many(words, unescape(html))


def _share_many(words: list[str], page: str) -> bool:
    wanted = -(-len(words) // 3)
    return any(True for _ in itertools.islice((word for word in words if word in page), wanted - 1, None))


def _pieces(part: Part, body: Body) -> Iterator[_Piece]:
    """What is to be read, in order; files go to the body."""
    if part.type == "multipart/alternative":
        yield from _alternatives(part, body)
    elif part.type == "multipart/related":
        yield from _related(part, body)
    elif part.type == "multipart/signed" and part.children:
        _note(body, SIGNED)
        for child in part.children:
            if child.type not in signed.SIGNATURES:
                yield from _pieces(child, body)
    elif part.children:
        if part.type == "multipart/encrypted":
            _note(body, ENCRYPTED)
        elif part.wrapping is signed.Wrapping.SIGNED:
            _note(body, SIGNED)  # as one block, which has been opened
        for child in part.children:
            yield from _pieces(child, body)
    else:
        yield from _leaf(part, body)


def _leaf(part: Part, body: Body) -> Iterator[_Piece]:
    if part.type == "application/pgp-encrypted" and _PGP_VERSION.fullmatch(part.content()):
        _note(body, ENCRYPTED)  # RFC 3156 §4: it says that of its neighbour, also where a server made both files
    elif (
        part.type in (*signed.SIGNATURES, signed.ANY_FILE)
        and part.parent
        and signed.is_signature(part.type, part.name())
    ):
        _note(body, SIGNED)
    elif not _is_shown(part):
        _carry(part, body)
    elif part.parent is None and not part.headers.fields and looks_binary(part.content()):
        part.type = "application/octet-stream"
        _carry(part, body)
        body.notes.append("no mail, but a file")
    elif part.type == "text/html":
        yield _Piece(html=text_of(part, body))
    else:
        yield _Piece(plain=_without_uuencoded(_bare(text_of(part, body), part.type, body), body))


def _bare(text: str, kind: str, body: Body) -> str:
    """Text without the marks of enriched text and without PGP's armour."""
    if kind == "text/enriched":
        text = _ENRICHED.sub("", text)
    return _without_armour(text, text, body)[0]


def _without_armour(text: str, marked: str, body: Body) -> tuple[str, str]:
    """A text, and the same with its marks, without PGP's signatures. Only in the latter is it seen what is quoted."""
    if not armour.is_armoured(marked):
        return text, marked
    bare = armour.without_signatures(marked)
    if armour.is_encrypted(bare):
        _note(body, ENCRYPTED)
    if bare == marked:
        return text, marked
    _note(body, SIGNED)
    return armour.without_signatures(text), bare


def _alternatives(part: Part, body: Body) -> Iterator[_Piece]:
    """One thing in several forms: plain and HTML are one piece; other forms (a calendar entry) are files."""
    found = [piece for child in part.children for piece in _pieces(child, body)]
    plains = [piece.plain for piece in found if piece.plain is not None]
    htmls = [piece.html for piece in found if piece.html is not None]
    if plains or htmls:
        yield _Piece("\n".join(plains) if plains else None, "\n".join(htmls) if htmls else None)


def _related(part: Part, body: Body) -> Iterator[_Piece]:
    """A page and what it shows: the root is named by `start`, else the first; all else is a file (RFC 2387)."""
    start = part.parameters.get("start", "").strip("<> ")
    root = next((child for child in part.children if start and _cid(child) == start), None)
    if root is None or not (root.type.startswith(("text/", "multipart/"))):
        root = next((child for child in part.children if child.type.startswith(("text/html", "multipart/"))), None)
    for number, child in enumerate(part.children):
        if child is root or (root is None and number == 0):
            yield from _pieces(child, body)
        else:
            for leaf in child.leaves():
                _carry(leaf, body)


def _is_shown(part: Part) -> bool:
    if part.type not in ("text/plain", "text/html", "text/enriched", "text/markdown", "text/x-amp-html"):
        return False
    disposition, parameters = part.disposition()
    named = bool(parameters.get("filename") or part.parameters.get("name"))
    return disposition != "attachment" and not named and part.type != "text/x-amp-html"


def _shown_for_want_of_better(top: Part, body: Body) -> Iterator[_Piece]:
    """A mail whose only text has a file name, as some programs write it: it is shown, and stays a file."""
    for leaf in top.leaves():
        if leaf.type in ("text/plain", "text/html") and leaf.disposition()[0] != "attachment" and leaf.headers.fields:
            text = text_of(leaf, body)
            if text.strip():
                yield _Piece(html=text) if leaf.type == "text/html" else _Piece(plain=text)
                return


def _carry(part: Part, body: Body) -> None:
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
    _keep(body, name, part.type, content, extension, _cid(part) or None)
    if part.type == "text/calendar" and (said := entry_text(text_of(part, body))):
        body.spare.append(_Piece(said))
    elif part.type in tnef.TYPES or tnef.is_tnef(content):
        _unpack(content, body)
    elif part.type in _RICH:
        rich = read_rtf(content)
        body.spare += [_piece(clean(rich.plain), clean(rich.html))] if rich.plain or rich.html else []
    elif part.type in signed.TYPES:
        _unseal(part, name, content, body)
    elif part.type == _PROTECTED:
        _note(body, ENCRYPTED)


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
        _note(body, ENCRYPTED)
    elif inner is not None:
        _note(body, SIGNED)
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


def _piece(plain: str, html: str) -> _Piece:
    return _Piece(plain or None, html or None)


def _note(body: Body, note: str) -> None:
    if note not in body.notes:
        body.notes.append(note)


def _subject(content: bytes) -> str:
    subject = split_mail(content[:65536]).headers.text("subject")
    return re.sub(r"[/\\]", "-", subject)[:80] + ".eml" if subject else ""


def _cid(part: Part) -> str:
    value = part.headers.first("content-id")
    return one_line(value.decode("ascii", "replace")).strip("<> ") if value else ""


def _without_uuencoded(text: str, body: Body) -> str:
    """The text without files in it as they were sent before MIME; these become files."""
    if "\nend" not in text or not _UUENCODED.search(text):
        return text

    def take(found: re.Match[str]) -> str:
        kind = mimetypes.guess_type(found[1])[0] or "application/octet-stream"
        _keep(body, found[1], kind, from_uuencode(found[2].encode("latin-1", "replace")), ".bin")
        return ""

    return _UUENCODED.sub(take, text)
