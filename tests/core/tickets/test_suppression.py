"""What a refusal means, and how long it stays in mind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tickets.suppression import Kind, Standing, Verdict, after, is_suppressed, score, verdict

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("550 5.1.1 <carla@example.com>: Recipient address rejected: User unknown in virtual mailbox table", "gone"),
        ("550 5.1.2 bad destination system", "gone"),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "gone"),
        ("550 No such user here", "gone"),
        ("550 Requested action not taken: mailbox unavailable", "gone"),
        ("550 5.7.0 user unknown", "gone"),
        ("552 5.2.2 The email account that you tried to reach is over quota", "failing"),
        ("550 Mailbox quota exceeded", "failing"),
        ("550 4.4.1 connection timed out", "failing"),
        ("451 try again later", "failing"),
        ("550 5.4.4 unable to route", "failing"),
        ("552 5.3.4 Message size exceeds fixed limit", "too_large"),
        ("550 5.2.3 Message too large for this recipient", "too_large"),
        ("552 message exceeds maximum size", "too_large"),
        ("550 5.7.1 rejected by our policy; see https://example.com/5.1.1", "policy"),
        ("550 5.7.26 unauthenticated mail is not accepted due to the domain's DMARC policy", "policy"),
        ("554 Service unavailable; client host blocked using dnsbl.example", "policy"),
        ("550 5.1.8 sender address rejected", "policy"),
        ("553 5.6.7 This address needs SMTPUTF8, which the desk does not speak", "unwritable"),
        ("550 5.6.7 Address requires SMTPUTF8", "unwritable"),
        ("550 no", "other"),
        ("", "other"),
    ],
)
def test_a_refusal_is_told_by_its_status_and_else_by_its_words(said: str, means: str) -> None:
    assert verdict(said) == means


@given(st.text(max_size=300))
def test_whatever_a_server_says_it_means_something(said: str) -> None:
    assert verdict(said) in Verdict


def test_one_address_that_is_not_there_is_enough_and_stays() -> None:
    standing = after(None, Verdict.GONE, NOON)
    assert standing is not None
    assert is_suppressed(standing, NOON + timedelta(days=900))


def test_what_may_pass_is_forgiven_twice_and_forgotten_in_time() -> None:
    standing: Standing | None = None
    for hours, suppressed in ((0, False), (1, False), (2, True)):
        standing = after(standing, Verdict.FAILING, NOON + timedelta(hours=hours))
        assert standing is not None
        assert is_suppressed(standing, NOON + timedelta(hours=hours)) is suppressed
    assert standing is not None
    assert not is_suppressed(standing, NOON + timedelta(days=7))
    weekly: Standing | None = None
    for week in range(20):
        weekly = after(weekly, Verdict.FAILING, NOON + timedelta(weeks=week))
        assert weekly is not None
        assert score(weekly, NOON + timedelta(weeks=week)) <= 2


@pytest.mark.parametrize("found", [Verdict.POLICY, Verdict.TOO_LARGE, Verdict.UNWRITABLE, Verdict.OTHER])
def test_what_says_nothing_about_the_address_counts_nothing(found: Verdict) -> None:
    assert after(None, found, NOON) is None


@pytest.mark.parametrize("found", list(Verdict))
def test_a_complaint_stays_one_whatever_fails_later(found: Verdict) -> None:
    complaint = Standing(Kind.COMPLAINT, 0.0, NOON)
    assert after(complaint, found, NOON) == complaint
