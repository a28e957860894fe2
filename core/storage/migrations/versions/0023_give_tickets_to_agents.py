"""give tickets to agents."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import JSON, Id, Instant

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "presence",
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("until", Instant, nullable=True),
        sa.Column("since", Instant, nullable=False),
        sa.Column("by_desk", sa.Boolean(), nullable=False),
        sa.Column("seen_at", Instant, nullable=True),
        sa.Column("given_at", Instant, nullable=True),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agent", name=op.f("pk_presence")),
    )
    op.create_table(
        "records",
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("solved", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agent", "topic", name=op.f("pk_records")),
    )
    op.create_table(
        "unserved",
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("since", Instant, nullable=False),
        sa.PrimaryKeyConstraint("queue", name=op.f("pk_unserved")),
    )
    op.create_table(
        "proposals",
        sa.Column("id", Id, nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("wanted", JSON, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", Instant, nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "offers",
        sa.Column("id", Id, nullable=False),
        sa.Column("ticket", Id, nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_offers_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_offers_ticket"), "offers", ["ticket"], unique=False)
    op.create_index(
        "uq_offers_unanswered",
        "offers",
        ["ticket"],
        unique=True,
        sqlite_where=sa.text("answer IS NULL"),
        postgresql_where=sa.text("answer IS NULL"),
    )
    op.create_table(
        "routings",
        sa.Column("ticket", Id, autoincrement=False, nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("outcome", JSON, nullable=False),
        sa.Column("decision", JSON, nullable=True),
        sa.Column("decided_at", Instant, nullable=True),
        sa.Column("unserved_at", Instant, nullable=True),
        sa.Column("red_at", Instant, nullable=True),
        sa.Column("red_room", sa.String(), nullable=True),
        sa.Column("red_ts", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_routings_ticket")),
        sa.PrimaryKeyConstraint("ticket", name=op.f("pk_routings")),
    )


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
