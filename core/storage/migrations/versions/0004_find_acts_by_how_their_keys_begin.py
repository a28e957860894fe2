"""find agents' acts by how their keys begin: PostgreSQL's usual index is sorted by language, and was read as a whole.

SQLite sorts by the letters' numbers, and finds them by the index that it has.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(
            "ix_inbox_acts",
            "inbox",
            ["key"],
            unique=False,
            postgresql_where=sa.text("channel = 'act'"),
            postgresql_ops={"key": "text_pattern_ops"},
        )


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
