"""The commands about calendars: a year before it counts, days from other programs and to them."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from core.desk.opening import open_desk
from core.phrases import NotFound, Refused
from core.rulebook import parse_toml
from deskbell.calendars import main
from tests.core.calendars.test_days import FOREIGN
from tests.core.test_rulebook_mistakes import GOOD
from tests.databases import migrated_sqlite, sqlite_copy

OFFICE = (
    GOOD
    + """
[[calendars]]
name = "office"
hours = ["Mon-Fri 09:00-12:00", "Mon-Fri 13:00-17:00"]
holidays = ["DE-BY"]
days = ["12-24 09:00-12:00 Christmas Eve", "2026-11-02 closed"]
also = ["nights"]

[[calendars]]
name = "nights"
time_zone = "America/New_York"
hours = ["Sat 22:00-02:00"]
"""
)


@pytest.fixture
def rulebook(tmp_path: Path) -> Path:
    path = tmp_path / "desk.toml"
    path.write_text(OFFICE, encoding="utf-8")
    return path


def typed(what: str, name: str | None = None, file: Path | None = None, **said: object) -> int:
    usual: dict[str, object] = {"year": 2026, "rulebook": None, "apply": False}
    return main(Namespace(what=what, name=name, file=str(file) if file else None, **{**usual, **said}))


def test_a_year_is_shown_before_it_counts(rulebook: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("show", "office", rulebook=str(rulebook)) == 0
    said = capsys.readouterr().out
    assert "2026-01-06 Tue  closed  Epiphany" in said
    assert "2026-12-24 Thu  09:00-12:00  Christmas Eve" in said
    assert "2026-11-02 Mon  closed" in said
    assert "America/New_York" in said
    assert "hours of work in 2026" in said


def test_calendars_are_listed_with_who_uses_them(rulebook: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rulebook.write_text(OFFICE.replace('title = "Billing"', 'title = "Billing"\ncalendar = "office"'))
    typed("list", rulebook=str(rulebook))
    assert "used by queue billing" in capsys.readouterr().out


def test_days_of_another_program_are_put_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "var").mkdir(mode=0o700)
    url = sqlite_copy(migrated_sqlite(), tmp_path / "var")
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("VAR", str(tmp_path / "var"))
    desk = open_desk(url, tmp_path / "var")
    desk.apply(parse_toml(OFFICE), "test")
    desk.db.close()
    file = tmp_path / "days.ics"
    file.write_bytes(FOREIGN)
    typed("import", "office", file, apply=True)
    said = capsys.readouterr().out
    assert "Left out: “Meeting”" in said
    assert "2 new days" in said
    typed("import", "office", file)
    assert "0 new days" in capsys.readouterr().out, "what is there stays as it is"
    typed("show", "office")
    assert "2026-12-28 Mon  closed  Betriebsferien" in capsys.readouterr().out


def test_what_is_exported_comes_back(rulebook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "office.ics"
    typed("export", "office", file, rulebook=str(rulebook))
    rulebook.write_text(OFFICE.replace('days = ["12-24 09:00-12:00 Christmas Eve", "2026-11-02 closed"]\n', ""))
    typed("import", "office", file, rulebook=str(rulebook))
    assert 'days = ["2026-11-02 closed", "2026-12-24 09:00-12:00 Christmas Eve"]' in capsys.readouterr().out


def test_what_is_no_calendar_is_refused_with_a_sentence(rulebook: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="office"):
        typed("show", "ofice", rulebook=str(rulebook))
    (tmp_path / "x.ics").write_bytes(b"hello")
    with pytest.raises(Refused, match="no calendar"):
        typed("import", "office", tmp_path / "x.ics", rulebook=str(rulebook))
    with pytest.raises(Refused, match="cannot be read"):
        typed("import", "office", tmp_path / "none.ics", rulebook=str(rulebook))
