"""What a mail shows: its text and its HTML. What it carries beside is in `carried`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from html import escape, unescape
from typing import TYPE_CHECKING

from core.tickets.model import ENCRYPTED, SIGNED
from gateways.email.parts import armour, signed
from gateways.email.parts.charsets import decode
from gateways.email.parts.structure import Part
from gateways.email.reading.carried import Body, Piece, carry, cid_of, note, without_uuencoded
from gateways.later import later

if TYPE_CHECKING:
    from gateways.email.reading import markup
else:
    markup = later("gateways.email.reading.markup")

MOST_TEXT = 2 * 1024 * 1024  # characters that are shown; the rest is in the raw mail

_META = re.compile(rb"<meta[^<>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_CONTROLS = bytes([*range(7), *range(14, 27), *range(28, 32)])  # not those of text, nor escape
_STUB = re.compile(r"html|mime|view|browser|client|reader|viewer|anzeigen|afficher|visualizar", re.IGNORECASE)
_LEFTOVER = re.compile(r"&nbsp;|&#160;|<br ?/?>|</(?:p|div|td)>", re.IGNORECASE)  # a plain form made carelessly
_WORD = re.compile(r"\w{4,}")
_LINK = re.compile(r"https?://\S+")
_COMPARED, _MOST_WORDS, _FEWEST_WORDS = 4000, 60, 5
_PGP_VERSION = re.compile(rb"\s{0,99}Version:[ \t]{0,9}\d{1,3}\s{0,99}", re.IGNORECASE)
_ENRICHED = re.compile(r"<(param)>.*?</\1>|</?[A-Za-z][A-Za-z0-9-]{0,60}>|<(?=<)", re.IGNORECASE | re.DOTALL)


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
        note(body, found.note)
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


def _as_text(piece: Piece) -> tuple[str, str]:
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


def _pieces(part: Part, body: Body) -> Iterator[Piece]:
    """What is to be read, in order; files go to the body."""
    if part.type == "multipart/alternative":
        yield from _alternatives(part, body)
    elif part.type == "multipart/related":
        yield from _related(part, body)
    elif part.type == "multipart/signed" and part.children:
        note(body, SIGNED)
        for child in part.children:
            if child.type not in signed.SIGNATURES:
                yield from _pieces(child, body)
    elif part.children:
        if part.type == "multipart/encrypted":
            note(body, ENCRYPTED)
        elif part.wrapping is signed.Wrapping.SIGNED:
            note(body, SIGNED)  # as one block, which has been opened
        for child in part.children:
            yield from _pieces(child, body)
    else:
        yield from _leaf(part, body)


def _leaf(part: Part, body: Body) -> Iterator[Piece]:
    if part.type == "application/pgp-encrypted" and _PGP_VERSION.fullmatch(part.content()):
        note(body, ENCRYPTED)  # RFC 3156 §4: it says that of its neighbour, also where a server made both files
    elif (
        part.type in (*signed.SIGNATURES, signed.ANY_FILE)
        and part.parent
        and signed.is_signature(part.type, part.name())
    ):
        note(body, SIGNED)
    elif not _is_shown(part):
        carry(part, body)
    elif part.parent is None and not part.headers.fields and looks_binary(part.content()):
        part.type = "application/octet-stream"
        carry(part, body)
        body.notes.append("no mail, but a file")
    elif part.type == "text/html":
        yield Piece(html=text_of(part, body))
    else:
        yield Piece(plain=without_uuencoded(_bare(text_of(part, body), part.type, body), body))


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
        note(body, ENCRYPTED)
    if bare == marked:
        return text, marked
    note(body, SIGNED)
    return armour.without_signatures(text), bare


def _alternatives(part: Part, body: Body) -> Iterator[Piece]:
    """One thing in several forms: plain and HTML are one piece; other forms (a calendar entry) are files."""
    found = [piece for child in part.children for piece in _pieces(child, body)]
    plains = [piece.plain for piece in found if piece.plain is not None]
    htmls = [piece.html for piece in found if piece.html is not None]
    if plains or htmls:
        yield Piece("\n".join(plains) if plains else None, "\n".join(htmls) if htmls else None)


def _related(part: Part, body: Body) -> Iterator[Piece]:
    """A page and what it shows: the root is named by `start`, else the first; all else is a file (RFC 2387)."""
    start = part.parameters.get("start", "").strip("<> ")
    root = next((child for child in part.children if start and cid_of(child) == start), None)
    if root is None or not (root.type.startswith(("text/", "multipart/"))):
        root = next((child for child in part.children if child.type.startswith(("text/html", "multipart/"))), None)
    for number, child in enumerate(part.children):
        if child is root or (root is None and number == 0):
            yield from _pieces(child, body)
        else:
            for leaf in child.leaves():
                carry(leaf, body)


def _is_shown(part: Part) -> bool:
    if part.type not in ("text/plain", "text/html", "text/enriched", "text/markdown", "text/x-amp-html"):
        return False
    disposition, parameters = part.disposition()
    named = bool(parameters.get("filename") or part.parameters.get("name"))
    return disposition != "attachment" and not named and part.type != "text/x-amp-html"


def _shown_for_want_of_better(top: Part, body: Body) -> Iterator[Piece]:
    """A mail whose only text has a file name, as some programs write it: it is shown, and stays a file."""
    for leaf in top.leaves():
        if leaf.type in ("text/plain", "text/html") and leaf.disposition()[0] != "attachment" and leaf.headers.fields:
            text = text_of(leaf, body)
            if text.strip():
                yield Piece(html=text) if leaf.type == "text/html" else Piece(plain=text)
                return
