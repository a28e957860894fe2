"""Use cases of one person on several channels: who may be whom, who is found to be so, and all of it taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.desk.splitting_off import SplittingOff
from core.phrases import Phrase, Refused, phrase
from core.rulebook.kinds import normal_domain
from core.storage import hints, people, rooms, tickets, unions, ways
from core.storage.database import Tx, question, use_case
from core.storage.hints import Found
from core.storage.people import Identity
from core.storage.rooms import Post
from core.storage.tickets import Page
from core.storage.unions import Union
from core.tickets import events as e
from core.tickets.model import By, Ticket
from core.tickets.persons import Proof, Reason, Verdict, in_words, typed_address
from core.tickets.shared_domains import SHARED
from core.tickets.tasks import CHANNEL as TASKS
from core.tickets.tasks import refuse_outside

MOST_SUGGESTED = 5
MOST_LISTED = 10
"""Earlier tickets that are listed; of more it is said how many there are."""


class Suggestion(NamedTuple):
    """Somebody who may be the same person: by which addresses they are known, and why it may be so."""

    person: int
    known: Sequence[Identity]
    reasons: Sequence[Phrase]


class House(NamedTuple):
    """The organisation that a customer belongs to, as far as it is known. A workspace that the rulebook does not name
    has a number only, which says nothing to people.
    """

    name: str | Phrase
    tier: str | None = None
    houses: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Everything that is known of a ticket's requester, on all channels."""

    ticket: Ticket
    known: Sequence[Identity]
    unions: Sequence[Union]  # by what these are one person
    apart: Sequence[Union]  # who was found not to be them, with whom they could be mistaken
    suggestions: Sequence[Suggestion]
    earlier: Page
    house: House | None
    of_house: Page
    agents: Mapping[str, str]  # names by their ids
    concerned: Mapping[int, Identity]  # those who were found to be one, or apart
    cards: Mapping[int, Post]  # where the tickets' cards stand


class Glance(NamedTuple):
    """What of it stands on the card: how many tickets there are beside this one, and whether they may be known."""

    earlier: int = 0
    house: House | None = None
    of_house: int = 0
    may_be_known: bool = False


NOTHING_KNOWN = Glance()


class Persons(SplittingOff):
    """One person."""

    @question
    def identities(self, tx: Tx, number: int) -> list[Identity]:
        """Every address that the requester of a ticket is known by, and how."""
        return people.identities_of(tx, tickets.look(tx, number)[0].requester)

    @question
    def person(self, tx: Tx, number: int) -> Person:
        """Who the requester of a ticket is, as far as it is known."""
        ticket, _ = tickets.look(tx, number)
        known = people.identities_of(tx, ticket.requester)
        stands = unions.standing(tx, ticket.requester)
        house = self.house_of(tx, known)
        earlier, of_house = self._history(tx, ticket, house, MOST_LISTED)
        listed = [line.ticket.number for line in (*earlier.lines, *of_house.lines)]
        concerned = sorted({one for union in stands for one in (union.one, union.other)})
        return Person(
            ticket=ticket,
            known=known,
            unions=[union for union in stands if union.verdict is Verdict.ONE],
            apart=[union for union in stands if union.verdict is Verdict.APART],
            suggestions=self._suggestions(tx, ticket.requester, house),
            earlier=earlier,
            house=house,
            of_house=of_house,
            agents=people.names(tx),
            concerned={one: known for one in concerned if (known := people.identity(tx, one)) is not None},
            cards={number: post for number in listed if (post := rooms.post_of(tx, number)) is not None},
        )

    def glance(self, tx: Tx, ticket: Ticket) -> Glance:
        """What the card says of it."""
        person = ticket.requester
        house = self.house_of(tx, people.identities_of(tx, person))
        of_house = tickets.count_of_houses(tx, house.houses, person, ticket.number) if house else 0
        may_be = bool(self._found(tx, person, house))
        return Glance(tickets.count_of_person(tx, person, ticket.number), house, of_house, may_be)

    @use_case
    def unite(self, tx: Tx, number: int, other: int, by: By) -> None:
        """An agent says that the requester of a ticket and somebody else are one person. Raises Refused."""
        if not self.begin_act(tx, by):
            return
        with self.changing(tx, number) as change:
            refuse_outside(change.ticket)
            mine = change.ticket.requester
            if people.are_one(tx, mine, other):
                raise Refused(phrase("They count as one person already."))
            there = people.identity(tx, other)
            if there is None or there.address.channel == TASKS:
                raise Refused(phrase("Nobody is known by that any more."))
            for union in unions.standing(tx, mine):
                if union.verdict is Verdict.APART and _is_between(tx, union, mine, other):
                    unions.take_back(tx, union.id, by.agent)
            id = unions.find(tx, mine, other, Verdict.ONE, Proof.AGENT, by.agent)
            change.happen([e.Merged(at=tx.now, union=id, one=mine, other=other, by=by.agent)])
            self.redraw(tx, mine, other)

    @use_case
    def keep_apart(self, tx: Tx, number: int, other: int, by: By) -> None:
        """An agent says that they are not: it is not suggested again. Raises Refused where they are."""
        if not self.begin_act(tx, by):
            return
        with self.changing(tx, number) as change:
            refuse_outside(change.ticket)
            mine = change.ticket.requester
            if people.are_one(tx, mine, other):
                raise Refused(phrase("They count as one person already."))
            id = unions.find(tx, mine, other, Verdict.APART, Proof.AGENT, by.agent)
            change.happen([e.Split(at=tx.now, union=id, one=mine, other=other, by=by.agent)])
            self.redraw(tx, mine, other)

    @use_case
    def split(self, tx: Tx, number: int, union: int, by: By) -> None:
        """Take back that two are one person, or that they are not. Everything is theirs again that was theirs before:
        nothing was moved. Raises NotFound where it was taken back already.
        """
        if not self.begin_act(tx, by):
            return
        was = unions.take_back(tx, union, by.agent)
        self.redraw(tx, was.one, was.other)
        for ticket in {*ways.tickets_of(tx, people.members(was.one)), *ways.tickets_of(tx, people.members(was.other))}:
            requester = tickets.look(tx, ticket)[0].requester
            for way in ways.of(tx, ticket):
                if way.person is not None and not people.are_one(tx, way.person, requester):
                    self.go_back(tx, ticket, way.person, by.agent)
        self.part_merged(tx, tickets.merged_of(tx, [was.one, was.other]), by)
        with self.changing(tx, number) as change:
            if was.verdict is Verdict.ONE:
                change.happen([e.Split(at=tx.now, union=union, one=was.one, other=was.other, by=by.agent)])

    @use_case
    def add_address(self, tx: Tx, number: int, address: str, by: By) -> None:
        """An agent knows an address of the customer's, on whatever channel: whoever has it is the same person. Raises
        Refused.
        """
        if not self.begin_act(tx, by):
            return
        there = typed_address(address)
        if there is None:
            raise Refused(
                phrase(
                    "That is no mail address, and none of another channel: {address}. Give one of another channel as "
                    "the window of a customer shows it, like Telegram: 20000001 or Slack: T0123:U0456.",
                    address=address.strip(),
                )
            )
        if there.channel == "email" and self.book_in(tx).mailbox_for(there.address) is not None:
            raise Refused(phrase("That is an address of the desk's own: {address}", address=there.address))
        with self.changing(tx, number) as change:
            refuse_outside(change.ticket)
            mine = change.ticket.requester
            other = people.meet(tx, people.person_at(tx, there), there, None, Proof.AGENT)
            if people.are_one(tx, mine, other.id):
                raise Refused(phrase("They count as one person already."))
            id = unions.find(tx, mine, other.id, Verdict.ONE, Proof.AGENT, by.agent)
            change.happen([e.Merged(at=tx.now, union=id, one=mine, other=other.id, by=by.agent)])
            self.redraw(tx, mine, other.id)

    # How it is found

    def house_of(self, tx: Tx, known: Sequence[Identity]) -> House | None:
        """The organisation of somebody with these addresses: the rulebook's, else the domain that vouches for their
        mail, where not everybody may have an address there, or their Slack workspace. What somebody was only said to be
        proves nothing.
        """
        book = self.book_in(tx)
        heard = [one for one in known if one.house and one.proof is not Proof.SAID]
        for one in heard:
            if found := book.organisation_at(one.house or ""):
                mail = [("email", normal_domain(domain)) for domain in found.domains]
                slack = [("slack", workspace) for workspace in found.workspaces]
                return House(found.name, found.tier, [*mail, *slack])
        for one in heard:
            if one.proof is not Proof.WROTE and one.house not in SHARED:
                name = one.house or "" if one.address.channel == "email" else phrase("the customer's Slack workspace")
                return House(name, None, [(one.address.channel, one.house or "")])
        return None

    def _history(self, tx: Tx, ticket: Ticket, house: House | None, most: int) -> tuple[Page, Page]:
        person, number = ticket.requester, ticket.number
        of_house = tickets.of_houses(tx, house.houses, person, number, most) if house else Page()
        return tickets.of_person(tx, person, number, most), of_house

    def _found(self, tx: Tx, person: int, house: House | None) -> list[Found]:
        linked = [Found(one, Reason.LINK, "") for one in ways.used_by(tx, person)]
        found = [*hints.undecided(tx, person, linked), *hints.resembling(tx, person)]
        return [*found, *(hints.namesakes(tx, person, house.houses) if house else ())]

    def _suggestions(self, tx: Tx, person: int, house: House | None) -> list[Suggestion]:
        """Who may be the same person. What belongs together is suggested together."""
        reasons: dict[int, list[Phrase]] = {}
        known: dict[int, list[Identity]] = {}
        for found in self._found(tx, person, house):
            identities = people.identities_of(tx, found.person)
            if not identities:
                continue
            whole = min(one.person for one in identities)
            said = in_words(found.reason, house.name if found.reason is Reason.NAME and house else found.said)
            known[whole] = identities
            if said not in reasons.setdefault(whole, []):
                reasons[whole].append(said)
        return [Suggestion(whole, known[whole], said) for whole, said in reasons.items()][:MOST_SUGGESTED]


def _is_between(tx: Tx, union: Union, one: int, other: int) -> bool:
    ends = [(union.one, union.other), (union.other, union.one)]
    return any(people.are_one(tx, a, one) and people.are_one(tx, b, other) for a, b in ends)
