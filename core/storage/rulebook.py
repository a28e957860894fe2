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
        self._asked: tuple[Tx, Edition] | None = None  # a transaction has one rulebook from beginning to end

    def edition(self, tx: Tx) -> Edition | None:
        """None where the database is new."""
        asked = self._asked
        if asked is not None and asked[0] is tx:
            return asked[1]
        version = _LATEST.value(tx, {})
        if version is None:
            return None
        held = self._held
        if held is None or held.version != version:
            document = tx.sql.execute(sa.select(rulebook.c.document).where(rulebook.c.version == version)).scalar_one()
            held = self._held = Edition(version, from_json(document))
        self._asked = tx, held
        return held

    def put(self, tx: Tx, book: Rulebook, by: str) -> int:
        """A new version in force. Two at once: the later one fails on the version's key and is done again."""
        version = (_LATEST.value(tx, {}) or 0) + 1
        self._asked = None
        tx.sql.execute(rulebook.insert(), {"version": version, "document": to_json(book), "at": tx.now, "by": by})
        return version
