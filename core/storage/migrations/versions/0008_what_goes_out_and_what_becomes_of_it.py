"""keep files that agents hand over, addresses that mail does not reach, and what relays and providers said."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import JSON, Id, Instant, Words

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_grants"),
    )
    op.create_table(
        "relays",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("largest", sa.BigInteger(), nullable=True),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_relays"),
    )
    op.create_table(
        "suppressed",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", Words, nullable=False),
        sa.Column("shown", Words, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reason", Words, nullable=False),
        sa.Column("message", Id, nullable=True),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("channel", "address", name="pk_suppressed"),
    )
    op.create_table(
        "handed_files",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("ticket", Id, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("type", Words, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("note", Id, nullable=True),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name="fk_handed_files_ticket"),
        sa.PrimaryKeyConstraint("id", name="pk_handed_files"),
    )
    with op.batch_alter_table("handed_files", schema=None) as batch_op:
        batch_op.create_index("ix_handed_files_ticket", ["ticket"], unique=False)

    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("head", JSON, nullable=True))


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
