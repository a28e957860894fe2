"""let requesters say how it was."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import Instant

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tickets") as batch_op:
        batch_op.add_column(sa.Column("to_rate_at", Instant, nullable=True))
        batch_op.add_column(sa.Column("rating", sa.SmallInteger(), nullable=True))
        batch_op.add_column(sa.Column("comment_until", Instant, nullable=True))


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
