"""Telegram's HTML (Bot API, "HTML style"): a text with its entities, or the error that the real one gives."""

import re
from typing import Any

from sandbox.errors import Json
from sandbox.telegram.answers import bad

KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
    "a": "text_link", "blockquote": "blockquote", "tg-spoiler": "spoiler", "span": "spoiler",
    "tg-emoji": "custom_emoji",
}  # fmt: skip
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
PIECE = re.compile(r"[^<&]+|<(/?)([A-Za-z][A-Za-z0-9-]*)([^<>]*)>|&(#\d{1,7}|#x[0-9A-Fa-f]{1,6}|[a-z]{1,8});?|[<&]")
HREF = re.compile(r"""href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


def units(text: str) -> int:
    """Its length as Telegram counts: UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Raises BotApiError where a tag is none of Telegram's, or does not match."""
    text: list[str] = []
    length, offset = 0, 0  # UTF-16 units written, UTF-8 bytes read
    open_tags: list[tuple[str, int, str]] = []
    entities: list[Json] = []
    for piece in PIECE.finditer(source):
        said = piece[0]
        if piece[2]:
            name = piece[2].lower()
            if piece[1]:
                entities += _closed(open_tags, name, offset, length)
            else:
                if name not in KINDS:
                    raise bad(f'can\'t parse entities: Unsupported start tag "{name}" at byte offset {offset}')
                open_tags.append((name, length, piece[3]))
        elif said == "<":
            raise bad(f'can\'t parse entities: Unsupported start tag "" at byte offset {offset}')
        else:
            words = _decoded(piece[4], said) if piece[4] else said
            text.append(words)
            length += units(words)
        offset += len(said.encode("utf-8", "surrogatepass"))
    if open_tags:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{open_tags[-1][0]}\"")
    return "".join(text), sorted(entities, key=lambda one: (one["offset"], -one["length"]))


def _closed(open_tags: list[tuple[str, int, str]], name: str, offset: int, length: int) -> list[Json]:
    if not open_tags:
        raise bad(f"can't parse entities: Unexpected end tag at byte offset {offset}")
    opened, start, attributes = open_tags.pop()
    if opened != name:
        raise bad(
            f"can't parse entities: Unmatched end tag at byte offset {offset}, "
            f'expected "</{opened}>", found "</{name}>"'
        )
    if length == start:
        return []
    entity: dict[str, Any] = {"type": KINDS[name], "offset": start, "length": length - start}
    if name == "a":
        found = HREF.search(attributes)
        entity["url"] = next(filter(None, found.groups()), "") if found else ""
        if not entity["url"]:
            return []
    return [entity]


def _decoded(name: str, said: str) -> str:
    if name.startswith("#"):
        number = int(name[2:], 16) if name.startswith("#x") else int(name[1:])
        return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else said
    return NAMED.get(name, said)
