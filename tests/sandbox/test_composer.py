"""What Slack makes of typed words: mentions, links, and the rich_text block beside the text."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.composer import escape, rich_text, typed, unescape
from sandbox.surfaces import block_problems
from tests.sandbox.kit import Json

PEOPLE = {"ann": {"id": "U0ANN"}}
ROOMS = {"general": {"id": "C0GENERAL", "name": "general"}}


def written(words: str) -> str:
    return typed(words, PEOPLE.get, ROOMS.get)


def parts(mrkdwn: str) -> list[Any]:
    """The block in short: a list of (kind, words or list of words)."""
    found: list[Any] = []
    for element in rich_text(mrkdwn)["elements"]:
        if element["type"] == "rich_text_list":
            items = [spans(item["elements"]) for item in element["elements"]]
            found.append((f"{element['style']} {element['indent']}", items))
        else:
            found.append((element["type"].removeprefix("rich_text_"), spans(element["elements"])))
    return found


def spans(elements: list[Json]) -> str:
    """Elements in one line, such as `a [bold:b] <user:U0ANN>`."""
    return "".join(span(each) for each in elements)


def span(element: Json) -> str:
    kind = element["type"]
    if kind != "text":
        named = {k: v for k, v in element.items() if k not in ("type", "style")}
        return f"<{kind}:{'|'.join(str(v) for v in named.values())}>"
    style = "+".join(element.get("style", {}))
    return f"[{style}:{element['text']}]" if style else element["text"]


@pytest.mark.parametrize(
    ("words", "mrkdwn"),
    [
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        ("hello @ann and @bob", "hello <@U0ANN> and @bob"),
        ("see #general or #other", "see <#C0GENERAL|general> or #other"),
        ("mail ann@example.com", "mail ann@example.com"),
        ("<@U0ANN> <!here>", "<@U0ANN> <!here>"),
        ("<!subteam^S1> <script>", "&lt;!subteam^S1&gt; &lt;script&gt;"),
        ("look: https://example.com/a?b=1&c=2.", "look: <https://example.com/a?b=1&amp;c=2>."),
        ("`@ann <b>`", "`@ann &lt;b&gt;`"),
        ("```\n@ann\n```", "```\n@ann\n```"),
    ],
)
def test_what_is_typed_becomes_mrkdwn(words: str, mrkdwn: str) -> None:
    assert written(words) == mrkdwn


@pytest.mark.parametrize(
    ("mrkdwn", "expected"),
    [
        ("plain", [("section", "plain")]),
        ("a *b* _c_ ~d~ `e`", [("section", "a [bold:b] [italic:c] [strike:d] [code:e]")]),
        ("*_both_*", [("section", "[bold+italic:both]")]),
        ("2*3*4 snake_case_name", [("section", "2*3*4 snake_case_name")]),
        ("&lt;b&gt; &amp;amp;", [("section", "<b> &amp;")]),
        ("hi <@U0ANN> in <#C0GENERAL|general>", [("section", "hi <user:U0ANN> in <channel:C0GENERAL>")]),
        ("<!here> <!subteam^S1|@desk>", [("section", "<broadcast:here> <usergroup:S1>")]),
        ("<https://e.com|site> :wave:", [("section", "<link:https://e.com|site> <emoji:wave>")]),
        ("<javascript:alert(1)|x>", [("section", "<javascript:alert(1)|x>")]),
        ("<!date^1700000000^{date}|soon>", [("section", "<date:1700000000|{date}|soon>")]),
        ("a\n&gt; b\n&gt; c\nd", [("section", "a"), ("quote", "b\nc"), ("section", "d")]),
        ("• one\n• two\n1. three", [("bullet 0", ["one", "two"]), ("ordered 0", ["three"])]),
        ("• one\n    • two", [("bullet 0", ["one"]), ("bullet 1", ["two"])]),
        ("x\n```a\n*b*```\ny", [("section", "x\n"), ("preformatted", "a\n*b*"), ("section", "y")]),
        ("", [("section", "")]),
    ],
)
def test_mrkdwn_becomes_rich_text(mrkdwn: str, expected: list[Any]) -> None:
    assert parts(mrkdwn) == expected


@given(st.text(max_size=200))
def test_whatever_is_typed_makes_a_block_that_slack_takes(words: str) -> None:
    assert block_problems([rich_text(written(words))], "message") == []
    assert block_problems([rich_text(words)], "message") == []


@given(st.text(alphabet="ab <>&@#!|*_~`:\n-1.", max_size=60))
def test_no_markup_can_be_typed_that_slack_would_not_let_through(words: str) -> None:
    """Angle brackets in the text are only those of mentions and links that were meant."""
    outside = written(words).replace("<!here>", "").replace("<!channel>", "").replace("<!everyone>", "")
    assert "<" not in outside


@given(st.text())
def test_escaping_can_be_undone(words: str) -> None:
    assert unescape(escape(words)) == words
