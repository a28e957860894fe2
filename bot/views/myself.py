"""An agent in their own Home: whether they are there, what they carry and can; what colleagues want changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.reader import Reader
from bot.views.words import small
from core.desk.being_there import Asked, Myself, changed_agent, differences
from core.phrases import Phrase, Refused, phrase
from core.routing.assignment import Presence
from gateways.slack.wire.blocks import (
    Block,
    Blocks,
    actions,
    button,
    field,
    header,
    modal,
    option,
    plain,
    section,
    select,
    text_input,
)
from gateways.slack.wire.text import line, set_apart

CALLBACK = "propose"
PRESENCE = "presence"

_SAID: Mapping[Presence, Phrase] = {
    Presence.AVAILABLE: phrase("You are available."),
    Presence.BUSY: phrase("You are busy: you get no new tickets."),
    Presence.AWAY: phrase("You are away: you get no new tickets, and lose those you have not begun."),
}
CHOICES: Mapping[str, tuple[Phrase, Presence, timedelta | None]] = {
    "available": (phrase("Available"), Presence.AVAILABLE, None),
    "busy": (phrase("Busy"), Presence.BUSY, None),
    "busy-60": (phrase("Busy for an hour"), Presence.BUSY, timedelta(hours=1)),
    "away-30": (phrase("Away for half an hour"), Presence.AWAY, timedelta(minutes=30)),
    "away-60": (phrase("Away for an hour"), Presence.AWAY, timedelta(hours=1)),
    "away": (phrase("Away until I say otherwise"), Presence.AWAY, None),
}


def show(myself: Myself, reader: Reader) -> Blocks:
    """What an agent sees of themselves, where the desk gives tickets to them."""
    if not myself.gives:
        return []
    state, agent = myself.state, myself.agent
    said = reader.say(_SAID[state.status])
    if state.by_desk and state.status is Presence.AWAY:
        said = reader.say(phrase("You count as away, since you did nothing. Pick “Available” to get tickets again."))
    elif state.until is not None:
        until = phrase("Until {at}.", at=state.until)
        said = f"{said} {reader.say(until)}"
    if not myself.on_duty:
        off = phrase("You are off duty now.")
        said = f"{said} {reader.say(off)}"
    choices = [option(reader.say(name), key) for key, (name, _, _) in CHOICES.items()]
    picked = next(one for one in choices if one["value"] == state.status.value)
    choose = {**select(PRESENCE, reader.say(phrase("Are you there?")), choices), "initial_option": picked}
    load = phrase("You carry {load} of {capacity} points.", load=f"{myself.load:g}", capacity=agent.capacity)
    known = [
        reader.say(load),
        reader.say(phrase("Skills: {skills}", skills=levels(agent.skills) or "–")),
        reader.say(phrase("Languages: {languages}", languages=levels(agent.languages) or "–")),
        reader.say(phrase("Hours: {hours}", hours=", ".join(agent.hours) or "–")),
    ]
    blocks: Blocks = [header(reader.say(phrase("You"))), section(plain(said, 500), choose)]
    blocks.append(small(*(line(one, 300) for one in known)))
    if myself.asked is not None:
        blocks.append(small(reader.say(phrase("What you want changed waits for a supervisor."))))
    blocks.append(actions("myself", button("propose", reader.say(phrase("Skills, languages, hours …")), "me")))
    return blocks


def levels(known: Mapping[str, int]) -> str:
    """Skills or languages as they are written in a line: "refunds 4, hardware 2"."""
    return ", ".join(f"{name} {level}" for name, level in known.items())


def form(myself: Myself, reader: Reader) -> Block:
    """The window in which an agent says what they can."""
    agent = myself.agent

    def one(name: str, label: Phrase, start: str, hint: Phrase) -> Block:
        typed = {**text_input(name, start), "multiline": False, "focus_on_load": False}
        return field(name, reader.say(label), typed, reader.say(hint), optional=True)

    return modal(
        CALLBACK,
        reader.say(phrase("What you can")),
        reader.say(phrase("Cancel")),
        [
            one(
                "skills",
                phrase("Skills"),
                levels(agent.skills),
                phrase("Each with its level from 1 to 5, with commas between: refunds 4, hardware 2"),
            ),
            one(
                "languages",
                phrase("Languages"),
                levels(agent.languages),
                phrase("By their codes, with levels from 1 to 5: en 5, de 3, pt-BR 2"),
            ),
            one(
                "capacity",
                phrase("Points that you can carry"),
                str(agent.capacity),
                phrase("A letter is one point, a chat one and a half; what is very urgent counts twice."),
            ),
            one(
                "hours",
                phrase("Hours"),
                ", ".join(agent.hours),
                phrase("Days in English, with commas between: Mon-Thu 09:00-17:00, Fri 09:00-13:00"),
            ),
            small(reader.say(phrase("A supervisor looks at it before it counts."))),
        ],
        submit=reader.say(phrase("Send")),
    )


def read(typed: Mapping[str, str]) -> dict[str, Any]:
    """What was typed there, as the rulebook has it. Raises Refused for what cannot be read."""
    capacity = typed.get("capacity", "").strip()
    if capacity and not (capacity.isascii() and capacity.isdigit() and len(capacity) < 6):
        raise Refused(phrase("Points are a whole number, like 10."))
    hours = [part.strip() for part in typed.get("hours", "").split(",") if part.strip()]
    wanted: dict[str, Any] = {
        "skills": _levels(typed.get("skills", "")),
        "languages": _levels(typed.get("languages", "")),
        "hours": hours,
    }
    return {**wanted, "capacity": int(capacity)} if capacity else wanted


def _levels(typed: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in typed.split(","):
        name, _, level = part.strip().rpartition(" ")
        if not part.strip():
            continue
        if not name or not level.isdigit() or len(level) > 3:
            raise Refused(phrase("“{part}” has no level. Write it like this: refunds 4", part=set_apart(part, 60)))
        found[name.strip()] = int(level)
    return found


def proposals(asked: Sequence[Asked], reader: Reader) -> Blocks:
    """What colleagues want changed, for a supervisor to decide."""
    if not asked:
        return []
    blocks: Blocks = [header(reader.say(phrase("What colleagues say they can")))]
    for one in asked[:10]:
        try:
            changes = differences(one.agent, changed_agent(one.agent, one.proposal.wanted)) if one.agent else ()
        except Refused as no:
            changes = (no.phrase,)
        said = "; ".join(reader.say(change) for change in changes) or "–"
        id = one.proposal.id
        blocks.append(section(plain(f"{set_apart(one.name, 100)}: {line(said, 1500)}", 2000)))
        blocks.append(
            actions(
                f"proposal-{id}",
                button("proposal-grant", reader.say(phrase("Agree")), id, "primary"),
                button("proposal-refuse", reader.say(phrase("Refuse")), id),
            )
        )
    return blocks
