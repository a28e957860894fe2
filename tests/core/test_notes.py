"""Internal notes: what becomes of them in their thread is followed, however the news of it comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.storage import schema, tickets
from core.storage.rooms import THEIRS, Post
from core.tickets.events import Event, Noted, NoteDeleted, NoteEdited
from core.tickets.model import Message, Part
from tests.databases import sqlite_copy
from tests.world import ANN, World

WORDS = ("He is angry.", "She is angry.", "She is calm.")
"""What the note says at first, and after each change."""
DELETED = len(WORDS)


def test_a_note_that_is_edited_has_its_new_words_and_keeps_the_old_ones(world: World) -> None:
    number = world.mail()
    for news in (0, 1, 2):
        hear(world, number, news)
    [note] = notes(world, number)
    assert (note.text, note.reply_text, note.deleted_at) == ("She is calm.", "She is calm.", None)
    assert versions(world, note) == ["He is angry.", "She is angry."]
    assert [type(event) for event in history(world, number)[-3:]] == [Noted, NoteEdited, NoteEdited]


def test_a_note_that_is_deleted_is_marked_and_stays_so(world: World) -> None:
    number = world.mail()
    for news in (0, DELETED, 1, DELETED):
        hear(world, number, news)
    [note] = notes(world, number)
    assert (note.text, note.deleted_at) == ("He is angry.", world.now)
    assert [type(event) for event in history(world, number)[-2:]] == [Noted, NoteDeleted]


def test_a_note_whose_deletion_is_heard_first_is_kept_without_words(world: World) -> None:
    number = world.mail()
    for news in (DELETED, 0, 1):
        hear(world, number, news)
    [note] = notes(world, number)
    assert (note.text, note.deleted_at) == ("", world.now)


def test_a_change_that_leaves_no_words_changes_nothing(world: World) -> None:
    number = world.mail()
    hear(world, number, 0)
    world.desk.edit_note(number, ANN, " \n", PLACE, at(1))
    assert [note.text for note in notes(world, number)] == ["He is angry."]


def test_what_is_said_in_history_is_never_the_words(world: World) -> None:
    number = world.mail()
    for news in (0, 1, DELETED):
        hear(world, number, news)
    assert "angry" not in str(history(world, number))


def test_words_put_back_are_not_taken_for_a_repeat_of_the_first(world: World) -> None:
    number = world.mail()
    hear(world, number, 0)
    world.desk.edit_note(number, ANN, WORDS[0], PLACE, at(2))  # back again, and heard of before the change itself
    hear(world, number, 1)
    assert [note.text for note in notes(world, number)] == [WORDS[0]]


def test_what_many_hear_of_a_note_at_once_makes_one(world: World) -> None:
    number = world.mail()
    asked = [
        heard
        for _ in range(4)
        for heard in (
            world.desk.note.ask(number, ANN, WORDS[0], PLACE),
            world.desk.edit_note.ask(number, ANN, WORDS[1], PLACE, at(1)),
            world.desk.edit_note.ask(number, ANN, WORDS[2], PLACE, at(2)),
        )
    ]
    for heard in asked:
        heard.result()
    assert [note.text for note in notes(world, number)] == [WORDS[2]]
    assert sum(isinstance(event, Noted) for event in history(world, number)) == 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(heard=st.lists(st.integers(0, DELETED), min_size=1, max_size=8))
def test_news_of_a_note_may_come_in_any_order_and_any_number(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory, heard: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("notes")
    with World(sqlite_copy(migrated_file, folder), folder) as world:
        number = world.mail()
        for news in heard:
            hear(world, number, news)
            world.ticket(number)  # compares the row with the fold
        [note] = notes(world, number)
        assert (note.deleted_at is not None) == (DELETED in heard)
        if DELETED not in heard:
            assert note.text == WORDS[max(heard)]
        assert len(versions(world, note)) == sum(isinstance(e, NoteEdited) for e in history(world, number))
        assert sum(isinstance(event, Noted) for event in history(world, number)) == 1


PLACE = Post("T1", "C-support", "77.0", 0, 0, THEIRS)


def at(change: int) -> datetime:
    """When, on the clock of where the note stands."""
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=change)


def hear(world: World, number: int, news: int) -> None:
    """The desk hears that Ann wrote her note (0), what she made of it (1, 2), or that it is deleted."""
    if news == 0:
        world.desk.note(number, ANN, WORDS[0], PLACE)
    elif news == DELETED:
        world.desk.delete_note(number, ANN, PLACE)
    else:
        world.desk.edit_note(number, ANN, WORDS[news], PLACE, at(news))


def notes(world: World, number: int) -> list[Message]:
    return [message for message in world.said(number) if message.part is Part.NOTE]


def versions(world: World, note: Message) -> list[str]:
    """What a note said before, oldest first."""
    before = (
        sa.select(schema.versions.c.text)
        .where(schema.versions.c.message == note.id)
        .order_by(schema.versions.c.version)
    )
    return world.desk.db.run(lambda tx: list(tx.sql.execute(before).scalars()))


def history(world: World, number: int) -> list[Event]:
    return world.desk.db.run(lambda tx: tickets.history(tx, number))
