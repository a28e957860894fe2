"""Block Kit as functions: each gives a block or element that keeps Slack's hard limits whatever it is made of.

Limits: Slack's Block Kit reference and the comments of @slack/types. Words from outside go only into `plain` and the
`rich` family, which Slack never reads as markup; `mrkdwn` is for words of our own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from gateways.slack.wire.text import Tail, clean, cut, ellipsis, line

Block = dict[str, Any]
Element = dict[str, Any]
Blocks = list[Block]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
INPUT = 3000
"""Characters that a text input takes, and may start with."""
METADATA = 3000
LINE = 200
"""Characters that fit into a field of one line."""

_NOTHING = "–"
"""What stands where there are no words: Slack takes no empty text."""


# Words


def plain(text: str, limit: int = 3000) -> Element:
    """Words that are shown as they are: no markup, no emoji codes."""
    shown = clean(text)
    return {"type": "plain_text", "text": cut(shown, limit) if shown.strip() else _NOTHING, "emoji": False}


def label(text: str, limit: int) -> Element:
    """A single line of plain words; of direction marks only those stay that `set_apart` puts around names."""
    return plain(line(text, limit), limit)


def mrkdwn(text: str, limit: int = 3000) -> Element:
    """Our own words, with Slack's markup."""
    return {"type": "mrkdwn", "text": cut(clean(text), limit) or _NOTHING}


def date_words(at: datetime, fallback: str, shape: str = "{date_short_pretty} {time}") -> str:
    """mrkdwn for a moment, shown in the reader's own zone and language. `fallback` is our own."""
    return f"<!date^{int(at.timestamp())}^{shape}|{fallback}>"


# Rich text: the only markup that takes words from outside, since it is never parsed


def words(text: str, *styles: Literal["bold", "italic", "strike", "code"]) -> Element:
    """A run of words. Empty ones are left out by `section_of` and its kin."""
    run: Element = {"type": "text", "text": clean(text)}
    return {**run, "style": dict.fromkeys(styles, True)} if styles else run


def date(at: datetime, fallback: str, shape: str = "{date_short_pretty} {time}") -> Element:
    """A moment among words, shown in the reader's own zone and language."""
    return {"type": "date", "timestamp": int(at.timestamp()), "format": shape, "fallback": fallback}


def user(id: str) -> Element:
    """A user by id, shown by name; named in a new message they are notified."""
    return {"type": "user", "user_id": id}


def everybody_here() -> Element:
    """Whoever of the room is there now; all of them are notified of a new message."""
    return {"type": "broadcast", "range": "here"}


def anchor(url: str, text: str) -> Element:
    """A link among words."""
    return {"type": "link", "url": url, "text": clean(text)}


def address(url: str) -> Element:
    """A link among words that says where it leads."""
    return {"type": "link", "url": url}


def paragraph(*runs: Element) -> Element:
    return {"type": "rich_text_section", "elements": _said(runs)}


def quote(text: str, limit: int, tail: Tail = ellipsis) -> Element:
    """Somebody's words, verbatim, with a line beside them; what is longer than `limit` ends in `tail`."""
    return {"type": "rich_text_quote", "elements": _said([words(cut(clean(text), limit, tail))])}


def verbatim(text: str, limit: int, tail: Tail = ellipsis) -> Element:
    """Words exactly as they are, in a box."""
    return {"type": "rich_text_preformatted", "elements": _said([words(cut(clean(text), limit, tail))])}


def rich(*parts: Element) -> Block:
    return {"type": "rich_text", "elements": list(parts) or [paragraph()]}


def _said(runs: Iterable[Element]) -> list[Element]:
    kept = [run for run in runs if run["type"] != "text" or run["text"]]
    return kept or [words(_NOTHING)]


# Blocks


def header(text: str) -> Block:
    return {"type": "header", "text": label(text, 150)}


def section(text: Element, accessory: Element | None = None) -> Block:
    block: Block = {"type": "section", "text": text}
    return {**block, "accessory": accessory} if accessory else block


def context(*elements: Element) -> Block:
    """Small print. The eleventh and later elements have no place."""
    return {"type": "context", "elements": list(elements[:10])}


def actions(block_id: str, *elements: Element) -> Block:
    return {"type": "actions", "block_id": block_id[:255], "elements": list(elements[:25])}


def divider() -> Block:
    return {"type": "divider"}


def field(block_id: str, title: str, element: Element, hint: str = "", optional: bool = False) -> Block:
    """A labelled input."""
    block: Block = {"type": "input", "block_id": block_id[:255], "label": label(title, 2000), "element": element}
    if optional:
        block["optional"] = True
    return {**block, "hint": label(hint, 2000)} if hint else block


# Elements


def asking(title: str, question: str, yes: str, no: str) -> Element:
    """What is asked before something is done: for a button's `confirm`."""
    return {"title": label(title, 100), "text": plain(question, 300), "confirm": label(yes, 30), "deny": label(no, 30)}


def button(
    action: str,
    title: str,
    value: object,
    style: Literal["primary", "danger"] | None = None,
    confirm: Element | None = None,
) -> Element:
    made: Element = {
        "type": "button",
        "action_id": action[:255],
        "text": label(title, 75),
        "value": str(value)[:2000] or _NOTHING,
    }
    if confirm:
        made["confirm"] = confirm
    return {**made, "style": style} if style else made


def link(action: str, title: str, url: str) -> Element:
    """A button that leads elsewhere; Slack tells us of the click all the same."""
    return {"type": "button", "action_id": action[:255], "text": label(title, 75), "url": url[:3000]}


def option(title: str, value: object) -> Element:
    return {"text": label(title, 75), "value": str(value)[:150] or _NOTHING}


def overflow(action: str, options: Sequence[Element]) -> Element:
    """The "…" menu: two to five options."""
    return {"type": "overflow", "action_id": action[:255], "options": list(options[:5])}


def select(action: str, placeholder: str, options: Sequence[Element]) -> Element:
    """A list to pick from, of at most a hundred; `search_select` is for more."""
    return {
        "type": "static_select",
        "action_id": action[:255],
        "placeholder": label(placeholder, 150),
        "options": list(options[:100]),
    }


def multi_select(action: str, placeholder: str, options: Sequence[Element], chosen: Collection[object] = ()) -> Element:
    """A list to pick several from, of at most a hundred; `chosen` are the values of those picked already."""
    made: Element = {**select(action, placeholder, options), "type": "multi_static_select"}
    picked = [one for one in made["options"] if one["value"] in {str(value) for value in chosen}]
    return {**made, "initial_options": picked} if picked else made


def picked(list: Element, value: object) -> Element:
    """A list with this choice made already, where it has it."""
    chosen = next((one for one in list["options"] if one["value"] == str(value)), None)
    return {**list, "initial_option": chosen} if chosen else list


def person_select(action: str, placeholder: str, chosen: str = "") -> Element:
    """Somebody of the workspace, as Slack finds them; `chosen` is the id of who is picked already."""
    made: Element = {"type": "users_select", "action_id": action[:255], "placeholder": label(placeholder, 150)}
    return {**made, "initial_user": chosen} if chosen else made


def search_select(action: str, placeholder: str) -> Element:
    """A list that we are asked for while somebody types."""
    return {
        "type": "external_select",
        "action_id": action[:255],
        "placeholder": label(placeholder, 150),
        "min_query_length": 0,
    }


def radio(action: str, options: Sequence[Element], chosen: int = 0) -> Element:
    return {
        "type": "radio_buttons",
        "action_id": action[:255],
        "options": list(options[:10]),
        "initial_option": options[chosen],
    }


def checkbox(action: str, title: str, value: str, checked: bool = False) -> Element:
    """One thing to say yes to."""
    made: Element = {"type": "checkboxes", "action_id": action[:255], "options": [option(title, value)]}
    return {**made, "initial_options": made["options"]} if checked else made


def text_input(action: str, start: str = "", placeholder: str = "") -> Element:
    """Several lines to write in."""
    made: Element = {
        "type": "plain_text_input",
        "action_id": action[:255],
        "multiline": True,
        "max_length": INPUT,
        "focus_on_load": True,
    }
    if placeholder:
        made["placeholder"] = label(placeholder, 150)
    return {**made, "initial_value": cut(clean(start), INPUT)} if start else made


def line_input(action: str, start: str = "") -> Element:
    """One line to write in."""
    made: Element = {"type": "plain_text_input", "action_id": action[:255], "max_length": LINE}
    return {**made, "initial_value": line(start, LINE)} if start else made


def file_input(action: str, most: int = 10) -> Element:
    """Files to take from one's own machine; only in a window, and only where the app may read files."""
    return {"type": "file_input", "action_id": action[:255], "max_files": most}


# Views


def modal(
    callback: str, title: str, close: str, blocks: Sequence[Block], submit: str | None = None, metadata: str = ""
) -> Block:
    """`metadata` is what comes back with it: ids, never people's words."""
    if len(metadata) > METADATA:
        raise ValueError(f"{len(metadata)} characters of private metadata; Slack takes {METADATA}")
    view: Block = {
        "type": "modal",
        "callback_id": callback[:255],
        "title": label(title, 24),
        "close": label(close, 24),
        "blocks": list(blocks[:VIEW_BLOCKS]),
        "private_metadata": metadata,
    }
    return {**view, "submit": label(submit, 24)} if submit else view


def home(blocks: Sequence[Block]) -> Block:
    return {"type": "home", "blocks": list(blocks[:VIEW_BLOCKS])}
