"""What people filled in: the state of input elements, and what Slack's client refuses to submit."""

import re
from collections.abc import Iterator
from typing import Any

from sandbox.errors import Json, SandboxError

# element type -> (field of the state that holds the value, field of the element that it starts with)
SINGLE = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "radio_buttons": ("selected_option", "initial_option"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
}
SEVERAL = {
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "file_input": ("files", "initial_files"),
}
STATEFUL = {**SINGLE, **SEVERAL}
INTERACTIVE = frozenset({*STATEFUL, "button", "overflow", "workflow_button", "feedback_buttons", "icon_button"})
REQUIRED = "Please complete this required field."


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every interactive element with the block it stands in, in the order they are seen; cards and containers too."""
    for block in blocks:
        for part in (*(block.get("elements") or ()), *(block.get("actions") or ()),
                     block.get("accessory"), block.get("element"), block.get("icon_button")):  # fmt: skip
            if isinstance(part, dict) and part.get("type") in ("card", "section", "actions"):
                yield from elements([part])
            elif isinstance(part, dict) and "action_id" in part:
                yield block, part
        yield from elements(block.get("child_blocks") or [])


def find(blocks: list[Json], action_id: str, block_id: str | None = None) -> tuple[Json, Json]:
    """The element with that action_id; raises SandboxError(no_such_element)."""
    for block, element in elements(blocks):
        if element["action_id"] == action_id and block_id in (None, block.get("block_id")):
            return block, element
    raise SandboxError("no_such_element", action_id=action_id, block_id=block_id)


def blank(element: Json) -> Json:
    """The state of an element nobody has touched."""
    field, initial = STATEFUL[element["type"]]
    start = element.get(initial)
    if element["type"] in SEVERAL:
        start = start or []
    state = {"type": element["type"], field: start}
    if element["type"] == "timepicker" and element.get("timezone"):
        state["timezone"] = element["timezone"]
    return state


def state(blocks: list[Json], kept: Json | None = None) -> Json:
    """`state.values` of these blocks; inputs whose block_id and action_id are in `kept` keep what was typed there."""
    values: Json = {}
    for block, element in elements(blocks):
        if element["type"] not in STATEFUL:
            continue
        before = (kept or {}).get(block["block_id"], {}).get(element["action_id"])
        same = isinstance(before, dict) and before.get("type") == element["type"]
        values.setdefault(block["block_id"], {})[element["action_id"]] = before if same else blank(element)
    return values


def merge(values: Json, changes: Json) -> Json:
    """`values` with what a person filled in since; unknown inputs in `changes` raise SandboxError(no_such_element)."""
    merged = {block: dict(inputs) for block, inputs in values.items()}
    for block, inputs in changes.items():
        for action, value in inputs.items():
            if action not in merged.get(block, {}):
                raise SandboxError("no_such_element", action_id=action, block_id=block)
            merged[block][action] = {**merged[block][action], **value}
    return merged


def problems(blocks: list[Json], values: Json) -> dict[str, str]:
    """Block id: what Slack's client says before it lets a form go."""
    found = {}
    for block, element in elements(blocks):
        if block["type"] == "input" and element["type"] in STATEFUL:
            field, _ = STATEFUL[element["type"]]
            value = values.get(block["block_id"], {}).get(element["action_id"], {}).get(field)
            if value in (None, "", []):
                if not block.get("optional"):
                    found[block["block_id"]] = REQUIRED
            elif trouble := _trouble(element, value):
                found[block["block_id"]] = trouble
    return found


def _trouble(element: Json, value: Any) -> str | None:
    kind = element["type"]
    if kind in ("plain_text_input", "rich_text_input") and isinstance(value, str):
        return _length(element, len(value))
    if kind == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        return "Please enter a valid email address."
    if kind == "url_text_input" and not re.fullmatch(r"https?://\S+", value):
        return "Please enter a valid URL, starting with http:// or https://."
    if kind == "number_input":
        return _number(element, str(value))
    limit = element.get("max_selected_items") or element.get("max_files")
    if limit and isinstance(value, list) and len(value) > limit:
        return f"Please select no more than {limit}."
    return None


def _length(element: Json, length: int) -> str | None:
    shortest, longest = element.get("min_length", 0), element.get("max_length", 3000)
    if length < shortest:
        return f"Please enter at least {shortest} characters."
    if length > longest:
        return f"Please enter no more than {longest} characters."
    return None


def _number(element: Json, value: str) -> str | None:
    pattern = r"-?\d+(\.\d+)?" if element.get("is_decimal_allowed") else r"-?\d+"
    if not re.fullmatch(pattern, value):
        return "Please enter a valid number."
    if "min_value" in element and float(value) < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and float(value) > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None
