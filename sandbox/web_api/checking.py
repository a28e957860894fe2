"""Asking whether blocks would be taken: blocks.validate."""

from typing import Any

from sandbox.errors import Json, SandboxError
from sandbox.rules import Problem
from sandbox.surfaces import block_problems, view_problems
from sandbox.web_api.call import Call, Method
from sandbox.workspace import Workspace


def validate(slack: Workspace, call: Call) -> Json:
    """Exactly one of blocks, message, view; every problem with its pointer, code and constraint."""
    given = {name: call.structure(name) for name in ("blocks", "message", "view") if call.params.get(name)}
    if len(given) != 1:
        said = "provide exactly one of blocks, view, or message"
        raise SandboxError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {said}"]})
    ((name, value),) = given.items()
    if found := _problems(name, value):
        raise SandboxError(f"invalid_{name}", errors=[problem.shown() for problem in found])
    return {}


def _problems(name: str, value: Any) -> list[Problem]:
    if name == "view":
        return view_problems(value, "modal", "home")
    if name == "blocks":
        return block_problems(value, "message", "")
    if not isinstance(value, dict):
        return [Problem("", "invalid_type", "must provide an object")]
    return block_problems(value.get("blocks", []), "message")


METHODS: dict[str, Method] = {"blocks.validate": validate}
