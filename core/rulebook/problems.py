"""A rulebook's mistakes as a list that people can work through: where each stands, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from core.phrases import DeskError, Phrase, phrase, phrases
from core.rulebook.faults import Fault, Path
from core.rulebook.lines import line_of
from core.rulebook.mending import further
from core.rulebook.model import WRITTEN, Rulebook
from core.rulebook.sentences import in_words
from core.templates.locales import translate


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: where it stands (line from 1, where there is a file), what is wrong, and what to do about it."""

    line: int | None
    path: str
    sentence: Phrase
    remedy: Phrase

    def said(self, filename: str) -> Phrase:
        """All of it as one phrase: file, line, mistake, remedy."""
        if self.line is None:
            return phrase(
                "{file}, {path}: {sentence} {remedy}",
                file=filename,
                path=self.path,
                sentence=self.sentence,
                remedy=self.remedy,
            )
        return phrase(
            "{file}, line {line}: {sentence} {remedy}",
            file=filename,
            line=self.line,
            sentence=self.sentence,
            remedy=self.remedy,
        )


class RulebookError(DeskError):
    """A rulebook that cannot be used, with everything that is wrong with it in the order of the file."""

    def __init__(self, filename: str, problems: Iterable[Problem]):
        self.filename = filename
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        super().__init__(
            phrases(
                "The rulebook has {count} mistake. {first}",
                "The rulebook has {count} mistakes. The first: {first}",
                len(self.problems),
                first=self.problems[0].said(filename),
            )
        )

    def __str__(self) -> str:
        return "\n".join(translate(problem.said(self.filename)) for problem in self.problems)


def make(data: Mapping[str, Any], filename: str = "desk", lines: Mapping[Path, int] | None = None) -> Rulebook:
    """A rulebook from plain tables, as TOML and JSON give them. Raises RulebookError with every mistake found.

    Whether tables fit together is also said where one of them is not right in itself, as far as it can be known.
    """
    try:
        return Rulebook.model_validate(data, context=WRITTEN)
    except ValidationError as error:
        faults = _all_of(error, data)
        raise RulebookError(filename, [explained(fault, lines or {}) for fault in faults]) from error


def faults_in(data: Mapping[str, Any]) -> list[Fault]:
    """Every mistake in plain tables that somebody writes now; none where they are right."""
    try:
        Rulebook.model_validate(data, context=WRITTEN)
    except ValidationError as error:
        return _all_of(error, data)
    return []


def _all_of(error: ValidationError, data: Mapping[str, Any]) -> list[Fault]:
    faults = faults_of(error)
    if not all(fault.about.get("together") for fault in faults):
        faults += further(data, faults, _check)
    return faults


def _check(data: Any) -> list[Fault]:
    try:
        Rulebook.model_validate(data, context=WRITTEN)
    except ValidationError as error:
        return faults_of(error)
    return []


def explained(fault: Fault, lines: Mapping[Path, int]) -> Problem:
    """A fault in words. `lines` says where the parts of the rulebook stand."""
    sentence, remedy = in_words(fault)
    return Problem(line_of(fault.path, lines), written(fault.path), sentence, remedy)


def written(path: Path) -> str:
    """A path as people count: ("queues", 0, "room") → "queues[1].room"."""
    text = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def faults_of(error: ValidationError) -> list[Fault]:
    """What pydantic found, as our faults; about those between right parts it is said that they are `together`."""
    faults: list[Fault] = []
    for found in error.errors(include_url=False):
        about: dict[str, Any] = dict(found.get("ctx", {}))
        if found["type"] == "inconsistent":
            faults += [Fault(f.path, f.code, {**f.about, "together": True}) for f in about["faults"]]
        elif found["type"] != "default_factory_not_called":  # follows from another mistake, which is named
            about = {"value": found["input"], "said": found["msg"], **about}
            faults.append(Fault(found["loc"], found["type"], about))
    return faults
