"""Use cases of tickets that have to do with each other and stay apart: related, caused by another, split from it."""

from __future__ import annotations

from core.desk.merging import Merging
from core.phrases import NotFound, phrase
from core.storage import relations, tickets
from core.storage.database import Tx, use_case
from core.tickets import relating
from core.tickets.model import By
from core.tickets.relating import Kinship, Relation


class Relating(Merging):
    """What tickets are to each other."""

    @use_case
    def relate(self, tx: Tx, one: int, other: int, kind: Kinship, by: By) -> None:
        """One ticket is this to another; both say so. Of what was merged, that in which it goes on. Raises Refused."""
        if not self.begin_act(tx, by):
            return
        here, there = tickets.goes_on_in(tx, one), tickets.goes_on_in(tx, other)
        for number in sorted({here, there}):
            tickets.load(tx, number)
        standing = relations.of(tx, here)
        relating.relate(here, there, kind, standing, lambda number: relations.causes_of(tx, number))
        self.keep_relation(tx, Relation(here, there, kind, by.agent, tx.now))

    @use_case
    def unrelate(self, tx: Tx, one: int, other: int, kind: Kinship, by: By) -> None:
        """That one ticket is this to another was a mistake. Raises NotFound where it is not so any more."""
        if not self.begin_act(tx, by):
            return
        for number in sorted({one, other}):
            tickets.load(tx, number)
        found = next((r for r in relations.of(tx, one) if (r.one, r.other, r.kind) == (one, other, kind)), None)
        if found is None:
            raise NotFound(phrase("That was taken back already."))
        relations.remove(tx, found)
        for number in (one, other):
            with self.changing(tx, number) as change:
                change.happen(relating.unrelated(found, by, tx.now))

    def keep_relation(self, tx: Tx, relation: Relation) -> None:
        """What one ticket is to another is known from now on, and both tell of it."""
        relations.add(tx, relation)
        for number in (relation.one, relation.other):
            with self.changing(tx, number) as change:
                change.happen(relating.related(relation, tx.now))
