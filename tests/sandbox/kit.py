"""Block Kit in few words, for tests."""

from typing import Any

from slack_sdk.web.async_slack_response import AsyncSlackResponse

Json = dict[str, Any]


def told(answer: AsyncSlackResponse) -> Json:
    """What the Web API answered."""
    assert isinstance(answer.data, dict)
    return answer.data


def plain(words: str = "x") -> Json:
    return {"type": "plain_text", "text": words}


def mrkdwn(words: str = "x") -> Json:
    return {"type": "mrkdwn", "text": words}


def button(action_id: str = "go", words: str = "Go", **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(words), **more}


def option(value: str = "v", words: str = "x", **more: Any) -> Json:
    return {"text": plain(words), "value": value, **more}


def options(count: int) -> list[Json]:
    return [option(f"v{n}") for n in range(count)]


def select(count: int = 1, **more: Any) -> Json:
    return {"type": "static_select", "action_id": "pick", "options": options(count), **more}


def actions(*elements: Json, block_id: str = "row") -> Json:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def section(words: str = "x", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(words), **more}


def image(**more: Any) -> Json:
    return {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a picture", **more}


def field(element: Json | None = None, block_id: str = "field", **more: Any) -> Json:
    element = element or {"type": "plain_text_input", "action_id": "typed"}
    return {"type": "input", "block_id": block_id, "label": plain("Label"), "element": element, **more}


def modal(*blocks: Json, **more: Any) -> Json:
    content = list(blocks) or [{"type": "divider"}]
    view = {"type": "modal", "callback_id": "form", "title": plain("Title"), "submit": plain("Send"), "blocks": content}
    return {**view, **more}


def home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks) or [section("Welcome")], **more}


def rich(words: str = "x") -> Json:
    part = {"type": "rich_text_section", "elements": [{"type": "text", "text": words}]}
    return {"type": "rich_text", "elements": [part]}


def cells(count: int, words: str = "x") -> list[Json]:
    return [{"type": "raw_text", "text": words} for _ in range(count)]
