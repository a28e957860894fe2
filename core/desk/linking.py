"""Use cases of links that bring a customer from one channel to another: made by us, signed, for one, once, for days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from core.desk.going_over import GoingOver
from core.desk.house import Change
from core.desk.writing import remark
from core.phrases import NotFound, Refused, phrase
from core.storage import people, tickets, unions, ways
from core.storage.database import Tx, question, use_case
from core.storage.ways import Door, Link, Way
from core.templates.locales import negotiate, translate
from core.tickets import events as e
from core.tickets.channels import manner
from core.tickets.follow_up import link_of, links_in, start_token
from core.tickets.model import Address, By, Thread, Ticket
from core.tickets.persons import Proof, Verdict

GOOD_FOR = timedelta(days=7)
"""So long a link is worth something."""


class Linking(GoingOver):
    """Links."""

    @use_case
    def open_door(self, tx: Tx, channel: str, door: str, link: str) -> None:
        """Our own address on a channel, and what brings somebody there: `link` has "{token}" in it."""
        ways.keep_door(tx, Door(channel, door, link))

    @question
    def invites(self, tx: Tx, number: int) -> list[str]:
        """The channels that a ticket's customer can be invited to: where they are not known yet."""
        ticket, words = tickets.look(tx, number)
        if not self._is_for_them_alone(tx, ticket, words):
            return []
        there = {one.address.channel for one in people.identities_of(tx, ticket.requester) if one.place}
        return [door.channel for door in ways.every_door(tx) if door.channel not in there]

    @use_case
    def invite(self, tx: Tx, number: int, channel: str, by: By) -> str | None:
        """A sentence for an answer, in the customer's language, with a link that lets them go on with this ticket on
        another channel. Whoever follows it first is known to be the customer. None: this was done before.
        """
        if not self.begin_act(tx, by):
            return None
        ticket, words = tickets.look(tx, number)
        if not self._is_for_them_alone(tx, ticket, words):
            raise _not_for_others()
        door = next((one for one in ways.every_door(tx) if one.channel == channel), None)
        if door is None:
            raise NotFound(phrase("The desk has no address on that channel."))
        id = ways.invite(tx, channel, number, ticket.requester, by.agent, tx.now + GOOD_FOR)
        newest = max(self.keys_in(tx))
        link = door.link.replace("{token}", start_token(self.keys_in(tx)[newest], id, newest))
        said = phrase(
            "If you would rather chat, go on with this in {channel}: {link} (for you only, good for seven days)",
            channel=channel.capitalize(),
            link=link,
        )
        return translate(said, negotiate(ticket.language, "en", among=("en", "de")) or "en")

    def follow_link(self, tx: Tx, channel: str, payload: str, person: people.Person) -> int | None:
        """Somebody opened a chat by a link: the ticket that they go on with there. None where it is worth nothing."""
        id = link_of(self.keys_in(tx), payload)
        link = ways.link(tx, id) if id is not None else None
        if link is None or link.channel != channel or link.used_by not in (None, person.id):
            return None
        if link.used_by == person.id:
            return link.ticket if people.are_one(tx, link.person, person.id) else None
        there = people.identity(tx, person.id)
        if tx.now > link.until or there is None or there.place is None:
            return None
        ways.use(tx, link.id, person.id)
        with self.changing(tx, link.ticket) as change:
            if not self._are_found_one(tx, change, link, person):
                told = phrase(
                    "{name} followed the link that was made for the customer, but is known as somebody else. Nothing "
                    "was joined; look at “Customer and history” in the menu of the card.",
                    name=person.name,
                )
                remark(self, tx, change, "link", told)
                return None
            thread = Thread(channel, there.thread or "")
            self.also_goes_on(tx, change, Way(thread, there.door or "", there.place, person.id))
            told = phrase(
                "{name} followed our signed link and counts as the same person as the customer: what they write in "
                "their chat belongs to this ticket. If that is wrong, take it back under “Customer and history” in "
                "the menu of the card.",
                name=person.name or there.address.address,
            )
            remark(self, tx, change, "link", told)
        return link.ticket

    def check_links(self, tx: Tx, change: Change, text: str, copies: Sequence[Address]) -> None:
        """Whether the links in an answer may leave with it: to nobody but whom they were made for. Raises Refused."""
        for id in links_in(self.keys_in(tx), text):
            link = ways.link(tx, id)
            is_theirs = link is not None and link.ticket == change.ticket.number
            if copies or not is_theirs or not self._is_for_them_alone(tx, change.ticket, change.words):
                raise _not_for_others()

    def refuse_links(self, tx: Tx, text: str) -> None:
        """What goes where others may read it takes no invitation along. Raises Refused."""
        if links_in(self.keys_in(tx), text):
            raise _not_for_others()

    def _is_for_them_alone(self, tx: Tx, ticket: Ticket, words: tickets.Words) -> bool:
        """Whether answers go by mail, and to an address of the requester's own: where they asked for another one, who
        reads them there need not be who they say.
        """
        channel = ticket.thread.channel
        if not manner(channel).letters or not words.answer_to:
            return False
        reader = people.person_at(tx, Address(channel, words.answer_to))
        return reader is not None and people.are_one(tx, reader.id, ticket.requester)

    def _are_found_one(self, tx: Tx, change: Change, link: Link, person: people.Person) -> bool:
        """Whether who followed a link is the one it was made for. It proves so at once of somebody of whom nothing else
        is known; who was found to be somebody else, or not to be this one, is for an agent to decide.
        """
        if people.are_one(tx, link.person, person.id):
            return True
        known = unions.standing(tx, person.id)
        if known:
            return False
        id = unions.find(tx, link.person, person.id, Verdict.ONE, Proof.LINK, link.by)
        people.prove(tx, person.id, Proof.LINK)
        change.happen([e.Merged(at=tx.now, union=id, one=link.person, other=person.id)])
        self.redraw(tx, link.person)
        return True


def _not_for_others() -> Refused:
    return Refused(
        phrase(
            "An invitation proves who follows it, so it goes to the customer's own address only, in their own ticket, "
            "and to nobody else. Take it out, or send this without copies."
        )
    )
