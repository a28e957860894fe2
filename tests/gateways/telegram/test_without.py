"""A desk without a bot: what is left to be done on Telegram waits, and its library takes no room."""

from __future__ import annotations

import subprocess
import sys

from core.engine.drain import Drainer
from gateways.telegram import without
from tests.gateways.telegram.conftest import CARLA, Chatting
from tests.world import ANN


def test_the_library_is_not_loaded_where_there_is_no_bot() -> None:
    asked = "import sys, deskbell.run, deskbell.doctor; print('telegram' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", asked], text=True) == "False\n"


async def test_what_is_left_to_do_waits_says_for_what_and_is_done_when_there_is_one_again(chatting: Chatting) -> None:
    assert without.hands().keys() == chatting.telegram.hands.keys()
    await chatting.box.phone_write(CARLA, "Hola")
    await chatting.works()
    await chatting.box.phone_write(CARLA, "¿Hay alguien?")
    await chatting.hears()
    await chatting.desk.reply.soon(1, ANN, "Sí")
    real, chatting.drainer = chatting.drainer, Drainer(chatting.desk, without.hands(), "no-bot")
    await chatting.works(600)
    left = {job.kind: (job.error, job.attempts) for job in await chatting.desk.jobs.soon() if "telegram" in job.kind}
    why = "no Telegram bot is configured (TELEGRAM_BOT_TOKEN)"
    assert left == {"receive:telegram": (why, 0), "deliver:telegram": (why, 0)}
    chatting.drainer = real
    await chatting.works(120)
    assert await chatting.heard(1) == ["Hola", "¿Hay alguien?"]
    assert chatting.shown()[-1] == "Sí"
