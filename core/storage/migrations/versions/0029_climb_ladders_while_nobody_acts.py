"""climb ladders while nobody acts, tell once, and know who is on duty."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import JSON, Id, Instant, Words

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tickets") as batch_op:
        batch_op.add_column(sa.Column("ladder", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("ladder_of", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("rung", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("rung_at", Instant, nullable=True))
        batch_op.add_column(sa.Column("active_at", Instant, nullable=True))
        batch_op.add_column(sa.Column("sure_until", Instant, nullable=True))
        batch_op.add_column(sa.Column("snoozed_at", Instant, nullable=True))
        batch_op.add_column(sa.Column("snoozed_until", Instant, nullable=True))
    climbs = sa.text("ladder IS NOT NULL")
    op.create_index("ix_tickets_ladder", "tickets", ["number"], sqlite_where=climbs, postgresql_where=climbs)
    op.create_table(
        "pings",
        sa.Column("id", Id, nullable=False),
        sa.Column("ticket", Id, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("target", Words, nullable=False),
        sa.Column("why", Words, nullable=False),
        sa.Column("due", Instant, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("important", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("way", sa.String(), nullable=True),
        sa.Column("begun_at", Instant, nullable=True),
        sa.Column("sent_at", Instant, nullable=True),
        sa.Column("moot_at", Instant, nullable=True),
        sa.Column("repeated", sa.Boolean(), nullable=False),
        sa.Column("failure", Words, nullable=True),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_pings_ticket_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pings")),
        sa.UniqueConstraint("ticket", "seq", "target", name=op.f("uq_pings_ticket_seq_target")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audits",
        sa.Column("ticket", Id, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("found", JSON, nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_audits_ticket_tickets")),
        sa.PrimaryKeyConstraint("ticket", name=op.f("pk_audits")),
    )
    op.create_table(
        "swaps",
        sa.Column("id", Id, nullable=False),
        sa.Column("roster", sa.String(), nullable=False),
        sa.Column("of", Words, nullable=False),
        sa.Column("to", Words, nullable=True),
        sa.Column("begins", Instant, nullable=False),
        sa.Column("ends", Instant, nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swaps")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_swaps_ends"), "swaps", ["ends"])
    op.create_table(
        "handovers",
        sa.Column("id", Id, nullable=False),
        sa.Column("roster", sa.String(), nullable=False),
        sa.Column("by", Words, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("text", Words, nullable=False),
        sa.Column("told_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_handovers_roster"), "handovers", ["roster"])


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
