"""keep what is understood of tickets, and what that is learnt from."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import JSON, Id, Instant

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signals",
        sa.Column("ticket", Id, autoincrement=False, nullable=False),
        sa.Column("message", Id, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("found", JSON, nullable=False),
        sa.Column("corrected", JSON, nullable=False),
        sa.Column("likeness", sa.String(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("mind", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_signals_ticket")),
        sa.PrimaryKeyConstraint("ticket", name=op.f("pk_signals")),
    )
    op.create_table(
        "examples",
        sa.Column("id", Id, nullable=False),
        sa.Column("ticket", Id, nullable=False),
        sa.Column("likeness", sa.String(), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_examples_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_examples")),
        sa.UniqueConstraint("ticket", name=op.f("uq_examples_ticket")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_examples_likeness"), "examples", ["likeness"])
    op.create_table(
        "minds",
        sa.Column("version", Id, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("examples", sa.Integer(), nullable=False),
        sa.Column("upto", Id, nullable=False),
        sa.Column("quality", JSON, nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.Column("chosen", Id, nullable=True),
        sa.Column("chosen_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_minds")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
