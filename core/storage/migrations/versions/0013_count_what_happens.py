"""count what happens."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tallies",
        sa.Column("tally", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("many", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tally", "label", name=op.f("pk_tallies")),
    )


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
