"""Use cases of what agents see: cards, messages in threads, lists, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from core.desk import counting
from core.desk.amending import unchangeable
from core.desk.companions import ALONE, Companions, Company, companions_of, company_of
from core.desk.counting import Due
from core.desk.persons import NOTHING_KNOWN, Glance, Persons
from core.desk.proposing import asked_of
from core.desk.task_times import Piece, TasksGlance, glance, piece
from core.desk.understanding import Known, as_it_counts
from core.effects import Job, attach
from core.phrases import Refused, phrase
from core.routing.taxonomy import NO_TOPICS, Taxonomy
from core.rulebook import Queue
from core.storage import (
    accounts,
    customers_rooms,
    gatherings,
    ledger,
    messages,
    offers,
    people,
    rooms,
    routings,
    signals,
    strangers,
    tickets,
    ways,
)
from core.storage.database import Tx, question, use_case
from core.storage.gatherings import Gathering
from core.storage.people import Identity
from core.storage.rooms import Post, Room
from core.storage.routings import Routing
from core.storage.tickets import Line, Page
from core.tickets.conversation import that_stands
from core.tickets.events import Event
from core.tickets.model import Address, By, Delivery, Message, Part, Status, Ticket

MOST_STRANGERS = 1000
"""Of a ticket's strangers who wait, those that are counted."""


class Closing(NamedTuple):
    """Who closed a ticket, and when; `by` None: the desk by itself."""

    by: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """Everything that a ticket's card shows, now."""

    ticket: Ticket
    subject: str
    requester: str
    sender: str  # the address that the requester wrote from
    address: str  # where answers go; empty where there is nobody to answer
    assignee: str | None
    closed: Closing | None
    queue: Queue
    locale: str  # the room's: a card is one for all who see it
    first: Message | None
    failed: Message | None  # an answer of ours that did not arrive
    last_heard: int
    room: Room | None
    post: Post | None
    strangers: Sequence[int] = ()  # whose words wait for a decision, the longest first
    offered: str | None = None  # whom it is offered to
    routing: Routing | None = None  # which rules fitted, and who was chosen why
    glance: Glance = NOTHING_KNOWN  # what is known of the requester beside this ticket
    has_page: bool = False  # whether its requester can have a link to a page of ours
    known: Known | None = None  # what is understood of what they wrote; nothing yet
    taxonomy: Taxonomy = NO_TOPICS  # what it may be about
    gathered: Gathering | None = None  # what it was found to be one matter with
    dues: Sequence[Due] = ()  # what is promised, the soonest first
    tasks: TasksGlance | None = None  # how far those that it was split into have come
    piece: Piece | None = None  # the task that it is itself
    asks_of: Sequence[str] = ()  # titles of the queues of which its words seem to ask something
    can_split: bool = False
    company: Company = ALONE  # what it has to do with other tickets
    account: str | None = None  # whose own account they wrote to, where it is one that we speak for

    @property
    def is_decided(self) -> bool:
        """Whether the desk has said who suits it."""
        return self.routing is not None and self.routing.decision is not None

    @property
    def is_answered_elsewhere(self) -> bool:
        """Whether answers go to another address than the one that the requester wrote from."""
        return bool(self.address) and people.folded(self.address) != people.folded(self.sender)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message and where it belongs: what a post in a ticket's thread shows.

    `concerns` is the agent who has to know of it: whoever wrote an answer, else whoever has the ticket; None where that
    is nobody, or nobody who is at the desk any more. `is_news`: somebody wrote again, who has to be heard.
    """

    message: Message
    ticket: Ticket
    requester: str
    concerns: str | None
    is_news: bool
    locale: str
    room: Room | None
    card: Post | None
    post: Post | None
    via: str | None = None  # the channel, where the ticket goes on in several
    can_change: bool = False  # whether an answer can still be changed where the customer reads it
    elsewhere: Sequence[Identity] = ()  # where the customer can be answered instead, where this did not arrive


class Story(NamedTuple):
    """Everything said in a ticket and everything that happened to it, oldest first; agents' names by their ids, and
    strangers' by theirs.
    """

    said: Sequence[Message]
    happened: Sequence[Event]
    names: Mapping[str, str]
    strangers: Mapping[int, str] = MappingProxyType({})


class Opens(NamedTuple):
    """Whether there is work, and when that is otherwise next; None: not for years."""

    is_open: bool
    changes: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    """An agent's own tickets, what waits in their queues, and where in these strangers wait to be let in."""

    mine: Page
    waiting: Mapping[str, Page]
    cards: Mapping[int, Post]  # where the cards of all these stand
    strangers: Sequence[Line] = ()
    opens: Mapping[str, Opens] = field(default_factory=dict[str, Opens])  # of queues that have hours


class Showing(Persons):
    """What agents see."""

    @question
    def card(self, tx: Tx, number: int) -> Card:
        """A ticket's card as it is now. Raises NotFound."""
        ticket, words = tickets.look(tx, number)
        person = people.person(tx, ticket.requester)
        task = piece(tx, ticket)
        return Card(
            ticket=ticket,
            subject=words.subject,
            requester=f"#{task.task.ticket} {task.subject}" if task else person.name,
            sender="" if task else people.address_of(tx, person.id, ticket.thread.channel),
            address=words.answer_to,
            account=_owner(tx, ticket.thread.channel, words.answer_to),
            assignee=_name(tx, ticket.assignee),
            closed=_closing(tx, ticket),
            queue=self.queue_of(tx, ticket),
            locale=self.book_in(tx).desk.locale,
            first=messages.first_words(tx, number),
            failed=messages.last_failed(tx, number),
            last_heard=messages.last_heard(tx, number),
            room=rooms.room_of(tx, ticket.queue),
            post=rooms.post_of(tx, number),
            strangers=[one.person for one in strangers.waiting(tx, number, MOST_STRANGERS)] if ticket.held_at else (),
            offered=self._offered(tx, ticket),
            routing=routings.of(tx, number),
            glance=NOTHING_KNOWN if task else self.glance(tx, ticket),
            has_page=self.pages is not None and task is None,
            taxonomy=self.book_in(tx).taxonomy,
            known=as_it_counts(known) if (known := signals.of(tx, number)) else None,
            gathered=(gathered := gatherings.confirmed_of(tx, number)),
            company=company_of(tx, ticket, gathered),
            dues=counting.shown(self, tx, ticket),
            tasks=glance(self, tx, ticket),
            piece=task,
            asks_of=asked_of(self, tx, ticket, words),
            can_split=self._can_split(tx, ticket),
        )

    def _can_split(self, tx: Tx, ticket: Ticket) -> bool:
        """Whether there is somebody else to give a part of it to."""
        book = self.book_in(tx)
        return ticket.part_of is None and (len(book.queues) > 1 or bool(book.task_sets))

    @question
    def companions(self, tx: Tx, number: int) -> Companions:
        """What a ticket has to do with others. Raises NotFound."""
        return companions_of(tx, number)

    def _offered(self, tx: Tx, ticket: Ticket) -> str | None:
        if ticket.assignee is not None or not self.queue_of(tx, ticket).gives:
            return None
        offer = offers.standing(tx, ticket.number)
        return _name(tx, offer.agent) if offer and offer.until > tx.now else None

    @question
    def spoken(self, tx: Tx, message: int) -> Spoken:
        """A message as it is now, and where it stands. Raises NotFound."""
        said = messages.message(tx, message)
        ticket, words = tickets.look(tx, said.ticket)
        return Spoken(
            message=said,
            ticket=ticket,
            requester=people.person(tx, ticket.requester).name,
            concerns=self._concerned(tx, ticket, said),
            is_news=_is_news(tx, said),
            locale=self.book_in(tx).desk.locale,
            room=rooms.room_of(tx, ticket.queue),
            card=rooms.post_of(tx, said.ticket),
            post=rooms.post_of(tx, said.ticket, message),
            can_change=said.part is Part.REPLY and unchangeable(tx, said) is None,
            via=said.channel if ways.of(tx, said.ticket) else None,
            elsewhere=self.ways_beside(tx, ticket, words) if said.delivery is Delivery.FAILED else (),
        )

    def _concerned(self, tx: Tx, ticket: Ticket, said: Message) -> str | None:
        wanted = (said.author, ticket.assignee) if said.part is Part.REPLY else (ticket.assignee,)
        return next((agent for agent in wanted if agent and self.agent_in(tx, agent)), None)

    @question
    def overview(self, tx: Tx, agent: str, queues: tuple[str, ...], most: int = 20) -> Overview:
        """The first of an agent's own tickets, and the most urgent of what waits in their queues."""
        waiting = {queue: tickets.unclaimed(tx, queue, most) for queue in queues}
        mine = tickets.of_assignee(tx, agent, most)
        asking = tickets.with_strangers(tx, queues, most)
        lines = [*asking, *(line for page in (mine, *waiting.values()) for line in page.lines)]
        cards = rooms.cards_of(tx, {line.ticket.number for line in lines})
        return Overview(mine, waiting, cards, asking, self._opens(tx, queues))

    def _opens(self, tx: Tx, queues: Sequence[str]) -> Mapping[str, Opens]:
        book = self.book_in(tx)
        calendars = {
            name: book.calendar(queue.calendar)
            for name in queues
            if (queue := book.queue_named(name)) is not None and queue.calendar
        }
        return {name: Opens(one.is_open(tx.now), one.changes(tx.now)) for name, one in calendars.items()}

    @question
    def ticket_at(self, tx: Tx, team: str, room: str, ts: str) -> int | None:
        """The ticket whose card or message stands there."""
        post = rooms.post_at(tx, team, room, ts)
        return post.ticket if post else None

    @question
    def conversation(self, tx: Tx, number: int) -> list[Message]:
        return messages.conversation(tx, number)

    @question
    def story(self, tx: Tx, number: int) -> Story:
        """A ticket's whole conversation, with who took it, let go of it, closed it and opened it again."""
        happened = that_stands(tickets.history(tx, number))
        return Story(messages.conversation(tx, number), happened, people.names(tx), strangers.names(tx, number))

    @question
    def addresses(self, tx: Tx, number: int) -> list[Address]:
        """Every address that the requester of a ticket is known by."""
        ticket, _ = tickets.look(tx, number)
        return people.addresses(tx, ticket.requester)

    @question
    def blob(self, tx: Tx, digest: str) -> bytes:
        return tx.blobs.get(tx, digest)

    @question
    def answering_time(self, tx: Tx, queue: str) -> timedelta | None:
        """The median time to the first answer in a queue, where enough were answered to say."""
        return tickets.answering_time(tx, queue)

    @use_case
    def posted(self, tx: Tx, post: Post, then: Sequence[Job] = (), left: Post | None = None) -> None:
        """It stands there now. `then` is what follows it into its thread when it stands there for the first time.

        `left` is where it stood until now, in another room, and does not any more.
        """
        if left is not None:
            rooms.forget_post(tx, left)
        first = rooms.post_of(tx, post.ticket, post.message) is None
        rooms.keep_post(tx, post)
        if first:
            ledger.add(tx, then)

    @use_case
    def not_posted(self, tx: Tx, post: Post) -> None:
        """It does not stand there any more."""
        rooms.forget_post(tx, post)

    @use_case
    def show_files(self, tx: Tx, message: int, after: int, by: By) -> None:
        """Ask for the files of a message that follow its first `after`, in its ticket's thread. Raises NotFound."""
        if not self.begin_act(tx, by):
            return
        said = messages.message(tx, message)
        ticket, _ = tickets.look(tx, said.ticket)
        ledger.add(tx, [attach(ticket.number, ticket.queue, message, after)])

    @question
    def rooms(self, tx: Tx) -> list[Room]:
        return rooms.every_room(tx)

    @use_case
    def move_in(self, tx: Tx, room: Room) -> None:
        """A queue's tickets are shown in this room from now on. Raises Refused where customers are in it."""
        if customers_rooms.at(tx, room.team, room.room) is not None:
            raise Refused(
                phrase(
                    "The tickets of {queue} have no room: customers are in #{room}, and would read what agents say "
                    "among themselves. Name another room in the rulebook.",
                    queue=room.queue,
                    room=room.name,
                )
            )
        rooms.set_room(tx, room)

    @use_case
    def move_out(self, tx: Tx, queue: str) -> None:
        """A queue's tickets are shown nowhere until it has a room again: they wait."""
        rooms.forget_room(tx, queue)


def _is_news(tx: Tx, said: Message) -> bool:
    by_a_person = said.part is Part.REQUESTER and said.nature.is_of_people
    return by_a_person and said.id > messages.opening(tx, said.ticket)


def _closing(tx: Tx, ticket: Ticket) -> Closing | None:
    closed = tickets.last_closing(tx, ticket.number) if ticket.status is Status.CLOSED else None
    if closed is None:
        return None
    by = By(closed.by)
    if by.is_requester:
        return Closing(people.person(tx, ticket.requester).name or None, closed.at)
    return Closing(None if by.is_rule else _name(tx, closed.by), closed.at)


def _owner(tx: Tx, channel: str, address: str) -> str | None:
    """Whose own account something is said in."""
    account = accounts.at(tx, channel, address)
    return account.name if account else None


def _name(tx: Tx, agent: str | None) -> str | None:
    if agent is None:
        return None
    colleague = people.colleague(tx, agent)
    return colleague.name if colleague else agent
