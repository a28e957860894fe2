"""The desk's own nouns as agents read them: statuses, channels, kinds of mail, files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot.reader import Reader
from core.phrases import Phrase, phrase, phrases
from core.storage.rooms import Post
from core.tickets.model import Address, Attachment, Message, Nature, Status
from core.tickets.natures import NATURES
from gateways.slack.wire.blocks import Block, Element, button, context, date_words, label, mrkdwn, plain, section
from gateways.slack.wire.text import escape, one_line, set_apart

COPIED = 5
"""People whom a message names; of more it says how many."""

LARGEST_FILE = 1_000_000_000
"""Bytes: Slack takes no larger file. Of those only name and size are shown."""

NAMED_FILES = 10
"""Attachments named one by one; of more, the rest is counted."""

_STATUS = {
    Status.NEW: phrase("New"),
    Status.OPEN: phrase("Open"),
    Status.PENDING: phrase("Waiting for the customer"),
    Status.ON_HOLD: phrase("On hold"),
    Status.CLOSED: phrase("Closed"),
}
CHANNELS: Mapping[str, Phrase] = {
    "email": phrase("Email"),
    "telegram": phrase("Telegram"),
    "slack": phrase("Slack"),
    "web": phrase("Web API"),
    "page": phrase("Contact form"),
}
NO_WORDS = phrase("There are no words in it.")
_URGENCY = ("", "🟡", "🟠", "🔴")


Where = Callable[[Post], str]
"""The address of what stands somewhere."""


def status(known: Status) -> Phrase:
    return _STATUS[known]


def channel(name: str, reader: Reader) -> str:
    return reader.say(CHANNELS[name]) if name in CHANNELS else name


def nature(known: Nature) -> Phrase | None:
    """What sort of mail it is, where no person wrote it."""
    return NATURES.get(known)


def doubt(message: Message, reader: Reader) -> list[Block]:
    """That a message may not be from where it says; nothing where nothing speaks against it."""
    if not message.vouched.failed:
        return []
    said = phrase(
        "This mail may be forged: {domain} does not confirm that it comes from there.",
        domain=set_apart(message.vouched.domain, 100),
    )
    return [small(f"⚠ {reader.say(said)}")]


def sealed(message: Message, reader: Reader) -> list[Block]:
    """That something in a message can be read with a key only, and what helps; and that a signature proves nothing."""
    signed = phrase("This mail carries a signature, which the desk has not checked: it proves nothing.")
    said = encrypted(bool(message.files), reader) if message.is_encrypted else []
    return [*said, small(f"✍ {reader.say(signed)}")] if message.is_signed else said


def encrypted(has_files: bool, reader: Reader) -> list[Block]:
    """That something in a mail can be read with a key only, and what helps."""
    said = (
        phrase(
            "This mail is encrypted, and the desk cannot read it. Ask the sender to write unencrypted, or open the "
            "file in a program that has the key."
        )
        if has_files
        else phrase(
            "Part of this mail is encrypted, and the desk cannot read it. Ask the sender to write unencrypted, or put "
            "the text into a program that has the key."
        )
    )
    return [small(f"🔐 {reader.say(said)}")]


def revised(message: Message, reader: Reader) -> list[Block]:
    """That whoever wrote a message has changed its words since, or deleted them."""
    if message.deleted_at is not None:
        gone = phrase("Deleted by whoever wrote it.")
        return [small(f"✎ {reader.say(gone)}")]
    if message.edited_at is None:
        return []
    said = reader.say(phrase("Changed by the customer"))  # not within the other string: it would not be extracted
    return [context(label(f"✎ {said}", 200), when(message.edited_at, reader))]


def urgency(degree: int) -> str:
    """A circle that grows hotter; nothing for what can wait."""
    return _URGENCY[min(max(degree, 0), 3)]


def title(number: int, subject: str, reader: Reader) -> str:
    """What a ticket is called."""
    return f"#{number} {set_apart(subject, 250) or reader.say(phrase('(no subject)'))}"


def who(name: str, address: str) -> str:
    """A person from outside by name and address, where they have one that a reader could write to."""
    named, known = set_apart(name, 120), set_apart(address, 200)
    return f"{named} <{known}>" if named and known and one_line(name) != one_line(address) else known or named


def copies(copied: Sequence[Address], reader: Reader) -> list[Block]:
    """Who else a message was or is sent to."""
    if not copied:
        return []
    named = ", ".join(who(one.name, one.address) for one in copied[:COPIED])
    more = f" … +{len(copied) - COPIED}" if len(copied) > COPIED else ""
    return [small(reader.say(phrase("Copies to: {people}", people=named)) + more)]


def when(at: datetime, reader: Reader) -> Element:
    """A moment, in each reader's own zone."""
    return mrkdwn(date_words(at, escape(reader.moment(at))))


def fitting(attached: Sequence[Attachment]) -> list[Attachment]:
    """Those that can be put into a thread, folded ones last: Slack takes no empty ones."""
    return sorted((file for file in attached if 0 < file.size <= LARGEST_FILE), key=lambda file: file.folded)


def folded(message: Message, reader: Reader) -> list[Block]:
    """That pictures of a signature or a quotation came along, and a button that shows them in the thread."""
    fit = fitting(message.attachments)
    many = sum(file.folded for file in fit)
    if not many:
        return []
    said = phrases(
        "{count} picture of the signature or of quoted text is not shown.",
        "{count} pictures of the signature or of quoted text are not shown.",
        many,
    )
    show = button("files", reader.say(phrase("Show")), f"{message.id}:{len(fit)}")
    return [section(plain(f"🖼 {reader.say(said)}", 200), show)]


def files(attached: Sequence[Attachment], reader: Reader) -> list[Block]:
    """What came with a message, by name and size."""
    return [context(plain(f"📎 {listed(attached, reader, most=NAMED_FILES)}", 2000))] if attached else []


def listed(attached: Sequence[Attachment], reader: Reader, room: int = 2000, most: int = 1000) -> str:
    """Files by name and size: at most so many, as far as `room` characters hold them. Of more, the rest is counted."""
    named: list[str] = []
    for file in attached[:most]:
        named.append(f"{set_apart(file.name, 60) or reader.say(phrase('unnamed'))} ({reader.sized(file.size)})")
        room -= len(named[-1]) + 2
        if room < 0:
            named.pop()
            break
    rest = len(attached) - len(named)
    if rest:
        named.append(reader.say(phrases("{count} more file", "{count} more files", rest)))
    return ", ".join(named)


def small(*texts: str) -> Block:
    """Small print, of words that may come from outside."""
    return context(*(label(text, 500) for text in texts if text))
