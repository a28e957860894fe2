"""The Slack workspace as a whole: its people, rooms, messages, views and files, and the app that is installed."""

import logging
from collections import deque
from dataclasses import dataclass, field

from sandbox import composer
from sandbox.delivery import Deliveries
from sandbox.errors import Json, SandboxError
from sandbox.faults import Faults
from sandbox.files import Files
from sandbox.interactions import Ephemerals, Interactions
from sandbox.journal import Journal
from sandbox.manifest import Manifest
from sandbox.messages import Messages
from sandbox.names import APP_ID, BOT_ID, BOT_NAME, BOT_USER, TEAM_ID, Keys, Stamps, seconds_now
from sandbox.notices import Notices
from sandbox.people import CUSTOMER, People
from sandbox.rooms import Rooms
from sandbox.schedule import Schedule
from sandbox.surfaces import stored, stored_attachments
from sandbox.tiers import Tiers
from sandbox.views import Views

log = logging.getLogger("sandbox.workspace")
EPHEMERALS = 500  # a page shows no more of them, and nobody keeps them
NO_TEXT = "This content can't be displayed."  # what Slack puts into `text` where an app sent blocks only
TEXT_LIMIT = 40_000  # characters; longer text is cut (docs: chat.postMessage, truncating content)


def text_of(content: Json) -> str:
    return content.get("text") or (NO_TEXT if content.get("blocks") else "")


@dataclass
class ApiCall:
    """One call of the Web API, as it came and as it was answered; `status` 0 when the answer was lost on purpose."""

    method: str
    params: Json
    status: int = 200
    answer: Json = field(default_factory=dict)


@dataclass
class Workspace:
    journal: Journal
    notices: Notices
    keys: Keys
    faults: Faults
    tiers: Tiers
    manifest: Manifest
    deliveries: Deliveries
    interactions: Interactions
    stamps: Stamps
    ephemerals: Ephemerals
    people: People
    rooms: Rooms
    messages: Messages
    files: Files
    views: Views
    schedule: Schedule
    shares_a_room: bool = False
    streams: set[tuple[str, str]] = field(default_factory=set)
    calls: deque[ApiCall] = field(default_factory=lambda: deque(maxlen=1000))

    def seed(self) -> None:
        """The people and the rooms of a new workspace; nothing where there are some already."""
        if not self.people.all:
            self.people.seed()
            self.rooms.seed()
        if self.shares_a_room and CUSTOMER.id not in self.people.all:
            self.rooms.share()

    def at(self, base_url: str) -> None:
        """Where the sandbox is reached, once its port is known."""
        for part in (self.people, self.files, self.interactions, self.deliveries.sockets):
            part.base_url = base_url

    async def keep_schedule(self) -> None:
        """Post scheduled messages when they come due."""
        await self.schedule.run(self._post_scheduled)

    def _post_scheduled(self, room: str, content: Json) -> None:
        try:
            self.post_as_bot(self.rooms.find(room), content)
        except SandboxError as error:
            log.warning("a scheduled message was not posted: %s", error)

    # -- what the app says

    def post_as_bot(self, room: Json, content: Json) -> Json:
        """A message of the app. With `username` or an icon it comes from nobody: no `user`, subtype bot_message."""
        message: Json = {"text": text_of(content), "team": TEAM_ID, "bot_id": BOT_ID, "app_id": APP_ID}
        customised = {k: content[k] for k in ("username", "icon_url", "icon_emoji") if content.get(k)}
        if customised:
            message.update(subtype="bot_message", username=content.get("username") or BOT_NAME)
            if icons := {"image_64": content.get("icon_url"), "emoji": content.get("icon_emoji")}:
                message["icons"] = {k: v for k, v in icons.items() if v}
        else:
            message.update(user=BOT_USER, bot_profile=self.bot_profile())
        for name in ("metadata", "thread_ts", "files", "subtype", "upload"):
            if content.get(name) is not None:
                message[name] = content[name]
        message["attachments"] = stored_attachments(content.get("attachments") or [])
        message["blocks"] = self.blocks_of(content)
        message = {k: v for k, v in message.items() if v not in (None, [])}
        return self.messages.post(room, message)

    @staticmethod
    def blocks_of(content: Json) -> list[Json]:
        """Blocks with their block_ids; an app's plain text gets the rich_text block that Slack derives from it."""
        if content.get("blocks"):
            return stored(content["blocks"])
        if content.get("text") and not content.get("attachments"):
            return [composer.rich_text(content["text"])]
        return []

    def whisper(self, room: Json, user: str, content: Json, replaces: str | None = None) -> Json:
        """A message that only `user` sees. One that replaces another keeps its place."""
        before = self.ephemerals.all.get(replaces or "")
        ts = before["ts"] if before else self.stamps.next()
        item = {
            "id": replaces or f"E{ts.replace('.', '')}", "room": room["id"], "user": user, "ts": ts,
            "thread_ts": content.get("thread_ts") or None, "text": content.get("text") or "",
            "blocks": self.blocks_of(content),
            "attachments": stored_attachments(content.get("attachments") or []),
        }  # fmt: skip
        for oldest in [] if before else list(self.ephemerals.all)[: -EPHEMERALS + 1]:
            self.hush(oldest)
        self.ephemerals.all[item["id"]] = item
        self.notices.tell("ephemeral", {"item": item})
        return item

    def hush(self, ephemeral_id: str) -> None:
        if self.ephemerals.all.pop(ephemeral_id, None):
            self.notices.tell("ephemeral_gone", {"id": ephemeral_id})

    @staticmethod
    def bot_profile() -> Json:
        return {"id": BOT_ID, "deleted": False, "name": BOT_NAME, "updated": seconds_now(), "app_id": APP_ID,
                "user_id": BOT_USER, "team_id": TEAM_ID, "icons": {}}  # fmt: skip
