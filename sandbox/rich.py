"""The rich_text block: sections, lists, quotes and preformatted text, and what stands in them."""

from sandbox.rules import Check, by_type, flag, items, number, one_of, shape, text

STYLED: dict[str, Check] = {
    "style": shape(
        {},
        {
            "bold": flag,
            "italic": flag,
            "strike": flag,
            "code": flag,
            "underline": flag,
            "highlight": flag,
            "client_highlight": flag,
            "unlink": flag,
        },
    )
}
TEXT = shape({"text": text()}, STYLED)
LINK = shape({"url": text(3000, least=1)}, {**STYLED, "text": text(), "unsafe": flag})
INLINE: dict[str, Check] = {
    "broadcast": shape({"range": one_of("here", "channel", "everyone")}, STYLED),
    "channel": shape({"channel_id": text(least=1)}, STYLED),
    "color": shape({"value": text(least=1)}, STYLED),
    "date": shape(
        {"timestamp": number(0, 9_999_999_999), "format": text(least=1)},
        {**STYLED, "url": text(3000), "fallback": text()},
    ),
    "emoji": shape({"name": text(least=1)}, {**STYLED, "unicode": text(), "url": text(), "skin_tone": number(1, 6)}),
    "link": LINK,
    "team": shape({"team_id": text(least=1)}, STYLED),
    "text": TEXT,
    "user": shape({"user_id": text(least=1)}, STYLED),
    "usergroup": shape({"usergroup_id": text(least=1)}, STYLED),
}
BORDER: dict[str, Check] = {"border": one_of(0, 1)}
WORDS = {"elements": items(by_type(INLINE), 0)}
SECTION = shape(WORDS)
PARTS: dict[str, Check] = {
    "rich_text_section": SECTION,
    "rich_text_quote": shape(WORDS, BORDER),
    "rich_text_preformatted": shape(
        {"elements": items(by_type({"text": TEXT, "link": LINK}), 0)}, {**BORDER, "language": text(100)}
    ),
    "rich_text_list": shape(
        {"elements": items(by_type({"rich_text_section": SECTION}), 0), "style": one_of("bullet", "ordered")},
        {**BORDER, "indent": number(0, 8), "offset": number(0, 10_000)},
    ),
}
RICH_TEXT = shape({"elements": items(by_type(PARTS), 1)}, {"block_id": text(255, least=1)})
