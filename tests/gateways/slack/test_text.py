"""Words on their way to Slack: safe, sendable, and never cut through what readers see as one character."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.slack.wire.text import FSI, PDI, clean, cut, escape, head, line, one_line, set_apart, units

FAMILY = "👩‍👩‍👧‍👦"
anything = st.text(st.characters())
turning = st.text("a1 שأ\u0661\u200d\u200e\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\n", max_size=30)
unusual = st.text("aé\u0301👍🏽🇩🇪‍👩\ufe0f\u1100\u1161\u11a8\n ", max_size=40)


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("abcdef", 3, "abc"),
        (f"a{FAMILY}b", 1 + units(FAMILY), f"a{FAMILY}"),
        (f"a{FAMILY}b", units(FAMILY), "a"),
        ("ae\u0301", 2, "a"),
        ("🇩🇪🇫🇷", 4, "🇩🇪"),
        ("🇩🇪🇫🇷", 6, "🇩🇪"),
        ("x👍🏽", 3, "x"),
        ("각", 10, "각"),
    ],
)
def test_a_cut_never_goes_through_a_character(text: str, limit: int, kept: str) -> None:
    assert head(text, limit) == kept


def test_what_is_stacked_higher_than_any_letter_is_cut_all_the_same() -> None:
    assert len(head("a" + "\u0301" * 500, 100)) == 100


@given(anything | unusual, st.integers(0, 60))
def test_a_cut_text_is_within_its_limit_and_says_how_much_is_missing(text: str, limit: int) -> None:
    def tail(missing: int) -> str:
        return f"… ({missing} more)"

    shown = cut(text, limit, tail)
    assert units(shown) <= limit
    if units(text) <= limit:
        assert shown == text
    elif shown.endswith(" more)"):
        kept, _, said = shown.rpartition("… (")
        assert text.startswith(kept)
        assert len(text) - len(kept) == int(said.split()[0])


@given(st.text("aé\u0301👍🏽‍👩\ufe0f ", max_size=40), st.integers(1, 60))
def test_a_beginning_does_not_end_before_what_belongs_to_its_last_character(text: str, limit: int) -> None:
    text = f"a.{text}"
    kept = head(text, limit)
    assert text.startswith(kept)
    rest = text[len(kept) :]
    if rest:
        assert unicodedata.category(rest[0]) not in ("Mn", "Me", "Mc")
        assert not kept.endswith("\u200d")


@given(anything)
def test_cleaned_text_can_be_sent(text: str) -> None:
    shown = clean(text)
    assert json.loads(json.dumps(shown)) == shown
    shown.encode("utf-8")
    assert not set(shown) & {"\0", "\r", "\x1b", "\x85"}
    assert clean(shown) == shown


@given(anything)
def test_escaped_text_says_what_it_says(text: str) -> None:
    shown = escape(text)
    assert "<" not in shown
    assert ">" not in shown
    assert shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


@given(anything)
def test_a_line_is_one_line_and_turns_nothing_around(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert not set(line) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200e\u200f")


def test_joiners_stay_since_names_need_them() -> None:
    assert one_line("می\u200cخواهم") == "می\u200cخواهم"
    assert one_line(f" {FAMILY}\n") == FAMILY


@given(turning | anything, st.integers(1, 40))
def test_a_name_set_apart_turns_nothing_around_it(name: str, limit: int) -> None:
    shown = set_apart(name, limit)
    assert is_balanced(shown)
    bare = shown.strip(FSI + PDI)
    assert bare == cut(one_line(name), limit)
    assert shown in (bare, f"{FSI}{bare}{PDI}")
    if any(unicodedata.bidirectional(ch) in ("R", "AL", "AN") for ch in bare):
        assert shown != bare


@given(st.lists(turning | turning.map(lambda name: set_apart(name, 20)) | anything, max_size=4), st.integers(1, 40))
def test_a_line_keeps_what_is_set_apart_in_it_and_ends_it(parts: list[str], limit: int) -> None:
    shown = line(" · ".join(parts), limit)
    assert is_balanced(shown)
    assert units(shown) <= limit
    assert "\n" not in shown


def test_an_arabic_name_beside_a_number_and_english_words_is_isolated() -> None:
    assert set_apart("محمد \u202eمنصور", 50) == f"{FSI}محمد منصور{PDI}"
    assert set_apart("Carla \u202eGómez", 50) == "Carla Gómez"
    assert line(f"#42 {set_apart('طلب 17', 50)} · Open", 50) == f"#42 {FSI}طلب 17{PDI} · Open"


def is_balanced(text: str) -> bool:
    """Whether every isolate ends, none is in another, and nothing else turns the line around."""
    marks = [ch for ch in text if unicodedata.category(ch) == "Cf" and ch not in "\u200c\u200d"]
    return marks == [FSI, PDI] * (len(marks) // 2)
