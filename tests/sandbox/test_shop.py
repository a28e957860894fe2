"""The shop's stand-in: it brings what its customers say until the desk has it, and takes what the desk has signed."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from sandbox import Sandbox, SandboxError
from sandbox.names import seconds_now

KEY = b"a key of thirty-two bytes, or so"
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


@asynccontextmanager
async def a_desk(sandbox: Sandbox, *answers: int) -> AsyncGenerator[list[tuple[str, Any]]]:
    """A web API that answers with these statuses, then takes everything: what was brought, with its keys."""
    came: list[tuple[str, Any]] = []
    left = list(answers)

    async def brought(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer dbk_webshop_x"
        came.append((request.headers["Idempotency-Key"], await request.json()))
        status = left.pop(0) if left else 202
        return web.json_response({"id": 7} if status == 202 else {"detail": "Not so."}, status=status)

    app = web.Application()
    app.router.add_post("/api/v1/messages", brought)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sandbox.shop.connect(f"http://127.0.0.1:{runner.addresses[0][1]}/api/v1", "dbk_webshop_x", SECRET)
    try:
        yield came
    finally:
        await runner.cleanup()


async def tells(sandbox: Sandbox, what: dict[str, Any], key: bytes = KEY, id: str = "msg_1", at: int = 0) -> int:
    """The desk posts a webhook; what it is answered."""
    raw, seconds = json.dumps(what).encode(), str(at or seconds_now())
    right = base64.b64encode(hmac.digest(key, f"{id}.{seconds}.".encode() + raw, "sha256")).decode()
    headers = {"webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": f"v1,older v1,{right}"}
    async with aiohttp.ClientSession() as http, http.post(sandbox.hooks_url, data=raw, headers=headers) as answer:
        return answer.status


def answer(text: str, status: str = "pending") -> dict[str, Any]:
    ticket = {"thread": "mia", "number": 3, "status": status, "goes_on": "here"}
    return {"type": "message.created", "data": {"ticket": ticket, "message": {"text": text, "files": []}}}


async def test_what_a_customer_says_is_brought_by_one_key_until_the_desk_has_it(sandbox: Sandbox) -> None:
    async with a_desk(sandbox, 503, 500) as came:
        said = await sandbox.shop_write("mia", "Where is my lamp?")
    assert (said["state"], said["number"]) == ("kept", 7)
    assert len({key for key, _ in came}) == 1
    assert came[-1][1] == {
        "thread": "mia",
        "text": "Where is my lamp?",
        "person": {"id": "mia", "name": "Mia Novak"},
    }


async def test_what_the_desk_does_not_take_says_why(sandbox: Sandbox) -> None:
    async with a_desk(sandbox, 422):
        said = await sandbox.shop_write("mia", "Where is my lamp?")
    assert (said["state"], said["why"]) == ("refused", "Not so.")
    said = await sandbox.shop_write("mia", "And now?")
    assert (said["state"], said["why"]) == ("refused", "The desk does not answer.")
    assert [one["text"] for one in sandbox.state()["shop"]["said"]] == ["Where is my lamp?", "And now?"]


async def test_nobody_but_the_desk_is_heard(sandbox: Sandbox) -> None:
    async with a_desk(sandbox):
        assert await tells(sandbox, answer("forged"), key=b"another key") == 401
        assert await tells(sandbox, answer("old"), id="msg_2", at=seconds_now() - 3600) == 401
        assert await tells(sandbox, answer("It is on its way."), id="msg_3") == 204
    hooks = {hook["id"]: (hook["signed"], hook["taken"]) for hook in sandbox.shop.hooks()}
    assert hooks == {"msg_1": (False, False), "msg_2": (False, False), "msg_3": (True, True)}
    mia = next(one for one in sandbox.state()["shop"]["shoppers"] if one["id"] == "mia")
    assert mia["ticket"] == {"number": 3, "status": "pending", "goes_on": "here"}


async def test_what_is_told_again_is_one_thing_and_what_is_not_taken_comes_again(sandbox: Sandbox) -> None:
    async with a_desk(sandbox):
        await sandbox.shop_refuse(True)
        assert await tells(sandbox, answer("It is on its way.")) == 503
        await sandbox.shop_refuse(False)
        assert await tells(sandbox, answer("It is on its way.")) == 204
    [hook] = sandbox.shop.hooks()
    assert (hook["times"], hook["taken"], hook["text"]) == (2, True, "It is on its way.")


async def test_without_a_desk_the_shop_says_so(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="no_desk"):
        await sandbox.shop_write("mia", "Hello?")
    assert sandbox.state()["shop"]["connected"] is False
    for shopper, text, code in (("nobody", "x", "user_not_found"), ("mia", " ", "no_text")):
        with pytest.raises(SandboxError, match=code):
            await sandbox.shop_write(shopper, text)
