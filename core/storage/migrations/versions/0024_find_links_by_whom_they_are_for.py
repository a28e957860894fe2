"""find links by whom they are for."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_links_person"), ["person"], unique=False)


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
