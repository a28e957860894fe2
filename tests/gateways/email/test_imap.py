"""Mailboxes read from a real server: what is kept, what its server is told, and in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.storage.mailboxes import Fate
from gateways.email.imap.account import Account
from tests.dovecot import Dovecot, letter, letters
from tests.gateways.email.reading import cursor, envelopes, fates, kept, reading, said, until
from tests.world import World


@pytest.fixture
def user(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"u{tmp_path_factory.mktemp('u').name}{abs(hash(request.node.nodeid))}"


@pytest.fixture
def account(dovecot: Dovecot, user: str) -> Account:
    return dovecot.account(user)


def test_what_lies_in_a_mailbox_is_kept_in_its_order_and_flagged(
    world: World, dovecot: Dovecot, account: Account
) -> None:
    dovecot.put(account.user, *letters(range(5)))
    with reading(world, account):
        until(lambda: fates(world) == [Fate.DONE] * 5)
    assert kept(world) == [f"Order {n}" for n in range(5)]
    assert all({b"\\Seen", b"$Desk"} <= set(flags) for flags in dovecot.has(account.user).values())


def test_a_mail_that_somebody_has_opened_already_is_kept_all_the_same(
    world: World, dovecot: Dovecot, account: Account
) -> None:
    """FreeScout 3406, 1611."""
    dovecot.put(account.user, letter(1))
    with dovecot.client(account.user) as phone:
        phone.add_flags(phone.search(), [b"\\Seen"])
    with reading(world, account):
        until(lambda: kept(world) == ["Order 1"])


def test_a_mail_that_comes_while_we_listen_is_there_at_once(world: World, dovecot: Dovecot, account: Account) -> None:
    account = replace(account, poll=timedelta(hours=1))
    with reading(world, account):
        until(lambda: world.desk.cursor(account.name, "INBOX") is not None)
        for number in range(3):
            dovecot.put(account.user, letter(number))
            until(lambda n=number: f"Order {n}" in kept(world))


def test_a_mail_that_comes_while_we_read_another_is_there_at_once(
    world: World, dovecot: Dovecot, account: Account
) -> None:
    """Its server says so with the answer to something else, and only once: not when we begin to listen."""
    account = replace(account, poll=timedelta(hours=1))
    more = {"fetched": letter(2), "kept": letter(3), "marked": letter(4)}

    def reached(point: str) -> None:
        if point in more:
            dovecot.put(account.user, more.pop(point))

    dovecot.put(account.user, letter(1))
    with reading(world, account, reached=reached):
        until(lambda: sorted(kept(world)) == [f"Order {n}" for n in range(1, 5)])


def test_who_is_read_for_the_first_time_begins_with_what_comes_from_now_on(
    world: World, dovecot: Dovecot, account: Account
) -> None:
    dovecot.put(account.user, *letters(range(3)))
    with reading(world, replace(account, all_of_it=False)):
        until(lambda: world.desk.cursor(account.name, "INBOX") is not None)
        dovecot.put(account.user, letter(7))
        until(lambda: fates(world) == [Fate.DONE])
    assert kept(world) == ["Order 7"]
    assert [b"\\Seen" in flags for flags in dovecot.has(account.user).values()] == [False, False, False, True]


def test_the_envelope_says_where_it_lay_and_who_sent_it(world: World, dovecot: Dovecot, account: Account) -> None:
    no_path = letter(2, Return_Path="")
    bounce = letter(3, Return_Path="<>")
    dovecot.put(account.user, letter(1), no_path, bounce)
    with reading(world, account):
        until(lambda: len(kept(world)) == 3)
    said_of = envelopes(world)
    assert [one["mail_from"] for one in said_of] == ["carla@example.com", None, ""]
    assert said_of[0]["rcpt_tos"] == ["support@desk.example"]
    validity = cursor(world).uidvalidity
    assert said_of[0]["source"] == f"imap:{account.name}/INBOX/{validity}/1"


def test_a_header_of_the_mailbox_server_says_whom_a_mail_was_for_only_where_it_is_believed(
    world: World, dovecot: Dovecot, account: Account
) -> None:
    account = replace(account, address="other@desk.example")
    ours = letter(1, Delivered_To="support+t.abc@desk.example")
    strangers = letter(2, Delivered_To="somebody@elsewhere.example")
    dovecot.put(account.user, ours, strangers)
    with reading(world, replace(account, recipient="Delivered-To"), replace(account, name="unbelieved")):
        until(lambda: len(kept(world)) == 4)
    found = {(one["source"].split("/")[0], one["source"][-1]): one["rcpt_tos"][0] for one in envelopes(world)}
    assert found == {
        (f"imap:{account.name}", "1"): "support+t.abc@desk.example",
        (f"imap:{account.name}", "2"): "other@desk.example",
        ("imap:unbelieved", "1"): "other@desk.example",
        ("imap:unbelieved", "2"): "other@desk.example",
    }


def test_a_mail_that_is_too_large_is_kept_by_its_headers_and_says_where_it_lies(
    world: World, dovecot: Dovecot, account: Account
) -> None:
    large = letter(2, body="x" * 5000, Content_Type="multipart/mixed;\r\n boundary=b")
    dovecot.put(account.user, letter(1), large, letter(3))
    with reading(world, replace(account, max_size=3000)):
        until(lambda: len(kept(world)) == 3)
    assert kept(world) == ["Order 1", "Order 2", "Order 3"]
    raw = world.desk.piece(2)[1]  # pyright: ignore[reportOptionalSubscript]
    assert b"which is more than the desk reads" in raw
    assert b"multipart" not in raw
    assert b"xxx" not in raw


def test_bytes_that_came_before_are_one_mail_but_only_where_something_names_it(
    world: World, dovecot: Dovecot, account: Account
) -> None:
    """Scanners send the same bytes twice and mean it; a mail that somebody moved out and back is the same."""
    nameless = letter(2, Message_ID="", Date="")
    dovecot.put(account.user, letter(1), nameless)
    with reading(world, account):
        until(lambda: len(kept(world)) == 2)
        dovecot.put(account.user, letter(1), nameless)
        until(lambda: fates(world) == [Fate.DONE] * 4)
    assert kept(world) == ["Order 1", "Order 2", "Order 2"]


def test_several_folders_are_read_and_one_that_is_gone_is_told_and_stops_no_other(
    world: World, dovecot: Dovecot, account: Account
) -> None:
    with dovecot.client(account.user) as client:
        client.create_folder("Junk")
    dovecot.put(account.user, letter(1))
    dovecot.put(account.user, letter(2), folder="Junk")
    with reading(world, replace(account, folders=("INBOX", "Gone", "Junk"))):
        until(lambda: sorted(kept(world)) == ["Order 1", "Order 2"])
        until(lambda: len(said(world)) == 1)
    assert "The folder Gone of the mailbox" in said(world)[0]


def test_a_mailbox_that_does_not_let_us_in_is_told_once_and_stops_no_other(
    world: World, dovecot: Dovecot, account: Account
) -> None:
    dovecot.put(account.user, letter(1))
    locked = replace(account, name="locked", password="wrong")
    nowhere = replace(account, name="nowhere", port=1)
    with reading(world, locked, nowhere, account):
        until(lambda: kept(world) == ["Order 1"])
        until(lambda: len(said(world)) == 2)
    told = sorted(said(world))
    assert "does not let us into the mailbox locked" in told[0]
    assert "The mailbox nowhere on 127.0.0.1:1 cannot be read" in told[1]
    assert "wrong" not in "".join(told)
