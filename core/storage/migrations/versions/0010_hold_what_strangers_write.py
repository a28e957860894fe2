"""hold what strangers write until an agent decides."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import Id, Instant, Words

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "strangers",
        sa.Column("ticket", Id, autoincrement=False, nullable=False),
        sa.Column("person", Id, autoincrement=False, nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("door", Words, nullable=False),
        sa.Column("answer_to", Words, nullable=False),
        sa.Column("acknowledged", sa.Boolean(), nullable=False),
        sa.Column("waits_since", Instant, nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", Instant, nullable=True),
        sa.Column("own", Id, nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("room", sa.String(), nullable=True),
        sa.Column("thread", sa.String(), nullable=True),
        sa.Column("ts", sa.String(), nullable=True),
        sa.Column("face", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_strangers_person")),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_strangers_ticket")),
        sa.PrimaryKeyConstraint("ticket", "person", name=op.f("pk_strangers")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person", Id, nullable=True))

    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("held_at", Instant, nullable=True))
        batch_op.add_column(sa.Column("overlooked_at", Instant, nullable=True))
        batch_op.create_index(
            "ix_tickets_held",
            ["queue", "held_at"],
            unique=False,
            sqlite_where=sa.text("held_at IS NOT NULL"),
            postgresql_where=sa.text("held_at IS NOT NULL"),
        )


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
