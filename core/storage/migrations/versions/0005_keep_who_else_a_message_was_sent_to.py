"""keep who else a message was sent to: people whom a customer copied in, and those who get copies of our answers."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import JSON

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("copied", JSON, nullable=True))


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
