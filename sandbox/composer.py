"""What Slack makes of typed words: escaped mrkdwn with mentions and links, and the rich_text block beside it."""

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.errors import Json
from sandbox.names import fresh_block_id

Lookup = Callable[[str], Json | None]

TYPED = re.compile(
    r"(?P<code>```.*?```|`[^`\n]+`)"
    r"|<(?P<id>[@#][UWCGD][A-Z0-9]+)(?:\|[^>\n]*)?>"
    r"|<(?P<special>!(?:here|channel|everyone))>"
    r"|(?P<url>https?://[^\s<>|\"`]+[^\s<>|\"`.,;:!?)\]}'])"
    r"|(?<![\w@])@(?P<person>[\w.-]*\w)"
    r"|(?<![\w#&])#(?P<room>[\w-]*\w)",
    re.DOTALL,
)
INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<angle>[^<>\n]+)>"
    r"|:(?P<emoji>[a-z0-9_+'-]+(?:::skin-tone-[2-6])?):"
    r"|(?<![\w*])\*(?P<bold>\S(?:[^*\n]*\S)?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>\S(?:[^_\n]*\S)?)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>\S(?:[^~\n]*\S)?)~(?![\w~])"
)
LIST_ITEM = re.compile(r"(?P<indent> *)(?:(?P<bullet>[•◦*-])|(?P<number>\d{1,3})\.) +(?P<words>.+)")
QUOTE = re.compile(r"(?:&gt;|>) ?(.*)")


def escape(words: str) -> str:
    """Slack's whole escaping: three characters (docs: formatting message text)."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(words: str) -> str:
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def typed(words: str, person: Lookup, room: Lookup) -> str:
    """The `text` of a message that was typed: names become mentions, addresses links, the rest is escaped."""

    def token(match: re.Match[str]) -> str:
        if match["id"]:
            return f"<{match['id']}>"
        if match["special"]:
            return f"<{match['special']}>"
        if match["url"]:
            return f"<{escape(match['url'])}>"
        if match["person"] and (user := person(match["person"])):
            return f"<@{user['id']}>"
        if match["room"] and (found := room(match["room"])):
            return f"<#{found['id']}|{found['name']}>"
        return escape(match[0])

    return "".join(_between(TYPED, words, token, escape))


def _between(
    pattern: re.Pattern[str], words: str, on_match: Callable[[re.Match[str]], str], on_rest: Callable[[str], str]
) -> Iterator[str]:
    at = 0
    for match in pattern.finditer(words):
        yield on_rest(words[at : match.start()])
        yield on_match(match)
        at = match.end()
    yield on_rest(words[at:])


def rich_text(mrkdwn: str) -> Json:
    """The block that Slack's own clients send beside `text` and that the server derives from an app's plain text."""
    elements: list[Json] = []
    for number, part in enumerate(re.split(r"```\n?(.*?)```\n?", mrkdwn, flags=re.DOTALL)):
        if number % 2:
            words = unescape(part.removesuffix("\n"))
            elements.append(
                {"type": "rich_text_preformatted", "elements": [_text(words, {})] if words else [], "border": 0}
            )
        elif part:
            elements.extend(_paragraphs(part))
    return {"type": "rich_text", "block_id": fresh_block_id(), "elements": elements or [_section("")]}


def _paragraphs(words: str) -> Iterator[Json]:
    """Neighbouring lines of one kind are one element."""
    for kind, lines in itertools.groupby(words.split("\n"), _line_kind):
        if kind is None:
            yield _section("\n".join(lines))
        elif kind == "quote":
            quoted = "\n".join(QUOTE.sub(r"\1", line) for line in lines)
            yield {"type": "rich_text_quote", "elements": list(_inline(quoted, {}))}
        else:
            style, indent = kind
            found = [_section(LIST_ITEM.sub(r"\g<words>", line)) for line in lines]
            yield {"type": "rich_text_list", "style": style, "indent": indent, "border": 0, "elements": found}


def _line_kind(line: str) -> Any:
    """`quote`, (list style, indent), or None for plain words."""
    if QUOTE.fullmatch(line):
        return "quote"
    item = LIST_ITEM.fullmatch(line)
    return ("ordered" if item["number"] else "bullet", min(len(item["indent"]) // 4, 8)) if item else None


def _section(words: str) -> Json:
    return {"type": "rich_text_section", "elements": list(_inline(words, {}))}


def _inline(words: str, style: Json) -> Iterator[Json]:
    at = 0
    for match in INLINE.finditer(words):
        if match.start() > at:
            yield _text(unescape(words[at : match.start()]), style)
        yield from _marked(match, style)
        at = match.end()
    if at < len(words):
        yield _text(unescape(words[at:]), style)


def _marked(match: re.Match[str], style: Json) -> Iterator[Json]:
    for name in ("bold", "italic", "strike"):
        if match[name] is not None:
            yield from _inline(match[name], {**style, name: True})
            return
    if match["code"] is not None:
        yield _text(unescape(match["code"]), {**style, "code": True})
    elif match["emoji"] is not None:
        yield {"type": "emoji", "name": match["emoji"]}
    else:
        yield _angle(match["angle"], style)


def _angle(inner: str, style: Json) -> Json:
    target, _, label = inner.partition("|")
    styled = {"style": style} if style else {}
    if re.fullmatch(r"@[UW][A-Z0-9]+", target):
        return {"type": "user", "user_id": target[1:], **styled}
    if re.fullmatch(r"#[CGD][A-Z0-9]+", target):
        return {"type": "channel", "channel_id": target[1:], **styled}
    if target in ("!here", "!channel", "!everyone"):
        return {"type": "broadcast", "range": target[1:], **styled}
    if target.startswith("!subteam^"):
        return {"type": "usergroup", "usergroup_id": target.removeprefix("!subteam^"), **styled}
    if date := re.fullmatch(r"!date\^(\d+)\^([^^]+)(?:\^(.+))?", target):
        element: Json = {"type": "date", "timestamp": int(date[1]), "format": date[2]}
        return {**element, **({"url": date[3]} if date[3] else {}), **({"fallback": label} if label else {})}
    if re.match(r"(https?://|mailto:|tel:)", target):
        return {"type": "link", "url": unescape(target), **({"text": unescape(label)} if label else {}), **styled}
    return _text(unescape(f"<{inner}>"), style)


def _text(words: str, style: Json) -> Json:
    return {"type": "text", "text": words, **({"style": style} if style else {})}
