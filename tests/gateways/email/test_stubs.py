"""What is known of a mail by its head alone, where the whole cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from gateways.email.envelope import Envelope
from gateways.email.reading.parse import head_of, heard
from tests.gateways.email.crashers import crashers

ENVELOPE = Envelope("b@example.com", ("support@desk.example",), "192.0.2.1", "x", "", datetime(2026, 3, 2, tzinfo=UTC))


def test_of_every_crasher_the_head_says_the_same_as_the_whole() -> None:
    for name, crasher in crashers().items():
        head, whole = head_of(crasher.raw, ENVELOPE), heard(crasher.raw, ENVELOPE)
        known = (whole.sender.address, whole.external_id, whole.door)
        assert (head.sender.address, head.external_id, head.door) == known, name


@given(st.binary(max_size=1000))
def test_no_bytes_raise(raw: bytes) -> None:
    assert head_of(raw, ENVELOPE).door == "support@desk.example"
