"""Windows in which somebody's mail is blocked, and in which one sees whose is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from bot.reader import Reader
from bot.views.words import small
from core.desk.blocking import Shut
from core.phrases import Phrase, phrase, phrases
from core.tickets.blocking import is_shared
from gateways.slack.wire.blocks import (
    VIEW_BLOCKS,
    Block,
    Blocks,
    button,
    field,
    header,
    modal,
    option,
    paragraph,
    plain,
    radio,
    rich,
    section,
    text_input,
    words,
)
from gateways.slack.wire.text import set_apart

BLOCK, BLOCKED = "block", "blocked"
ADDRESS, DOMAIN = "address", "domain"


class Notes(NamedTuple):
    """What comes back with the window: ids only. It is about the sender of a mail in the inbox, or of a ticket's, or
    a `person` who wrote into the ticket without taking part in it.

    `list` is the window of the held mail that lies below, and its page.
    """

    inbox: int = 0
    ticket: int = 0
    person: int = 0
    list: str | None = None
    page: int = 0

    @property
    def kept(self) -> str:
        return json.dumps(self._asdict())


def show(address: str, notes: Notes, reader: Reader, is_supervisor: bool) -> Block:
    """Ask whom to block: the one address, or, of supervisors, everybody at its domain, where that is somebody's own."""
    domain = address.rpartition("@")[2]
    offered = [option(reader.say(phrase("Only {address}", address=set_apart(address, 60))), ADDRESS)]
    if is_supervisor and not is_shared(f"@{domain}"):
        said = phrase("Everybody at {domain}", domain=set_apart(domain, 55))
        offered.append(option(reader.say(said), DOMAIN))
    what = phrase(
        "Mail from {address} will be kept, open nothing and be answered by nothing. Nobody is told. "
        "Tickets that are there stay as they are. It can be taken back at any time.",
        address=set_apart(address, 254),
    )
    theirs = phrase(
        "What they wrote into ticket #{number} counts for nothing; it stays in its conversation.", number=notes.ticket
    )
    reason = phrase("Why? (your colleagues see it)")
    return modal(
        BLOCK,
        reader.say(phrase("Block a sender")),
        reader.say(phrase("Cancel")),
        [
            section(plain(reader.say(what), 1000)),
            *([section(plain(reader.say(theirs), 500))] if notes.person else []),
            field("whose", reader.say(phrase("Whom?")), radio("whose", offered)),
            field("text-0", reader.say(reason), text_input("text"), optional=True),
        ],
        submit=reader.say(phrase("Block")),
        metadata=notes.kept,
    )


def everybody(shut: Sequence[Shut], reader: Reader, is_supervisor: bool, warning: Phrase | None = None) -> Block:
    """Whose mail opens nothing, the last blocked first."""
    said = phrases("{count} sender is blocked", "{count} senders are blocked", len(shut))
    none = phrase("Nobody is blocked.")
    blocks: Blocks = [rich(paragraph(words("⚠ "), words(reader.say(warning), "bold")))] if warning else []
    blocks.append(header(reader.say(said if shut else none)))
    if not shut:
        how = phrase("A sender is blocked from the list of held mail, or from the “…” menu of a ticket's card.")
        blocks.append(small(reader.say(how)))
    elif not is_supervisor:
        blocks.append(small(reader.say(phrase("Supervisors can unblock them."))))
    room = (VIEW_BLOCKS - len(blocks) - 1) // 2
    for one in shut[:room]:
        back = button("unblock", reader.say(phrase("Unblock")), one.whom) if is_supervisor else None
        by = one.by if isinstance(one.by, Phrase) else set_apart(one.by, 120)
        done = reader.say(phrase("{name}, {ago}", name=by, ago=one.ago))
        blocks += [section(plain(set_apart(one.whom, 254)), back), small(done, one.why)]
    if len(shut) > room:
        rest = phrases(
            "and {count} more: deskbell inbox blocked", "and {count} more: deskbell inbox blocked", len(shut) - room
        )
        blocks.append(small(reader.say(rest)))
    return modal(BLOCKED, reader.say(phrase("Blocked senders")), reader.say(phrase("Back")), blocks)
