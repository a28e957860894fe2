"""Use cases of strangers: who wrote without taking part in a ticket is let in, or gets a ticket of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from core.desk.blocking import Blocking
from core.desk.house import Change
from core.desk.intake import Intake
from core.effects import show_stranger
from core.phrases import NotFound, Refused, phrase
from core.routing import signals
from core.storage import blocked, ledger, messages, people, rooms, strangers, tickets
from core.storage.database import Tx, question, use_case
from core.storage.rooms import Post, Room
from core.storage.strangers import Place
from core.tickets import brakes, conversation, joining
from core.tickets.blocking import pattern_of, patterns_of
from core.tickets.follow_up import Match, is_over
from core.tickets.joining import Standing, Stranger
from core.tickets.model import Address, By, Inbound, Message, Nature, Ticket, Trail, Vouch
from core.tickets.shared_domains import SHARED

AT_ONCE = 5
"""Strangers of a ticket whose cards stand in its thread undecided; those of more come when these are decided."""


LAST = 3
"""Of a stranger's messages that wait, the last ones that their card shows."""


class Signs(NamedTuple):
    """What may help to know a stranger. None of it proves anything: names and addresses are anybody's to write."""

    is_copied: bool = False  # the customer copied them in
    colleague: str | None = None  # the agent of this desk whose address it is
    has_same_name: bool = False  # the customer's
    shared_domain: str | None = None  # the customer writes from there, too
    by_list: bool = False
    is_from: str | None = None  # the domain that vouches for it


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that a stranger's card shows, now. `said` is the last of what waits, `older` how much more there is.

    `concerns` is the agent who has the ticket. `is_in_turn`: whether its card may stand in the thread by now.
    """

    stranger: Stranger
    ticket: Ticket
    name: str
    address: str
    customer: str
    said: Sequence[Message]  # nothing once it is decided
    older: int
    signs: Signs
    decided_by: str | None
    is_blocked: bool  # their address, or its domain
    concerns: str | None
    is_in_turn: bool
    locale: str
    room: Room | None
    card: Post | None
    place: Place | None


class Joining(Blocking, Intake):
    """Strangers, decided upon."""

    @question
    def asked(self, tx: Tx, number: int, person: int) -> Asked:
        """A stranger's card as it is now. Raises NotFound."""
        stranger = self._stranger(tx, number, person)
        said = strangers.held(tx, number, person, LAST)
        ticket, words = tickets.look(tx, number)
        customer = people.person(tx, ticket.requester)
        address = _address(tx, person)
        name = said[-1].author_name if said else people.person(tx, person).name
        named = "" if people.folded(name) == people.folded(address) else name
        in_turn = [one.person for one in strangers.waiting(tx, number, AT_ONCE)]
        has_it = ticket.assignee if ticket.assignee and self.agent_in(tx, ticket.assignee) else None
        decider = people.colleague(tx, stranger.decided_by) if stranger.decided_by else None
        return Asked(
            stranger=stranger,
            ticket=ticket,
            name=named,
            address=address,
            customer=customer.name or words.answer_to,
            said=said,
            older=strangers.count_held(tx, number, person) - len(said) if said else 0,
            signs=self._signs(tx, ticket, words.answer_to, customer, address, named, said) if said else Signs(),
            decided_by=decider.name if decider else stranger.decided_by,
            is_blocked=blocked.first_of(tx, patterns_of(people.folded(address))) is not None,
            concerns=has_it,
            is_in_turn=person in in_turn,
            locale=self.book_in(tx).desk.locale,
            room=rooms.room_of(tx, ticket.queue),
            card=rooms.post_of(tx, number),
            place=strangers.place_of(tx, number, person),
        )

    @use_case
    def asked_at(self, tx: Tx, number: int, person: int, place: Place) -> None:
        """A stranger's card stands there now."""
        strangers.keep_place(tx, number, person, place)

    @use_case
    def let_in(self, tx: Tx, number: int, person: int, by: By, meant: Standing = Standing.UNDECIDED) -> None:
        """They take part from now on: what they wrote is heard, and opens the ticket again where it is closed.

        `meant` is how it stood for whoever decides. Raises Refused where somebody else has decided meanwhile.
        """
        if not self.begin_act(tx, by):
            return
        with self.changing(tx, number) as change:
            stranger, said = self._to_decide(tx, number, person, meant)
            self._check_unblocked(tx, stranger, change.ticket)
            strangers.decide(tx, stranger, Standing.IN, by.agent, stranger.own)
            change.happen(joining.let_in(stranger, by, tx.now, self._held_at(tx, number)))
            self._hear_held(tx, change, person, said)
            self._show_next(tx, change.ticket)

    @use_case
    def turn_away(self, tx: Tx, number: int, person: int, by: By, meant: Standing = Standing.UNDECIDED) -> int | None:
        """They do not take part, and what they wrote becomes a ticket of their own, or goes into the one they have.

        That ticket's number, where they have one. `meant` as in `let_in`. Raises Refused as there.
        """
        if not self.begin_act(tx, by):
            return None
        with self.changing(tx, number) as change:
            stranger, said = self._to_decide(tx, number, person, meant)
            own = self._own(tx, stranger, change.ticket, said) if said else stranger.own
            strangers.decide(tx, stranger, Standing.OUT, by.agent, own)
            change.happen(joining.turn_away(stranger, own, by, tx.now, self._held_at(tx, number)))
            self._show_next(tx, change.ticket)
        return own

    @use_case
    def shut_out(self, tx: Tx, number: int, person: int, said: str, by: By, why: str = "") -> str:
        """They do not take part, and mail from this address or domain of theirs opens nothing from now on.

        What they wrote stays in the ticket's history, and nobody is asked about it any more. What is blocked, as people
        write it. Raises Refused as `let_in` and `block` do; where it is blocked already, that is enough.
        """
        pattern = pattern_of(said)
        if not self.begin_act(tx, by):
            return pattern.removeprefix("@")
        with self.changing(tx, number) as change:
            stranger, _ = self._to_decide(tx, number, person, Standing.UNDECIDED)
            self.shut(tx, pattern, by, why)
            strangers.decide(tx, stranger, Standing.OUT, by.agent, stranger.own)
            change.happen(joining.turn_away(stranger, stranger.own, by, tx.now, self._held_at(tx, number)))
            self._show_next(tx, change.ticket)
        return pattern.removeprefix("@")

    # How it is done

    def _check_unblocked(self, tx: Tx, stranger: Stranger, ticket: Ticket) -> None:
        address = people.folded(_address(tx, stranger.person))
        shut = blocked.first_of(tx, patterns_of(address))
        if shut is not None:
            raise Refused(
                phrase(
                    "{whom} is blocked, so nothing that they write would arrive. A supervisor can unblock them first: "
                    "/desk held, then Blocked senders.",
                    whom=shut.pattern.removeprefix("@"),
                )
            )

    def _stranger(self, tx: Tx, number: int, person: int) -> Stranger:
        stranger = strangers.find(tx, number, person)
        if stranger is None:
            raise NotFound(phrase("Nobody wrote into ticket #{number} who does not take part in it.", number=number))
        return stranger

    def _to_decide(self, tx: Tx, number: int, person: int, meant: Standing) -> tuple[Stranger, list[Message]]:
        stranger = self._stranger(tx, number, person)
        said = strangers.held(tx, number, person)
        joining.check(stranger, said, meant, people.names(tx), tx.now)
        return stranger, said

    def _held_at(self, tx: Tx, number: int) -> datetime | None:
        """Since when others wait."""
        left = strangers.waiting(tx, number, 1)
        return left[0].waits_since if left else None

    def _hear_held(self, tx: Tx, change: Change, person: int, said: Sequence[Message]) -> None:
        """What was held counts from now on, each as if it came now."""
        if not said:
            return
        strangers.hear(tx, [message.id for message in said], change.ticket.number)
        speaker = people.person(tx, person)
        names = (speaker.name, *self.who_answers(tx, change))
        for message in said:
            is_thanks = signals.thanks(message.reply_text, speaker.language, names) and not message.files
            change.happen(conversation.hear(change.ticket, message.id, message.nature, is_thanks, tx.now))

    def _own(self, tx: Tx, stranger: Stranger, ticket: Ticket, said: Sequence[Message]) -> int:
        """The ticket that a stranger's words go to: the one they got before, unless it is over, else a new one."""
        if stranger.own is not None:
            with self.changing(tx, stranger.own) as change:
                if not is_over(change.ticket, self.queue_of(tx, change.ticket).reopen_within, tx.now):
                    self._hear_held(tx, change, stranger.person, said)
                    return stranger.own
        inbound = self._as_it_came(tx, stranger, ticket, said[0])
        person = people.person(tx, stranger.person)
        change = self.opened(tx, inbound, Match(None, ticket.number, "turned away"), person, person.language)
        self._hear_held(tx, change, stranger.person, said)
        if stranger.acknowledged:
            self.acknowledge(tx, change, inbound, person)
        self.carry_out(tx, change)
        self.save(change)
        return change.ticket.number

    def _as_it_came(self, tx: Tx, stranger: Stranger, ticket: Ticket, first: Message) -> Inbound:
        """What was held, as its gateway gave it, as far as a ticket is opened by it."""
        row = strangers.written(tx, first.id)
        known = people.identity(tx, stranger.person)
        channel, address = (known.address.channel, known.address.address) if known else (ticket.thread.channel, "")
        return Inbound(
            channel=channel,
            sender=Address(channel, address, people.person(tx, stranger.person).name),
            door=stranger.door,
            external_id=first.external_id or "",
            text=first.text,
            reply_text=first.reply_text,
            subject=row.subject,
            nature=first.nature,
            vouched=first.vouched,
            trail=Trail(gist=brakes.gist(row.subject, first.reply_text)),
            reply_to=stranger.answer_to if people.folded(stranger.answer_to) != people.folded(address) else None,
            answerable=bool(stranger.answer_to),
        )

    def _show_next(self, tx: Tx, ticket: Ticket) -> None:
        """Where one is decided, the card of another may come."""
        turn = strangers.unseen(tx, ticket.number, AT_ONCE)
        ledger.add(tx, [show_stranger(ticket.number, ticket.queue, person) for person in turn])

    def _signs(
        self,
        tx: Tx,
        ticket: Ticket,
        answer_to: str,
        customer: people.Person,
        address: str,
        name: str,
        said: Sequence[Message],
    ) -> Signs:
        mine = people.folded(address)
        copied = {people.folded(one.address) for one in messages.copied_people(tx, ticket.number)}
        theirs = {answer_to, *(one.address for one in people.addresses(tx, customer.id))}
        domains = {_domain(one) for one in theirs} - SHARED
        return Signs(
            is_copied=mine in copied,
            colleague=self._colleague_at(tx, address),
            has_same_name=bool(name) and name.casefold().split() == customer.name.casefold().split(),
            shared_domain=_domain(address) if _domain(address) in domains else None,
            by_list=any(message.nature is Nature.LIST for message in said),
            is_from=said[-1].vouched.domain if all(m.vouched.verdict is Vouch.PASSED for m in said) else None,
        )

    def _colleague_at(self, tx: Tx, address: str) -> str | None:
        """The agent of this desk whose mail address it is, by the rulebook or as the workspace has it."""
        agent = self.book_in(tx).agent_for(email=address)
        if agent is not None:
            return agent.name
        known = people.colleague_at(tx, address)
        return known.name if known and self.agent_in(tx, known.id) else None


def _address(tx: Tx, person: int) -> str:
    known = people.identity(tx, person)
    return known.address.address if known else ""


def _domain(address: str) -> str:
    return address.rpartition("@")[2].casefold()
