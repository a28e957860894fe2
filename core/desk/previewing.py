"""Use cases of asking beforehand: who would be told of a ticket, when and why, if nobody took it on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from core.desk.climbing import Climb, climb_of
from core.desk.house import House
from core.desk.on_duty import agreed
from core.escalation import ladders, rosters
from core.escalation.ladders import Skipped, Target, Whom
from core.phrases import NotFound, Phrase, phrase
from core.rulebook import Queue, Rulebook
from core.rulebook.ladders import hours_of
from core.storage import people, tickets
from core.storage.database import Tx, question
from core.tickets.model import Ticket


class Foreseen(NamedTuple):
    """A step: when it is due, and what it does. `whom`: names, each with as what; `no`: why it does nothing."""

    at: datetime
    round: int
    whom: tuple[tuple[str, Phrase], ...]
    no: Phrase | None
    important: bool
    raises: bool
    moves_to: str | None


class Foresight(NamedTuple):
    """What happens to a ticket if nobody acts. `stands`: what the ticket is doing, where nothing is to come."""

    queue: str
    ladder: str | None
    since: datetime
    steps: tuple[Foreseen, ...]


_WHY = {
    Whom.ASSIGNEE: phrase("they have it"),
    Whom.ON_DUTY: phrase("on duty then"),
    Whom.MANAGER: phrase("manager of who has it, or is on duty then"),
    Whom.BACKUP: phrase("of the queue that steps in, on duty then"),
    Whom.SUPERVISORS: phrase("supervisor"),
}
_NO = {
    Skipped.OPEN: phrase("only outside working hours"),
    Skipped.CLOSED: phrase("only in working hours"),
    Skipped.URGENCY: phrase("only for more urgent tickets"),
    Skipped.FEW: phrase("only when more tickets come"),
}


class Previewing(House):
    """What would happen."""

    @question
    def foresee(
        self, tx: Tx, queue: str, urgency: int = 0, at: datetime | None = None, by: Rulebook | None = None
    ) -> Foresight:
        """What would happen to a ticket that came into a queue then; `by` another rulebook than that in force.

        Raises NotFound.
        """
        book = by or self.book_in(tx)
        since = at or tx.now
        found = book.queue(queue)
        ladder = book.ladder_of(found)
        if ladder is None:
            return Foresight(found.title, None, since, ())
        climb = Climb(ladder.plan, hours_of(book, ladder))
        planned = ladders.plan(climb.ladder, since, climb.hours, urgency, lambda _: 1)
        return Foresight(found.title, ladder.name, since, tuple(_foreseen(tx, book, found, climb, planned, None)))

    @question
    def what_if(self, tx: Tx, number: int) -> Foresight:
        """What happens to a ticket from now on, if nobody acts. Raises NotFound."""
        ticket, _ = tickets.look(tx, number)
        book, queue = self.book_in(tx), self.queue_of(tx, ticket)
        climb = climb_of(self._shelf, tx, ticket)
        if climb is None or ticket.rung_at is None:
            return Foresight(queue.title, None, tx.now, ())

        def came(within: timedelta) -> int:
            return tickets.came_into(tx, ticket.queue, tx.now - within, tx.now)

        planned = _from_here(ticket, ticket.rung_at, climb, came)
        return Foresight(
            queue.title, climb.ladder.name, tx.now, tuple(_foreseen(tx, book, queue, climb, planned, ticket))
        )


def _from_here(ticket: Ticket, at: datetime, climb: Climb, came: ladders.Came) -> Iterable[ladders.Planned]:
    """The steps that are still to come; of one that rests, as if it were woken when its time is over."""
    if ticket.snoozed_until is not None and ticket.snoozed_at is not None:
        at = max(ticket.snoozed_until, at + (ticket.snoozed_until - ticket.snoozed_at))
    return ladders.plan_from(climb.ladder, ticket.rung, at, climb.hours, ticket.urgency, came)


def _foreseen(
    tx: Tx, book: Rulebook, queue: Queue, climb: Climb, planned: Iterable[ladders.Planned], ticket: Ticket | None
) -> Iterable[Foreseen]:
    for one in planned:
        whom = dict[str, Phrase]()
        for target in one.step.notify if one.skipped is None else ():
            for name in _names(tx, book, queue, target, one.at, ticket):
                whom.setdefault(name, _why(target))
        if one.step.notify and one.skipped is None and not whom:
            whom = {agent.name: phrase("supervisor, for nobody else is there then") for agent in book.supervisors}
        backup = queue.backup if one.step.moves and one.skipped is None else None
        yield Foreseen(
            at=one.at,
            round=climb.ladder.round_of(one.rung),
            whom=tuple(whom.items()),
            no=_NO[one.skipped] if one.skipped else None,
            important=one.step.important,
            raises=one.step.raises,
            moves_to=book.queue(backup).title if backup else None,
        )


def _why(target: Target) -> Phrase:
    if target.kind in _WHY:
        return _WHY[Whom(target.kind)]
    if target.kind == "roster":
        return phrase("has the duty “{name}” then", name=target.name)
    return phrase("named in the ladder")


def _names(tx: Tx, book: Rulebook, queue: Queue, target: Target, at: datetime, ticket: Ticket | None) -> list[str]:
    """Whom a target would be; who is away then nobody knows yet."""
    match target.kind:
        case Whom.ASSIGNEE:
            return _having_it(tx, ticket)
        case Whom.ON_DUTY:
            return _on_duty(book, queue, at)
        case Whom.MANAGER:
            return list(book.managers_of(_having_it(tx, ticket) or _on_duty(book, queue, at)))
        case Whom.BACKUP:
            those = book.agents_of(queue.backup) if queue.backup else ()
            return [agent.name for agent in those if book.on_duty(agent, at)]
        case Whom.SUPERVISORS:
            return [agent.name for agent in book.supervisors]
        case "roster":
            found = book.roster_named(target.name)
            if found is None:
                raise NotFound(phrase("There is no roster “{name}”.", name=target.name))
            person = rosters.on_duty(found.plan(book.desk.zone), at, agreed(tx)).person
            return [person] if person else []
        case "agent":
            return [target.name]
        case _:
            return [f"{target.kind} {target.name}"]


def _having_it(tx: Tx, ticket: Ticket | None) -> list[str]:
    if ticket is None or ticket.assignee is None:
        return []
    return [people.names(tx).get(ticket.assignee, ticket.assignee)]


def _on_duty(book: Rulebook, queue: Queue, at: datetime) -> list[str]:
    return [agent.name for agent in book.agents_of(queue.name) if book.on_duty(agent, at)]


def sentences(seen: Foresight) -> list[Phrase]:
    """The same in words, a sentence for each step."""
    if seen.ladder is None:
        return [phrase("Nothing happens by itself in {queue} now: no ladder is climbed.", queue=seen.queue)]
    said = [phrase("In {queue}, by the ladder “{ladder}”, if nobody acts:", queue=seen.queue, ladder=seen.ladder)]
    said += [_sentence(step) for step in seen.steps]
    return said


def _sentence(step: Foreseen) -> Phrase:
    if step.no is not None:
        return phrase("{at}: nothing ({reason})", at=step.at, reason=step.no)
    does: list[Phrase] = [phrase("{name} ({reason})", name=name, reason=why) for name, why in step.whom]
    if step.raises:
        does.append(phrase("it becomes more urgent"))
    if step.moves_to is not None:
        does.append(phrase("it goes to {queue}", queue=step.moves_to))
    if step.important:
        return phrase("{at}: {things}; at any hour", at=step.at, things=does)
    return phrase("{at}: {things}", at=step.at, things=does)
