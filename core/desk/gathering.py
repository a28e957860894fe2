"""Use cases of tickets that are about one matter: proposed by the desk, said by agents, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.desk.judging import Judging
from core.desk.merging import Merging
from core.effects import show_gathering
from core.phrases import NotFound, Refused, phrase
from core.routing import clusters
from core.routing.clusters import Alike, Matter, Other, Seen
from core.rulebook import Queue
from core.storage import gatherings, ledger, people, rooms, tickets
from core.storage.database import Tx, question, use_case
from core.storage.gatherings import Gathering, Member, State
from core.storage.rooms import Post, Room
from core.tickets import events as e
from core.tickets import lifecycle
from core.tickets.model import By, Status, Ticket

MOST_SHOWN = 10
"""Tickets that a proposal names; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Line:
    """A ticket of a proposal, as agents read it."""

    number: int
    subject: str
    requester: str
    member: Member
    card: Post | None


@dataclass(frozen=True, slots=True)
class Together:
    """Everything that a proposal shows, now. `thread` is the card below which it stands, where it does."""

    gathering: Gathering
    queue: Queue
    lines: Sequence[Line]
    tickets: int
    customers: int
    decided_by: str | None
    locale: str
    room: Room | None
    thread: Post | None


class GatheringTickets(Merging, Judging):
    """Tickets of one matter."""

    @question
    def together(self, tx: Tx, id: int) -> Together:
        """A proposal as it is now. Raises NotFound."""
        known = self._gathering(tx, id)
        members = gatherings.members_of(tx, id)
        cards = rooms.cards_of(tx, {one.ticket for one in members})
        seen = gatherings.seen(tx, [one.ticket for one in members])
        lines: list[Line] = []
        for one in members[:MOST_SHOWN]:
            ticket, words = tickets.look(tx, one.ticket)
            name = people.person(tx, ticket.requester).name
            lines.append(Line(one.ticket, words.subject, name, one, cards.get(one.ticket)))
        by = people.colleague(tx, known.decided_by) if known.decided_by else None
        last = cards.get(members[-1].ticket) if members else None
        return Together(
            gathering=known,
            queue=self._queue_named(tx, known.queue),
            lines=lines,
            tickets=len(members),
            customers=len({one.customer for one in seen.values()}),
            decided_by=by.name if by else known.decided_by,
            locale=self.book_in(tx).desk.locale,
            room=rooms.room_of(tx, known.queue),
            thread=last if known.matter is Matter.DOUBLE else None,
        )

    @use_case
    def together_posted(self, tx: Tx, id: int, team: str, room: str, ts: str) -> None:
        """A proposal stands there now."""
        gatherings.keep_place(tx, id, team, room, ts)

    @use_case
    def put_together(self, tx: Tx, id: int, by: By) -> None:
        """These tickets are about one matter, says an agent. The second of two that a customer told twice is merged
        into the first: it goes on there. Raises Refused where it was decided before, or cannot be merged.
        """
        if not self.begin_act(tx, by):
            return
        known = self._decide(tx, id, State.PROPOSED, State.CONFIRMED, by)
        for one in gatherings.members_of(tx, id):
            with self.changing(tx, one.ticket) as change:
                change.happen([e.Gathered(at=tx.now, gathering=id, lead=known.lead, by=by.agent)])
            if known.matter is Matter.DOUBLE and one.ticket != known.lead:
                self.merge_in(tx, [one.ticket], known.lead, by)
                gatherings.mark_closed(tx, id, one.ticket)

    @use_case
    def keep_separate(self, tx: Tx, id: int, by: By) -> None:
        """These tickets are several matters, says an agent; what is like them is not proposed again. Raises Refused
        where it was decided before.
        """
        if self.begin_act(tx, by):
            self._decide(tx, id, State.PROPOSED, State.DISMISSED, by)

    @use_case
    def take_apart(self, tx: Tx, id: int, by: By) -> None:
        """They are not about one matter after all: each is as it was, and what was merged goes on by itself again.
        Raises Refused where that was said before, or the customer was answered since.
        """
        if not self.begin_act(tx, by):
            return
        self._decide(tx, id, State.CONFIRMED, State.UNDONE, by)
        for one in gatherings.members_of(tx, id):
            with self.changing(tx, one.ticket) as change:
                change.happen([e.Parted(at=tx.now, gathering=id, by=by.agent)])
            if one.closed and change.ticket.merged_into is not None:
                self.take_out(tx, one.ticket, by)
            elif one.closed and change.ticket.status is Status.CLOSED:  # before there were merges, it was only closed
                with self.changing(tx, one.ticket) as change:
                    change.happen(lifecycle.reopen(change.ticket, by, tx.now))

    # For what is understood

    def company_of(self, tx: Tx, ticket: Ticket) -> tuple[Other, ...]:
        """The tickets that a new one is compared with: of all queues, since rules may move it by what is understood."""
        spans = [queue.incident_within for queue in self.book_in(tx).queues if queue.incident_from]
        since = tx.now - max(spans) if spans else tx.now
        numbers = gatherings.compared(tx, ticket.number, ticket.requester, since, tx.now - clusters.TWICE_WITHIN)
        return tuple(gatherings.others(tx, numbers))

    def look_for_company(self, tx: Tx, ticket: Ticket, alike: Sequence[Alike]) -> None:
        """Propose what a new ticket may belong to, or put it to what it belongs to."""
        if not alike:
            return
        seen = gatherings.seen(tx, [ticket.number, *(one.number for one in alike)])
        mine = seen.pop(ticket.number)
        self._look_for_its_twin(tx, mine, seen, alike)
        terms = self._queue_named(tx, mine.queue).incidents
        found = clusters.of_one_matter(mine, seen, alike, terms)
        if not found:
            return
        tickets.load(tx, min(one.number for one in found))  # whoever finds the same at this moment waits
        known = gatherings.with_any(tx, Matter.INCIDENT, [mine.number, *(one.number for one in found)])
        nearest = max(found, key=lambda one: one.likeness)._replace(number=mine.number)
        if known:
            self._join(tx, known[0], nearest)
            id, state = known[0].id, known[0].state
        else:
            state = State.WATCHED
            id = gatherings.begin(tx, Matter.INCIDENT, state, mine.queue, [*found, nearest])
        if state is State.WATCHED and self._are_many(tx, id, mine, terms) and gatherings.propose(tx, id):
            ledger.add(tx, [show_gathering(id, mine.queue)])

    def _are_many(self, tx: Tx, id: int, mine: Seen, terms: clusters.Terms) -> bool:
        """Whether so many customers are in it by now, those of a while ago aside."""
        members = gatherings.seen(tx, [one.ticket for one in gatherings.members_of(tx, id)])
        late = {one.customer for one in members.values() if mine.at - one.at <= terms.within}
        return len(late) >= terms.customers

    # How it is done

    def _look_for_its_twin(self, tx: Tx, mine: Seen, seen: dict[int, Seen], alike: Sequence[Alike]) -> None:
        twin = clusters.told_twice(mine, seen, alike)
        if twin is None or gatherings.with_any(tx, Matter.DOUBLE, [mine.number]):
            return
        both = [twin, twin._replace(number=mine.number)]
        id = gatherings.begin(tx, Matter.DOUBLE, State.PROPOSED, mine.queue, both)
        ledger.add(tx, [show_gathering(id, mine.queue)])

    def _join(self, tx: Tx, known: Gathering, one: Alike) -> None:
        """One more of what was proposed already; agents who have said what it is are not asked again."""
        if any(member.ticket == one.number for member in gatherings.members_of(tx, known.id)):
            return
        gatherings.add(tx, known.id, one)
        if known.state is State.CONFIRMED:
            with self.changing(tx, one.number) as change:
                change.happen([e.Gathered(at=tx.now, gathering=known.id, lead=known.lead)])
        if known.state in (State.PROPOSED, State.CONFIRMED):
            ledger.add(tx, [show_gathering(known.id, known.queue, stands=known.ts is not None)])

    def _gathering(self, tx: Tx, id: int) -> Gathering:
        known = gatherings.of(tx, id)
        if known is None:
            raise NotFound(phrase("There is no such proposal any more."))
        return known

    def _decide(self, tx: Tx, id: int, was: State, becomes: State, by: By) -> Gathering:
        known = self._gathering(tx, id)
        if not gatherings.decide(tx, id, was, becomes, by.agent):
            names = people.names(tx)
            name = names.get(known.decided_by or "", known.decided_by or "")
            raise Refused(phrase("{name} has decided that already.", name=name))
        ledger.add(tx, [show_gathering(id, known.queue, stands=known.ts is not None)])
        return replace(known, state=becomes)

    def _queue_named(self, tx: Tx, name: str) -> Queue:
        book = self.book_in(tx)
        return book.queue_named(name) or book.queues[0]
