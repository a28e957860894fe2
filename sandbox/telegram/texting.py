"""What customers do on their phones: write, send files, edit, press a button, block the bot, talk in groups."""

import base64
import binascii
import secrets
import time
from collections.abc import Sequence

from sandbox.errors import Json, SandboxError
from sandbox.telegram.answers import BotApiError
from sandbox.telegram.chats import Chats

KINDS = ("photo", "document", "voice", "audio", "video", "video_note", "animation", "sticker")
ALBUM = ("photo", "video", "document", "audio")


class Texting:
    """Every method is one action of a customer in Telegram. `phone` is their number, as `telegram.phones` has it."""

    telegram: Chats

    async def new_phone(self, name: str, language: str = "en") -> Json:
        return self.telegram.new_phone(name, language)

    async def phone_start(self, phone: int, payload: str = "") -> Json:
        """They press Start, or come by a link `t.me/BOT?start=PAYLOAD`."""
        return await self.phone_write(phone, f"/start {payload}".strip())

    async def phone_write(self, phone: int, text: str, reply_to: int | None = None, chat: int | None = None) -> Json:
        """Say something to the bot, or in the group `chat`."""
        if not text.strip():
            raise SandboxError("no_text")
        return self._said(phone, chat, reply_to, text=text, entities=_entities(text, self.telegram.bot["username"]))

    async def phone_send(
        self,
        phone: int,
        files: Sequence[Json],
        kind: str | None = None,
        caption: str = "",
        reply_to: int | None = None,
        chat: int | None = None,
    ) -> list[Json]:
        """Send files ({name, type, base64, size?}): several are an album, whose first has the caption.

        `kind`: photo, document, voice, …; by default pictures are photos and everything else documents.
        """
        if not files:
            raise SandboxError("no_file")
        album = str(secrets.randbelow(10**17)) if len(files) > 1 else None
        sent = []
        for n, each in enumerate(files):
            known = kind or _kind_of(str(each.get("type", "")))
            if known not in KINDS or (album and known not in ALBUM):
                raise SandboxError("invalid_file")
            said = {"caption": caption} if n == 0 and known != "sticker" else {}
            if album:
                said["media_group_id"] = album
            sent.append(self._said(phone, chat, reply_to, **{known: self._media(known, each)}, **said))
        return sent

    async def phone_share(self, phone: int, what: str) -> Json:
        """Share where one is (`location`) or a contact (`contact`)."""
        shared = {
            "location": {"latitude": 52.520008, "longitude": 13.404954},
            "contact": {"phone_number": "+4930123456", "first_name": "Kim", "last_name": "Larsen"},
        }
        if what not in shared:
            raise SandboxError("invalid_share")
        return self._said(phone, None, None, **{what: shared[what]})

    async def phone_edit(
        self, phone: int, message: int, text: str, chat: int | None = None, file: Json | None = None
    ) -> Json:
        """Change what one has said; of a file its caption, or with `file` the file, too."""
        said = self.telegram.find(chat or phone, message)
        if said is None or said["from"]["id"] != phone:
            raise SandboxError("message_not_found")
        name = "text" if "text" in said else "caption"
        changed = {**said, name: text, "edit_date": int(time.time())}
        if file is not None:
            before = next((kind for kind in ALBUM if kind in said), None)
            if before is None:
                raise SandboxError("invalid_file")
            kind = _kind_of(str(file.get("type", "")))
            changed = {**{k: v for k, v in changed.items() if k != before}, kind: self._media(kind, file)}
        changed.pop("entities" if name == "text" else "caption_entities", None)
        self.telegram.keep(changed)
        self.telegram.tell_bot(edited_message=changed)
        return changed

    async def phone_press(self, phone: int, message: int, data: str, chat: int | None = None) -> None:
        """Press a button under a message of the bot's."""
        said = self.telegram.find(chat or phone, message)
        rows = (said or {}).get("reply_markup", {}).get("inline_keyboard", [])
        if said is None or not any(one.get("callback_data") == data for row in rows for one in row):
            raise SandboxError("button_not_found")
        self.telegram.tell_bot(
            callback_query={
                "id": str(secrets.randbelow(10**18)),
                "from": self.telegram.phone(phone)["user"],
                "message": said,
                "chat_instance": "1",
                "data": data,
            }
        )

    async def phone_block(self, phone: int, blocked: bool) -> None:
        """Block the bot, or let it write again."""
        known = self.telegram.phone(phone)
        if known["blocked"] == blocked:
            return
        self.telegram.keep_phone({**known, "blocked": blocked})
        self._membership(phone, self.telegram.chat(phone), "member", "kicked", blocked)

    async def phone_delete(self, phone: int) -> None:
        """Delete the account: the bot hears nothing of it."""
        self.telegram.keep_phone({**self.telegram.phone(phone), "deleted": True})

    async def new_group(self, title: str, phones: Sequence[int]) -> Json:
        """A group with these people and the bot."""
        chat = {"id": -100 - self.telegram.number("group"), "type": "group", "title": title}
        group = {"chat": chat, "members": [self.telegram.phone(one)["user"]["id"] for one in phones], "kicked": False}
        self.telegram.keep_group(group)
        return group

    async def upgrade_group(self, chat: int) -> Json:
        """Make a supergroup of a group: it has another id from then on."""
        group = self._group(chat)
        number = -1000000000000 - self.telegram.number("group")
        grown = {**group, "chat": {**group["chat"], "id": number, "type": "supergroup"}}
        self.telegram.keep_group(grown)
        self.telegram.keep_group({**group, "moved_to": number})
        told = self.telegram.said(group["chat"], self._member(group), migrate_to_chat_id=number)
        self.telegram.tell_bot(message=told)
        told = self.telegram.said(grown["chat"], self._member(group), migrate_from_chat_id=chat)
        self.telegram.tell_bot(message=told)
        return grown

    async def kick_bot(self, chat: int) -> None:
        group = self._group(chat)
        self.telegram.keep_group({**group, "kicked": True})
        self._membership(group["members"][0], group["chat"], "member", "kicked", True)

    # -- how it is done

    def _said(self, phone: int, chat: int | None, reply_to: int | None, **content: object) -> Json:
        known = self.telegram.phone(phone)
        if known["deleted"]:
            raise SandboxError("phone_not_found")
        place = chat or phone
        if chat is None and (known["blocked"] or not known["started"]):
            known = {**known, "blocked": False, "started": True}
            self.telegram.keep_phone(known)
        try:
            where = self.telegram.chat(place)
        except BotApiError:
            raise SandboxError("chat_not_found") from None
        if reply_to is not None:
            answered = self.telegram.find(place, reply_to)
            if answered is None:
                raise SandboxError("message_not_found")
            content["reply_to_message"] = {k: v for k, v in answered.items() if k != "reply_to_message"}
        message = self.telegram.said(where, known["user"], **content)
        if chat is None or self._hears(message):
            self.telegram.tell_bot(message=message)
        return message

    def _hears(self, message: Json) -> bool:
        """What a bot in privacy mode is told of a group: commands, its name, answers to it."""
        answered = message.get("reply_to_message", {}).get("from", {})
        named = f"@{self.telegram.bot['username']}"
        said = message.get("text") or message.get("caption") or ""
        return said.startswith("/") or named in said or answered.get("id") == self.telegram.bot["id"]

    def _media(self, kind: str, given: Json) -> Json | list[Json]:
        try:
            data = base64.b64decode(given.get("base64", ""), validate=True)
        except (binascii.Error, ValueError) as error:
            raise SandboxError("invalid_file", message=str(error)) from None
        name, mime = str(given.get("name") or kind), str(given.get("type") or "application/octet-stream")
        size = given.get("size")
        file = self.telegram.keep_file(name, mime, data, int(size) if size is not None else None)
        shown = {k: file[k] for k in ("file_id", "file_unique_id", "file_size")}
        if kind == "photo":
            return [{**shown, "width": 90, "height": 90}, {**shown, "width": 1280, "height": 960}]
        if kind == "sticker":
            return {**shown, "type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False,
                    "emoji": "👍"}  # fmt: skip
        more: Json = {"mime_type": mime}
        if kind != "video_note":
            more["file_name"] = name
        if kind != "document":
            more["duration"] = 3
        if kind == "video_note":
            more = {"duration": 3, "length": 240}
        if kind in ("video", "animation"):
            more |= {"width": 640, "height": 480}
        if kind == "voice":
            del more["file_name"]
        return {**shown, **more}

    def _membership(self, phone: int, chat: Json, inside: str, outside: str, is_out: bool) -> None:
        bot, states = self.telegram.bot, (inside, outside) if is_out else (outside, inside)
        old, new = ({"user": bot, "status": one, **({"until_date": 0} if one == "kicked" else {})} for one in states)
        sender = self.telegram.phone(phone)["user"]
        self.telegram.tell_bot(
            my_chat_member={
                "chat": chat,
                "from": sender,
                "date": int(time.time()),
                "old_chat_member": old,
                "new_chat_member": new,
            }
        )

    def _group(self, chat: int) -> Json:
        found = self.telegram.groups.get(str(chat))
        if found is None:
            raise SandboxError("chat_not_found")
        return found

    def _member(self, group: Json) -> Json:
        return self.telegram.phone(group["members"][0])["user"]


def _kind_of(mime: str) -> str:
    return "photo" if mime.startswith("image/") and mime != "image/gif" else "document"


def _entities(text: str, bot: str) -> list[Json]:
    """What a phone marks by itself: a command at the beginning, the bot's name."""
    found = []
    word = text.split(maxsplit=1)[0]
    if word.startswith("/"):
        found.append({"type": "bot_command", "offset": 0, "length": len(word.encode("utf-16-le")) // 2})
    at = text.find(f"@{bot}")
    if at > 0 or (at == 0 and not found):
        before = len(text[:at].encode("utf-16-le")) // 2
        found.append({"type": "mention", "offset": before, "length": len(bot) + 1})
    return found
