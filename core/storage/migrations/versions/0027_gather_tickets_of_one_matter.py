"""gather tickets of one matter."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import Id, Instant, Words

revision = "0027"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gatherings",
        sa.Column("id", Id, nullable=False),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("lead", Id, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", Instant, nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("room", sa.String(), nullable=True),
        sa.Column("ts", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["lead"], ["tickets.number"], name=op.f("fk_gatherings_lead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gatherings")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "told_fields",
        sa.Column("ticket", Id, autoincrement=False, nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", Words, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_told_fields_ticket")),
        sa.PrimaryKeyConstraint("ticket", "field", name=op.f("pk_told_fields")),
    )
    with op.batch_alter_table("told_fields", schema=None) as batch_op:
        batch_op.create_index("ix_told_fields_field", ["field", "at"], unique=False)

    op.create_table(
        "gathered",
        sa.Column("gathering", Id, autoincrement=False, nullable=False),
        sa.Column("ticket", Id, autoincrement=False, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("likeness", sa.Float(), nullable=False),
        sa.Column("by_words", sa.Boolean(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["gathering"], ["gatherings.id"], name=op.f("fk_gathered_gathering")),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_gathered_ticket")),
        sa.PrimaryKeyConstraint("gathering", "ticket", name=op.f("pk_gathered")),
    )
    with op.batch_alter_table("gathered", schema=None) as batch_op:
        batch_op.create_index("ix_gathered_ticket", ["ticket"], unique=False)

    with op.batch_alter_table("signals", schema=None) as batch_op:
        batch_op.create_index("ix_signals_at", ["at"], unique=False)


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
