"""split tickets into tasks for several queues."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import Id, Instant, Words

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tickets") as batch_op:
        batch_op.add_column(sa.Column("part_of", Id, nullable=True))
        batch_op.add_column(sa.Column("target", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("tasks", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("blocked", sa.Integer(), server_default="0", nullable=False))
    is_split = sa.text("tasks > 0")
    op.create_index("ix_tickets_split", "tickets", ["number"], sqlite_where=is_split, postgresql_where=is_split)
    op.create_table(
        "tasks",
        sa.Column("id", Id, nullable=False),
        sa.Column("ticket", Id, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("title", Words, nullable=False),
        sa.Column("text", Words, nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("wanted", sa.String(), nullable=True),
        sa.Column("target", sa.Integer(), nullable=True),
        sa.Column("blocks", sa.Boolean(), nullable=False),
        sa.Column("made_from", sa.String(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("work", Id, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("ended_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_tasks_ticket_tickets")),
        sa.ForeignKeyConstraint(["work"], ["tickets.number"], name=op.f("fk_tasks_work_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("ticket", "place", name=op.f("uq_tasks_ticket_place")),
        sa.UniqueConstraint("work", name=op.f("uq_tasks_work")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "task_waits",
        sa.Column("task", Id, autoincrement=False, nullable=False),
        sa.Column("after", Id, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["after"], ["tasks.id"], name=op.f("fk_task_waits_after_tasks")),
        sa.ForeignKeyConstraint(["task"], ["tasks.id"], name=op.f("fk_task_waits_task_tasks")),
        sa.PrimaryKeyConstraint("task", "after", name=op.f("pk_task_waits")),
    )


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
