"""Use cases of who gets what, as people decide it: giving, putting back, taking what is offered, asking why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from core.desk.giving import Giving
from core.desk.lining_up import line_up, roster
from core.effects import match
from core.phrases import Phrase, Refused, as_said, phrase
from core.routing import assignment
from core.routing.assignment import Pick, Table, Waiting
from core.rulebook import Rulebook
from core.storage import ledger as jobs
from core.storage import lineup, offers, people, routings, tickets
from core.storage.database import Tx, question, use_case
from core.storage.offers import Answer, Offer
from core.tickets import events as e
from core.tickets import lifecycle
from core.tickets.model import By, Ticket


class Why(NamedTuple):
    """Who has a ticket, or is offered it, and by which table that was decided; `rules` are those that fitted."""

    ticket: Ticket
    holder: str | None
    holder_name: str
    offered: bool
    table: Table | None
    decided_at: datetime | None
    rules: Sequence[Phrase]


class Rule(NamedTuple):
    """A rule of the desk's, which gave a ticket to somebody."""

    id: str
    name: str = ""


class Assigning(Giving):
    """Who gets what."""

    @use_case
    def assign(self, tx: Tx, number: int, agent: str, by: By) -> None:
        """Give a ticket to a colleague, whoever has it, and however much they carry. They are told."""
        if not self.begin_act(tx, by):
            return
        if self.agent_in(tx, agent) is None:
            raise Refused(phrase("Whom you picked is no agent of this desk any more. Pick somebody else."))
        with self.changing(tx, number) as change:
            change.happen(lifecycle.assign(change.ticket, agent, by, tx.now, people.names(tx)))

    @use_case
    def put_back(self, tx: Tx, number: int, by: By) -> None:
        """Put a ticket back into its queue, whoever has it. The desk does not give it to them again."""
        if not self.begin_act(tx, by):
            return
        with self.changing(tx, number) as change:
            holder = change.ticket.assignee
            change.happen(lifecycle.put_back(change.ticket, by, tx.now))
            if holder is not None and holder != by.agent and self.book_in(tx).gives:
                offers.returned(tx, number, holder)

    @use_case
    def accept_offer(self, tx: Tx, number: int, by: By) -> None:
        """Take a ticket that was offered. Raises Refused where the offer does not stand any more."""
        if not self.begin_act(tx, by):
            return
        offer = self._offer_to(tx, number, by)
        with self.changing(tx, number) as change:
            change.happen(lifecycle.claim(change.ticket, by, tx.now, people.names(tx)))
        offers.answer(tx, offer.id, Answer.ACCEPTED)
        lineup.given(tx, by.agent)

    @use_case
    def decline_offer(self, tx: Tx, number: int, by: By) -> None:
        """Let the next one have it."""
        if not self.begin_act(tx, by):
            return
        offers.answer(tx, self._offer_to(tx, number, by).id, Answer.DECLINED)
        jobs.add(tx, [match()])

    @question
    def offer(self, tx: Tx, id: int) -> Offer | None:
        """The offer of this number, where it still stands."""
        return next((one for one in offers.unanswered(tx) if one.id == id and one.until > tx.now), None)

    @question
    def why_whom(self, tx: Tx, number: int) -> Why:
        """Who has a ticket and why, and why not somebody else. Raises NotFound."""
        ticket, _ = tickets.look(tx, number)
        known, offer = routings.of(tx, number), offers.standing(tx, number)
        holder = ticket.assignee or (offer.agent if offer else None)
        name = people.names(tx).get(holder or "", holder or "")
        table = Table.as_said(known.decision) if known and known.decision else None
        rules = [as_said(rule["why"]) for rule in known.rules] if known else []
        return Why(ticket, holder, name, offer is not None, table, known.decided_at if known else None, rules)

    @question
    def giver(self, tx: Tx, number: int) -> people.Colleague | Rule | None:
        """Who gave a ticket to whom has it: a colleague, or a rule; None: they took it themselves."""
        for event in reversed(tickets.history(tx, number)):
            if isinstance(event, e.Claimed):
                by = By(event.given_by) if event.given_by else None
                return None if by is None else Rule(by.agent) if by.is_rule else people.colleague(tx, by.agent)
        return None

    @question
    def assignable(self, tx: Tx) -> list[tuple[str, str]]:
        """Everybody who can be given a ticket: ids and names, by name."""
        found = roster(tx, self.book_in(tx))
        return sorted(((one.id, agent.name) for one, agent in found), key=lambda one: one[1].casefold())

    def would_get_in(self, tx: Tx, book: Rulebook, waiting: Waiting) -> Pick:
        """Who would get such a ticket now, and why."""
        members = [one.member for one in line_up(tx, book, waiting.topics)]
        return assignment.decide([waiting], members, book.terms_of, tx.now)[0]

    def _offer_to(self, tx: Tx, number: int, by: By) -> Offer:
        offer = offers.standing(tx, number)
        if offer is None or offer.agent != by.agent or offer.until <= tx.now:
            raise Refused(
                phrase("Ticket #{number} is not offered to you any more: it went on to somebody else.", number=number)
            )
        return offer
