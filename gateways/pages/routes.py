"""The pages as part of a web server: who asks for what, what becomes of it, and what is answered."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aiohttp import web

from core.desk import Desk
from core.desk.at_pages import TooMuch, Visit
from core.phrases import DeskError, Phrase, phrase
from core.storage.blobs import digest_of
from core.storage.database import StoreDown
from core.tickets.model import Attachment
from core.tickets.passes import Pass, Purpose
from core.tickets.written import Act, Written
from gateways.pages import bringing, telling, ticket
from gateways.pages.asking import Asking
from gateways.pages.form import LONGEST_TEXT, Form, read
from gateways.pages.looks import Tongue, headers, tongue, wished
from gateways.pages.parts import NO_WORDS, TOO_LONG, Wrong
from gateways.pages.ticket import SCORES
from gateways.pages.who import Network

log = logging.getLogger(__name__)

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

LOOKS, LOOK_AGAIN = 30, 0.05
"""How often, and after how many seconds again, one looks whether what was written is heard: then the page shows it in
its place. What is not by then is shown all the same."""

_ONCE = re.compile(r"[0-9a-f]{8,64}")
_LINK = r"{token:[A-Za-z0-9]{10,80}}"

_NO_FILES = phrase("Please choose a file.")


@dataclass(frozen=True, slots=True)
class Serving:
    """How pages are served. `largest`: bytes of the files that are taken at once, from requesters and from anybody;
    `proxies`: networks of web servers of ours before us, beside private ones.
    """

    largest: int
    largest_of_anybody: int
    proxies: tuple[Network, ...] = ()
    looks: int = LOOKS


def add_pages(app: web.Application, desk: Desk, serving: Serving) -> None:
    """Serve our pages there."""
    pages = Pages(desk, serving.largest, serving.looks)
    asking = Asking(desk, serving.largest_of_anybody, serving.proxies)
    for path, show, take in (
        ("/contact", asking.show, asking.take),
        ("/contact/{queue:[a-z0-9-]{1,60}}", asking.show, asking.take),
        (f"/t/{_LINK}", pages.ticket, pages.written),
        (f"/u/{_LINK}", pages.upload, pages.uploaded),
    ):
        app.router.add_get(path, _safely(show))
        app.router.add_post(path, _safely(take))
    app.router.add_get(f"/t/{_LINK}/file/{{message:[0-9]{{1,18}}}}/{{position:[0-9]{{1,3}}}}", _safely(pages.file))


def _safely(answer: Answer) -> Answer:
    """Where nothing can be kept or looked up now, that is what is said."""

    async def safe(request: web.Request) -> web.StreamResponse:
        try:
            return await answer(request)
        except (StoreDown, OSError) as error:  # the database, or the disk that a file comes to
            log.warning("a page could not be answered: %s", error)
            return telling.down(request)

    return safe


class Pages:
    """What is answered."""

    def __init__(self, desk: Desk, largest: int, looks: int):
        self.desk, self.largest, self._looks = desk, largest, looks

    async def ticket(self, request: web.Request) -> web.Response:
        """A requester's ticket."""
        token = request.match_info["token"]
        visit = await self.desk.visit.soon(token)
        if visit is None:
            return await telling.nowhere(self.desk, request)
        done = ticket.DONE.get(request.query.get("done", ""))
        return ticket.show(visit, token, _tongue(visit, request), self.largest, done=done)

    async def written(self, request: web.Request) -> web.Response:
        """What a requester wrote there, or that it is settled: kept, and then said to be."""
        token = request.match_info["token"]
        visit = await self.desk.visit.soon(token)
        if visit is None:
            return await telling.nowhere(self.desk, request)
        with ExitStack() as held:
            form = await read(request, self.desk, self.largest, held)
            said = _tongue(visit, request)
            act = _act(form, visit)
            wrong, status = _wrong(form, "text", NO_WORDS) if act is Act.ANSWER else {}, 422
            if not wrong:
                wrong, status = await self._keep(act, visit.bearer, form, said, "text"), 429
            if wrong:
                text = form.text("text")
                return ticket.show(visit, token, said, self.largest, text=text, wrong=wrong, status=status)
        return _back_to(token, act)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A file of a requester's ticket, piece by piece; never to be opened in our name."""
        where = request.match_info
        found = await self.desk.file_seen.soon(where["token"], int(where["message"]), int(where["position"]))
        if found is None:
            return await telling.nowhere(self.desk, request)
        response = web.StreamResponse(headers=_of_file(found))
        await response.prepare(request)
        try:
            if request.method != "HEAD":
                async for part in self.desk.parts(found.digest):
                    await response.write(part)
        except DeskError as error:  # a browser sees by its length that it is not whole
            log.warning("a file could not be given whole: %s", error)
            if request.transport is not None:
                request.transport.abort()
            return response
        await response.write_eof()
        return response

    async def upload(self, request: web.Request) -> web.Response:
        """Where files for one ticket are taken."""
        bearer = await self.desk.bearer.soon(Purpose.UPLOAD, request.match_info["token"])
        if bearer is None:
            return await telling.nowhere(self.desk, request)
        done = bringing.THERE if request.query.get("done") else None
        said, desk = await telling.nobody(self.desk, request)
        return bringing.show(said, desk, bearer.ticket, self.largest, done=done)

    async def uploaded(self, request: web.Request) -> web.Response:
        """Files for one ticket: kept, and then said to be."""
        token = request.match_info["token"]
        bearer = await self.desk.bearer.soon(Purpose.UPLOAD, token)
        if bearer is None:
            return await telling.nowhere(self.desk, request)
        said, desk = await telling.nobody(self.desk, request)
        with ExitStack() as held:
            form = await read(request, self.desk, self.largest, held)
            form.fields.pop("text", None)
            wrong, status = _wrong(form, "files", _NO_FILES), 422
            if not wrong:
                wrong, status = await self._keep(Act.UPLOAD, bearer, form, said, "files"), 429
            if wrong:
                return bringing.show(said, desk, bearer.ticket, self.largest, wrong=wrong, status=status)
        return _back_to(token, Act.UPLOAD)

    # How it is done

    async def _keep(self, act: Act, bearer: Pass, form: Form, said: Tongue, name: str) -> Wrong:
        """Written down, with its files: what was sent twice is there once. Then it is waited for a moment.

        Where there is too much, that is what is wrong with the field of that `name`; else nothing is.
        """
        drafts = [one.draft for one in form.files]
        files = tuple(one.attachment for one in form.files)
        written = Written(act, bearer.ticket, bearer.person, form.text("text"), files, said.locale)
        if act is Act.CLOSE:
            written = Written(act, bearer.ticket, bearer.person)
        if act is Act.RATE:
            written = Written(act, bearer.ticket, bearer.person, score=int(form.text("score")))
        for draft in drafts:
            await asyncio.to_thread(self.desk.shelve_draft, draft)
        try:
            id = await self.desk.write_down.soon(_key(bearer, form, written), written, drafts)
        except TooMuch as error:
            return {name: error.phrase}
        looks = self._looks
        while looks and id is not None and not await self.desk.is_heard.soon(id):
            looks -= 1
            await asyncio.sleep(LOOK_AGAIN)
        return {}


def _tongue(visit: Visit, request: web.Request) -> Tongue:
    return tongue(ZoneInfo(visit.time_zone), visit.language, *wished(request))


def _act(form: Form, visit: Visit) -> Act:
    """What somebody did there. How it was counts only where that is asked, and only what can be chosen."""
    match form.text("do"):
        case Act.CLOSE:
            return Act.CLOSE
        case Act.RATE if visit.can_rate and form.text("score") in SCORES:
            return Act.RATE
        case _:
            return Act.ANSWER


def _wrong(form: Form, name: str, nothing: Phrase) -> Wrong:
    """Why a form is not taken; empty where it is."""
    if form.fault is not None:
        return {"files": form.fault.phrase}
    if len(form.text("text")) > LONGEST_TEXT:
        return {"text": TOO_LONG}
    if not form.text("text") and not form.files:
        return {name: nothing}
    return {}


def _key(bearer: Pass, form: Form, written: Written) -> str:
    """The same for one form that is sent twice. Who goes back and writes something else has written again."""
    once = form.text("once")
    named = once if _ONCE.fullmatch(once) else ""
    return f"{bearer.ticket}:{bearer.person}:{named}:{digest_of(written.as_kept())[:32]}"


def _back_to(token: str, act: Act) -> web.Response:
    """To the page, by a way that a reload does not send anything again by."""
    return web.Response(status=303, headers={**headers(), "Location": f"{token}?done={act}"})


def _of_file(file: Attachment) -> dict[str, str]:
    named = quote(file.name or "file", safe="")
    return {
        **headers(),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Type": "application/octet-stream",
        "Content-Length": str(file.size),
        "Content-Disposition": f"attachment; filename*=UTF-8''{named}",
    }
