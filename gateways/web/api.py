"""The web API: who asks, what they ask, what they are told."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable
from importlib.metadata import PackageNotFoundError, version

from aiohttp import web
from pydantic import BaseModel, ValidationError

from core.desk import Desk
from core.desk.bringing import TooFast
from core.pacing import Pace, may_at, rate_of, took
from core.phrases import DeskError, NotFound, Phrase, phrase
from core.tickets.model import Status
from core.tickets.sources import CHANNEL, Scope, Source
from gateways.web import bodies, signing
from gateways.web.faults import Flaw
from gateways.web.openapi import KEY_HEADER, KEY_PATTERN, Operation, document
from gateways.web.problems import Wrong, not_right, speaking
from gateways.web.showing import BASE, accepted, message_now, ticket_now
from gateways.web.uploads import body_of, json_in, message_in

log = logging.getLogger(__name__)

_KEY = re.compile(KEY_PATTERN.rstrip("$") + r"\Z")
_AT_ONCE = 4
"""Requests of one source whose bodies are in memory at once."""

_LARGEST_NUMBER = 2**53 - 1

Serve = Callable[["Asked"], Awaitable[web.StreamResponse]]


class Asked:
    """A request of a source that may ask it."""

    def __init__(self, request: web.Request, source: Source, body: bytes, key: str):
        self.request, self.source, self.body, self.key = request, source, body, key

    @property
    def name(self) -> str:
        return self.source.name

    def number(self, name: str) -> int:
        """A number in the path. Raises NotFound for what is none that anything has."""
        said = self.request.match_info[name]
        if not said.isascii() or not said.isdigit() or len(said) > 16 or int(said) > _LARGEST_NUMBER:
            raise NotFound(phrase("Nothing has the number {said}.", said=said[:40]))
        return int(said)


class Api:
    """What partners can ask of a desk."""

    def __init__(self, desk: Desk):
        self.desk = desk
        self._reads: dict[str, Pace] = {}
        self._large: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_AT_ONCE))
        self._served: dict[Operation, Serve] = {
            Operation(
                "POST", "/messages", "bring", "Bring a customer's message", Scope.WRITE,
                gives=bodies.Accepted, takes=bodies.NewMessage, status=202, once=True,
            ): self.bring,
            Operation(
                "GET", "/messages/{id}", "came", "What became of a message that was brought", Scope.WRITE,
                gives=bodies.Accepted,
            ): self.came,
            Operation(
                "PATCH", "/messages/{id}", "revise", "Give a message that was brought other words", Scope.WRITE,
                gives=bodies.Accepted, takes=bodies.OtherText, status=202, once=True,
            ): self.revise,
            Operation(
                "GET", "/messages/{id}/files/{position}", "file", "A file of a message in a ticket", Scope.READ,
                gives=None,
            ): self.file,
            Operation(
                "GET", "/tickets", "tickets", "The source's tickets", Scope.READ,
                gives=bodies.Tickets, query=bodies.Wanted,
            ): self.tickets,
            Operation(
                "GET", "/tickets/{number}", "ticket", "A ticket", Scope.READ, gives=bodies.TicketNow
            ): self.ticket,
            Operation(
                "PATCH", "/tickets/{number}", "change", "Close a ticket, or open it again", Scope.CHANGE,
                gives=bodies.TicketNow, takes=bodies.Change,
            ): self.change,
            Operation(
                "GET", "/tickets/{number}/messages", "messages", "What was said in a ticket", Scope.READ,
                gives=bodies.Messages,
            ): self.messages,
        }  # fmt: skip
        self._document = json.dumps(document(self._served, BASE, _version())).encode()

    def add_to(self, app: web.Application) -> None:
        """Serve it, below its base."""
        inside = web.Application(middlewares=[speaking])
        inside.router.add_get("/openapi.json", self._openapi)
        for operation, serve in self._served.items():
            inside.router.add_route(operation.method, operation.path, self._asked(operation, serve))
        app.add_subapp(BASE, inside)

    async def _openapi(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._document, content_type="application/json")

    def _asked(self, operation: Operation, serve: Serve) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handler(request: web.Request) -> web.StreamResponse:
            source = await self._source(request, operation.scope)
            key = _key_of(request) if operation.once else ""
            if operation.takes is None:
                self._keep_pace(source)
                self._check_signature(source, request, key, b"")
                return await serve(Asked(request, source, b"", key))
            async with self._large[source.name]:
                body = await body_of(request)
                self._check_signature(source, request, key, body)
                return await serve(Asked(request, source, body, key))

        return handler

    async def _source(self, request: web.Request, scope: Scope) -> Source:
        """Who asks. Raises Wrong where that is nobody, or somebody who may not."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        source = await self.desk.source_with.soon(token.strip()) if kind.casefold() == "bearer" else None
        if source is None:
            said = phrase("Send the source's token: Authorization: Bearer dbk_…. It may have been revoked or changed.")
            raise Wrong(401, said, headers={"WWW-Authenticate": "Bearer"})
        if scope not in source.scopes:
            raise Wrong(403, _lacks(source, scope))
        return source

    def _keep_pace(self, source: Source) -> None:
        """Raises TooFast. Of what only reads each process keeps count by itself: nothing is written for it."""
        rate, now, known = rate_of(f"{CHANNEL}-in:{source.name}"), self.desk.db.clock(), self._reads.get(source.name)
        free = may_at(known, rate, now)
        if free > now:
            raise TooFast(free - now)
        self._reads[source.name] = took(known, rate, now)

    def _check_signature(self, source: Source, request: web.Request, key: str, body: bytes) -> None:
        """Raises Wrong where what has to be signed is not, or for another time."""
        if not source.signs:
            return
        timestamp = request.headers.get("webhook-timestamp", "")
        if not signing.is_timely(timestamp, self.desk.db.clock()):
            said = phrase("webhook-timestamp has to be the time of sending, in seconds since 1970, within 5 minutes.")
            raise Wrong(401, said, code="not-timely")
        given = request.headers.get("webhook-signature", "")
        if not signing.is_signed(source.secrets, key or request.path_qs, timestamp, body, given):
            raise Wrong(
                401, phrase("webhook-signature is not by this source's secret over what came."), code="not-signed"
            )

    # What they ask

    async def bring(self, asked: Asked) -> web.Response:
        said = await message_in(asked.request, asked.body)
        if "urgency" in said.model_fields_set and Scope.URGENCY not in asked.source.scopes:
            lacks = _lacks(asked.source, Scope.URGENCY)
            raise Wrong(403, lacks, [Flaw(("urgency",), "scope-missing", lacks)])
        place = await self.desk.place_of.soon(asked.name, said.ticket, said.in_reply_to, said.thread)
        return await self._keep(asked, place.thread, {"what": "message"}, said.canonical())

    async def revise(self, asked: Asked) -> web.Response:
        said = json_in(asked.request, bodies.OtherText, asked.body)
        first = (await self.desk.came.soon(asked.name, asked.number("id"))).piece
        if first.envelope["what"] != "message":
            raise NotFound(phrase("There is no message {id} of yours.", id=first.id))
        envelope = {"what": "text", "of": first.id}
        return await self._keep(asked, first.envelope["lane"], envelope, said.canonical())

    async def _keep(self, asked: Asked, lane: str, envelope: dict[str, object], raw: bytes) -> web.Response:
        """It is kept before anybody is told so."""
        await asyncio.to_thread(self.desk.shelve, raw)
        known = {**envelope, "source": asked.name, "lane": lane}
        brought = await self.desk.bring.soon(asked.name, asked.key, lane, known, raw)
        came = await self.desk.came.soon(asked.name, brought.id)
        headers = {"Location": f"{BASE}/messages/{brought.id}"}
        return _said(accepted(came), 202, headers | ({"Idempotent-Replayed": "true"} if brought.again else {}))

    async def came(self, asked: Asked) -> web.Response:
        return _said(accepted(await self.desk.came.soon(asked.name, asked.number("id"))))

    async def file(self, asked: Asked) -> web.StreamResponse:
        """Piece by piece: by their pages customers bring files that are too large for memory."""
        found = await self.desk.own_file.soon(asked.name, asked.number("id"), asked.number("position"))
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(found.size),
            "Content-Disposition": "attachment",  # whatever it says to be, no browser shows it as a page of ours
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        }
        response = web.StreamResponse(headers=headers)
        await response.prepare(asked.request)
        try:
            async for part in self.desk.parts(found.digest):
                await response.write(part)
        except DeskError as error:  # who reads it sees by its length that it is not whole
            log.warning("a file of message %s could not be given whole: %s", asked.number("id"), error)
            if asked.request.transport is not None:
                asked.request.transport.abort()
            return response
        await response.write_eof()
        return response

    async def tickets(self, asked: Asked) -> web.Response:
        query = asked.request.query
        try:
            wanted = bodies.Wanted.model_validate_strings(dict(query))
        except ValidationError as error:
            raise not_right(error, in_query=True) from error
        status = Status(wanted.status) if wanted.status else None
        found = await self.desk.own_tickets.soon(asked.name, wanted.thread, status, wanted.after, wanted.limit + 1)
        shown = [ticket_now(one) for one in found[: wanted.limit]]
        more = shown[-1].number if len(found) > wanted.limit else None
        return _said(bodies.Tickets(tickets=shown, next=more))

    async def ticket(self, asked: Asked) -> web.Response:
        return _said(ticket_now(await self.desk.own_ticket.soon(asked.name, asked.number("number"))))

    async def change(self, asked: Asked) -> web.Response:
        wanted = json_in(asked.request, bodies.Change, asked.body)
        status = Status.CLOSED if wanted.status == "closed" else Status.OPEN
        return _said(ticket_now(await self.desk.set_own_status.soon(asked.name, asked.number("number"), status)))

    async def messages(self, asked: Asked) -> web.Response:
        found = await self.desk.own_messages.soon(asked.name, asked.number("number"))
        return _said(bodies.Messages(messages=[message_now(one) for one in found]))


def _key_of(request: web.Request) -> str:
    said = request.headers.get(KEY_HEADER, "")
    if not _KEY.match(said):
        raise Wrong(
            400,
            phrase(
                "Send an Idempotency-Key: up to 200 visible ASCII characters, another for each message. Sent again "
                "with it, a message is heard once."
            ),
            code="key-missing",
        )
    return said


def _lacks(source: Source, scope: Scope) -> Phrase:
    return phrase("The source {name} lacks the scope {scope}.", name=source.name, scope=scope.value)


def _said(model: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    body = model.model_dump_json().encode()
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


def _version() -> str:
    try:
        return version("deskbell")
    except PackageNotFoundError:
        return "0"
