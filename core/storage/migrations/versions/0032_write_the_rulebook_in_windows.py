"""write the rulebook in windows: what is not in force yet is kept while it is written."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import JSON, Id, Instant, Words

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", Id, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", Words, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("record", JSON, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
