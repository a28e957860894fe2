"""keep why a mail went where it went and whose opens nothing."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import JSON, Id, Instant, Words

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blocked",
        sa.Column("pattern", Words, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("why", Words, nullable=False),
        sa.PrimaryKeyConstraint("pattern", name=op.f("pk_blocked")),
    )
    op.create_table(
        "handlings",
        sa.Column("id", Id, nullable=False),
        sa.Column("inbox", Id, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["inbox"], ["inbox.id"], name=op.f("fk_handlings_inbox")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handlings")),
    )
    with op.batch_alter_table("handlings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handlings_inbox"), ["inbox"], unique=False)

    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("external_id", Words, nullable=True))
        batch_op.add_column(sa.Column("sender", Words, nullable=True))
        batch_op.add_column(sa.Column("found", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("facts", JSON, nullable=True))
        batch_op.drop_index("ix_inbox_kept_out")
        batch_op.create_index(
            "ix_inbox_kept_out",
            ["state", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('suspended', 'unreadable', 'blocked', 'discarded')"),
            postgresql_where=sa.text("state IN ('suspended', 'unreadable', 'blocked', 'discarded')"),
        )
        batch_op.create_index(
            "ix_inbox_external_id",
            ["external_id"],
            unique=False,
            sqlite_where=sa.text("external_id IS NOT NULL"),
            postgresql_where=sa.text("external_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_inbox_sender",
            ["sender"],
            unique=False,
            sqlite_where=sa.text("sender IS NOT NULL"),
            postgresql_where=sa.text("sender IS NOT NULL"),
        )

    with op.batch_alter_table("troubles", schema=None) as batch_op:
        batch_op.add_column(sa.Column("held", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
