"""What fits on a surface: messages, modals and the App Home as a whole, and what Slack adds to blocks it keeps."""

from collections.abc import Iterator
from typing import Any

from sandbox import forms
from sandbox.blocks import SURFACES
from sandbox.elements import ONE_OF_STATIC, PLAIN_OPTION, distinct_values, plain
from sandbox.errors import Json, SandboxError
from sandbox.names import fresh_block_id
from sandbox.rules import Problem, by_type, failed, flag, items, not_both, one_of, shape, text, unique

MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
MARKDOWN = 12_000  # characters of all markdown blocks of a message together
VIEW_FIELDS = {"private_metadata": text(3000), "callback_id": text(255), "external_id": text(255)}


def block_problems(blocks: Any, surface: str, at: str = "/blocks") -> list[Problem]:
    """What Slack would say of these blocks on a `message`, in a `modal` or on a `home`."""
    found = list(items(by_type(SURFACES[surface]), 0, MOST_BLOCKS[surface])(blocks, at))
    return found or list(_together(blocks, surface, at))  # what holds between blocks is asked of sound blocks only


def _together(blocks: list[Json], surface: str, at: str) -> Iterator[Problem]:
    numbered = [(block, f"{at}/{n}") for n, block in enumerate(blocks)]
    yield from unique(((b["block_id"], f"{p}/block_id") for b, p in numbered if b.get("block_id")), "block_id")
    for block, pointer in numbered:
        actions = ((e["action_id"], f"{pointer}/action_id") for _, e in forms.elements([block]))
        yield from unique(actions, "action_id")
        if surface == "message" and block["type"] == "input" and block["element"]["type"] == "file_input":
            yield failed(f"{pointer}/element/type", "unsupported type: file_input", got="file_input")
    if sum(len(b["text"]) for b in blocks if b["type"] == "markdown") > MARKDOWN:
        yield failed(at, f"markdown blocks must be less than {MARKDOWN + 1} characters together", type="max_length")
    for block, pointer in [n for n in numbered if n[0]["type"] == "table"][1:]:
        yield failed(pointer, f"only one {block['type']} is allowed", type="max_items", expected=1)
    focused = [p for b, p in numbered for _, e in forms.elements([b]) if e.get("focus_on_load")]
    for pointer in focused[1:]:
        yield failed(pointer, "only one element can set `focus_on_load`", type="unique")


def view_problems(view: Any, *kinds: str) -> list[Problem]:
    """What Slack would say of a view; pointers start at the view itself."""
    if not isinstance(view, dict):
        return [Problem("", "invalid_type", "must provide an object")]
    kind = view.get("type")
    if kind not in kinds:
        return list(one_of(*kinds)(kind, "/type"))
    found = list(VIEW_SHAPES[kind](view, ""))
    if isinstance(view.get("blocks"), list):
        found += block_problems(view["blocks"], kind)
        has_input = any(isinstance(b, dict) and b.get("type") == "input" for b in view["blocks"])
        if kind == "modal" and has_input and not view.get("submit"):
            found.append(failed("/submit", "`submit` is required when an input block is present", type="required"))
    return found


def _any_blocks(value: Any, at: str) -> Iterator[Problem]:
    """Looked at apart, so that the pointers and the count are those of the surface."""
    if not isinstance(value, list):
        yield Problem(at, "invalid_type", "must provide an array")


VIEW_SHAPES = {
    "modal": shape(
        {"title": plain(24), "blocks": _any_blocks},
        {**VIEW_FIELDS, "submit": plain(24), "close": plain(24), "clear_on_close": flag, "notify_on_close": flag,
         "submit_disabled": flag},
    ),
    "home": shape({"blocks": _any_blocks}, VIEW_FIELDS),
}  # fmt: skip
FOUND = shape(
    {},
    {**ONE_OF_STATIC, "options": items(PLAIN_OPTION, 0, 100)},
    not_both("options", "option_groups"),
    distinct_values,
)


def option_problems(answer: Any) -> list[Problem]:
    """What Slack would say of an answer to block_suggestion: at most 100 options, none is fine."""
    if not isinstance(answer, dict) or not ("options" in answer or "option_groups" in answer):
        return [Problem("", "missing_field", "missing required field: options")]
    return list(FOUND({k: v for k, v in answer.items() if k in ("options", "option_groups")}, ""))


def refuse_content(content: Json) -> None:
    """Blocks and attachments of a message; raises SandboxError(invalid_blocks, invalid_attachments)."""
    if content.get("blocks"):
        refuse_blocks(content["blocks"])
    attachments = content.get("attachments") or []
    if not isinstance(attachments, list) or not all(isinstance(each, dict) for each in attachments):
        raise SandboxError("invalid_attachments")
    if len(attachments) > 100:
        raise SandboxError("too_many_attachments")
    for number, attachment in enumerate(attachments):
        if attachment.get("blocks"):
            refuse_blocks(attachment["blocks"], "message", f"/attachments/{number}/blocks")


def refuse_blocks(blocks: Any, surface: str = "message", at: str = "/blocks") -> None:
    """Raises SandboxError(invalid_blocks) in the form in which chat.* answers."""
    found = [problem.words() for problem in block_problems(blocks, surface, at)]
    if found:
        said = {"messages": [f"[ERROR] {words}" for words in found]}
        raise SandboxError("invalid_blocks", errors=found, response_metadata=said)


def refuse_view(view: Any, *kinds: str) -> None:
    """Raises SandboxError(invalid_arguments) in the form in which views.* answer."""
    found = [f"[ERROR] {p.message} [json-pointer:/view{p.pointer}]" for p in view_problems(view, *kinds)]
    if found:
        raise SandboxError("invalid_arguments", response_metadata={"messages": found})


def stored(blocks: list[Json]) -> list[Json]:
    """Blocks as Slack gives them back: every block and element has an id, texts say what they would be by default."""
    shown = [{**_stored(block), "block_id": block.get("block_id") or fresh_block_id()} for block in blocks]
    for block in shown:
        for child in block.get("child_blocks") or ():
            child.setdefault("block_id", fresh_block_id())
    return shown


def stored_text(text_object: Json | None) -> Json | None:
    return _stored(text_object)


def stored_attachments(attachments: list[Json]) -> list[Json]:
    """Numbered from 1, with the fallback that clients show which cannot draw them."""
    return [
        {"fallback": "[no preview available]", **each, "id": number,
         **({"blocks": stored(each["blocks"])} if each.get("blocks") else {})}
        for number, each in enumerate(attachments, 1)
    ]  # fmt: skip


def _stored(value: Any) -> Any:
    if isinstance(value, list):
        return [_stored(each) for each in value]
    if not isinstance(value, dict) or value.get("type") == "rich_text":
        return value
    found = {name: _stored(each) for name, each in value.items() if each is not None}
    kind = found.get("type")
    if kind == "plain_text":
        found.setdefault("emoji", True)
    elif kind == "mrkdwn":
        found.setdefault("verbatim", False)
    elif kind in forms.INTERACTIVE:
        found.setdefault("action_id", fresh_block_id())
    return found
