"""What a server shows late, below what we have read already, is read all the same, and supervisors hear of it."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.dovecot import letter
from tests.gateways.email.fake_imap import fake_imap
from tests.gateways.email.reading import QUICK, cursor, kept, reading, said, until
from tests.world import World

OFTEN = replace(QUICK, compare=timedelta(milliseconds=100))
LATE = "In the folder INBOX of the mailbox {name} mails had been passed over: 1. "


def mails(*numbers: int) -> dict[int, bytes]:
    return {number: letter(number) for number in numbers}


def test_freescout_2001_a_mail_that_its_server_shows_late_is_read_and_told_of(world: World) -> None:
    with fake_imap(mails=mails(1, 3)) as fake, reading(world, fake.account(), times=OFTEN):
        until(lambda: len(kept(world)) == 2)
        fake.mails.update(mails(2))
        until(lambda: len(kept(world)) == 3, "the late one")
        until(lambda: said(world))
        fake.mails.update(mails(4))
        until(lambda: len(kept(world)) == 4)
    assert kept(world) == ["Order 1", "Order 3", "Order 2", "Order 4"]
    assert cursor(world).uid == 4
    [told] = said(world)
    assert told.startswith(LATE.format(name=fake.account().name))


def test_a_server_whose_list_is_like_ours_is_nothing_to_speak_of(sqlite_world: World) -> None:
    with fake_imap(mails=mails(1, 2, 3)) as fake, reading(sqlite_world, fake.account(), times=OFTEN):
        until(lambda: sum("UID SEARCH UID 1:*" in asked for asked in fake.asked) >= 4)
    assert len(kept(sqlite_world)) == 3
    assert said(sqlite_world) == []


def test_what_lay_there_before_we_began_is_none_of_ours(sqlite_world: World) -> None:
    with fake_imap(mails=mails(1, 2)) as fake:
        account = replace(fake.account(), all_of_it=False)
        with reading(sqlite_world, account, times=OFTEN):
            until(lambda: any("UID SEARCH" in asked for asked in fake.asked))
            fake.mails.update(mails(3))
            until(lambda: kept(sqlite_world) == ["Order 3"])
            time.sleep(0.5)
    assert kept(sqlite_world) == ["Order 3"]
    assert said(sqlite_world) == []


@pytest.mark.parametrize("span", [timedelta(minutes=10)])
def test_a_list_is_compared_no_oftener_than_every_ten_minutes(sqlite_world: World, span: timedelta) -> None:
    with fake_imap(mails=mails(1)) as fake, reading(sqlite_world, fake.account(), times=replace(QUICK, compare=span)):
        until(lambda: len(kept(sqlite_world)) == 1)
        until(lambda: sum("UID SEARCH UID 2:*" in asked for asked in fake.asked) >= 3)
    assert sum("UID SEARCH UID 1:*" in asked for asked in fake.asked) <= 2
