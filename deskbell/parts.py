"""The desk's parts as things to enter and leave: mail, bot, web, work."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import secrets
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from bot import hands as bot_hands
from bot.app import Bot
from core.desk import Desk
from core.engine.apart import Apart
from core.engine.cron import Cron, Round
from core.engine.drain import Drainer
from core.engine.embedded import Embedded
from core.engine.giving import hands as giving_hands
from core.engine.hands import Hand
from core.engine.otherwise import Otherwise, Way
from core.engine.understanding import Understanding
from core.phrases import Refused, phrase
from core.settings import Settings
from core.storage.database import StoreDown, only_one
from core.tickets.inspected import Inspected
from deskbell import bell, bots, figures
from deskbell.doors import doors_of
from deskbell.heartbeat import Heartbeat
from deskbell.mailboxes import accounts_of
from deskbell.relays import relays_of
from deskbell.signing import keys_of
from deskbell.vouching import vouching_of
from gateways.email.doors.arrivals import Arrivals
from gateways.email.hands import Mail
from gateways.email.pinging import ByMail
from gateways.email.reading.looking import Looking
from gateways.email.vault import DeskVault
from gateways.pages.hands import Visitors
from gateways.pages.looking import inspect
from gateways.slack.arriving import Arriving
from gateways.slack.hands import Customers
from gateways.slack.wire import Slack
from gateways.slack.wire.manifest import EVENTS
from gateways.telegram import without
from gateways.web.api import Api
from gateways.web.hands import Web
from gateways.web.posting import networks_of

if TYPE_CHECKING:
    from gateways.telegram.hands import Telegram
    from gateways.telegram.webhook import Webhook

log = logging.getLogger("deskbell")

ACTS_KEPT = timedelta(days=7)
REMATCH = timedelta(minutes=1)
"""So often the desk looks for what no event tells of: agents who do nothing."""
AUDIT = timedelta(minutes=5)
"""So often the auditor looks through what should have happened while nobody acted."""
CATCH_UP = timedelta(minutes=30)
"""So often the desk looks in customers' rooms in Slack for what it was not told of."""
LEARNS_WITHIN = timedelta(seconds=60)
"""So long learning may take, from the most that there can be to learn from, on a machine that is busy."""
YIELDS_TO_ALL = 19
"""Niceness of what understands what customers want: their mail is read, and agents are answered, before that."""
AT_HAND = 32 * 1024 * 1024
"""Bytes of mails that wait in memory, in a process that takes them in and understands them."""


class House:
    """One process's share of the desk. Each part is made once, when it is first needed."""

    def __init__(self, settings: Settings, desk: Desk):
        self.settings, self.desk = settings, desk
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.arrivals = Arrivals(desk, AT_HAND if settings.embedded else 0)
        self.apart = Apart()
        self.learning = Apart(LEARNS_WITHIN, settings.understanding_memory, yields=YIELDS_TO_ALL)
        self.looking = Looking()
        vouching = vouching_of(settings, self.apart)
        self._vault_of = lambda name: DeskVault(desk, name)
        relays = relays_of(settings, desk.db.clock, self._vault_of)
        self.mail = Mail(desk, relays, self.apart, self.arrivals, vouching, keys_of(settings))
        self.telegram = self._telegram_of()
        self.partners = Web(desk, self.apart, networks_of(settings.web_hooks_networks))
        token = settings.slack_bot_token
        self.slack = Slack(token.get_secret_value(), settings.slack_api_url) if token else None
        self.customers = Customers(desk, self.slack, self.apart) if self.slack else None
        self._bot: Bot | None = None

    def _telegram_of(self) -> Telegram | None:
        """Its library takes a fifth more memory, so it is loaded where there is a bot."""
        token, settings = self.settings.telegram_bot_token, self.settings
        if token is None:
            return None
        from gateways.telegram.client import Client
        from gateways.telegram.hands import Telegram

        client = Client(token.get_secret_value(), settings.telegram_api_url)
        return Telegram(self.desk, client, self.apart, settings.telegram_groups)

    @asynccontextmanager
    async def serving(self, parts: frozenset[str]) -> AsyncGenerator[None]:
        """Everything of these parts, running. Raises Refused where a port is taken or another desk runs."""
        async with contextlib.AsyncExitStack() as stack:
            if self.settings.database_file is not None:
                stack.enter_context(only_one(self.settings.database_file.with_suffix(".lock")))
            stack.push_async_callback(self.mail.close)
            stack.push_async_callback(self.partners.close)
            if self.telegram is not None:
                stack.push_async_callback(self.telegram.close)
            stack.push_async_callback(self.apart.close)
            stack.push_async_callback(self.learning.close)
            stack.push_async_callback(self.looking.close)
            if self.slack is not None:
                stack.push_async_callback(self.slack.close)
            await stack.enter_async_context(self._runner(parts))
            if self._hears_slack(parts):
                await stack.enter_async_context(self._in_slack())
                if self.settings.telegram_mode == "polling":
                    await stack.enter_async_context(self._polling())
            if "web" in parts:
                await stack.enter_async_context(self._web())
            if "mail" in parts:
                await stack.enter_async_context(self._intake())
                await stack.enter_async_context(self._mailboxes())
            yield

    @asynccontextmanager
    async def _runner(self, parts: frozenset[str]) -> AsyncGenerator[None]:
        """What drains the ledger; a process without hands only wakes others."""
        hands: dict[str, Hand] = {}
        in_slack = bot_hands.hands(self.slack, self.desk, self._look) if self.slack else {}
        if "work" in parts:
            hands |= self.mail.hands
            hands |= self.partners.hands
            hands |= self.telegram.hands if self.telegram is not None else without.hands()
            hands |= giving_hands(self.desk)
            hands |= Otherwise(self.desk, self._other_ways()).hands
            hands |= Visitors(self.desk, self.apart).hands
            hands |= Understanding(self.desk, self.learning, self.settings.encoders).hands
            hands |= {kind: hand for kind, hand in in_slack.items() if kind != "act"}
            hands |= self.customers.hands if self.customers is not None else {}
        if self._hears_slack(parts):
            hands |= {kind: hand for kind, hand in in_slack.items() if kind == "act"}
        drainer = Drainer(self.desk, hands, self.owner, self.settings.lease.total_seconds(), self._hold)
        rounds = {"tidy": Round(timedelta(hours=1), lambda: self.desk.tidy.soon(ACTS_KEPT))}
        if "work" in parts:
            rounds["rematch"] = Round(REMATCH, self.desk.rematch.soon)
            rounds["audit"] = Round(AUDIT, Heartbeat(self.desk, self.settings.heartbeat_url).beat)
            rounds["duties"] = Round(timedelta(hours=1), self.desk.watch_duties.soon)
        if "work" in parts and self.customers is not None:
            rounds["catch-up"] = Round(CATCH_UP, lambda: self.desk.catch_up.soon("slack"))
        cron = Cron(self.desk, rounds)
        if self.settings.embedded:
            runner = Embedded(self.desk, drainer, cron)
        else:
            from core.engine.distributed import Distributed

            runner = Distributed(self.desk, drainer, cron, self.settings.database_url)
        await runner.start()
        try:
            if self.settings.embedded:
                async with bell.listen(self.settings, runner.wake):
                    yield
            else:
                yield
        finally:
            await runner.stop()

    def _other_ways(self) -> dict[str, Way]:
        """How agents are told what is important where Slack cannot be reached; what is quicker first."""
        ways: dict[str, Way] = {}
        if self.telegram is not None:
            from gateways.telegram.pinging import InTelegram

            ways["telegram"] = InTelegram(self.telegram.client)
        return {**ways, "email": ByMail(self.mail)}

    def _hold(self, destination: str) -> timedelta:
        """How long the jobs of a destination should rather wait, now."""
        return self.arrivals.still() if destination == "understanding" else self.arrivals.hold(destination)

    def _hears_slack(self, parts: frozenset[str]) -> bool:
        """Whether agents' acts come in here: by socket where the bot is, by HTTP where the web is.

        Whoever takes acts does those again that somebody kept and did not finish.
        """
        return "bot" in parts or ("web" in parts and self.settings.slack_mode == "http")

    async def _look(self, raw: bytes, problem: str = "") -> Inspected:
        """What was held back, as somebody sees it who looks: a form of ours, or a mail."""
        return inspect(raw) or await self.looking.look(raw, problem)

    def _bot_of(self) -> Bot:
        """Everything agents see; by socket and by HTTP it is the same. Raises DeskError where a token is missing."""
        if self._bot is None:
            if self.slack is None:
                raise Refused(phrase("SLACK_BOT_TOKEN is missing. Put it into .env (README: connect your Slack)."))
            arriving = Arriving(self.desk, self.slack)
            self._bot = Bot(self.desk, self.slack, self.settings, self._look, arriving)
        return self._bot

    @asynccontextmanager
    async def _in_slack(self) -> AsyncGenerator[None]:
        bot = self._bot_of()
        await bot.start()
        await self.desk.catch_up.soon("slack")  # while we were away things may have been said that nobody tells again
        try:
            yield
        finally:
            await bot.stop()

    @asynccontextmanager
    async def _intake(self) -> AsyncGenerator[None]:
        settings = self.settings
        book = await self.desk.book.soon()
        hostname = settings.smtp_hostname or book.mailboxes[0].address.rpartition("@")[2]
        async with contextlib.AsyncExitStack() as stack:
            for door in doors_of(settings, self.arrivals, hostname, self.desk.db.clock):
                with port_free(door.host, door.port, door.setting):
                    await door.intake.start()
                stack.push_async_callback(door.intake.stop)
                log.info("mail is taken at %s:%s (%s)", door.host, door.intake.port, door.setting)
            yield

    @asynccontextmanager
    async def _mailboxes(self) -> AsyncGenerator[None]:
        """The mailboxes on other servers; of several processes one reads each."""
        accounts = accounts_of(self.settings, self.desk.db.clock, self._vault_of)
        if not accounts:
            yield
            return
        from gateways.email.imap.mailboxes import Mailboxes  # four megabytes

        mailboxes = Mailboxes(self.desk, accounts, self.owner)
        await asyncio.to_thread(mailboxes.start, self.settings.embedded)
        try:
            yield
        finally:
            await asyncio.to_thread(mailboxes.stop)

    @asynccontextmanager
    async def _polling(self) -> AsyncGenerator[None]:
        """What comes to the Telegram bot, where there is one; of several processes one asks for it."""
        if self.telegram is None:
            yield
            return
        from gateways.telegram.polling import Polling

        polling = Polling(self.desk, self.telegram.client, self.owner)
        await polling.start(self.settings.embedded)
        try:
            yield
        finally:
            await polling.stop()

    @asynccontextmanager
    async def _web(self) -> AsyncGenerator[None]:
        settings = self.settings
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/metrics", self._metrics)
        Api(self.desk).add_to(app)
        if settings.slack_mode == "http":
            app.router.add_post(EVENTS, self._bot_of().http())
        webhook = self._webhook()
        if webhook is not None:
            webhook.add_to(app)
        if settings.web_url:
            # Where there are none, nothing is loaded for them.
            from gateways.pages.calendar import add_calendars
            from gateways.pages.routes import Serving, add_pages
            from gateways.pages.who import networks

            proxies = networks(settings.web_proxies)
            add_pages(app, self.desk, Serving(settings.web_upload_max, settings.web_contact_max, proxies))
            add_calendars(app, self.desk)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            with port_free(settings.web_host, settings.web_port, "WEB_PORT"):
                await web.TCPSite(runner, settings.web_host, settings.web_port).start()
            if webhook is not None:
                await webhook.start(settings.embedded)
            yield
        finally:
            if webhook is not None:
                await webhook.stop()
            await runner.cleanup()

    def _webhook(self) -> Webhook | None:
        """Where Telegram brings what comes to the bot, if it is to. Raises Refused where that can be nowhere."""
        if self.telegram is None or self.settings.telegram_mode != "webhook":
            return None
        if self.settings.web_url is None:
            raise Refused(bots.NO_ADDRESS)
        from gateways.telegram.webhook import Webhook

        return Webhook(self.desk, self.telegram.client, self.owner, self.settings.web_url)

    async def _health(self, _request: web.Request) -> web.Response:
        """Whether the store answers, 200 or 503, and how much waits where."""
        try:
            edition = await asyncio.wait_for(self.desk.edition.soon(), 5)
            taken = await asyncio.wait_for(self.desk.figures.soon(), 5)
        except (StoreDown, TimeoutError) as error:
            return web.json_response({"ok": False, "why": str(error) or "the database does not answer"}, status=503)
        version = edition.version if edition else None
        return web.json_response({"ok": True, "rulebook": version, **figures.as_json(taken, self.settings)})

    async def _metrics(self, _request: web.Request) -> web.Response:
        """The same for Prometheus; where the store does not answer, 503, which it counts as down."""
        try:
            taken = await asyncio.wait_for(self.desk.figures.soon(), 5)
        except (StoreDown, TimeoutError) as error:
            return web.Response(text=f"{error or 'the database does not answer'}\n", status=503)
        body = figures.as_text(taken, self.settings).encode()
        return web.Response(body=body, headers={"Content-Type": figures.TEXT})


@contextlib.contextmanager
def port_free(host: str, port: int, name: str) -> Generator[None]:
    """Say which setting to change where a port cannot be had."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            said = phrase("Port {port} on {host} is in use. Stop what uses it, or set {name}.", **_at(host, port, name))
        elif error.errno == errno.EACCES:
            said = phrase("Port {port} on {host} is only for root. Set {name} above 1023.", **_at(host, port, name))
        elif error.errno in (errno.EAGAIN, errno.EWOULDBLOCK):
            said = phrase("Another sandbox is open already; it keeps its rooms in the same folder.")
        else:
            said = phrase("{name}: nothing can be served at {host}:{port}.", **_at(host, port, name))
        raise Refused(said) from error


def _at(host: str, port: int, name: str) -> dict[str, object]:
    return {"host": host, "port": port, "name": name}
