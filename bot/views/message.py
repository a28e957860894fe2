"""A message in a ticket's thread: what the customer wrote, what we answered and how far it came, what stays inside."""

from __future__ import annotations

from collections.abc import Sequence

from bot.reader import Reader
from bot.views.calls import agent, calling
from bot.views.person import way
from bot.views.shown import Shown, summary
from bot.views.words import (
    NO_WORDS,
    channel,
    copies,
    doubt,
    files,
    folded,
    listed,
    nature,
    revised,
    sealed,
    small,
    when,
)
from core.desk.showing import Spoken
from core.phrases import phrase, phrases
from core.tickets.model import Attachment, Delivery, Message, Part
from core.tickets.suppression import Verdict, verdict
from gateways.slack.wire.blocks import (
    Blocks,
    Element,
    actions,
    asking,
    button,
    context,
    date,
    label,
    paragraph,
    quote,
    rich,
    words,
)
from gateways.slack.wire.text import cut, fits, one_line, set_apart

SHOWN = 10_000
"""Characters: Slack takes about 13,000 in all the blocks of a message. The whole of longer ones comes as a file."""

FILES_AT_ONCE = 20
"""Of more files in a message, the others come when an agent asks for them, as many at a time."""

NAMES = 6000
"""Characters of the names of those that have not come yet."""

REASON = 500
NAME = 200
_FAILED = {
    Delivery.FAILED: phrase("Not delivered:"),
    Delivery.PARTLY: phrase("Not delivered to everybody:"),
}
_HELP = {
    Verdict.GONE: phrase("There is no such address. Ask the customer in another way; the desk writes there no more."),
    Verdict.FAILING: phrase("That may pass: you can send it again later."),
    Verdict.POLICY: phrase("They do not take mail from us; the desk's supervisors are told."),
    Verdict.TOO_LARGE: phrase("It is too large for them. Send smaller files, or a link."),
    Verdict.UNWRITABLE: phrase(
        "The address has letters that a mail server on the way cannot handle. Ask the customer for another address."
    ),
}
_OTHERWISE = phrase("You can send it again, or reach the customer in another way.")
_ANNOUNCED = {
    Part.ACKNOWLEDGEMENT: phrase("Acknowledgement to the customer"),
    Part.REMINDER: phrase("Reminder to the customer"),
    Part.CLOSING: phrase("Closing word to the customer"),
    Part.NOTICE: phrase("Notice to the customer"),
    Part.RATING: phrase("The customer is asked how it was"),
    Part.RATING_WHY: phrase("The customer is asked what was wrong"),
}


def show(spoken: Spoken) -> Shown:
    """The message as everybody in the thread sees it."""
    reader = Reader(spoken.locale)
    match spoken.message.part:
        case Part.REQUESTER | Part.STRANGER:
            return _heard(spoken, reader)
        case Part.REPLY:
            return _answered(spoken, reader)
        case Part.NOTE:
            return _noted(spoken.message, reader)
        case _:
            return _announced(spoken.message, reader)


def first(spoken: Spoken) -> Shown:
    """The message as it is posted: whoever has the ticket is called to what the customer writes into it."""
    shown, call = show(spoken), agent(spoken.concerns)
    if call is None or not spoken.is_news:
        return shown
    return calling(call, Reader(spoken.locale).say(phrase("The customer wrote:")), shown)


def is_for_all(spoken: Spoken) -> bool:
    """Whether everybody should see it, because nobody in particular will."""
    return spoken.is_news and agent(spoken.concerns) is None


def failure(spoken: Spoken) -> Shown | None:
    """What is said when an answer did not arrive, to whoever wrote it. None where it has arrived after all."""
    message, call = spoken.message, agent(spoken.concerns)
    if message.delivery is None or message.delivery not in _FAILED:
        return None
    reader = Reader(spoken.locale)
    help = _HELP.get(verdict(message.reason or ""), _OTHERWISE)
    reason = _reason(message)
    ended = reason if not reason or reason.endswith((".", "!", "?", "…")) else f"{reason}."
    other = _elsewhere(spoken, reader)
    said = " ".join(filter(None, (reader.say(_FAILED[message.delivery]), ended, reader.say(help), other)))
    shown = Shown(summary(said), [rich(quote(_said(message), REASON))])
    return calling(call, said, shown) if call else shown._replace(blocks=[small(f"🔴 {said}"), *shown.blocks])


def rest(message: Message, left: Sequence[tuple[int, Attachment]], locale: str) -> Shown:
    """Which files of a message are not in the thread yet, each with how many stand before it, and a button for more."""
    reader = Reader(locale)
    if not left:
        said = reader.say(phrase("All files of this message are in the thread."))
        return Shown(summary(said), [small(f"📎 {said}")])
    said = reader.say(
        phrases("{count} more file came with this message:", "{count} more files came with this message:", len(left))
    )
    named = listed([file for _, file in left], reader, NAMES)
    more = phrases("Show the next file", "Show the next {count} files", min(len(left), FILES_AT_ONCE))
    after = f"{message.id}:{left[0][0]}"
    return Shown(
        summary(f"📎 {said}"),
        [
            rich(paragraph(words("📎 "), words(said, "bold"), words(f" {named}"))),
            actions("files", button("files", reader.say(more), after)),
        ],
    )


def is_cut(message: Message) -> bool:
    """Whether the thread shows only the beginning of these words."""
    return not fits(message.reply_text or message.text, SHOWN)


def customer(name: str, reader: Reader) -> str:
    """A customer's name as a poster's: never to be taken for a colleague's."""
    return reader.say(phrase("{name} (customer)", name=set_apart(name, 50) or reader.say(phrase("Unnamed"))))


def _heard(spoken: Spoken, reader: Reader) -> Shown:
    message = spoken.message
    kind = nature(message.nature)
    name = message.author_name or spoken.requester
    blocks: Blocks = [small(reader.say(kind))] if kind else []
    blocks += [*doubt(message, reader), *sealed(message, reader)]
    if _said(message):
        blocks.append(_text(message, reader))
    elif not message.is_encrypted and message.deleted_at is None:
        blocks.append(small(reader.say(NO_WORDS)))
    blocks += [
        *files(message.files, reader),
        *folded(message, reader),
        *copies(message.copied, reader),
        *revised(message, reader),
        *_via(spoken, reader),
    ]
    return Shown(summary(_said(message)), blocks, customer(name, reader))


def _answered(spoken: Spoken, reader: Reader) -> Shown:
    message = spoken.message
    said = reader.say(phrase("{name} answered the customer", name=set_apart(message.author_name, NAME)))
    if spoken.via:
        said += f" · {channel(spoken.via, reader)}"
    blocks: Blocks = [small(f"💬 {said}")]
    if message.delivery is Delivery.UNDONE:
        blocks += [_text(message, reader, "strike"), small(reader.say(phrase("Taken back. The customer got nothing.")))]
        return Shown(summary(said), blocks)
    if message.is_withdrawn:
        blocks.append(small(reader.say(phrase("Taken back after it had left. The customer may have read it."))))
        return Shown(summary(said), blocks)
    if message.deleted_at is not None:
        return Shown(summary(said), [*blocks, *revised(message, reader)])
    blocks += [_text(message, reader), *files(message.attachments, reader), *copies(message.copied, reader)]
    blocks += [*_mark(message, reader), *_changed(message, reader)]
    if spoken.can_change:
        blocks.append(_changing(message, reader))
    if message.delivery is Delivery.HELD:
        undo = reader.say(phrase("Undo"))
        blocks.append(actions("undo", button("undo", undo, message.id)))
    return Shown(summary(f"{said}: {_said(message)}"), blocks)


def _changed(message: Message, reader: Reader) -> Blocks:
    """That an answer has other words than it left with."""
    if message.edited_at is None:
        return []
    said = reader.say(phrase("Changed after it had left"))
    return [context(label(f"✎ {said}", 200), when(message.edited_at, reader))]


def _changing(message: Message, reader: Reader) -> Element:
    """What can still be done about an answer that is with its reader."""
    sure = asking(
        reader.say(phrase("Take this answer back?")),
        reader.say(phrase("It vanishes where the customer reads it. They may have read it already.")),
        reader.say(phrase("Take back")),
        reader.say(phrase("Leave it")),
    )
    change = button("amend", reader.say(phrase("Change")), message.id)
    return actions("amend", change, button("withdraw", reader.say(phrase("Take back")), message.id, None, sure))


def _elsewhere(spoken: Spoken, reader: Reader) -> str:
    """Where the customer can be answered instead."""
    if not spoken.elsewhere:
        return ""
    known = ", ".join(way(one, reader) for one in spoken.elsewhere[:3])
    return reader.say(phrase("Reply again and choose another way: {ways}.", ways=known))


def _via(spoken: Spoken, reader: Reader) -> Blocks:
    """By which channel, where the ticket goes on in several."""
    return [small(channel(spoken.via, reader))] if spoken.via else []


def _noted(message: Message, reader: Reader) -> Shown:
    name = set_apart(message.author_name, NAME)
    said = reader.say(
        phrase("Internal note by {name}, who wrote it by mail. The customer does not see it.", name=name)
        if message.is_by_mail
        else phrase("Internal note by {name}. The customer does not see it.", name=name)
    )
    blocks = [small(f"🔒 {said}"), _text(message, reader), *files(message.files, reader), *folded(message, reader)]
    return Shown(summary(f"{said} {_said(message)}"), blocks)


def _announced(message: Message, reader: Reader) -> Shown:
    said = reader.say(_ANNOUNCED[message.part])
    if message.delivery in _FAILED:
        return Shown(summary(said), [small(f"✉ {said}"), *_mark(message, reader)])
    return Shown(summary(said), [context(label(f"✉ {said}", 200), label(_how_far(message, reader), 200))])


def _mark(message: Message, reader: Reader) -> Blocks:
    """How far it has come on its way out."""
    match message.delivery:
        case Delivery.HELD if message.send_at is not None:
            leaves = words(reader.say(phrase("Leaves at")) + " ")
            return [rich(paragraph(leaves, date(message.send_at, reader.moment(message.send_at), "{time_secs}")))]
        case Delivery.FAILED | Delivery.PARTLY:
            said = reader.say(_FAILED[message.delivery])
            return [rich(paragraph(words("🔴 "), words(said, "bold"), words(f" {_reason(message)}")))]
        case _:
            return [small(_how_far(message, reader))]


def _how_far(message: Message, reader: Reader) -> str:
    return reader.say(phrase("Sent ✓") if message.delivery is Delivery.SENT else phrase("On its way"))


def _reason(message: Message) -> str:
    """Why it was not delivered, in the other side's words."""
    return cut(one_line(message.reason or ""), REASON)


def _text(message: Message, reader: Reader, *styles: str) -> Element:
    text = cut(_said(message), SHOWN, lambda missing: "\n" + reader.more(missing))
    return rich(paragraph(words(text, *styles)))  # type: ignore[arg-type]


def _said(message: Message) -> str:
    return message.reply_text or message.text
