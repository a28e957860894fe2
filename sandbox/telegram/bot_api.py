"""The Bot API by HTTP: methods, long polling, webhooks, files. Unmodified clients run against it."""

import asyncio
import contextlib
import inspect
import json
import time
from collections.abc import Awaitable
from typing import Any

from aiohttp import web

from sandbox.errors import Json
from sandbox.server import inert
from sandbox.telegram.answers import BotApiError, bad, too_many
from sandbox.telegram.chats import FILE_LIMIT, Chats
from sandbox.telegram.entities import parse_html, units
from sandbox.telegram.pushing import USUAL, Pushing

TEXT, CAPTION, CALLBACK, ANSWER = 4096, 1024, 64, 200
UPLOAD_LIMIT = 50 * 1024 * 1024
MOST_UPDATES = 100
ACTIONS = ("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
           "choose_sticker", "find_location", "record_video_note", "upload_video_note")  # fmt: skip
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
TAKEN_OVER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
HOOKED = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


class BotApi:
    """`methods` are those that it knows; every other is 404, loudly."""

    def __init__(self, chats: Chats) -> None:
        self._chats = chats
        self._polls = 0
        self.pushing = Pushing(chats)
        self.methods = {
            name.removeprefix("do_").lower(): method
            for name, method in inspect.getmembers(self, inspect.ismethod)
            if name.startswith("do_")
        }

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", r"/bot{token:\d+:[\w-]+}/{method}", self._serve),
            web.get("/_sandbox/phone_file/{unique}", self._look_at_file),
            web.get(r"/file/bot{token:\d+:[\w-]+}/{path:.+}", self._download),
        ]

    async def close(self) -> None:
        await self.pushing.close()

    # -- one call

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"].lower()
        try:
            if request.match_info["token"] != self._chats.token:
                raise BotApiError(401, "Unauthorized")
            called = self.methods.get(method)
            if called is None:
                raise BotApiError(404, "Not Found")
            given, files = await _given(request)
            await self._go_wrong(method)
            self._chats.calls.append((method, given))
            result = called(given, files)
            if isinstance(result, Awaitable):
                result = await result
        except BotApiError as error:
            said: Json = {"ok": False, "error_code": error.code, "description": error.description}
            if error.parameters:
                said["parameters"] = error.parameters
            return web.json_response(said, status=error.code)
        except (ValueError, KeyError, TypeError) as error:
            said = {"ok": False, "error_code": 400, "description": f"Bad Request: {error}"}
            return web.json_response(said, status=400)
        if method.startswith("send") and self._chats.faults.spend("telegram_lose_answers"):
            if request.transport is not None:
                request.transport.close()
            return web.Response(status=502)
        return web.json_response({"ok": True, "result": result})

    async def _go_wrong(self, method: str) -> None:
        faults = self._chats.faults
        if method in ("getupdates", "getme"):
            return
        if faults.telegram_slow_ms:
            await asyncio.sleep(faults.telegram_slow_ms / 1000)
        if faults.spend("telegram_errors"):
            raise BotApiError(502, "Bad Gateway")
        if faults.spend("telegram_limit_next"):
            raise too_many(faults.telegram_limit_seconds)

    # -- what the bot hears

    def do_getMe(self, given: Json, files: Json) -> Json:  # noqa: N802 (Telegram's names)
        return self._chats.bot

    async def do_getUpdates(self, given: Json, files: Json) -> list[Json]:  # noqa: N802
        """Long polling; whoever asks later ends an earlier call, and `offset` confirms what lies below it."""
        chats = self._chats
        if chats.webhook is not None:
            raise BotApiError(409, HOOKED)
        offset, timeout = int(given.get("offset", 0)), float(given.get("timeout", 0))
        most = min(int(given.get("limit", MOST_UPDATES)), MOST_UPDATES)
        wanted = set(json.loads(given["allowed_updates"])) if given.get("allowed_updates") else set(USUAL)
        self._polls += 1
        mine, until = self._polls, time.monotonic() + timeout
        if offset > 0:
            chats.confirm(offset)
        elif offset < 0:
            last = [one["update_id"] for one in chats.updates.values()][offset:]
            chats.confirm(last[0] if last else 0)
        chats.came.set()  # whoever waits looks, and sees that another asks now
        while True:
            if mine != self._polls:
                raise BotApiError(409, TAKEN_OVER)
            found = chats.waiting(wanted, most)
            left = until - time.monotonic()
            if found or left <= 0:
                return found
            chats.came.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(chats.came.wait(), min(left, 0.5))

    def do_setWebhook(self, given: Json, files: Json) -> bool:  # noqa: N802
        if given.get("drop_pending_updates") == "true":
            self._chats.confirm(1 << 62)
        self.pushing.set(given)
        return True

    def do_deleteWebhook(self, given: Json, files: Json) -> bool:  # noqa: N802
        return self.do_setWebhook({**given, "url": ""}, files)

    def do_getWebhookInfo(self, given: Json, files: Json) -> Json:  # noqa: N802
        return self.pushing.info()

    # -- what the bot says

    def do_sendMessage(self, given: Json, files: Json) -> Json:  # noqa: N802
        return self._sent(given, **_formatted(given, "text", TEXT))

    def do_sendPhoto(self, given: Json, files: Json) -> Json:  # noqa: N802
        file = self._shown("photo", self._file(given, files, "photo"))
        return self._sent(given, photo=file, **_formatted(given, "caption", CAPTION))

    def do_sendDocument(self, given: Json, files: Json) -> Json:  # noqa: N802
        file = self._shown("document", self._file(given, files, "document"))
        return self._sent(given, document=file, **_formatted(given, "caption", CAPTION))

    def do_sendVideo(self, given: Json, files: Json) -> Json:  # noqa: N802
        file = self._shown("video", self._file(given, files, "video"))
        return self._sent(given, video=file, **_formatted(given, "caption", CAPTION))

    def do_sendMediaGroup(self, given: Json, files: Json) -> list[Json]:  # noqa: N802
        media = json.loads(given["media"])
        if not 2 <= len(media) <= 10:
            raise bad("wrong number of messages in the album")
        kinds = {one["type"] for one in media}
        if "document" in kinds and len(kinds) > 1:
            raise bad("document can't be mixed with other media types")
        album = str(self._chats.number("album"))
        found = [(one, self._file({"media": one["media"]}, files, "media")) for one in media]
        shown = [self._shown(one["type"], file) for one, file in found]
        self._where(given)
        self._chats.flood.take(int(given["chat_id"]), len(media))
        return [
            self._sent(
                given,
                paced=False,
                media_group_id=album,
                **{one["type"]: look},
                **_formatted(one, "caption", CAPTION),
            )
            for (one, _), look in zip(found, shown, strict=True)
        ]

    def do_sendChatAction(self, given: Json, files: Json) -> bool:  # noqa: N802
        if given.get("action") not in ACTIONS:
            raise bad("wrong parameter action in request")
        self._chats.show_action(self._where(given), given["action"])
        return True

    def do_editMessageText(self, given: Json, files: Json) -> Json:  # noqa: N802
        message = self._own(given)
        changed = {k: v for k, v in message.items() if k not in ("text", "entities", "reply_markup")}
        changed |= _formatted(given, "text", TEXT) | _markup(given)
        if all(changed.get(k) == message.get(k) for k in ("text", "entities", "reply_markup")):
            raise bad(NOT_MODIFIED)
        return self._edited(changed)

    def do_editMessageReplyMarkup(self, given: Json, files: Json) -> Json:  # noqa: N802
        message = self._own(given)
        changed = {k: v for k, v in message.items() if k != "reply_markup"} | _markup(given)
        if changed.get("reply_markup") == message.get("reply_markup"):
            raise bad(NOT_MODIFIED)
        return self._edited(changed)

    def do_deleteMessage(self, given: Json, files: Json) -> bool:  # noqa: N802
        if not self._chats.drop(int(given["chat_id"]), int(given["message_id"])):
            raise bad("message to delete not found")
        return True

    def do_answerCallbackQuery(self, given: Json, files: Json) -> bool:  # noqa: N802
        if units(given.get("text", "")) > ANSWER:
            raise bad("MESSAGE_TOO_LONG")
        return True

    def do_getBusinessConnection(self, given: Json, files: Json) -> Json:  # noqa: N802
        found = self._chats.businesses.get(given["business_connection_id"])
        if found is None:
            raise bad("business connection not found")
        return found

    def do_setMyCommands(self, given: Json, files: Json) -> bool:  # noqa: N802
        return True

    # -- files

    def do_getFile(self, given: Json, files: Json) -> Json:  # noqa: N802
        file = self._chats.files.get(given["file_id"])
        if file is None:
            raise bad("invalid file_id")
        if file["file_size"] > FILE_LIMIT:
            raise bad("file is too big")
        return {k: file[k] for k in ("file_id", "file_unique_id", "file_size", "file_path")}

    async def _download(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        file = next((one for one in self._chats.files.values() if one["file_path"] == path), None)
        if request.match_info["token"] != self._chats.token or file is None:
            return web.Response(status=404)
        if self._chats.faults.spend("telegram_errors"):
            return web.Response(status=502)
        return web.Response(body=self._chats.bytes_of(file), content_type="application/octet-stream")

    async def _look_at_file(self, request: web.Request) -> web.Response:
        """For the page: what a phone shows of a file."""
        unique = request.match_info["unique"]
        file = next((one for one in self._chats.files.values() if one["file_unique_id"] == unique), None)
        return inert(self._chats.bytes_of(file), file["type"]) if file else web.Response(status=404)

    # -- how it is done

    def _sent(self, given: Json, paced: bool = True, **content: Any) -> Json:
        chat, sender = self._where(given), self._chats.bot
        if business := given.get("business_connection_id"):
            content |= {"business_connection_id": business, "sender_business_bot": self._chats.bot}
            sender = self._chats.businesses[business]["user"]
        if paced:
            self._chats.flood.take(chat["id"])
        if answered := _answered(given):
            message = self._chats.find(chat["id"], answered["message_id"])
            if message is None and not answered.get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
            if message is not None:
                content["reply_to_message"] = {k: v for k, v in message.items() if k != "reply_to_message"}
        return self._chats.said(chat, sender, **content, **_markup(given))

    def _where(self, given: Json) -> Json:
        """The chat, where the bot may write there, by itself or for whom it speaks."""
        if business := given.get("business_connection_id"):
            self._chats.check_business(business)
            return self._chats.chat(int(given["chat_id"]))
        return self._chats.check_open(int(given["chat_id"]))

    def _own(self, given: Json) -> Json:
        message = self._chats.find(int(given["chat_id"]), int(given["message_id"]))
        if message is None:
            raise bad("message to edit not found")
        author = message.get("sender_business_bot", message["from"])
        if author["id"] != self._chats.bot["id"]:
            raise bad("message can't be edited")
        return message

    def _edited(self, changed: Json) -> Json:
        self._chats.flood.take(changed["chat"]["id"])
        changed["edit_date"] = int(time.time())
        self._chats.keep(changed)
        return changed

    def _file(self, given: Json, files: Json, name: str) -> Json:
        said = given.get(name, "")
        part = files.get(said.removeprefix("attach://")) if said.startswith("attach://") else files.get(name)
        if part is None:
            known = self._chats.files.get(said)
            if known is None:
                raise bad("wrong file identifier/HTTP URL specified")
            return known
        file_name, kind, data = part
        if not data:
            raise bad("file must be non-empty")
        if len(data) > UPLOAD_LIMIT:
            raise BotApiError(413, "Request Entity Too Large")
        return self._chats.keep_file(file_name, kind, data)

    def _shown(self, kind: str, file: Json) -> Json | list[Json]:
        shown = {k: file[k] for k in ("file_id", "file_unique_id", "file_size")}
        if kind in ("photo", "video") and self._chats.refused_media:
            raise bad(self._chats.refused_media)
        if kind == "photo":
            if not file["type"].startswith("image/"):
                raise bad("IMAGE_PROCESS_FAILED")
            return [{**shown, "width": 1280, "height": 960}]
        if kind == "video" and not file["type"].startswith("video/"):
            raise bad("VIDEO_CONTENT_TYPE_INVALID")
        more: Json = {"file_name": file["name"], "mime_type": file["type"]}
        if kind in ("video", "audio"):
            more["duration"] = 3
        if kind == "video":
            more |= {"width": 640, "height": 480}
        return {**shown, **more}


async def _given(request: web.Request) -> tuple[Json, Json]:
    """Arguments, whose nested ones are JSON as text, and files by the name of their part."""
    given: Json = dict(request.query)
    files: Json = {}
    if request.method != "POST":
        return given, files
    if request.content_type == "application/json":
        said = await request.json()
        given |= {name: value if isinstance(value, str) else json.dumps(value) for name, value in said.items()}
        return given, files
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = (value.filename, value.content_type, value.file.read())
        else:
            given[name] = value if isinstance(value, str) else value.decode()
    return given, files


def _formatted(given: Json, name: str, most: int) -> Json:
    """A text or a caption with its entities."""
    text = str(given.get(name) or "")
    mode, entities = given.get("parse_mode"), given.get("entities") or given.get(f"{name}_entities")
    marks = json.loads(entities) if isinstance(entities, str) else entities or []
    if mode:
        if mode != "HTML":
            raise bad("unsupported parse_mode")
        text, marks = parse_html(text)
    if name == "text" and not text.strip():
        raise bad("message text is empty")
    if units(text) > most:
        raise bad("message is too long" if name == "text" else "message caption is too long")
    return {name: text, "entities" if name == "text" else "caption_entities": marks} if text else {}


def _answered(given: Json) -> Json | None:
    if given.get("reply_parameters"):
        return json.loads(given["reply_parameters"])
    if given.get("reply_to_message_id"):
        return {"message_id": int(given["reply_to_message_id"])}
    return None


def _markup(given: Json) -> Json:
    markup = json.loads(given["reply_markup"]) if given.get("reply_markup") else {}
    for row in markup.get("inline_keyboard", []):
        for button in row:
            if not button.get("text"):
                raise bad('can\'t parse inline keyboard button: field "text" must be non-empty')
            if len(button.get("callback_data", "").encode()) > CALLBACK:
                raise bad("BUTTON_DATA_INVALID")
    return {"reply_markup": markup} if markup.get("inline_keyboard") else {}
