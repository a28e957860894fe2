"""Tickets that seem to be about one matter: which, why, and what can be said of it."""

from __future__ import annotations

from bot.reader import Reader
from bot.views.shown import Shown, summary
from bot.views.together import MANY
from bot.views.words import Where, title
from core.desk.gathering import Line, Together
from core.phrases import Phrase, phrase
from core.routing.clusters import Matter
from core.storage.gatherings import State
from gateways.slack.wire.blocks import (
    Block,
    Blocks,
    Element,
    actions,
    anchor,
    button,
    paragraph,
    plain,
    rich,
    section,
    words,
)
from gateways.slack.wire.text import set_apart

GATHER, SEPARATE, PART = "gather", "keep-separate", "part"


def show(found: Together, where: Where, reader: Reader) -> Shown:
    """As it stands now."""
    said = reader.say(_said(found))
    blocks: Blocks = [rich(paragraph(words("🔗 "), words(said, "bold")))]
    blocks += [_line(one, found, where, reader) for one in found.lines]
    rest = found.tickets - len(found.lines)
    if rest > 0:
        blocks.append(section(plain(reader.say(phrase("and {count} more", count=rest)), 100)))
    if why := _why(found):
        blocks.append(section(plain(reader.say(why), 500)))
    blocks += _buttons(found, reader)
    return Shown(summary(f"🔗 {said}"), blocks)


def _said(found: Together) -> Phrase:
    by = set_apart(found.decided_by or "", 100)
    lead = found.gathering.lead
    match found.gathering.state, found.gathering.matter:
        case State.CONFIRMED, Matter.INCIDENT:
            return phrase(
                "One incident, says {name}: {count} tickets under #{lead}", name=by, count=found.tickets, lead=lead
            )
        case State.CONFIRMED, Matter.DOUBLE:
            return phrase("Told twice, says {name}: it goes on in #{lead}", name=by, lead=lead)
        case State.DISMISSED | State.UNDONE, _:
            return phrase("Not one matter, says {name}", name=by)
        case _, Matter.INCIDENT:
            return phrase("Perhaps one incident: {customers} customers write the same", customers=found.customers)
        case _:
            return phrase("Perhaps told twice: the customer has an open ticket that says the same")


def _why(found: Together) -> Phrase | None:
    """What made the desk think so, as long as nobody has said anything of it."""
    if found.gathering.state is not State.PROPOSED:
        return None
    if found.gathering.matter is Matter.DOUBLE:
        return phrase(
            "If it is one matter, the newer ticket is merged into the older one: it goes on there, and what is written "
            "to either arrives there. It can be taken back until the customer is answered."
        )
    return phrase(
        "{count} customers or more, within {within}, in {queue}: so the rulebook has it. Later tickets that say the "
        "same are put to these.",
        count=found.queue.incident_from,
        within=found.queue.incident_within,
        queue=found.queue.title,
    )


def _line(one: Line, found: Together, where: Where, reader: Reader) -> Block:
    """A ticket, and how near it is to the others."""
    named = title(one.number, one.subject, reader)
    runs: list[Element] = [words("• ")]
    runs.append(anchor(where(one.card), named) if one.card is not None else words(named))
    name = set_apart(one.requester, 80)
    percent = round(100 * one.member.likeness)
    near = (
        phrase("the same words")
        if one.member.by_words
        else phrase("the same meaning, {percent} % alike", percent=percent)
    )
    runs.append(words(" · ".join(filter(None, ["", name, reader.say(near)]))))
    if one.member.closed and found.gathering.state is State.CONFIRMED:
        closed = phrase("merged into the other one")
        runs.append(words(f" · {reader.say(closed)}"))
    return rich(paragraph(*runs))


def _buttons(found: Together, reader: Reader) -> Blocks:
    id = found.gathering.id
    match found.gathering.state:
        case State.PROPOSED:
            yes = phrase("One incident") if found.gathering.matter is Matter.INCIDENT else phrase("One matter")
            return [
                actions(
                    "gathering",
                    button(GATHER, reader.say(yes), id, "primary"),
                    button(SEPARATE, reader.say(phrase("Several matters")), id),
                )
            ]
        case State.CONFIRMED:
            offered = [button(PART, reader.say(phrase("Take back")), id)]
            if found.gathering.matter is Matter.INCIDENT:
                offered.insert(0, button(MANY, reader.say(phrase("Answer all …")), found.gathering.lead))
            return [actions("gathering", *offered)]
        case _:
            return []
