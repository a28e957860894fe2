"""Telegram as customers' channel: `client` speaks with the Bot API, `reading` says what came, `writing` what leaves."""
