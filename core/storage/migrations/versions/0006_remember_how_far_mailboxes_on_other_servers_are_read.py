"""remember how far mailboxes on other servers are read."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import Id, Instant, Words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cursors",
        sa.Column("mailbox", sa.String(), nullable=False),
        sa.Column("folder", Words, nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("rescan_to", sa.BigInteger(), nullable=False),
        sa.Column("began", Instant, nullable=True),
        sa.Column("looked_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("mailbox", "folder", name=op.f("pk_cursors")),
    )
    op.create_table(
        "fetched",
        sa.Column("mailbox", sa.String(), nullable=False),
        sa.Column("folder", Words, nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("uid", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fate", sa.SmallInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("likeness", sa.String(), nullable=False),
        sa.Column("inbox", Id, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", Instant, nullable=True),
        sa.Column("reason", Words, nullable=True),
        sa.PrimaryKeyConstraint("mailbox", "folder", "uidvalidity", "uid", name=op.f("pk_fetched")),
    )
    with op.batch_alter_table("fetched", schema=None) as batch_op:
        batch_op.create_index("ix_fetched_digest", ["digest"], unique=False)
        batch_op.create_index("ix_fetched_likeness", ["likeness"], unique=False)
        batch_op.create_index(
            "ix_fetched_to_fetch",
            ["mailbox"],
            unique=False,
            sqlite_where=sa.text("fate = 2"),
            postgresql_where=sa.text("fate = 2"),
        )
        batch_op.create_index(
            "ix_fetched_to_mark",
            ["mailbox"],
            unique=False,
            sqlite_where=sa.text("fate = 0"),
            postgresql_where=sa.text("fate = 0"),
        )


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
