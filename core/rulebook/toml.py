"""A rulebook as desk.toml: read with every mistake named, written so that it reads back the same."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.phrases import Phrase, phrase
from core.routing.checking import IDLE, LOOP, NEVER, NOBODY_TAGS, UNDOES, UNREACHABLE, doubts
from core.routing.taxonomy import Signals
from core.routing.triage import Conditions
from core.rulebook.lines import Path, line_of, locate
from core.rulebook.model import Rulebook
from core.rulebook.problems import Problem, RulebookError, make, written


@dataclass(frozen=True, slots=True)
class Checked:
    """A usable rulebook, and what is worth a second look in it."""

    rulebook: Rulebook
    warnings: tuple[Problem, ...]


def parse_toml(text: str, filename: str = "desk.toml") -> Rulebook:
    """The rulebook in a file's text. Raises RulebookError with every mistake, its line and its remedy."""
    return check_toml(text, filename).rulebook


def check_toml(text: str, filename: str = "desk.toml") -> Checked:
    """As parse_toml, with warnings: what is allowed and probably not meant."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        data = tomllib.loads(text)
        lines = locate(text)
    except tomllib.TOMLDecodeError as error:
        raise RulebookError(filename, [_syntax(text, str(error))]) from error
    except RecursionError as error:
        sentence = phrase("Brackets are nested too deeply to be read.")
        raise RulebookError(filename, [Problem(1, "", sentence, phrase("Take the innermost ones out."))]) from error
    rulebook = make(data, filename, lines)
    return Checked(rulebook, tuple(warnings(rulebook, lines)))


def warnings(rulebook: Rulebook, lines: Mapping[Path, int] | None = None) -> Iterable[Problem]:
    """What is allowed and probably not meant. `lines` where it comes from a file."""

    def at(path: Path, sentence: Phrase, remedy: Phrase) -> Problem:
        return Problem(line_of(path, lines or {}), written(path), sentence, remedy)

    if not rulebook.supervisors:
        yield at(
            ("agents",),
            phrase("Nobody is a supervisor."),
            phrase('Give one of the agents role = "supervisor"; until then nobody hears of what goes wrong.'),
        )
    for queue in rulebook.queues:
        if rulebook.agents and not rulebook.agents_of(queue.name):
            place = rulebook.queues.index(queue)
            yield at(
                ("queues", place, "name"),
                phrase("Nobody works on the queue “{name}”.", name=queue.name),
                phrase("Add it to the queues of an agent."),
            )
    yield from _giving(rulebook, at)
    yield from _between_rules(rulebook, at)
    for place, topic in enumerate(rulebook.topics):
        if not topic.seeds:
            yield at(
                ("topics", place, "name"),
                phrase("The topic “{name}” has no sentences that are typical of it.", name=topic.name),
                phrase("Give it some seeds; until then no message is found to be about it before agents say so."),
            )
    for place, rule in enumerate(rulebook.rules[:-1]):
        if rule.when == Conditions():
            yield at(
                ("rules", place + 1),
                phrase("The rule “{name}” takes everything, so those after it never fit.", name=rule.name),
                phrase("Give it conditions, or move it to the end."),
            )
            break


At = Callable[[Path, Phrase, Phrase], Problem]
"""A problem where it stands."""


def _giving(rulebook: Rulebook, at: At) -> Iterable[Problem]:
    """What the desk needs to know to give tickets well."""
    for place, queue in enumerate(rulebook.queues):
        if queue.gives and queue.answers_within is None:
            yield at(
                ("queues", place, "mode"),
                phrase(
                    "Nothing says how soon “{name}” answers, so its tickets go by how long they wait.", name=queue.name
                ),
                phrase('Add for example answers_within = "4h".'),
            )
    if rulebook.gives:
        for place, agent in enumerate(rulebook.agents):
            if not agent.hours:
                yield at(
                    ("agents", place, "name"),
                    phrase("“{name}” has no hours, and is given tickets at any time of the day.", name=agent.name),
                    phrase('Add for example hours = ["Mon-Fri 09:00-17:00"].'),
                )


def _between_rules(rulebook: Rulebook, at: At) -> Iterable[Problem]:
    """Rules that never fit, wait for each other or undo each other."""
    for doubt in doubts(rulebook.rules):
        about = {"name": rulebook.rules[doubt.place].name, "other": doubt.other, "about": doubt.about}
        sentence, remedy = _DOUBTS[doubt.code](about)
        yield at(("rules", doubt.place), sentence, remedy)


_DOUBTS: Mapping[str, Callable[[Mapping[str, str]], tuple[Phrase, Phrase]]] = {
    UNREACHABLE: lambda about: (
        phrase("The rule “{name}” never fits: “{other}” above it takes all that it asks for.", **about),
        phrase("Move it above “{other}”, or give “{other}” continue = true.", **about),
    ),
    NEVER: lambda about: (
        phrase("The rule “{name}” never fits: its conditions contradict each other ({about}).", **about),
        phrase("Take one of them out."),
    ),
    NOBODY_TAGS: lambda about: (
        phrase("The rule “{name}” never fits: no rule above it that goes on gives the tag “{about}”.", **about),
        phrase("Give the tag in a rule above it, with continue = true."),
    ),
    LOOP: lambda about: (
        phrase("The rules “{name}” and “{other}” go in a circle: each needs, or undoes, what the other does.", **about),
        phrase("Let one of them do without the other's outcome, or take one out."),
    ),
    UNDOES: lambda about: (
        phrase("The rule “{name}” always undoes what “{other}” says ({about}).", **about),
        phrase("Give it narrower conditions, or take one of both outcomes out."),
    ),
    IDLE: lambda about: (
        phrase("The rule “{name}” is the last one and has continue = true, which leads nowhere.", **about),
        phrase("Take it out, or move the rule up."),
    ),
}


def to_toml(rulebook: Rulebook) -> str:
    """The rulebook as a file; `parse_toml` gives the same back. Comments of an earlier file are not kept."""
    data = rulebook.model_dump(mode="json", exclude_none=True)
    blocks = ["[desk]\n" + "".join(_pairs(data.pop("desk")))]
    usual = Signals().model_dump(mode="json")
    for name in ("mail", "signals"):
        said = data.pop(name)
        if table := "".join(_pairs({key: value for key, value in said.items() if value != usual.get(key)})):
            blocks.append(f"[{name}]\n{table}")
    for kind, items in data.items():
        blocks += [f"[[{kind}]]\n" + "".join(_pairs(item)) for item in items]
    return "\n".join(blocks)


def _pairs(table: Mapping[str, Any], prefix: str = "") -> Iterable[str]:
    for key, value in table.items():
        named = prefix + (key if _BARE.fullmatch(key) else _string(key))
        if isinstance(value, dict):
            yield from _pairs(value, f"{named}.")  # pyright: ignore[reportUnknownArgumentType]
        elif value != []:
            yield f"{named} = {_literal(value)}\n"


_BARE = re.compile(r"[A-Za-z0-9_-]+")


def _literal(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _string(value)
        case dict():
            pairs = (f"{key} = {_literal(said)}" for key, said in value.items() if said != [])  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
            return "{ " + ", ".join(pairs) + " }"
        case list():
            return "[" + ", ".join(map(_literal, value)) + "]"  # pyright: ignore[reportUnknownArgumentType]
        case _:
            return str(value)


def _string(text: str) -> str:
    # JSON's escapes are TOML's; DEL is the one character that JSON leaves and TOML forbids
    escaped = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
    if "\n" not in text:
        return escaped
    return '"""\n' + escaped[1:-1].replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\\\") + '"""'


def _syntax(text: str, said: str) -> Problem:
    """What tomllib says (it gives the place in its message only), in a sentence of ours where the cause is plain."""
    place = re.search(r"\(at line (\d+), column (\d+)\)", said)
    count = text.rstrip().count("\n") + 1
    line = int(place[1]) if place else count
    written_line = (text.split("\n")[line - 1 : line] or [""])[0].strip()
    for pattern, sentence, remedy in _CAUSES:
        if re.search(pattern, f"{said}\0{written_line}"):
            return Problem(line, "", sentence, remedy)
    reason = said.partition(" (at ")[0]
    return Problem(
        line,
        "",
        phrase("This cannot be read as TOML: {reason}.", reason=reason),
        phrase("Compare the line with desk.example.toml."),
    )


_CAUSES: tuple[tuple[str, Phrase, Phrase], ...] = (
    (
        r"Cannot (overwrite|declare|mutate|redefine)|Redefinition|Duplicate",
        phrase("This is there twice in the same table."),
        phrase("Keep one of them. A list of queues, agents, … starts each one with double brackets: [[queues]]"),
    ),
    (
        r"\0[\w-]+\s*:",
        phrase("There is a colon where “=” belongs."),
        phrase("Write it like this: {example}", example='name = "support"'),
    ),
    (
        r"Invalid value.*\0[\w.-]+\s*=\s*(?:#|$)",
        phrase("Nothing stands after “=”."),
        phrase("Write it like this: {example}", example='name = "support"'),
    ),
    (
        r"Invalid value.*\0[\w.-]+\s*=\s*[“”„«']",
        phrase("These are not the quotes that TOML knows."),
        phrase("Write it like this: {example}", example='name = "support"'),
    ),
    (
        r"Invalid value|Expected newline or end of document after a statement.*\0[\w.-]+\s*=\s*[\w@-]",
        phrase("A text must stand in quotes."),
        phrase("Write it like this: {example}", example='name = "support"'),
    ),
    (
        r"Unterminated string|Illegal character|Expected \"'''\"",
        phrase("A text does not end on its line."),
        phrase('Close it with a quote; a text of several lines stands between three quotes: """…"""'),
    ),
    (
        r"Unclosed|Expected \"?'?\]|end of document",
        phrase("Something is opened and not closed."),
        phrase("Look for a missing bracket, brace or quote at or above this line."),
    ),
)
