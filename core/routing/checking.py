"""What is wrong with rules beside each other: those that never fit, that wait for each other, that undo each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from core.routing.conditions import Conditions, folded, pattern
from core.routing.triage import Rule

UNREACHABLE, NEVER, NOBODY_TAGS, LOOP, UNDOES, IDLE = (
    "unreachable",
    "never",
    "nobody tags",
    "loop",
    "undoes",
    "idle",
)


class Doubt(NamedTuple):
    """Something about a rule that is probably not meant. `other`: the rule that it is because of; `about`: a value."""

    place: int
    code: str
    other: str = ""
    about: str = ""


def doubts(rules: Sequence[Rule]) -> list[Doubt]:
    """Everything that can be said of rules without a message, in their order; of each rule the first."""
    found: dict[int, Doubt] = {}
    for doubt in (*_never(rules), *_loops(rules), *_tags(rules), *_unreachable(rules), *_undone(rules), *_idle(rules)):
        found.setdefault(doubt.place, doubt)
    return [found[place] for place in sorted(found)]


# One rule alone


def _never(rules: Sequence[Rule]) -> Iterable[Doubt]:
    """What contradicts itself."""
    for place, rule in enumerate(rules):
        when = rule.when
        if when.during and set(when.during) <= set(when.outside):
            yield Doubt(place, NEVER, about="during, outside")
        elif when.mood == ("calm",) and when.anger_at_least is not None and when.anger_at_least > 0.5:
            yield Doubt(place, NEVER, about="mood, anger_at_least")
        elif when.door is not None and when.channel and not _fits_door(when.door, when.channel):
            yield Doubt(place, NEVER, about="door, channel")


def _fits_door(door: str, channels: Sequence[str]) -> bool:
    """Whether a mailbox's address, or a customers' room, is of one of these channels."""
    of_door = "slack" if door.startswith("#") else "email" if "@" in door.strip("@") else None
    return of_door is None or any(folded(channel) in (of_door, "web", "page") for channel in channels)


def _idle(rules: Sequence[Rule]) -> Iterable[Doubt]:
    """The last one goes on to nothing: harmless, and probably meant to stand further up."""
    if rules and rules[-1].goes_on and len(rules) > 1:
        yield Doubt(len(rules) - 1, IDLE)


# Tags that rules wait for


def _tags(rules: Sequence[Rule]) -> Iterable[Doubt]:
    """A tag that no rule above gives: no message has it."""
    given: set[str] = set()
    for place, rule in enumerate(rules):
        if rule.when.tags and not given & set(rule.when.tags):
            yield Doubt(place, NOBODY_TAGS, about=", ".join(rule.when.tags))
        if rule.goes_on:
            given |= set(rule.then.tags)


def _loops(rules: Sequence[Rule]) -> Iterable[Doubt]:
    """Rules that wait for each other's tags, or send a ticket back to where another has it from."""
    for place, rule in enumerate(rules):
        for before, other in enumerate(rules[:place]):
            wait = set(rule.when.tags) & set(other.then.tags) and set(other.when.tags) & set(rule.then.tags)
            if wait:
                yield Doubt(before, LOOP, rule.name)
                yield Doubt(place, LOOP, other.name)
            if other.goes_on and _sends_back(other, rule):
                yield Doubt(place, LOOP, other.name)


def _sends_back(one: Rule, other: Rule) -> bool:
    """Whether the other takes from where this one puts, and puts to where this one takes from."""
    there, back = one.then.queue, other.then.queue
    return there is not None and back is not None and there in other.when.queue and back in one.when.queue


# Rules behind rules


def _unreachable(rules: Sequence[Rule]) -> Iterable[Doubt]:
    """A rule that fits only what one above has taken already."""
    for place, rule in enumerate(rules):
        for other in rules[:place]:
            if other.when == Conditions() and not other.goes_on:
                break  # that one takes everything, which is said of it once
            if not other.goes_on and covers(other.when, rule.when):
                yield Doubt(place, UNREACHABLE, other.name)
                break


def _undone(rules: Sequence[Rule]) -> Iterable[Doubt]:
    """Two that fit the same and say the opposite: only the later one counts."""
    for place, rule in enumerate(rules):
        for other in rules[:place]:
            if not other.goes_on or not covers(rule.when, other.when):
                continue
            then, before = rule.then, other.then
            queue = then.queue is not None and before.queue is not None and then.queue != before.queue
            urgency = then.urgency is not None and before.urgency is not None and then.urgency != before.urgency
            if queue or urgency:
                yield Doubt(place, UNDOES, other.name, "queue" if queue else "urgency")
                break


def covers(wide: Conditions, narrow: Conditions) -> bool:
    """Whether everything that fits the narrow conditions fits the wide ones; False also where that is not known."""
    return all(check(wide, narrow) for check in _COVERS)


def _list(name: str) -> Callable[[Conditions, Conditions], bool]:
    """Of a list one is enough: whoever asks for fewer is narrower."""

    def check(wide: Conditions, narrow: Conditions) -> bool:
        asked = {folded(str(one)) for one in getattr(wide, name)}
        known = {folded(str(one)) for one in getattr(narrow, name)}
        return not asked or (bool(known) and known <= asked)

    return check


def _words(name: str) -> Callable[[Conditions, Conditions], bool]:
    """A word within each of the other's words stands wherever those do."""

    def check(wide: Conditions, narrow: Conditions) -> bool:
        asked = [folded(one) for one in getattr(wide, name)]
        known = [folded(one) for one in getattr(narrow, name)]
        return not asked or (bool(known) and all(any(one in word for one in asked) for word in known))

    return check


def _same(name: str) -> Callable[[Conditions, Conditions], bool]:
    def check(wide: Conditions, narrow: Conditions) -> bool:
        asked, known = getattr(wide, name), getattr(narrow, name)
        return asked is None or (known is not None and folded(str(asked)) == folded(str(known)))

    return check


def _least(name: str) -> Callable[[Conditions, Conditions], bool]:
    def check(wide: Conditions, narrow: Conditions) -> bool:
        asked, known = getattr(wide, name), getattr(narrow, name)
        return asked is None or (known is not None and known >= asked)

    return check


def _sender(wide: Conditions, narrow: Conditions) -> bool:
    if wide.sender is None:
        return True
    if narrow.sender is None:
        return False
    asked, known = pattern(wide.sender), pattern(narrow.sender)
    if asked == known or set(asked) == {"*"}:
        return True
    rest = asked[1:]
    return asked.startswith("*") and not set("*?[") & set(rest) and known.endswith(rest)


def _fields(wide: Conditions, narrow: Conditions) -> bool:
    return all(name in narrow.fields and wanted in ("*", narrow.fields[name]) for name, wanted in wide.fields.items())


_KINDS: Mapping[Callable[[str], Callable[[Conditions, Conditions], bool]], tuple[str, ...]] = {
    _list: (
        *("channel", "organisation", "tier", "language", "topic", "product", "scope", "mood", "queue", "tags"),
        *("during",),
    ),
    _words: ("subject", "text"),
    _same: ("door", "pattern"),
    _least: ("anger_at_least", "urgency_at_least"),
}
_COVERS: tuple[Callable[[Conditions, Conditions], bool], ...] = (
    *(kind(name) for kind, names in _KINDS.items() for name in names),
    _sender,
    _fields,
    lambda wide, narrow: not wide.outside or set(wide.outside) == set(narrow.outside),  # fewer hours leave more outside
)
