"""What each language says when it is urgent, when people are angry, and when it concerns many: its phrases, ready."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from core.routing.reasons import LONGEST, Span
from core.routing.signals.folding import fold
from core.routing.signals.matching import MARKED, Matcher, Negation, matcher
from core.routing.signals.shipped import primary, table, tags

KINDS: Mapping[str, tuple[str, ...]] = {
    "urgency": ("critical", "high", "trouble", "low"),
    "anger": ("strong", "mild", "swears"),
    "scope": ("everyone", "many"),
}
"""The tables of signals.toml, and the lists in each, the weightiest first."""
_EVERYWHERE = "en"
"""Words of this language stand in texts of all others."""
_AT_MOST = 5  # languages that one text is looked at in


class Said(NamedTuple):
    """Words of the text that a phrase was found in. `kind` is a table and a list in it: "urgency.high"."""

    kind: str
    phrase: str
    evidence: str
    span: Span
    in_subject: bool = False


def has_signals(tag: str) -> bool:
    """Whether a locale says more than its courtesies."""
    return set(KINDS) <= set(table(tag))


def fitting(languages: Iterable[str]) -> list[str]:
    """The locales to look in for a text in these languages: theirs and English; all where none is known."""
    known = [tag for tag in tags() if has_signals(tag)]
    chosen: list[str] = []
    for language in languages:
        exact = [tag for tag in known if tag == language]
        chosen += exact or [tag for tag in known if primary(tag) == primary(language)]
    if not chosen:
        return known
    return list(dict.fromkeys(chosen))[:_AT_MOST] + [_EVERYWHERE] * (_EVERYWHERE not in chosen)


def said(text: str, languages: Iterable[str]) -> list[Said]:
    """Everything that the lexicons of these languages find, in the order of the text, each place once for each table.

    Of phrases that overlap the longest counts; a phrase that says that there is no hurry hides those within it.
    """
    found = [one for tag in fitting(languages) for one in _found(text, tag)]
    kept: list[Said] = []
    for name in KINDS:
        here = sorted((one for one in found if one.kind.startswith(name)), key=_weight)
        taken: list[Span] = []
        for one in here:
            if not any(one.span.start < other.end and other.start < one.span.end for other in taken):
                taken.append(one.span)
                kept.append(one)
    return sorted(kept, key=lambda one: one.span)


def _weight(one: Said) -> tuple[int, int]:
    name, kind = one.kind.split(".")
    length = one.span.end - one.span.start
    return (-length, KINDS[name].index(kind))


def _found(text: str, tag: str) -> Iterator[Said]:
    folded, hits = lexicon(tag).hits(text)
    for hit in hits:
        span = folded.span(hit.start, hit.end)
        yield Said(hit.kind, hit.phrase, quoted(text, span), span)


def quoted(text: str, span: Span) -> str:
    """The words of a place, as a reason quotes them: on one line, not too long."""
    words = " ".join(text[span.start : span.end].split())
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


@lru_cache(maxsize=32)
def lexicon(tag: str) -> Matcher:
    """What finds the phrases of a locale."""
    known = table(tag)
    phrases: dict[str, Sequence[str]] = {
        f"{name}.{kind}": known[name].get(kind, ()) for name, kinds in KINDS.items() for kind in kinds
    }
    no = known.get("negation", {})
    negation = Negation(*(_words(no.get(part, ()), tag) for part in ("before", "between", "after")))
    return matcher(tag, phrases, negation, _words(known.get("language", {}).get("numbers", ()), tag))


def _words(listed: Iterable[str], tag: str) -> frozenset[str]:
    """Words of a negation, folded like those that they are looked for among."""
    return frozenset("".join(fold(word, marks=tag in MARKED).text.replace("'", "").split()) for word in listed)
