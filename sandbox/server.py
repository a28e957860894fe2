"""What is reached by HTTP: the Web API, sockets, response URLs, files, and the page's state, stream and actions."""

import contextlib
import html
import inspect
import json
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web

from sandbox.errors import Json, SandboxError
from sandbox.mailbox import PICTURES, Mailboxes
from sandbox.notices import Notices
from sandbox.responses import respond
from sandbox.web_api import WebApi
from sandbox.workspace import Workspace

PAGE = Path(__file__).parent / "page"
BODY_LIMIT = 64 * 1024 * 1024
# words that Python keeps for itself, and their names as arguments
RENAMED = {"from": "sender", "with": "other"}
ACTION_NAMES = {"faults": "set_faults", "tiers": "set_tiers", "time": "set_time"}
PAGE_POLICY = (
    "default-src 'self'; img-src * data: blob:; style-src 'self' 'unsafe-inline'; frame-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'"
)
MAIL_POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:"
SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Door(Protocol):
    """What the page needs of the sandbox."""

    actions: frozenset[str]

    def state(self) -> Json: ...


class Routes:
    def __init__(self, slack: Workspace, mailboxes: Mailboxes, notices: Notices, door: Door) -> None:
        self._slack = slack
        self._mailboxes = mailboxes
        self._notices = notices
        self._door = door
        self.origin = ""

    def application(self, others: Iterable[web.RouteDef] = ()) -> web.Application:
        app = web.Application(middlewares=[self._guard], client_max_size=BODY_LIMIT)
        api = WebApi(self._slack)
        app.router.add_routes([
            web.route("*", "/api/{method}", api.serve),
            web.get("/link/", self._slack.deliveries.sockets.serve),
            web.post("/response/{key}", self._respond),
            web.post("/upload/v1/{file}", self._upload),
            web.get(r"/files-pri/{team}-{file:F\w+}/{name:.*}", self._download),
            web.get("/avatar/{user}/{size}", self._avatar),
            web.get("/_sandbox/state", self._state),
            web.get("/_sandbox/stream", self._stream),
            web.get("/_sandbox/file/{file}", self._file),
            web.get("/_sandbox/mail/{mail}/raw", self._mail_raw),
            web.get("/_sandbox/mail/{mail}/html", self._mail_html),
            web.get(r"/_sandbox/mail/{mail}/attachment/{number:\d+}", self._mail_part),
            web.post("/_sandbox/{action}", self._act),
            web.get("/", self._index),
            web.get("/archives/{rest:.*}", self._index),
        ])  # fmt: skip
        app.router.add_routes(others)
        if PAGE.is_dir():
            app.router.add_static("/static", PAGE)
        app.on_response_prepare.append(self._harden)
        return app

    # -- who may ask

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Only this machine's programs and this very page: a foreign Host is DNS rebinding, a foreign Origin CSRF."""
        port = self.origin.rpartition(":")[2]
        hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        origin = request.headers.get("Origin")
        if request.host not in hosts or (origin is not None and origin not in {f"http://{host}" for host in hosts}):
            return web.json_response({"ok": False, "error": "foreign_origin"}, status=403)
        return await handler(request)

    async def _harden(self, request: web.Request, response: web.StreamResponse) -> None:
        for name, value in SAFE.items():
            response.headers.setdefault(name, value)

    # -- Slack's side doors

    async def _respond(self, request: web.Request) -> web.Response:
        try:
            url = self._slack.interactions.use(request.match_info["key"])
            answer = await request.json()
            if not isinstance(answer, dict):
                raise SandboxError("invalid_payload")
            respond(self._slack, url, answer)
        except json.JSONDecodeError:
            return web.Response(status=400, text="invalid_payload")
        except SandboxError as error:
            status = 404 if error.code in ("expired_url", "used_url") else 400
            return web.json_response({"ok": False, "error": error.code, **error.details}, status=status)
        return web.Response(text="ok")

    async def _upload(self, request: web.Request) -> web.Response:
        if request.content_type.startswith("multipart/"):
            parts = (await request.post()).values()
            data = b"".join(part.file.read() for part in parts if isinstance(part, web.FileField))
        else:
            data = b"".join([piece async for piece in request.content.iter_chunked(2**20)])  # a file may be larger
        try:
            size = self._slack.files.receive(request.match_info["file"], data)
        except SandboxError as error:
            return web.Response(status=404, text=error.code)
        return web.Response(text=f"OK - {size}")

    async def _download(self, request: web.Request) -> web.Response:
        """With the bot's token the bytes, else what a browser without a login sees."""
        if request.headers.get("Authorization") != f"Bearer {self._slack.keys.bot_token}":
            return web.Response(text="<!DOCTYPE html><title>Sign in | Slack</title>", content_type="text/html")
        return self._bytes_of(request)

    async def _file(self, request: web.Request) -> web.Response:
        return self._bytes_of(request)

    def _bytes_of(self, request: web.Request) -> web.Response:
        try:
            file = self._slack.files.find(request.match_info["file"])
        except SandboxError:
            return web.Response(status=404, text="file_not_found")
        return inert(self._slack.files.data(file["id"]), file["mimetype"])

    async def _avatar(self, request: web.Request) -> web.Response:
        user = self._slack.people.all.get(request.match_info["user"])
        if user is None:
            return web.Response(status=404)
        initials = html.escape("".join(word[0] for word in user["real_name"].split()[:2]))
        hue = int(user["color"], 16) % 360
        drawn = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" rx="9" '
            f'fill="hsl({hue} 45% 42%)"/><text x="24" y="31" font-family="sans-serif" font-size="19" '
            f'font-weight="600" text-anchor="middle" fill="#fff">{initials}</text></svg>'
        )
        return web.Response(text=drawn, content_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"})

    # -- the page

    async def _index(self, request: web.Request) -> web.StreamResponse:
        index = PAGE / "index.html"
        if not index.exists():
            return web.Response(text="The page is not installed; the API answers under /api/.", status=404)
        return web.FileResponse(index, headers={"Content-Security-Policy": PAGE_POLICY})

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(self._door.state())

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        # a page that goes away is no error: its transport refuses what is written next
        with contextlib.suppress(ConnectionResetError):
            await stream.prepare(request)
            await stream.write(b"retry: 500\n\n")
            async with contextlib.aclosing(self._notices.watch()) as notices:
                async for notice in notices:
                    data = json.dumps(notice.data, ensure_ascii=False)
                    await stream.write(f"id: {notice.id}\nevent: {notice.name}\ndata: {data}\n\n".encode())
        return stream

    async def _act(self, request: web.Request) -> web.Response:
        name = ACTION_NAMES.get(request.match_info["action"], request.match_info["action"])
        try:
            if name not in self._door.actions:
                raise SandboxError("unknown_action")
            result = await self._called(getattr(self._door, name), await request.json())
        except json.JSONDecodeError:
            return web.json_response({"ok": False, "error": "invalid_json"}, status=400)
        except SandboxError as error:
            return web.json_response({"ok": False, "error": error.code, **error.details})
        return web.json_response({"ok": True, "result": result})

    @staticmethod
    async def _called(action: Callable[..., Awaitable[Any]], given: Any) -> Any:
        if not isinstance(given, dict):
            raise SandboxError("invalid_arguments")
        arguments = {RENAMED.get(k, str(k)): v for k, v in given.items() if v is not None}
        try:
            bound = inspect.signature(action).bind(**arguments)
        except TypeError as error:
            raise SandboxError("invalid_arguments", message=str(error)) from None
        return await action(*bound.args, **bound.kwargs)

    # -- mail

    async def _mail_raw(self, request: web.Request) -> web.Response:
        try:
            raw = self._mailboxes.raw(request.match_info["mail"])
        except SandboxError:
            return web.Response(status=404, text="mail_not_found")
        headers = {"Content-Disposition": f'attachment; filename="{request.match_info["mail"]}.eml"'}
        return web.Response(body=raw, content_type="message/rfc822", headers=headers)

    async def _mail_html(self, request: web.Request) -> web.Response:
        try:
            page = self._mailboxes.page(request.match_info["mail"])
        except SandboxError:
            return web.Response(status=404, text="mail_not_found")
        return web.Response(text=page, content_type="text/html", headers={"Content-Security-Policy": MAIL_POLICY})

    async def _mail_part(self, request: web.Request) -> web.Response:
        try:
            _, kind, data = self._mailboxes.part(request.match_info["mail"], int(request.match_info["number"]))
        except SandboxError:
            return web.Response(status=404, text="mail_not_found")
        return inert(data, kind)


def inert(data: bytes, kind: str) -> web.Response:
    """Somebody's file: pictures are shown, everything else is only ever saved."""
    shown = kind in (*PICTURES, "text/plain", "application/pdf")
    headers = {
        "Content-Disposition": "inline" if shown else "attachment",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return web.Response(body=data, content_type=kind if shown else "application/octet-stream", headers=headers)
