"""Every hard limit of Block Kit: how something of a given size is made, how large it may be, where the pointer goes."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.sandbox.kit import (
    Json,
    actions,
    button,
    cells,
    field,
    image,
    modal,
    mrkdwn,
    option,
    options,
    plain,
    rich,
    section,
    select,
)


@dataclass(frozen=True)
class Limit:
    """`most` fits, one more does not; where `least` is given, one less does not either."""

    what: str
    make: Callable[[int], list[Json]]
    most: int
    pointer: str
    least: int | None = None


def _x(count: int) -> str:
    return "x" * count


def _url(count: int) -> str:
    return "https://example.com/" + _x(count - len("https://example.com/"))


def _confirm(title: int = 1, text: int = 1, confirm: int = 1, deny: int = 1) -> Json:
    asked = {"title": plain(_x(title)), "text": plain(_x(text))}
    return {"confirm": {**asked, "confirm": plain(_x(confirm)), "deny": plain(_x(deny))}}


def _grouped(groups: int, inside: int = 1, label: int = 1) -> Json:
    made = [{"label": plain(_x(label)), "options": [option(f"{g}-{n}") for n in range(inside)]} for g in range(groups)]
    return {"type": "static_select", "action_id": "pick", "option_groups": made}


def _video(**more: object) -> Json:
    links = {"video_url": "https://example.com/v", "thumbnail_url": "https://example.com/t.png"}
    return {"type": "video", "alt_text": "v", "title": plain(), **links, **more}


def _card(**more: object) -> Json:
    return {"type": "card", "title": mrkdwn(), **more}


def _container(**more: object) -> Json:
    return {"type": "container", "title": plain(), "child_blocks": [{"type": "divider"}], **more}


def _data_table(rows: int = 2, **more: object) -> Json:
    return {"type": "data_table", "caption": "c", "rows": [cells(2) for _ in range(rows)], **more}


def _typed(**more: object) -> Json:
    return field({"type": "plain_text_input", "action_id": "typed", **more})


ROW = "/blocks/0/elements/0"
MESSAGE_LIMITS = [
    Limit("blocks of a message", lambda n: [{"type": "divider"}] * n, 50, "/blocks"),
    Limit("characters of a block_id", lambda n: [{"type": "divider", "block_id": _x(n)}], 255, "/blocks/0/block_id", 1),
    Limit("characters of a section", lambda n: [section(_x(n))], 3000, "/blocks/0/text/text", 1),
    Limit("fields of a section", lambda n: [{"type": "section", "fields": [mrkdwn()] * n}], 10, "/blocks/0/fields"),
    Limit(
        "characters of a field",
        lambda n: [{"type": "section", "fields": [mrkdwn(_x(n))]}],
        2000,
        "/blocks/0/fields/0/text",
        1,
    ),
    Limit(
        "characters of a header", lambda n: [{"type": "header", "text": plain(_x(n))}], 150, "/blocks/0/text/text", 1
    ),
    Limit(
        "elements of a context",
        lambda n: [{"type": "context", "elements": [mrkdwn()] * n}],
        10,
        "/blocks/0/elements",
        1,
    ),
    Limit(
        "elements of actions",
        lambda n: [actions(*(button(f"b{i}") for i in range(n)))],
        25,
        "/blocks/0/elements",
        1,
    ),
    Limit(
        "elements of context actions",
        lambda n: [
            {
                "type": "context_actions",
                "elements": [
                    {"type": "icon_button", "action_id": f"i{i}", "icon": "trash", "text": plain()} for i in range(n)
                ],
            }
        ],
        5,
        "/blocks/0/elements",
        1,
    ),
    Limit("characters of an image's alt_text", lambda n: [image(alt_text=_x(n))], 2000, "/blocks/0/alt_text"),
    Limit("characters of an image's title", lambda n: [image(title=plain(_x(n)))], 2000, "/blocks/0/title/text", 1),
    Limit("characters of an image's address", lambda n: [image(image_url=_url(n))], 3000, "/blocks/0/image_url"),
    Limit("characters of a label", lambda n: [field(label=plain(_x(n)))], 2000, "/blocks/0/label/text", 1),
    Limit("characters of a hint", lambda n: [field(hint=plain(_x(n)))], 2000, "/blocks/0/hint/text", 1),
    Limit(
        "characters of an initial value",
        lambda n: [_typed(initial_value=_x(n))],
        3000,
        "/blocks/0/element/initial_value",
    ),
    Limit("min_length", lambda n: [_typed(min_length=n)], 3000, "/blocks/0/element/min_length", 0),
    Limit("max_length", lambda n: [_typed(max_length=n)], 3000, "/blocks/0/element/max_length", 1),
    Limit("characters of an action_id", lambda n: [actions(button(_x(n)))], 255, f"{ROW}/action_id", 1),
    Limit("characters of a button", lambda n: [actions(button(words=_x(n)))], 75, f"{ROW}/text/text", 1),
    Limit("characters of a button's value", lambda n: [actions(button(value=_x(n)))], 2000, f"{ROW}/value"),
    Limit("characters of a button's address", lambda n: [actions(button(url=_url(n)))], 3000, f"{ROW}/url"),
    Limit(
        "characters of an accessibility label",
        lambda n: [actions(button(accessibility_label=_x(n)))],
        75,
        f"{ROW}/accessibility_label",
        1,
    ),
    Limit(
        "characters of an option",
        lambda n: [actions(select(options=[option(words=_x(n))]))],
        75,
        f"{ROW}/options/0/text/text",
        1,
    ),
    Limit(
        "characters of an option's value",
        lambda n: [actions(select(options=[option(_x(n))]))],
        150,
        f"{ROW}/options/0/value",
        1,
    ),
    Limit(
        "characters of an option's description",
        lambda n: [actions(select(options=[option(description=plain(_x(n)))]))],
        75,
        f"{ROW}/options/0/description/text",
        1,
    ),
    Limit("options of a select", lambda n: [actions(select(n))], 100, f"{ROW}/options"),
    Limit("option groups", lambda n: [actions(_grouped(n))], 100, f"{ROW}/option_groups"),
    Limit("options of a group", lambda n: [actions(_grouped(1, n))], 100, f"{ROW}/option_groups/0/options", 1),
    Limit(
        "characters of a group's label",
        lambda n: [actions(_grouped(1, label=n))],
        75,
        f"{ROW}/option_groups/0/label/text",
        1,
    ),
    Limit(
        "characters of a placeholder",
        lambda n: [actions(select(placeholder=plain(_x(n))))],
        150,
        f"{ROW}/placeholder/text",
        1,
    ),
    Limit(
        "options of an overflow menu",
        lambda n: [actions({"type": "overflow", "action_id": "more", "options": options(n)})],
        5,
        f"{ROW}/options",
        1,
    ),
    Limit(
        "checkboxes",
        lambda n: [actions({"type": "checkboxes", "action_id": "c", "options": options(n)})],
        10,
        f"{ROW}/options",
        1,
    ),
    Limit(
        "radio buttons",
        lambda n: [actions({"type": "radio_buttons", "action_id": "r", "options": options(n)})],
        10,
        f"{ROW}/options",
        1,
    ),
    Limit(
        "characters of a confirmation's title",
        lambda n: [actions(button(**_confirm(title=n)))],
        100,
        f"{ROW}/confirm/title/text",
        1,
    ),
    Limit(
        "characters of a confirmation",
        lambda n: [actions(button(**_confirm(text=n)))],
        300,
        f"{ROW}/confirm/text/text",
        1,
    ),
    Limit(
        "characters of a confirming button",
        lambda n: [actions(button(**_confirm(confirm=n)))],
        30,
        f"{ROW}/confirm/confirm/text",
        1,
    ),
    Limit(
        "characters of a denying button",
        lambda n: [actions(button(**_confirm(deny=n)))],
        30,
        f"{ROW}/confirm/deny/text",
        1,
    ),
    Limit(
        "characters of a markdown block", lambda n: [{"type": "markdown", "text": _x(n)}], 12_000, "/blocks/0/text", 1
    ),
    Limit(
        "characters of all markdown blocks",
        lambda n: [{"type": "markdown", "text": _x(n - 1)}, {"type": "markdown", "text": "x"}],
        12_000,
        "/blocks",
    ),
    Limit("rows of a table", lambda n: [{"type": "table", "rows": [cells(1)] * n}], 100, "/blocks/0/rows", 1),
    Limit("cells of a row", lambda n: [{"type": "table", "rows": [cells(n)]}], 20, "/blocks/0/rows/0", 1),
    Limit("characters of a table", lambda n: [{"type": "table", "rows": [cells(1, _x(n))]}], 10_000, "/blocks/0/rows"),
    Limit("rows of a data table", lambda n: [_data_table(n)], 101, "/blocks/0/rows", 2),
    Limit("page_size", lambda n: [_data_table(page_size=n)], 100, "/blocks/0/page_size", 1),
    Limit(
        "cards of a carousel",
        lambda n: [{"type": "carousel", "elements": [_card() for _ in range(n)]}],
        10,
        "/blocks/0/elements",
        1,
    ),
    Limit("characters of a card's title", lambda n: [_card(title=mrkdwn(_x(n)))], 150, "/blocks/0/title/text", 1),
    Limit(
        "characters of a card's subtitle", lambda n: [_card(subtitle=mrkdwn(_x(n)))], 150, "/blocks/0/subtitle/text", 1
    ),
    Limit("characters of a card's body", lambda n: [_card(body=mrkdwn(_x(n)))], 200, "/blocks/0/body/text", 1),
    Limit(
        "children of a container",
        lambda n: [_container(child_blocks=[{"type": "divider"}] * n)],
        10,
        "/blocks/0/child_blocks",
        1,
    ),
    Limit(
        "characters of a container's title",
        lambda n: [_container(title=plain(_x(n)))],
        150,
        "/blocks/0/title/text",
        1,
    ),
    Limit("characters of a video's title", lambda n: [_video(title=plain(_x(n)))], 199, "/blocks/0/title/text", 1),
    Limit("characters of a video's author", lambda n: [_video(author_name=_x(n))], 49, "/blocks/0/author_name"),
]


def _file_input(most: int) -> Json:
    return modal(field({"type": "file_input", "action_id": "files", "max_files": most}))


@dataclass(frozen=True)
class ViewLimit:
    what: str
    make: Callable[[int], Json]
    most: int
    pointer: str
    least: int | None = None


VIEW_LIMITS = [
    ViewLimit("characters of a title", lambda n: modal(title=plain(_x(n))), 24, "/title/text", 1),
    ViewLimit("characters of submit", lambda n: modal(submit=plain(_x(n))), 24, "/submit/text", 1),
    ViewLimit("characters of close", lambda n: modal(close=plain(_x(n))), 24, "/close/text", 1),
    ViewLimit("blocks of a modal", lambda n: modal(*[{"type": "divider"}] * n), 100, "/blocks"),
    ViewLimit("blocks of a Home", lambda n: {"type": "home", "blocks": [{"type": "divider"}] * n}, 100, "/blocks"),
    ViewLimit("characters of private_metadata", lambda n: modal(private_metadata=_x(n)), 3000, "/private_metadata"),
    ViewLimit("characters of callback_id", lambda n: modal(callback_id=_x(n)), 255, "/callback_id"),
    ViewLimit("characters of external_id", lambda n: modal(external_id=_x(n)), 255, "/external_id"),
    ViewLimit("files of a file input", _file_input, 10, "/blocks/0/element/max_files", 1),
    ViewLimit(
        "min_lines of a rich text input",
        lambda n: modal(field({"type": "rich_text_input", "action_id": "r", "min_lines": n})),
        100,
        "/blocks/0/element/min_lines",
        1,
    ),
    ViewLimit(
        "max_lines of a rich text input",
        lambda n: modal(field({"type": "rich_text_input", "action_id": "r", "max_lines": n})),
        100,
        "/blocks/0/element/max_lines",
        1,
    ),
]

# What is wrong whatever its size: the message, and where the pointer goes.
WRONG: dict[str, tuple[list[Json], str]] = {
    "a section with neither text nor fields": ([{"type": "section"}], "/blocks/0"),
    "a header in mrkdwn": ([{"type": "header", "text": mrkdwn()}], "/blocks/0/text/type"),
    "an image without alt_text": ([{"type": "image", "image_url": "https://e.com/a.png"}], "/blocks/0"),
    "an image without a source": ([{"type": "image", "alt_text": "a"}], "/blocks/0"),
    "an image with two sources": ([image(slack_file={"id": "F1"})], "/blocks/0"),
    "an image from nowhere": ([image(image_url="javascript:alert(1)")], "/blocks/0/image_url"),
    "an unknown block": ([{"type": "carousel_x"}], "/blocks/0/type"),
    "a block without a type": ([{"text": "x"}], "/blocks/0"),
    "a block that is text": (["x"], "/blocks/0"),  # type: ignore[list-item]
    "a field that no block has": ([{"type": "divider", "colour": "red"}], "/blocks/0"),
    "a text that is a number": ([{"type": "section", "text": {"type": "mrkdwn", "text": 5}}], "/blocks/0/text/text"),
    "a style that no button has": ([actions(button(style="blue"))], f"{ROW}/style"),
    "an input among actions": ([actions({"type": "plain_text_input", "action_id": "t"})], f"{ROW}/type"),
    "a button as an input": ([field(button())], "/blocks/0/element/type"),
    "the same action_id twice in a block": ([actions(button("a"), button("a"))], "/blocks/0/action_id"),
    "the same block_id twice": ([{"type": "divider", "block_id": "b"}] * 2, "/blocks/1/block_id"),
    "a select without options": (
        [actions({"type": "static_select", "action_id": "s", "options": []})],
        f"{ROW}/options",
    ),
    "a select with options and groups": ([actions(select(option_groups=[]))], f"{ROW}/option_groups"),
    "two options of one value": ([actions(select(options=[option("a"), option("a")]))], f"{ROW}/options"),
    "an initial option that is not offered": (
        [actions(select(initial_option=option("other")))],
        f"{ROW}/initial_option",
    ),
    "an option in mrkdwn": (
        [actions(select(options=[{"text": mrkdwn(), "value": "v"}]))],
        f"{ROW}/options/0/text/type",
    ),
    "a date that is none": (
        [actions({"type": "datepicker", "action_id": "d", "initial_date": "2026-13-01"})],
        f"{ROW}/initial_date",
    ),
    "a time that is none": (
        [actions({"type": "timepicker", "action_id": "t", "initial_time": "24:00"})],
        f"{ROW}/initial_time",
    ),
    "a user that is none": (
        [actions({"type": "users_select", "action_id": "u", "initial_user": "ann"})],
        f"{ROW}/initial_user",
    ),
    "a confirmation without text": ([actions(button(confirm={"title": plain()}))], f"{ROW}/confirm"),
    "a minimum above the maximum": ([_typed(min_length=9, max_length=5)], "/blocks/0/element/min_length"),
    "a number input that does not say whether decimals are fine": (
        [field({"type": "number_input", "action_id": "n"})],
        "/blocks/0/element",
    ),
    "a file input in a message": ([field({"type": "file_input", "action_id": "f"})], "/blocks/0/element/type"),
    "an alert in a message": ([{"type": "alert", "text": plain()}], "/blocks/0/type"),
    "two tables in a message": ([{"type": "table", "rows": [cells(1)]}] * 2, "/blocks/1"),
    "a data table with ragged rows": (
        [{"type": "data_table", "caption": "c", "rows": [cells(2), cells(1)]}],
        "/blocks/0/rows/1",
    ),
    "a data table with rich text in its header": (
        [{"type": "data_table", "caption": "c", "rows": [[rich()], cells(1)]}],
        "/blocks/0/rows/0/0/type",
    ),
    "a container with two titles": ([_container(rich_text_title=rich())], "/blocks/0"),
    "a rich text with an unknown part": (
        [{"type": "rich_text", "elements": [{"type": "rich_text_table", "elements": []}]}],
        "/blocks/0/elements/0/type",
    ),
}
