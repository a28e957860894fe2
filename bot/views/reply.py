"""The window in which a customer is answered, and the one that shows exactly what they get."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from bot.reader import Reader
from bot.views.person import way
from bot.views.words import channel, doubt, files, sealed, small, title, who
from core.desk.answering import Copyable, Letter
from core.desk.showing import Card
from core.phrases import Phrase, phrase
from core.storage.handed import Handed
from core.storage.people import Identity
from core.storage.suppressed import Suppressed
from core.tickets.carrying import MOST_FILES
from core.tickets.channels import manner
from core.tickets.model import Message
from core.tickets.suppression import Kind
from gateways.slack.wire.blocks import (
    Block,
    Blocks,
    Element,
    actions,
    button,
    field,
    file_input,
    modal,
    multi_select,
    option,
    paragraph,
    plain,
    quote,
    radio,
    rich,
    search_select,
    section,
    select,
    text_input,
    words,
)
from gateways.slack.wire.text import cut, one_line, set_apart

CALLBACK = "reply"
SHOWN = 1500
"""Characters of the customer's last words above the answer."""

MOST_LISTED = 100
"""Templates that a plain list takes; of more one is searched."""

LONGEST_VALUE = 150
"""Characters of what stands behind a choice: Slack takes no more."""

WAIT, CLOSE = "wait", "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An answer being written. `round` counts how often we put text into the input: a new one shows it anew."""

    ticket: int
    seen: int
    template: str | None = None
    round: int = 0
    text: str = ""
    then: str = WAIT
    reopen: bool = False  # the agent knows that the ticket is closed
    copied: tuple[str, ...] | None = None  # addresses; None: as with the last answer
    files: tuple[str, ...] = ()  # ids of those that were handed over already
    way: int = 0  # to the address of which of those who are the customer; 0: where answers go already

    @property
    def notes(self) -> str:
        """What comes back with the window: ids only."""
        ids = {"ticket": self.ticket, "seen": self.seen, "template": self.template, "round": self.round}
        return json.dumps({**ids, "reopen": self.reopen})


class Attachable(NamedTuple):
    """What can be attached. `handed` are files that lie in Slack already; `lacking` says why there can be no others."""

    handed: Sequence[Handed] = ()
    lacking: Phrase | None = None


class Readers(NamedTuple):
    """Who gets an answer, and where: people who may get a copy, other addresses of the customer's, and the channels
    that they can be invited to.
    """

    copyable: Sequence[Copyable] = ()
    ways: Sequence[Identity] = ()
    invites: Sequence[str] = ()


def show(
    draft: Draft,
    card: Card,
    last: Message | None,
    templates: list[tuple[str, str]],
    reader: Reader,
    warnings: Sequence[Phrase] = (),
    readers: Readers | None = None,
    attachable: Attachable | None = None,
) -> Block:
    """The window. `templates` are (name, title); `warnings` say what must be known before sending."""
    readers = readers or Readers()
    blocks: Blocks = [
        section(plain(title(card.ticket.number, card.subject, reader), 300)),
        small(reader.say(phrase("To {customer}", customer=_reader(card)))),
        *(_warning(warning, reader) for warning in warnings),
        *_last_words(last, reader),
        *_picker(templates, reader),
        field(f"text-{draft.round}", reader.say(phrase("Your answer")), text_input("text", draft.text)),
        *_ways(draft, card, readers.ways, reader),
        *_copies(draft, readers.copyable, reader),
        *_attaching(draft, attachable, reader),
        field("then", reader.say(phrase("And then")), _then(draft, reader)),
        actions(
            "look",
            button("preview", reader.say(phrase("Preview")), card.ticket.number),
            *(_invite(one, card, reader) for one in readers.invites[:3]),
        ),
    ]
    return modal(
        CALLBACK,
        reader.say(phrase("Reply to #{number}", number=card.ticket.number)),
        reader.say(phrase("Cancel")),
        blocks,
        submit=reader.say(phrase("Reopen and send") if draft.reopen else phrase("Send")),
        metadata=draft.notes,
    )


def preview(letter: Letter, card: Card, reader: Reader) -> Block:
    """Exactly what the customer gets."""
    by = set_apart(letter.sender, 200)
    to = _reader(card) if letter.to is None else who(letter.to.name, letter.to.address)
    said = reader.say(phrase("This is what {customer} gets from {sender}:", customer=to, sender=by))
    return modal(
        "preview",
        reader.say(phrase("Preview")),
        reader.say(phrase("Back")),
        [section(plain(said, 500)), rich(quote(letter.text, 12_000, reader.more))],
    )


def others(card: Card, agent: str, ago: timedelta) -> Phrase | None:
    """A colleague is at it: who answers all the same should know."""
    if card.ticket.assignee in (None, agent):
        return None
    return phrase("{name} took this ticket {ago}.", name=set_apart(card.assignee or "", 200), ago=-ago)


def unreachable(against: Suppressed) -> Phrase:
    """Mail does not arrive there, or is not wanted: who answers all the same should know."""
    address = set_apart(against.address, 200)
    if against.standing.kind is Kind.COMPLAINT:
        return phrase("{address} reported our mail as spam. The desk writes nothing there by itself.", address=address)
    if not manner(against.channel).letters:
        return phrase("What was sent to the customer last did not reach them. You can send it all the same.")
    return phrase(
        "Mail to {address} did not arrive the last time: {reason}. You can send it all the same.",
        address=address,
        reason=cut(one_line(against.reason), 300),
    )


def _reader(card: Card) -> str:
    """Who reads the answer. The name belongs to the address that they wrote from, not to another one."""
    if not manner(card.ticket.thread.channel).letters:
        return set_apart(card.requester, 120) or who("", card.address)
    return who("" if card.is_answered_elsewhere else card.requester, card.address)


def _ways(draft: Draft, card: Card, ways: Sequence[Identity], reader: Reader) -> Blocks:
    """Where the answer goes, where there is something to choose. The ticket goes on there."""
    if not ways:
        return []
    options = [option(way(one, reader), one.person) for one in ways[:9]]
    if card.address:
        now = channel(card.ticket.thread.channel, reader)
        options.insert(0, option(reader.say(phrase("{channel}, as before", channel=now)), 0))
    values = [one["value"] for one in options]
    chosen = values.index(str(draft.way)) if str(draft.way) in values else 0
    return [field(f"way-{draft.round}", reader.say(phrase("Answer by")), radio("way", options, chosen))]


def _invite(to: str, card: Card, reader: Reader) -> Element:
    said = phrase("Invite to {channel}", channel=channel(to, reader))
    return button("invite", reader.say(said), f"{to}:{card.ticket.number}")


def _warning(said: Phrase, reader: Reader) -> Block:
    return rich(paragraph(words("⚠ "), words(reader.say(said), "bold")))


def _last_words(last: Message | None, reader: Reader) -> Blocks:
    if last is None:
        return []
    said = last.reply_text or last.text
    shown = [rich(quote(said, SHOWN, lambda missing: "\n" + reader.more(missing)))] if said else []
    return [*doubt(last, reader), *sealed(last, reader), *shown, *files(last.files, reader)]


def _picker(templates: list[tuple[str, str]], reader: Reader) -> Blocks:
    if not templates:
        return []
    said = reader.say(phrase("Start from a template"))
    if len(templates) > MOST_LISTED:
        return [actions("template", search_select("template", said))]
    return [actions("template", select("template", said, [option(known, name) for name, known in templates]))]


def _copies(draft: Draft, copyable: Sequence[Copyable], reader: Reader) -> Blocks:
    """Who else may get the answer: nobody does unless an agent says so, for anybody may write anybody's name there."""
    offered = [one for one in copyable if len(one.address.address) <= LONGEST_VALUE]
    if not offered:
        return []
    chosen = draft.copied
    if chosen is None:
        chosen = tuple(one.address.address for one in offered if one.before)
    options = [option(who(one.address.name, one.address.address), one.address.address) for one in offered]
    said = reader.say(phrase("Copies to"))
    pick = multi_select("copied", reader.say(phrase("Copied in by the customer, or let in")), options, chosen)
    return [field("copied", said, pick, optional=True)]


def _attaching(draft: Draft, attachable: Attachable | None, reader: Reader) -> Blocks:
    """Files: from one's own machine, and those that agents put into the ticket's thread or had attached before.

    What was put into the first input is known as handed over when the window is shown again: then it is empty anew.
    """
    if attachable is None:
        return []
    if attachable.lacking is not None:
        return [small(reader.say(attachable.lacking))]
    said = reader.say(phrase("Attach files"))
    blocks = [field(f"files-{draft.round}", said, file_input("files", MOST_FILES), optional=True)]
    options = [option(_file(file, reader), file.id) for file in attachable.handed]
    if options:
        pick = multi_select("handed", reader.say(phrase("Pick files")), options, draft.files)
        title = reader.say(phrase("Files from this thread"))
        blocks.append(field(f"handed-{draft.round}", title, pick, optional=True))
    return blocks


def _file(file: Handed, reader: Reader) -> str:
    size = reader.sized(file.size)
    return f"{set_apart(file.name, 70 - len(size)) or reader.say(phrase('unnamed'))} ({size})"


def _then(draft: Draft, reader: Reader) -> Element:
    options = [
        option(reader.say(phrase("Wait for the customer's answer")), WAIT),
        option(reader.say(phrase("Close the ticket")), CLOSE),
    ]
    return radio("then", options, 1 if draft.then == CLOSE else 0)
