"""follow chats and send in pieces."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import Id, Instant, Words

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pieces",
        sa.Column("message", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("begun_at", Instant, nullable=False),
        sa.Column("external_id", Words, nullable=True),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name=op.f("fk_pieces_message")),
        sa.PrimaryKeyConstraint("message", "position", name=op.f("pk_pieces")),
    )
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.create_index(
            "ix_tickets_thread",
            ["channel", "thread", "number"],
            unique=False,
            sqlite_where=sa.text("channel != 'email'"),
            postgresql_where=sa.text("channel != 'email'"),
        )


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
