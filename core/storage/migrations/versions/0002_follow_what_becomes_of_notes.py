"""follow what becomes of notes."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import Id, Instant, Words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "versions",
        sa.Column("message", Id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", Words, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name=op.f("fk_versions_message")),
        sa.PrimaryKeyConstraint("message", "version", name=op.f("pk_versions")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("edited_at", Instant, nullable=True))
        batch_op.add_column(sa.Column("deleted_at", Instant, nullable=True))


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
