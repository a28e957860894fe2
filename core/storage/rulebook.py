"""The rulebook's versions: each one whole, so that any two can be compared and any one brought back."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from core.rulebook import Rulebook, from_json, to_json
from core.storage.database import Tx
from core.storage.schema import rulebook
from core.storage.statements import Prepared


class Edition(NamedTuple):
    version: int
    book: Rulebook


_LATEST = Prepared(sa.select(sa.func.max(rulebook.c.version)))


class Shelf:
    """The rulebook in force, read again only when its version has changed."""

    def __init__(self) -> None:
        self._held: Edition | None = None

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

    def put(self, tx: Tx, book: Rulebook, by: str) -> int:
        """A new version in force. Two at once: the later one fails on the version's key and is done again."""
        version = (_LATEST.value(tx, {}) or 0) + 1
        tx.read.pop(self, None)
        tx.sql.execute(rulebook.insert(), {"version": version, "document": to_json(book), "at": tx.now, "by": by})
        return version
