"""A field of the rulebook as an input of a window, and what was typed there as the rulebook has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

from pydantic_core import PydanticUndefined

from bot.reader import Reader
from bot.views.rulebook.choices import Choice
from bot.views.rulebook.forms import Field, Form, Shape
from core.phrases import Phrase, phrase, phrases
from core.rulebook import Rulebook, written_duration
from core.rulebook.editing import Record
from gateways.slack.wire.blocks import (
    INPUT,
    LINE,
    Block,
    Blocks,
    Element,
    checkbox,
    context,
    field,
    label,
    line_input,
    multi_select,
    option,
    picked,
    select,
    text_input,
)
from gateways.slack.wire.text import line, set_apart

NONE = "!none"
"""What is chosen where nothing is: no name begins like this."""
MORE = "-more"
"""The input behind a list of those that are known, for others."""
YES = "yes"

_LONGEST_VALUE = 150
_MOST_CHOICES = 99  # one of a hundred is for none


def asked(form: Form, one: Field, said: Record, book: Rulebook, reader: Reader) -> Blocks:
    """The inputs of a field; what does not fit into one is said, and stays as it is."""
    value = said.get(one.key, _usual(form, one.key))
    match one.shape:
        case Shape.ITEMS:
            return []
        case Shape.YES:
            element = checkbox(one.key, reader.say(phrase("Yes")), YES, bool(value))
            return [field(one.key, reader.say(one.label), element, _hint(one, reader), optional=True)]
        case Shape.CHOICE if offered := _offered(one, book, [value]):
            return [_input(one, _choice(one, offered, value, reader), reader)]
        case Shape.SEVERAL if offered := _offered(one, book, _list(value)):
            return [_input(one, _several(one, offered, _list(value), reader), reader)]
        case Shape.TARGETS:
            return _targets(one, book, _list(value), reader)
        case Shape.SEVERAL if not one.choices(book) and not value:
            return []  # there is nothing to pick, and nobody has typed anything
        case Shape.LINES | Shape.SEVERAL:
            return _lines(one, one.key, one.label, _list(value), reader)
        case _:
            return [_input(one, line_input(one.key, _typed(value)), reader)]


def read(form: Form, state: Mapping[str, Mapping[str, Any]], said: Record) -> dict[str, Any]:
    """A record with what stands in a window's inputs now; fields that were not asked stay as they are."""
    found = dict(said)
    for one in form.fields:
        typed = state.get(one.key, {}).get(one.key)
        more = state.get(one.key + MORE, {}).get(one.key + MORE)
        if typed is None and more is None:
            continue
        value = _value(one, typed or {}, more)
        found.pop(one.key, None)
        if value is not None:
            found[one.key] = value
    return found


def block_of(one: Field, rest: Sequence[Any], blocks: Mapping[str, Mapping[str, Any]]) -> str:
    """In which input a mistake of a field is shown; "" where none is. `rest`: which of several it is about."""
    picked_ones = blocks.get(one.key, {}).get(one.key, {}).get("selected_options") or ()
    order = [one.key, one.key + MORE]
    if rest and isinstance(rest[0], int) and rest[0] >= len(picked_ones):
        order.reverse()
    return next((name for name in order if name in blocks), "")


def summary(form: Form, said: Record, book: Rulebook, reader: Reader) -> str:
    """What is said of a thing, in a line: what is as it always is goes without saying."""
    return " · ".join(_parts(form, said, book, reader)) or "–"


def _parts(form: Form, said: Record, book: Rulebook, reader: Reader) -> Iterator[str]:
    for one in form.fields:
        value = said.get(one.key)
        if one.new or value in (None, [], False, "") or value == _usual(form, one.key):
            continue
        name = reader.say(one.label)
        match one.shape:
            case Shape.YES:
                yield name
            case Shape.ITEMS:
                yield reader.say(phrase("{what}: {value}", what=name, value=str(len(value))))
            case _:
                shown = shown_value(one, value, book, reader)
                yield reader.say(phrase("{what}: {value}", what=name, value=shown))


def shown_value(one: Field, value: Any, book: Rulebook, reader: Reader) -> str:
    """What is said in a field, in a line."""
    known = dict(one.choices(book))
    each = cast("list[Any]", value) if isinstance(value, list) else [value]
    yes, no = phrase("Yes"), phrase("No")
    named = [reader.say(yes if one else no) if isinstance(one, bool) else str(one) for one in each if one is not None]
    return set_apart(", ".join(_named(one, known, reader) for one in named), 200)


def _named(value: str, known: Mapping[str, Phrase | str], reader: Reader) -> str:
    name = known.get(value, value)
    return reader.say(name) if isinstance(name, Phrase) else name


def _usual(form: Form, key: str) -> Any:
    """What a field is where nothing is said of it, as in JSON."""
    default = form.model.model_fields[key].get_default()
    if isinstance(default, timedelta):
        return written_duration(default)
    if isinstance(default, tuple):
        return list(cast("tuple[Any, ...]", default))
    return None if default is PydanticUndefined else default


# Inputs


def _input(one: Field, element: Element, reader: Reader) -> Block:
    return field(one.key, reader.say(one.label), element, _hint(one, reader), optional=not one.needed)


def _hint(one: Field, reader: Reader) -> str:
    return reader.say(one.hint) if one.hint else ""


def _offered(one: Field, book: Rulebook, has: Sequence[Any]) -> list[Choice]:
    """What can be picked, with what is picked already; nothing where a list cannot have all of it."""
    known = list(one.choices(book))
    values = {value for value, _ in known}
    known += [(str(value), str(value)) for value in has if value is not None and str(value) not in values]
    fits = len(known) <= _MOST_CHOICES and all(len(value) <= _LONGEST_VALUE for value, _ in known)
    return known if fits else []


def _options(offered: Sequence[Choice], reader: Reader) -> list[Element]:
    return [option(reader.say(name) if isinstance(name, Phrase) else name, value) for value, name in offered]


def _choice(one: Field, offered: Sequence[Choice], value: Any, reader: Reader) -> Element:
    options = _options(offered, reader)
    if not one.needed:
        options = [option(reader.say(phrase("none")), NONE), *options]
    made = select(one.key, reader.say(phrase("Pick one")), options)
    return picked(made, NONE if value is None else value)


def _several(one: Field, offered: Sequence[Choice], value: Sequence[str], reader: Reader) -> Element:
    return multi_select(one.key, reader.say(phrase("Pick some")), _options(offered, reader), value)


def _targets(one: Field, book: Rulebook, value: Sequence[str], reader: Reader) -> Blocks:
    """Those that are known to be picked, all others to be typed."""
    offered = _offered(one, book, [])
    known = {name for name, _ in offered}
    picks = [each for each in value if each in known]
    blocks: Blocks = []
    if offered:
        made = _several(one, offered, picks, reader)
        blocks.append(field(one.key, reader.say(one.label), made, optional=True))
    others = [each for each in value if each not in known]
    return [*blocks, *_lines(one, one.key + MORE, phrase("… and others"), others, reader)]


def _lines(one: Field, name: str, title: Phrase, value: Sequence[str], reader: Reader) -> Blocks:
    start = "\n".join(value)
    if len(start) > INPUT:
        said = phrases(
            "{what}: {count} line, which a window cannot hold. Change it in the file of the rulebook.",
            "{what}: {count} lines, which a window cannot hold. Change them in the file of the rulebook.",
            len(value),
            what=reader.say(title),
        )
        return [context(label(reader.say(said), 300))]
    element = {**text_input(name, start), "focus_on_load": False}
    return [field(name, reader.say(title), element, _hint(one, reader), optional=not one.needed)]


# What was typed


def _value(one: Field, typed: Mapping[str, Any], more: Mapping[str, Any] | None) -> Any:
    """As the rulebook has it; None where nothing is said. What cannot be read stays as it was typed: it is refused."""
    words = str(typed.get("value") or "").strip()
    match one.shape:
        case Shape.YES:
            return bool(typed.get("selected_options"))
        case Shape.CHOICE if "selected_option" in typed:
            chosen = (typed.get("selected_option") or {}).get("value")
            return None if chosen in (None, NONE) else _whole(chosen) if one.whole else chosen
        case Shape.SEVERAL | Shape.TARGETS if more is not None or "selected_options" in typed:
            chosen = [str(each.get("value")) for each in typed.get("selected_options") or ()]
            return [*chosen, *_each_line(str((more or {}).get("value") or ""))]
        case Shape.LINES | Shape.SEVERAL | Shape.TARGETS:
            return _each_line(words)
        case Shape.NUMBERS:
            return [_whole(part.strip()) for part in words.split(",") if part.strip()] if words else None
        case Shape.NUMBER:
            return _whole(words) if words else None
        case _:
            return words or None


def _each_line(typed: str) -> list[str]:
    return [part.strip() for part in typed.splitlines() if part.strip()]


def _whole(typed: str) -> int | str:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else typed


def _list(value: Any) -> list[str]:
    return [str(each) for each in cast("Sequence[Any]", value)] if isinstance(value, list | tuple) else []


def _typed(value: Any) -> str:
    if isinstance(value, list):
        return line(", ".join(map(str, cast("list[Any]", value))), LINE)
    return "" if value is None else str(value)
