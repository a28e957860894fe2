"""What goes to whom, several at once: nobody in front goes without, and together it is best."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from core.routing.matching import best

scores = st.integers(1, 5).flatmap(
    lambda columns: st.lists(
        st.lists(st.none() | st.integers(0, 100).map(float), min_size=columns, max_size=columns), min_size=1, max_size=5
    )
)


def worth(table: list[list[float | None]], taken: list[int | None]) -> tuple[list[bool], float]:
    """Who is served, in order, and what it is worth together."""
    got = [None if at is None else table[row][at] for row, at in enumerate(taken)]
    return [score is not None for score in got], sum(score for score in got if score is not None)


@given(scores)
def test_it_is_as_good_as_the_best_of_all_ways(table: list[list[float | None]]) -> None:
    rows, columns = len(table), len(table[0])
    places = [*range(columns), *[None] * rows]
    ways = {tuple(way) for way in permutations(places, rows)} if rows * columns <= 9 else set()
    found = best(table)
    given_away = [at for at in found if at is not None]
    assert len(given_away) == len(set(given_away))
    for row, at in enumerate(found):
        assert at is None or table[row][at] is not None
    for way in ways:
        other = [at if at is not None and table[row][at] is not None else None for row, at in enumerate(way)]
        assert worth(table, found) >= worth(table, other)


def test_the_first_is_served_even_where_others_would_be_worth_more() -> None:
    assert best([[1.0], [100.0]]) == [0, None]


def test_nobody_takes_from_the_next_what_they_can_do_without() -> None:
    assert best([[50.0, 49.0], [50.0, None]]) == [1, 0]


def test_where_nobody_can_nobody_does() -> None:
    assert best([[None, None]]) == [None]
    assert best([]) == []
