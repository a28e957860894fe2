"""What a phrase reads like to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phrases import phrase, phrases
from core.templates.locales import blanks, canonical, catalogue, negotiate, shipped, shown, span, translate

SHIPPED_ONE_DAY = ["en", "de", "pt-BR", "zh-Hans", "zh-Hant", "he", "es", "id"]


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        ("de-AT", "de"),
        ("de_CH", "de"),
        ("DE", "de"),
        ("pt_BR", "pt-BR"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("zh-Hant-HK", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("iw", "he"),
        ("in", "id"),
        ("es-419", "es"),
        ("en-u-ca-buddhist", "en"),
        ("sr-Latn", None),
        ("xx", None),
        ("", None),
        ("de; DROP TABLE tickets", None),
        ("d" * 100_000, None),
    ],
)
def test_a_reader_gets_the_locale_that_fits_their_tag(tag: str, locale: str | None) -> None:
    assert negotiate(tag, among=SHIPPED_ONE_DAY) == locale


def test_the_first_tag_that_fits_wins() -> None:
    assert negotiate(None, "fr-CA", "de-AT", "en", among=SHIPPED_ONE_DAY) == "de"


def test_of_two_locales_in_one_language_the_readers_own_region_wins() -> None:
    assert negotiate("pt-PT", among=["pt-BR", "pt-PT", "pt"]) == "pt-PT"
    assert negotiate("pt-AO", among=["pt-BR", "pt-PT", "pt"]) == "pt"


def test_english_and_german_are_shipped_and_english_is_the_source() -> None:
    assert shipped()[0] == "en"
    assert "de" in shipped()


@pytest.mark.parametrize(
    ("tag", "known"),
    [("pt_br", "pt-BR"), ("ZH-hant-hk", "zh-Hant-HK"), ("en", "en"), ("en-QQ", None), ("english", None), ("xx", None)],
)
def test_a_tag_is_written_one_way_or_refused(tag: str, known: str | None) -> None:
    assert canonical(tag) == known


@given(st.text())
def test_no_text_is_too_strange_to_be_looked_at_as_a_tag(tag: str) -> None:
    assert negotiate(tag) in (*shipped(), None)
    written = canonical(tag)
    assert written is None or canonical(written) == written


def test_a_phrase_is_translated_and_its_phrases_too() -> None:
    said = phrase("Rule “{rule}”: {reasons}.", rule="vip", reasons=(phrase("it came to {door}", door="a@b.example"),))
    assert translate(said, "en") == "Rule “vip”: it came to a@b.example."
    assert translate(said, "de") == "Regel „vip“: die Nachricht ging an a@b.example."


def test_a_number_chooses_the_form_of_the_noun() -> None:
    def mistakes(count: int, locale: str) -> str:
        said = phrases(
            "The rulebook has {count} mistake. {first}",
            "The rulebook has {count} mistakes. The first: {first}",
            count,
            first="…",
        )
        return translate(said, locale)

    assert mistakes(1, "en") == "The rulebook has 1 mistake. …"
    assert mistakes(0, "en") == "The rulebook has 0 mistakes. The first: …"
    assert mistakes(2, "de") == "Das Regelwerk hat 2 Fehler. Der erste: …"


def test_a_phrase_nobody_translated_is_said_in_english_with_its_form() -> None:
    said = phrases("{count} untranslated thing", "{count} untranslated things", 3)
    assert translate(said, "de") == "3 untranslated things"
    assert translate(phrase("Nobody ever translated this."), "de") == "Nobody ever translated this."


def test_a_reader_of_a_language_we_do_not_speak_reads_english_with_english_numbers() -> None:
    assert translate(phrase("Use at most {limit} characters.", limit=12_345), "fi") == "Use at most 12,345 characters."


def test_counts_are_grouped_and_ticket_numbers_are_not() -> None:
    assert shown(1_234_567, "en") == "1,234,567"
    assert shown(1_234_567, "de") == "1.234.567"
    none = phrase("There is no ticket #{number}. /desk mine and /desk next say which there are.", number=1_234_567)
    assert translate(none, "de") == "Es gibt kein Ticket #1234567. /desk mine und /desk next sagen, welche es gibt."


def test_a_time_is_shown_in_the_readers_zone() -> None:
    at = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert shown(at, "de", ZoneInfo("Europe/Berlin")) == "02.07.2026, 00:30"
    assert shown(at, "en-GB", ZoneInfo("Europe/London")) == "1 Jul 2026, 23:30"


@pytest.mark.parametrize(
    ("length", "en", "de"),
    [
        (timedelta(hours=2), "2 hours", "2 Stunden"),
        (timedelta(hours=1), "1 hour", "1 Stunde"),
        (timedelta(minutes=90), "1 hour, 30 minutes", "1 Stunde, 30 Minuten"),
        (timedelta(hours=36), "1 day, 12 hours", "1 Tag, 12 Stunden"),
        (timedelta(hours=36, minutes=7), "1 day, 12 hours", "1 Tag, 12 Stunden"),
        (timedelta(minutes=119), "2 hours", "2 Stunden"),
        (timedelta(days=14), "2 weeks", "2 Wochen"),
        (timedelta(days=10), "10 days", "10 Tage"),
        (timedelta(seconds=0), "1 second", "1 Sekunde"),
        (timedelta(seconds=50), "50 seconds", "50 Sekunden"),
    ],
)
def test_a_length_of_time_is_said_as_people_say_it(length: timedelta, en: str, de: str) -> None:
    assert (span(length, "en"), span(length, "de")) == (en, de)


@given(st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=3650)))
def test_a_promise_is_never_more_than_a_tenth_off(length: timedelta) -> None:
    sizes = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
    said = 0
    for part in span(length, "en").split(", "):
        count, unit = part.split(" ")
        said += int(count.replace(",", "")) * sizes[unit.removesuffix("s")]
    assert abs(said - length.total_seconds()) <= max(length.total_seconds() / 10, 1)


def test_a_moment_ago_is_said_with_the_noun_in_its_right_case() -> None:
    assert (shown(timedelta(days=-2), "en"), shown(timedelta(days=-2), "de")) == ("2 days ago", "vor 2 Tagen")


def test_a_list_is_joined_as_the_language_does_it() -> None:
    assert (shown(["a", "b", "c"], "en"), shown(("a", "b", "c"), "de")) == ("a, b, and c", "a, b und c")


@given(st.text(alphabet="{}ab_|!:.0[]%$ \\n\x00"))
def test_what_a_customer_wrote_is_never_read_as_a_message_with_blanks(text: str) -> None:
    assert translate(phrase("“{key}” is empty.", key=text), "de") == f"„{text}“ ist leer."


def test_a_forgotten_value_stays_visible() -> None:
    assert translate(phrase("“{key}” is empty."), "de") == "„{key}“ ist leer."


def test_blanks_are_names_in_single_braces() -> None:
    assert blanks("{a} {{b}} {c}{ d} {e.f}") == {"a", "c"}


@pytest.mark.parametrize("locale", shipped())
def test_what_is_not_translated_is_not_in_the_catalogue_and_falls_back_to_english(locale: str) -> None:
    messages = catalogue(locale).messages
    assert len(messages) > 50
    assert all(all(forms) if isinstance(forms, tuple) else forms for forms in messages.values())
