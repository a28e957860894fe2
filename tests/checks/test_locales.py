"""Every locale says everything the desk says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deskbell.locales import ROOT, check, update

CODE = """
from core.phrases import phrase, phrases


def said(name: str, count: int):
    return phrase("Hello {name}.", name=name), phrases("{count} ticket", "{count} tickets", count), phrase("Close")
"""
NOTHING_SAID = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
GERMAN = {'"Hello {name}."': '"Guten Tag {name}."', '"Close"': '"Schließen"'}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small house of its own: one module that speaks, an English and a German catalogue, all in order."""
    for package in ("core", "bot", "gateways", "dashboard", "deskbell"):
        (tmp_path / package).mkdir()
    (tmp_path / "core" / "said.py").write_text(CODE)
    for locale in ("en", "de"):
        folder = tmp_path / "locales" / locale
        (folder / "LC_MESSAGES").mkdir(parents=True)
        (folder / "LC_MESSAGES" / "desk.po").write_text(NOTHING_SAID)
        for words in ("templates.toml", "signals.toml"):
            shutil.copy(ROOT / "locales" / locale / words, folder)
    update(tmp_path)
    catalogue = german(tmp_path)
    for source, translation in GERMAN.items():
        change(catalogue, f'msgid {source}\nmsgstr ""', f"msgid {source}\nmsgstr {translation}")
    change(catalogue, 'msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "{count} Vorgang"\nmsgstr[1] "{count} Vorgänge"')
    assert check(tmp_path) == []
    return tmp_path


def german(house: Path) -> Path:
    return house / "locales" / "de" / "LC_MESSAGES" / "desk.po"


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_shipped_locale_is_complete() -> None:
    assert check() == []


def test_what_is_up_to_date_is_left_alone(house: Path) -> None:
    before = german(house).read_bytes()
    assert update(house) == []
    assert german(house).read_bytes() == before


def test_a_new_phrase_is_missing_until_the_catalogues_are_updated_and_empty_until_it_is_translated(house: Path) -> None:
    change(house / "core" / "said.py", 'phrase("Close")', 'phrase("Close"), phrase("Open")')
    assert any("“Open”: missing" in problem for problem in check(house))
    update(house)
    assert check(house) == ["locales/de/LC_MESSAGES/desk.po: “Open”: empty"]


def test_a_phrase_that_the_code_no_longer_says_is_obsolete_until_an_update_drops_it(house: Path) -> None:
    change(house / "core" / "said.py", ', phrase("Close")', "")
    assert any("“Close”: obsolete" in problem for problem in check(house))
    update(house)
    assert check(house) == []
    assert "Schließen" not in german(house).read_text(encoding="utf-8")


def test_translations_stay_with_their_phrase_through_an_update(house: Path) -> None:
    change(house / "core" / "said.py", 'phrase("Close")', 'phrase("Close"), phrase("Another")')
    update(house)
    assert '"Guten Tag {name}."' in german(house).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"Schließen"', '""', "“Close”: empty"),
        ('"{count} Vorgänge"', '""', "“{count} ticket”: empty"),
        ('"Guten Tag {name}."', '"Guten Tag {nam}."', "{name} is missing"),
        ('"Guten Tag {name}."', '"Guten Tag {name} {agent}."', "{agent} is not in the phrase"),
        ('"Guten Tag {name}."', '"Guten Tag {name}, {."', "stray brace"),
        ('"Guten Tag {name}."', '"Guten Tag {name}. "', "other space"),
        ('msgstr[1] "{count} Vorgänge"\n', "", "“{count} ticket”: empty"),
        ('"Schließen"', '"Close"', "the same as in English"),
        ('msgid "Close"', '#, fuzzy\nmsgid "Close"', "“Close”: fuzzy"),
        ('msgid "Close"', 'msgid Close"', "malformed"),
        ('msgid "Close"', '<<<<<<< HEAD\nmsgid "Close"', "malformed"),
        ("nplurals=2; plural=(n != 1);", "nplurals=1; plural=0;", "malformed"),
        ('#: core/said.py\nmsgid "Close"\nmsgstr "Schließen"\n', "", "“Close”: missing"),
        ('"Schließen"', '"Schließen"\n\nmsgid "Gone"\nmsgstr "Weg"', "“Gone”: obsolete"),
        ('"Schließen"', '"Schließen"\n\n#~ msgid "Gone"\n#~ msgstr "Weg"', "“Gone”: obsolete"),
        ("nplurals=2; plural=(n != 1);", "nplurals=2; plural=(n > 1);", "not those of CLDR"),
    ],
)
def test_a_flaw_in_a_catalogue_is_named(house: Path, old: str, new: str, problem: str) -> None:
    change(german(house), old, new)
    assert any(problem in found for found in check(house)), check(house)


def test_a_word_that_is_rightly_the_same_is_listed_with_its_reason(house: Path) -> None:
    change(german(house), '"Schließen"', '"Close"')
    same = house / "locales" / "de" / "same.toml"
    same.write_text('"Close" = "a name"\n')
    assert check(house) == []
    same.write_text('"Close" = ""\n"Gone" = "a name"\n')
    assert check(house) == [
        "locales/de/same.toml: “Close” has no reason",
        "locales/de/same.toml: nothing in the code says “Gone”",
    ]


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("phrase(name)", "needs the text itself"),
        ('phrase(f"Hello {name}")', "needs the text itself"),
        ('phrases("{count} ticket", name, count)', "needs the text itself"),
        ('phrase("Hello {nam}.", name=name)', "nothing fills {nam}"),
        ('phrase("Hello.", name=name)', "has no {name}"),
        ('phrase("Hello {.", **{})', None),
        ('phrase("Hello {.")', "stray brace"),
    ],
)
def test_a_phrase_made_carelessly_is_named_with_its_line(house: Path, call: str, problem: str | None) -> None:
    change(house / "core" / "said.py", 'phrase("Close")', call)
    found = [problem for problem in check(house) if problem.startswith("core/said.py:6: ")]
    assert (problem is None and found == []) or any(str(problem) in one for one in found)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[closing]", "[clozing]", "“closing” is missing"),
        ("[closing]", "[clozing]", "“clozing” is not in English"),
        ("{reopen_within}", "{reopen_withn}", "{reopen_withn} cannot be filled"),
        ("{agent}\n", "", "other placeholders"),
        ('title = "Gelöst"', 'title = ""', "“solved” needs a text, and a title"),
    ],
)
def test_a_flaw_in_a_template_is_named(house: Path, old: str, new: str, problem: str) -> None:
    change(house / "locales" / "de" / "templates.toml", old, new)
    assert any(problem in found for found in check(house)), check(house)


def test_a_locale_without_signals_is_named(house: Path) -> None:
    (house / "locales" / "de" / "signals.toml").unlink()
    assert "locales/de/signals.toml: nothing under thanks.enough" in check(house)
