"""Tasks that wait for each other: no circle is let through, and the critical path is the longest of all there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phrases import Refused
from core.tickets.lifecycle import close
from core.tickets.model import By, Thread, Ticket
from core.tickets.tasks import (
    MOST,
    Finish,
    Leg,
    Planned,
    State,
    Task,
    Unplannable,
    check,
    circle,
    finish,
    progress,
    ready,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

graphs = st.integers(1, 7).flatmap(
    lambda size: st.fixed_dictionaries({n: st.sets(st.integers(1, size), max_size=3) for n in range(1, size + 1)})
)


def ways(waits: Mapping[int, set[int]], first: int, seen: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    """Every way from one on, up to where it ends or meets itself: the exhaustive oracle."""
    if first in seen:
        return [(*seen, first)]
    further = [way for wait in waits[first] for way in ways(waits, wait, (*seen, first))]
    return further or [(*seen, first)]


@given(graphs)
def test_a_circle_is_found_exactly_where_some_way_meets_itself(waits: dict[int, set[int]]) -> None:
    found = circle(waits)
    exists = any(way[-1] in way[:-1] for first in waits for way in ways(waits, first))
    assert (found is not None) == exists
    if found is not None:
        assert found[0] == found[-1]
        assert len(set(found[:-1])) == len(found) - 1
        assert all(after in waits[one] for one, after in pairwise(found))


def hours_of_a_day(at: datetime, span: timedelta) -> datetime:
    """A calendar of its own for some queues: work from 8 to 16, hour by hour."""
    while span > timedelta():
        at += timedelta(hours=1)
        if 8 < (at.hour or 24) <= 16:
            span -= timedelta(hours=1)
    return at


@st.composite
def planned(draw: st.DrawFn) -> list[Leg]:
    """Legs that wait for earlier ones, or for what has ended long since."""
    size = draw(st.integers(0, 7))
    hours = st.integers(0, 20).map(lambda n: timedelta(hours=n))
    found: list[Leg] = []
    for id in range(1, size + 1):
        waits = tuple(sorted(draw(st.sets(st.sampled_from([*range(1, id), 99]), max_size=3))))
        if draw(st.booleans()):
            due = draw(st.none() | hours.map(lambda span: NOW - timedelta(hours=5) + span))
            found.append(Leg(id, waits, began=True, due=due))
            continue
        add = draw(st.sampled_from([lambda at, span: at + span, hours_of_a_day]))
        found.append(Leg(id, waits, span=draw(st.none() | hours), add=add, is_stuck=draw(st.booleans())))
    return draw(st.permutations(found))


def along(legs: Mapping[int, Leg], path: Sequence[int]) -> datetime:
    """When the last of a path is done, gone along it by hand."""
    at = NOW
    for id in path:
        leg = legs[id]
        if leg.began:
            at = max(NOW, leg.due or NOW)
        elif leg.span is not None:
            at = leg.add(at, leg.span)
    return at


def every_path(legs: Mapping[int, Leg]) -> list[tuple[int, ...]]:
    """All paths that begin where nothing is waited for: what has begun waits for nothing any more."""

    def ending_with(id: int) -> list[tuple[int, ...]]:
        before = [] if legs[id].began else [wait for wait in legs[id].waits if wait in legs]
        return [(*way, id) for wait in before for way in ending_with(wait)] or [(id,)]

    return [path for id in legs for path in ending_with(id)]


@given(planned())
def test_the_critical_path_is_the_longest_of_every_path(legs: list[Leg]) -> None:
    by_id = {leg.id: leg for leg in legs}
    found = finish(legs, NOW)
    paths = every_path(by_id)
    if found is None:
        assert paths == []
        return
    assert found.at == max(along(by_id, path) for path in paths)
    assert found.path in paths
    assert along(by_id, found.path) == found.at
    known = [leg.due is not None if leg.began else leg.span is not None and not leg.is_stuck for leg in legs]
    assert found.is_sure == all(known)


def test_what_takes_longest_is_named_in_its_order() -> None:
    day = timedelta(days=1)
    legs = [
        Leg(1, began=True, due=NOW + day),
        Leg(2, (1,), span=2 * day),
        Leg(3, (1,), span=day),
        Leg(4, (2, 3), span=day),
    ]
    assert finish(legs, NOW) == Finish(NOW + 4 * day, (1, 2, 4), True)
    with pytest.raises(ValueError, match="wait for each other"):
        finish([Leg(1, (2,)), Leg(2, (1,))], NOW)


def task(place: int, *waits: int, outcome: State | None = None, work: int | None = None) -> Task:
    return Task(place, 1, place, f"Task {place}", "", "support", outcome=outcome, work=work, waits=waits)


def test_a_task_begins_when_all_that_it_waits_for_are_done_or_called_off() -> None:
    one, two = task(1, outcome=State.DONE, work=7), task(2, work=8)
    assert ready([one, two, task(3, 1, 2), task(4, 1)]) == [task(4, 1)]
    off, no = task(2, outcome=State.CALLED_OFF), task(2, outcome=State.NOT_POSSIBLE, work=8)
    assert ready([one, off, task(3, 1, 2)]) == [task(3, 1, 2)]
    assert ready([one, no, task(3, 1, 2)]) == []
    assert progress([one, off, task(3)]) == (1, 2)


@pytest.mark.parametrize(
    ("wanted", "place", "part", "said"),
    [
        ([], 0, "", "at least one"),
        ([Planned("A", "q"), Planned("  ", "q")], 1, "title", "what is to be done"),
        ([Planned("A", "q", waits=(9,))], 0, "waits", "not there"),
        ([Planned("A", "q", waits=(3,)), Planned("B", "q", waits=(2,))], 0, "waits", "A → B → A"),
        ([Planned("A", "q", waits=(2,))], 0, "waits", "A → A"),
        ([Planned("A", "q")] * MOST, 0, "", "50 tasks"),
    ],
)
def test_what_nobody_could_do_is_refused_where_it_stands(
    wanted: list[Planned], place: int, part: str, said: str
) -> None:
    with pytest.raises(Unplannable, match=said) as refused:
        check([task(1)], wanted)
    assert (refused.value.place, refused.value.part) == (place, part)


@pytest.mark.parametrize("by", ["rule:requester", "web:shop", "rule:no-answer"])
def test_what_somebody_outside_says_to_be_settled_is_not_kept_open_by_tasks(by: str) -> None:
    ticket = Ticket(1, Thread("email", "<1@example.com>"), 1, "support@desk.example", "support", tasks=1, blocked=1)
    assert close(ticket, By(by), NOW)
    with pytest.raises(Refused, match="open tasks"):
        close(ticket, By("T1:ANN"), NOW)


def test_what_is_there_already_can_be_waited_for() -> None:
    check([task(1)], [Planned("A", "q", waits=(1,)), Planned("B", "q", waits=(2, 1))])
