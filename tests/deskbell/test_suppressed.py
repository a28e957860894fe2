"""The command that shows which addresses the desk writes nothing to by itself, and takes one off the list."""

from __future__ import annotations

from pathlib import Path

from core.desk.opening import open_desk
from core.storage import suppressed
from core.storage.database import Tx
from core.storage.suppressed import Suppressed
from core.tickets.suppression import Kind, Standing
from tests.deskbell.test_commands import Terminal


def test_an_address_is_listed_with_its_reason_and_taken_off(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.env["DATABASE_URL"] = f"sqlite:///{tmp_path}/var/deskbell.db"
    desk = open_desk(f"sqlite:///{tmp_path}/var/deskbell.db", tmp_path / "var")

    def known(tx: Tx) -> None:
        suppressed.keep(
            tx, Suppressed("email", "Carla@example.com", Standing(Kind.GONE, 0, tx.now), "5.1.1 none", None)
        )
        suppressed.keep(tx, Suppressed("email", "max@example.org", Standing(Kind.FAILING, 1, tx.now), "full", None))

    desk.db.run(known)
    desk.db.close()
    listed = terminal.type("suppressed").stdout
    assert "Carla@example.com  no such address: 5.1.1 none" in listed
    assert "max@example.org  failed, not suppressed yet: full" in listed
    assert "2 addresses on the list" in listed
    assert "carla@example.com is off the list." in terminal.type("suppressed", "remove", "carla@example.com").stdout
    again = terminal.type("suppressed", "remove", "carla@example.com")
    assert (again.returncode, "is not on the list" in again.stderr) == (1, True)
    assert "Say its address" in terminal.type("suppressed", "remove").stderr
