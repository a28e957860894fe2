"""Who has a ticket and why, and to whom else it could go; what agents are told when they are given or offered one."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.payloads import LINK
from bot.reader import Reader
from bot.views.shown import Shown, summary
from bot.views.words import Where, small, title, urgency, who
from core.desk.assigning import Why
from core.desk.showing import Card
from core.phrases import Phrase, phrase, phrases
from core.routing.assignment import PARTS, WEIGHTS, Row, Table, why_not
from core.storage.rooms import Post
from gateways.slack.wire.blocks import (
    Block,
    Blocks,
    Element,
    actions,
    button,
    divider,
    field,
    header,
    link,
    modal,
    option,
    plain,
    quote,
    rich,
    section,
    select,
)
from gateways.slack.wire.text import cut, line, set_apart

CALLBACK = "assign"
QUEUE = "queue"
"""What stands in the list for nobody: back into the queue."""
SHOWN = 12
"""Rows of a score table that are shown; of more it says how many."""
WORDS = 500

Colleagues = Sequence[tuple[str, str]]
"""Ids and names of those who can be given a ticket."""


def show(card: Card, why: Why, colleagues: Colleagues, reader: Reader, is_mine: bool) -> Block:
    """The window: why it is whose it is, why not somebody else's, and a list to give it to another."""
    number = card.ticket.number
    blocks: Blocks = [section(plain(title(number, card.subject, reader), 300)), *_reasons(why, reader, is_mine)]
    offered = [option(name, id) for id, name in colleagues if id != card.ticket.assignee][:99]
    if card.ticket.assignee:
        offered.insert(0, option(reader.say(phrase("Nobody: back into the queue")), QUEUE))
    metadata = json.dumps({"ticket": number})
    name, close = reader.say(phrase("Ticket #{number}", number=number)), reader.say(phrase("Close"))
    if not offered:
        return modal(CALLBACK, name, close, blocks, metadata=metadata)
    choose = select("to", reader.say(phrase("Pick a colleague")), offered)
    blocks += [divider(), field("to", reader.say(phrase("Give it to")), choose)]
    return modal(CALLBACK, name, close, blocks, submit=reader.say(phrase("Give")), metadata=metadata)


def _reasons(why: Why, reader: Reader, is_mine: bool) -> Blocks:
    blocks: Blocks = [small(*(line(reader.say(rule), 300) for rule in why.rules[:8]))] if why.rules else []
    if why.table is None:
        said = phrase("Nobody was chosen by the desk: in this queue agents take tickets themselves.")
        if why.holder:
            said = phrase("{name} has it: they took it, or a colleague gave it to them.", name=_name(why.holder_name))
        return [*blocks, section(plain(reader.say(said), 500))]
    asked = phrase("Why me?") if is_mine else phrase("Why {name}?", name=_name(why.holder_name))
    if not why.holder:
        asked = phrase("Why does nobody have it now?")
    blocks.append(header(reader.say(asked)))
    needs = _needs(why.table, reader)
    if needs:
        blocks.append(small(needs))
    blocks += [section(plain(_row(row, reader), 500)) for row in why.table.rows[:SHOWN]]
    rest = len(why.table.rows) - SHOWN
    if rest > 0:
        blocks.append(small(reader.say(phrases("and {count} colleague more", "and {count} colleagues more", rest))))
    if why.decided_at is not None:
        decided = phrase("As it was when the desk decided: {at}", at=why.decided_at)
        blocks.append(small(reader.say(decided)))
    return blocks


def _needs(table: Table, reader: Reader) -> str:
    said: list[str] = []
    if table.language:
        said.append(reader.say(phrase("language: {language}", language=table.language)))
    if table.skills:
        said.append(reader.say(phrase("skills: {skills}", skills=list(table.skills))))
    return " · ".join(said)


def _row(row: Row, reader: Reader) -> str:
    """Somebody's score with its parts, or why not."""
    name = _name(row.name)
    parts = " · ".join(
        f"{reader.say(PARTS[part])} {value:g}/{WEIGHTS[part]:g}" for part, value in row.parts.items() if part in PARTS
    )
    score = "" if row.score is None else reader.say(phrase("{points} points", points=f"{row.score:g}"))
    no = "" if row.no is None else reader.say(why_not(row.no, set_apart(row.about, 60)))
    return line(f"{name}: " + " · ".join(filter(None, (no, score, parts))), 500)


def _name(name: str) -> str:
    return set_apart(name, 100)


# What agents are told


def given(card: Card, giver: str | None, where: Where, reader: Reader) -> Shown:
    """That somebody has a ticket which they did not take."""
    said = phrase("This ticket is yours now.")
    if giver:
        said = phrase("{name} gave you this ticket.", name=_name(giver))
    buttons = [button("why", reader.say(phrase("Why me?")), card.ticket.number)]
    return _told(card, said, [*_way(card.post, where, reader), *buttons], reader)


def offered(card: Card, where: Where, reader: Reader, seconds: int) -> Shown:
    """Whether somebody takes a ticket."""
    number = card.ticket.number
    said = phrases(
        "Do you take this ticket? In {count} second it goes on to the next.",
        "Do you take this ticket? In {count} seconds it goes on to the next.",
        seconds,
    )
    buttons = [
        button("offer-accept", reader.say(phrase("Accept")), number, "primary"),
        button("offer-decline", reader.say(phrase("Decline")), number),
        button("why", reader.say(phrase("Why me?")), number),
    ]
    return _told(card, said, [*buttons, *_way(card.post, where, reader)], reader)


def _told(card: Card, said: Phrase, buttons: Sequence[Element], reader: Reader) -> Shown:
    text = reader.say(said)
    mark = urgency(card.ticket.urgency)
    named = " ".join(filter(None, (mark, title(card.ticket.number, card.subject, reader))))
    blocks: Blocks = [section(plain(text, 300)), section(plain(named, 300)), small(who(card.requester, card.sender))]
    words = card.first.reply_text or card.first.text if card.first else ""
    if words:
        blocks.append(rich(quote(words, WORDS, reader.more)))
    return Shown(summary(f"{text} {cut(named, 200)}"), [*blocks, actions("given", *buttons)])


def _way(post: Post | None, where: Where, reader: Reader) -> list[Element]:
    return [link(LINK, reader.say(phrase("Go to card")), where(post))] if post else []
