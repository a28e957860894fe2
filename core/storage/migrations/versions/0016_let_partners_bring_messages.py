"""let partners bring messages."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import JSON, Instant, Words

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sources",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("told", JSON, nullable=False),
        sa.Column("url", Words, nullable=True),
        sa.Column("signs", sa.Boolean(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("token_before", sa.String(), nullable=True),
        sa.Column("secret_before", sa.LargeBinary(), nullable=True),
        sa.Column("before_until", Instant, nullable=True),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("revoked_at", Instant, nullable=True),
        sa.Column("failing_since", Instant, nullable=True),
        sa.Column("failure", Words, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sources")),
    )
    by_web = sa.text("channel = 'web'")
    op.create_index("ix_tickets_door", "tickets", ["door", "number"], sqlite_where=by_web, postgresql_where=by_web)


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
