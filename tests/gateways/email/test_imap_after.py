"""What becomes of mails in a mailbox once we have them, and what happens when their server numbers them anew."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.storage.mailboxes import Fate
from tests.conftest import need_dovecot
from tests.dovecot import Dovecot, dovecot_server, letter, letters
from tests.gateways.email.fake_imap import fake_imap
from tests.gateways.email.reading import cursor, fates, kept, reading, said, until
from tests.world import World

ABLE = {
    "MOVE": "IMAP4rev1 LITERAL+ UIDPLUS MOVE",
    "UIDPLUS": "IMAP4rev1 LITERAL+ UIDPLUS",
    "neither": "IMAP4rev1 LITERAL+",
}


@pytest.fixture(scope="module", params=ABLE)
def server(request: pytest.FixtureRequest) -> Generator[tuple[str, Dovecot]]:
    """Servers that can do more, and less."""
    need_dovecot()
    with dovecot_server(f"protocol imap {{\n  imap_capability = {ABLE[request.param]}\n}}") as made:
        yield request.param, made


@pytest.mark.parametrize("after", ["move", "delete"])
def test_mails_are_moved_or_deleted_only_where_nobody_elses_go_with_them(
    sqlite_world: World, server: tuple[str, Dovecot], after: str
) -> None:
    able, dovecot = server
    user = f"{after}-{able}"
    dovecot.put(user, letter(1), letter(3))
    account = replace(dovecot.account(user), after=after, move_to="Done", poll=timedelta(seconds=0.2))
    with reading(sqlite_world, account):
        until(lambda: fates(sqlite_world) == [Fate.DONE] * 2)
        dovecot.put(user, letter(2))
        with dovecot.client(user) as client:  # somebody's own, which is never ours to expunge
            client.append("INBOX", letter(9), [b"\\Deleted"])
        until(lambda: len(kept(sqlite_world)) == 4)
        until(lambda: fates(sqlite_world) == [Fate.DONE] * 4)
    left = dovecot.has(user)
    if able == "neither":
        assert len(left) == 4
        assert all(b"\\Seen" in flags for flags in left.values())
        assert sum(b"\\Deleted" in flags for flags in left.values()) == 1
    else:
        assert left == {}
        if after == "move":
            assert len(dovecot.has(user, "Done")) == 4
    assert said(sqlite_world) == []


def test_nobody_elses_deleted_mail_goes_when_ours_are_moved_without_move(sqlite_world: World) -> None:
    with (
        fake_imap(capabilities="IMAP4rev1 UIDPLUS", mails={1: letter(1), 2: letter(2)}) as fake,
        reading(sqlite_world, fake.account(after="move", move_to="Done")),
    ):
        until(lambda: fates(sqlite_world) == [Fate.DONE] * 2)
    asked = [one for one in fake.asked if one.split()[0] in ("UID", "EXPUNGE", "CLOSE") and "FETCH" not in one]
    assert [one for one in asked if "EXPUNGE" in one] == ["UID EXPUNGE 1,2"]
    assert not any(one.startswith(("EXPUNGE", "CLOSE")) for one in fake.asked)


def test_what_cannot_be_copied_is_not_deleted_and_supervisors_hear_of_it_once(sqlite_world: World) -> None:
    with fake_imap(capabilities="IMAP4rev1 UIDPLUS", mails={1: letter(1)}) as fake:
        fake.on_command = lambda asked: b"TAG NO [OVERQUOTA] full\r\n" if "COPY" in asked else None
        with reading(sqlite_world, fake.account(after="move", move_to="Done")):
            until(lambda: len(said(sqlite_world)) == 1)
            fake.mails[2] = letter(2)
            until(lambda: len(kept(sqlite_world)) == 2)
    assert not any("Deleted" in asked or "EXPUNGE" in asked for asked in fake.asked)
    assert "OVERQUOTA" in said(sqlite_world)[0]
    assert len(said(sqlite_world)) == 1


def test_nothing_is_told_a_server_that_is_to_be_left_as_it_is(sqlite_world: World, dovecot: Dovecot) -> None:
    dovecot.put("left", letter(1))
    with reading(sqlite_world, replace(dovecot.account("left"), after="leave")):
        until(lambda: fates(sqlite_world) == [Fate.DONE])
    assert b"\\Seen" not in dovecot.has("left")[1]


# Numbered anew


def test_after_new_numbers_no_mail_comes_twice_and_none_is_lost(world: World, dovecot: Dovecot) -> None:
    """iTop 253, paperless-ngx 8939."""
    account = dovecot.account(f"anew-{'pg' if not world.desk.db.embedded else 'lite'}")
    nameless = [letter(n, Message_ID="", Date="") for n in (30, 31)]
    dovecot.put(account.user, *letters(range(5)), *nameless)
    with reading(world, account):
        until(lambda: fates(world) == [Fate.DONE] * 7)
    before = cursor(world)
    dovecot.put(account.user, letter(5))  # nobody reads it before the numbers change
    with dovecot.client(account.user) as client:
        client.delete_messages([1])
        client.expunge()
    dovecot.renumber(account.user)
    dovecot.put(account.user, letter(6))
    with reading(world, account):
        until(lambda: len(kept(world)) == 9)
        until(lambda: fates(world) == [Fate.DONE] * (7 + 8))
        dovecot.put(account.user, letter(7))
        until(lambda: "Order 7" in kept(world))
    assert cursor(world).uidvalidity != before.uidvalidity
    assert kept(world) == [*(f"Order {n}" for n in (0, 1, 2, 3, 4, 30, 31)), "Order 5", "Order 6", "Order 7"]
    assert len(said(world)) == 1
    assert "made anew by its server" in said(world)[0]


def test_a_mail_that_was_copied_with_another_line_on_top_is_known_by_what_it_says(sqlite_world: World) -> None:
    with fake_imap(mails={1: letter(1), 2: letter(2)}) as fake:
        with reading(sqlite_world, fake.account()):
            until(lambda: fates(sqlite_world) == [Fate.DONE] * 2)
        fake.validity = 2
        copied = b"X-Migrated: yes\r\n" + letter(2)
        other = letter(2, body="Another one under the same Message-ID.")
        fake.mails = {1: copied, 2: letter(1), 3: letter(3), 4: other}
        with reading(sqlite_world, fake.account()):
            until(lambda: fates(sqlite_world) == [Fate.DONE] * 6)
    assert kept(sqlite_world) == ["Order 1", "Order 2", "Order 3", "Order 2"]


def test_what_was_none_of_ours_at_the_first_look_is_not_after_new_numbers_either(sqlite_world: World) -> None:
    """Old mail of years would otherwise become tickets when a provider moves a mailbox."""
    sqlite_world.now = datetime(2026, 3, 2, 9, tzinfo=UTC)  # the fake's mails came at eight
    with fake_imap(mails={1: letter(1)}) as fake:
        with reading(sqlite_world, fake.account(all_of_it=False)):
            until(lambda: sum("UID SEARCH" in asked for asked in fake.asked) >= 2)
        fake.validity = 2
        with reading(sqlite_world, fake.account(all_of_it=False)):
            until(lambda: fates(sqlite_world) == [Fate.DONE])
    assert kept(sqlite_world) == []
    assert not any("STORE" in asked for asked in fake.asked)
