"""Who is on duty now and next, and the windows in which duties are swapped, left out and handed over."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from bot.reader import Reader
from bot.views.shown import Shown, summary
from bot.views.words import when
from core.calendars.wall import moment
from core.desk.duties import Asked, Handed, Standing
from core.phrases import Phrase, Refused, phrase
from core.storage.duties import ACCEPTED, HandOver
from gateways.slack.wire.blocks import (
    Block,
    Blocks,
    Element,
    actions,
    button,
    context,
    divider,
    field,
    header,
    label,
    line_input,
    modal,
    option,
    plain,
    quote,
    rich,
    section,
    select,
    text_input,
)
from gateways.slack.wire.text import set_apart

SWAP, ABSENT, NOTE = "duty-swap", "duty-absent", "duty-note"
SHOWN = 10
WORDS = 1000
_MOMENT = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[ T]+(\d{1,2}):(\d{2})", re.ASCII)


def show(standing: Sequence[Standing], reader: Reader) -> Blocks:
    """Every duty: who has it until when, who comes next, and what was left for them."""
    if not standing:
        return [section(plain(reader.say(phrase("No duties are kept here: the rulebook has no rosters."))))]
    blocks: Blocks = []
    for one in standing[:SHOWN]:
        has = set_apart(one.now.person, 100) if one.now.person else reader.say(phrase("nobody"))
        said = phrase("{duty}: {name}", duty=one.title, name=has)
        if one.now.instead_of:
            stands_in = phrase("for {name}", name=set_apart(one.now.instead_of, 100))
            said = phrase("{duty}: {name} ({reason})", duty=one.title, name=has, reason=stands_in)
        blocks.append(section(plain(reader.say(said), 500)))
        row = [label(reader.say(phrase("until")), 50), when(one.now.ends, reader)]
        if one.next is not None and one.next.person:
            follows = phrase("then {name}, from", name=set_apart(one.next.person, 100))
            row += [label(reader.say(follows), 200), when(one.next.begins, reader)]
        blocks.append(context(*row))
        blocks += _note(one.note, reader)
    blocks.append(actions("duties", *_buttons(reader)))
    return blocks


def at_home(standing: Sequence[Standing], reader: Reader) -> Blocks:
    """The same in one's Home; nothing where there are no duties."""
    return [divider(), header(reader.say(phrase("On duty"))), *show(standing, reader)] if standing else []


def listed(standing: Sequence[Standing], reader: Reader) -> Shown:
    named = [f"{one.title}: {one.now.person or '–'}" for one in standing]
    return Shown(summary(", ".join(named) or reader.say(phrase("On duty"))), show(standing, reader))


def _note(note: HandOver | None, reader: Reader) -> Blocks:
    if note is None:
        return []
    said = phrase("{name} left a note", name=set_apart(note.by, 100))
    return [context(label(reader.say(said), 200), when(note.at, reader)), rich(quote(note.text, WORDS, reader.more))]


def _buttons(reader: Reader) -> list[Element]:
    return [
        button(SWAP, reader.say(phrase("Swap a duty …")), "duty"),
        button(ABSENT, reader.say(phrase("I am absent …")), "duty"),
        button(NOTE, reader.say(phrase("Hand over …")), "duty"),
    ]


# Windows


def swapping(standing: Sequence[Standing], colleagues: Sequence[str], reader: Reader) -> Block:
    """Which duty, to whom, from when to when."""
    choose = select("to", reader.say(phrase("Pick a colleague")), [option(name, name) for name in colleagues[:100]])
    fields = [_duty(standing, reader), field("to", reader.say(phrase("Who takes it?")), choose), *_span(reader)]
    return _window(SWAP, phrase("Swap a duty"), fields, phrase("Ask"), reader)


def being_absent(reader: Reader) -> Block:
    return _window(ABSENT, phrase("I am absent"), _span(reader), phrase("Save"), reader)


def handing_over(standing: Sequence[Standing], reader: Reader) -> Block:
    note = field("text", reader.say(phrase("What does whoever comes next have to know?")), text_input("text"))
    return _window(NOTE, phrase("Hand over"), [_duty(standing, reader), note], phrase("Save"), reader)


def _window(callback: str, title: Phrase, blocks: Blocks, submit: Phrase, reader: Reader) -> Block:
    return modal(callback, reader.say(title), reader.say(phrase("Close")), blocks, submit=reader.say(submit))


def _duty(standing: Sequence[Standing], reader: Reader) -> Block:
    choose = select("duty", reader.say(phrase("Pick a duty")), [option(one.title, one.name) for one in standing[:100]])
    return field("duty", reader.say(phrase("Duty")), choose)


def _span(reader: Reader) -> Blocks:
    hint = reader.say(phrase("In your own time, like 2026-12-24 09:00"))
    return [
        field("begins", reader.say(phrase("From")), line_input("begins"), hint),
        field("ends", reader.say(phrase("Until")), line_input("ends"), hint),
    ]


def read_span(typed: Mapping[str, str], zone: tzinfo) -> tuple[datetime, datetime]:
    """From when until when, as somebody typed it in their zone. Raises Refused."""
    return _read(typed["begins"], zone), _read(typed["ends"], zone)


def _read(typed: str, zone: tzinfo) -> datetime:
    found = _MOMENT.fullmatch(typed.strip())
    try:
        numbers = list(map(int, found.groups())) if found else []
        text = "{:04d}-{:02d}-{:02d}T{:02d}:{:02d}".format(*numbers) if numbers else ""
        return moment(datetime.fromisoformat(text), zone)
    except ValueError:
        raise Refused(phrase("Write days and times like this: 2026-12-24 09:00")) from None


# What somebody is told


def asked(one: Asked, reader: Reader) -> Shown:
    """Whether one takes a duty; or what whom one asked has said."""
    swap = one.swap
    times = context(when(swap.begins, reader), label("–", 10), when(swap.ends, reader))
    if swap.answer is not None:
        took = swap.answer == ACCEPTED
        about = {"name": set_apart(swap.to or "", 100), "duty": one.title}
        yes, no = phrase("{name} takes your duty “{duty}”.", **about), phrase("{name} cannot take “{duty}”.", **about)
        said = reader.say(yes if took else no)
        return Shown(summary(said), [section(plain(said, 400)), times])
    said = reader.say(
        phrase("{name} asks: can you take the duty “{duty}”?", name=set_apart(swap.of, 100), duty=one.title)
    )
    buttons = [
        button("swap-accept", reader.say(phrase("Accept")), swap.id, "primary"),
        button("swap-decline", reader.say(phrase("Decline")), swap.id),
    ]
    return Shown(summary(said), [section(plain(said, 400)), times, actions("swap", *buttons)])


def yours(handed: Handed, reader: Reader) -> Shown:
    """That one has a duty from now on, until when, and what was left."""
    said = reader.say(phrase("You have the duty “{duty}” now.", duty=handed.title))
    until = context(label(reader.say(phrase("until")), 50), when(handed.duty.ends, reader))
    return Shown(summary(said), [section(plain(said, 400)), until, *_note(handed.note, reader)])
