"""What people type in Slack, as plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.slack.wire.plain import mentioned, spoken, unmarked
from sandbox.composer import rich_text, typed

NAMES = {"U0ANN": "Ann Walker"}


def named(user: str) -> str:
    return NAMES.get(user, user)


@pytest.mark.parametrize(
    ("mrkdwn", "said"),
    [
        ("fish &amp; chips &lt;3", "fish & chips <3"),
        ("<@U0ANN> and <@U0ANN|ann>", "@Ann Walker and @Ann Walker"),
        ("<#C1|general>", "#general"),
        ("<!here> <!channel|@channel>", "@here @channel"),
        ("<https://x.example/a>", "https://x.example/a"),
        ("<https://x.example/a|here>", "here (https://x.example/a)"),
        ("<https://x.example|x.example>", "https://x.example"),
        ("<mailto:a@x.example|a@x.example>", "a@x.example"),
        ("<!date^1^{date}|today>", "today"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_markup_is_read_as_people_read_it(mrkdwn: str, said: str) -> None:
    assert unmarked(mrkdwn, named) == said


def test_rich_text_keeps_lists_quotes_code_and_emoji() -> None:
    block = {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "Hi "},
                    {"type": "user", "user_id": "U0ANN"},
                    {"type": "emoji", "name": "+1", "unicode": "1f44d-1f3fc"},
                    {"type": "emoji", "name": "ours"},
                ],
            },
            {
                "type": "rich_text_list",
                "style": "ordered",
                "offset": 2,
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "third"}]}],
            },
            {
                "type": "rich_text_list",
                "style": "bullet",
                "indent": 1,
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "inner"}]}],
            },
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "so\nhe said"}]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a  b\n"}]},
        ],
    }
    assert spoken({"blocks": [block]}, named) == (
        "Hi @Ann Walker👍🏼:ours:\n3. third\n    ◦ inner\n> so\n> he said\na  b"
    )


def test_files_are_named() -> None:
    message = {"text": "see", "files": [{"name": "a.png"}, {"title": "b"}, {}]}
    assert spoken(message) == "see\n[a.png]\n[b]\n[file]"
    assert spoken({"files": [{"name": "a.png"}]}) == "[a.png]"


def test_who_is_mentioned_is_found() -> None:
    assert mentioned({"text": "<@U0ANN> <@W1|x> @nobody &lt;@U9&gt;"}) == {"U0ANN", "W1"}


@given(st.text("ab <>&*_~`\n.,!", max_size=80))
def test_plain_words_come_through_either_way(words: str) -> None:
    """As Slack's clients send them: escaped in `text`, and in a block."""
    text = typed(words, lambda _: None, lambda _: None)
    assert unmarked(text) == words
    plain = "".join(ch for ch in words if ch not in "*_~`")
    if plain == words and ">" not in words:
        assert spoken({"blocks": [rich_text(text)]}).split() == words.split()
