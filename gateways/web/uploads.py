"""What a request brings, bounded: JSON, or JSON with files behind it (multipart/form-data)."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Any, NamedTuple, TypeVar

from aiohttp import web
from pydantic import ValidationError

from core.phrases import phrase
from gateways.web.bodies import LARGEST, MOST_FILES, NewMessage, Said
from gateways.web.problems import Wrong, not_right, too_large

S = TypeVar("S", bound=Said)

_SMALL = 64 * 1024
_MOST_MARKS = 300_000  # three times what the longest text can have
_LONGEST_HEAD = 4096

SECONDS = 120.0
"""So long a body may take: 32 MB from where the line is slow."""

_MESSAGE, _FILE = "message", "file"
"""The part of a form that says everything but its files, and those that are these."""


async def body_of(request: web.Request, within: float = SECONDS) -> bytes:
    """The whole body. Raises Wrong where it is too large, as soon as that is seen, or takes too long."""
    if (request.content_length or 0) > LARGEST:
        raise too_large()
    read = bytearray()
    try:
        async with asyncio.timeout(within):
            async for chunk in request.content.iter_chunked(64 * 1024):
                read += chunk
                if len(read) > LARGEST:
                    raise too_large()
    except TimeoutError as error:
        said = phrase("The body did not come within {seconds} s. Send it again.", seconds=f"{within:g}")
        raise Wrong(408, said, headers={"Connection": "close"}) from error
    return bytes(read)


async def message_in(request: web.Request, body: bytes) -> NewMessage:
    """A customer's message. Raises Wrong. What is large is read beside the loop, which others wait for."""
    match request.content_type:
        case "application/json":
            return await _aside(body, lambda: parse(NewMessage, body))
        case "multipart/form-data":
            boundary = _header("Content-Type", request.headers["Content-Type"]).get_boundary() or ""
            return await _aside(body, lambda: _from_form(boundary, body))
        case _:
            raise Wrong(415, phrase("Send application/json, or multipart/form-data with the JSON in the part message."))


async def _aside(body: bytes, read: Callable[[], NewMessage]) -> NewMessage:
    return await asyncio.to_thread(read) if len(body) > _SMALL else read()


def json_in(request: web.Request, model: type[S], body: bytes) -> S:
    """Something else. Raises Wrong."""
    if request.content_type != "application/json":
        raise Wrong(415, phrase("Send application/json."))
    return parse(model, body)


def parse(model: type[S], body: bytes) -> S:
    if sum(map(body.count, (b",", b"[", b"{"))) > _MOST_MARKS:  # each becomes a thing in memory, whatever it says
        raise Wrong(422, phrase("There are too many things in this JSON."))
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        if any(one["type"] == "json_invalid" for one in error.errors(include_input=False, include_url=False)):
            raise Wrong(400, phrase("The body is no JSON in UTF-8.")) from error
        raise not_right(error) from error


def _from_form(boundary: str, body: bytes) -> NewMessage:
    said: bytes | None = None
    files: list[dict[str, Any]] = []
    for part in _parts(boundary.encode("utf-8", "surrogateescape"), body):
        if part.name == _MESSAGE:
            said = part.content
        elif part.name == _FILE:
            files.append({"name": part.filename or _FILE, "type": part.type, "content": _packed(part.content)})
        else:
            raise Wrong(422, phrase("A form has one part message, and parts file."))
    if said is None:
        raise Wrong(400, phrase("The form has no part message, which has the JSON of the message."))
    return _with_files(said, files)


class _Part(NamedTuple):
    name: str
    filename: str
    type: str
    content: bytes


def _parts(boundary: bytes, body: bytes) -> list[_Part]:
    """The parts of a form (RFC 7578), in one pass over its bytes. Raises Wrong."""
    begun, *pieces = (b"\r\n" + body).split(b"\r\n--" + boundary, MOST_FILES + 3)
    is_whole = bool(boundary) and bool(pieces) and pieces[-1].startswith(b"--") and not begun.strip()
    if len(pieces) > MOST_FILES + 2:
        raise Wrong(422, phrase("A form has at most {count} files.", count=MOST_FILES))
    parts = [_part(piece) for piece in pieces[:-1]]
    if not is_whole or None in parts:
        raise Wrong(400, phrase("The form cannot be taken apart: it is no multipart/form-data."))
    return [part for part in parts if part is not None]


def _part(piece: bytes) -> _Part | None:
    """One part, behind the line that parts it from the one before; None where it is none."""
    head, blank, content = piece.partition(b"\r\n\r\n")
    if not blank or not head.startswith(b"\r\n") or len(head) > _LONGEST_HEAD:
        return None
    lines = head.decode("utf-8", "replace").split("\r\n")[1:]
    known = {name.strip().casefold(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    disposition = _header("Content-Disposition", known.get("content-disposition", ""))
    kind = known.get("content-type", "application/octet-stream").partition(";")[0].strip().lower()
    named = disposition.get_param("name", "", "content-disposition")
    return _Part(collapse_rfc2231_value(named or ""), disposition.get_filename() or "", kind, content)


def _header(name: str, value: str) -> Message:
    """A header, to be asked for its parameters."""
    made = Message()
    made[name] = value.replace("\r", " ").replace("\n", " ")
    return made


def _with_files(said: bytes, files: list[dict[str, Any]]) -> NewMessage:
    """The message as if it had come as JSON: repeated in another form, it is the same."""
    if not files:
        return parse(NewMessage, said)
    try:
        known = json.loads(said)
    except (ValueError, RecursionError) as error:
        raise Wrong(400, phrase("The body is no JSON in UTF-8.")) from error
    if not isinstance(known, dict):
        return parse(NewMessage, said)  # which says that it is none
    inline = known.get("files", [])
    known["files"] = [*inline, *files] if isinstance(inline, list) else inline
    return parse(NewMessage, json.dumps(known).encode())


def _packed(content: bytes) -> str:
    return base64.b64encode(content).decode()
