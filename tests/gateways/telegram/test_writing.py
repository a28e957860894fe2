"""What leaves is cut where Telegram's limit is, and nowhere that a reader would notice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tickets.model import Attachment
from gateways.telegram.writing import LONGEST, pieces, place, split, units

WORDS = st.text(st.sampled_from("ab é🎉\n.!\u0301👍🏽\u200d👩"), max_size=400)


@given(WORDS, st.integers(4, 60))
def test_no_part_is_too_long_and_no_letter_is_lost(text: str, most: int) -> None:
    parts = split(text, most)
    assert all(0 < units(part) <= most for part in parts if part)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(WORDS)
def test_units_are_those_of_utf_16(text: str) -> None:
    assert units(text) == len(text.encode("utf-16-le")) // 2


@given(st.lists(st.sampled_from(["word", "🎉🎉", "longer-word", "é"]), max_size=60))
def test_words_stay_whole_where_they_fit(words: list[str]) -> None:
    parts = split(" ".join(words), 30)
    assert [word for part in parts for word in part.split()] == words


def test_a_text_is_broken_between_paragraphs_else_lines_else_sentences() -> None:
    assert split("First one.\n\nSecond one.", 20) == ["First one.", "Second one."]
    assert split("First line\nsecond line", 15) == ["First line", "second line"]
    assert split("One here. Two here. Three.", 22) == ["One here. Two here.", "Three."]


def test_what_belongs_to_a_letter_stays_with_it() -> None:
    family = "👩\u200d👩\u200d👧"
    assert split(family * 3, 8) == [family] * 3
    assert split("👍🏽" * 3, 5) == ["👍🏽"] * 3
    assert split("e\u0301" * 4, 3) == ["e\u0301"] * 4


def test_a_long_text_takes_as_few_parts_as_it_can() -> None:
    assert [units(part) for part in split("🎉" * 5000)] == [LONGEST, LONGEST, 10_000 - 2 * LONGEST]


def test_words_leave_before_files_and_files_without_words_too() -> None:
    file = Attachment("a.pdf", "application/pdf", 3, "digest")
    assert [piece.text or piece.file for piece in pieces("Here", (file,))] == ["Here", file]
    assert [piece.file for piece in pieces(" ", (file,))] == [file]


def test_an_address_is_a_chat_and_perhaps_a_topic() -> None:
    assert place("20000001") == (20000001, None)
    assert place("-1001/7") == (-1001, 7)
    with pytest.raises(ValueError, match="invalid literal"):
        place("carla@example.com")
