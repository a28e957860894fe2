"""What the Bot API says when it will not do as asked, in Telegram's own words (core.telegram.org/bots/api)."""

from typing import Any


class BotApiError(Exception):
    """An answer with `ok: false`; `parameters` are those of ResponseParameters (retry_after, migrate_to_chat_id)."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters


def bad(words: str, **parameters: Any) -> BotApiError:
    return BotApiError(400, f"Bad Request: {words}", **parameters)


def forbidden(words: str) -> BotApiError:
    return BotApiError(403, f"Forbidden: {words}")


def too_many(seconds: int) -> BotApiError:
    return BotApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
