"""let requesters say how it was, and people let us speak for their accounts."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import Instant, Words

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tickets") as batch_op:
        batch_op.add_column(sa.Column("to_rate_at", Instant, nullable=True))
        batch_op.add_column(sa.Column("rating", sa.SmallInteger(), nullable=True))
        batch_op.add_column(sa.Column("comment_until", Instant, nullable=True))
    op.create_table(
        "accounts",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("connection", Words, nullable=False),
        sa.Column("may_reply", sa.Boolean(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "owner", name=op.f("pk_accounts")),
    )
    op.create_index("ix_accounts_connection", "accounts", ["channel", "connection"])


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
