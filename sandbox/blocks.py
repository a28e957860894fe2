"""Block Kit's blocks and their hard limits: what each kind of block must and may have.

Sources: docs.slack.dev/reference/block-kit/blocks and the types of @slack/types 3.2.0.
"""

from collections.abc import Iterator
from typing import Any

from sandbox.elements import (
    BUTTON,
    BUTTONS,
    DISPATCH,
    ID,
    IMAGE,
    IMAGE_SOURCE,
    INPUTS,
    MENUS,
    PICKERS,
    PLACEHOLDER,
    REACTIONS,
    WEB_URL,
    mrkdwn,
    plain,
    words,
)
from sandbox.errors import Json
from sandbox.rich import RICH_TEXT
from sandbox.rules import (
    Check,
    Problem,
    Shape,
    anything,
    by_type,
    either,
    failed,
    flag,
    items,
    not_both,
    number,
    one_of,
    shape,
    text,
)

TABLE = 10_000  # characters of all cells of a table together

RICH_INPUT = shape(
    {},
    {
        "action_id": ID,
        **PLACEHOLDER,
        **DISPATCH,
        "initial_value": by_type({"rich_text": RICH_TEXT}),
        "min_lines": number(1, 100),
        "max_lines": number(1, 100),
    },
)
ACTIONS: dict[str, Check] = {**BUTTONS, **MENUS, **PICKERS, "rich_text_input": RICH_INPUT}
ACCESSORIES: dict[str, Check] = {**BUTTONS, **MENUS, **PICKERS, "image": IMAGE}
FIELDS: dict[str, Check] = {**INPUTS, **MENUS, **PICKERS, "rich_text_input": RICH_INPUT}
CELL = by_type(
    {
        "raw_text": shape({"text": text(least=1)}),
        "raw_number": shape({"value": anything, "text": text(least=1)}),
        "rich_text": RICH_TEXT,
    }
)
STATUS = one_of("pending", "in_progress", "complete", "error")


def block(must: dict[str, Check], may: dict[str, Check] | None = None, *laws: Check) -> Shape:
    return shape(must, {**(may or {}), "block_id": ID}, *laws)


def even_rows(value: Json, at: str) -> Iterator[Problem]:
    """A law: all rows of a table have as many cells."""
    rows = [r for r in value.get("rows") or () if isinstance(r, list)]
    for row in range(1, len(rows)):
        if len(rows[row]) != len(rows[0]):
            yield failed(f"{at}/rows/{row}", "must have as many cells as the first row", expected=len(rows[0]))


def modest_table(value: Json, at: str) -> Iterator[Problem]:
    if len(str(value.get("rows"))) > TABLE and (total := sum(_lengths(value.get("rows")))) > TABLE:
        yield failed(f"{at}/rows", f"cells must be less than {TABLE + 1} characters together", got=total)


def _lengths(value: Any) -> Iterator[int]:
    if isinstance(value, list):
        for each in value:
            yield from _lengths(each)
    elif isinstance(value, dict):
        yield len(value["text"]) if isinstance(value.get("text"), str) else 0
        yield from _lengths(value.get("elements"))


def plain_header(value: Json, at: str) -> Iterator[Problem]:
    """A law: a data table's header row has no rich text."""
    for number_, cell in enumerate((value.get("rows") or [[]])[0]):
        if isinstance(cell, dict) and cell.get("type") == "rich_text":
            yield failed(f"{at}/rows/0/{number_}/type", "unsupported type: rich_text", got="rich_text")


SECTION = block(
    {},
    {
        "text": words(3000),
        "fields": items(words(2000), 1, 10),
        "accessory": by_type(ACCESSORIES),
        "expand": flag,
    },
    either("text", "fields"),
)
EVERYWHERE: dict[str, Check] = {
    "actions": block({"elements": items(by_type(ACTIONS), 1, 25)}),
    "context": block(
        {
            "elements": items(
                by_type(
                    {
                        "image": IMAGE,
                        "plain_text": shape({"text": text(3000, least=1)}, {"emoji": flag}),
                        "mrkdwn": shape({"text": text(3000, least=1)}, {"verbatim": flag}),
                    }
                ),
                1,
                10,
            )
        }
    ),
    "divider": block({}),
    "header": block({"text": plain(150)}),
    "image": block(
        {"alt_text": text(2000)},
        {**IMAGE_SOURCE, "title": plain(2000)},
        either("image_url", "slack_file"),
        not_both("image_url", "slack_file"),
    ),
    "input": block(
        {"label": plain(2000), "element": by_type(FIELDS)},
        {"hint": plain(2000), "optional": flag, "dispatch_action": flag},
    ),
    "rich_text": RICH_TEXT,
    "section": SECTION,
    "video": block(
        {
            "alt_text": text(2000),
            "title": plain(199),
            "video_url": text(3000, least=1, like=WEB_URL),
            "thumbnail_url": text(3000, least=1, like=WEB_URL),
        },
        {
            "title_url": text(3000, least=1, like=r"https://\S+"),
            "description": plain(200),
            "author_name": text(49),
            "provider_name": text(255),
            "provider_icon_url": text(3000, least=1, like=WEB_URL),
        },
    ),
}
CARD = block(
    {},
    {
        "hero_image": by_type({"image": IMAGE}),
        "icon": by_type({"image": IMAGE}),
        "title": mrkdwn(150),
        "subtitle": mrkdwn(150),
        "body": mrkdwn(200),
        "actions": items(by_type({"button": BUTTON}), 1, 25),
    },
    either("hero_image", "title", "body", "actions"),
)
TABLE_BLOCK = block(
    {"rows": items(items(CELL, 1, 20), 1, 100)},
    {"column_settings": items(shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag}), 0, 20)},
    modest_table,
)
TASK_CARD = block(
    {"task_id": text(255, least=1), "title": text(least=1), "status": STATUS},
    {
        "details": by_type({"rich_text": RICH_TEXT}),
        "output": by_type({"rich_text": RICH_TEXT}),
        "sources": items(by_type({"url": shape({"url": text(3000, like=WEB_URL), "text": text(least=1)})}), 0),
    },
)
CHILDREN: dict[str, Check] = {**EVERYWHERE, "table": TABLE_BLOCK}
MESSAGES_ONLY: dict[str, Check] = {
    "card": CARD,
    "carousel": block({"elements": items(by_type({"card": CARD}), 1, 10)}),
    "context_actions": block({"elements": items(by_type(REACTIONS), 1, 5)}),
    "data_table": block(
        {"rows": items(items(CELL, 1, 20), 2, 101), "caption": text(least=1)},
        {"page_size": number(1, 100), "row_header_column_index": number(0, 19)},
        even_rows,
        modest_table,
        plain_header,
    ),
    "markdown": block({"text": text(12_000, least=1)}),
    "plan": block({"title": text(least=1)}, {"tasks": items(by_type({"task_card": TASK_CARD}), 0)}),
    "table": TABLE_BLOCK,
    "task_card": TASK_CARD,
}
CONTAINER = block(
    {"child_blocks": items(by_type(CHILDREN), 1, 10)},
    {
        "title": plain(150),
        "rich_text_title": by_type({"rich_text": RICH_TEXT}),
        "subtitle": words(150),
        "width": one_of("narrow", "standard", "wide", "full"),
        "icon": by_type({"image": IMAGE}),
        "is_collapsible": flag,
        "default_collapsed": flag,
        "has_header_divider": flag,
    },
    not_both("title", "rich_text_title"),
)
ALERT = block({"text": words(3000)}, {"level": one_of("default", "info", "warning", "error", "success")})
SURFACES: dict[str, dict[str, Check]] = {
    "message": {**EVERYWHERE, **MESSAGES_ONLY, "container": CONTAINER},
    "modal": {**EVERYWHERE, "container": CONTAINER, "alert": ALERT},
    "home": {**EVERYWHERE, "container": CONTAINER},
}
