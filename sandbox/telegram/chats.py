"""What Telegram knows: its bot, people with phones, chats and their messages, files, what the bot is to hear."""

import asyncio
import secrets
import time
from collections.abc import Set
from typing import Any

from sandbox.errors import Json, SandboxError
from sandbox.faults import Faults
from sandbox.journal import Journal
from sandbox.notices import Notices
from sandbox.telegram.answers import bad, forbidden
from sandbox.telegram.flood import Flood

BOT_NAME = "example_help_bot"
CUSTOMERS = (
    (20000001, "Carla", "Gómez", "es"),
    (20000002, "Max", "Mustermann", "de"),
    (20000003, "Priya", "Nair", "en"),
)
FILE_LIMIT = 20 * 1024 * 1024  # bytes: what a bot may download


class Chats:
    def __init__(self, journal: Journal, notices: Notices, faults: Faults, flood: Flood) -> None:
        self._journal = journal
        self._notices = notices
        self.faults = faults
        self.flood = flood
        self.token = self._own_token()
        self.calls: list[tuple[str, Json]] = []
        self.refused_media = ""
        """Why pictures and films are no such things, whatever they say of themselves; empty: they are."""
        self._again: dict[str, int] = {}  # how often what is confirmed comes all the same
        self.told = 0
        """How many updates the bot was handed, each time they were."""
        self.came = asyncio.Event()
        """Set when there is something new for the bot to hear; whoever waits takes it away."""

    # -- the bot

    @property
    def bot(self) -> Json:
        return {
            "id": int(self.token.partition(":")[0]), "is_bot": True, "first_name": "Example Help",
            "username": BOT_NAME, "can_join_groups": True, "can_read_all_group_messages": False,
            "supports_inline_queries": False, "can_connect_to_business": True, "has_main_web_app": False,
        }  # fmt: skip

    def _own_token(self) -> str:
        """Random, and the same after a restart: other programs on this machine must not guess it."""
        kept = self._journal.table("app").get("telegram_token")
        if kept is None:
            kept = {"token": f"{7000000000 + secrets.randbelow(10**9)}:AA{secrets.token_urlsafe(24)}"}
            self._journal.put("app", "telegram_token", kept)
        return kept["token"]

    def number(self, name: str) -> int:
        """The next number of a kind. None is given twice, not even after everything was cleared."""
        kept = self._journal.table("app").get(f"telegram_{name}")
        number = (kept["last"] if kept else 0) + 1
        self._journal.put("app", f"telegram_{name}", {"last": number})
        return number

    # -- people and chats

    @property
    def phones(self) -> dict[str, Json]:
        """Telegram's User of each customer, beside how they stand to the bot: `started`, `blocked`, `deleted`."""
        return self._journal.table("phones")

    @property
    def groups(self) -> dict[str, Json]:
        return self._journal.table("groups")

    def seed(self) -> None:
        for number, first, last, language in CUSTOMERS:
            if str(number) not in self.phones:
                self.keep_phone(_phone(number, first, last, language))

    def new_phone(self, name: str, language: str) -> Json:
        first, _, last = name.strip().partition(" ")
        if not first:
            raise SandboxError("invalid_name")
        phone = _phone(30000000 + self.number("phone"), first, last, language)
        self.keep_phone(phone)
        return phone

    def phone(self, number: int) -> Json:
        found = self.phones.get(str(number))
        if found is None:
            raise SandboxError("phone_not_found")
        return found

    def keep_phone(self, phone: Json) -> None:
        self._journal.put("phones", str(phone["user"]["id"]), phone)
        self._notices.tell("phone", {"phone": phone})

    def keep_group(self, group: Json) -> None:
        self._journal.put("groups", str(group["chat"]["id"]), group)
        self._notices.tell("group", {"group": group})

    def chat(self, number: int) -> Json:
        """Telegram's Chat as it stands in messages; raises BotApiError where there is none."""
        phone = self.phones.get(str(number))
        if phone is not None:
            user = phone["user"]
            return {"id": number, "type": "private", **{k: user[k] for k in ("first_name", "last_name") if k in user}}
        group = self.groups.get(str(number))
        if group is None:
            raise bad("chat not found")
        return group["chat"]

    def check_open(self, number: int) -> Json:
        """The chat, where the bot may write to it; raises BotApiError with why not."""
        chat = self.chat(number)
        phone, group = self.phones.get(str(number)), self.groups.get(str(number))
        if phone is not None:
            if phone["deleted"]:
                raise forbidden("user is deactivated")
            if phone["blocked"]:
                raise forbidden("bot was blocked by the user")
            if not phone["started"]:
                raise forbidden("bot can't initiate conversation with a user")
        if group is not None:
            if group.get("moved_to"):
                raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=group["moved_to"])
            if group["kicked"]:
                raise forbidden(f"bot was kicked from the {chat['type']} chat")
        return chat

    # -- accounts that the bot may speak for

    @property
    def businesses(self) -> dict[str, Json]:
        """Telegram's BusinessConnection of each, by its id."""
        return self._journal.table("businesses")

    def keep_business(self, connection: Json) -> None:
        self._journal.put("businesses", connection["id"], connection)
        self._notices.tell("business", {"business": connection})

    def business_of(self, owner: int) -> Json | None:
        """Somebody's last connection."""
        found = [one for one in self.businesses.values() if one["user"]["id"] == owner]
        return found[-1] if found else None

    def check_business(self, connection: str) -> Json:
        """The connection, where the bot may write by it; raises BotApiError with why not."""
        found = self.businesses.get(connection)
        if found is None or not found["is_enabled"]:
            raise bad("business connection not found")
        if not found["rights"].get("can_reply"):
            raise bad("BUSINESS_CONNECTION_NOT_ALLOWED")
        return found

    # -- messages

    @property
    def messages(self) -> dict[str, Json]:
        return self._journal.table("chat_messages")

    def of(self, chat: int, business: str | None = None) -> list[Json]:
        """A chat's messages, oldest first: the bot's own, or those in the account of this connection."""
        found = [one for one in self.messages.values() if one["chat"]["id"] == chat]
        return [one for one in found if one.get("business_connection_id") == business]

    def find(self, chat: int, message: int) -> Json | None:
        return self.messages.get(f"{chat}:{message}")

    def said(self, chat: Json, sender: Json, **content: Any) -> Json:
        """Put a message into a chat."""
        message = {"message_id": self.number("message"), "date": int(time.time()), "chat": chat, "from": sender}
        message |= {name: value for name, value in content.items() if value not in (None, "", [])}
        self.keep(message)
        return message

    def keep(self, message: Json) -> None:
        self._journal.put("chat_messages", f"{message['chat']['id']}:{message['message_id']}", message)
        self._notices.tell("chat_message", {"message": message})

    def show_action(self, chat: Json, action: str) -> None:
        """That the bot writes is seen for five seconds, or until it has."""
        self._notices.tell("chat_action", {"chat": chat["id"], "action": action})

    def drop(self, chat: int, message: int) -> bool:
        found = self.find(chat, message) is not None
        self._journal.drop("chat_messages", f"{chat}:{message}")
        self._notices.tell("chat_message_deleted", {"chat": chat, "message": message})
        return found

    # -- files

    @property
    def files(self) -> dict[str, Json]:
        return self._journal.table("telegram_files")

    def keep_file(self, name: str, kind: str, data: bytes, size: int | None = None) -> Json:
        """`size` where a file only says to be that large."""
        unique = secrets.token_hex(8)
        folder = "photos" if kind.startswith("image/") else "documents"
        file = {
            "file_id": f"BQACAgQ{secrets.token_urlsafe(24)}", "file_unique_id": unique, "name": name, "type": kind,
            "file_size": len(data) if size is None else size,
            "file_path": f"{folder}/file_{len(self.files)}{_ending(name)}",
        }  # fmt: skip
        self._journal.put_blob(f"tg-{unique}", data)
        self._journal.put("telegram_files", file["file_id"], file)
        return file

    def bytes_of(self, file: Json) -> bytes:
        return self._journal.blob(f"tg-{file['file_unique_id']}")

    # -- what the bot is to hear

    @property
    def updates(self) -> dict[str, Json]:
        """What the bot has not confirmed, oldest first."""
        return self._journal.table("updates")

    @property
    def webhook(self) -> Json | None:
        return self._journal.table("app").get("telegram_webhook")

    def set_webhook(self, webhook: Json | None) -> None:
        if webhook is None:
            self._journal.drop("app", "telegram_webhook")
        else:
            self._journal.put("app", "telegram_webhook", webhook)
        self.came.set()

    def tell_bot(self, **update: Any) -> None:
        number = self.number("update")
        self._journal.put("updates", str(number), {"update_id": number, **update})
        if self.faults.telegram_duplicates:
            again = self.updates[str(number)]
            self._journal.put("updates", f"{number}+", again)
        if self.faults.telegram_scatter:
            self._again[str(number)] = self.faults.times() - 1
        self.came.set()

    def forget(self, key: str) -> None:
        """One update is taken."""
        self._journal.drop("updates", key)

    def waiting(self, kinds: Set[str], most: int) -> list[Json]:
        """What the bot is to hear of these kinds, as it comes to it."""
        found = [one for one in self.updates.values() if kinds & one.keys()][:most]
        self.told += len(found)
        return self.faults.shuffled(found) if self.faults.telegram_scatter else found

    def confirm(self, below: int) -> None:
        """Forget every update below this number."""
        for key, update in list(self.updates.items()):
            if update["update_id"] >= below:
                continue
            if self._again.get(key):
                self._again[key] -= 1
                continue
            self._again.pop(key, None)
            self._journal.drop("updates", key)

    def shown(self) -> Json:
        """What the page shows."""
        return {
            "bot": {"id": self.bot["id"], "username": BOT_NAME, "name": self.bot["first_name"]},
            "phones": list(self.phones.values()),
            "groups": list(self.groups.values()),
            "businesses": list(self.businesses.values()),
            "messages": list(self.messages.values()),
        }


def _phone(number: int, first: str, last: str, language: str) -> Json:
    user = {"id": number, "is_bot": False, "first_name": first, "language_code": language}
    if last:
        user["last_name"] = last
    return {"user": user, "started": False, "blocked": False, "deleted": False}


def _ending(name: str) -> str:
    _, dot, ending = name.rpartition(".")
    return f".{ending[:8].lower()}" if dot and ending.isalnum() else ""
