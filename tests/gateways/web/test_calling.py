"""A step of a ladder that calls a source's server: signed, once, and with no more than whoever is on call needs."""

from __future__ import annotations

from datetime import timedelta

from core.rulebook import parse_toml
from tests.gateways.web.conftest import Partnered
from tests.world import RULEBOOK

CALLING = RULEBOOK.replace('title = "Support"', 'title = "Support"\nladder = "usual"')
LADDER = """
[[ladders]]
name = "usual"
steps = [{ after = "15m", notify = ["webhook:shop"], important = true }]
"""


async def test_a_source_is_called_when_a_ticket_waits_whoevers_it_is(partnered: Partnered) -> None:
    await partnered.desk.apply.soon(parse_toml(CALLING + LADDER), "t")
    await partnered.shop.brings("My parcel is wet.")
    await partnered.works()
    partnered.world.now += timedelta(minutes=15)
    numbers = await partnered.desk.due_now.soon()
    for number in numbers:
        await partnered.desk.look_at.soon(number)
    await partnered.works(10)
    [called] = [hook for hook in partnered.shop.hooks if hook.type == "ticket.waits"]
    assert called.data == {
        "ticket": {"number": numbers[0], "queue": "support", "urgency": 0},
        "step": 1,
        "important": True,
        "late": False,
    }
    await partnered.works(60)
    assert len([hook for hook in partnered.shop.hooks if hook.type == "ticket.waits"]) == 1
