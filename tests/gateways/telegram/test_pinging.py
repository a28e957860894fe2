"""In Telegram to an agent where Slack is away."""

from __future__ import annotations

import pytest

from core.engine.hands import Later
from core.engine.otherwise import Letter
from core.rulebook import Agent
from gateways.telegram.pinging import InTelegram
from tests.gateways.telegram.conftest import CARLA, Chatting

LETTER = Letter(7, 42, "", "#42 waits in Support", "Ticket #42 in Support waits.")


async def test_an_agent_who_has_a_chat_with_the_bot_is_told_there(chatting: Chatting) -> None:
    await chatting.box.phone_start(CARLA)
    way = InTelegram(chatting.client)
    agent = Agent(name="Carla", email="carla@desk.example", telegram=str(CARLA))
    assert way.reaches(agent)
    assert not way.reaches(Agent(name="Ann", email="ann@desk.example"))
    await way.tell(agent, LETTER)
    assert chatting.shown()[-1] == "#42 waits in Support\n\nTicket #42 in Support waits."
    with pytest.raises(Later, match="not reached"):
        await way.tell(Agent(name="Ann", email="ann@desk.example", telegram="999"), LETTER)
