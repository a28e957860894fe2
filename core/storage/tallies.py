"""How often something happened since the desk began: a row that is counted up, in the transaction where it happens."""

from __future__ import annotations

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import tallies
from core.storage.statements import Prepared, on_each
from core.tickets.tallies import LABELS, Tally


def count(tx: Tx, tally: Tally, label: str = "") -> None:
    """It happened once more."""
    _COUNT.run(tx, {"tally": tally, "label": label, "many": 1})


_COUNT = Prepared(
    on_each(
        lambda insert: insert(tallies).on_conflict_do_update(
            index_elements=["tally", "label"], set_={"many": tallies.c.many + 1}
        )
    ),
    columns=("tally", "label", "many"),
)


def every(tx: Tx) -> dict[Tally, dict[str, int]]:
    """All of them, also those that never happened."""
    found = {tally: dict.fromkeys(labels, 0) for tally, labels in LABELS.items()}
    for row in tx.sql.execute(sa.select(tallies)):
        found[Tally(row.tally)][row.label] = row.many
    return found
