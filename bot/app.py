"""Slack's ingress: what people do is committed before Slack is told that we have it, then answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.acts import Look, Passing
from bot.customers import Customers, Nobody
from bot.dispatch import Dispatcher
from bot.payloads import Kind, Payload, read
from bot.setup import Setup, why
from core.desk import Desk
from core.phrases import DeskError, Phrase, phrase
from core.settings import Settings
from core.storage.database import StoreDown
from core.templates.locales import translate
from gateways.slack.wire import Slack, SlackError

log = logging.getLogger("deskbell.bot")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_WAITED_FOR = (Kind.SUBMISSION, Kind.OPTIONS)
_PING = 5.0
"""Seconds between two looks at whether the socket still stands."""


class Ingress:
    """Bolt's app without a listener of Bolt's. Its cost grows with them; and what one of them answers it drops where
    three seconds have passed since the payload came, as when the store was slow to keep it. How long it waits, Slack
    knows best.
    """

    def __init__(self, dispatcher: Dispatcher, signing_secret: str = "", customers: Customers | None = None):
        self.dispatcher, self.slack = dispatcher, dispatcher.slack
        self.customers = customers or Nobody()
        self._verifier = SignatureVerifier(signing_secret) if signing_secret else None
        self._quiet = logging.getLogger("deskbell.slack.bolt")
        self._quiet.setLevel(logging.WARNING)  # Bolt compares levels, so that an unset one would mean everything
        self.app = AsyncApp(
            name=self._quiet.name,  # the logger of this name gets the other's level with each request
            logger=self._quiet,
            client=self.slack.bare_web(),
            signing_secret=signing_secret,
            authorize=_by(self.slack),
        )
        self.app.middleware(self._keep)
        self._socket: AsyncSocketModeHandler | None = None

    # How Slack reaches us

    async def connect(self, app_token: str) -> None:
        """Open the socket; from then on it mends itself. Raises SlackError where that cannot be."""
        await self.slack.me()
        self._quiet.setLevel(logging.WARNING)
        url = await self.slack.socket_url(app_token)
        socket = AsyncSocketModeHandler(
            self.app, app_token, logger=self._quiet, web_client=self.slack.bare_web(), ping_interval=_PING
        )
        socket.client.wss_uri = url
        self._socket = socket
        await socket.connect_async()

    async def disconnect(self) -> None:
        """Take nothing more; what was taken is finished."""
        if self._socket is not None:
            # What cannot be acknowledged any more is kept, or comes again: nobody needs to hear of it as we hang up.
            self._quiet.setLevel(logging.CRITICAL)
            await self._socket.client.close()
            self._socket = None
        await self.dispatcher.finish()

    def http(self) -> Handler:
        """For POST /slack/events, where Slack sends signed requests instead."""
        verifier = self._verifier
        if verifier is None:
            raise DeskError(phrase("SLACK_SIGNING_SECRET is not set; without it nobody can tell what is from Slack."))

        async def take(request: web.Request) -> web.StreamResponse:
            try:
                asked = await to_bolt_request(request)
                if verifier.is_valid_request(asked.raw_body, dict(request.headers)):
                    await self.slack.me()  # for nobody else do we ask Slack anything; Bolt turns them away
            except SlackError as error:
                log.warning("Slack asks us, but we cannot ask it who we are: %s", error)
                return web.Response(status=503)
            except (UnicodeDecodeError, LookupError):
                return web.Response(status=400)
            return await to_aiohttp_response(await self.app.async_dispatch(asked))

        return take

    # What is done with it

    async def _keep(self, body: dict[str, Any]) -> BoltResponse:
        """The one middleware: nothing is acknowledged before it is kept, and nothing is done twice."""
        payload = read(body)
        try:
            if await self.customers.takes(body) or payload is None or not await self.dispatcher.concerns_us(payload):
                return BoltResponse(status=200)
            id, is_new = await self.dispatcher.keep(payload)
        except StoreDown as down:
            if payload is None:  # an event that only customers' side reads: it comes again
                log.error("what a customer did in Slack could not be kept: %s", down)
                return BoltResponse(status=503)
            log.error("%s %s by %s could not be kept: %s", payload.kind, payload.name, payload.person, down)
            return await self._not_kept(payload)
        if not is_new:
            return BoltResponse(status=200)
        if payload.kind in _WAITED_FOR:
            return await self._when_done(payload, id)
        self.dispatcher.start(self._done(payload, id))  # Slack has its answer, since it is kept
        return BoltResponse(status=200)

    async def _done(self, payload: Payload, act: int | None) -> None:
        await self.dispatcher.handle(payload, act)

    async def _when_done(self, payload: Payload, act: int | None) -> BoltResponse:
        """A window or a list waits for what becomes of it."""
        try:
            answer = await self.dispatcher.answer(payload, act)
        except Passing as passing:
            log.warning("%s", passing)
            answer = None
        return BoltResponse(status=200, body=answer or "")

    async def _not_kept(self, payload: Payload) -> BoltResponse:
        """The store does not take it. Events come again by themselves; people are told, and try again."""
        if payload.kind is Kind.EVENT:
            return BoltResponse(status=503)
        reader = self.dispatcher.identity.last_reader(payload.person)
        said = reader.say(_NOT_KEPT)
        match payload.kind:
            case Kind.SUBMISSION:
                block = payload.block_of("text") or next(iter(payload.inputs), "")
                return BoltResponse(status=200, body={"response_action": "errors", "errors": {block: said}})
            case Kind.COMMAND:
                return BoltResponse(status=200, body={"response_type": "ephemeral", "text": said})
            case Kind.OPTIONS:
                return BoltResponse(status=200, body={"options": []})
            case _:
                self.dispatcher.start(self.dispatcher.tell(payload, _NOT_KEPT))
                return BoltResponse(status=200)


def _by(slack: Slack) -> Callable[[], Awaitable[AuthorizeResult]]:
    """Who we are, for Bolt: a plain function, since Bolt hands every named argument over, `self` too."""

    async def authorize() -> AuthorizeResult:
        me = await slack.me()
        return AuthorizeResult(enterprise_id=None, team_id=me.team, bot_user_id=me.user, bot_id=me.bot)

    return authorize


_NOT_KEPT: Phrase = phrase(
    "The desk's database does not answer now, so nothing was done. Please try again in a minute."
)


class Bot:
    """Everything agents see, running: the way in, and the desk's place in the workspace."""

    def __init__(self, desk: Desk, slack: Slack, settings: Settings, look: Look, customers: Customers | None = None):
        """Raises DeskError where a token is missing that the chosen way in needs. `customers`: those in Slack."""
        self.slack = slack
        self._app_token = settings.slack_app_token.get_secret_value() if settings.slack_app_token else ""
        secret = settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else ""
        self._by_socket = settings.slack_mode == "socket"
        if self._by_socket and not self._app_token:
            raise DeskError(phrase("SLACK_APP_TOKEN is not set. It begins with xapp- and lets Slack reach the desk."))
        self.dispatcher = Dispatcher(desk, slack, look)
        self.ingress = Ingress(self.dispatcher, secret, customers)
        self.setup = Setup(desk, slack, self.dispatcher.identity, settings.slack_supervisor, customers or Nobody())
        self._loops: list[asyncio.Task[None]] = []
        self.connected = asyncio.Event()

    async def start(self) -> None:
        """Begin; that Slack cannot be reached is said in the log and tried again, and holds nothing else up."""
        self._begin(self.setup.run())
        if self._by_socket:
            self._begin(self._connect())

    async def stop(self) -> None:
        """Take nothing more, finish what was taken. The Slack client stays open: whoever made it closes it."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        await self.ingress.disconnect()

    def http(self) -> Handler:
        """The handler for POST /slack/events. Raises DeskError without a signing secret."""
        return self.ingress.http()

    def _begin(self, loop: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(loop)
        task.add_done_callback(_ended)
        self._loops.append(task)

    async def _connect(self) -> None:
        wait = 1.0
        while True:
            try:
                await self.ingress.connect(self._app_token)
            except SlackError as error:
                log.error("%s", translate(why(error)))
                await asyncio.sleep(wait)
                wait = min(60.0, wait * 2)
            else:
                self.connected.set()
                return


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s has ended, and must not: %s", task.get_coro(), error, exc_info=error)
