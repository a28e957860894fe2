"""What is understood of a ticket: on its card what helps, in a window why, in another what an agent says instead."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.reader import Reader
from bot.views.words import small, title
from core.desk.showing import Card
from core.desk.understanding import Known
from core.phrases import Phrase, phrase
from core.routing.reasons import FoundField, Reason, Span
from core.routing.taxonomy import Taxonomy, titled
from core.routing.understood import Understood
from core.templates.locales import language_name
from gateways.slack.wire.blocks import (
    Block,
    Blocks,
    Element,
    field,
    header,
    line_input,
    modal,
    option,
    overflow,
    picked,
    plain,
    section,
    select,
)
from gateways.slack.wire.text import set_apart

MENU = "signals"
CORRECT = "correct"
FIELD = "value-"
"""What the inputs of fields are called, with their place behind it."""

MOST_FIELDS = 10
_SHOWN_FIELDS = 6
NONE = "–"
"""The value of the choice that it is none of them."""

URGENCIES = (
    phrase("It can wait"),
    phrase("Soon"),
    phrase("Urgent"),
    phrase("Very urgent"),
)
_MOODS = {"calm": phrase("Calm"), "annoyed": phrase("Annoyed"), "angry": phrase("Angry")}
_FACES = {"annoyed": "😒", "angry": "😡"}
_SCOPES = {"many": phrase("Several people are affected"), "everyone": phrase("Everybody is affected")}
_FIELDS = {
    "order": phrase("Order"),
    "invoice": phrase("Invoice number"),
    "tracking": phrase("Tracking number"),
    "phone": phrase("Telephone"),
    "email": phrase("Email"),
    "url": phrase("Link"),
    "amount": phrase("Amount"),
    "date": phrase("Date"),
    "serial": phrase("Serial number"),
    "iban": phrase("IBAN"),
}


def glance(card: Card, reader: Reader) -> Blocks:
    """What helps whoever looks at a card, with a way to say that it is otherwise. Nothing before it is understood."""
    if card.known is None:
        return []
    found = card.known.found
    number = card.ticket.number
    menu = overflow(
        MENU,
        [
            option(reader.say(phrase("Correct …")), f"correct:{number}"),
            option(reader.say(phrase("Why?")), f"why:{number}"),
        ],
    )
    blocks: Blocks = [section(plain(" · ".join(_heard(found, card, reader)), 600), menu)]
    if card.ticket.urgency and found.urgency and (why := _quoted(found.urgency_reasons, reader)):
        blocks.append(small(reader.say(phrase("Urgent, since: {why}", why=why))))
    if found.fields:
        blocks.append(small(" · ".join(_field(one, card, reader) for one in _few(found)[:_SHOWN_FIELDS])))
    return blocks + [small(f"⚠ {reader.say(fault)}") for fault in found.faults[:2]]


def why(card: Card, reader: Reader) -> Block:
    """By what everything is known, in the customer's words."""
    known = card.known or Known(Understood())
    found = known.found
    blocks: Blocks = [section(plain(title(card.ticket.number, card.subject, reader), 300))]
    blocks += _because(phrase("Topic"), _topic(found, card, reader), known.topic_reasons, reader)
    if found.topic and "topic" not in (known.corrected or {}):
        sure = phrase("Certainty: {percent} %", percent=round(100 * found.topic_confidence))
        blocks.append(small(reader.say(sure)))
    urgent = reader.say(URGENCIES[found.urgency])
    blocks += _because(phrase("Urgency by the words"), urgent, found.urgency_reasons, reader)
    blocks += _because(phrase("Mood"), reader.say(_MOODS[found.mood]), found.mood_reasons, reader)
    if scope := _SCOPES.get(found.scope):
        blocks += _because(phrase("Who is affected"), reader.say(scope), found.scope_reasons, reader)
    if known.corrected:
        blocks.append(small(reader.say(phrase("An agent has corrected what was understood."))))
    blocks += [small(f"⚠ {reader.say(fault)}") for fault in found.faults]
    return modal("read", reader.say(phrase("Why?")), reader.say(phrase("Close")), blocks)


def correct(card: Card, taxonomy: Taxonomy, reader: Reader) -> Block:
    """How it is, to be said by an agent: each as it is understood now, until it is changed."""
    known = card.known or Known(Understood())
    found = known.found
    none = option(reader.say(phrase("None of these")), NONE)
    topics = [option(reader.say(titled(one)), one.name) for one in taxonomy.topics]
    urgencies = [option(reader.say(said), n) for n, said in enumerate(URGENCIES)]
    moods = [option(reader.say(said), name) for name, said in _MOODS.items()]
    blocks: Blocks = [
        _choice("topic", phrase("What is it about?"), topics, found.topic or "", reader),
        _choice("urgency", phrase("How urgent is it?"), urgencies, str(card.ticket.urgency), reader),
        _choice("mood", phrase("How does the customer sound?"), moods, found.mood, reader),
    ]
    if taxonomy.products:
        products = [none, *(option(name, name) for name in taxonomy.products)]
        blocks.insert(1, _choice("product", phrase("Which product?"), products, found.product or NONE, reader))
    fields = _to_correct(card)
    for place, one in enumerate(fields):
        typed = line_input(f"{FIELD}{place}", _value(one, known))
        blocks.append(field(f"field-{place}", reader.say(_named(one.name, taxonomy)), typed, optional=True))
    told = phrase("The desk learns from it: the next message that says the same is understood rightly.")
    notes = {"ticket": card.ticket.number, "fields": [one.name for one in fields]}
    return modal(
        CORRECT,
        reader.say(phrase("Correct")),
        reader.say(phrase("Cancel")),
        [*blocks, small(reader.say(told))],
        submit=reader.say(phrase("Save")),
        metadata=json.dumps(notes),
    )


def values(card: Card) -> dict[str, str]:
    """What stands in the fields, by their names."""
    known = card.known or Known(Understood())
    return {one.name: _value(one, known) for one in _to_correct(card)}


def _to_correct(card: Card) -> list[FoundField]:
    """What was found, and those of the desk's own fields that were not."""
    found = _few(card.known.found if card.known else Understood())
    there = {one.name for one in found}
    missing = [FoundField(one.name, "", Span(0, 0)) for one in card.taxonomy.fields if one.name not in there]
    return [*found, *missing][:MOST_FIELDS]


def _heard(found: Understood, card: Card, reader: Reader) -> list[str]:
    said = [f"🏷 {_topic(found, card, reader)}"]
    if found.product:
        said.append(set_apart(found.product, 75))
    if face := _FACES.get(found.mood):
        said.append(f"{face} {reader.say(_MOODS[found.mood])}")
    if scope := _SCOPES.get(found.scope):
        said.append(f"👥 {reader.say(scope)}")
    if found.language and found.language != card.locale:
        said.append(language_name(found.language, reader.locale))
    return said


def _topic(found: Understood, card: Card, reader: Reader) -> str:
    topic = card.taxonomy.topic(found.topic)
    return reader.say(titled(topic)) if topic else reader.say(phrase("Topic not clear"))


def _quoted(reasons: Sequence[Reason], reader: Reader) -> str:
    """The first reasons in a line: the customer's words, where there are any."""
    said = [f"“{set_apart(one.evidence, 80)}”" if one.evidence else reader.say(one.what) for one in reasons[:3]]
    return ", ".join(said)


def _because(what: Phrase, said: str, reasons: Sequence[Reason], reader: Reader) -> Blocks:
    told = [
        f"“{set_apart(one.evidence, 80)}”: {reader.say(one.what)}" if one.evidence else reader.say(one.what)
        for one in reasons[:6]
    ]
    return [header(f"{reader.say(what)}: {said}"), *(small(line) for line in told)]


def _few(found: Understood) -> list[FoundField]:
    """Each kind of field once: the first that was written."""
    kinds: dict[str, FoundField] = {}
    for one in found.fields:
        kinds.setdefault(one.name, one)
    return list(kinds.values())


def _named(name: str, taxonomy: Taxonomy) -> Phrase:
    own = taxonomy.field(name)
    if own is not None:
        return phrase("{title}", title=own.title or name.replace("_", " ").replace("-", " "))
    return _FIELDS.get(name) or phrase("{title}", title=name)


def _field(one: FoundField, card: Card, reader: Reader) -> str:
    value = _value(one, card.known or Known(Understood()))
    return f"{reader.say(_named(one.name, card.taxonomy))}: {set_apart(value, 80)}"


def _value(one: FoundField, known: Known) -> str:
    said: Mapping[str, Any] = (known.corrected or {}).get("fields") or {}
    if one.name in said:
        return str(said[one.name])
    return one.value if isinstance(one.value, str) else f"{one.value['value']} {one.value['currency']}".strip()


def _choice(name: str, asked: Phrase, options: Sequence[Element], now: str, reader: Reader) -> Block:
    made = picked(select(name, reader.say(phrase("Choose")), options), now)
    return field(f"{name}-0", reader.say(asked), made, optional=True)
