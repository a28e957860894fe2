"""stop mail that goes round, and know one message by two deliveries."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import Id, Instant, Words

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "acknowledged",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", Words, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("muted", sa.Integer(), nullable=False),
        sa.Column("since", Instant, nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("alike", sa.String(), nullable=True),
        sa.Column("told_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("channel", "address", name=op.f("pk_acknowledged")),
    )
    op.create_index(
        "ix_acknowledged_alike",
        "acknowledged",
        ["alike", "at"],
        sqlite_where=sa.text("alike IS NOT NULL"),
        postgresql_where=sa.text("alike IS NOT NULL"),
    )
    op.execute(
        "INSERT INTO acknowledged (channel, address, at, muted, since, opened)"
        " SELECT i.channel, i.address, p.acknowledged_at, 0, p.acknowledged_at, 1"
        " FROM identities i JOIN people p ON p.id = i.person WHERE p.acknowledged_at IS NOT NULL"
    )
    op.execute("ALTER TABLE people DROP COLUMN acknowledged_at")  # a copy of the table would lose who points to it
    op.add_column("inbox", sa.Column("likeness", sa.String(), nullable=True))
    op.add_column("inbox", sa.Column("first", Id, nullable=True))
    op.create_index(
        "ix_inbox_first",
        "inbox",
        ["first"],
        sqlite_where=sa.text("first IS NOT NULL"),
        postgresql_where=sa.text("first IS NOT NULL"),
    )
    op.create_index(
        "uq_inbox_likeness",
        "inbox",
        ["likeness"],
        unique=True,
        sqlite_where=sa.text("likeness IS NOT NULL"),
        postgresql_where=sa.text("likeness IS NOT NULL"),
    )


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
