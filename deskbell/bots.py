"""What the doctor says of the Telegram bot: whether Telegram knows it, and how what customers write reaches us."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.phrases import Phrase, phrase
from core.settings import Settings

if TYPE_CHECKING:
    from gateways.telegram.client import Client

Found = tuple[str, Phrase]

NO_ADDRESS = phrase(
    "TELEGRAM_MODE=webhook needs WEB_URL: the https address under which the world reaches this desk's web port. "
    "Without one, set TELEGRAM_MODE=polling."
)


async def look(settings: Settings) -> AsyncGenerator[Found]:
    """Nothing where there is no bot. Its library is loaded only where there is one."""
    token = settings.telegram_bot_token
    if token is None:
        return
    from gateways.telegram.client import Client, TelegramError, said

    client = Client(token.get_secret_value(), settings.telegram_api_url)
    try:
        me = await client.me()
        yield "good", phrase("Telegram knows our bot: {name}.", name=me.door)
        async for found in _way_in(settings, client):
            yield found
    except TelegramError as error:
        yield "bad", phrase("Telegram does not answer as it should: {reason}", reason=said(error))
    finally:
        await client.close()


async def _way_in(settings: Settings, client: Client) -> AsyncGenerator[Found]:
    """How what customers write reaches us. Raises TelegramError."""
    from gateways.telegram.arriving import is_ours
    from gateways.telegram.webhook import address, brought_elsewhere, not_brought

    hook = await client.hook()
    if hook.url and not is_ours(client.id, hook.url):
        yield "bad", brought_elsewhere(hook)
    elif settings.telegram_mode == "polling":
        if hook.url:
            host = urlsplit(hook.url).hostname or "?"
            yield "warn", phrase("Telegram brings what comes to {host} until the desk starts, and asks.", host=host)
        else:
            yield "good", phrase("The desk asks Telegram for what customers write (TELEGRAM_MODE=polling).")
    elif settings.web_url is None:
        yield "bad", NO_ADDRESS
    elif hook.url != address(settings.web_url, client.id):
        url = address(settings.web_url, client.id)
        yield "warn", phrase("Telegram is told to bring what comes to {url} when “deskbell serve web” starts.", url=url)
    elif hook.trouble and hook.waiting:
        yield "bad", not_brought(hook)
    else:
        yield "good", phrase("Telegram brings what customers write to {url} (TELEGRAM_MODE=webhook).", url=hook.url)
        if hook.trouble:
            yield "warn", phrase("The last time that it could not: {reason}.", reason=hook.trouble)
