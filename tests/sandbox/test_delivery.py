"""How the app hears of things: signatures, acks, retries, lost sockets, and every fault that can be switched on."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from sandbox import Sandbox, SandboxError
from sandbox.tiers import EVENTS_IN
from tests.patience import PATIENCE
from tests.sandbox.bots import Bot
from tests.sandbox.kit import Json

ANN = "U0ANN"
SANDBOX = {"retry_after": (0, 0.05, 0.1), "ack_seconds": 0.3}


@asynccontextmanager
async def receiver(
    answer: Callable[[web.Request, int], Awaitable[web.Response]],
) -> AsyncGenerator[tuple[str, list[Any]]]:
    """A bare HTTP endpoint: what it is asked, and its own answer to the nth request."""
    asked: list[Any] = []

    async def handle(request: web.Request) -> web.Response:
        asked.append((dict(request.headers), await request.text()))
        return await answer(request, len(asked))

    app = web.Application()
    app.router.add_post("/", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/", asked
    finally:
        await runner.cleanup()


async def said(status: int = 200, **headers: str) -> web.Response:
    return web.Response(status=status, headers=headers)


async def something_happens(sandbox: Sandbox) -> None:
    """An event that needs no room."""
    await sandbox.new_room(ANN, f"room-{len(sandbox.rooms)}")


async def test_requests_are_signed_as_slack_signs_them(sandbox: Sandbox) -> None:
    async with receiver(lambda _, __: said()) as (url, asked):
        sandbox.request_url = url
        await something_happens(sandbox)
        await sandbox.until(lambda: asked)
        headers, body = asked[0]
        verifier = SignatureVerifier(sandbox.signing_secret)
        assert verifier.is_valid_request(body, headers)
        assert not SignatureVerifier("guessed").is_valid_request(body, headers)
        assert not verifier.is_valid_request(body + " ", headers)


async def test_bolt_refuses_what_was_not_signed_by_us(sandbox: Sandbox) -> None:
    async with Bot(sandbox, "signed http"), aiohttp.ClientSession() as session:
        assert sandbox.request_url is not None
        async with session.post(sandbox.request_url, json={"type": "event_callback"}) as answer:
            assert answer.status == 401


async def test_a_request_url_proves_itself(sandbox: Sandbox) -> None:
    async with Bot(sandbox, "signed http"):
        await sandbox.verify_request_url()
    async with receiver(lambda _, __: said()) as (url, _asked):
        sandbox.request_url = url
        with pytest.raises(SandboxError, match="url_verification_failed"):
            await sandbox.verify_request_url()


async def test_an_event_is_tried_again_three_times() -> None:
    async with Sandbox(**SANDBOX) as sandbox, receiver(lambda _, __: said(500)) as (url, asked):
        sandbox.request_url = url
        await something_happens(sandbox)
        await sandbox.until(lambda: len(asked) == 4)
        await sandbox.until(lambda: sandbox.slack.deliveries.log[-1].attempts == 4)
        retries = [(h.get("X-Slack-Retry-Num"), h.get("X-Slack-Retry-Reason")) for h, _ in asked]
        assert retries == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
        assert len({body for _, body in asked}) == 1


async def test_an_app_can_ask_for_no_more_retries() -> None:
    final = {"X-Slack-No-Retry": "1"}
    async with Sandbox(**SANDBOX) as sandbox, receiver(lambda _, __: said(500, **final)) as (url, asked):
        sandbox.request_url = url
        await something_happens(sandbox)
        await sandbox.until(lambda: sandbox.slack.deliveries.log[-1].outcome == "http_error")
        await asyncio.sleep(0.2)
        assert len(asked) == 1


async def test_a_slow_app_is_asked_again_because_of_a_timeout() -> None:
    async def late_at_first(_: web.Request, number: int) -> web.Response:
        await asyncio.sleep(0.5 if number == 1 else 0)
        return web.Response()

    async with Sandbox(**SANDBOX) as sandbox, receiver(late_at_first) as (url, asked):
        sandbox.request_url = url
        await something_happens(sandbox)
        await sandbox.until(lambda: len(asked) == 2)
        assert asked[1][0]["X-Slack-Retry-Reason"] == "http_timeout"


async def test_an_event_finds_an_app_that_comes_back() -> None:
    async with Sandbox(retry_after=(0.3, 1, 3, 9, 27)) as sandbox:
        await something_happens(sandbox)
        async with Bot(sandbox, "socket mode") as bot:
            bot.listens_to_the_rest()
            await something_happens(sandbox)
            await bot.hears("channel_created", count=2)
    names = [body["event"]["channel"]["name"] for body in bot.heard]
    assert sorted(names) == ["room-1", "room-2"]
    assert [h["x-slack-retry-reason"] for h in bot.headers if h["x-slack-retry-num"] != "0"] == ["connection_failed"]


@pytest.mark.parametrize("transport", ["socket mode", "signed http"])
async def test_a_lost_ack_brings_the_same_event_again(transport: str) -> None:
    async with Sandbox(retry_after=(0, 0.05, 0.1), ack_seconds=3) as sandbox, Bot(sandbox, transport) as bot:
        bot.listens_to_the_rest()
        sandbox.faults.drop_acks = 2
        await something_happens(sandbox)
        await sandbox.until(lambda: sandbox.slack.deliveries.log[-1].outcome == "acked")
    assert len(bot.heard) == 3
    assert len({body["event_id"] for body in bot.heard}) == 1
    assert [h.get("x-slack-retry-num", "0") for h in bot.headers] == ["0", "1", "2"]


async def test_events_can_come_twice_late_and_out_of_order(socket_bot: Bot) -> None:
    sandbox = socket_bot.sandbox
    socket_bot.listens_to_the_rest()
    sandbox.faults.duplicate_events = True
    await something_happens(sandbox)
    await sandbox.until(lambda: len(socket_bot.heard) == 2)
    assert socket_bot.heard[0]["event_id"] == socket_bot.heard[1]["event_id"]
    sandbox.faults.duplicate_events = False

    sandbox.faults.reorder_events = True
    await something_happens(sandbox)
    await something_happens(sandbox)
    await sandbox.until(lambda: len(socket_bot.heard) == 4)
    assert [body["event"]["channel"]["name"] for body in socket_bot.heard[2:]] == ["room-3", "room-2"]
    sandbox.faults.reorder_events = False

    sandbox.faults.delay_events_ms = 300
    await something_happens(sandbox)
    sandbox.faults.delay_events_ms = 0
    await something_happens(sandbox)
    await sandbox.until(lambda: len(socket_bot.heard) == 6)
    assert [body["event"]["channel"]["name"] for body in socket_bot.heard[4:]] == ["room-5", "room-4"]


async def test_events_that_are_scattered_come_one_to_three_times_in_any_order(socket_bot: Bot) -> None:
    sandbox = socket_bot.sandbox
    socket_bot.listens_to_the_rest()
    await sandbox.set_faults(scatter_events_ms=60)
    for _ in range(20):
        await something_happens(sandbox)
    told = list(sandbox.slack.deliveries.log)
    await sandbox.until(lambda: len(socket_bot.heard) == sum(one.copies for one in told))
    await sandbox.until(lambda: all(one.took is not None for one in told))
    assert [one.attempts for one in told] == [one.copies for one in told]
    assert {one.copies for one in told} <= {1, 2, 3}
    came = [body["event"]["channel"]["name"] for body in socket_bot.heard]
    assert [came.count(one.payload["event"]["channel"]["name"]) for one in told] == [one.copies for one in told]
    first = list(dict.fromkeys(came))
    assert first != [one.payload["event"]["channel"]["name"] for one in told]


@pytest.mark.parametrize("reason", ["refresh_requested", "warning", "abrupt"])
async def test_an_app_that_is_disconnected_comes_back(socket_bot: Bot, reason: str) -> None:
    sandbox = socket_bot.sandbox
    socket_bot.listens_to_the_rest()
    before = sum(call.method == "apps.connections.open" for call in sandbox.slack.calls)
    await sandbox.set_faults(disconnect_now=reason)
    await sandbox.until(
        lambda: (
            sum(c.method == "apps.connections.open" for c in sandbox.slack.calls) > before
            and sandbox.state()["connected"]
        )
    )
    async with asyncio.timeout(PATIENCE):
        while not socket_bot.events("channel_created"):  # the library may open two sockets, and close one of them
            await something_happens(sandbox)
            await asyncio.sleep(0.1)


async def test_events_are_shared_out_among_the_sockets_of_an_app(sandbox: Sandbox) -> None:
    async with Bot(sandbox, "socket mode") as one, Bot(sandbox, "socket mode") as two:
        one.listens_to_the_rest()
        two.listens_to_the_rest()
        await sandbox.until(lambda: sandbox.state()["connected"] == 2)
        for _ in range(4):
            await something_happens(sandbox)
        await sandbox.until(lambda: len(one.heard) + len(two.heard) == 4)
        assert (len(one.heard), len(two.heard)) == (2, 2)


async def test_the_eleventh_socket_is_sent_away(sandbox: Sandbox) -> None:
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {sandbox.app_token}"}) as session:

        async def connect() -> aiohttp.ClientWebSocketResponse:
            async with session.post(f"{sandbox.slack_api_url}apps.connections.open") as answer:
                url = (await answer.json())["url"]
            return await session.ws_connect(url)

        sockets = [await connect() for _ in range(11)]
        hello = await sockets[0].receive_json()
        assert (hello["type"], hello["connection_info"]["app_id"]) == ("hello", "A0SANDBOX")
        assert (await sockets[10].receive_json())["reason"] == "too_many_websockets"
        for socket in sockets:
            await socket.close()
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{sandbox.base_url}/link/?ticket=guessed")


async def test_a_workspace_that_is_too_loud_tells_the_app_so(socket_bot: Bot) -> None:
    sandbox = socket_bot.sandbox
    while sandbox.slack.tiers.admits_event():  # 30,000 of them
        pass
    await something_happens(sandbox)
    await sandbox.until(lambda: [b for b in socket_bot.heard if b.get("type") == "app_rate_limited"])
    assert EVENTS_IN.burst == 30_000


async def test_the_web_api_can_be_made_to_fail(socket_bot: Bot) -> None:
    sandbox, client = socket_bot.sandbox, socket_bot.client
    await sandbox.set_faults(http_errors=1)
    with pytest.raises(SlackApiError, match="status: 500"):
        await client.auth_test()
    await sandbox.set_faults(api_error={"auth.test": "token_revoked"})
    with pytest.raises(SlackApiError, match="token_revoked"):
        await client.auth_test()
    await sandbox.set_faults(api_error={"*": "internal_error"})
    with pytest.raises(SlackApiError, match="internal_error"):
        await client.team_info()
    await sandbox.set_faults(api_error={}, rate_limit_next=1, rate_limit_seconds=7)
    with pytest.raises(SlackApiError, match="ratelimited") as limited:
        await client.auth_test()
    assert (limited.value.response.status_code, limited.value.response.headers["Retry-After"]) == (429, "7")
    await client.auth_test()


async def test_an_answer_can_be_lost_after_the_work_was_done(socket_bot: Bot) -> None:
    room = await socket_bot.room()
    socket_bot.client.retry_handlers.clear()  # by default the SDK posts again, and so twice
    socket_bot.sandbox.faults.lose_answers = {"chat.postMessage": 1}
    with pytest.raises(aiohttp.ClientError):
        await socket_bot.client.chat_postMessage(channel=room, text="Said once")
    assert [m["text"] for m in socket_bot.sandbox.spoken(room)] == ["Said once"]
    await socket_bot.client.chat_postMessage(channel=room, text="Said again")


async def test_an_app_that_is_taken_out_hears_so_and_can_do_nothing_more(socket_bot: Bot) -> None:
    socket_bot.listens_to_the_rest()
    await socket_bot.client.auth_test()
    await socket_bot.sandbox.uninstall()
    assert (await socket_bot.hears("tokens_revoked"))["tokens"]["bot"] == ["U0DESKBELL"]
    await socket_bot.hears("app_uninstalled")
    with pytest.raises(SlackApiError, match="account_inactive"):
        await socket_bot.client.auth_test()


async def test_an_unknown_fault_is_refused(sandbox: Sandbox) -> None:
    patches: list[Json] = [{"http_eror_rate": 1}, {"drop_acks": "many"}, {"mail_refuse": {"a": 5}}, {"slow_ms": -1}]
    for patch in patches:
        with pytest.raises(SandboxError, match="invalid_fault"):
            await sandbox.set_faults(**patch)
    shown: Json = await sandbox.set_faults(slow_ms=5)
    assert shown["slow_ms"] == 5
