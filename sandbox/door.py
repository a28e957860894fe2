"""The sandbox as one thing to enter and leave: its ports, its keys and everything that can be seen of it."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

from aiohttp import web

from sandbox.delivery import Deliveries
from sandbox.errors import Json
from sandbox.faults import Faults
from sandbox.files import Files
from sandbox.filling import Filling
from sandbox.interacting import Interacting
from sandbox.interactions import Ephemerals, Interactions
from sandbox.journal import Journal
from sandbox.mailbox import Mailboxes
from sandbox.manifest import Manifest
from sandbox.messages import Messages
from sandbox.names import BOT_USER, TEAM_DOMAIN, TEAM_ID, TEAM_NAME, Keys, Stamps
from sandbox.notices import Notices
from sandbox.people import People
from sandbox.post import Mailing, Sink
from sandbox.rooms import NOTICES, Rooms
from sandbox.schedule import Schedule
from sandbox.server import Routes
from sandbox.shop import HOOKS, Shop, Shopping
from sandbox.sockets import Sockets
from sandbox.talking import Talking
from sandbox.telegram import BotApi, Business, Chats, Texting
from sandbox.telegram.flood import IN_ALL, Flood
from sandbox.tiers import Tiers
from sandbox.views import Views
from sandbox.workspace import Workspace

T = TypeVar("T")
ACTIONS = frozenset({
    "say", "edit", "delete", "react", "click", "submit", "close_view", "dismiss", "options", "slash", "shortcut",
    "message_shortcut", "open_home", "open_dm", "join", "leave", "new_room", "give_new_id", "new_person",
    "set_profile", "mail",
    "new_mailbox", "new_phone", "phone_start", "phone_write", "phone_send", "phone_share", "phone_edit",
    "phone_press", "phone_block", "phone_delete", "new_group", "upgrade_group", "kick_bot",
    "connect_business", "business_write", "business_edit", "business_delete",
    "new_shopper", "shop_write", "shop_refuse",
    "set_faults", "set_tiers", "uninstall", "reset",
})  # fmt: skip


class Sandbox(Talking, Interacting, Filling, Mailing, Texting, Business, Shopping):
    """A Slack workspace, customers' mailboxes, their phones with Telegram and a shop on 127.0.0.1.

    Actions are its methods, errors SandboxError.

    `retry_after`, `ack_seconds`, `trigger_seconds` and `response_url_seconds` are in seconds and Slack's own by
    default. `state` is a folder that keeps everything over a restart, `manifest` the app manifest: with it, only its
    commands, shortcuts, scopes and event subscriptions are there. `shares_a_room`: with a company whose customer is in
    it. `telegram_rate`: messages that the bot may send in a second. Point the desk's relay at `mail_port`.
    """

    actions = ACTIONS

    def __init__(  # noqa: PLR0913 (settings, all by keyword)
        self,
        *,
        port: int = 0,
        mail_port: int = 0,
        desk_mail: tuple[str, int] | None = None,
        desk_address: str = "support@desk.example",
        state: Path | None = None,
        request_url: str | None = None,
        tiers: bool = True,
        retry_after: tuple[float, ...] = (0, 60, 300),
        ack_seconds: float = 3.0,
        trigger_seconds: float = 3.0,
        response_url_seconds: float = 1800.0,
        manifest: Path | Mapping[str, Any] | None = None,
        shares_a_room: bool = False,
        telegram_rate: int = IN_ALL,
    ) -> None:
        self._port = port
        self._wanted_mail_port = mail_port
        self.desk_mail = desk_mail
        self.desk_address = desk_address
        self.faults = Faults()
        self._journal = Journal(state)
        self._notices = Notices()
        keys, sockets = Keys.of(self._journal), Sockets(self._notices, self.faults)
        limits, promised = Tiers(tiers), Manifest(manifest)
        deliveries = Deliveries(keys, sockets, self.faults, limits, promised, ack_seconds, retry_after, request_url)
        people, stamps = People(self._journal, self._notices), Stamps()
        messages = Messages(self._journal, self._notices, stamps, deliveries.announce)
        self._slack = Workspace(
            journal=self._journal,
            notices=self._notices,
            keys=keys,
            faults=self.faults,
            tiers=limits,
            manifest=promised,
            deliveries=deliveries,
            interactions=Interactions(trigger_seconds, response_url_seconds),
            stamps=stamps,
            ephemerals=Ephemerals(),
            people=people,
            rooms=Rooms(self._journal, self._notices, people, deliveries.announce, messages.post),
            messages=messages,
            files=Files(self._journal),
            views=Views(self._journal, self._notices),
            schedule=Schedule(self._journal),
            shares_a_room=shares_a_room,
        )
        self._mailboxes = Mailboxes(self._journal, self._notices)
        self._sink = Sink(self._mailboxes, self.faults)
        self.telegram = Chats(self._journal, self._notices, self.faults, Flood(tiers, telegram_rate))
        self.bot_api = BotApi(self.telegram)
        self.shop = Shop(self._journal, self._notices)
        self._runner: web.AppRunner | None = None
        self._clock: asyncio.Task[None] | None = None

    # -- coming and going

    async def __aenter__(self) -> Self:
        """Raises OSError when a port is taken."""
        routes = Routes(self._slack, self._mailboxes, self._notices, self)
        application = routes.application([*self.bot_api.routes(), *self.shop.routes()])
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        try:
            site = web.TCPSite(self._runner, "127.0.0.1", self._port)
            await site.start()
            self._port = self._runner.addresses[0][1]
            self.mail_port = await self._sink.listen(self._wanted_mail_port)
        except OSError:
            await self.__aexit__()
            raise
        routes.origin = self.base_url
        self._slack.at(self.base_url)
        self._slack.seed()
        self._mailboxes.seed()
        self.telegram.seed()
        self.bot_api.pushing.begin()
        self.shop.seed()
        self._clock = asyncio.create_task(self._slack.keep_schedule())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._clock is not None:
            self._clock.cancel()
        self._notices.close()
        await self._slack.deliveries.close()
        await self._slack.deliveries.sockets.close()
        await self._sink.close()
        await self.bot_api.close()
        await self.shop.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self._journal.close()

    # -- how to reach it

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def slack_api_url(self) -> str:
        return f"{self.base_url}/api/"

    @property
    def telegram_api_url(self) -> str:
        return self.base_url

    @property
    def telegram_token(self) -> str:
        return self.telegram.token

    @property
    def hooks_url(self) -> str:
        """Where the shop takes webhooks."""
        return f"{self.base_url}{HOOKS}"

    @property
    def bot_token(self) -> str:
        return self._slack.keys.bot_token

    @property
    def app_token(self) -> str:
        return self._slack.keys.app_token

    @property
    def signing_secret(self) -> str:
        return self._slack.keys.signing_secret

    @property
    def request_url(self) -> str | None:
        return self._slack.deliveries.request_url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        self._slack.deliveries.request_url = url

    async def verify_request_url(self) -> None:
        """Slack's handshake with a new `request_url`; raises SandboxError when the challenge does not come back."""
        await self._slack.deliveries.verify_request_url()

    # -- what can be seen

    @property
    def slack(self) -> Workspace:
        """The workspace itself, for what the door does not show: `calls`, `deliveries.log`, `tiers.refusals`."""
        return self._slack

    @property
    def rooms(self) -> list[Json]:
        return list(self._slack.rooms.all.values())

    def room(self, named: str) -> Json:
        """By id or name; raises SandboxError(channel_not_found)."""
        return self._slack.rooms.find(named)

    def messages(self, room: str) -> list[Json]:
        """Of a room by id or name, oldest first, with metadata."""
        return list(self._slack.messages.of(self.room(room)["id"]).values())

    def spoken(self, room: str) -> list[Json]:
        """The same without what Slack itself writes there, such as who joined."""
        return [message for message in self.messages(room) if message.get("subtype") not in NOTICES]

    @property
    def ephemeral(self) -> list[Json]:
        return list(self._slack.ephemerals.all.values())

    @property
    def views(self) -> dict[str, list[Json]]:
        """Open modals by user, bottom first."""
        return {user: self._slack.views.stack(user) for user, stack in self._slack.views.stacks.items() if stack}

    def home(self, user: str) -> Json | None:
        return self._slack.views.homes.get(user)

    def mails(self, address: str) -> list[Json]:
        """What a mailbox received and sent, oldest first."""
        return self._mailboxes.of(address)

    def mail_bytes(self, mail_id: str) -> bytes:
        return self._mailboxes.raw(mail_id)

    def state(self) -> Json:
        """Everything the page shows."""
        slack = self._slack
        return {
            "team": {"id": TEAM_ID, "name": TEAM_NAME, "domain": TEAM_DOMAIN},
            "bot_user": BOT_USER,
            "personas": slack.people.personas(),
            "users": [slack.people.shown(user) for user in slack.people.all.values()],
            "rooms": [slack.rooms.shown(room) for room in self.rooms],
            "messages": {room["id"]: self.messages(room["id"]) for room in self.rooms},
            "ephemeral": self.ephemeral,
            "homes": dict(slack.views.homes),
            "views": self.views,
            "commands": slack.manifest.commands,
            "shortcuts": slack.manifest.shortcuts,
            "mailboxes": list(self._mailboxes.all.values()),
            "mails": list(self._mailboxes.mails.values()),
            "telegram": self.telegram.shown(),
            "shop": self.shop.shown(),
            "desk_address": self.desk_address,
            "faults": self.faults.shown(),
            "tiers": slack.tiers.on,
            "connected": slack.deliveries.sockets.count,
        }

    async def until(self, look: Callable[[], T | None], within: float = 10.0) -> T:
        """Wait until `look` returns something true; raises TimeoutError after `within` seconds.

        It looks again at every change here, and often enough to see what changed elsewhere.
        """
        queue = self._notices.enter()
        try:
            async with asyncio.timeout(within):
                while not (found := look()):
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(queue.get(), 0.02)
                return found
        finally:
            self._notices.leave(queue)

    # -- what a person on the page can switch

    async def set_faults(self, disconnect_now: bool | str = False, **patch: Any) -> Json:
        """`disconnect_now`: True, or warning, refresh_requested, link_disabled, too_many_websockets, abrupt."""
        self.faults.patch(patch)
        self._tell_faults()
        if disconnect_now:
            reason = "refresh_requested" if disconnect_now is True else disconnect_now
            await self._slack.deliveries.sockets.disconnect(reason)
        return self.faults.shown()

    async def set_tiers(self, on: bool) -> None:
        self._slack.tiers.on = self.telegram.flood.on = on
        self._tell_faults()

    def _tell_faults(self) -> None:
        self._notices.tell("faults", {"faults": self.faults.shown(), "tiers": self._slack.tiers.on})

    async def uninstall(self) -> None:
        """Somebody takes the app out of the workspace: it hears so, and its tokens are worth nothing until `reset`."""
        tokens = {"oauth": [], "bot": [BOT_USER]}
        self._slack.deliveries.announce({"type": "tokens_revoked", "tokens": tokens}, None)
        self._slack.deliveries.announce({"type": "app_uninstalled"}, None)
        await self.set_faults(api_error={"*": "account_inactive"})

    async def reset(self) -> None:
        """A new workspace with empty mailboxes, phones and an empty shop; the app's keys and the shop's stay."""
        for user in list(self._slack.views.stacks):
            self._slack.views.clear(user)
        self._slack.ephemerals.all.clear()
        self.faults.clear()
        self._journal.clear(keep=frozenset({"app"}))
        self._slack.seed()
        self._mailboxes.seed()
        self.telegram.seed()
        self.shop.seed()
        self._notices.tell("reset", {})
