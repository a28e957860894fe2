"""Write a migration for what the schema says and the newest does not: python -m core.storage.migrations.make WHY."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from alembic import command

from core.storage.migrations import config


def main(why: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = sa.create_engine(f"sqlite:///{folder}/new.db")
        with engine.begin() as connection:
            command.upgrade(config(connection), "head")
        with engine.begin() as connection:
            number = f"{len(_versions()) + 1:04d}"
            made = command.revision(config(connection), message=why, autogenerate=True, rev_id=number)
    path = str(getattr(made, "path", ""))
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "check", "--fix", "--quiet", path], check=False)
    subprocess.run([*ruff, "format", "--quiet", path], check=True)


def _versions() -> list[Path]:
    return list((Path(__file__).parent / "versions").glob("[0-9]*.py"))


if __name__ == "__main__":
    main(sys.argv[1])
