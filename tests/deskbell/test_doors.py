"""Doors in the settings: which are opened, and what is said where one cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.phrases import Refused
from core.settings import Settings
from deskbell.doors import Door, doors_of
from gateways.email.doors.arrivals import Arrivals
from tests.deskbell.test_commands import Terminal
from tests.deskbell.test_mailboxes import settings
from tests.e2e.circle import CERTIFICATE
from tests.world import World

USER = "SUBMISSION_USERS__PRINTER=sesame"
TLS = f"SMTP_TLS_CERT={CERTIFICATE}"


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path):
    with World(sqlite_url, tmp_path) as made:
        yield made


def opened(world: World, found: Settings) -> list[Door]:
    return list(doors_of(found, Arrivals(world.desk), "mx.desk.example", world.desk.db.clock))


def test_one_door_is_opened_unless_more_are_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert [door.setting for door in opened(world, settings(monkeypatch, tmp_path))] == ["SMTP_PORT"]
    found = settings(monkeypatch, tmp_path, "LMTP_PORT=2400", "SUBMISSION_PORT=2587", USER, TLS)
    assert [(door.setting, door.port) for door in opened(world, found)] == [
        ("SMTP_PORT", 2525),
        ("LMTP_PORT", 2400),
        ("SUBMISSION_PORT", 2587),
    ]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((USER,), "needs a certificate"),
        ((TLS,), "lets nobody in"),
        ((TLS, "SUBMISSION_USERS__PRINTER="), "without a password"),
        ((USER, "SMTP_TLS_CERT=nothing.pem"), "nothing.pem cannot be used"),
    ],
)
def test_a_door_that_could_not_be_used_rightly_is_not_opened(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lines: tuple[str, ...], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        opened(world, settings(monkeypatch, tmp_path, "SUBMISSION_PORT=2587", *lines))


def test_the_doctor_looks_at_the_certificate(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.write(".env", TLS + "\n")
    assert f"STARTTLS is offered with the certificate {CERTIFICATE}." in terminal.type("doctor").stdout
    terminal.write(".env", "SMTP_TLS_CERT=nothing.pem\n")
    assert "nothing.pem cannot be used" in terminal.type("doctor").stdout
