"""Some of what was said becomes a ticket of its own; and tickets that have to do with each other say so."""

from __future__ import annotations

import pytest

from core.phrases import NotFound, Refused
from core.tickets import events as e
from core.tickets.model import Address, Part, Status
from core.tickets.relating import Kinship
from tests.world import ANN, JONAS, World

DAN = "dan@example.org"


def heard(world: World, number: int) -> list[str]:
    return [one.text for one in world.said(number) if one.part is Part.REQUESTER]


def ids(world: World, number: int, *texts: str) -> list[int]:
    return [one.id for one in world.said(number) if one.text in texts]


@pytest.fixture
def number(world: World) -> int:
    """What Carla wrote, and two mails of hers since."""
    found = world.mail(id="<first@example.com>")
    world.mail("And my invoice is wrong.", id="<second@example.com>", answers="<first@example.com>")
    world.mail("It says 10, not 1.", id="<third@example.com>", answers="<first@example.com>")
    world.settle()
    return found


def test_what_is_split_off_is_a_ticket_of_its_own_which_answers_to_it_find(world: World, number: int) -> None:
    offered = world.desk.splittable(number)
    assert [one.text for one in offered] == ["And my invoice is wrong.", "It says 10, not 1."]
    own = world.desk.split_off(number, [one.id for one in offered], ANN)
    assert own is not None
    assert (heard(world, number), heard(world, own)) == (
        ["My order has not arrived."],
        ["And my invoice is wrong.", "It says 10, not 1."],
    )
    found = world.ticket(own)
    assert (found.requester, found.queue, found.status) == (world.ticket(number).requester, "support", Status.NEW)
    assert world.mail("Do you hear?", answers="<third@example.com>") == own
    assert world.mail("Where is it?", answers="<first@example.com>") == number
    assert f"ticket #{own} now" in [one.text for one in world.said(number) if one.part is Part.NOTE][-1]
    world.desk.reply(own, JONAS, "Here is another one.")
    world.later(seconds=11)
    assert [(out.ticket, out.to[0].address) for out in world.sent if out.part is Part.REPLY] == [
        (own, "carla@example.com")
    ]
    [link] = world.desk.card(own).company.relations
    assert (link.one, link.other, link.kind) == (own, number, Kinship.SPLIT_FROM)
    assert world.desk.card(number).company.relations == [link]


def test_what_waited_for_us_only_because_of_it_waits_no_more(world: World, number: int) -> None:
    world.desk.reply(number, ANN, "It left today.")
    world.later(seconds=11)
    before = world.ticket(number)
    world.mail("Another thing.", answers="<first@example.com>")
    assert world.ticket(number).status is Status.OPEN
    world.desk.split_off(number, ids(world, number, "Another thing."), ANN)
    after = world.ticket(number)
    assert (after.status, after.heard_at, after.pending_at) == (Status.PENDING, before.heard_at, before.pending_at)


def test_what_somebody_else_wrote_becomes_their_ticket_and_what_several_wrote_none(world: World, number: int) -> None:
    world.mail("Dan knows.", answers="<first@example.com>", copied=(Address("email", DAN, "Dan Brown"),))
    world.desk.reply(number, ANN, "Thank you.", copied=[DAN])
    world.later(seconds=11)
    token = next(out.reply_token for out in reversed(world.sent) if out.part is Part.REPLY)
    assert token is not None
    assert world.mail("I need one, too.", sender=DAN, name="Dan Brown", reply_tokens=(token,)) == number
    with pytest.raises(Refused, match="several people"):
        world.desk.split_off(number, ids(world, number, "Dan knows.", "I need one, too."), ANN)
    own = world.desk.split_off(number, ids(world, number, "I need one, too."), ANN)
    assert own is not None
    world.desk.reply(own, ANN, "One for you.")
    world.later(seconds=11)
    assert {out.to[0].address for out in world.sent if out.ticket == own} == {DAN}


def test_what_a_ticket_is_about_stays_with_it_and_so_do_our_words(world: World, number: int) -> None:
    message = world.desk.reply(number, ANN, "It left today.")
    assert message is not None
    first = ids(world, number, "My order has not arrived.")
    for wrong in ([], first, [message], [9999]):
        with pytest.raises(Refused):
            world.desk.split_off(number, wrong, ANN)


def test_what_was_split_off_can_be_merged_again(world: World, number: int) -> None:
    own = world.desk.split_off(number, ids(world, number, "It says 10, not 1."), ANN)
    assert own is not None
    world.desk.merge([own], number, ANN)
    assert world.mail("Well?", answers="<third@example.com>") == number


def test_in_a_chat_what_is_split_off_goes_on_there(world: World) -> None:
    number = world.chat("Where is it?")
    assert world.chat("And my invoice is wrong.") == number
    own = world.desk.split_off(number, ids(world, number, "And my invoice is wrong."), ANN)
    assert own is not None
    assert world.ticket(own).thread == world.ticket(number).thread
    world.desk.reply(own, ANN, "Here is another one.")
    world.later(seconds=11)
    world.later(seconds=11)  # after what the chat was told before
    assert [out.to[0].address for out in world.sent if out.part is Part.REPLY] == ["7001"]


def test_a_click_that_comes_twice_splits_once(world: World, number: int) -> None:
    act = world.desk.accept_act("a click", {})
    those = ids(world, number, "It says 10, not 1.")
    own = world.desk.split_off(number, those, ANN._replace(act=act))
    assert own is not None
    assert world.desk.split_off(number, those, ANN._replace(act=act)) is None


# What tickets are to each other


def test_a_link_stands_on_both_cards_until_it_is_taken_back(world: World, number: int) -> None:
    problem = world.mail("The shop is down.", sender=DAN, name="Dan Brown")
    world.desk.relate(number, problem, Kinship.INCIDENT_OF, ANN)
    for one in (number, problem):
        [link] = world.desk.card(one).company.relations
        assert (link.one, link.other, link.kind, link.by) == (number, problem, Kinship.INCIDENT_OF, ANN.agent)
    assert world.desk.card(problem).company.incidents == 1
    assert world.desk.card(number).company.incidents == 0
    with pytest.raises(Refused, match="linked so already"):
        world.desk.relate(number, problem, Kinship.INCIDENT_OF, JONAS)
    world.desk.unrelate(number, problem, Kinship.INCIDENT_OF, JONAS)
    assert world.desk.card(problem).company.relations == []
    with pytest.raises(NotFound):
        world.desk.unrelate(number, problem, Kinship.INCIDENT_OF, JONAS)
    happened = [type(one) for one in world.desk.story(problem).happened]
    assert happened[-2:] == [e.Related, e.Unrelated]


def test_causes_do_not_go_round(world: World, number: int) -> None:
    second = world.mail("Two", sender=DAN, name="Dan Brown")
    third = world.mail("Three", sender=DAN, name="Dan Brown", subject="Three")
    with pytest.raises(Refused, match="itself"):
        world.desk.relate(number, number, Kinship.RELATED, ANN)
    world.desk.relate(number, second, Kinship.CAUSED_BY, ANN)
    world.desk.relate(second, third, Kinship.INCIDENT_OF, ANN)
    with pytest.raises(Refused, match="round in a circle"):
        world.desk.relate(third, number, Kinship.CAUSED_BY, ANN)
    world.desk.relate(third, number, Kinship.RELATED, ANN)


def test_a_link_to_what_was_merged_is_one_to_where_it_goes_on(world: World, number: int) -> None:
    other = world.mail("More", subject="More")
    third = world.mail("Two", sender=DAN, name="Dan Brown")
    world.desk.merge([other], number, ANN)
    world.desk.relate(third, other, Kinship.RELATED, ANN)
    assert world.desk.card(number).company.relations[0].one == third
