"""Socket Mode: the WebSockets an app keeps open, what goes out through them and what comes back as acks."""

import asyncio
import contextlib
import json
import secrets
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.errors import Json, SandboxError
from sandbox.faults import Faults
from sandbox.names import APP_ID
from sandbox.notices import Notices

MOST = 10  # connections per app (docs: Socket Mode)
LIFETIME = 18060  # seconds that hello announces
REASONS = ("warning", "refresh_requested", "link_disabled", "too_many_websockets")


class Sockets:
    def __init__(self, notices: Notices, faults: Faults) -> None:
        self._notices = notices
        self._faults = faults
        self._tickets: set[str] = set()
        self._open: list[web.WebSocketResponse] = []
        self._wires: dict[web.WebSocketResponse, asyncio.Transport] = {}
        self._waiting: dict[str, tuple[web.WebSocketResponse, asyncio.Future[Any]]] = {}
        self.base_url = ""

    @property
    def count(self) -> int:
        return len(self._open)

    def ticket(self) -> str:
        """The address of one connection, good for one use (apps.connections.open)."""
        if self._faults.refuse_sockets:
            raise SandboxError("internal_error")
        ticket = secrets.token_urlsafe(24)
        self._tickets.add(ticket)
        return f"{self.base_url.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={APP_ID}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401, text="invalid ticket")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=15)
        try:
            await socket.prepare(request)
        except ConnectionResetError:  # the app went away meanwhile
            return socket
        if self.count >= MOST:
            await self._part(socket, "too_many_websockets")
            return socket
        assert request.transport is not None
        self._wires[socket] = request.transport
        self._open.append(socket)
        self._notices.tell("connected", {"n": self.count})
        try:
            with contextlib.suppress(ConnectionResetError):
                await socket.send_json(self._hello())
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._heard(message.data)
        finally:
            self._gone(socket)
        return socket

    async def send(self, envelope: Json, within: float) -> Any:
        """The payload of the ack. Raises TimeoutError without one, ConnectionError when the socket dies first."""
        if not self._open:
            raise ConnectionError("no socket is connected")
        socket = self._open.pop(0)
        self._open.append(socket)  # Slack picks any; taking turns finds apps that rely on one
        ack = asyncio.get_running_loop().create_future()
        self._waiting[envelope["envelope_id"]] = (socket, ack)
        try:
            await socket.send_str(json.dumps(envelope))
            return await asyncio.wait_for(ack, within)
        finally:
            self._waiting.pop(envelope["envelope_id"], None)

    async def disconnect(self, reason: str) -> None:
        """Tell every connection to go, as Slack does some times a day; `abrupt` cuts them without a word."""
        for socket in tuple(self._open):
            if reason == "abrupt":
                self._wires[socket].abort()
            elif reason == "warning":
                with contextlib.suppress(ConnectionResetError):
                    await socket.send_json(self._bye(reason))
            else:
                await self._part(socket, reason)

    async def close(self) -> None:
        for socket in tuple(self._open):
            await socket.close()

    async def _part(self, socket: web.WebSocketResponse, reason: str) -> None:
        self._gone(socket)
        with contextlib.suppress(ConnectionResetError):
            await socket.send_json(self._bye(reason))
        await socket.close()

    def _heard(self, data: str) -> None:
        try:
            said = json.loads(data)
        except ValueError:
            return  # Slack ignores what is no JSON, such as the pings of old clients
        envelope_id = said.get("envelope_id") if isinstance(said, dict) else None
        if envelope_id in self._waiting and not self._faults.spend("drop_acks"):
            _, ack = self._waiting[envelope_id]
            if not ack.done():
                ack.set_result(said.get("payload"))

    def _gone(self, socket: web.WebSocketResponse) -> None:
        if socket not in self._open:
            return
        self._open.remove(socket)
        del self._wires[socket]
        for holder, ack in self._waiting.values():
            if holder is socket and not ack.done():
                ack.set_exception(ConnectionError("the socket closed before its ack"))
        self._notices.tell("connected", {"n": self.count})

    def _hello(self) -> Json:
        return {"type": "hello", "num_connections": self.count, "connection_info": {"app_id": APP_ID},
                "debug_info": {"host": "applink-sandbox", "build_number": 1,
                               "approximate_connection_time": LIFETIME}}  # fmt: skip

    @staticmethod
    def _bye(reason: str) -> Json:
        return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}}
