"""Who may be whom is suggested with the reason; joined and split by agents, and nothing is lost on either way."""

from __future__ import annotations

from dataclasses import asdict
from random import Random
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.desk.persons import House
from core.phrases import Refused
from core.rulebook import Organisation
from core.storage import people, unions
from core.storage.database import Tx
from core.storage.schema import people as table
from core.tickets.model import Address, Vouch, Vouched
from core.tickets.persons import MOST_HINTS, Hint, Proof, Verdict, hints_in, house_of, together
from tests.world import ANN, JONAS, World

PASSED = Vouched(Vouch.PASSED, "example.com")


def suggested(world: World, number: int) -> list[tuple[list[str], list[str]]]:
    """By which addresses those are known who may be the requester, and why."""
    found = world.desk.person(number).suggestions
    return [([one.address.address for one in it.known], [reason.text for reason in it.reasons]) for it in found]


def mine(world: World, number: int) -> list[str]:
    return [one.address.address for one in world.desk.identities(number)]


# What is suggested


def test_a_mail_address_that_somebody_writes_in_a_chat_is_a_hint_on_both_sides_and_joins_nobody(world: World) -> None:
    mail = world.mail()
    chat = world.chat("Please answer to Carla@Example.com, I am Carla.", name="Eve")
    assert suggested(world, chat) == [
        (["carla@example.com"], ["the customer wrote this mail address in a chat: {address}"])
    ]
    assert suggested(world, mail) == [(["7001"], ["they wrote the customer's mail address in a chat: {address}"])]
    assert world.desk.card(chat).glance.may_be_known
    assert mine(world, chat) == ["7001"]
    assert world.desk.other_ways(mail) == []
    assert world.chat("And what became of it?", name="Eve") == chat, "nobody is in anybody else's ticket"


def test_addresses_in_letters_are_anybodys(world: World) -> None:
    world.mail()
    other = world.mail("Dear Sirs, carla@example.com told me …", sender="dan@example.org", name="Dan Brown")
    assert suggested(world, other) == []


def test_the_same_telephone_number_is_a_hint(world: World) -> None:
    mail = world.mail("Call me: +49 (170) 123-45-67")
    chat = world.chat("👤 Carla, 0049 170 1234567")
    assert [reasons for _, reasons in suggested(world, chat)] == [["both gave the telephone number {number}"]]
    assert [known for known, _ in suggested(world, mail)] == [["7001"]]


def test_the_same_name_counts_in_one_organisation_only(world: World) -> None:
    first = world.mail(sender="carla@example.com", vouched=PASSED)
    world.mail(sender="c.gomez@example.com", subject="Else", vouched=PASSED)
    world.mail(sender="carla@example.net", subject="Else", vouched=Vouched(Vouch.PASSED, "example.net"))
    assert suggested(world, first) == [(["c.gomez@example.com"], ["the same name at {organisation}"])]


def test_what_an_agent_says_is_somebody_else_is_not_suggested_again_until_that_is_taken_back(world: World) -> None:
    world.mail()
    chat = world.chat("Answer to carla@example.com")
    [found] = world.desk.person(chat).suggestions
    world.desk.keep_apart(chat, found.person, ANN)
    assert suggested(world, chat) == []
    assert not world.desk.card(chat).glance.may_be_known
    [apart] = world.desk.person(chat).apart
    world.desk.split(chat, apart.id, JONAS)
    assert len(suggested(world, chat)) == 1


# Joined and split


def test_an_agent_joins_and_splits_and_each_has_what_they_had(world: World) -> None:
    mail = world.mail()
    chat = world.chat("Answer to carla@example.com")
    [found] = world.desk.person(chat).suggestions
    before = [asdict(world.ticket(number)) | {"version": 0} for number in (mail, chat)]
    world.desk.unite(chat, found.person, ANN)
    assert mine(world, mail) == mine(world, chat) == ["carla@example.com", "7001"]
    assert [line.ticket.number for line in world.desk.person(mail).earlier.lines] == [chat]
    assert world.desk.card(chat).glance.earlier == 1
    assert [one.address.channel for one in world.desk.other_ways(chat)] == ["email"]
    with pytest.raises(Refused, match="already"):
        world.desk.unite(mail, found.person, JONAS)
    [union] = world.desk.person(mail).unions
    world.desk.split(mail, union.id, JONAS)
    assert (mine(world, mail), mine(world, chat)) == (["carla@example.com"], ["7001"])
    assert [asdict(world.ticket(number)) | {"version": 0} for number in (mail, chat)] == before
    assert len(suggested(world, chat)) == 1, "as it was"


def test_an_address_that_an_agent_gives_is_the_customers_and_can_be_taken_back(world: World) -> None:
    chat = world.chat("Hello")
    world.desk.add_address(chat, " carla@example.com ", ANN)
    assert {one.address.channel: one.proof for one in world.desk.identities(chat)} == {
        "telegram": Proof.VOUCHED,
        "email": Proof.AGENT,
    }
    for wrong in ("carla", "a b@example.com", "support@desk.example"):
        with pytest.raises(Refused):
            world.desk.add_address(chat, wrong, ANN)
    [union] = world.desk.person(chat).unions
    world.desk.split(chat, union.id, ANN)
    assert mine(world, chat) == ["7001"]


def test_a_mail_that_is_forged_proves_nothing_of_its_address(world: World) -> None:
    number = world.mail(vouched=Vouched(Vouch.FAILED, "example.com"))
    assert [one.proof for one in world.desk.identities(number)] == [Proof.SAID]
    assert world.desk.card(number).glance.house is None
    world.mail("Really", subject="x", vouched=PASSED)
    assert [one.proof for one in world.desk.identities(number)] == [Proof.VOUCHED]
    world.mail("Again", subject="y", vouched=Vouched(Vouch.FAILED, "example.com"))
    assert [one.proof for one in world.desk.identities(number)] == [Proof.VOUCHED], "it is not forgotten either"


PEOPLE = range(6)
pairs = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(pairs, st.integers(0, 20)), max_size=10), st.integers(0, 2**32))
def test_whatever_is_joined_and_split_in_whatever_order_leads_back_to_the_beginning(
    world: World, steps: list[tuple[int, int] | int], seed: int
) -> None:
    """A pair is joined; a number takes back one of the joinings that stand. At the end all are taken back."""

    def play(tx: Tx) -> None:
        met = [people.meet(tx, None, Address("chat", str(uuid4())), None).id for _ in PEOPLE]
        stands: dict[int, tuple[int, int]] = {}

        def take_back(union: int) -> None:
            unions.take_back(tx, union, "T1:ANN")
            del stands[union]

        def check() -> None:
            least = together(met, stands.values())
            wholes = tx.sql.execute(sa.select(table.c.id, table.c.whole).where(table.c.id.in_(met))).all()
            for id, whole in wholes:
                alone = list(least.values()).count(least[id]) == 1
                assert whole == (None if alone else least[id])

        for step in steps:
            if isinstance(step, tuple) and step[0] != step[1]:
                one, other = met[step[0]], met[step[1]]
                stands[unions.find(tx, one, other, Verdict.ONE, Proof.AGENT, "T1:ANN")] = (one, other)
            elif isinstance(step, int) and stands:
                take_back(list(stands)[step % len(stands)])
            check()
        for union in Random(seed).sample(list(stands), len(stands)):
            take_back(union)
            check()
        assert not stands

    world.desk.db.run(play)


@given(st.lists(pairs, max_size=12), st.data())
def test_any_joinings_and_splittings_give_back_the_beginning(
    joined: list[tuple[int, int]], data: st.DataObject
) -> None:
    """What is one depends on what stands, and on nothing else: so what is taken back leaves no trace, in any order."""
    left = data.draw(st.permutations(joined))
    while left:
        once = together(PEOPLE, left)
        assert together(PEOPLE, reversed(left)) == once
        for one, other in left:
            assert once[one] == once[other]
        left = left[1:]
    assert together(PEOPLE, left) == {one: one for one in PEOPLE}


@given(st.text(alphabet="ab0123456789+@. -()/", max_size=400), st.booleans())
def test_hints_are_few_and_short_whatever_is_written(text: str, is_letter: bool) -> None:
    found = hints_in(text, is_letter)
    assert len(found) <= MOST_HINTS
    assert all(len(one.value) <= 200 for one in found)


def test_hints_are_addresses_and_numbers_as_people_write_them() -> None:
    assert hints_in("me@example.com, +44 20 7946 0958", False) == [
        Hint("mail", "me@example.com"),
        Hint("phone", "442079460958"),
    ]
    assert hints_in("Order 00012345, 2026-03-02, 12:00", False) == []


# Organisations


def test_a_domain_that_vouches_for_its_mail_is_an_organisation_but_not_everybodys(world: World) -> None:
    first = world.mail(vouched=PASSED)
    world.mail(sender="dan@example.com", name="Dan Brown", subject="Else", vouched=PASSED)
    seen = world.desk.card(first).glance
    assert (seen.house, seen.of_house, seen.earlier) == (House("example.com", None, [("email", "example.com")]), 1, 0)
    free = world.mail(sender="x@gmail.com", name="X", vouched=Vouched(Vouch.PASSED, "gmail.com"))
    assert world.desk.card(free).glance.house is None


def test_the_rulebook_names_organisations_with_tier_language_and_workspaces(world: World) -> None:
    acme = Organisation(
        name="Acme", domains=("example.com", "acme.example"), workspaces=("T9ACME",), tier="Gold", language="de"
    )
    world.desk.apply(world.book.model_copy(update={"organisations": (acme,)}), "test")
    first = world.mail("1234", sender="carla@example.com")
    world.mail("5678", sender="dan@acme.example", name="Dan Brown", subject="Else")
    seen = world.desk.card(first).glance
    assert seen.house is not None
    assert (seen.house.name, seen.house.tier, seen.of_house) == ("Acme", "Gold", 1)
    assert world.ticket(first).language == "de", "where their own is not known"
    [line] = world.desk.person(first).of_house.lines
    assert line.subject == "Else"
    found = world.book.model_copy(update={"organisations": (acme,)}).organisation_at("t9acme")
    assert found is acme or found == acme


@pytest.mark.parametrize(
    ("address", "house"),
    [
        ("Carla@Example.com", "example.com"),
        ("T9ACME:U0CARLA", "T9ACME"),
        ("7001", None),
        ("form:someone", None),
        ("@", None),
        ("", None),
    ],
)
def test_an_organisation_is_named_by_a_mails_domain_or_a_workspace(address: str, house: str | None) -> None:
    assert house_of(Address("any", address)) == house
