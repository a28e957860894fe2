"""A rulebook as the JSON that the database keeps."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from core.phrases import phrase
from core.rulebook.model import Path, Rulebook
from core.rulebook.problems import Problem, RulebookError, explained, faults_of, written

_NAME = "the stored rulebook"


def to_json(rulebook: Rulebook) -> str:
    """Everything, defaults too: what was decided stays so when a later version has other defaults."""
    return rulebook.model_dump_json()


def from_json(text: str) -> Rulebook:
    """What `to_json` wrote, by this version or an earlier one: what is missing gets its default.

    Raises RulebookError where a newer version wrote it, since what it added would be lost.
    """
    try:
        return Rulebook.model_validate(json.loads(text))
    except ValidationError as error:
        problems = [
            _newer(fault.path) if fault.code == "extra_forbidden" else explained(fault, {})
            for fault in faults_of(error)
        ]
        raise RulebookError(_NAME, problems) from error
    except ValueError as error:
        broken = Problem(None, "", phrase("It is not JSON."), phrase("Restore the database, or apply desk.toml again."))
        raise RulebookError(_NAME, [broken]) from error


def _newer(path: Path) -> Problem:
    key: Any = path[-1]
    return Problem(
        None,
        written(path),
        phrase("A newer version of Deskbell has written “{key}” here, which this one does not know.", key=str(key)),
        phrase("Update Deskbell on this machine."),
    )
