"""Use cases of what the desk gives by itself: tickets given and offered, and taken back from those who are gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, cast

from core.desk.alarming import Alarming
from core.desk.house import A_DAY
from core.desk.lining_up import Standing, line_up
from core.desk.reckoning import topics_of
from core.desk.writing import remark
from core.effects import match, show_card, tell_offered
from core.phrases import Refused, phrase
from core.routing import assignment
from core.routing.assignment import Member, No, Pick, Presence, Waiting, points
from core.rulebook import Mode, Queue, Rulebook
from core.storage import ledger as jobs
from core.storage import lineup, offers, people, promises, routings
from core.storage.database import Tx, use_case
from core.storage.lineup import State
from core.storage.offers import Answer, Offer
from core.storage.routings import Routing, Waits
from core.storage.troubles import Trouble
from core.tickets import lifecycle
from core.tickets.channels import manner
from core.tickets.model import By, Status
from core.tickets.tasks import CHANNEL as TASKS

BY_DESK = By("rule:assignment")

AT_ONCE = 20
"""Tickets given in one transaction; then the next one goes on."""
TOGETHER = 8
"""Tickets solved as one matching."""
LOOKED_AT = 200
"""Waiting tickets looked at first; where none of these can be given, ten times as many."""
TAKEN_BACK = 20

ASK_AGAIN = timedelta(minutes=10)
"""After this long somebody who said nothing to an offer may be asked again about the same ticket."""
MISSED = 2
"""Offers in a row to which somebody said nothing, and did nothing else either: then they are away."""


class Giving(Alarming):
    """What the desk gives by itself."""

    @use_case
    def match(self, tx: Tx) -> int:
        """Give what waits to those whom it suits, as far as they have room; take back what the gone have not begun.

        How many tickets were given or offered. Early, late or twice is harmless.
        """
        book = self.book_in(tx)
        if not book.gives:
            return 0
        queues = {queue.name: queue for queue in book.queues if queue.gives}
        states = lineup.states_alone(tx)
        self._withdraw(tx, states)
        standing = line_up(tx, book, states=states)
        moments = self._take_back(tx, standing, queues)
        given = self._give(tx, book, queues, [one.member for one in standing])
        moments += [offer.until for offer in offers.unanswered(tx)]
        moments += [one.changes for one in standing if one.changes is not None]
        if given == AT_ONCE:
            moments = [tx.now]
        if moments:
            jobs.add(tx, [match(max(timedelta(0), min(moments) - tx.now))])
        return given

    @use_case
    def rematch(self, tx: Tx) -> None:
        """Look anew: for what no event tells of, as that somebody does nothing."""
        if self.book_in(tx).gives:
            jobs.add(tx, [match()])

    # What stands no more

    def _withdraw(self, tx: Tx, states: dict[str, State]) -> None:
        """Offers that ran out, or whose tickets somebody has. Who says nothing again and again is away."""
        for id in offers.withdrawable(tx):
            offers.answer(tx, id, Answer.WITHDRAWN)
        for offer in offers.unanswered(tx):
            if offer.until > tx.now:
                continue
            offers.answer(tx, offer.id, Answer.EXPIRED)
            known = states.get(offer.agent, State(offer.agent))
            known = known._replace(missed=known.missed + 1)
            if known.missed >= MISSED and known.status is not Presence.AWAY:
                known = known._replace(status=Presence.AWAY, since=tx.now, until=None, by_desk=True)
            states[offer.agent] = known
            lineup.keep(tx, known)

    def _take_back(self, tx: Tx, standing: list[Standing], queues: Mapping[str, Queue]) -> list[datetime]:
        """What the gone have not begun goes back into its queue. When to look at this again."""
        gone = {one.member.id: one for one in standing if not one.member.is_there}
        later: list[datetime] = []
        for found in lineup.unbegun(tx, list(queues), sorted(gone), TAKEN_BACK):
            one = gone[found.agent]
            until = max(one.gone_since or found.since, found.since) + queues[found.queue].give_back_after
            if until > tx.now:
                later.append(until)
            else:
                self._lose(tx, found.number, found.agent, one.member)
        least = min(queue.silent_after for queue in queues.values())
        there = {
            one.member.id: (place, one)
            for place, one in enumerate(standing)
            if one.member.is_there and (one.state.seen_at is None or one.state.seen_at + least <= tx.now)
        }
        for found in lineup.unbegun(tx, list(queues), sorted(there), TAKEN_BACK):
            if found.since + least > tx.now:
                break  # the longest come first
            place, one = there[found.agent]
            last = max(found.since, one.state.seen_at or found.since)
            if last + queues[found.queue].silent_after > tx.now:
                continue
            state = one.state._replace(status=Presence.AWAY, since=tx.now, until=None, by_desk=True)
            lineup.keep(tx, state)
            standing[place] = one._replace(state=state, member=assignment.gone(one.member))
            self._lose(tx, found.number, found.agent, standing[place].member)
        return later

    def _lose(self, tx: Tx, number: int, agent: str, member: Member) -> None:
        """Somebody has it no more who had not begun it. Whoever is next finds a line about that in the thread."""
        with self.changing(tx, number) as change:
            if change.ticket.assignee != agent:
                return
            said = phrase(
                "{name} is not there ({reason}) and had not begun: no answer, no note. The ticket goes on to the next.",
                name=member.name,
                reason=phrase("away") if member.on_duty else phrase("off duty"),
            )
            remark(self, tx, change, "hand-over", said)
            change.happen(lifecycle.put_back(change.ticket, By("rule:hand-over"), tx.now))

    # What is given

    def _give(self, tx: Tx, book: Rulebook, queues: Mapping[str, Queue], members: list[Member]) -> int:
        given = 0
        for most in (LOOKED_AT, LOOKED_AT * 10):
            waits = routings.waiting(tx, list(queues), most)
            known = routings.of_all(tx, [one.number for one in waits])
            waiting = self._waiting(tx, waits, known, queues)
            members = self._with_records(tx, members, waiting)
            placed = self._place(tx, book, queues, waiting, members)
            given = len(placed)
            if given or len(waits) < most:
                left = [one for one in waiting if one.number not in placed]
                self._unserved(tx, book, queues, left, members, known)
                break
        return given

    def _waiting(
        self, tx: Tx, waits: Sequence[Waits], known: Mapping[int, Routing], queues: Mapping[str, Queue]
    ) -> list[Waiting]:
        """What waits, in the order in which it comes up."""
        noes = offers.said_of(tx, [one.number for one in waits])
        before = routings.last_agents(tx, [one.requester for one in waits])
        dues = promises.due_of(tx, [one.number for one in waits])
        made = [
            _as_waiting(
                one,
                known.get(one.number),
                queues[one.queue],
                frozenset(_noes(noes.get(one.number, ()), tx.now)),
                before.get(one.requester) if one.channel != TASKS else None,
                dues.get(one.number),
            )
            for one in waits
        ]
        return sorted(made, key=lambda one: one.order)

    def _with_records(self, tx: Tx, members: list[Member], waiting: Iterable[Waiting]) -> list[Member]:
        """The line-up with what each has solved of what is waited for."""
        topics = {topic for one in waiting for topic in one.topics}
        if not topics:
            return members
        found = lineup.every_record(tx, topics)
        return [assignment.knowing(one, found.get(one.id, one.records)) for one in members]

    def _place(
        self,
        tx: Tx,
        book: Rulebook,
        queues: Mapping[str, Queue],
        waiting: Sequence[Waiting],
        members: list[Member],
    ) -> set[int]:
        """Give until nobody has room, or nobody suits what is left. The tickets that were given or offered."""
        left, hopeless, placed = list(waiting), set[object](), set[int]()
        while left and len(placed) < AT_ONCE and assignment.has_room(members):
            batch = [one for one in left if _alike(one) not in hopeless][: min(TOGETHER, AT_ONCE - len(placed))]
            picks = assignment.decide(batch, members, book.terms_of, tx.now) if batch else []
            for pick in picks:
                if pick.agent is None and all(row.score is None for row in pick.table.rows):
                    hopeless.add(_alike(pick.ticket))
            done = [pick for pick in picks if pick.agent and self._given(tx, queues[pick.ticket.queue], pick)]
            tried = {pick.ticket.number for pick in picks if pick.agent}
            if not tried and not any(_alike(one) in hopeless for one in batch):
                break
            placed |= {pick.ticket.number for pick in done}
            left = [one for one in left if one.number not in tried and _alike(one) not in hopeless]
            members[:] = assignment.after(members, done, tx.now)
        return placed

    def _given(self, tx: Tx, queue: Queue, pick: Pick) -> bool:
        """Give a ticket, or offer it. False where somebody took it this very moment."""
        number, agent = pick.ticket.number, pick.agent
        assert agent is not None
        if queue.mode is Mode.OFFER:
            until = tx.now + queue.offer_for
            offers.make(tx, number, agent, until)
            offer = offers.standing(tx, number)
            assert offer is not None
            jobs.add(tx, [tell_offered(number, agent, offer.id), show_card(number, queue.name)])
        else:
            taken = True
            with suppress(Refused), self.changing(tx, number) as change:
                change.happen(lifecycle.assign(change.ticket, agent, BY_DESK, tx.now, people.names(tx)))
                taken = False
            if taken:
                return False
            lineup.given(tx, agent)
        routings.keep(tx, number, decision=pick.table.as_kept(), decided_at=tx.now)
        return True

    def _unserved(
        self,
        tx: Tx,
        book: Rulebook,
        queues: Mapping[str, Queue],
        waiting: Sequence[Waiting],
        members: Sequence[Member],
        known: Mapping[int, Routing],
    ) -> None:
        """What nobody can have, now or soon, grows more urgent, and supervisors hear of its queue once."""
        found: dict[object, bool] = {}
        for one in waiting:
            terms, kind = book.terms_of(one.queue), _alike(one)
            if kind not in found:
                when = assignment.back_at(one, members, terms)
                soon = when is not None and when <= tx.now + (queues[one.queue].answers_within or A_DAY)
                found[kind] = soon or assignment.may_be_given(one, members, terms)
            routing = known.get(one.number)
            if not found[kind] and (routing is None or routing.unserved_at is None):
                self._escalate(tx, one, queues[one.queue])
        routings.served(tx, {one.queue for one in waiting if found[_alike(one)]})

    def _escalate(self, tx: Tx, one: Waiting, queue: Queue) -> None:
        routings.keep(tx, one.number, unserved_at=tx.now)
        with self.changing(tx, one.number) as change:
            if change.ticket.assignee is not None or change.ticket.status is Status.CLOSED:
                return
            urgency = change.ticket.urgency + 1
            change.happen(lifecycle.rank(change.ticket, urgency, By("rule:nobody-serves"), tx.now))
        if routings.told_unserved(tx, queue.name):
            said = phrase(
                "Nobody serves {queue}: ticket #{number} waits there, and everybody who could have it is away, off "
                "duty, said no, or lacks its language or a skill. Look at who works there, or give it to somebody by "
                "hand.",
                queue=queue.title,
                number=one.number,
            )
            self.alarm(tx, Trouble(said, one.number))


def _alike(one: Waiting) -> object:
    """Tickets of which the same is true: who can have one can have the other."""
    return (one.queue, one.language, one.skills, one.topics, one.said_no, one.named, one.points)


def _noes(said: Iterable[Offer], now: datetime) -> Iterable[tuple[str, No]]:
    """Who is not to be asked, by what they said."""
    for offer in said:
        if offer.answer is Answer.DECLINED:
            yield offer.agent, No.DECLINED
        elif offer.answer is Answer.RETURNED:
            yield offer.agent, No.RETURNED
        elif offer.answer is Answer.EXPIRED and now - offer.until < ASK_AGAIN:
            yield offer.agent, No.SILENT


def _as_waiting(
    one: Waits,
    known: Routing | None,
    queue: Queue,
    said_no: frozenset[tuple[str, No]],
    last_agent: str | None,
    due: datetime | None,
) -> Waiting:
    """`due`: when what is promised for it has to be kept first, where anything is."""
    outcome: Mapping[str, Any] = known.outcome if known else {}
    skills = cast("dict[str, int]", outcome.get("skills") or {})
    since = one.heard_at or one.opened_at
    return Waiting(
        number=one.number,
        queue=one.queue,
        urgency=one.urgency,
        due=due or (since + queue.answers_within if queue.answers_within else None),
        since=one.opened_at,
        points=points(one.urgency, is_chat=not manner(one.channel).letters),
        language=(known.facts.get("language") if known else None) or one.language,
        skills=tuple(sorted(skills.items())),
        topics=topics_of(known),
        said_no=said_no,
        named=outcome.get("assignee"),
        last_agent=last_agent,
    )
