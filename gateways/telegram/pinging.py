"""In Telegram to an agent: that a ticket waits for them, where Slack cannot say it."""

from __future__ import annotations

from datetime import timedelta

from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from core.engine.hands import GiveUp, Later
from core.engine.otherwise import Letter
from core.rulebook import Agent
from gateways.telegram.client import Client, To

AGAIN = timedelta(seconds=5)


class InTelegram:
    """A way to an agent who has opened a chat with the bot, and whose number the rulebook has."""

    def __init__(self, client: Client):
        self.client = client

    def reaches(self, agent: Agent) -> bool:
        return bool(agent.telegram)

    async def tell(self, agent: Agent, letter: Letter) -> None:
        try:
            await self.client.say(To(int(agent.telegram or 0)), f"{letter.subject}\n\n{letter.text}"[:4000])
        except RetryAfter as error:
            raise Later("Telegram asks us to rest", AGAIN) from error
        except (BadRequest, Forbidden) as error:
            raise Later(f"{agent.name} is not reached in Telegram: {error.message}", timedelta(0)) from error
        except TelegramError as error:
            raise Later(error.message, AGAIN) from error
        except ValueError as error:
            raise GiveUp(f"{agent.telegram} is no chat") from error
