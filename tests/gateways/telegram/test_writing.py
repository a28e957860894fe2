"""What leaves is cut where Telegram's limit is, and nowhere that a reader would notice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tickets.model import Attachment
from gateways.telegram.writing import LARGEST_PICTURE, LARGEST_TOGETHER, LONGEST, pieces, place, split, units

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
    assert [piece.text or piece.files for piece in pieces("Here", (file,))] == ["Here", (file,)]
    assert [piece.files for piece in pieces(" ", (file,))] == [(file,)]


def named(*types: str, size: int = 3) -> tuple[Attachment, ...]:
    return tuple(Attachment(f"{n}", type, size, "digest") for n, type in enumerate(types))


def together(files: tuple[Attachment, ...], left: int = 0) -> list[str]:
    """The names of what leaves in each call."""
    return ["".join(file.name for file in piece.files) for piece in pieces("", files, left)]


def test_pictures_and_films_leave_together_and_documents_with_documents() -> None:
    png, film, pdf = "image/png", "video/mp4", "application/pdf"
    assert together(named(png, film, png)) == ["012"]
    assert together(named(png, pdf, pdf, film)) == ["0", "12", "3"]
    assert together(named(*[png] * 9)) == ["012345678"]
    assert together(named(*[pdf] * 9, png)) == ["012345678", "9"]
    assert together(named(pdf, png, "image/gif", "text/plain")) == ["0", "1", "23"]


def test_what_is_too_much_for_one_call_leaves_in_several() -> None:
    files = named(*["application/pdf"] * 23)
    assert [len(piece.files) for piece in pieces("", files)] == [10, 10, 3]
    assert together(named(*["application/pdf"] * 3, size=LARGEST_TOGETHER // 2)) == ["01", "2"]
    assert together(named("image/png", "application/pdf", size=LARGEST_PICTURE + 1)) == ["01"], "no picture any more"


def test_what_is_left_after_an_interruption_is_what_had_not_left() -> None:
    files = named(*["image/png"] * 4)
    assert together(files, 1) == ["123"]
    assert together(files, 4) == []
    assert pieces("a" * 5000, files, 1)[0].text == "a" * (5000 - LONGEST)


def test_an_address_is_a_chat_and_perhaps_a_topic() -> None:
    assert place("20000001") == (20000001, None, None)
    assert place("-1001/7") == (-1001, 7, None)
    assert place("20000001/b20000003") == (20000001, None, 20000003), "in somebody's account"
    with pytest.raises(ValueError, match="invalid literal"):
        place("carla@example.com")
