"""What the documents promise of a desk whose owner has set nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from core.engine.drain import Drainer
from core.settings import Settings
from deskbell.opening import open_with

SHIPPED = {name: field.default for name, field in Settings.model_fields.items()}


def test_a_dead_workers_job_is_taken_over_after_six_seconds(sqlite_url: str, tmp_path: Path) -> None:
    assert SHIPPED["lease"] == timedelta(seconds=6)
    desk = open_with(settings_of(sqlite_url, tmp_path))
    assert Drainer(desk, {}, "somebody").lease == SHIPPED["lease"]
    desk.db.close()


def test_an_answer_can_be_taken_back_for_ten_seconds_as_agents_are_told(sqlite_url: str, tmp_path: Path) -> None:
    assert SHIPPED["undo_seconds"] == 10
    assert "ten seconds to take it back" in Path("docs/agents.md").read_text(encoding="utf-8")
    desk = open_with(settings_of(sqlite_url, tmp_path))
    assert desk.undo_for == timedelta(seconds=10)
    desk.db.close()


def test_a_desk_opens_no_door_to_the_network_by_itself() -> None:
    assert {SHIPPED[name] for name in ("smtp_host", "web_host")} == {"127.0.0.1"}
    assert (SHIPPED["relay_host"], SHIPPED["relay_tls"]) == (None, "starttls")


def settings_of(url: str, folder: Path) -> Settings:
    """As shipped, whatever the environment of the tests says."""
    return Settings(**{**SHIPPED, "database_url": url, "var": folder})
