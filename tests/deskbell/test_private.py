"""Customers' mail is the desk's own: no other user of the machine can look into its files."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from core.storage.blobs import INLINE
from tests.deskbell.by_smtp import deliver
from tests.deskbell.test_commands import Terminal
from tests.e2e.play import Play
from tests.running import running
from tests.world import RULEBOOK


def open_to_others(folder: Path) -> list[str]:
    """What under a folder anybody else may read, write or enter, the folder itself included."""
    return [str(one) for one in (folder, *folder.rglob("*")) if stat.S_IMODE(one.stat().st_mode) & 0o077]


async def test_a_running_desk_keeps_everything_to_itself(tmp_path: Path) -> None:
    home = tmp_path / "home"
    before = os.umask(0o022)
    try:
        async with running(tmp_path, f"sqlite:///{home}/deskbell.db", VAR=str(home)) as desk:
            large = b"Subject: large\r\n\r\n" + b"large words\r\n" * (INLINE // 8)
            assert (await deliver(desk.smtp_port, large))[0] == 250
            await Play(desk).sees(1)
            assert {one.name for one in home.iterdir()} >= {"deskbell.db", "deskbell.db-wal", "blobs"}
            assert open_to_others(home) == []
    finally:
        os.umask(before)


def test_the_doctor_says_where_an_older_desk_left_its_folder_open(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.write("desk.toml", RULEBOOK)
    assert terminal.type("rulebook", "apply").returncode == 0
    assert open_to_others(tmp_path / "var") == []
    assert "Other users" not in terminal.type("doctor").stdout
    (tmp_path / "var").chmod(0o755)
    (tmp_path / "var" / "deskbell.db").chmod(0o644)
    assert "chmod -R go= var" in terminal.type("doctor").stdout
