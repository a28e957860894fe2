"""How urgent, how angry and for how many: what the phrases of a text and the way it is written come to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from core.phrases import Phrase, phrase
from core.routing.reasons import Reason, Span
from core.routing.signals.lexicon import Said, quoted

Mood = Literal["calm", "annoyed", "angry"]
Scope = Literal["one", "many", "everyone"]

_LEVELS: Mapping[str, int] = {"low": 0, "trouble": 1, "high": 2, "critical": 3}
_WEIGHTS: Mapping[str, float] = {"strong": 0.6, "mild": 0.32, "swears": 0.5}
_ANNOYED, _ANGRY = 0.3, 0.55
_MOST = 5  # reasons that anybody reads


class Tone(NamedTuple):
    """What was found, each with its reasons, the weightiest first."""

    urgency: int = 0
    urgency_reasons: tuple[Reason, ...] = ()
    mood: Mood = "calm"
    anger: float = 0.0
    mood_reasons: tuple[Reason, ...] = ()
    scope: Scope = "one"
    scope_reasons: tuple[Reason, ...] = ()


def tone(text: str, said: Sequence[Said], swears: Iterable[str] = ()) -> Tone:
    """What these phrases of the text, its capitals, marks and emoji, and the desk's own swear words come to."""
    scope, scope_reasons = _scope(said)
    urgency, urgency_reasons = _urgency(said, scope, scope_reasons)
    anger, mood_reasons = _anger(text, said, swears)
    return Tone(urgency, urgency_reasons, mood(anger), anger, mood_reasons, scope, scope_reasons)


def mood(anger: float) -> Mood:
    """The word for an amount of anger (0–1)."""
    return "angry" if anger >= _ANGRY else "annoyed" if anger >= _ANNOYED else "calm"


# --- Urgency and scope


def _urgency(said: Sequence[Said], scope: Scope, scope_reasons: tuple[Reason, ...]) -> tuple[int, tuple[Reason, ...]]:
    found = sorted(_of("urgency", said), key=lambda one: -_LEVELS[_kind(one)])
    level = max((_LEVELS[_kind(one)] for one in found), default=0)
    reasons = [_reason(_urgent(_kind(one)), one) for one in found]
    if level and scope != "one":
        # What does not work is worth one more where it is not one person's matter, and two where it is everybody's.
        level = min(3, level + (2 if scope == "everyone" else 1))
        reasons[1:1] = scope_reasons[:1]
    return level, tuple(reasons[:_MOST])


def _urgent(kind: str) -> Phrase:
    match kind:
        case "critical":
            return phrase("Work stands still, or harm is being done")
        case "high":
            return phrase("Asks for haste")
        case "trouble":
            return phrase("Something is not as it should be")
        case _:
            return phrase("There is no hurry")


def _scope(said: Sequence[Said]) -> tuple[Scope, tuple[Reason, ...]]:
    found = sorted(_of("scope", said), key=lambda one: _kind(one) != "everyone")
    if not found:
        return "one", ()
    everyone = _kind(found[0]) == "everyone"
    everybodys, several = phrase("It concerns everyone"), phrase("It concerns several people")
    reasons = [_reason(everybodys if _kind(one) == "everyone" else several, one) for one in found]
    return "everyone" if everyone else "many", tuple(reasons[:_MOST])


# --- Anger

_CAPITALS = re.compile(r"\b[^\W\d_]{3,}\b")
_SHOUTS = 0.6  # of the words of three letters and more
_MARKS = re.compile(r"(?:[!?！？]\s?){2,}|！")
_FURIOUS = re.compile("[\U0001f621\U0001f92c\U0001f620\U0001f47f\U0001f4a2\U0001f595]")
_CROSS = re.compile("[\U0001f624\U0001f612\U0001f644\U0001f44e\U0001f611\U0001f926\U0001f61e\U0001f623\U0001f629]")


class _Sign(NamedTuple):
    weight: float
    reason: Reason


def _anger(text: str, said: Sequence[Said], swears: Iterable[str]) -> tuple[float, tuple[Reason, ...]]:
    """Each sign leaves less room for calm; marks and capitals alone do not make anybody angry."""
    words = [_Sign(_WEIGHTS[_kind(one)], _reason(_angry(_kind(one)), one)) for one in _of("anger", said)]
    words += _swearing(text, swears)
    looks = list(_looks(text))
    signs = sorted([*words, *looks], key=lambda sign: -sign.weight)
    calm = 1.0
    for sign in signs:
        calm *= 1 - sign.weight
    anger = round(1 - calm, 3)
    return anger, tuple(sign.reason for sign in signs[:_MOST])


def _angry(kind: str) -> Phrase:
    match kind:
        case "strong":
            return phrase("Angry words")
        case "swears":
            return phrase("A swear word")
        case _:
            return phrase("Annoyed words")


def _swearing(text: str, swears: Iterable[str]) -> Iterator[_Sign]:
    """The desk's own words; each is looked for as it is, and is a whole word where it is of letters with blanks."""
    for word in swears:
        match = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) if word.strip() else None
        if match:
            yield _Sign(_WEIGHTS["swears"], Reason(_angry("swears"), match.group(), Span(*match.span())))


def _looks(text: str) -> Iterator[_Sign]:
    words = _CAPITALS.findall(text)
    cased = [word for word in words if word.lower() != word.upper()]
    loud = [word for word in cased if word.isupper()]
    if len(cased) >= 4 and len(loud) >= _SHOUTS * len(cased):
        start = text.index(loud[0])
        span = Span(start, text.index(loud[-1], start) + len(loud[-1]))
        yield _Sign(0.28, Reason(phrase("Written in capitals"), quoted(text, span), span))
    marks = max(_MARKS.finditer(text), key=lambda match: len(match.group()), default=None)
    if marks is not None:
        strength = sum(sign in "!?！？" for sign in marks.group())
        weight = 0.08 * min(strength, 4) - 0.06
        yield _Sign(weight, Reason(phrase("Repeated marks"), quoted(text, Span(*marks.span())), Span(*marks.span())))
    for weight, emoji in ((0.5, _FURIOUS), (0.25, _CROSS)):
        if match := emoji.search(text):
            yield _Sign(weight, Reason(phrase("An emoji that is not glad"), match.group(), Span(*match.span())))


# --- Both


def _of(name: str, said: Sequence[Said]) -> list[Said]:
    return [one for one in said if one.kind.startswith(f"{name}.")]


def _kind(one: Said) -> str:
    return one.kind.partition(".")[2]


def _reason(what: Phrase, one: Said) -> Reason:
    return Reason(what, one.evidence, None if one.in_subject else one.span)
