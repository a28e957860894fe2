"""What came, as it is kept, whichever way it came: its key, its lane; and what supervisors hear where nothing comes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from telegram.error import Conflict, InvalidToken

from core.desk.following import Arrived
from core.phrases import Phrase, phrase

CHANNEL = "telegram"


def stream_of(bot: int) -> str:
    """What one process of all sees to: that what comes to this bot reaches us."""
    return f"telegram:{bot}"


def path_of(bot: int) -> str:
    """Where Telegram brings what comes to this bot, below our own address."""
    return f"/telegram/{bot}"


def is_ours(bot: int, url: str) -> bool:
    """Whether it is a desk's address, this one's or what was this one's before it moved."""
    return urlsplit(url).path.endswith(path_of(bot))


def arrived(bot: int, update: Mapping[str, Any]) -> Arrived:
    """An update as it is kept: once, though it comes twice."""
    number = int(update["update_id"])
    raw = json.dumps(update, ensure_ascii=True, separators=(",", ":")).encode()
    return Arrived(f"{bot}:{number}", lane_of(bot, update), {"update": number}, raw)


def lane_of(bot: int, update: Mapping[str, Any]) -> str:
    """What is said in one chat is heard in order."""
    for kind in ("message", "edited_message", "my_chat_member"):
        if kind in update:
            return f"{bot}:{update[kind]['chat']['id']}"
    for kind in ("business_message", "edited_business_message", "deleted_business_messages"):
        if kind in update:
            return f"{bot}:{update[kind]['business_connection_id']}:{update[kind]['chat']['id']}"
    pressed = update.get("callback_query", {}).get("message", {}).get("chat", {}).get("id", 0)
    return f"{bot}:{pressed}:pressed"  # what was said waits for it


def for_supervisors(error: Exception) -> Phrase | None:
    """What only a person can mend."""
    if isinstance(error, InvalidToken):
        return phrase(
            "Telegram does not know our bot: the token is wrong, or was revoked. Nothing that customers write there "
            "reaches the desk. Put the right one into .env as TELEGRAM_BOT_TOKEN, and start the desk again."
        )
    if isinstance(error, Conflict):
        return phrase(
            "Another program reads our Telegram bot's messages, or has them sent to it. Stop it, or give the desk a "
            "bot of its own: deskbell doctor"
        )
    return None
