"""What every locale knows of urgency, anger and reach: enough, in its own script, found by its own matcher."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from core.routing.fields.cues import KINDS as THINGS
from core.routing.reader import understand
from core.routing.signals.lexicon import KINDS, lexicon
from core.routing.signals.shipped import table, tags
from core.routing.understood import Understood

LOCALES = (
    "ar", "cs", "de", "en", "es", "fr", "he", "hi", "id", "it", "ja", "ko", "nl", "pl", "pt-BR", "ru", "sv", "th",
    "tr", "uk", "vi", "zh-Hans", "zh-Hant",
)  # fmt: skip
SCRIPTS = {
    "ru": "\u0400-\u04ff", "uk": "\u0400-\u04ff", "ar": "\u0600-\u06ff", "he": "\u0590-\u05ff", "hi": "\u0900-\u097f",
    "th": "\u0e00-\u0e7f", "zh-Hans": "\u3400-\u9fff", "zh-Hant": "\u3400-\u9fff", "ja": "\u3040-\u9fff",
    "ko": "\uac00-\ud7af\u3131-\u318e",
}  # fmt: skip
TONES = Path(__file__).resolve().parents[2] / "bench" / "labelled" / "tones.toml"


def test_all_locales_are_there() -> None:
    assert set(LOCALES) <= set(tags())


@pytest.mark.parametrize("tag", LOCALES)
def test_a_locale_knows_enough_and_nothing_twice(tag: str) -> None:
    known = table(tag)
    for name, kinds in KINDS.items():
        phrases = [one for kind in kinds for one in known[name][kind]]
        assert len(phrases) >= 40, name
        for kind in kinds:
            assert len(set(known[name][kind])) == len(known[name][kind]), f"{name}.{kind}"
    assert known["negation"]["before"] or known["negation"]["after"]
    assert all(known["fields"][thing] for thing in THINGS)
    assert all(known["thanks"][kind] for kind in ("enough", "beside", "farewells", "greetings"))


@pytest.mark.parametrize("tag", SCRIPTS)
def test_a_locale_speaks_its_own_script(tag: str) -> None:
    own = re.compile(f"[{SCRIPTS[tag]}]")
    foreign = [
        one for name, kinds in KINDS.items() for kind in kinds for one in table(tag)[name][kind] if not own.search(one)
    ]
    assert set(foreign) <= {"12315", "whatsapp"}


@pytest.mark.parametrize("tag", LOCALES)
def test_every_phrase_is_found_where_it_stands(tag: str) -> None:
    missed = [
        phrase
        for name, kinds in KINDS.items()
        for kind in kinds
        for phrase in table(tag)[name][kind]
        if not any(
            hit.phrase == phrase and hit.kind == f"{name}.{kind}"
            for hit in lexicon(tag).hits(phrase.replace("#", "3").replace("…", " ").replace("*", ""))[1]
        )
    ]
    assert missed == []


@cache
def read(tag: str, text: str) -> Understood:
    return understand(text, prior=tag)


@pytest.mark.parametrize("tag", LOCALES)
def test_sentences_of_customers_are_heard_as_they_are_meant(tag: str) -> None:
    said = tomllib.loads(TONES.read_text("utf-8"))[tag]
    for text in said["angry"]:
        assert read(tag, text).mood != "calm", text
    for text in said["calm"]:
        heard = read(tag, text)
        assert (heard.mood, heard.scope) == ("calm", "one"), text
        assert heard.urgency <= 1, text
    for text in said["everyone"]:
        assert (read(tag, text).scope, read(tag, text).urgency) == ("everyone", 3), text
    for text in said["many"]:
        assert read(tag, text).scope == "many", text
    for text in said["urgent"]:
        assert read(tag, text).urgency >= 2, text
    for text in said["unhurried"]:
        assert read(tag, text).urgency == 0, text
