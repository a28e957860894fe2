"""What leaves for a chat keeps to the paces of the bot and of the chat, and groups bear less."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.effects import chat_paces, mail_paces
from core.pacing import may_at, rate_of, took

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def times(name: str, count: int) -> list[float]:
    """When so many leave at one pace, as soon as each may: seconds from the first."""
    pace, now, said = None, START, []
    for _ in range(count):
        now = may_at(pace, rate_of(name), now)
        pace = took(pace, rate_of(name), now)
        said.append((now - START).total_seconds())
    return said


@pytest.mark.parametrize(
    ("name", "within", "most"), [("telegram", 1, 30), ("telegram-chat:7", 1, 2), ("telegram-group:-7", 60, 20)]
)
def test_no_span_has_more_than_telegram_allows(name: str, within: float, most: int) -> None:
    said = times(name, 200)
    assert all(sum(at <= other < at + within for other in said) <= most for at in said)


def test_much_for_many_chats_takes_hardly_longer_than_it_must() -> None:
    assert times("telegram", 3000)[-1] <= 1.1 * 3000 / 30


def test_a_chat_is_told_from_a_group_and_a_topic_is_no_chat_of_its_own() -> None:
    assert chat_paces("telegram", "20000001") == ("telegram", "telegram-chat:20000001")
    assert chat_paces("telegram", "-1005/9") == ("telegram", "telegram-group:-1005")
    assert chat_paces("telegram", "no chat at all") == ("telegram",)


def test_mail_keeps_to_its_relay_and_its_domain() -> None:
    assert mail_paces("email", "Carla@Example.com") == ("relay:email", "domain:email:example.com")
    assert timedelta(0) < rate_of("domain:email:example.com").interval
