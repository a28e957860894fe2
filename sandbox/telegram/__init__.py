"""A stand-in for Telegram's Bot API, and the customers' phones behind it."""

from sandbox.telegram.bot_api import BotApi
from sandbox.telegram.business import Business
from sandbox.telegram.chats import Chats
from sandbox.telegram.texting import Texting

__all__ = ["BotApi", "Business", "Chats", "Texting"]
