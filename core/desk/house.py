"""What every use case stands on: the store, the rulebook in force, and a ticket being changed."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from core.calendars.calendar import Calendar
from core.desk import climbing, counting, tasking
from core.desk.judged import Judged
from core.desk.outlets import Outlets
from core.desk.pages import Pages
from core.desk.reckoning import reckon, seen
from core.effects import CALL_FOR_A_MATCH, Job, Told, effects, match, recover
from core.escalation import clocks
from core.phrases import NotFound, phrase
from core.rulebook import Agent, Queue, Rulebook
from core.storage import inbox, keys, ledger, people, sources, tickets
from core.storage.database import Database, Tx
from core.storage.rulebook import Shelf
from core.tickets import events as e
from core.tickets.channels import manner
from core.tickets.evolve import evolve
from core.tickets.model import By, Ticket
from core.tickets.satisfaction import ASK_AFTER
from core.tickets.sources import Source, may_concern_any

MOST_COPIED = 50
"""People copied in by a customer who are kept, and may get a copy of an answer: of more it was sent to a list."""

A_DAY = timedelta(days=1)

CLOCK = "clock"
"""What is woken, beside destinations, when a ticket is to be looked at."""


class Change:
    """A ticket being changed: what it was, what happened, what it is."""

    def __init__(self, tx: Tx, ticket: Ticket, words: tickets.Words):
        self.tx = tx
        self.before = self.ticket = ticket
        self.words = words
        self.events: list[e.Event] = []
        self._then: list[tuple[Ticket | None, e.Event, Ticket]] = []
        self.undo_for: timedelta | None = None  # how long what is answered can be taken back; None: as the desk has it
        self.judged: Judged | None = None  # where it has just been opened
        self.counted: counting.Counted | None = None  # where something is promised for it

    def happen(self, events: Sequence[e.Event]) -> None:
        for event in events:
            before = self.ticket if self.ticket.version else None
            self.ticket = evolve(self.ticket, event)
            self.events.append(event)
            self._then.append((before, event, self.ticket))

    @property
    def steps(self) -> list[tuple[e.Event, Ticket]]:
        """What happened, each with the ticket after it."""
        return [(event, after) for _, event, after in self._then]

    def jobs(self, undo_for: timedelta, outlet: str) -> list[Job]:
        """The work that what happened calls for, in its order."""
        to, known = self.words.answer_to, self._sources()
        return [
            job
            for before, event, after in self._then
            for job in effects(after, event, undo_for, outlet, to, Told(before, known))
        ]

    def _sources(self) -> list[Source]:
        """Those by which the ticket goes on or has gone on; not looked up where nothing happened that concerns any."""
        if not any(may_concern_any(*one) for one in self._then):
            return []
        return sources.of_ticket(self.tx, self.ticket.number, self.ticket.door)


class House:
    """The desk's foundations."""

    def __init__(
        self,
        db: Database,
        *,
        undo_for: timedelta = timedelta(seconds=10),
        outlets: Outlets | None = None,
        pages: Pages | None = None,
    ):
        self.db = db
        self.pages = pages
        self.undo_for = undo_for
        self.outlets = outlets or Outlets()
        self._shelf = Shelf()
        self._keys: dict[int, bytes] = {}

    def book_in(self, tx: Tx) -> Rulebook:
        """The rulebook in force."""
        edition = self._shelf.edition(tx)
        if edition is None:
            raise NotFound(phrase("The desk has no rulebook yet. Write desk.toml and run: deskbell rulebook apply"))
        return edition.book

    def edition_in(self, tx: Tx) -> int:
        """The version of the rulebook in force."""
        edition = self._shelf.edition(tx)
        return edition.version if edition else 0

    def calendar_in(self, tx: Tx, version: int, name: str) -> Calendar:
        """A calendar as it was in a version of the rulebook."""
        return self._shelf.calendar(tx, version, name)

    def keys_in(self, tx: Tx) -> dict[int, bytes]:
        """The keys that sign reply addresses, by generation."""
        if not self._keys:
            self._keys = keys.generations(tx, "reply")
        return self._keys

    @contextmanager
    def changing(self, tx: Tx, number: int) -> Generator[Change]:
        """Change a ticket: load, let things happen to it, save it with its events and the work they call for."""
        ticket, words = tickets.load_with_words(tx, number)
        change = Change(tx, ticket, words)
        yield change
        self.save(change)

    def save(self, change: Change) -> None:
        if not change.events:
            return
        counting.count(self, change)
        self._begin_to_climb(change, self.queue_of(change.tx, change.ticket))
        due = self.due_of(change)
        tickets.save(change.tx, change.before, change.ticket, change.events, due)
        if due is not None:
            change.tx.wake(CLOCK, due)
        undo_for = self.undo_for if change.undo_for is None else change.undo_for
        ledger.add(change.tx, change.jobs(undo_for, self.outlets.of(change.ticket.door).name))
        if self.book_in(change.tx).gives and any(isinstance(event, CALL_FOR_A_MATCH) for event in change.events):
            reckon(change.tx, change.before, change.events)
            ledger.add(change.tx, [match()])
        tasking.follow(self, change)

    def _begin_to_climb(self, change: Change, queue: Queue) -> None:
        """Where the ticket waits for somebody from now on, its queue's ladder begins. Whom somebody writes to wakes."""
        if change.ticket.snoozed_until is not None:
            change.happen(climbing.wakes(change.ticket, change.events, change.tx.now))
        if queue.ladder is None:
            return
        edition = self._shelf.edition(change.tx)
        assert edition is not None
        version, book = edition
        change.happen(climbing.begins(change.ticket, change.events, queue, book, version, change.tx.now))

    def due_of(self, change: Change) -> datetime | None:
        """When time has something to say about a ticket next, or about that nobody acts; its clocks are kept."""
        looks = [due_of(change.ticket, self.queue_of(change.tx, change.ticket)), counting.keep(self, change)]
        if change.ticket.ladder is not None or change.ticket.snoozed_until is not None:
            looks.append(climbing.next_due(change.ticket, climbing.climb_of(self._shelf, change.tx, change.ticket)))
        return min((at for at in looks if at is not None), default=None)

    def queue_of(self, tx: Tx, ticket: Ticket) -> Queue:
        """The ticket's queue; where the rulebook has it no more, the first one serves it."""
        book = self.book_in(tx)
        return book.queue_named(ticket.queue) or book.queues[0]

    def agent_in(self, tx: Tx, id: str) -> Agent | None:
        """The agent behind a Slack id ("TEAM:USER"); None for anybody else.

        Somebody from outside the workspace is no agent, whatever address their profile shows.
        """
        colleague = people.colleague(tx, id)
        if colleague is None or colleague.outside:
            return None
        return self.book_in(tx).agent_for(id, colleague.email)

    def begin_act(self, tx: Tx, by: By) -> bool:
        """Whether this act is still to be done. It counts as done in the same transaction as its effect."""
        if by.act is None:
            return True
        if not inbox.settle(tx, by.act, "done"):
            return False
        job = recover(by.act, timedelta(0))
        ledger.drop_waiting(tx, job.kind, job.key or "")
        edition = self._shelf.edition(tx)
        if edition is not None and edition.book.gives and seen(tx, by.agent):
            ledger.add(tx, [match()])
        return True


def due_of(ticket: Ticket, queue: Queue) -> datetime | None:
    """When time has something to say about a ticket next."""
    return clocks.due(ticket, queue.remind_after, queue.close_after, decide_within(queue), ask_after(ticket, queue))


def ask_after(ticket: Ticket, queue: Queue) -> timedelta | None:
    """How long after it was closed a ticket's requester is asked how it was; None where they are not: the queue does
    not want it, or there is nothing to press where they read us.
    """
    return ASK_AFTER if queue.rating and manner(ticket.thread.channel).buttons else None


def decide_within(queue: Queue) -> timedelta:
    """How long a stranger's words may wait before supervisors hear of it: as long as customers may for an answer."""
    return queue.answers_within or A_DAY
