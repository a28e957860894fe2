"""What a text names: orders, invoices, parcels, people's numbers and addresses, money, days, each where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from core.phrases import Phrase
from core.routing.fields.amounts import amounts
from core.routing.fields.claims import Claims, Found
from core.routing.fields.dates import dates
from core.routing.fields.named import named
from core.routing.fields.own import FieldPattern, Named, own
from core.routing.fields.phones import phones
from core.routing.fields.shapes import addresses, ibans, parcels
from core.routing.reasons import FoundField, Span

__all__ = ["FieldPattern", "Named", "find_fields"]

LOOKED_AT = 20_000
_MOST = 60
"""Fields of one text: who lists a thousand orders has sent a table, not a request."""


def find_fields(
    text: str, language: str | None = None, patterns: Sequence[Named] = ()
) -> tuple[tuple[FoundField, ...], tuple[Phrase, ...]]:
    """The fields of a text, in its order, and which of the desk's own patterns cannot be used, and why.

    Whoever is asked first keeps what it found: the desk's own patterns before ours, what has a check digit or a shape
    of its own before what only looks like a number.
    """
    text = text[:LOOKED_AT]
    claims = Claims()
    wrong: list[Phrase] = []
    for pattern in patterns:
        found, fault = own(text, pattern)
        claims.take(found)
        wrong += [fault] if fault else []
    finders: Sequence[Callable[[], Iterable[Found]]] = (
        lambda: addresses(text),
        lambda: ibans(text),
        lambda: parcels(text),
        lambda: dates(text, language),
        lambda: amounts(text, language),
        lambda: phones(text, language, claims),
        lambda: named(text, language, claims),
    )
    for finder in finders:
        claims.take(finder())
    fields = (FoundField(one.name, one.value, Span(one.start, one.end)) for one in claims.found)
    return tuple(sorted(fields, key=lambda field: field.span)[:_MOST]), tuple(wrong)
