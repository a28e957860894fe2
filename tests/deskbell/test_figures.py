"""What a running desk says of itself: to a probe, to Prometheus, and to an operator; nothing of it is a person's."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from core.desk.opening import open_desk
from core.settings import Settings
from core.tickets.model import Outcome, Trail
from deskbell.figures import as_json, as_text, findings
from deskbell.parts import House
from tests.ports import free_port
from tests.world import ANN, World

SAMPLE = re.compile(r'deskbell_([a-z_]+)(?:\{([a-z]+)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"\})? ([0-9.e+-]+)')
PRIVATE = ("carla", "gómez", "hugo", "order", "example.com", "example.org", "ann", "walker", "sam")


def configured(**more: Any) -> Settings:
    return Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        **{
            "relay_host": "relay.example",
            "smtp": {"billing": {"host": "smtp.example", "user": "billing@desk.example"}},
            "imap": {"support": {"host": "imap.example", "user": "support@desk.example", "password": "x"}},
            **more,
        },
    )


def busy(world: World) -> None:
    """Something of everything waits."""
    world.refusing["carla@example.com"] = Outcome("carla@example.com", 451, "carla is not at home")
    number = world.mail()
    world.desk.reply(number, ANN, "Which order?")
    world.later(minutes=1)
    world.desk.accept("email", "odd", "hugo@example.org", {"mail_from": "hugo@example.org"}, b"hugo's order")


def said(found: Any) -> str:
    return str(found).casefold()


def test_what_a_probe_and_prometheus_are_told_agrees_and_names_nobody(world: World) -> None:
    busy(world)
    world.now += timedelta(hours=1)
    figures, settings = world.desk.figures(), configured()
    told, text = as_json(figures, settings), as_text(figures, settings)
    samples: dict[str, dict[str, float]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            match = SAMPLE.fullmatch(line)
            assert match, line
            samples.setdefault(match[1], {})[match[3] or ""] = float(match[4])
    assert samples["mail_not_understood_seconds"] == {"": told["mail_not_understood_seconds"]} == {"": 3600.0}
    assert samples["mail_not_sent_seconds"][""] == told["mail_not_sent_seconds"] == 3660.0
    assert samples["jobs_waiting"] == {to: one["waiting"] for to, one in told["jobs"].items()}
    assert samples["jobs_failed_before"]["out:email"] == told["jobs"]["out:email"]["failed_before"] > 0
    assert samples["kept_out"] == told["kept_out"]
    assert samples["mailbox_is_read"] == {"support": 0}
    assert "mailbox_last_read_seconds" not in samples
    assert samples["relay_is_resting"] == {"usual": 0, "billing": 0}
    assert text.count("# TYPE ") == len(samples)
    for word in PRIVATE:
        assert not re.search(rf"\b{word}\b", said(told) + said(text)), word


def test_what_happened_since_the_desk_began_is_a_counter_and_the_doctor_says_how_often(world: World) -> None:
    world.refusing["carla@example.com"] = Outcome("carla@example.com", 550, "5.1.1 carla is not here")
    number = world.mail()
    world.desk.reply(number, ANN, "Which order?")
    world.later(minutes=1)
    assert world.mail_at_all("Round and round", sender="hugo@example.org", trail=Trail(hops=99)) is None
    figures, settings = world.desk.figures(), configured()
    text = as_text(figures, settings)
    assert "# TYPE deskbell_bounced_total counter\n" in text
    assert 'deskbell_bounced_total{class="gone"} 2\n' in text  # the acknowledgement, and the answer
    assert 'deskbell_bounced_total{class="policy"} 0\n' in text
    assert 'deskbell_braked_total{reason="too_many_servers"} 1\n' in text
    assert 'deskbell_held_total{reason="too_many_servers"} 1\n' in text
    assert "\ndeskbell_unreadable_total 0\n" in text
    told = as_json(figures, settings)["since_it_began"]
    assert (told["bounced"]["gone"], told["braked"]["too_many_servers"], told["unreadable"]) == (2, 1, 0)
    assert all(SAMPLE.fullmatch(line) for line in text.splitlines() if not line.startswith("#"))
    sentences = [said.text for _, said in findings(figures, settings)]
    assert any(one.startswith("Recipients that refused") for one in sentences)
    assert any("went round" in one for one in sentences)
    for word in PRIVATE:
        assert not re.search(rf"\b{word}\b", said(told) + said(text)), word


def test_a_name_that_would_break_a_line_of_figures_does_not(world: World) -> None:
    odd = 'a"b\\c\nd'
    settings = configured(smtp={odd: {"host": "smtp.example", "user": "billing@desk.example"}})
    line = next(line for line in as_text(world.desk.figures(), settings).splitlines() if "relay_is_resting{" in line)
    assert SAMPLE.fullmatch(line)
    assert as_text(world.desk.figures(), settings).count('relay_is_resting{relay="a\\"b\\\\c\\nd"} 0') == 1


def test_the_doctor_is_silent_about_a_desk_at_ease_and_names_what_calls_for_action(world: World) -> None:
    at_ease = configured(imap={})
    assert [mark for mark, _ in findings(world.desk.figures(), at_ease)] == ["good"]
    busy(world)
    assert [mark for mark, _ in findings(world.desk.figures(), at_ease)] == ["good"]
    world.now += timedelta(hours=1)
    texts = [f"{mark} {said.text}" for mark, said in findings(world.desk.figures(), configured())]
    for begins in (
        "warn The oldest mail that nobody has understood",
        "warn The oldest mail that has not left",
        "warn Jobs wait that could be done",
        "warn The mailbox {name} was not read",
    ):
        assert any(text.startswith(begins) for text in texts), begins


async def test_a_running_desk_shows_its_figures_and_says_503_where_its_store_is_gone(
    sqlite_url: str, tmp_path: Path
) -> None:
    with World(sqlite_url, tmp_path) as world:
        world.desk.accept("email", "odd", "x", {}, b"odd")
    settings = configured(database_url=sqlite_url, var=tmp_path, web_port=free_port(), imap={})
    desk = open_desk(sqlite_url, tmp_path)
    web = f"http://127.0.0.1:{settings.web_port}"
    async with House(settings, desk).serving(frozenset({"web"})), aiohttp.ClientSession() as http:
        async with http.get(f"{web}/healthz") as answer:
            health = await answer.json()
        assert (health["ok"], health["rulebook"]) == (True, 1)
        assert health["mail_not_understood_seconds"] > 0
        async with http.get(f"{web}/metrics") as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            assert "deskbell_mail_not_understood_seconds " in await answer.text()
        desk.db.close()
        for path in ("healthz", "metrics"):
            async with http.get(f"{web}/{path}") as answer:
                assert answer.status == 503, path
