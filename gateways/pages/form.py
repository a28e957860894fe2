"""What a browser sends of a form, read as it comes: words within their bounds, files to drafts on disk."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import NamedTuple

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from core.desk import Desk
from core.phrases import DeskError, phrase, phrases
from core.storage.blobs import PART, Draft
from core.templates.render import one_line
from core.tickets.model import Attachment

LONGEST_TEXT = 50_000
"""Characters of what somebody writes at once: twenty pages."""

MOST_FILES = 10
LONGEST_NAME = 200
PATIENCE = 60.0
"""Seconds in which something more of a form has to come."""

_MOST_FIELDS = 30
_CHUNK = 64 * 1024
_FIELD_BYTES = LONGEST_TEXT * 4
_FRAME = 512 * 1024
"""Bytes of a form beside its files."""

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}", re.ASCII)


class NotTaken(DeskError):
    """A form that is not taken as it is; the phrase is for whoever sent it."""


class Brought(NamedTuple):
    """A file that came, and what its sender calls it."""

    draft: Draft
    name: str
    type: str

    @property
    def attachment(self) -> Attachment:
        return Attachment(self.name, self.type, self.draft.size, self.draft.digest)


@dataclass(slots=True)
class Form:
    """What came: fields by their names, and files. `fault` is why it is not taken; the fields before it are there."""

    fields: dict[str, str] = field(default_factory=dict[str, str])
    files: list[Brought] = field(default_factory=list[Brought])
    fault: NotTaken | None = None

    def text(self, name: str) -> str:
        """A field's words, without blank ends and with the line breaks that we write."""
        return self.fields.get(name, "").replace("\r\n", "\n").strip()


async def read(request: web.Request, desk: Desk, largest: int, held: ExitStack) -> Form:
    """What a browser sends. Files of `largest` bytes in all at most; their drafts live as long as `held`."""
    form = Form()
    try:
        if (request.content_length or 0) > largest + _FRAME:
            raise _too_large(largest)
        await _parts(request, desk, largest, held, form)
    except NotTaken as error:
        form.fault = error
    except (ValueError, TimeoutError, AssertionError, LookupError, HttpProcessingError):  # a body that is no form
        form.fault = NotTaken(phrase("This form did not arrive whole. Please send it again."))
    return form


async def _parts(request: web.Request, desk: Desk, largest: int, held: ExitStack, form: Form) -> None:
    reader = await request.multipart()
    left = largest
    for _ in range(_MOST_FIELDS + MOST_FILES + 1):
        async with asyncio.timeout(PATIENCE):
            part = await reader.next()
        if part is None:
            return
        if not isinstance(part, BodyPartReader) or not part.name:
            raise ValueError("not a form's part")
        if part.filename is None:
            form.fields[part.name] = await _field(part)
            continue
        draft = await _file(part, held.enter_context(desk.drafting()), left, largest)
        left -= draft.size
        if draft.size:
            form.files.append(Brought(draft, clean_name(part.filename), clean_type(part.headers)))
        if len(form.files) > MOST_FILES:
            raise NotTaken(
                phrases(
                    "Please send no more than {count} file at once.",
                    "Please send no more than {count} files at once.",
                    MOST_FILES,
                )
            )
    raise ValueError("more parts than any form of ours has")


async def _field(part: BodyPartReader) -> str:
    kept = bytearray()
    while not part.at_eof():
        kept += await _next(part)
        if len(kept) > _FIELD_BYTES:
            raise ValueError("a field that nobody can have written")
    return kept.decode("utf-8", "replace").replace("\0", "")


async def _file(part: BodyPartReader, draft: Draft, left: int, largest: int) -> Draft:
    """Not more than `left` bytes of it; an event loop does not wait for a disk."""
    waits = bytearray()
    size = 0
    while not part.at_eof():
        piece = await _next(part)
        size += len(piece)
        if size > left:
            raise _too_large(largest)
        waits += piece
        if len(waits) >= PART:
            await asyncio.to_thread(draft.write, bytes(waits))
            waits.clear()
    await asyncio.to_thread(draft.write, bytes(waits))
    return draft


async def _next(part: BodyPartReader) -> bytes:
    async with asyncio.timeout(PATIENCE):
        return await part.read_chunk(_CHUNK)


def _too_large(largest: int) -> NotTaken:
    return NotTaken(
        phrase("These files are too large: {size} MB in all is what we can take.", size=largest // 1_000_000)
    )


def clean_name(said: str) -> str:
    """A file's name that is a name and nothing else."""
    name = one_line(said.replace("\\", "/").rpartition("/")[2], LONGEST_NAME)
    return name.strip(". ") or "file"


def clean_type(headers: Mapping[str, str]) -> str:
    """What a file is said to be; what cannot be said is bytes."""
    said = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return said if _TYPE.fullmatch(said) else "application/octet-stream"
