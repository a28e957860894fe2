"""The rulebook's versions: each one whole, so that any two can be compared and any one brought back."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from core.calendars.calendar import ALWAYS, Calendar
from core.rulebook import Rulebook, from_json, to_json
from core.storage.database import Tx
from core.storage.schema import rulebook
from core.storage.statements import Prepared

_MOST_CALENDARS = 64
"""Calendars of earlier versions that are kept at hand."""


class Edition(NamedTuple):
    version: int
    book: Rulebook


class Put(NamedTuple):
    """When a version came into force, and who put it there."""

    version: int
    at: datetime
    by: str


_LATEST = Prepared(sa.select(sa.func.max(rulebook.c.version)))


_EARLIER = 4
"""Versions that are no longer in force and kept at hand."""


class Shelf:
    """The rulebook in force, read again only when its version has changed."""

    def __init__(self) -> None:
        self._held: Edition | None = None
        self._earlier: dict[int, Rulebook] = {}
        self._calendars: dict[tuple[int, str], Calendar] = {}

    def edition(self, tx: Tx) -> Edition | None:
        """None where the database is new. A transaction has one rulebook from beginning to end."""
        if self in tx.read:
            return tx.read[self]
        version = _LATEST.value(tx, {})
        if version is None:
            return None
        held = self._held
        if held is None or held.version != version:
            document = tx.sql.execute(sa.select(rulebook.c.document).where(rulebook.c.version == version)).scalar_one()
            held = self._held = Edition(version, from_json(document))
        tx.read[self] = held
        return held

    def at(self, tx: Tx, version: int) -> Rulebook | None:
        """The rulebook as it was in a version, for what was begun by it; None where there is none."""
        edition = self.edition(tx)
        if edition is not None and edition.version == version:
            return edition.book
        known = self._earlier.get(version)
        if known is None:
            query = sa.select(rulebook.c.document).where(rulebook.c.version == version)
            document = tx.sql.execute(query).scalar_one_or_none()
            if document is None:
                return None
            known = from_json(document)
            if len(self._earlier) >= _EARLIER:
                self._earlier.pop(next(iter(self._earlier)), None)
            self._earlier[version] = known
        return known

    def latest(self, tx: Tx, most: int) -> list[Put]:
        """The newest versions, the newest first."""
        query = sa.select(rulebook.c.version, rulebook.c.at, rulebook.c.by).order_by(rulebook.c.version.desc())
        return [Put._make(row) for row in tx.sql.execute(query.limit(most))]

    def put(self, tx: Tx, book: Rulebook, by: str) -> int:
        """A new version in force. Two at once: the later one fails on the version's key and is done again."""
        version = (_LATEST.value(tx, {}) or 0) + 1
        tx.read.pop(self, None)
        tx.sql.execute(rulebook.insert(), {"version": version, "document": to_json(book), "at": tx.now, "by": by})
        return version

    def calendar(self, tx: Tx, version: int, name: str) -> Calendar:
        """A calendar as it was in a version of the rulebook; versions never change."""
        held = self._held
        if held is not None and held.version == version:
            return held.book.calendar(name)
        found = self._calendars.get((version, name))
        if found is None:
            document = tx.sql.execute(sa.select(rulebook.c.document).where(rulebook.c.version == version)).scalar()
            found = from_json(document).calendar(name) if document is not None else ALWAYS
            if len(self._calendars) >= _MOST_CALENDARS:
                self._calendars.clear()
            self._calendars[version, name] = found
        return found
