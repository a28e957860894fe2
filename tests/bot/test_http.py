"""Signed HTTP instead of a socket: the same bot, and nobody else gets in."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from bot.app import Bot, Ingress
from bot.dispatch import Dispatcher
from core.phrases import DeskError
from sandbox import SandboxError
from tests.bot.office import ANN, ROOM, Office, filled, words_of


@pytest.fixture
async def by_http(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Office]:
    """An office whose bot is reached by signed HTTP."""
    async with Office(sqlite_url, tmp_path) as office:
        app = web.Application()
        app.router.add_post("/slack/events", office.bot.http())
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        office.sandbox.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        await office.runner.start()
        edition = await office.desk.edition.soon()
        assert edition is not None
        await office.bot.setup.move_in(edition)
        yield office
        await runner.cleanup()


async def test_the_request_url_is_verified_and_everything_works(by_http: Office) -> None:
    office = by_http
    await office.sandbox.verify_request_url()
    number = await office.mail()
    card = await office.card_of(number)
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    refused = await office.submit(ANN, view, " ")
    assert refused["errors"]
    await office.submit(ANN, view, "It left today.")
    await office.sandbox.say(ANN, ROOM, "by the way", thread_ts=card["ts"])
    await office.sandbox.slash(ANN, ROOM, "/desk", "mine")
    await office.told(ANN, f"#{number} Where is my order?")
    await office.later(31)
    assert [out.text for out in office.answers] == ["It left today."]
    await office.until(lambda: any("by the way" in words_of(m) for m in office.in_thread(number)))


async def test_what_comes_from_slack_leaves_the_desks_own_log_as_it_was(by_http: Office) -> None:
    """Bolt gives the logger that is called like its app the level of the one that it was handed, with each request."""
    ours = logging.getLogger("deskbell")
    ours.setLevel(logging.INFO)
    await by_http.sandbox.slash(ANN, ROOM, "/desk", "mine")
    assert ours.level == logging.INFO
    ours.setLevel(logging.NOTSET)


async def test_what_is_not_signed_by_slack_gets_nowhere(by_http: Office) -> None:
    url = by_http.sandbox.request_url
    assert url is not None
    async with aiohttp.ClientSession() as session:
        forged = {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=" + "0" * 64}  # noqa: TID251
        async with session.post(url, json={"type": "event_callback", "event": {}}, headers=forged) as answer:
            assert answer.status == 401
        async with session.post(url, data=b"\xff\xfe\xfa", headers={"Content-Type": "text/plain"}) as answer:
            assert answer.status in (400, 401)


@pytest.fixture
async def unknown(closed_office: Office) -> AsyncGenerator[str]:
    """Where Slack's requests come to, before we could ask Slack who we are."""
    app = web.Application()
    app.router.add_post("/slack/events", closed_office.bot.http())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    await runner.cleanup()


async def post(url: str, body: str, secret: str) -> int:
    now = str(int(time.time()))  # noqa: TID251
    signature = SignatureVerifier(secret).generate_signature(timestamp=now, body=body)
    assert signature is not None
    signed = {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": signature, "Content-Type": "application/json"}
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=signed) as answer:
        return answer.status


async def test_while_we_do_not_know_who_we_are_slack_is_told_to_come_again(closed_office: Office, unknown: str) -> None:
    await closed_office.sandbox.set_faults(http_error_rate=1.0)
    assert await post(unknown, "{}", closed_office.sandbox.signing_secret) == 503


async def test_what_is_not_signed_by_slack_makes_us_ask_slack_nothing(closed_office: Office, unknown: str) -> None:
    assert await post(unknown, "{}", "somebody else's secret") == 401
    assert not list(closed_office.sandbox.slack.calls)


async def test_without_a_secret_nothing_is_served(closed_office: Office) -> None:
    ingress = Ingress(Dispatcher(closed_office.desk, closed_office.slack, closed_office.look))
    with pytest.raises(DeskError, match="SLACK_SIGNING_SECRET"):
        ingress.http()


async def test_without_an_app_token_the_socket_is_refused_in_a_sentence(closed_office: Office) -> None:
    settings = closed_office.settings.model_copy(update={"slack_app_token": None})
    with pytest.raises(DeskError, match="SLACK_APP_TOKEN is not set"):
        Bot(closed_office.desk, closed_office.slack, settings, closed_office.look)


async def test_a_socket_that_slack_closes_is_opened_again(office: Office) -> None:
    await office.sandbox.set_faults(disconnect_now=True)
    number = await office.mail()

    async def is_heard() -> bool:
        """Slack's library may open two sockets and close one of them; whoever's click goes there clicks again."""
        try:
            await office.click(ANN, number, "note")
        except SandboxError:
            return False
        return True

    await office.eventually(is_heard)
    view = await office.modal(ANN, "note")
    await office.sandbox.submit(ANN, view["id"], filled(view, "still here"))
    await office.until(lambda: any("still here" in words_of(m) for m in office.in_thread(number)))
