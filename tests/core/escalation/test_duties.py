"""Who has a duty when: turns, shifts in several zones, stand-ins, swaps, absences, and what is handed over."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.escalation import rosters
from core.escalation.rosters import StandIn
from core.phrases import Refused
from core.rulebook import parse_toml
from core.rulebook.problems import RulebookError
from core.storage.ledger import Lease
from tests.world import ANN, JONAS, RULEBOOK, SAM, World

ROSTERS = (
    RULEBOOK
    + """
[[rosters]]
name = "week"
title = "Week"
shifts = [{ people = ["Ann Walker", "Jonas Becker", "Sam Rivera"], starts = "2026-03-02", days = 7 }]

[[rosters]]
name = "sun"
shifts = [
    { people = ["Ann Walker"], starts = "2026-03-02", hours = ["08:00-20:00"], time_zone = "Asia/Tokyo" },
    { people = ["Jonas Becker", "Sam Rivera"], starts = "2026-03-02", days = 1, hand_over = "00:00" },
]
"""
)
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Generator[World]:
    with World(database_url, tmp_path, ROSTERS) as made:
        yield made


@pytest.fixture
def here(sqlite_url: str, tmp_path: Path) -> Generator[World]:
    with World(sqlite_url, tmp_path, ROSTERS) as made:
        yield made


def has(world: World, roster: str = "week") -> str | None:
    return next(one.now.person for one in world.desk.duties() if one.name == roster)


def test_people_take_turns_by_weeks_and_one_sees_who_comes_next(here: World) -> None:
    week = here.desk.duties()[0]
    assert (week.now.person, week.next and week.next.person) == ("Ann Walker", "Jonas Becker")
    assert week.now.ends == datetime(2026, 3, 9, 8, tzinfo=UTC)  # at nine in Berlin
    here.now = datetime(2026, 3, 9, 7, 59, tzinfo=UTC)
    assert has(here) == "Ann Walker"
    here.now += timedelta(minutes=1)
    assert has(here) == "Jonas Becker"
    here.now = datetime(2026, 3, 30, 7, 0, tzinfo=UTC)  # in summer time nine is an hour earlier
    assert here.desk.duties()[0].now.person == "Jonas Becker"


def test_a_duty_follows_the_sun(here: World) -> None:
    here.now = datetime(2026, 3, 2, 23, tzinfo=UTC)  # eight in the morning of Tokyo
    assert has(here, "sun") == "Ann Walker"
    here.now = datetime(2026, 3, 3, 11, tzinfo=UTC)
    assert has(here, "sun") == "Sam Rivera"
    here.now = datetime(2026, 3, 4, 11, tzinfo=UTC)
    assert has(here, "sun") == "Jonas Becker"


def test_a_swap_counts_when_it_is_accepted_by_whom_it_asks(desk: World) -> None:
    span = (MONDAY + HOUR, MONDAY + 5 * HOUR)
    id = desk.desk.ask_swap("week", "Jonas Becker", span, ANN)
    assert id is not None
    desk.now += 2 * HOUR
    assert has(desk) == "Ann Walker"
    with pytest.raises(Refused):
        desk.desk.answer_swap(id, True, SAM)
    desk.desk.answer_swap(id, True, JONAS)
    with pytest.raises(Refused):
        desk.desk.answer_swap(id, False, JONAS)
    assert has(desk) == "Jonas Becker"
    assert desk.desk.duties()[0].now.instead_of == "Ann Walker"
    desk.now = MONDAY + 5 * HOUR
    assert has(desk) == "Ann Walker"


def test_one_cannot_give_away_what_one_does_not_have(here: World) -> None:
    for to, span in (("Sam Rivera", (MONDAY, MONDAY + HOUR)), ("Jonas Becker", (MONDAY, MONDAY - HOUR))):
        with pytest.raises(Refused):
            here.desk.ask_swap("week", to, span, JONAS)


def test_whose_turn_is_next_has_the_duty_of_who_is_absent(here: World) -> None:
    here.desk.absent((MONDAY, MONDAY + 24 * HOUR), ANN)
    assert has(here) == "Jonas Becker"
    here.desk.absent((MONDAY, MONDAY + 24 * HOUR), SAM, "Jonas Becker")
    assert has(here) == "Sam Rivera"
    with pytest.raises(Refused):
        here.desk.absent((MONDAY, MONDAY + HOUR), JONAS, "Ann Walker")
    here.now += 24 * HOUR
    assert has(here) == "Ann Walker"


def test_who_was_told_while_the_rulebook_changed_is_not_told_again(here: World) -> None:
    here.desk.apply(here.book, "t")  # which asks for a look, while the one before is still telling Ann
    here.desk.duty_looked_at("week", "Ann Walker", MONDAY + 168 * HOUR)
    [asked] = [job for job in here.desk.jobs() if job.kind == "duty" and job.facts["roster"] == "week"]
    assert (asked.facts["has"], asked.due) == ("Ann Walker", here.now), (
        "it is somebody else's by the new rulebook, perhaps"
    )
    handed = here.desk.handed_over("week", asked.facts["has"])
    assert handed is not None
    assert not handed.is_new


def test_whoever_comes_next_is_told_what_was_left_when_the_duty_goes_over(here: World) -> None:
    here.desk.hand_over("week", "Printer 3 is on fire.", ANN)
    assert here.desk.handed_over("week", "Ann Walker") is not None
    here.now = datetime(2026, 3, 9, 8, tzinfo=UTC)
    handed = here.desk.handed_over("week", "Ann Walker")
    assert handed is not None
    assert (handed.is_new, handed.duty.person) == (True, "Jonas Becker")
    assert handed.note is not None
    assert handed.note.text == "Printer 3 is on fire."
    waiting = [job for job in here.desk.jobs() if job.kind == "duty"]
    assert {job.facts["roster"] for job in waiting} == {"week", "sun"}


def test_a_feed_is_read_by_its_link_alone_and_no_more_when_links_are_renewed(here: World) -> None:
    path = here.desk.feed_path("week")
    token = path.rpartition("/")[2].removesuffix(".ics")
    duties = here.desk.feed("week", token)
    assert duties is not None
    assert {duty.person for duty in duties} == {"Ann Walker", "Jonas Becker", "Sam Rivera"}
    assert here.desk.feed("sun", token) is None
    assert here.desk.feed("week", token[:-1] + ("a" if token[-1] != "a" else "b")) is None
    here.desk.renew_feeds()
    assert here.desk.feed("week", token) is None


BOOK = parse_toml(ROSTERS)


@settings(max_examples=15)
@given(st.integers(0, 366 * 24 * 60), st.lists(st.tuples(st.integers(0, 20_000), st.integers(1, 3000)), max_size=4))
def test_duties_one_after_the_other_are_who_has_it_at_each_moment(minute: int, spans: list[tuple[int, int]]) -> None:
    book = BOOK
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    names = [agent.name for agent in book.agents]
    stand_ins = [
        StandIn(
            "",
            start + timedelta(minutes=a),
            start + timedelta(minutes=a + b),
            names[n % 3] if n % 2 else None,
            names[0],
        )
        for n, (a, b) in enumerate(spans)
    ]
    for roster in book.rosters:
        plan = roster.plan(ZoneInfo("Europe/Berlin"))
        found = list(rosters.duties(plan, start, start + timedelta(days=3), stand_ins))
        assert found[0].begins == start
        assert found[-1].ends == start + timedelta(days=3)
        for one, other in pairwise(found):
            assert one.ends == other.begins
            assert (one.person, one.instead_of) != (other.person, other.instead_of)
        for one in found:
            middle = one.begins + (one.ends - one.begins) / 2
            assert rosters.on_duty(plan, middle, stand_ins).person == one.person


TWO = (
    '{ person = "Ann Walker", begins = "2026-04-01 09:00", ends = "2026-04-03 09:00" }, '
    '{ person = "Sam Rivera", begins = "2026-04-02 09:00", ends = "2026-04-04 09:00" }'
)
_ANN = 'email = "ann@desk.example"'
LADDER = """
[[ladders]]
name = "usual"
steps = [{ after = "15m", notify = ["roster:week"] }]
"""


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        ('notify = ["roster:week"] }', 'notify = ["roster:week"] }, { after = "1h" }', "steps", "ends with a step"),
        (
            'name = "usual"\nsteps',
            'name = "usual"\nrepeat = 99\nrepeat_after = "1h"\nsteps',
            "repeat = 99",
            "has no end",
        ),
        ('name = "usual"\nsteps = [{ after = "15m",', 'name = "usual"\nrepeat = 2\nsteps = [{', "repeat", "at once"),
        ('"roster:week"', '"roster:weak"', "steps", "Did you mean “week”?"),
        ('"roster:week"', '"group:nobody"', "steps", "nobody who can be notified"),
        (
            "days = 7",
            'days = 7, hours = ["Mon-Fri 09:00-17:00"]',
            "days = 7",
            "nobody is on duty from Mon 2026-03-02 01:00",
        ),
        ('"Sam Rivera"], starts', '"Sam River"], starts', "Sam River", "Did you mean “Sam Rivera”?"),
        ("days = 7 }]", f"days = 7 }}]\noverrides = [{TWO}]", "overrides", "Two overrides"),
        (
            'title = "Support"',
            'title = "Support"\nbackup = "billing"',
            "backup",
            "go in a circle: billing → support → billing",
        ),
        ('title = "Support"', 'title = "Support"\nladder = "usuall"', "usuall", "Did you mean “usual”?"),
        ('"roster:week"', '"manager"', "steps", "notifies managers, and no agent has one"),
        (_ANN, f'{_ANN}\nmanager = "Ann Walker"', "manager", "cannot be their own manager"),
        (_ANN, f'{_ANN}\nmanager = "Sam River"', "Sam River", "Did you mean “Sam Rivera”?"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line_and_what_to_do(old: str, new: str, where: str, said: str) -> None:
    whole = (ROSTERS + LADDER).replace('title = "Billing"', 'title = "Billing"\nbackup = "support"')
    assert old in whole
    text = whole.replace(old, new, 1)
    with pytest.raises(RulebookError) as error:
        parse_toml(text)
    found = next(problem for problem in error.value.problems if said in str(RulebookError("desk.toml", [problem])))
    assert found.line is not None
    assert where in text.split("\n")[found.line - 1]
    assert found.remedy.text


def test_who_was_told_is_not_told_again_by_a_look_that_was_asked_for_meanwhile(desk: World) -> None:
    desk.desk.watch_duties()
    lease = next(lease for lease in looks(desk) if lease.facts["roster"] == "week")
    desk.desk.watch_duties()  # a new rulebook, an absence: something that may change who has it
    told = desk.desk.duty_looked_at.step("week", "Ann Walker", datetime(2026, 3, 9, 8, tzinfo=UTC))
    desk.desk.finish_job(lease, told, None)
    again = next(lease for lease in looks(desk) if lease.facts["roster"] == "week")
    assert again.facts["has"] == "Ann Walker"
    handed = desk.desk.handed_over("week", again.facts["has"])
    assert handed is not None
    assert not handed.is_new


def looks(world: World) -> list[Lease]:
    """The looks at duties that are due, taken on."""
    return world.desk.claim_jobs("agents", {"duty": 8}, "the-test", HOUR, frozenset()).leases
