"""Whose network it is that asks."""

from __future__ import annotations

import pytest

from gateways.pages.who import network_of, networks


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("9.9.9.7", "8.8.8.1", "9.9.9.0/24"),  # who comes directly says nothing of others
        ("127.0.0.1", "6.6.6.6, 8.8.8.1", "8.8.8.0/24"),  # the last one was seen by our own server
        ("127.0.0.1", "8.8.8.1, 4.4.4.9", "8.8.8.0/24"),  # which another one of ours stands before
        ("127.0.0.1", "", "127.0.0.0/24"),
        ("127.0.0.1", "nonsense", "127.0.0.0/24"),
        ("::1", "2606:4700:1:2::3", "2606:4700:1::/48"),
        ("::ffff:9.9.9.7", "", "9.9.9.0/24"),
        (None, "", "?"),
    ],
)
def test_whose_network_it_is_is_known_as_far_as_our_own_servers_say(
    peer: str | None, forwarded: str, found: str
) -> None:
    assert network_of(peer, [forwarded] if forwarded else [], networks("4.4.4.0/24")) == found
