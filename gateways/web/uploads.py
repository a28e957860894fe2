"""What a request brings, bounded: JSON, or JSON with files behind it (multipart/form-data)."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any, TypeVar

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.streams import StreamReader
from pydantic import ValidationError

from core.phrases import phrase
from gateways.web.bodies import LARGEST, MOST_FILES, NewMessage, Said
from gateways.web.problems import Wrong, not_right, too_large

S = TypeVar("S", bound=Said)

_MESSAGE, _FILE = "message", "file"
"""The part of a form that says everything but its files, and those that are these."""


async def body_of(request: web.Request) -> bytes:
    """The whole body. Raises Wrong where it is too large, as soon as that is seen."""
    if (request.content_length or 0) > LARGEST:
        raise too_large()
    read = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        read += chunk
        if len(read) > LARGEST:
            raise too_large()
    return bytes(read)


async def message_in(request: web.Request, body: bytes) -> NewMessage:
    """A customer's message. Raises Wrong."""
    match request.content_type:
        case "application/json":
            return parse(NewMessage, body)
        case "multipart/form-data":
            return await _from_form(request, body)
        case _:
            raise Wrong(415, phrase("Send application/json, or multipart/form-data with the JSON in the part message."))


def json_in(request: web.Request, model: type[S], body: bytes) -> S:
    """Something else. Raises Wrong."""
    if request.content_type != "application/json":
        raise Wrong(415, phrase("Send application/json."))
    return parse(model, body)


def parse(model: type[S], body: bytes) -> S:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        if any(one["type"] == "json_invalid" for one in error.errors(include_input=False, include_url=False)):
            raise Wrong(400, phrase("The body is no JSON in UTF-8.")) from error
        raise not_right(error) from error


async def _from_form(request: web.Request, body: bytes) -> NewMessage:
    stream = StreamReader(BaseProtocol(asyncio.get_running_loop()), LARGEST)
    stream.feed_data(body)
    stream.feed_eof()
    said: bytes | None = None
    files: list[dict[str, Any]] = []
    try:
        async for part in MultipartReader(request.headers, stream):
            if not isinstance(part, BodyPartReader) or part.name not in (_MESSAGE, _FILE):
                raise Wrong(422, phrase("A form has one part message, and parts file."))
            content = bytes(await part.read())
            if part.name == _MESSAGE:
                said = content
            elif len(files) < MOST_FILES + 1:  # one too many is told of as such
                kind = part.headers.get("Content-Type", "application/octet-stream").partition(";")[0].strip().lower()
                files.append({"name": part.filename or _FILE, "type": kind, "content": _packed(content)})
    except (HttpProcessingError, ValueError, AssertionError, LookupError, RuntimeError) as error:
        raise Wrong(400, phrase("The form cannot be taken apart: it is no multipart/form-data.")) from error
    if said is None:
        raise Wrong(400, phrase("The form has no part message, which has the JSON of the message."))
    return _with_files(said, files)


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
