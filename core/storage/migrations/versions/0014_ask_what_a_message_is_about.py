"""ask what a message is about."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import JSON, Id, Instant, Words

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "choices",
        sa.Column("inbox", Id, autoincrement=False, nullable=False),
        sa.Column("place", Words, nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("chosen", Id, nullable=True),
        sa.ForeignKeyConstraint(["inbox"], ["inbox.id"], name=op.f("fk_choices_inbox")),
        sa.PrimaryKeyConstraint("inbox", name=op.f("pk_choices")),
    )


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
