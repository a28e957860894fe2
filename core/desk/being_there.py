"""Use cases of agents about themselves: whether they are there, what they carry, what they can."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from pydantic import ValidationError

from core.desk.alarming import Alarming
from core.desk.lining_up import as_of, weighs
from core.effects import match
from core.phrases import Phrase, Refused, phrase
from core.routing.assignment import Presence
from core.rulebook import Agent, Role
from core.rulebook.problems import explained, faults_of
from core.storage import ledger, lineup, people, proposals
from core.storage.database import Tx, question, use_case
from core.storage.lineup import State
from core.storage.proposals import Proposal
from core.storage.troubles import Trouble
from core.tickets.model import By

PROPOSABLE = ("skills", "languages", "capacity", "hours")
"""What agents say of themselves; a supervisor decides."""


class Myself(NamedTuple):
    """An agent as they see themselves. `asked`: what they want changed, and nobody has decided yet."""

    agent: Agent
    state: State
    on_duty: bool
    load: float
    asked: Proposal | None
    gives: bool


class Asked(NamedTuple):
    """What a colleague wants changed."""

    proposal: Proposal
    name: str
    agent: Agent | None


class BeingThere(Alarming):
    """Agents about themselves."""

    @use_case
    def set_presence(self, tx: Tx, by: By, status: Presence, lasts: timedelta | None = None) -> None:
        """Say whether one is there; for how long, where that is known: then one is available again."""
        if not self.begin_act(tx, by):
            return
        until = tx.now + lasts if lasts is not None and status is not Presence.AVAILABLE else None
        known = lineup.state(tx, by.agent)
        since = known.since if known.status is status else tx.now
        state = known._replace(status=status, until=until, since=since, by_desk=False, seen_at=tx.now, missed=0)
        lineup.keep(tx, state)
        if self.book_in(tx).gives:
            ledger.add(tx, [match()])

    @question
    def myself(self, tx: Tx, agent: str) -> Myself | None:
        """What there is to say of an agent; None for whoever is none."""
        known = self.agent_in(tx, agent)
        if known is None:
            return None
        book = self.book_in(tx)
        load = sum(one.many * weighs(one) for one in lineup.loads(tx, [agent]))
        state = as_of(lineup.state(tx, agent), tx.now)
        return Myself(known, state, book.on_duty(known, tx.now), load, proposals.open_of(tx, agent), book.gives)

    @use_case
    def propose(self, tx: Tx, by: By, wanted: Mapping[str, Any]) -> bool:
        """Say what one can. Whether it counts at once, as a supervisor's own does; else supervisors hear of it.

        Raises Refused where it could not be: a level that there is not, hours that are none.
        """
        if not self.begin_act(tx, by):
            return False
        agent = self.agent_in(tx, by.agent)
        if agent is None:
            raise Refused(phrase("You are not an agent of this desk any more."))
        changed = {key: value for key, value in wanted.items() if key in PROPOSABLE}
        changed_to = changed_agent(agent, changed)
        if changed_to == agent:
            raise Refused(phrase("That is what the desk knows of you already."))
        if agent.role is Role.SUPERVISOR:
            self._put_in_force(tx, agent, changed_to, by.agent)
            return True
        proposals.make(tx, by.agent, changed)
        said = phrase(
            "{name} wants to change what the desk knows of them: {changes}. You decide in your Home of the desk.",
            name=agent.name,
            changes=differences(agent, changed_to),
        )
        self.alarm(tx, Trouble(said))
        return False

    @question
    def proposed(self, tx: Tx) -> list[Asked]:
        """What waits for a supervisor, oldest first."""
        names = people.names(tx)
        return [
            Asked(one, names.get(one.agent, one.agent), self.agent_in(tx, one.agent)) for one in proposals.waiting(tx)
        ]

    @use_case
    def decide_proposal(self, tx: Tx, id: int, granted: bool, by: By) -> None:
        """A supervisor says yes or no; with yes it is in the rulebook. Raises Refused where somebody was first."""
        if not self.begin_act(tx, by):
            return
        found = proposals.decide(tx, id, by.agent, granted)
        if found is None:
            raise Refused(phrase("This was decided already, or was asked for anew."))
        agent = self.agent_in(tx, found.agent)
        if granted and agent is not None:
            self._put_in_force(tx, agent, changed_agent(agent, found.wanted), by.agent)

    def _put_in_force(self, tx: Tx, agent: Agent, changed: Agent, by: str) -> None:
        book = self.book_in(tx)
        agents = tuple(changed if one.name == agent.name else one for one in book.agents)
        self._shelf.put(tx, book.model_copy(update={"agents": agents}), by)
        ledger.add(tx, [match()] if book.gives else [])


def changed_agent(agent: Agent, changed: Mapping[str, Any]) -> Agent:
    """An agent with this changed. Raises Refused with what is wrong with it."""
    try:
        return Agent.model_validate({**agent.model_dump(), **changed})
    except ValidationError as error:
        problem = explained(faults_of(error)[0], {})
        raise Refused(phrase("{sentence} {remedy}", sentence=problem.sentence, remedy=problem.remedy)) from error


def differences(agent: Agent, changed: Agent) -> tuple[Phrase, ...]:
    """What is different, each as a phrase."""
    pairs = (
        (phrase("skills"), _levels(agent.skills), _levels(changed.skills)),
        (phrase("languages"), _levels(agent.languages), _levels(changed.languages)),
        (phrase("capacity"), str(agent.capacity), str(changed.capacity)),
        (phrase("hours"), ", ".join(agent.hours), ", ".join(changed.hours)),
    )
    return tuple(
        phrase("{what} “{after}” instead of “{before}”", what=what, after=after or "–", before=before or "–")
        for what, before, after in pairs
        if before != after
    )


def _levels(levels: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {level}" for name, level in levels.items())
