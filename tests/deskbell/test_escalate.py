"""`deskbell escalate`, the sign of life, a duty's calendar by its link, and the sandbox's clock over a restart."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import aiohttp
from aiohttp import web

from core.desk.opening import wall_clock
from core.engine.clock import look_at_due
from deskbell.heartbeat import Heartbeat
from deskbell.timing import keep, kept_clock
from gateways.pages.calendar import add_calendars
from tests.core.escalation.test_duties import LADDER, ROSTERS
from tests.deskbell.test_commands import Terminal
from tests.gateways.web.partner import serving
from tests.world import World

WATCHED = (ROSTERS + LADDER).replace('title = "Support"', 'title = "Support"\nladder = "usual"')


def test_it_says_who_would_be_told_and_when_and_what_is_wrong(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.write("desk.toml", WATCHED)
    assert terminal.type("rulebook", "apply").returncode == 0
    said = terminal.type("escalate", "preview", "support", "--at", "2026-03-10T16:30").stdout
    assert "In Support, by the ladder “usual”, if nobody acts:" in said
    assert "Mar 10, 2026, 4:45" in said.replace("\u202f", " ")
    assert "Jonas Becker (has the duty “week” then)" in said
    described = terminal.type("escalate", "preview", "--subject", "Your invoice", "--text", "It is wrong.").stdout
    assert "invoices" in described  # the rule that says where it goes
    assert "Billing" in described
    assert "no ladder is climbed" in terminal.type("escalate", "preview", "billing").stdout
    for words, why in (
        (("suport",), "There is no queue “suport”."),
        (("support", "--at", "soon"), "Write the time like this"),
    ):
        failed = terminal.type("escalate", "preview", *words)
        assert failed.returncode == 1
        assert why in failed.stderr


async def test_a_sign_of_life_is_given_while_the_clock_goes_and_only_then(sqlite_url: str, tmp_path: Path) -> None:
    heard = list[str]()

    async def beat(request: web.Request) -> web.Response:
        heard.append(request.path)
        return web.Response(status=500 if len(heard) == 1 else 200)

    app = web.Application()
    app.router.add_get("/beat", beat)
    async with serving(app) as at:
        with World(sqlite_url, tmp_path, WATCHED) as world:
            heart = Heartbeat(world.desk, f"{at}/beat")
            await heart.beat()
            await heart.beat()
            assert heard == ["/beat", "/beat"]
            await asyncio.to_thread(world.mail)
            world.now += timedelta(hours=1)
            await heart.beat()
            assert len(heard) == 2  # a ticket is due since three quarters of an hour, and nobody has looked
            await look_at_due(world.desk)
            await heart.beat()
            assert len(heard) == 3
            await Heartbeat(world.desk, "http://127.0.0.1:1/nobody").beat()  # whoever watches is away: no fault of ours


async def test_a_duty_is_shown_by_programs_that_show_calendars_to_who_has_the_link(
    sqlite_url: str, tmp_path: Path
) -> None:
    with World(sqlite_url, tmp_path, ROSTERS) as world:
        app = web.Application()
        add_calendars(app, world.desk)
        path = await world.desk.feed_path.soon("week")
        async with serving(app) as at, aiohttp.ClientSession() as session:
            async with session.get(f"{at}/{path}") as answer:
                text = await answer.text()
                assert (answer.status, answer.content_type) == (200, "text/calendar")
            async with session.get(f"{at}/{path.replace('week/', 'sun/')}") as refused:
                assert refused.status == 404
    assert "SUMMARY:Week: Ann Walker" in text
    assert "DTSTART:20260309T080000Z" in text


def test_the_sandboxs_clock_is_as_far_ahead_when_it_opens_again(tmp_path: Path) -> None:
    clock = kept_clock(tmp_path / "clock")
    clock.set(ahead=timedelta(days=300))
    clock.set(ahead=timedelta(days=300))
    keep(clock, tmp_path / "clock")
    again = kept_clock(tmp_path / "clock")
    assert timedelta(days=599) < again() - wall_clock() < timedelta(days=601)
    (tmp_path / "clock").write_text("nonsense")
    assert abs(kept_clock(tmp_path / "clock")() - wall_clock()) < timedelta(minutes=1)
