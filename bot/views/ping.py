"""What somebody is told because a ticket waits for them, and the window in which one lets a ticket rest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.payloads import LINK
from bot.reader import Reader
from bot.views.shown import Shown, summary
from bot.views.words import Where, small, title, urgency, when, who
from core.desk.counting import NAMES
from core.desk.escalating import BACK, NOBODY, SURE, Pinged
from core.desk.showing import Card
from core.escalation.ladders import Whom
from core.phrases import Phrase, phrase
from core.tickets.model import Status
from gateways.slack.wire.blocks import (
    Block,
    Blocks,
    Element,
    actions,
    button,
    context,
    field,
    label,
    link,
    modal,
    mrkdwn,
    option,
    plain,
    quote,
    rich,
    section,
    select,
    text_input,
)
from gateways.slack.wire.text import cut, line, set_apart

CALLBACK = "snooze"
WORDS = 500

SPANS: Mapping[str, Phrase] = {
    "30m": phrase("30 minutes"),
    "1h": phrase("1 hour"),
    "3h": phrase("3 hours"),
    "1d": phrase("1 day"),
    "3d": phrase("3 days"),
    "1w": phrase("1 week"),
}

_AS: Mapping[str, Phrase] = {
    Whom.ASSIGNEE: phrase("You hear of it because you have it."),
    Whom.ON_DUTY: phrase("You hear of it because you are on duty."),
    Whom.MANAGER: phrase("You hear of it as the manager of who has it, or is on duty."),
    Whom.BACKUP: phrase("You hear of it because your queue steps in for this one."),
    Whom.SUPERVISORS: phrase("You hear of it as a supervisor."),
    NOBODY: phrase("You hear of it as a supervisor: nobody else is there who could be told."),
}


def show(pinged: Pinged, card: Card, where: Where, reader: Reader, repeated: bool) -> Shown:
    """What waits, as what one is told of it, how it goes on, and what one can do."""
    said = reader.say(_said(pinged, card))
    number = card.ticket.number
    named = " ".join(filter(None, (urgency(card.ticket.urgency), title(number, card.subject, reader))))
    blocks: Blocks = [
        section(plain(f"{'❗ ' if pinged.ping.important else ''}{said}", 400)),
        section(plain(named, 300)),
    ]
    blocks.append(small(line(f"{card.queue.title} · {who(card.requester, card.sender)}", 300)))
    words = card.first.reply_text or card.first.text if card.first else ""
    if words:
        blocks.append(rich(quote(words, WORDS, reader.more)))
    blocks += [context(*elements) for elements in _more(pinged, reader, repeated)]
    blocks.append(actions("ping", *_buttons(pinged, card, where, reader)))
    return Shown(summary(f"{said} {cut(named, 200)}"), blocks)


def for_group(group: str, pinged: Pinged, card: Card, where: Where, reader: Reader, repeated: bool) -> Shown:
    """The same, calling a Slack user group. `group` is an id that a rulebook has, checked there."""
    shown = show(pinged, card, where, reader, repeated)
    return Shown(shown.text, [section(mrkdwn(f"<!subteam^{group}>")), *shown.blocks])


def _said(pinged: Pinged, card: Card) -> Phrase:
    if pinged.ping.why == SURE:
        return phrase("Are you still on this ticket? If you do not say so, it goes back into its queue.")
    if pinged.ping.why == BACK:
        return phrase("This ticket has rested for as long as you said.")
    if card.assignee:
        return phrase("This ticket waits: {name} has it and has not begun.", name=set_apart(card.assignee, 100))
    return phrase("This ticket waits, and nobody has taken it on.")


def _more(pinged: Pinged, reader: Reader, repeated: bool) -> list[list[Element]]:
    """Why one is told; how far that has come; that it is late, or may be there twice."""
    ping = pinged.ping
    said: list[list[Element]] = []
    kind, _, name = ping.why.partition(":")
    if ping.why in _AS:
        said.append([label(reader.say(_AS[ping.why]), 200)])
    elif kind == "roster":
        said.append([label(reader.say(phrase("You hear of it because you have the duty “{name}”.", name=name)), 300)])
    if pinged.rungs and ping.why not in (SURE, BACK):
        step = phrase("Step {step} of {steps}.", step=pinged.rung, steps=pinged.rungs)
        row = [label(reader.say(step), 100)]
        if pinged.next_at is not None:
            row += [
                label(reader.say(phrase("If nobody acts, the next one follows")), 100),
                when(pinged.next_at, reader),
            ]
        said.append(row)
    if ping.late:
        late = phrase("This is late. It was due")
        said.append([label(f"⏰ {reader.say(late)}", 200), when(ping.due, reader)])
    if repeated:
        said.append([label(reader.say(phrase("You may have been told this already.")), 200)])
    return said


def _buttons(pinged: Pinged, card: Card, where: Where, reader: Reader) -> Sequence[Element]:
    number = card.ticket.number
    named = phrase("I am on it") if card.assignee else phrase("I take it")
    if pinged.ping.why == SURE:
        named = phrase("Still on it")
    made = [button("on-it", reader.say(named), number, "primary")] if pinged.ping.why != BACK else []
    made.append(button("snooze", reader.say(phrase("Let it rest …")), number))
    if card.post is not None:
        made.append(link(LINK, reader.say(phrase("Go to card")), where(card.post)))
    return made


def letting_rest(number: int, reader: Reader) -> Block:
    """The window that asks how long, and why."""
    spans = select(
        "for", reader.say(phrase("Pick a time")), [option(reader.say(said), key) for key, said in SPANS.items()]
    )
    return modal(
        CALLBACK,
        reader.say(phrase("Let it rest")),
        reader.say(phrase("Close")),
        [
            field("for", reader.say(phrase("For how long?")), spans),
            field("text", reader.say(phrase("Why? Whoever looks at it meanwhile reads that.")), text_input("text")),
        ],
        submit=reader.say(phrase("Let it rest")),
        metadata=json.dumps({"ticket": number}),
    )


def resting(card: Card, until: datetime) -> Phrase:
    """That a ticket rests, and which of its promises falls due before that is over: its clocks go on."""
    number = card.ticket.number
    due = next((one for one in card.dues if one.at < until), None)
    if due is None:
        return phrase("Ticket #{number} rests until {at}.", number=number, at=until)
    return phrase(
        "Ticket #{number} rests until {at}. Its clocks go on. Due before that: {what}, by {due}.",
        number=number,
        at=until,
        what=NAMES[due.kind],
        due=due.at,
    )


def glance(card: Card, reader: Reader) -> Blocks:
    """On a card: that it rests, or how far its ladder has come."""
    ticket = card.ticket
    if ticket.status is Status.CLOSED:
        return []
    if ticket.snoozed_until is not None:
        rests = phrase("It rests until")
        if card.dues:
            rests = phrase("Nobody is reminded of it, though its clocks go on. It rests until")
        return [_line("💤", rests, ticket.snoozed_until, reader)]
    if ticket.sure_until is not None:
        asked = phrase("Whoever has it is asked whether they are still on it; they have until")
        return [_line("❓", asked, ticket.sure_until, reader)]
    if ticket.rung and ticket.rung_at is not None:
        step = phrase("Nobody has taken it on: step {step} is done, the next one follows", step=ticket.rung)
        return [_line("📣", step, ticket.rung_at, reader)]
    return []


def _line(mark: str, said: Phrase, at: datetime, reader: Reader) -> Block:
    return context(label(f"{mark} {reader.say(said)}", 300), when(at, reader))


def rest_button(card: Card, reader: Reader) -> list[Element]:
    """What lets a ticket rest, or wakes it, where tickets of its queue do not wait alone."""
    ticket = card.ticket
    if ticket.status not in (Status.NEW, Status.OPEN):
        return []
    if ticket.snoozed_until is not None:
        return [button("wake", reader.say(phrase("Wake it")), ticket.number)]
    return [button("snooze", reader.say(phrase("Let it rest …")), ticket.number)] if ticket.ladder else []
