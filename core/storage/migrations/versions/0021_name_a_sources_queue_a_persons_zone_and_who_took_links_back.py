"""name a source's queue, a person's zone, and who took links back."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("link_seeds") as table:
        table.add_column(sa.Column("by", sa.String(), nullable=True))
    with op.batch_alter_table("people") as table:
        table.add_column(sa.Column("zone", sa.String(), nullable=True))
    with op.batch_alter_table("sources") as table:
        table.add_column(sa.Column("queue", sa.String(), nullable=True))
