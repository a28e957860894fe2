"""What an update says: words, files, an edit, a press, that somebody shut us out, or nothing for a desk. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from telegram import BusinessConnection, CallbackQuery, Chat, ChatMember, Message, MessageEntity, Update, User
from telegram.constants import ChatType

from core.storage.accounts import IN_ACCOUNT
from core.tickets.satisfaction import BEST
from gateways.telegram.client import LARGEST_IN, Me, external_id

Groups = Literal["addressed", "all", "none"]

_LONGEST_NAME = 200
_CHOICE = re.compile(r"w:([0-9]{1,18}):([0-9]{1,18})")
_SCORE = re.compile(r"r:([1-5])")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\]")
_ENDINGS = {
    "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "audio/ogg": ".ogg", "audio/mpeg": ".mp3",
    "video/mp4": ".mp4", "application/x-tgsticker": ".tgs", "video/webm": ".webm",
}  # fmt: skip


class Wanted(NamedTuple):
    """A file that can be asked for."""

    id: str
    name: str
    type: str
    size: int

    @property
    def is_too_large(self) -> bool:
        return self.size > LARGEST_IN


class Said(NamedTuple):
    """Somebody said something to us. `place` is where answers go: a chat, and the topic in it where there are some."""

    external_id: str
    sender: User | Chat
    place: str
    thread: str
    text: str
    files: tuple[Wanted, ...]
    at: datetime
    is_edited: bool
    answers: str | None
    album: str | None
    language: str | None
    is_direct: bool = False  # nobody else is there
    is_owners: bool = False  # said by whose account it is, to a customer
    pieces: tuple[tuple[str, str], ...] = ()  # of an album: the id and the words of each

    @property
    def name(self) -> str:
        return self.sender.full_name or self.sender.username or ""


class Pressed(NamedTuple):
    """Somebody pressed a button of ours. `said` is what the message says from now on."""

    query: str
    chat: int
    message: int
    piece: int
    ticket: int
    said: str


class Chose(NamedTuple):
    """Somebody pressed how they found it, below a question of ours."""

    query: str
    sender: User
    chat: int
    message: int
    score: int


class Started(NamedTuple):
    """Somebody opened a chat with us; `payload` is what the link had that brought them."""

    chat: int
    sender: User
    payload: str


class ShutOff(NamedTuple):
    """Whether we may write there (no more)."""

    chat: int
    is_group: bool
    may_write: bool


class Moved(NamedTuple):
    """A group has another address now."""

    before: int
    after: int


class Connected(NamedTuple):
    """Somebody lets us speak for their account, or not any more."""

    connection: BusinessConnection


class Deleted(NamedTuple):
    """Something that was said in an account that we speak for is there no more."""

    external_ids: tuple[str, ...]


class Nothing(NamedTuple):
    """Nothing for a desk, and why."""

    reason: str


Heard = Said | Pressed | Chose | Started | ShutOff | Moved | Connected | Deleted | Nothing


def read(update: Update, me: Me, groups: Groups = "addressed", owner: int | None = None) -> Heard:
    """What an update says to the desk. `owner`: in whose account it was said, where that is not our bot's own."""
    if (aside := _no_message(update, me, owner)) is not None:
        return aside
    message = update.message or update.edited_message or update.business_message or update.edited_business_message
    if message is None:
        return Nothing("it is no message")
    if message.migrate_to_chat_id is not None:
        return Moved(message.chat.id, message.migrate_to_chat_id)
    sender = message.from_user
    if sender is None or message.chat.type == ChatType.CHANNEL:
        return Nothing("nobody in particular said it")
    if sender.is_bot or message.sender_business_bot is not None:
        return Nothing("a bot said it")
    is_private = message.chat.type == ChatType.PRIVATE
    if not is_private and not _counts(message, me, groups):
        return Nothing("it was said in a group, and not to us")
    if is_private and owner is None and (payload := _start(message)) is not None:
        return Started(message.chat.id, sender, payload)
    text, files = _text(message, me), _files(message)
    if not text and not files:
        return Nothing("it says nothing")
    said = _said(update, message, sender, me, text, files)
    return said if owner is None else _in_account(said, message, me, owner)


def _no_message(update: Update, me: Me, owner: int | None) -> Heard | None:
    """What is no message; None where it may be one."""
    if update.my_chat_member is not None:
        chat = update.my_chat_member.chat
        is_in = update.my_chat_member.new_chat_member.status not in (ChatMember.BANNED, ChatMember.LEFT)
        return ShutOff(chat.id, chat.type != ChatType.PRIVATE, is_in)
    if update.callback_query is not None:
        return _pressed(update.callback_query)
    if update.business_connection is not None:
        return Connected(update.business_connection)
    gone = update.deleted_business_messages
    if gone is not None:
        return Deleted(tuple(external_id(me.id, gone.chat.id, one, owner) for one in gone.message_ids))
    return None


def connection_of(update: Update) -> str | None:
    """The connection with somebody's account by which something came; None where it came to our bot."""
    pressed = update.callback_query.message if update.callback_query else None
    said = update.business_message or update.edited_business_message or update.deleted_business_messages or pressed
    return getattr(said, "business_connection_id", None)


def _in_account(said: Said, message: Message, me: Me, owner: int) -> Said:
    """What was said in somebody's account is answered there, and numbered apart from what is said to our bot."""
    chat, answered = message.chat.id, message.reply_to_message
    return said._replace(
        external_id=external_id(me.id, chat, message.message_id, owner),
        place=f"{chat}{IN_ACCOUNT}{owner}",
        thread=f"{me.id}:b{owner}:{chat}",
        answers=external_id(me.id, chat, answered.message_id, owner) if answered else None,
        is_direct=False,
        is_owners=isinstance(said.sender, User) and said.sender.id == owner,
    )


def _said(update: Update, message: Message, sender: User, me: Me, text: str, files: Sequence[Wanted]) -> Said:
    chat = message.chat.id
    topic = message.message_thread_id if message.is_topic_message else None
    place = f"{chat}/{topic}" if topic else str(chat)
    is_private = message.chat.type == ChatType.PRIVATE
    answered = message.reply_to_message
    is_edited = update.edited_message is not None or update.edited_business_message is not None
    return Said(
        external_id=external_id(me.id, chat, message.message_id),
        sender=sender,
        place=place,
        thread=f"{me.id}:{place}" if is_private else f"{me.id}:{place}:{sender.id}",
        text=text,
        files=tuple(files),
        at=message.edit_date if is_edited and message.edit_date else message.date,
        is_edited=is_edited,
        answers=external_id(me.id, chat, answered.message_id) if answered else None,
        album=message.media_group_id,
        language=sender.language_code,
        is_direct=is_private and not topic,
    )


def choice(piece: int, ticket: int) -> str:
    """What a button tells us: of which message of theirs somebody says which ticket it is about."""
    return f"w:{piece}:{ticket}"


def scores(chosen: int | None = None) -> list[tuple[str, str]]:
    """The buttons of a rating, as (what is told when it is pressed, what it says); what was chosen is marked."""
    return [(f"r:{n}", f"✓ {n} ★" if n == chosen else f"{n} ★") for n in range(1, BEST + 1)]


def _pressed(query: CallbackQuery) -> Heard:
    message = query.message
    if (rated := _SCORE.fullmatch(query.data or "")) and message is not None:
        return Chose(query.id, query.from_user, message.chat.id, message.message_id, int(rated[1]))
    found = _CHOICE.fullmatch(query.data or "")
    if found is None or not isinstance(message, Message):
        return Nothing("it is no button that we know")
    rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
    label = next((one.text for row in rows for one in row if one.callback_data == query.data), "")
    said = f"{message.text or ''}\n✓ {label}".strip()
    return Pressed(query.id, message.chat.id, message.message_id, int(found[1]), int(found[2]), said)


def _counts(message: Message, me: Me, groups: Groups) -> bool:
    """Whether something in a group is for us: by default what names us, answers us, or is a command."""
    if groups != "addressed":
        return groups == "all"
    answered = message.reply_to_message
    if answered is not None and answered.from_user is not None and answered.from_user.id == me.id:
        return True
    marks = [*message.parse_entities().items(), *message.parse_caption_entities().items()]
    return any(_names_us(entity, words, me) for entity, words in marks)


def _names_us(entity: MessageEntity, words: str, me: Me) -> bool:
    if entity.type == MessageEntity.MENTION:
        return words.casefold() == me.door.casefold()
    if entity.type == MessageEntity.TEXT_MENTION:
        return entity.user is not None and entity.user.id == me.id
    return entity.type == MessageEntity.BOT_COMMAND and words.casefold().endswith(me.door.casefold())


def _start(message: Message) -> str | None:
    """What comes behind /start; None where it is something else."""
    word, _, rest = (message.text or "").partition(" ")
    return rest.strip() if word == "/start" else None


def _text(message: Message, me: Me) -> str:
    """Everything in words; what Telegram has forms of its own for, as people would write it."""
    words = message.text or message.caption or ""
    if message.chat.type != ChatType.PRIVATE:
        words = re.sub(rf"\s?{re.escape(me.door)}\b", "", words, flags=re.IGNORECASE)
    said = [words, *_other_forms(message)]
    if message.forward_origin is not None:
        said.insert(0, f"↪ {_origin(message)}")
    return "\n".join(part.strip() for part in said if part.strip())


def _other_forms(message: Message) -> list[str]:
    said: list[str] = []
    place = message.venue.location if message.venue else message.location
    if message.venue is not None:
        said.append(f"{message.venue.title}, {message.venue.address}")
    if place is not None:
        at, on = f"{place.latitude:.6f}", f"{place.longitude:.6f}"
        said.append(f"📍 {at}, {on}\nhttps://www.openstreetmap.org/?mlat={at}&mlon={on}")
    if message.contact is not None:
        known = message.contact
        name = " ".join(filter(None, (known.first_name, known.last_name)))
        said.append(f"👤 {name}, {known.phone_number}")
    if message.sticker is not None:
        said.append(message.sticker.emoji or "")
    if message.dice is not None:
        said.append(f"{message.dice.emoji} {message.dice.value}")
    if message.poll is not None:
        said.append("\n".join([message.poll.question, *(f"- {one.text}" for one in message.poll.options)]))
    return said


def _origin(message: Message) -> str:
    """Who said first what somebody passes on."""
    origin = message.forward_origin
    user, chat = getattr(origin, "sender_user", None), getattr(origin, "chat", None)
    chat = chat or getattr(origin, "sender_chat", None)
    if user is not None:
        return f"{user.full_name}:"
    return f"{chat.title if chat else getattr(origin, 'sender_user_name', '')}:"


def _files(message: Message) -> list[Wanted]:
    found: list[Wanted] = []
    number = message.message_id
    if message.photo:
        largest = max(message.photo, key=lambda one: one.width * one.height)
        found.append(Wanted(largest.file_id, f"photo-{number}.jpg", "image/jpeg", largest.file_size or 0))
    sticker = message.sticker
    if sticker is not None:
        type = "application/x-tgsticker" if sticker.is_animated else "video/webm" if sticker.is_video else "image/webp"
        found.append(Wanted(sticker.file_id, f"sticker-{number}{_ENDINGS[type]}", type, sticker.file_size or 0))
    if message.video_note is not None:
        film = message.video_note
        found.append(Wanted(film.file_id, f"video-{number}.mp4", "video/mp4", film.file_size or 0))
    kinds = {"voice": message.voice, "audio": message.audio, "video": message.video, "animation": message.animation}
    if message.animation is None:  # of these Telegram says both
        kinds["document"] = message.document
    for kind, file in kinds.items():
        if file is not None:
            type = file.mime_type or {"voice": "audio/ogg", "video": "video/mp4"}.get(kind, "application/octet-stream")
            name = getattr(file, "file_name", None) or f"{kind}-{number}{_ENDINGS.get(type, '')}"
            found.append(Wanted(file.file_id, _UNSAFE.sub("_", name)[:_LONGEST_NAME], type, file.file_size or 0))
    return found
