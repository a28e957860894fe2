"""merge, split and link tickets, and answer many at once."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import JSON, Id, Instant, Words

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tickets") as batch_op:
        batch_op.add_column(sa.Column("merged_into", Id, nullable=True))
    merged = sa.text("merged_into IS NOT NULL")
    op.create_index("ix_tickets_merged", "tickets", ["merged_into"], sqlite_where=merged, postgresql_where=merged)
    op.create_table(
        "redirections",
        sa.Column("message", Id, autoincrement=False, nullable=False),
        sa.Column("meant", Id, nullable=False),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name=op.f("fk_redirections_message_messages")),
        sa.ForeignKeyConstraint(["meant"], ["tickets.number"], name=op.f("fk_redirections_meant_tickets")),
        sa.PrimaryKeyConstraint("message", name=op.f("pk_redirections")),
    )
    op.create_index("ix_redirections_meant", "redirections", ["meant"])
    op.create_table(
        "relations",
        sa.Column("one", Id, autoincrement=False, nullable=False),
        sa.Column("other", Id, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["one"], ["tickets.number"], name=op.f("fk_relations_one_tickets")),
        sa.ForeignKeyConstraint(["other"], ["tickets.number"], name=op.f("fk_relations_other_tickets")),
        sa.PrimaryKeyConstraint("one", "other", "kind", name=op.f("pk_relations")),
    )
    op.create_index("ix_relations_other", "relations", ["other"])
    op.create_table(
        "circulars",
        sa.Column("id", Id, nullable=False),
        sa.Column("lead", Id, nullable=False),
        sa.Column("gathering", Id, nullable=True),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("text", Words, nullable=False),
        sa.Column("template", sa.String(), nullable=True),
        sa.Column("closes", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("leaves_at", Instant, nullable=False),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("act", Id, nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("room", sa.String(), nullable=True),
        sa.Column("ts", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["lead"], ["tickets.number"], name=op.f("fk_circulars_lead_tickets")),
        sa.ForeignKeyConstraint(["gathering"], ["gatherings.id"], name=op.f("fk_circulars_gathering_gatherings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circulars")),
        sa.UniqueConstraint("act", name=op.f("uq_circulars_act")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_circulars_lead", "circulars", ["lead"])
    op.create_index("ix_circulars_gathering", "circulars", ["gathering"])
    op.create_table(
        "addressed",
        sa.Column("circular", Id, autoincrement=False, nullable=False),
        sa.Column("ticket", Id, autoincrement=False, nullable=False),
        sa.Column("seen", Id, nullable=False),
        sa.Column("message", Id, nullable=True),
        sa.Column("refused", JSON, nullable=True),
        sa.ForeignKeyConstraint(["circular"], ["circulars.id"], name=op.f("fk_addressed_circular_circulars")),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_addressed_ticket_tickets")),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name=op.f("fk_addressed_message_messages")),
        sa.PrimaryKeyConstraint("circular", "ticket", name=op.f("pk_addressed")),
    )
    op.create_index("ix_addressed_ticket", "addressed", ["ticket"])
    op.create_index("ix_addressed_message", "addressed", ["message"])


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
