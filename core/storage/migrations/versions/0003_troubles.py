"""tell supervisors what goes wrong."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import JSON, Id, Instant, Words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "troubles",
        sa.Column("id", Id, nullable=False),
        sa.Column("supervisor", Words, nullable=False),
        sa.Column("said", JSON, nullable=False),
        sa.Column("ticket", Id, nullable=True),
        sa.Column("job", Id, nullable=True),
        sa.Column("command", sa.String(), nullable=True),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_troubles")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("troubles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_troubles_supervisor"), ["supervisor"], unique=False)


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
