"""A ticket's whole conversation in one window with what happened meanwhile, and what the customer is known by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from bot.reader import Reader
from bot.views.words import channel, doubt, files, sealed, small, title, when
from core.desk.showing import Card, Story
from core.phrases import Phrase, phrase, phrases
from core.tickets import events as e
from core.tickets.model import MERGING, By, Delivery, Message, Part
from core.tickets.satisfaction import stars
from core.tickets.sources import source_of
from gateways.slack.wire.blocks import VIEW_BLOCKS, Block, Blocks, context, label, modal, plain, quote, rich, section
from gateways.slack.wire.text import set_apart

LAST = 25
"""Messages; a window takes a hundred blocks."""

EACH = 1500
_SAYING = (e.RequesterWrote, e.StrangerWrote, e.Replied, e.Noted, e.Announced)
_NAMES = {
    Part.ACKNOWLEDGEMENT: phrase("Acknowledgement"),
    Part.REMINDER: phrase("Reminder"),
    Part.CLOSING: phrase("Closing word"),
    Part.NOTICE: phrase("Notice"),
    Part.RATING: phrase("How was it?"),
    Part.RATING_WHY: phrase("What was wrong?"),
}
_WITHHELD = {
    Part.ACKNOWLEDGEMENT: phrase("No acknowledgement was sent: mail there does not arrive, or is not wanted"),
    Part.REMINDER: phrase("No reminder was sent: mail there does not arrive, or is not wanted"),
    Part.CLOSING: phrase("No closing word was sent: mail there does not arrive, or is not wanted"),
}


def show(card: Card, story: Story, reader: Reader) -> Block:
    """The newest messages, and what happened between them, oldest first."""
    parts = list(_parts(card, story, reader))
    blocks: Blocks = []
    shown = 0
    while parts and shown < LAST and len(blocks) + len(parts[-1].blocks) <= VIEW_BLOCKS - 2:
        part = parts.pop()
        blocks = part.blocks + blocks
        shown += part.is_message
    before = sum(part.is_message for part in parts)
    if before:
        older = phrases("{count} earlier message is not shown.", "{count} earlier messages are not shown.", before)
        blocks.insert(0, small(reader.say(older)))
    top = section(plain(title(card.ticket.number, card.subject, reader), 300))
    return _window(phrase("Ticket #{number}", number=card.ticket.number), [top, *blocks], reader)


class _Part(NamedTuple):
    is_message: bool
    blocks: Blocks


def _parts(card: Card, story: Story, reader: Reader) -> Iterator[_Part]:
    """Each message where its event stands, and each event that people want to know of."""
    ways = {message.channel for message in story.said if message.channel} | {card.ticket.thread.channel}
    said = {message.id: message for message in story.said}
    parts = {message.id: message.part for message in story.said}
    for event in story.happened:
        message = said.pop(event.message, None) if isinstance(event, _SAYING) else None
        if message is not None:
            yield _Part(True, _message(message, card, reader, len(ways) > 1))
        elif (line := _line(event, story, parts)) is not None:
            yield _Part(False, [context(label(reader.say(line), 150), when(event.at, reader))])
    for message in said.values():
        yield _Part(True, _message(message, card, reader, len(ways) > 1))


def _message(message: Message, card: Card, reader: Reader, several: bool) -> Blocks:
    """`several`: the ticket went on by more than one channel, so each message says by which."""
    by = reader.say(_author(message, card))
    if message.channel and several:
        by = f"{by} · {channel(message.channel, reader)}"
    blocks: Blocks = [context(label(by, 150), when(message.at, reader))]
    blocks += [*doubt(message, reader), *sealed(message, reader)]
    if message.deleted_at is None and (message.reply_text or message.text):
        blocks.append(rich(quote(message.reply_text or message.text, EACH, reader.more)))
    return blocks if message.part is Part.STRANGER else blocks + files(message.files, reader)


def _line(event: e.Event, story: Story, parts: Mapping[int, Part]) -> Phrase | None:
    """What is told of an event; None of most."""

    def name(agent: str) -> str:
        return set_apart(story.names.get(agent) or source_of(agent) or agent, 100)

    match event:
        case e.LetIn() | e.TurnedAway() | e.Merged() | e.Split():
            return _decision(event, name(event.by or ""), story)
        case e.Withheld(part=part):
            return _WITHHELD.get(part)
        case e.Claimed() | e.Released() | e.TasksPlanned():
            return _passed_on(event, name)
        case e.Rated(score=score):
            return phrase("The customer's rating: {stars}", stars=stars(score))
        case e.Closed():
            return _closed(By(event.by), name(event.by))
        case e.Reopened(by=str(agent)) if not By(agent).is_rule:
            return phrase("{name} opened the ticket again", name=name(agent))
        case e.Reopened():
            return _open_again(event, parts)
        case e.Corrected() | e.Understood() | e.Gathered() | e.Parted():
            return _understood(event, name)
        case _:
            return _with_others(event, name)


def _passed_on(event: e.Claimed | e.Released | e.TasksPlanned, name: Callable[[str], str]) -> Phrase:
    """Who took the ticket, was given it, put it back, or split it."""
    if isinstance(event, e.TasksPlanned):
        by = phrase("The desk") if By(event.by).is_rule else name(event.by)
        return phrases(
            "{name} split the ticket into {count} task",
            "{name} split the ticket into {count} tasks",
            len(event.tasks),
            name=by,
        )
    if isinstance(event, e.Released):
        if By(event.by).is_rule:
            return phrase("The desk put the ticket back into its queue")
        return phrase("{name} put the ticket back into its queue", name=name(event.by))
    if event.given_by is None:
        return phrase("{name} took the ticket", name=name(event.by))
    if By(event.given_by).is_rule:
        return phrase("{name} was given the ticket by the desk", name=name(event.by))
    return phrase("{name} was given the ticket by {giver}", name=name(event.by), giver=name(event.given_by))


def _understood(event: e.Corrected | e.Understood | e.Gathered | e.Parted, name: Callable[[str], str]) -> Phrase | None:
    if isinstance(event, e.Parted):
        return phrase("{name} found that it is another matter", name=name(event.by))
    if isinstance(event, e.Gathered):
        about = {"lead": event.lead}
        if event.by is None:
            return phrase("The desk put it to the tickets under #{lead}, which say the same", **about)
        return phrase("{name} found that it is one matter with #{lead}", name=name(event.by), **about)
    if isinstance(event, e.Corrected):
        return phrase("{name} corrected what was understood", name=name(event.by))
    return None if event.raised is None else phrase("The desk found it more urgent, by the customer's words")


def _with_others(event: e.Event, name: Callable[[str], str]) -> Phrase | None:
    """What it has to do with other tickets; None of everything else."""
    match event:
        case e.MergedInto():
            return phrase("{name} merged the ticket into #{number}", name=name(event.by), number=event.into)
        case e.TookIn():
            return phrase("{name} merged #{number} into this ticket", name=name(event.by), number=event.ticket)
        case e.Unmerged():
            return phrase(
                "{name} took back that the ticket goes on in #{number}", name=name(event.by), number=event.into
            )
        case e.LetGo():
            return phrase(
                "{name} took back that #{number} goes on in this ticket", name=name(event.by), number=event.ticket
            )
        case e.SplitOff():
            return phrase("{name} split some of it off into #{number}", name=name(event.by), number=event.into)
        case _:
            return None


def _who(event: e.Merged | e.Split, name: str) -> Phrase:
    """What was found of who the customer is."""
    if isinstance(event, e.Split):
        return phrase("{name} found that the customer and somebody else are two people", name=name)
    if event.by is None:
        return phrase("Somebody followed our link, and counts as the customer")
    return phrase("{name} found that the customer and somebody else are one person", name=name)


def _closed(by: By, name: str) -> Phrase | None:
    if by == MERGING:
        return None  # what it goes on in was said
    if by.is_requester:
        return phrase("The customer closed the ticket")
    return (
        phrase("The desk closed the ticket by itself") if by.is_rule else phrase("{name} closed the ticket", name=name)
    )


def _decision(event: e.LetIn | e.TurnedAway | e.Merged | e.Split, name: str, story: Story) -> Phrase:
    """What was found of who the customer is, or became of somebody who did not take part. Of some it is not known what
    they call themselves.
    """
    if isinstance(event, e.Merged | e.Split):
        return _who(event, name)
    stranger = set_apart(story.strangers.get(event.person, ""), 100)
    about = {"name": name, "stranger": stranger or phrase("somebody")}
    if isinstance(event, e.LetIn):
        return phrase("{name} let {stranger} in", **about)
    if event.own is None:
        return phrase("{name} put {stranger} out", **about)
    return phrase("{name} gave {stranger} a ticket of their own: #{number}", **about, number=event.own)


def _open_again(event: e.Reopened, parts: Mapping[int, Part]) -> Phrase:
    """Why a ticket is open again that nobody opened."""
    if event.by is not None:
        return phrase("Open again, because no mail reaches the customer")
    if parts.get(event.message or 0) is Part.REPLY:
        return phrase("Open again, because an answer did not arrive")
    return phrase("Open again, because the customer wrote")


def _author(message: Message, card: Card) -> Phrase:
    name = set_apart(message.author_name or card.requester, 100)
    match message.part:
        case Part.REQUESTER if message.edited_at is not None:
            return phrase("{name} wrote, and changed it later", name=name)
        case Part.REQUESTER:
            return phrase("{name} wrote", name=name)
        case Part.STRANGER:
            return phrase("{name} wrote, and does not take part", name=name)
        case Part.REPLY:
            return _replied(message, name)
        case Part.NOTE if message.deleted_at is not None:
            return phrase("Internal note by {name}, deleted", name=name)
        case Part.NOTE if message.edited_at is not None:
            return phrase("Internal note by {name}, edited", name=name)
        case Part.NOTE if message.is_by_mail:
            return phrase("Internal note by {name}, by mail", name=name)
        case Part.NOTE:
            return phrase("Internal note by {name}", name=name)
        case part:
            return _NAMES[part]


def _replied(message: Message, name: str) -> Phrase:
    if message.delivery is Delivery.UNDONE:
        return phrase("{name} took this answer back", name=name)
    if message.is_withdrawn:
        return phrase("{name} answered; it was taken back after it had left", name=name)
    if message.edited_at is not None:
        return phrase("{name} answered; it was changed after it had left", name=name)
    return phrase("{name} answered", name=name)


def _window(name: Phrase, blocks: Blocks, reader: Reader) -> Block:
    return modal("read", reader.say(name), reader.say(phrase("Close")), blocks)
