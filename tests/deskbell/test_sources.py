"""The command that makes partners' sources, and what an operator is told of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from core.desk.opening import open_desk
from core.tickets.sources import Scope, Told
from deskbell.figures import as_json, as_text, findings
from tests.databases import sqlite_copy
from tests.deskbell.test_commands import Terminal
from tests.deskbell.test_figures import configured, said
from tests.world import RULEBOOK, World


@pytest.fixture
def terminal(tmp_path: Path, migrated_file: Path) -> Terminal:
    terminal = Terminal(tmp_path)
    terminal.env["DATABASE_URL"] = sqlite_copy(migrated_file, tmp_path)
    terminal.write("desk.toml", RULEBOOK)
    return terminal


def test_a_source_is_made_shown_changed_and_revoked(terminal: Terminal, tmp_path: Path) -> None:
    made = terminal.type("sources", "add", "shop", "--url", "https://shop.example/hooks", "--events", "ticket.opened")
    token = next(line.split()[1] for line in made.stdout.splitlines() if line.startswith("token:"))
    assert "secret: whsec_" in made.stdout
    listed = terminal.type("sources").stdout
    scopes = "--scopes messages:write,tickets:read,tickets:write"
    assert f"shop  {scopes}  --url https://shop.example/hooks  --events ticket.opened\n1 source\n" == listed
    assert token not in listed
    assert token.encode() not in (tmp_path / "desk.db").read_bytes(), "nothing of it is kept"

    assert (
        terminal.type("sources", "set", "shop", "--scopes", "messages:write", "--url", "", "--signed").returncode == 0
    )
    assert "shop  --scopes messages:write  --events ticket.opened  --signed" in terminal.type("sources").stdout
    assert "24 hours more" in terminal.type("sources", "rotate", "shop").stdout
    assert "hours more" not in terminal.type("sources", "rotate", "shop", "--overlap", "0").stdout
    assert "brings and sees nothing" in terminal.type("sources", "revoke", "shop").stdout
    assert "shop  (revoked)" in terminal.type("sources", "list").stdout
    desk = open_desk(terminal.env["DATABASE_URL"], tmp_path)
    assert desk.source_with(token) is None
    desk.db.close()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("add",), "Which source?"),
        (("add", "Shop!"), "is no name for a source"),
        (("add", "shop", "--url", "http://shop.example/"), "webhooks go by https"),
        (("add", "shop", "--url", "https://192.168.1.1/"), "inside a network"),
        (("add", "shop", "--scopes", "everything"), "There are: messages:write"),
        (("add", "shop", "--queue", "nowhere"), "The desk has no rulebook yet"),
        (("set", "shop"), "Say what is to be otherwise"),
        (("set", "shop", "--unsigned"), "There is no source shop"),
        (("rotate", "shop"), "There is no source shop"),
        (("revoke", "shop"), "There is no source shop"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(terminal: Terminal, words: tuple[str, ...], why: str) -> None:
    done = terminal.type("sources", *words)
    assert (done.returncode, why in done.stderr) == (1, True), done.stderr


def test_a_source_has_a_queue_of_the_rulebooks(terminal: Terminal) -> None:
    assert terminal.type("rulebook", "apply").returncode == 0
    assert "There are: support and billing" in terminal.type("sources", "add", "shop", "--queue", "nowhere").stderr
    assert terminal.type("sources", "add", "shop", "--queue", "billing").returncode == 0
    assert "  --queue billing\n" in terminal.type("sources").stdout
    terminal.write("desk.toml", RULEBOOK.replace('"billing"', '"invoices"'))
    assert terminal.type("rulebook", "apply").returncode == 0
    assert "The queue billing, where tickets of shop go, is not in the rulebook" in terminal.type("doctor").stdout
    assert terminal.type("sources", "set", "shop", "--queue", "").returncode == 0
    assert "--queue" not in terminal.type("sources").stdout


def test_the_doctor_names_sources_and_webhooks_that_cannot_leave(terminal: Terminal) -> None:
    assert terminal.type("rulebook", "apply").returncode == 0
    here = {"WEB_HOOKS_NETWORKS": "127.0.0.0/8"}
    assert terminal.type("sources", "add", "shop", "--url", "http://127.0.0.1:9000/", **here).returncode == 0
    found = terminal.type("doctor").stdout
    assert "✓ Messages are brought by shop, at port 8025 of 127.0.0.1." in found
    assert "✗ The webhooks of shop cannot leave: 127.0.0.1 is inside a network" in found
    assert "cannot leave" not in terminal.type("doctor", **here).stdout


def test_figures_say_whose_webhooks_fail_and_not_why(world: World) -> None:
    world.desk.add_source("shop", tuple(Scope), told=tuple(Told), url="https://shop.example/secret-path")
    world.desk.hook_failed("shop", "500 secret words")
    world.now += timedelta(hours=1)
    figures, settings = world.desk.figures(), configured()
    assert as_json(figures, settings)["sources"] == {"shop": {"is_failing": True, "failing_seconds": 3600.0}}
    assert 'deskbell_source_failing_seconds{source="shop"} 3600' in as_text(figures, settings)
    assert "secret" not in said([as_json(figures, settings), as_text(figures, settings)])
    told = [phrase for mark, phrase in findings(figures, settings) if mark == "warn"]
    assert any("The source {name} has not taken its webhooks" in phrase.text for phrase in told)
    world.desk.hook_worked("shop")
    assert as_json(world.desk.figures(), settings)["sources"]["shop"]["is_failing"] is False
