"""give requesters pages of ours."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import Id, Instant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blob_parts",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "position", name=op.f("pk_blob_parts")),
    )
    op.create_table(
        "link_seeds",
        sa.Column("ticket", Id, autoincrement=False, nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_link_seeds_ticket")),
        sa.PrimaryKeyConstraint("ticket", name=op.f("pk_link_seeds")),
    )


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
