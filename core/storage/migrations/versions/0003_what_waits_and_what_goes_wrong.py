"""order what waits by urgency, tell supervisors what goes wrong, and let PostgreSQL keep raw mails cheaply.

PostgreSQL compresses large values by pglz where nothing else is said: that took 0.4 ms of the server's processor for
each raw mail. lz4 is the cheap one; a server that was built without it keeps them uncompressed. What lies there already
stays as it is.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import exc

from core.storage.schema import JSON, Id, Instant, Words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tickets_queue_open"), sqlite_where=sa.text("status != 'closed'"))
        batch_op.create_index(
            "ix_tickets_waiting",
            ["queue", sa.literal_column("urgency DESC"), "opened_at"],
            unique=False,
            sqlite_where=sa.text("assignee IS NULL AND status != 'closed'"),
            postgresql_where=sa.text("assignee IS NULL AND status != 'closed'"),
        )
    op.create_table(
        "troubles",
        sa.Column("id", Id, nullable=False),
        sa.Column("supervisor", Words, nullable=False),
        sa.Column("said", JSON, nullable=False),
        sa.Column("ticket", Id, nullable=True),
        sa.Column("job", Id, nullable=True),
        sa.Column("command", sa.String(), nullable=True),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_troubles")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("troubles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_troubles_supervisor"), ["supervisor"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        keep_blobs_cheaply(op.get_bind(), "lz4")


def keep_blobs_cheaply(sql: sa.Connection, method: str) -> None:
    """Compress raw mails by this method; not at all where the server does not know it."""
    try:
        with sql.begin_nested():
            sql.execute(sa.text(f"alter table blobs alter column content set compression {method}"))
    except exc.DBAPIError:
        sql.execute(sa.text("alter table blobs alter column content set storage external"))


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
