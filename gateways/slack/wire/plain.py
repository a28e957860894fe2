"""What a person typed in Slack, as plain text: from the rich_text block that Slack's clients send, else from mrkdwn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Names = Callable[[str], str]
"""A user's id as the name to say."""

_ANGLE = re.compile(r"<([^<>]*)>")
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)")
_BULLETS = "•◦▪"


def mentioned(message: Mapping[str, Any]) -> set[str]:
    """The ids of the users that a message names."""
    return set(_MENTION.findall(str(message.get("text") or "")))


def spoken(message: Mapping[str, Any], names: Names = lambda user: user) -> str:
    """The words of a message event, with names for mentions, and the names of the files that came with it."""
    rich = [block for block in message.get("blocks") or () if block.get("type") == "rich_text"]
    if rich:
        said = "\n".join(_block(block, names) for block in rich)
    else:
        said = unmarked(str(message.get("text") or ""), names)
    files = [f"[{file.get('name') or file.get('title') or 'file'}]" for file in message.get("files") or ()]
    return "\n".join(part for part in (said.strip("\n"), *files) if part)


def unmarked(mrkdwn: str, names: Names = lambda user: user) -> str:
    """mrkdwn text as people read it: references resolved, the three escapes undone."""
    return _unescaped(_ANGLE.sub(lambda match: _reference(match.group(1), names), mrkdwn))


def _reference(inner: str, names: Names) -> str:
    target, _, shown = inner.partition("|")
    if target.startswith("@"):
        return f"@{names(target[1:])}"
    if target.startswith("#"):
        return f"#{shown or target[1:]}"
    if target.startswith("!date^"):
        return shown
    if target.startswith("!subteam^"):
        return shown or target
    if target.startswith("!"):
        return f"@{shown or target[1:]}".replace("@@", "@")
    address = target.removeprefix("mailto:").removeprefix("tel:")
    return f"{shown} ({address})" if shown and shown != address and shown not in address else address


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _block(block: Mapping[str, Any], names: Names) -> str:
    return "\n".join(line for part in block.get("elements") or () for line in _part(part, names))


def _part(part: Mapping[str, Any], names: Names) -> Iterator[str]:
    match part.get("type"):
        case "rich_text_list":
            first = int(part.get("offset") or 0) + 1
            indent = int(part.get("indent") or 0)
            for place, item in enumerate(part.get("elements") or (), first):
                mark = f"{place}." if part.get("style") == "ordered" else _BULLETS[min(indent, 2)]
                yield f"{'    ' * indent}{mark} {_runs(item, names)}"
        case "rich_text_quote":
            yield from (f"> {line}" for line in _runs(part, names).split("\n"))
        case _:
            yield _runs(part, names).removesuffix("\n")


def _runs(part: Mapping[str, Any], names: Names) -> str:
    return "".join(_run(run, names) for run in part.get("elements") or ())


def _run(run: Mapping[str, Any], names: Names) -> str:
    match run.get("type"):
        case "text":
            return str(run.get("text") or "")
        case "link":
            url, shown = str(run.get("url") or ""), str(run.get("text") or "")
            return f"{shown} ({url})" if shown and shown not in url else url.removeprefix("mailto:")
        case "user":
            return f"@{names(str(run.get('user_id') or ''))}"
        case "channel":
            return f"#{run.get('channel_id') or ''}"
        case "usergroup":
            return f"@{run.get('usergroup_id') or ''}"
        case "broadcast":
            return f"@{run.get('range') or ''}"
        case "emoji":
            return _emoji(run)
        case "date":
            return str(run.get("fallback") or "")
        case "color":
            return str(run.get("value") or "")
        case _:
            return str(run.get("text") or "")


def _emoji(run: Mapping[str, Any]) -> str:
    """An emoji itself where Slack says which it is ("1f44d-1f3fc"), else its name."""
    try:
        return "".join(chr(int(point, 16)) for point in str(run["unicode"]).split("-"))
    except (KeyError, ValueError, OverflowError):
        return f":{run.get('name') or ''}:"
