"""Who reads a mailbox, and that nobody else commits anything of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.desk.fetching import Fetched
from core.storage.database import Fenced
from core.storage.mailboxes import Place
from tests.world import World

SPAN = timedelta(seconds=30)
PLACE = Place("support", "INBOX", 1)
MAIL = Fetched(1, "key", "carla@example.com", {"mail_from": "carla@example.com"}, b"hello", "digest", "")


def test_one_reads_a_mailbox_and_others_wait_until_it_is_let_go(world: World) -> None:
    first = world.desk.hold_mailbox("support", "first", SPAN)
    assert first is not None
    assert world.desk.hold_mailbox("support", "second", SPAN) is None
    assert world.desk.hold_mailbox("support", "first", SPAN) == first
    assert world.desk.hold_mailbox("billing", "second", SPAN) is not None
    world.desk.let_mailbox_go("support", "second")  # not theirs to let go
    assert world.desk.hold_mailbox("support", "second", SPAN) is None
    world.desk.let_mailbox_go("support", "first")
    second = world.desk.hold_mailbox("support", "second", SPAN)
    assert second is not None
    assert second.fence == first.fence + 1


def test_whoever_lost_a_mailbox_commits_nothing_of_it(world: World) -> None:
    first = world.desk.hold_mailbox("support", "first", SPAN)
    assert first is not None
    world.desk.begin_folder(first, PLACE, 0, all_of_it=True)
    world.desk.let_mailbox_go("support", "first")
    second = world.desk.hold_mailbox("support", "second", SPAN)
    assert second is not None
    with pytest.raises(Fenced):
        world.desk.fetch(first, PLACE, [MAIL], 1, 0)
    begun = world.desk.cursor("support", "INBOX")
    assert begun is not None
    assert begun.uid == 0
    assert world.desk.fetch(second, PLACE, [MAIL], 1, 0) == 1


def test_a_cursor_never_goes_back(world: World) -> None:
    holder = world.desk.hold_mailbox("support", "first", SPAN)
    assert holder is not None
    world.desk.begin_folder(holder, PLACE, 5, all_of_it=True)
    world.desk.fetch(holder, PLACE, [MAIL], 1, 0)
    world.desk.fetch(holder, PLACE._replace(uidvalidity=2), [], 9, 0)  # of other numbers it says nothing
    moved = world.desk.cursor("support", "INBOX")
    assert moved is not None
    assert moved.uid == 5
