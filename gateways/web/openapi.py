"""The OpenAPI document, made of the models that check what comes, and of the table that serves it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from core.tickets.sources import Scope
from gateways.web.bodies import MOST_FILES, NewMessage, Problem, Webhook

_REF = "#/components/schemas/{model}"

KEY_HEADER = "Idempotency-Key"
KEY_PATTERN = r"^[!-~]{1,200}$"


class Operation(NamedTuple):
    """Something that can be asked of the desk. `gives` None: bytes."""

    method: str
    path: str
    name: str
    summary: str
    scope: Scope
    gives: type[BaseModel] | None
    takes: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    status: int = 200
    once: bool = False  # whether it needs a key by which a repeat is known

    @property
    def numbers(self) -> list[str]:
        """The blanks in its path."""
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]


def document(operations: Iterable[Operation], base: str, version: str) -> dict[str, Any]:
    """All of it."""
    table = list(operations)
    paths: dict[str, dict[str, Any]] = {}
    for one in table:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Deskbell",
            "version": version,
            "description": "For partners who bring customers' messages. docs/adding-a-channel.md says how.",
        },
        "servers": [{"url": base}],
        "security": [{"token": []}],
        "paths": paths,
        "webhooks": {"told": {"post": _webhook()}},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(table),
            "responses": {"Problem": {"description": "What went wrong, and what helps.", **_problem()}},
        },
    }


def _schemas(table: Iterable[Operation]) -> dict[str, Any]:
    given: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "serialization"), (Webhook, "serialization")]
    for one in table:
        if one.takes:
            given.append((one.takes, "validation"))
        if one.gives:
            given.append((one.gives, "serialization"))
    _, known = models_json_schema(list(dict.fromkeys(given)), ref_template=_REF)
    return known["$defs"]


def _operation(one: Operation) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "description": f"Needs the scope {one.scope}.",
        "parameters": [*map(_number, one.numbers), *([_key()] if one.once else []), *_query(one.query)],
        "responses": {str(one.status): _answer(one), "default": {"$ref": "#/components/responses/Problem"}},
    }
    if one.takes is not None:
        said["requestBody"] = {"required": True, "content": _forms(one.takes)}
    return said


def _forms(model: type[BaseModel]) -> dict[str, Any]:
    ref = {"$ref": _REF.format(model=model.__name__)}
    forms: dict[str, Any] = {"application/json": {"schema": ref}}
    if model is NewMessage:
        file = {"type": "string", "contentMediaType": "application/octet-stream"}
        fields = {"message": ref, "file": {"type": "array", "items": file, "maxItems": MOST_FILES}}
        form = {"type": "object", "properties": fields, "required": ["message"], "additionalProperties": False}
        forms["multipart/form-data"] = {"schema": form, "encoding": {"message": {"contentType": "application/json"}}}
    return forms


def _answer(one: Operation) -> dict[str, Any]:
    if one.gives is None:
        return {"description": "Its bytes.", "content": {"application/octet-stream": {"schema": {}}}}
    schema = {"$ref": _REF.format(model=one.gives.__name__)}
    return {"description": (one.gives.__doc__ or "").strip(), "content": {"application/json": {"schema": schema}}}


def _problem() -> dict[str, Any]:
    return {"content": {"application/problem+json": {"schema": {"$ref": _REF.format(model=Problem.__name__)}}}}


def _number(name: str) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _key() -> dict[str, Any]:
    said = "Your own key of this message. Sent again with it, the message is heard once."
    schema = {"type": "string", "pattern": KEY_PATTERN}
    return {"name": KEY_HEADER, "in": "header", "required": True, "description": said, "schema": schema}


def _query(model: type[BaseModel] | None) -> list[dict[str, Any]]:
    if model is None:
        return []
    schema = model.model_json_schema(ref_template=_REF)
    wanted = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in wanted, "schema": said}
        for name, said in schema["properties"].items()
    ]


def _webhook() -> dict[str, Any]:
    schema = {"$ref": _REF.format(model=Webhook.__name__)}
    return {
        "operationId": "told",
        "summary": "A message for a customer, or an event that the source asked for",
        "description": "Signed as Standard Webhooks 1.0 say: webhook-id, webhook-timestamp, webhook-signature. The "
        "same webhook-id is the same thing, told again.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            "2XX": {"description": "It is with the customer, or will be."},
            "410": {"description": "This conversation is over for good: nothing more is sent into it."},
            "422": {"description": "This message can never be brought; `detail` says why."},
            "default": {"description": "Not now: it is sent again, for half a day."},
        },
    }
