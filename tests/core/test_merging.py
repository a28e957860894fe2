"""Tickets that go on in others: what is written to them arrives there, by every way; nobody gains by it; taken back."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from pathlib import Path

import pytest

from core.desk import counting
from core.desk.answering import Then
from core.desk.merging import Merger
from core.desk.pages import Pages
from core.phrases import Refused
from core.tickets import events as e
from core.tickets.model import Address, Inbound, Message, Nature, Part, Status, Vouch, Vouched
from core.tickets.passes import Purpose
from core.tickets.written import Act, Written
from tests.world import ANN, BOT, JONAS, RULEBOOK, World

DAN = "dan@example.org"


def heard(world: World, number: int) -> list[str]:
    return [one.text for one in world.said(number) if one.part is Part.REQUESTER]


def notes(world: World, number: int) -> list[Message]:
    return [one for one in world.said(number) if one.part is Part.NOTE]


def token_of(world: World, number: int) -> str:
    """The signed address of the last thing that left from this ticket."""
    token = next(out for out in reversed(world.sent) if out.ticket == number).reply_token
    assert token is not None
    return token


def facts(world: World, number: int) -> tuple[object, ...]:
    found = world.ticket(number)
    return (found.status, found.assignee, found.heard_at, found.pending_at, found.closed_at, found.merged_into)


@pytest.fixture
def two(world: World) -> tuple[int, int]:
    """What Carla wrote first, and what she wrote then."""
    first = world.mail(id="<first@example.com>")
    world.later(hours=25)  # of what comes later the desk says again that it has it
    second = world.mail("It is order 7.", id="<second@example.com>", subject="Order 7")
    world.settle()
    return first, second


def in_group(world: World, text: str, who: int) -> int | None:
    """Somebody says something in a group chat that others read, too."""
    inbound = Inbound(
        channel="telegram",
        sender=Address("telegram", str(who), "Carla"),
        door=BOT,
        external_id=f"1:-500:{len(text)}:{who}",
        text=text,
        reply_text=text,
        reply_to="-500",
        thread="1:-500",
    )
    piece = world.desk.accept("telegram", inbound.external_id, "-500", {}, text.encode())
    assert piece is not None
    return world.desk.receive(piece, inbound)


def union(world: World, number: int, address: str) -> None:
    world.desk.add_address(number, address, ANN)


# Where it goes on


def test_a_merged_ticket_rests_and_says_where_it_goes_on(world: World, two: tuple[int, int]) -> None:
    first, second = two
    world.desk.claim(second, JONAS)
    world.desk.merge([second], first, ANN)
    found = world.ticket(second)
    assert (found.status, found.merged_into, found.to_rate_at) == (Status.CLOSED, first, None)
    assert world.desk.overview(JONAS.agent, ("support",)).mine.total == 0
    assert [line.ticket.number for line in world.desk.overview(ANN.agent, ("support",)).waiting["support"].lines] == [
        first
    ]
    assert f"Ann Walker merged #{second} into this ticket" in notes(world, first)[-1].text
    for act in (world.desk.claim, world.desk.close, world.desk.reopen):
        with pytest.raises(Refused, match=f"goes on in #{first}"):
            act(second, ANN)
    with pytest.raises(Refused, match=f"goes on in #{first}"):
        world.desk.reply_and_reopen(second, ANN, "Here it is.")
    world.settle()
    assert "rating" not in world.parts_sent()


def test_what_answers_a_merged_ticket_arrives_where_it_goes_on_by_every_sign(
    world: World, two: tuple[int, int]
) -> None:
    first, second = two
    token, ours = token_of(world, second), world.sent[-1].external_id
    world.desk.merge([second], first, ANN)
    assert world.mail("By its address.", reply_tokens=(token,)) == first
    assert world.mail("By our id.", answers=ours) == first
    assert world.mail("By an older one.", references=("<else@example.com>", "<second@example.com>")) == first
    assert world.mail("By its number.", subject=f"Re: [#{second}] Order 7") == first
    assert heard(world, first)[1:] == ["By its address.", "By our id.", "By an older one.", "By its number."]
    assert heard(world, second) == ["It is order 7."]


def test_a_reply_follows_a_chain_of_merges_and_a_circle_is_refused(world: World, two: tuple[int, int]) -> None:
    first, second = two
    token = token_of(world, second)
    third = world.mail("Hello again", id="<third@example.com>", subject="Hello")
    world.desk.merge([second], third, ANN)
    world.desk.merge([third], first, ANN)
    assert world.mail("Any news?", reply_tokens=(token,)) == first
    with pytest.raises(Refused, match="already"):
        world.desk.merge([first], second, ANN)
    with pytest.raises(Refused, match=f"goes on in #{third}"):
        world.desk.merge([second], first, ANN)


def test_several_are_merged_at_once_or_none(world: World, two: tuple[int, int]) -> None:
    first, second = two
    other = world.mail("Me too", sender=DAN, name="Dan Brown")
    with pytest.raises(Refused, match="two people"):
        world.desk.merge([second, other], first, ANN)
    assert world.ticket(second).merged_into is None
    third = world.mail("And this", subject="More")
    world.desk.merge([second, third], first, ANN)
    assert [world.ticket(one).merged_into for one in (second, third)] == [first, first]


def test_who_waits_for_an_answer_there_waits_for_it_here(world: World, two: tuple[int, int]) -> None:
    first, second = two
    world.desk.reply(first, ANN, "Which order?")
    world.later(seconds=11)
    before = facts(world, first)
    assert world.ticket(first).status is Status.PENDING
    world.desk.merge([second], first, JONAS)
    assert world.ticket(first).status is Status.OPEN
    world.desk.unmerge(second, JONAS)
    assert facts(world, first) == before
    assert world.ticket(second).status is Status.NEW


def test_in_a_chat_what_is_said_goes_on_in_the_ticket_that_theirs_was_merged_into(world: World) -> None:
    chatted = world.chat("Where is order 7?")
    mailed = world.mail()
    with pytest.raises(Refused, match="two people"):
        world.desk.merge([chatted], mailed, ANN)
    union(world, mailed, "Telegram: 7001")
    world.desk.merge([chatted], mailed, ANN)
    assert world.chat("Are you there?") == mailed
    assert world.ticket(mailed).thread.channel == "telegram"
    world.desk.unmerge(chatted, ANN)
    assert world.ticket(mailed).thread.channel == "email"
    assert heard(world, chatted) == ["Where is order 7?", "Are you there?"]
    assert world.chat("Hello?") == chatted


def test_what_is_written_at_the_page_of_a_merged_ticket_arrives_and_its_page_shows_both(
    world: World, two: tuple[int, int]
) -> None:
    first, second = two
    world.desk.merge([second], first, ANN)
    person = world.ticket(second).requester
    piece = world.desk.write_down("page-1", Written(Act.ANSWER, second, person, "From the page."))
    assert piece is not None
    inbound = world.desk.as_inbound(piece, Written(Act.ANSWER, second, person, "From the page."))
    assert world.desk.receive(piece, inbound) == first
    settled = Written(Act.CLOSE, second, person)
    piece = world.desk.write_down("page-2", settled)
    assert piece is not None
    world.desk.close_at_page(piece, settled)
    assert heard(world, first)[-1] == "From the page."
    assert world.ticket(first).status is Status.CLOSED
    world.desk.pages = Pages("https://help.example")
    seen = world.desk.visit(world.desk.link(second, Purpose.READ).rpartition("/")[2])
    assert seen is not None
    told = [one.text for one in seen.said if not one.by_us]
    assert told == ["My order has not arrived.", "It is order 7.", "From the page."]


def test_a_page_shows_nobody_what_somebody_else_wrote_though_they_count_as_one_person(
    world: World, two: tuple[int, int]
) -> None:
    first, _ = two
    other = world.mail("The same here", sender=DAN, name="Dan Brown")
    union(world, first, DAN)
    world.desk.merge([other], first, ANN)
    world.desk.pages = Pages("https://help.example")
    seen = world.desk.visit(world.desk.link(other, Purpose.READ).rpartition("/")[2])
    assert seen is not None
    assert [one.text for one in seen.said if not one.by_us] == ["The same here"]


# Who gains nothing


def test_tickets_of_two_people_are_not_merged_whoever_asks(world: World, two: tuple[int, int]) -> None:
    first, _ = two
    other = world.mail("The same here", sender=DAN, name="Dan Brown")
    with pytest.raises(Refused, match="Link them instead"):
        world.desk.merge([other], first, ANN)
    found = world.desk.would_merge([other], first)
    assert isinstance(found, Merger)
    assert "two people" in found.against[0].text


def test_who_is_found_not_to_be_the_same_person_has_their_own_ticket_again_with_what_they_wrote(
    world: World, two: tuple[int, int]
) -> None:
    first, _ = two
    other = world.mail("The same here", sender=DAN, name="Dan Brown")
    world.settle()
    token = token_of(world, other)
    union(world, first, DAN)
    world.desk.merge([other], first, ANN)
    assert world.mail("And more.", sender=DAN, reply_tokens=(token,)) == first
    world.desk.reply(first, ANN, "We look into it.")
    world.later(seconds=11)
    [one] = world.desk.person(first).unions
    world.desk.split(first, one.id, ANN)
    assert world.ticket(other).merged_into is None
    assert heard(world, other) == ["The same here", "And more."]
    assert "And more." not in heard(world, first)
    assert world.mail("Hello?", sender=DAN, reply_tokens=(token,)) == other
    assert {out.to[0].address for out in world.sent if out.part is Part.REPLY} == {"carla@example.com"}


def test_a_stranger_to_the_merged_ticket_is_a_stranger_where_it_goes_on(world: World, two: tuple[int, int]) -> None:
    first, second = two
    world.desk.merge([second], first, ANN)
    assert world.mail("Let me in.", sender=DAN, name="Dan Brown", answers="<second@example.com>") == first
    assert "Let me in." not in heard(world, first)
    assert world.ticket(first).held_at is not None


def test_who_took_part_in_the_merged_ticket_is_heard_where_it_goes_on_and_gets_copies_only_when_picked(
    world: World, two: tuple[int, int]
) -> None:
    first, second = two
    dan = Address("email", DAN, "Dan Brown")
    assert world.mail("Dan knows it.", answers="<second@example.com>", copied=(dan,)) == second
    world.desk.reply(second, ANN, "Thank you.", copied=[DAN])
    world.later(seconds=11)
    token = token_of(world, second)
    world.desk.merge([second], first, ANN)
    assert world.mail("It is on my desk.", sender=DAN, name="Dan Brown", reply_tokens=(token,)) == first
    assert heard(world, first)[-1] == "It is on my desk."
    assert [(one.address.address, one.before) for one in world.desk.copyable(first)] == [(DAN, False)]
    world.desk.reply(first, ANN, "Found it.")
    world.later(seconds=11)
    assert [one.address for one in world.sent[-1].copied] == []
    world.desk.reply(first, ANN, "Found it, Dan.", copied=[DAN])
    world.later(seconds=11)
    assert [one.address for one in world.sent[-1].copied] == [DAN]


def test_who_was_turned_away_stays_so(world: World, two: tuple[int, int]) -> None:
    first, second = two
    assert world.mail("Let me in.", sender=DAN, name="Dan Brown", answers="<second@example.com>") == second
    with pytest.raises(Refused, match="Decide that in its thread first"):
        world.desk.merge([second], first, ANN)
    world.later(seconds=10)
    [person] = [person for number, person in world.asked if number == second]
    own = world.desk.turn_away(second, person, ANN)
    world.desk.merge([second], first, ANN)
    assert world.mail("Again.", sender=DAN, name="Dan Brown", answers="<second@example.com>") == own


def test_answers_never_go_where_somebody_else_may_read_them(world: World, two: tuple[int, int]) -> None:
    first, second = two
    forged = world.mail("Tell me.", reply_to="eve@example.net", id="<forged@example.com>", subject="Tell me")
    with pytest.raises(Refused, match="not known to be the customer's own"):
        world.desk.merge([second], forged, ANN)
    world.desk.merge([forged], first, ANN)
    assert world.mail("Well?", sender="eve@example.net", name="Eve", answers="<forged@example.com>") == first
    assert "Well?" not in heard(world, first)
    world.desk.reply(first, ANN, "It left today.")
    world.later(seconds=11)
    assert [out.to[0].address for out in world.sent if out.part is Part.REPLY] == ["carla@example.com"]


def test_in_a_group_chat_nobody_gains_by_a_merge(world: World) -> None:
    group = in_group(world, "Where is it?", 7001)
    assert group is not None
    mailed = world.mail()
    union(world, mailed, "Telegram: 7001")
    with pytest.raises(Refused, match="not known to be the customer's own"):
        world.desk.merge([mailed], group, ANN)
    world.desk.merge([group], mailed, ANN)
    assert in_group(world, "Me too.", 7002) == mailed
    assert "Me too." not in heard(world, mailed)
    assert world.ticket(mailed).thread.channel == "email"
    assert in_group(world, "Well?", 7001) == mailed
    assert heard(world, mailed)[-1] == "Well?"
    assert world.ticket(mailed).thread.channel == "email"


def test_a_mail_whose_domain_does_not_vouch_for_it_is_held(world: World, two: tuple[int, int]) -> None:
    first, second = two
    world.desk.merge([second], first, ANN)
    failed = Vouched(Vouch.FAILED, "example.com")
    assert world.mail("It is me.", answers="<second@example.com>", vouched=failed) == first
    assert "It is me." not in heard(world, first)


def test_a_merge_goes_where_the_ticket_is_open(world: World, two: tuple[int, int]) -> None:
    first, second = two
    world.desk.close(first, ANN)
    with pytest.raises(Refused, match="Open it again first"):
        world.desk.merge([second], first, ANN)
    world.desk.merge([first], second, ANN)
    world.desk.unmerge(first, ANN)
    assert world.ticket(first).status is Status.CLOSED


# Taken back


def test_taken_back_each_is_as_it_was_with_what_was_written_to_it(world: World, two: tuple[int, int]) -> None:
    first, second = two
    world.desk.claim(second, JONAS)
    before, token = (facts(world, first), facts(world, second)), token_of(world, second)
    world.desk.merge([second], first, ANN)
    world.desk.unmerge(second, ANN)
    assert (facts(world, first), facts(world, second)) == before
    world.desk.merge([second], first, ANN)
    world.later(hours=1)
    assert world.mail("Any news of 7?", reply_tokens=(token,), id="<news@example.com>") == first
    world.desk.unmerge(second, ANN)
    assert facts(world, first) == before[0]
    assert heard(world, second) == ["It is order 7.", "Any news of 7?"]
    assert world.ticket(second).heard_at == world.now
    assert world.mail("Still there?", answers="<news@example.com>") == second
    with pytest.raises(Refused, match="by itself already"):
        world.desk.unmerge(second, ANN)


def test_once_the_customer_was_answered_a_merge_stays_unless_the_answer_is_taken_back(
    world: World, two: tuple[int, int]
) -> None:
    first, second = two
    world.desk.merge([second], first, ANN)
    message = world.desk.reply(first, JONAS, "Both left today.")
    assert message is not None
    with pytest.raises(Refused, match=f"Jonas Becker answered in #{first}"):
        world.desk.unmerge(second, ANN)
    world.desk.undo(message, JONAS)
    world.desk.unmerge(second, ANN)
    assert world.ticket(second).merged_into is None


def test_of_a_chain_each_merge_is_taken_back_alone(world: World, two: tuple[int, int]) -> None:
    first, second = two
    token = token_of(world, second)
    third = world.mail("Hello again", subject="Hello")
    world.desk.merge([second], third, ANN)
    world.desk.merge([third], first, ANN)
    assert world.mail("Any news?", reply_tokens=(token,)) == first
    world.desk.unmerge(third, ANN)
    assert heard(world, third)[-1] == "Any news?"
    assert world.ticket(second).merged_into == third
    world.desk.merge([third], first, ANN)
    world.desk.unmerge(second, ANN)
    assert (world.ticket(second).merged_into, world.ticket(third).merged_into) == (None, first)
    for number in (first, second, third):
        world.ticket(number)  # its row is what its history gives


def test_a_click_that_comes_twice_merges_once(world: World, two: tuple[int, int]) -> None:
    first, second = two
    act = world.desk.accept_act("a click", {})
    assert act is not None
    for _ in range(2):
        world.desk.merge([second], first, ANN._replace(act=act))
    assert [type(one) for one in world.desk.story(first).happened].count(e.TookIn) == 1


def test_what_a_merged_ticket_said_last_and_did_not_arrive_is_told_where_it_goes_on(
    world: World, two: tuple[int, int]
) -> None:
    first, second = two
    message = world.desk.reply(second, ANN, "Which one?")
    world.later(seconds=11)
    world.desk.merge([second], first, ANN)
    assert message is not None
    world.desk.undeliverable(message, "550 unknown")
    world.settle()
    assert world.ticket(second).status is Status.CLOSED
    assert f"#{second}, which was merged into this one" in notes(world, first)[-1].text


def test_machines_reports_of_a_merged_ticket_open_nothing(world: World, two: tuple[int, int]) -> None:
    first, second = two
    token = token_of(world, second)
    world.desk.reply(first, ANN, "Done.", Then.CLOSE)
    world.later(seconds=11)
    world.desk.reopen(first, ANN)
    world.desk.merge([second], first, ANN)
    world.desk.close(first, ANN)
    assert world.mail("I am away.", nature=Nature.AUTO_REPLY, reply_tokens=(token,)) == first
    assert world.ticket(first).status is Status.CLOSED


# Clocks and ladders


def due(world: World, number: int) -> dict[str, datetime]:
    return {one.kind.value: one.at for one in world.desk.card(number).dues}


def is_as_its_history(world: World, number: int) -> bool:
    return world.desk.db.run(lambda tx: counting.history_differs(world.desk, tx, number)) == []


@pytest.fixture
def timed(sqlite_url: str, tmp_path: Path) -> Generator[World]:
    """A desk that promises something, and does not leave its tickets alone."""
    book = RULEBOOK.replace('title = "Support"', 'title = "Support"\nladder = "usual"') + TIMED
    with World(sqlite_url, tmp_path, book) as made:
        yield made


TIMED = """
[[policies]]
name = "usual"
calendar = "always"
first_response = "4h"
next_response = "4h"
resolution = "3d"

[[ladders]]
name = "usual"
steps = [{ after = "15m", clock = "wall", notify = ["supervisors"] }]
"""


def test_clocks_and_ladders_of_what_was_merged_end_and_go_on_as_if_nothing_had_been(timed: World) -> None:
    first, second = timed.mail(), timed.mail("It is order 7.", subject="Order 7")
    before = due(timed, second)
    assert set(before) == {"first", "resolution"}
    timed.desk.claim(first, ANN)
    timed.desk.merge([second], first, ANN)
    assert due(timed, second) == {}
    timed.later(minutes=30)
    assert not [ticket for _, ticket, _ in timed.pinged if ticket == second]
    timed.desk.unmerge(second, ANN)
    assert due(timed, second) == before
    timed.later(minutes=16)
    assert [ticket for _, ticket, _ in timed.pinged] == [second]
    assert all(is_as_its_history(timed, number) for number in (first, second))
    timed.later(hours=1)
    assert timed.desk.audit() is not None
    assert timed.ticket(second).rung == 1


def test_an_answer_that_is_owed_because_of_a_merge_is_owed_no_more_when_it_is_taken_back(timed: World) -> None:
    first, second = timed.mail(), timed.mail("It is order 7.", subject="Order 7")
    timed.desk.reply(first, ANN, "Which order?")
    timed.later(seconds=11)
    assert set(due(timed, first)) == set()
    timed.desk.merge([second], first, ANN)
    assert set(due(timed, first)) == {"next", "resolution"}
    timed.desk.unmerge(second, ANN)
    assert set(due(timed, first)) == set()
    assert all(is_as_its_history(timed, number) for number in (first, second))
