"""What a version of the rulebook changed, as whoever sets it up calls things."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, cast

from bot.reader import Reader
from bot.views.rulebook.forms import FORMS, Field, Form
from bot.views.rulebook.inputs import shown_value, summary
from core.phrases import Phrase, phrase
from core.rulebook import Change, Rulebook
from gateways.slack.wire.text import set_apart

_ORDER = " (order)"


def said(change: Change, book: Rulebook, reader: Reader) -> str:
    """A difference in a line; of what is not set up in Slack, as the file of the rulebook calls it."""
    if change.path.endswith(_ORDER) and (form := FORMS.get(change.path.removesuffix(_ORDER))) is not None:
        return reader.say(phrase("{what}: in another order", what=reader.say(form.title)))
    kind, _, rest = change.path.partition(".")
    form = FORMS.get(kind)
    if form is None:
        return reader.say(change.sentence)
    name, _, key = rest.rpartition(".")
    field = form.field(key) if name else None
    if field is not None:
        told = _of_field(field, change, book, reader)
        return reader.say(_about(form, name, reader, reader.say(field.label), told))
    if change.before is None or change.after is None:
        new, gone = phrase("new"), phrase("taken out")
        return reader.say(_about(form, rest, reader, reader.say(new if change.before is None else gone)))
    return reader.say(change.sentence)


def _about(form: Form, name: str, reader: Reader, *told: str) -> Phrase:
    what = f"{reader.say(form.one)} {set_apart(name, 100)}"
    return phrase("{what}: {value}", what=what, value=": ".join(told))


def _of_field(field: Field, change: Change, book: Rulebook, reader: Reader) -> str:
    """Before and after; of parts that have fields of their own, of the first one that is not as it was."""
    if field.items is not None:
        pairs = zip_longest(_parts(change.before), _parts(change.after))
        place, (old, new) = next((n, pair) for n, pair in enumerate(pairs, 1) if pair[0] != pair[1])
        shown = [summary(field.items, one, book, reader) if one else "–" for one in (old, new)]
        return f"{place}. {shown[0]} → {shown[1]}"
    return " → ".join(shown_value(field, one, book, reader) or "–" for one in (change.before, change.after))


def _parts(value: Any) -> Sequence[Any]:
    return cast("Sequence[Any]", value or ())
