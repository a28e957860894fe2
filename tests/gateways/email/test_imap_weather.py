"""Servers that are silent, speak nonsense, hang up or give nothing: no mail is lost, and none stops others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core.phrases import phrase
from core.storage.mailboxes import Fate
from gateways.email.imap.account import USUAL
from gateways.email.imap.line import LineLost
from gateways.email.imap.mailboxes import Reader
from tests.dovecot import letter
from tests.gateways.email.fake_imap import FakeImap, Hangup, fake_imap
from tests.gateways.email.reading import QUICK, cursor, fates, kept, reading, said, until
from tests.patience import PATIENCE
from tests.world import World


def mails(*numbers: int) -> dict[int, bytes]:
    return {number: letter(number) for number in numbers}


def hang_up(_: int) -> bytes:
    raise Hangup


def test_a_number_beyond_the_last_is_answered_by_the_last_and_read_only_once(sqlite_world: World) -> None:
    with fake_imap(mails=mails(1, 2)) as fake, reading(sqlite_world, fake.account()):
        until(lambda: sum("UID SEARCH UID 3:*" in asked for asked in fake.asked) >= 3)
    assert kept(sqlite_world) == ["Order 1", "Order 2"]
    assert sum("BODY.PEEK[]" in asked for asked in fake.asked) == 1
    assert not any("UNSEEN" in asked or "ENVELOPE" in asked for asked in fake.asked)


GIVES_NOTHING: dict[str, Callable[[int], bytes]] = {
    "nothing": lambda uid: b"",
    "NIL": lambda uid: b"* %d FETCH (UID %d BODY[] NIL)\r\n" % (uid, uid),
    "hangs up": hang_up,
    "a broken parenthesis": lambda uid: b"* %d FETCH (UID %d BODY[] (()\r\n" % (uid, uid),
    "a number that is none": lambda uid: b"* %d FETCH (UID x BODY[] NIL)\r\n" % uid,
    "a literal without end": lambda uid: b"* %d FETCH (UID %d BODY[] {99999999999999999999}\r\nx)\r\n" % (uid, uid),
    "a literal that is too long": lambda uid: b"* %d FETCH (UID %d BODY[] {100000}\r\nx)\r\n" % (uid, uid),
}


@pytest.mark.parametrize("how", GIVES_NOTHING)
def test_a_mail_that_its_server_cannot_give_does_not_stop_those_behind_it(sqlite_world: World, how: str) -> None:
    """Zammad 2754: one such mail stopped the whole mailbox."""
    times = replace(QUICK, read=timedelta(seconds=0.5), command=timedelta(seconds=1), bodies=timedelta(seconds=1))
    with fake_imap(mails=mails(1, 2, 3)) as fake:
        fake.on_body = lambda uid: GIVES_NOTHING[how](uid) if uid == 2 else None
        with reading(sqlite_world, fake.account(), times=times):
            until(lambda: kept(sqlite_world) == ["Order 1", "Order 3"], how)
        assert fates(sqlite_world)[1] == Fate.TO_FETCH
        assert cursor(sqlite_world).uid == 3


def test_a_mail_that_was_not_given_is_asked_for_again_and_read_when_it_is(sqlite_world: World) -> None:
    with fake_imap(mails=mails(1, 2)) as fake:
        fake.on_body = lambda uid: b"" if uid == 1 else None
        with reading(sqlite_world, fake.account()):
            until(lambda: kept(sqlite_world) == ["Order 2"])
            fake.on_body = None
            sqlite_world.now += timedelta(minutes=2)
            until(lambda: kept(sqlite_world) == ["Order 2", "Order 1"])
    assert said(sqlite_world) == []


def test_a_mail_that_is_never_given_is_given_up_aloud(sqlite_world: World) -> None:
    with fake_imap(mails=mails(1, 2)) as fake:
        fake.on_body = lambda uid: b"" if uid == 1 else None
        with reading(sqlite_world, fake.account()):
            for _ in range(4):
                until(lambda: fates(sqlite_world)[:1] == [Fate.TO_FETCH])
                seen = len(fake.asked)
                until(lambda n=seen: len(fake.asked) > n + 8)
                sqlite_world.now += timedelta(hours=2)
            until(lambda: fates(sqlite_world)[0] == Fate.GIVEN_UP)
    assert len(said(sqlite_world)) == 1
    assert "folder INBOX, UID 1" in said(sqlite_world)[0]


def test_a_silent_server_is_left_and_tried_again(sqlite_world: World) -> None:
    """Before any read times out: the watch ends what takes too long as a whole."""
    quiet, over = iter([True]), threading.Event()

    def drip(command: str) -> bytes | None:
        if command.startswith("UID SEARCH") and next(quiet, False):
            over.wait(2 * PATIENCE)
        return None

    times = replace(QUICK, command=timedelta(seconds=0.3), read=timedelta(seconds=2 * PATIENCE))
    with fake_imap(mails=mails(1), on_command=drip) as fake, reading(sqlite_world, fake.account(), times=times):
        until(lambda: kept(sqlite_world) == ["Order 1"])
        assert fake.connections >= 2
        over.set()


@pytest.mark.parametrize(
    "greeting",
    [
        b"* BYE [UNAVAILABLE] maintenance\r\n",
        b"220 mx.example.com ESMTP\r\n",
        b"\0\xff\r\n",
        b"* OK " + b"x" * 2_000_000,
    ],
)
def test_a_server_that_says_good_bye_or_speaks_something_else_is_tried_again(
    sqlite_world: World, greeting: bytes
) -> None:
    with fake_imap(mails=mails(1), greeting=greeting) as fake, reading(sqlite_world, fake.account()):
        until(lambda: fake.connections >= 3)
        until(lambda: len(said(sqlite_world)) == 1)
        fake.greeting = b"* OK hello\r\n"
        until(lambda: kept(sqlite_world) == ["Order 1"])
    assert "The mailbox fake on 127.0.0.1" in said(sqlite_world)[0]


def test_bye_in_the_middle_is_the_end_of_a_connection_and_not_of_the_mailbox(sqlite_world: World) -> None:
    once = iter([b"* BYE [ALERT] going down\r\n"])
    with fake_imap(mails=mails(1)) as fake:
        fake.on_command = lambda asked: next(once, None) if "BODY.PEEK" in asked else None
        with reading(sqlite_world, fake.account(), times=replace(QUICK, read=timedelta(seconds=0.3))):
            until(lambda: kept(sqlite_world) == ["Order 1"])


def test_a_refused_login_is_told_once_and_not_tried_over_and_over(sqlite_world: World) -> None:
    refused = b"NO [AUTHENTICATIONFAILED] wrong\r\n"
    with fake_imap(mails=mails(1), refuses_login=refused) as fake, reading(sqlite_world, fake.account()):
        until(lambda: len(said(sqlite_world)) == 1)
        time.sleep(0.5)
        assert fake.connections == 1
        fake.refuses_login = None
        until(lambda: kept(sqlite_world) == ["Order 1"])
    assert USUAL.refused_pause == timedelta(minutes=15)
    assert "secret" not in said(sqlite_world)[0]


def test_a_login_that_is_refused_for_now_is_tried_again_soon(sqlite_world: World) -> None:
    with (
        fake_imap(mails=mails(1), refuses_login=b"NO [UNAVAILABLE] later\r\n") as fake,
        reading(sqlite_world, fake.account(), times=replace(QUICK, refused_pause=timedelta(minutes=15))),
    ):
        until(lambda: fake.connections >= 2)
        fake.refuses_login = None
        until(lambda: kept(sqlite_world) == ["Order 1"])


def test_the_longer_a_server_is_away_the_longer_we_wait_up_to_five_minutes(sqlite_world: World) -> None:
    reader = Reader(sqlite_world.desk, FakeImap().account(), "here")
    pauses = [reader._lost(LineLost(phrase("away"))) for _ in range(14)]
    for number, pause in enumerate(pauses):
        longest = min(timedelta(minutes=5), timedelta(seconds=2**number))
        assert longest / 2 <= pause <= longest
    assert len({pause / min(timedelta(minutes=5), timedelta(seconds=2**n)) for n, pause in enumerate(pauses)}) > 10


def test_a_listening_that_nothing_comes_of_is_begun_anew_within_nine_minutes(sqlite_world: World) -> None:
    assert USUAL.idle <= timedelta(minutes=9)
    times = replace(QUICK, idle=timedelta(seconds=0.2))
    with (
        fake_imap(capabilities="IMAP4rev1 IDLE") as fake,
        reading(sqlite_world, fake.account(poll=timedelta(hours=1)), times=times),
    ):
        until(lambda: fake.asked.count("IDLE") >= 3)


def test_news_that_comes_in_one_breath_with_the_answer_is_not_slept_over(sqlite_world: World) -> None:
    with (
        fake_imap(capabilities="IMAP4rev1 IDLE", while_idle=b"* 1 EXISTS\r\n") as fake,
        reading(sqlite_world, fake.account(poll=timedelta(hours=1))),
    ):
        until(lambda: fake.asked.count("IDLE") >= 3)


def test_news_that_comes_before_a_server_listens_is_heard_and_costs_no_connection(sqlite_world: World) -> None:
    with (
        fake_imap(capabilities="IMAP4rev1 IDLE") as fake,
        reading(sqlite_world, fake.account(poll=timedelta(hours=1))),
    ):

        def tells_at_once(said: str) -> None:
            if said == "IDLE":
                fake.mails |= mails(1)

        fake.before_idle = b"* OK Still here\r\n* 1 EXISTS\r\n* 1 RECENT\r\n"
        fake.on_command = tells_at_once
        until(lambda: kept(sqlite_world) == ["Order 1"])
        until(lambda: fake.asked.count("IDLE") >= 3)
        assert fake.connections == 1


def test_what_a_server_says_before_it_listens_and_is_no_news_ends_nothing(sqlite_world: World) -> None:
    times = replace(QUICK, idle=timedelta(seconds=0.2))
    with (
        fake_imap(capabilities="IMAP4rev1 IDLE", before_idle=b"* OK Still here\r\n") as fake,
        reading(sqlite_world, fake.account(poll=timedelta(hours=1)), times=times),
    ):
        until(lambda: fake.asked.count("IDLE") >= 3)
        assert fake.connections == 1


def test_a_server_that_refuses_to_be_listened_to_is_polled(sqlite_world: World) -> None:
    def refuses(said: str) -> bytes | None:
        return b"* 1 RECENT\r\nTAG NO not now\r\n" if said == "IDLE" else None

    with (
        fake_imap(capabilities="IMAP4rev1 IDLE", on_command=refuses) as fake,
        reading(sqlite_world, fake.account(poll=timedelta(seconds=0.3))),
    ):
        until(lambda: fake.asked.count("IDLE") >= 2)
        fake.mails |= mails(1)
        until(lambda: kept(sqlite_world) == ["Order 1"])
        assert fake.connections == 1


def test_a_poll_sees_what_a_server_does_not_tell_of(sqlite_world: World) -> None:
    with (
        fake_imap(capabilities="IMAP4rev1 IDLE") as fake,
        reading(sqlite_world, fake.account(poll=timedelta(seconds=0.3))),
    ):
        until(lambda: "IDLE" in fake.asked)
        fake.mails |= mails(1)
        until(lambda: kept(sqlite_world) == ["Order 1"])
