"""How the desk does, in figures: for whoever runs it, and for what watches it."""

from __future__ import annotations

from core.desk.house import House
from core.storage import figures
from core.storage.database import Tx, question
from core.storage.figures import Figures


class Measuring(House):
    """Figures."""

    @question
    def figures(self, tx: Tx) -> Figures:
        """How much waits, where and since when; without a word that anybody wrote, or anybody's address."""
        return figures.take(tx)
