"""The sandbox's shop and a desk are made known to each other, and then words go both ways as with any partner."""

from __future__ import annotations

import pytest
from aiohttp import web

from core.desk.opening import wall_clock
from core.tickets.sources import Told
from deskbell.introducing import introduce
from gateways.web.api import Api
from sandbox import Sandbox
from sandbox.shop import NAME
from tests.gateways.web.conftest import Partnered
from tests.gateways.web.partner import serving


async def test_the_shop_is_a_source_whose_words_go_both_ways(partnered: Partnered) -> None:
    partnered.world.now = wall_clock()  # the shop looks at it, too
    app = web.Application()
    Api(partnered.desk).add_to(app)
    async with Sandbox() as box, serving(app) as at:
        await introduce(partnered.desk, box.shop, f"{at}/api/v1", box.hooks_url)
        assert (await box.shop_write("mia", "Where is my lamp?"))["state"] == "kept"
        await partnered.works()
        assert partnered.world.ticket(1).door == f"web:{NAME}"
        await partnered.replies(1, "It comes tomorrow.")
        hooks = [hook for hook in box.shop.hooks() if hook["thread"] == "mia"]
        assert {hook["type"] for hook in hooks} == {"message.created", Told.OPENED, Told.HEARD, Told.STATUS}
        assert all(hook["signed"] and hook["taken"] and hook["times"] == 1 for hook in hooks), hooks
        assert hooks[-2]["text"] == "It comes tomorrow."


async def test_after_a_restart_of_either_they_know_each_other(
    partnered: Partnered, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = partnered.desk
    async with Sandbox() as box:
        await introduce(desk, box.shop, "http://127.0.0.1:1/api/v1", "http://127.0.0.1:2/shop/hooks")
        first = box.shop.keys
        await introduce(desk, box.shop, "http://127.0.0.1:3/api/v1", box.hooks_url)
        assert box.shop.keys == first
        [source] = [one for one in await desk.sources.soon() if one.name == NAME]
        assert source.url == box.hooks_url
    async with Sandbox() as another:
        await introduce(desk, another.shop, "http://127.0.0.1:3/api/v1", another.hooks_url)
        assert await desk.source_with.soon(another.shop.keys["token"]) is not None
        assert await desk.source_with.soon(first["token"]) is None, "whoever else had it"
        await desk.revoke_source.soon(NAME)
        await introduce(desk, another.shop, "http://127.0.0.1:3/api/v1", another.hooks_url)
        assert "was revoked" in capsys.readouterr().out
