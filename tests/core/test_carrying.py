"""What files weigh in a mail, and what is said of those that are too heavy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.desk.handing import TooMuch, refuse_too_much
from core.storage.handed import Handed
from core.templates.locales import translate
from core.tickets.carrying import MOST_FILES, carried, room_for_files
from tests.world import ANN, World

MB = 1_000_000


@given(st.integers(200_000, 60 * MB), st.integers(1, MOST_FILES))
def test_as_much_as_people_are_told_fits_always(largest: int, count: int) -> None:
    room = room_for_files(largest)
    assert carried([room // count] * count) <= largest


def test_what_does_not_fit_is_said_in_megabytes_and_with_what_helps() -> None:
    with pytest.raises(TooMuch) as told:
        refuse_too_much([20 * MB, 11 * MB], 25 * 1024 * 1024)
    said = "These files are 31 MB, and a mail takes 19.1 MB of them. Leave some out, or send a link."
    assert translate(told.value.phrase) == said
    assert translate(told.value.phrase, "de").startswith("Diese Dateien haben 31 MB")


def test_more_files_than_a_window_takes_are_refused() -> None:
    with pytest.raises(TooMuch) as told:
        refuse_too_much([1] * 11, 25 * MB)
    assert translate(told.value.phrase) == "An answer takes 10 files along, and these are 11."


def test_the_same_file_picked_twice_goes_once(world: World) -> None:
    number = world.mail()
    for id in ("T:F1", "T:F2"):
        world.desk.keep_file(number, Handed(id, "a.txt", "text/plain", 3), b"abc")
    world.desk.reply(number, ANN, "Here.", files=["T:F1", "T:F2", "T:F1"])
    world.later(seconds=11)
    assert [(file.name, file.size) for file in world.sent[-1].files] == [("a.txt", 3)]


def test_a_file_known_but_not_fetched_goes_nowhere(world: World) -> None:
    number = world.mail()
    world.desk.know_files(number, [Handed("T:F1", "a.txt", "text/plain", 3)])
    with pytest.raises(Exception, match="not here yet"):
        world.desk.reply(number, ANN, "Here.", files=["T:F1"])
    world.desk.keep_file(number, Handed("T:F1", "a.txt", "text/plain", 3), b"abc")
    world.desk.know_files(number, [Handed("T:F1", "a.txt", "text/plain", 3)])  # told of again, as Slack does
    assert world.desk.reply(number, ANN, "Here.", files=["T:F1"])


def test_the_newest_files_are_offered_first_and_no_more_than_ten(world: World) -> None:
    number = world.mail()
    for n in range(12):
        world.later(seconds=1)
        world.desk.know_files(number, [Handed(f"T:F{n:02}", f"{n}.txt", "text/plain", 3)])
    assert [file.name for file in world.desk.handed(number)] == [f"{n}.txt" for n in range(11, 1, -1)]
