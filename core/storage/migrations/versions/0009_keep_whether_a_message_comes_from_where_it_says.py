"""keep whether a message comes from where it says: what was found out, and how."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import JSON

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("vouched", JSON, nullable=True))


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
