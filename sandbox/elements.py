"""Block Kit's small parts and their limits: texts, options, confirmations, buttons, menus and inputs.

Sources: docs.slack.dev/reference/block-kit (block elements, composition objects) and the types of @slack/types 3.2.0.
"""

from collections.abc import Iterator
from typing import Any

from sandbox.errors import Json
from sandbox.rules import (
    Check,
    Problem,
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
    unique,
)

ANY_URL = r"[a-zA-Z][a-zA-Z0-9+.-]*:\S+"
WEB_URL = r"https?://\S+"
ID = text(255, least=1)
USER, CHANNEL = r"[UW][A-Z0-9]+", r"[CDG][A-Z0-9]+"


def plain(most: int) -> Check:
    return by_type({"plain_text": shape({"text": text(most, least=1)}, {"emoji": flag})})


def mrkdwn(most: int) -> Check:
    return by_type({"mrkdwn": shape({"text": text(most, least=1)}, {"verbatim": flag})})


def words(most: int) -> Check:
    """Either kind of text object."""
    return by_type(
        {
            "plain_text": shape({"text": text(most, least=1)}, {"emoji": flag}),
            "mrkdwn": shape({"text": text(most, least=1)}, {"verbatim": flag}),
        }
    )


STYLE = one_of("primary", "danger")
CONFIRM = shape({"text": words(300)}, {"title": plain(100), "confirm": plain(30), "deny": plain(30), "style": STYLE})
SLACK_FILE = shape({}, {"id": ID, "url": text(3000, least=1)}, either("id", "url"), not_both("id", "url"))
IMAGE_SOURCE = {"image_url": text(3000, least=1, like=WEB_URL), "slack_file": SLACK_FILE}
IMAGE = shape(
    {"alt_text": text(2000)}, IMAGE_SOURCE, either("image_url", "slack_file"), not_both("image_url", "slack_file")
)


def option(label: Check) -> Check:
    return shape(
        {"text": label, "value": text(150, least=1)},
        {"description": words(75), "url": text(3000, least=1, like=ANY_URL)},
    )


PLAIN_OPTION, RICH_OPTION = option(plain(75)), option(words(75))


def _options(value: Json) -> Iterator[Json]:
    for group in (value, *(value.get("option_groups") or ())):
        if isinstance(group, dict):
            yield from (o for o in group.get("options") or () if isinstance(o, dict))


def distinct_values(value: Json, at: str) -> Iterator[Problem]:
    """A law: option values are unique in their menu."""
    yield from unique(((o.get("value"), f"{at}/options") for o in _options(value)), "value")


def initially_offered(value: Json, at: str) -> Iterator[Problem]:
    """A law: what is chosen at first is one of the options, exactly."""
    chosen = value.get("initial_options") or ([value["initial_option"]] if value.get("initial_option") else [])
    offered = [(o.get("value"), _label(o)) for o in _options(value)]
    for each in chosen if isinstance(chosen, list) else []:
        if isinstance(each, dict) and (each.get("value"), _label(each)) not in offered:
            name = "initial_options" if "initial_options" in value else "initial_option"
            yield failed(f"{at}/{name}", f"`{name}` must be among the options", type="subset", got=each.get("value"))


def _label(option_: Json) -> Any:
    label = option_.get("text")
    return label.get("text") if isinstance(label, dict) else None


def lengths_in_order(value: Json, at: str) -> Iterator[Problem]:
    shortest, longest = value.get("min_length"), value.get("max_length")
    if isinstance(shortest, int) and isinstance(longest, int) and shortest > longest:
        yield failed(f"{at}/min_length", "`min_length` must not be more than `max_length`", type="range")


ACTION: dict[str, Check] = {"action_id": ID}
CONFIRMED: dict[str, Check] = {**ACTION, "confirm": CONFIRM}
PLACEHOLDER: dict[str, Check] = {"placeholder": plain(150), "focus_on_load": flag}
MENU: dict[str, Check] = {**CONFIRMED, **PLACEHOLDER}
SEVERAL: dict[str, Check] = {"max_selected_items": number(1, 10_000)}
ONE_OF_STATIC: dict[str, Check] = {
    "options": items(PLAIN_OPTION, 1, 100),
    "option_groups": items(shape({"label": plain(75), "options": items(PLAIN_OPTION, 1, 100)}), 1, 100),
}
FILTER = shape(
    {},
    {
        "include": items(one_of("im", "mpim", "private", "public"), 1),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    },
    either("include", "exclude_external_shared_channels", "exclude_bot_users"),
)
DISPATCH: dict[str, Check] = {
    "dispatch_action_config": shape(
        {}, {"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), 1)}
    )
}
TYPED: dict[str, Check] = {**ACTION, **PLACEHOLDER, **DISPATCH}
STATIC_LAWS = (
    either("options", "option_groups"),
    not_both("options", "option_groups"),
    distinct_values,
    initially_offered,
)
CHOICE_LAWS = (distinct_values, initially_offered)
FEEDBACK = shape({"text": plain(75), "value": text(2000)}, {"accessibility_label": text(75, least=1)})
NUMBER = text(like=r"-?\d+(\.\d+)?")

BUTTON = shape(
    {"text": plain(75)},
    {
        **CONFIRMED,
        "value": text(2000),
        "url": text(3000, least=1, like=ANY_URL),
        "style": STYLE,
        "accessibility_label": text(75, least=1),
    },
)
MENUS: dict[str, Check] = {
    "static_select": shape({}, {**MENU, **ONE_OF_STATIC, "initial_option": PLAIN_OPTION}, *STATIC_LAWS),
    "multi_static_select": shape(
        {}, {**MENU, **SEVERAL, **ONE_OF_STATIC, "initial_options": items(PLAIN_OPTION, 1, 100)}, *STATIC_LAWS
    ),
    "external_select": shape({}, {**MENU, "initial_option": PLAIN_OPTION, "min_query_length": number(0, 3000)}),
    "multi_external_select": shape(
        {},
        {**MENU, **SEVERAL, "initial_options": items(PLAIN_OPTION, 1, 100), "min_query_length": number(0, 3000)},
    ),
    "users_select": shape({}, {**MENU, "initial_user": text(like=USER)}),
    "multi_users_select": shape({}, {**MENU, **SEVERAL, "initial_users": items(text(like=USER), 1)}),
    "conversations_select": shape(
        {},
        {
            **MENU,
            "initial_conversation": text(like=CHANNEL),
            "default_to_current_conversation": flag,
            "filter": FILTER,
            "response_url_enabled": flag,
        },
    ),
    "multi_conversations_select": shape(
        {},
        {
            **MENU,
            **SEVERAL,
            "initial_conversations": items(text(like=CHANNEL), 1),
            "default_to_current_conversation": flag,
            "filter": FILTER,
        },
    ),
    "channels_select": shape({}, {**MENU, "initial_channel": text(like=CHANNEL), "response_url_enabled": flag}),
    "multi_channels_select": shape({}, {**MENU, **SEVERAL, "initial_channels": items(text(like=CHANNEL), 1)}),
}
PICKERS: dict[str, Check] = {
    "datepicker": shape({}, {**MENU, "initial_date": text(like=r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")}),
    "timepicker": shape(
        {}, {**MENU, "initial_time": text(like=r"([01]\d|2[0-3]):[0-5]\d"), "timezone": text(100, least=1)}
    ),
    "datetimepicker": shape(
        {}, {**CONFIRMED, "focus_on_load": flag, "initial_date_time": number(1_000_000_000, 9_999_999_999)}
    ),
    "checkboxes": shape(
        {"options": items(RICH_OPTION, 1, 10)},
        {**CONFIRMED, "focus_on_load": flag, "initial_options": items(RICH_OPTION, 1, 10)},
        *CHOICE_LAWS,
    ),
    "radio_buttons": shape(
        {"options": items(RICH_OPTION, 1, 10)},
        {**CONFIRMED, "focus_on_load": flag, "initial_option": RICH_OPTION},
        *CHOICE_LAWS,
    ),
}
INPUTS: dict[str, Check] = {
    "plain_text_input": shape(
        {},
        {
            **TYPED,
            "initial_value": text(3000),
            "multiline": flag,
            "min_length": number(0, 3000),
            "max_length": number(1, 3000),
        },
        lengths_in_order,
    ),
    "email_text_input": shape({}, {**TYPED, "initial_value": text(3000)}),
    "url_text_input": shape({}, {**TYPED, "initial_value": text(3000)}),
    "number_input": shape(
        {"is_decimal_allowed": flag}, {**TYPED, "initial_value": NUMBER, "min_value": NUMBER, "max_value": NUMBER}
    ),
    "file_input": shape({}, {**ACTION, "filetypes": items(text(100, least=1), 1), "max_files": number(1, 10)}),
}
BUTTONS: dict[str, Check] = {
    "button": BUTTON,
    "overflow": shape({"options": items(PLAIN_OPTION, 1, 5)}, CONFIRMED, distinct_values),
    "workflow_button": shape(
        {"text": plain(75), "workflow": shape({"trigger": anything})},
        {**CONFIRMED, "style": STYLE, "accessibility_label": text(75, least=1)},
    ),
}
REACTIONS: dict[str, Check] = {
    "feedback_buttons": shape({"positive_button": FEEDBACK, "negative_button": FEEDBACK}, ACTION),
    "icon_button": shape(
        {"icon": text(255, least=1), "text": plain(75)},
        {
            **CONFIRMED,
            "value": text(2000),
            "accessibility_label": text(75, least=1),
            "visible_to_user_ids": items(text(like=USER), 1),
        },
    ),
}
