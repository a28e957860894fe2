"""What two workers ask for in the same moment, each before the other has committed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.pacing import Pace, Rate
from core.storage import claims, paces
from core.storage.claims import Claimed
from core.storage.database import Step, Tx
from tests.crossing import crossing
from tests.storage.conftest import Books, job

ONE_A_MINUTE = Rate(timedelta(minutes=1), 1)


def claim_at(destination: str) -> Step[Claimed]:
    return lambda tx: claims.claim(
        tx, destination, {"do": 9}, f"worker at {destination}", timedelta(minutes=10), lambda name: ONE_A_MINUTE
    )


def used_before(tx: Tx) -> None:
    paces.keep(tx, {"relay": Pace(tx.now - timedelta(hours=1))})


def never_used(tx: Tx) -> None:
    pass


@pytest.mark.parametrize("history", [used_before, never_used])
def test_of_two_workers_who_ask_for_one_pace_at_once_only_one_gets_its_slot(
    books: Books, history: Callable[[Tx], None]
) -> None:
    books.db.run(history)
    books.ask(*(job(f"lane at {place}", to=place, paces=("relay",)) for place in ("here", "there")))
    first, other = crossing(books.db, claim_at("here"), claim_at("there"))
    assert len(first.result().leases) == 1
    assert other.result() == Claimed([], frozenset(), books.now + timedelta(minutes=1), is_full=True)
    books.later(minutes=1)
    assert len(books.db.run(claim_at("there")).leases) == 1


def test_nobody_who_claims_while_a_rest_is_asked_for_goes_ahead_or_forgets_it(books: Books) -> None:
    until = books.now + timedelta(hours=1)
    books.db.run(used_before)
    books.ask(job("a", paces=("relay",)))
    _, claimed = crossing(books.db, lambda tx: paces.pause(tx, "relay", until), claim_at("there"))
    assert claimed.result() == Claimed([], frozenset(), until, is_full=True)
    assert books.db.run(lambda tx: paces.hold(tx, {"relay"}))["relay"].paused_until == until
