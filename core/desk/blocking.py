"""Use cases of whose mail opens nothing: say so of an address or a domain, take it back, look at all of them."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from core.desk.holding import BLOCKED, Holding
from core.desk.keeping_out import OPERATOR, ago, who
from core.phrases import NotFound, Phrase, Refused, phrase
from core.rulebook.kinds import normal_address
from core.storage import blocked, handlings, inbox, people
from core.storage.blocked import Blocked
from core.storage.database import Tx, question, use_case
from core.tickets.blocking import is_shared, pattern_of, patterns_of, shared
from core.tickets.model import By

LONGEST_WHY = 500


class Shut(NamedTuple):
    """Somebody whose mail opens nothing: an address, or a domain; who said so, how long ago (negative), and why."""

    whom: str
    by: str | Phrase
    ago: timedelta
    why: str


class Blocking(Holding):
    """Whose mail opens nothing."""

    @use_case
    def block(self, tx: Tx, said: str, by: By = OPERATOR, why: str = "", *, sure: bool = False, of: int = 0) -> str:
        """Let mail from an address or a domain open nothing from now on; what waits of it is put away too.

        `of` is the mail in the inbox over which that was decided. What was blocked, as people write it. Raises Refused
        for what is none, our own, or blocked already; Shared for a domain of everybody's, where one is not `sure`.
        """
        pattern = pattern_of(said)
        whom = pattern.removeprefix("@")
        if not self.begin_act(tx, by):
            return whom
        known = self.shut(tx, pattern, by, why, sure=sure)
        if known is not None:
            name = who(known.by, people.names(tx))
            passed = ago(known.at, tx.now)
            raise Refused(phrase("{name} blocked {whom} {ago} already.", name=name, whom=whom, ago=passed))
        if of:
            handlings.add(tx, of, "block", by.agent)
        return whom

    def shut(self, tx: Tx, pattern: str, by: By, why: str = "", *, sure: bool = False) -> Blocked | None:
        """Let such mail open nothing; what waits of it is put away. By whom that was said already, if it was.

        Raises Refused for our own; Shared for a domain of everybody's, where one is not `sure`.
        """
        self._not_ours(tx, pattern)
        if is_shared(pattern) and not sure:
            raise shared(pattern)
        if not blocked.add(tx, pattern, by.agent, why.strip()[:LONGEST_WHY]):
            known = blocked.first_of(tx, [pattern])
            if known is not None:
                return known
        inbox.block_listed(tx, [pattern], BLOCKED.text)
        return None

    @use_case
    def unblock(self, tx: Tx, said: str, by: By = OPERATOR) -> str:
        """Hear mail from an address or a domain again; what came meanwhile stays put away. Raises NotFound."""
        pattern = pattern_of(said)
        whom = pattern.removeprefix("@")
        if self.begin_act(tx, by) and not blocked.remove(tx, pattern):
            raise NotFound(phrase("{whom} is not blocked.", whom=whom))
        return whom

    @question
    def blocked(self, tx: Tx) -> list[Shut]:
        """Everybody who is blocked, the last first."""
        names = people.names(tx)
        return [
            Shut(one.pattern.removeprefix("@"), who(one.by, names), ago(one.at, tx.now), one.why)
            for one in blocked.every(tx)
        ]

    def _not_ours(self, tx: Tx, pattern: str) -> None:
        book = self.book_in(tx)
        ours = [(box.name, box.address) for box in book.mailboxes]
        ours += [(agent.name, agent.email) for agent in book.agents if agent.email]
        for name, address in ours:
            if pattern in patterns_of(normal_address(address)):
                raise Refused(
                    phrase(
                        "{whom} is not blocked: that would shut out {name} ({address}), who is of this desk.",
                        whom=pattern.removeprefix("@"),
                        name=name,
                        address=address,
                    )
                )
