"""How an older database becomes a newer one."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from procrastinate.schema import SchemaManager

_ONE_AT_A_TIME = 0x6465736B62656C6C
"""The advisory lock of who migrates."""


def config(connection: sa.Connection) -> Config:
    """Alembic's settings, without a file."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def migrate(engine: sa.Engine) -> tuple[str | None, str | None]:
    """Bring the database up to date. (revision before, revision after)."""
    with engine.connect() as connection:
        before = MigrationContext.configure(connection).get_current_revision()
        connection.rollback()
        with connection.begin():
            if connection.dialect.name == "postgresql":  # many processes start at once; SQLite's writers queue anyway
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
            command.upgrade(config(connection), "head")
            _carrier(connection)
        after = MigrationContext.configure(connection).get_current_revision()
        connection.rollback()
    return before, after


def _carrier(connection: sa.Connection) -> None:
    """The tables of Procrastinate, which carries the distributed runner's wakes; they are its own, not Alembic's."""
    if connection.dialect.name != "postgresql" or sa.inspect(connection).has_table("procrastinate_jobs"):
        return
    raw = connection.connection.driver_connection
    assert raw is not None
    with raw.cursor() as cursor:
        cursor.execute(SchemaManager.get_schema())


def newest() -> str | None:
    """The revision that this code needs."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(made).get_current_head()
