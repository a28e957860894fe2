"""Signed reply addresses: only we can make them, and nothing else about them matters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tickets.follow_up import Bearer, Known, Match, bearer_of, choose, message_of, numbered, report_token, token
from core.tickets.model import Address, Inbound, Nature, Status, Thread, Ticket

NOW = datetime(2026, 3, 2, tzinfo=UTC)
KEY, OTHER = b"k" * 32, b"o" * 32
numbers = st.integers(0, 2**32 - 1)


@given(numbers, numbers, st.integers(0, 255))
def test_a_token_names_whom_it_was_made_for(ticket: int, person: int, generation: int) -> None:
    made = token(KEY, Bearer(ticket, person), generation)
    assert bearer_of({generation: KEY}, made) == Bearer(ticket, person)
    assert bearer_of({generation: KEY}, made.upper()) == Bearer(ticket, person)  # servers change the case


@given(numbers, numbers)
def test_a_token_of_another_key_is_nobodys(ticket: int, person: int) -> None:
    assert bearer_of({0: OTHER}, token(KEY, Bearer(ticket, person))) is None


@given(st.text())
def test_no_text_is_taken_for_a_token_by_accident(said: str) -> None:
    assert bearer_of({0: KEY}, said) is None


@given(numbers, numbers, st.data())
def test_a_token_with_one_letter_changed_is_nobodys(ticket: int, person: int, data: st.DataObject) -> None:
    made = token(KEY, Bearer(ticket, person))
    place = data.draw(st.integers(0, len(made) - 2))  # the last letter holds padding bits too
    letter = data.draw(st.sampled_from([c for c in "abcdefghijklmnopqrstuvwxyz234567" if c != made[place]]))
    assert bearer_of({0: KEY}, made[:place] + letter + made[place + 1 :]) is None


@given(numbers, numbers)
def test_a_token_fits_an_address_and_a_careless_server(ticket: int, person: int) -> None:
    made = token(KEY, Bearer(ticket, person))
    assert made.isascii()
    assert made == made.lower()
    assert len(f"support+t.{made}") <= 64  # RFC 5321 §4.5.3.1.1


def ticket(status: Status = Status.OPEN, closed_at: datetime | None = None) -> Ticket:
    return Ticket(7, Thread("email", "<a@b>"), 1, "support@desk.example", "support", status, closed_at=closed_at)


def inbound(nature: Nature = Nature.HUMAN) -> Inbound:
    sender = Address("email", "carla@example.com")
    return Inbound("email", sender, "support@desk.example", "<b@b>", "Hi", "Hi", nature=nature)


WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([], Match(None)),
        ([Known(ticket(), "token", True)], Match(7, None, "token")),
        ([Known(ticket(), "token", False)], Match(7, None, "token", held=True)),
        ([Known(ticket(), "reference", True)], Match(7, None, "reference")),
        ([Known(ticket(), "reference", False)], Match(7, None, "reference", held=True)),
        ([Known(ticket(), "reference", False, turned_away=True)], Match(None, 7, "turned away")),
        ([Known(ticket(), "subject", True)], Match(7, None, "subject")),
        ([Known(ticket(), "subject", False)], Match(None)),
        ([Known(ticket(Status.CLOSED, NOW - 2 * WEEK), "subject", True)], Match(None)),
        ([Known(ticket(Status.CLOSED, NOW - 2 * WEEK), "token", False)], Match(None, 7, "stranger")),
        ([Known(ticket(Status.CLOSED, NOW - WEEK), "token", True)], Match(7, None, "token")),
        (
            [Known(ticket(Status.CLOSED, NOW - WEEK - timedelta(seconds=1)), "token", True)],
            Match(None, 7, "closed long ago"),
        ),
    ],
    ids=[
        "nothing",
        "requester's token",
        "stranger's token",
        "requester's reference",
        "stranger's reference",
        "turned away",
        "requester's subject",
        "stranger's subject",
        "subject of what closed long ago",
        "stranger's token, closed long ago",
        "closed lately",
        "closed long ago",
    ],
)
def test_evidence_is_weighed(known: list[Known], expected: Match) -> None:
    assert choose(inbound(), known, WEEK, NOW) == expected


@pytest.mark.parametrize(
    ("nature", "evidence", "expected"),
    [
        (Nature.AUTO_REPLY, "token", Match(7, None, "token")),
        (Nature.AUTO_REPLY, "reference", Match(None, 7, "stranger")),
        (Nature.AUTO_GENERATED, "token", Match(7, None, "token", held=True)),
        (Nature.CALENDAR, "reference", Match(7, None, "reference", held=True)),
        (Nature.LIST, "reference", Match(7, None, "reference", held=True)),
    ],
)
def test_a_strangers_machine_is_held_where_it_could_open_a_ticket(
    nature: Nature, evidence: str, expected: Match
) -> None:
    assert choose(inbound(nature), [Known(ticket(), evidence, False)], WEEK, NOW) == expected


def test_a_machine_joins_nothing_by_a_subject() -> None:
    assert choose(inbound(Nature.AUTO_REPLY), [Known(ticket(), "subject", True)], WEEK, NOW) == Match(None)


@pytest.mark.parametrize(
    "subject",
    ["[#42] Where is it?", "Re: AW: [#42]", "#42", "Re: #42 Where is it?", "Re[2]: Lamp [#42]", "Antw：#42"],
)
def test_a_subject_names_a_ticket_as_we_write_it(subject: str) -> None:
    assert numbered(subject) == 42


@pytest.mark.parametrize(
    "subject",
    [
        *("Order #42", "[PROJ-42] Lamp", "[JIRA #42]", "[owner/repo] Lamp (#42)", "[#AB-42]", "PR #42: Lamp", "42"),
        *("#42-A", "#42nd", "[#42] and [#43]", "[#42", "Ticket 42", "[#42.1]", "", "[#99999999999]"),
    ],
)
def test_what_other_systems_write_names_none_of_our_tickets(subject: str) -> None:
    assert numbered(subject) is None


@given(st.text(max_size=200))
def test_no_subject_is_too_strange_to_be_looked_at(subject: str) -> None:
    found = numbered(subject)
    assert found is None or found >= 0


@given(st.integers(0, 2**63), st.integers(0, 255))
def test_a_reports_token_names_its_message_and_is_no_token_of_a_ticket(message: int, generation: int) -> None:
    made = report_token(KEY, message, generation)
    assert message_of({generation: KEY}, made) == message
    assert message_of({generation: KEY}, made.upper()) == message  # servers change the case
    assert message_of({generation: OTHER}, made) is None
    assert bearer_of({generation: KEY}, made) is None


@given(st.integers(0, 2**31), st.integers(0, 2**31))
def test_a_tickets_token_is_no_token_of_a_report(ticket: int, person: int) -> None:
    assert message_of({0: KEY}, token(KEY, Bearer(ticket, person))) is None


@given(st.text(max_size=80))
def test_whatever_stands_there_is_no_reports_token(said: str) -> None:
    assert message_of({0: KEY}, said) is None
