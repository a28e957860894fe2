"""Whose mail is blocked opens nothing and is answered by nothing; it stays kept, and the desk cannot block itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phrases import NotFound, Refused
from core.tickets.blocking import Shared, is_shared, pattern_of, patterns_of
from core.tickets.model import Nature, Status
from tests.core.test_kept_out import kept_out
from tests.core.test_why import told
from tests.world import ANN, JONAS, SAM, World


@pytest.mark.parametrize("said", ["eve@example.org", " <EVE@Example.org> ", "example.org", "@EXAMPLE.ORG"])
def test_mail_of_who_is_blocked_opens_nothing_and_is_acknowledged_by_nothing(world: World, said: str) -> None:
    world.desk.block(said, SAM, "sells watches")
    assert world.mail_at_all("Buy a watch", sender="Eve@example.org") is None
    world.settle()
    assert world.sent == []
    assert world.desk.held().total == 0
    [piece] = world.desk.kept_out(("blocked",))
    assert world.desk.raw_of(piece.id) == b"Buy a watch"
    assert world.mail("Hello", sender="carla@example.com") == 1


def test_a_domain_is_blocked_with_what_lies_in_it_and_nothing_that_only_ends_alike(world: World) -> None:
    world.desk.block("example.org", SAM)
    assert world.mail_at_all(sender="eve@mail.example.org") is None
    assert world.mail_at_all(sender="max@goodexample.org") is not None
    assert world.mail_at_all(sender="max@example.org.example") is not None


def test_an_answer_of_who_is_blocked_reaches_no_ticket_and_those_that_are_open_stay_as_they_are(world: World) -> None:
    number = world.mail(id="<one@example.com>")
    world.desk.claim(number, ANN)
    world.desk.block("carla@example.com", ANN)
    assert world.ticket(number).status is Status.OPEN
    assert world.mail_at_all("More", answers="<one@example.com>") is None
    assert "More" not in [message.text for message in world.said(number)]
    world.desk.reply(number, ANN, "We are done.")
    world.later(seconds=11)
    assert world.sent[-1].text == "We are done."


def test_that_our_own_message_failed_is_heard_whoever_says_so(world: World) -> None:
    number = world.mail()
    world.desk.reply(number, ANN, "It left today.")
    world.later(seconds=11)
    world.desk.block("mailer.example", SAM)
    ours = world.sent[-1].external_id
    world.mail_at_all("No such user", nature=Nature.BOUNCE, answers=ours, sender="daemon@mailer.example")
    assert world.ticket(number).status is Status.OPEN
    assert world.desk.count_kept_out(("blocked",)) == 0


def test_one_mail_can_be_let_in_all_the_same(world: World) -> None:
    world.desk.block("eve@example.org", SAM)
    world.mail_at_all("Sorry!", sender="eve@example.org")
    assert world.desk.admit(1, ANN)
    world.settle()
    assert world.said(1)[0].text == "Sorry!"
    assert world.mail_at_all("Again", sender="eve@example.org") is None


def test_who_is_not_blocked_any_more_is_heard_and_what_came_meanwhile_stays_put_away(world: World) -> None:
    world.desk.block("eve@example.org", SAM)
    world.mail_at_all("Sorry!", sender="eve@example.org")
    world.desk.unblock("EVE@example.org", SAM)
    assert world.mail("Better", sender="eve@example.org") == 1
    assert "was blocked then, and is not any more" in told(world, 1)
    with pytest.raises(NotFound, match="not blocked"):
        world.desk.unblock("eve@example.org", SAM)


def test_what_waits_of_a_sender_is_put_away_when_they_are_blocked(world: World) -> None:
    theirs = [kept_out(world, sender="eve@example.org"), kept_out(world, sender="eve@sub.example.org")]
    other = kept_out(world, sender="max@goodexample.org")
    world.desk.block("example.org", SAM, of=theirs[0])
    assert [piece.id for piece in world.desk.held().pieces] == [other]
    assert world.desk.handled(theirs[0]).text == "{name} blocked the sender of this mail {ago}."


def test_it_is_told_who_blocked_whom_when_and_why(world: World) -> None:
    world.desk.block("eve@example.org", ANN, "sells watches")
    [shut] = world.desk.blocked()
    assert (shut.whom, shut.by, shut.why) == ("eve@example.org", "Ann Walker", "sells watches")
    with pytest.raises(Refused, match=r"Ann Walker blocked eve@example\.org .* already"):
        world.desk.block("eve@example.org", JONAS)
    world.mail_at_all(sender="eve@example.org")
    why = told(world, "eve@example.org")
    assert "Its sender is blocked by eve@example.org: Ann Walker said so 1 second ago." in why
    assert "The reason given: sells watches" in why


@pytest.mark.parametrize("said", ["support@desk.example", "desk.example", "Ann@desk.example"])
def test_nobody_of_this_desk_can_be_blocked(world: World, said: str) -> None:
    with pytest.raises(Refused, match="who is of this desk"):
        world.desk.block(said, SAM)
    assert world.desk.blocked() == []


@pytest.mark.parametrize("said", ["gmail.com", "@Web.de", "co.uk", "com.au"])
def test_a_domain_of_everybodys_is_blocked_only_by_who_says_twice_that_they_mean_it(world: World, said: str) -> None:
    with pytest.raises(Shared, match="Very many people"):
        world.desk.block(said, SAM)
    world.desk.block(said, SAM, sure=True)
    assert len(world.desk.blocked()) == 1
    assert not is_shared("eve@gmail.com")


@pytest.mark.parametrize(
    "said", ["", "com", "@", "eve@", "a b@example.org", "*@example.org", "example..org", "x" * 300 + ".org"]
)
def test_what_is_no_address_and_no_domain_is_refused(world: World, said: str) -> None:
    with pytest.raises(Refused, match="neither a mail address nor a domain"):
        world.desk.block(said, SAM)


def test_a_click_that_comes_twice_blocks_once(world: World) -> None:
    act = world.desk.accept_act("did:1", {})
    by = ANN._replace(act=act)
    assert world.desk.block("eve@example.org", by) == world.desk.block("eve@example.org", by) == "eve@example.org"


def test_a_name_with_other_letters_is_blocked_in_the_form_that_mail_has() -> None:
    assert pattern_of("eve@müller.example") == "eve@xn--mller-kva.example"
    assert pattern_of("müller.example") == "@xn--mller-kva.example"


labels = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)


@given(local=labels, domain=st.lists(labels, min_size=2, max_size=6))
def test_an_address_is_found_by_itself_and_by_every_domain_that_it_lies_in(local: str, domain: list[str]) -> None:
    address = f"{local}@{'.'.join(domain)}"
    found = patterns_of(address)
    assert found[0] == pattern_of(address)
    for n in range(len(domain) - 1):
        assert pattern_of(".".join(domain[n:])) in found
    assert f"@{domain[-1]}" not in found
