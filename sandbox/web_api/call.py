"""One call of a Web API method: parameters from query, form and JSON, read as the method needs them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.errors import Json, SandboxError
from sandbox.workspace import Workspace


@dataclass(frozen=True)
class Call:
    """SDKs send the same parameter as query, form or JSON, and structures as JSON text; the readers make them equal."""

    method: str
    params: Json

    def need(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise missing(name)
        return value

    def text(self, name: str, default: str = "") -> str:
        value = self.params.get(name)
        if value is None:
            return default
        return value if isinstance(value, str) else str(value)

    def flag(self, name: str) -> bool:
        """Python sends 1, Node `true`, JSON a boolean."""
        return str(self.params.get(name, "")).lower() in ("1", "true")

    def number(self, name: str, default: int, most: int = 1000) -> int:
        try:
            value = int(self.text(name) or default)
        except ValueError:
            raise SandboxError("invalid_arguments", response_metadata=_said(f"{name} must be a number")) from None
        if not 0 <= value <= most:
            raise SandboxError("invalid_limit")
        return value

    def structure(self, name: str, broken: str = "invalid_arguments") -> Any:
        """A JSON value, given as such or as text; None when it is not there. Raises SandboxError(`broken`)."""
        value = self.params.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise SandboxError(broken) from None

    def names(self, name: str) -> list[str]:
        """A list of ids: `U1,U2` or JSON."""
        value = self.params.get(name)
        if isinstance(value, str) and value.startswith("["):
            value = self.structure(name)
        if isinstance(value, list):
            return [str(each) for each in value]
        return [each.strip() for each in str(value or "").split(",") if each.strip()]


Method = Callable[[Workspace, Call], Json]


def missing(name: str) -> SandboxError:
    return SandboxError("invalid_arguments", response_metadata=_said(f"missing required field: {name}"))


def _said(words: str) -> Json:
    return {"messages": [f"[ERROR] {words}"]}


async def read_params(request: web.Request) -> Json:
    """Raises SandboxError as Slack does: invalid_json, json_not_object, invalid_form_data."""
    params: Json = dict(request.query)
    if request.method != "POST":
        return params
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except ValueError:
            raise SandboxError("invalid_json") from None
        if not isinstance(body, dict):
            raise SandboxError("json_not_object")
        params.update(body)
    elif request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        try:
            params.update(await request.post())
        except ValueError:
            raise SandboxError("invalid_form_data") from None
    return params


def page_of(items: list[Json], call: Call, default: int) -> tuple[list[Json], Json]:
    """Cursor pagination: the items of this page and `response_metadata`."""
    try:
        start = int(call.text("cursor") or 0)
    except ValueError:
        raise SandboxError("invalid_cursor") from None
    end = start + (call.number("limit", default) or default)
    return items[start:end], {"next_cursor": str(end) if end < len(items) else ""}
