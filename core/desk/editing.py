"""Use cases of writing the rulebook in windows: begin, write, try, put in force, take back.

The same checks count as for a file, and each change is a version of its own, so `deskbell rulebook diff` shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from core.desk.ruling import Ruling
from core.phrases import Conflict, NotFound, Refused, phrase
from core.rulebook import Change as Difference
from core.rulebook import Rulebook, diff
from core.rulebook.editing import Record, moved, record, taken_back, without, written
from core.storage import drafts, people
from core.storage.database import Tx, question, use_case
from core.storage.drafts import Draft
from core.storage.rulebook import Edition
from core.tickets.model import By

LISTED = 5
"""Changes that are shown, and can be taken back by one press."""


Change = Callable[[Rulebook], Rulebook]


class Changed(NamedTuple):
    """A version of the rulebook: who put it in force when, and what it changed."""

    version: int
    at: datetime
    by: str
    changes: tuple[Difference, ...]


class Editing(Ruling):
    """The rulebook, thing by thing."""

    @question
    def changes(self, tx: Tx) -> list[Changed]:
        """The last versions, the newest first, each with what is different from the one before it."""
        latest, names = self._shelf.latest(tx, LISTED + 1), people.names(tx)
        found: list[Changed] = []
        for one, before in pairwise(latest):
            old, new = self._shelf.at(tx, before.version), self._shelf.at(tx, one.version)
            if old is not None and new is not None:
                found.append(Changed(one.version, one.at, names.get(one.by, one.by), tuple(diff(old, new))))
        return found

    @use_case
    def begin_draft(self, tx: Tx, kind: str, name: str | None, by: By, like: str | None = None) -> Draft:
        """Begin to write something anew; or something new, `like` another. Raises Refused where that is gone."""
        edition = self._in_force(tx)
        model = name if name is not None else like
        found = record(edition.book, kind, model) if model is not None else {}
        if found is None:
            raise Refused(phrase("“{name}” is not in the rulebook any more.", name=(model or "")[:200]))
        if name is None:
            found.pop("name", None)
        return drafts.begin(tx, by.agent, Draft(0, kind, name, edition.version, found))

    @question
    def drafted(self, tx: Tx, id: int, by: By) -> Draft:
        """What somebody is writing. Raises NotFound where it is in force by now, or was left long ago."""
        return self._draft_of(tx, id, by)

    @use_case
    def write_draft(self, tx: Tx, id: int, said: Record, by: By) -> Draft:
        """Keep what somebody has written so far, right or wrong."""
        found = self._draft_of(tx, id, by)
        if not self.begin_act(tx, by):
            return found
        drafts.write(tx, id, said)
        return found._replace(record=said)

    @question
    def tried(self, tx: Tx, id: int, said: Mapping[str, Any], by: By) -> Edition:
        """The rulebook as it would be with what somebody writes, and the version that this was tried on.

        Raises Unfit with what is wrong then, Refused where somebody else changed the same meanwhile.
        """
        draft, edition = self._draft_of(tx, id, by), self._in_force(tx)
        if draft.name is not None and edition.version != draft.version:
            begun = self._shelf.at(tx, draft.version)
            then = record(begun, draft.kind, draft.name) if begun else None
            if record(edition.book, draft.kind, draft.name) != then:
                raise Refused(
                    phrase(
                        "Somebody else changed “{name}” meanwhile. Close this window and begin with what is there now.",
                        name=draft.name,
                    )
                )
        return Edition(edition.version, written(edition.book, draft.kind, draft.name, said))

    @use_case
    def settle_draft(self, tx: Tx, id: int, made: Edition, by: By) -> int | None:
        """Put in force what was tried; its version. Raises Conflict where another is in force by now: try it anew."""
        if not self.begin_act(tx, by):
            return None
        self._draft_of(tx, id, by)
        edition = self._unless_changed(tx, made.version)
        drafts.drop(tx, id)
        if made.book == edition.book:
            return edition.version
        return self._rule_by(tx, made.book, by.agent)

    @use_case
    def drop_record(self, tx: Tx, kind: str, name: str, by: By) -> int | None:
        """Take a thing out of the rulebook. Raises Unfit where something needs it."""
        return self._changed_by(tx, lambda book: without(book, kind, name), by)

    @use_case
    def move_record(self, tx: Tx, kind: str, name: str, places: int, by: By) -> int | None:
        """Let a thing come earlier or later among its like."""
        return self._changed_by(tx, lambda book: moved(book, kind, name, places), by)

    @use_case
    def take_back(self, tx: Tx, version: int, by: By) -> int | None:
        """Undo what a version changed; what was changed since stays. Raises Refused where that is the same thing."""
        before, after = self._shelf.at(tx, version - 1), self._shelf.at(tx, version)
        if before is None or after is None:
            raise NotFound(phrase("The rulebook has no version {version} to take back.", version=version))
        return self._changed_by(tx, lambda book: taken_back(before, after, book), by)

    def _changed_by(self, tx: Tx, change: Change, by: By) -> int | None:
        if not self.begin_act(tx, by):
            return None
        edition = self._in_force(tx)
        book = change(edition.book)
        return self._rule_by(tx, book, by.agent) if book != edition.book else edition.version

    def _unless_changed(self, tx: Tx, version: int) -> Edition:
        edition = self._in_force(tx)
        if edition.version != version:
            raise Conflict(phrase("Somebody else changed the rulebook meanwhile. Look at it again."))
        return edition

    def _in_force(self, tx: Tx) -> Edition:
        self.book_in(tx)
        edition = self._shelf.edition(tx)
        assert edition is not None
        return edition

    def _draft_of(self, tx: Tx, id: int, by: By) -> Draft:
        found = drafts.find(tx, id, by.agent)
        if found is None:
            raise NotFound(phrase("This window is too old, or what it is about is in force by now. Open it again."))
        return found
