"""Relays in the settings: the usual one, and those of certain mailboxes, each with its own secret."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.phrases import Refused
from core.settings import Settings
from deskbell.relays import outlets_of, relays_of
from gateways.email.oauth import Tokens

NOW = datetime(2026, 3, 2, tzinfo=UTC)
BRAND = {"host": "smtp.brand.example", "user": "help@brand.example", "password": "sesame"}


def read(**more: object) -> Settings:
    return Settings(_env_file=None, **more)  # pyright: ignore[reportCallIssue, reportArgumentType]


def test_each_mailbox_has_its_own_relay_where_the_settings_say_so_and_the_usual_one_else() -> None:
    settings = read(relay_host="relay.example", relay_max_size=9_000_000, smtp={"brand": BRAND})
    relays, outlets = relays_of(settings, lambda: NOW), outlets_of(settings)
    assert {name: relay.host for name, relay in relays.items()} == {"": "relay.example", "brand": "smtp.brand.example"}
    assert (outlets.of("Help@Brand.Example").name, outlets.of("support@desk.example").name) == ("brand", "")
    assert outlets.of("support@desk.example").largest == 9_000_000
    assert "sesame" not in repr(settings) + repr(relays)


def test_a_relay_may_send_for_several_mailboxes_and_two_for_none_together() -> None:
    both = {**BRAND, "address": "help@brand.example, sales@brand.example"}
    assert outlets_of(read(smtp={"brand": both})).of("sales@brand.example").name == "brand"
    with pytest.raises(Refused, match="Two relays"):
        outlets_of(read(smtp={"brand": both, "other": BRAND}))
    with pytest.raises(Refused, match="SMTP__BRAND__ADDRESS"):
        outlets_of(read(smtp={"brand": {**BRAND, "user": "apikey"}}))


@pytest.mark.parametrize(
    ("more", "scope"),
    [
        ({"oauth": "microsoft"}, "https://outlook.office365.com/.default"),
        (
            {"oauth": "microsoft", "oauth_refresh_token": "r"},
            "https://outlook.office.com/SMTP.Send offline_access",
        ),
        ({"oauth": "google", "oauth_refresh_token": "r"}, ""),
    ],
)
def test_a_relay_may_be_opened_by_tokens_too(more: dict[str, str], scope: str) -> None:
    settings = read(
        relay_host="smtp.office365.com",
        **{f"relay_{name}": value for name, value in more.items()},
        smtp={"brand": {"host": "smtp.example.com", "user": "help@brand.example", **more}},
    )
    for relay in relays_of(settings, lambda: NOW).values():
        assert isinstance(relay.token, Tokens)
        assert relay.token.client.scope == scope
