"""A lane's order is that of asking, whatever its jobs are like, whoever does them and however that goes."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.effects import Priority
from tests.storage.conftest import ALREADY_OVER, Books, job

PLACES, KINDS = ("here", "there"), ("do", "send")
MINUTE = timedelta(minutes=1)


class Asked(NamedTuple):
    """One job of the lane, as different from the others as jobs of one lane may be."""

    name: int
    kind: str
    place: str
    priority: Priority
    minutes: int


class Turn(NamedTuple):
    """Where somebody looks for work next, and how what they find goes."""

    place: str
    how: str
    minutes: int
    others: int  # jobs of other lanes asked for meanwhile


asked = st.builds(
    Asked,
    st.just(0),
    st.sampled_from(KINDS),
    st.sampled_from(PLACES),
    st.sampled_from(Priority),
    st.integers(0, 3),
)
turns = st.builds(
    Turn,
    st.sampled_from(PLACES),
    st.sampled_from(["done", "done and on", "put back", "worker dies"]),
    st.integers(0, 2),
    st.integers(0, 2),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(asked, min_size=2, max_size=6).flatmap(st.permutations), st.lists(turns, max_size=20))
def test_in_whatever_order_a_lanes_jobs_arrive_that_is_the_order_of_their_effects(
    books: Books, arriving: list[Asked], turns: list[Turn]
) -> None:
    books.empty()
    effects: list[int] = []
    names = list(range(len(arriving)))
    for name, (_, kind, place, priority, minutes) in zip(names, arriving, strict=True):
        books.ask(
            job("one", to=place, kind=kind, priority=priority, after=minutes * MINUTE, facts={"name": name}),
        )
    patience = [Turn(place, "done", 3, 0) for _ in [*arriving, None] for place in PLACES]
    for turn in turns + patience:
        for _ in range(turn.others):
            books.ask(job("another", to=turn.place, priority=Priority.CUSTOMER))
        take_turn(books, turn, effects)
        assert effects == names[: len(effects)]
        books.later(minutes=turn.minutes)
    assert effects == names


def take_turn(books: Books, turn: Turn, effects: list[int]) -> None:
    lease = ALREADY_OVER if turn.how == "worker dies" else timedelta(days=1)
    for held in books.claimed(at=turn.place, room=dict.fromkeys(KINDS, 9), lease=lease):
        going = held
        while going is not None and turn.how != "worker dies":
            if turn.how == "put back":
                books.put_back(going, minutes=turn.minutes)
                break
            if going.lane == "one":
                effects.append(going.facts["name"])
            going = books.finish(going, MINUTE if turn.how == "done and on" else None)
