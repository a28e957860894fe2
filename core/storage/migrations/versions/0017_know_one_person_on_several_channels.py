"""know one person on several channels."""

import sqlalchemy as sa
from alembic import op

from core.storage.schema import Id, Instant, Words

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("whole", Id, nullable=True))
        batch_op.create_index(batch_op.f("ix_people_whole"), ["whole"], unique=False)
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("proof", sa.String(), server_default="said", nullable=False))
        batch_op.add_column(sa.Column("proven_at", Instant, nullable=True))
        batch_op.add_column(sa.Column("house", Words, nullable=True))
        batch_op.add_column(sa.Column("door", Words, nullable=True))
        batch_op.add_column(sa.Column("thread", Words, nullable=True))
        batch_op.add_column(sa.Column("place", Words, nullable=True))
        batch_op.create_index(
            "ix_identities_house",
            ["channel", "house"],
            unique=False,
            sqlite_where=sa.text("house IS NOT NULL"),
            postgresql_where=sa.text("house IS NOT NULL"),
        )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("channel", sa.String(), nullable=True))
    _new_tables()
    _carry_over()


def _new_tables() -> None:
    op.create_table(
        "unions",
        sa.Column("id", Id, nullable=False),
        sa.Column("one", Id, nullable=False),
        sa.Column("other", Id, nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("undone_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["one"], ["people.id"], name=op.f("fk_unions_one")),
        sa.ForeignKeyConstraint(["other"], ["people.id"], name=op.f("fk_unions_other")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_unions_one"), "unions", ["one"], unique=False)
    op.create_index(op.f("ix_unions_other"), "unions", ["other"], unique=False)
    op.create_table(
        "hints",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", Words, nullable=False),
        sa.Column("person", Id, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_hints_person")),
        sa.PrimaryKeyConstraint("kind", "value", "person", name=op.f("pk_hints")),
    )
    op.create_index(op.f("ix_hints_person"), "hints", ["person"], unique=False)
    op.create_table(
        "ways",
        sa.Column("ticket", Id, autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("thread", Words, nullable=False),
        sa.Column("door", Words, nullable=False),
        sa.Column("answer_to", Words, nullable=False),
        sa.Column("person", Id, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_ways_person")),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_ways_ticket")),
        sa.PrimaryKeyConstraint("ticket", "channel", "thread", name=op.f("pk_ways")),
    )
    op.create_index("ix_ways_thread", "ways", ["channel", "thread", "ticket"], unique=False)
    op.create_table(
        "doors",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("door", Words, nullable=False),
        sa.Column("link", Words, nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_doors")),
    )
    op.create_table(
        "links",
        sa.Column("id", Id, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ticket", Id, nullable=False),
        sa.Column("person", Id, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.Column("used_by", Id, nullable=True),
        sa.Column("used_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_links_person")),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_links_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_links_ticket"), "links", ["ticket"], unique=False)


_CHANNELS = (
    "update messages set channel = (select channel from tickets where tickets.number = messages.ticket)"
    " where external_id is not null"
)
_WROTE = (
    "update identities set proof = 'wrote',"
    " proven_at = (select created_at from people where people.id = identities.person)"
    " where exists (select 1 from messages m where m.person = identities.person"
    " and m.part in ('requester', 'stranger'))"
    " or exists (select 1 from tickets where tickets.requester = identities.person)"
)
_VOUCHED = "update identities set proof = 'vouched' where proof = 'wrote' and channel <> 'email'"
_VOUCHED_BY_DOMAIN = {
    "postgresql": "update identities set proof = 'vouched' where proof = 'wrote' and exists (select 1 from messages m"
    " where m.person = identities.person and m.part in ('requester', 'stranger') and m.vouched->>0 = 'pass')",
    "sqlite": "update identities set proof = 'vouched' where proof = 'wrote' and exists (select 1 from messages m"
    " where m.person = identities.person and m.part in ('requester', 'stranger')"
    " and json_extract(m.vouched, '$[0]') = 'pass')",
}
_HOUSES = {
    "postgresql": "update identities set house = split_part(address, '@', 2)"
    " where channel = 'email' and length(address) < 200 and length(replace(address, '@', '')) = length(address) - 1"
    " and split_part(address, '@', 2) <> ''",
    "sqlite": "update identities set house = substr(address, instr(address, '@') + 1)"
    " where channel = 'email' and length(address) < 200 and length(replace(address, '@', '')) = length(address) - 1"
    " and substr(address, instr(address, '@') + 1) <> ''",
}
_PLACES = (
    "update identities set door = t.door, thread = t.thread, place = t.answer_to from tickets t"
    " where t.requester = identities.person and t.channel = identities.channel and t.channel <> 'email'"
    " and t.answer_to = identities.address"
)
_LANES = (
    "update jobs set lane = 'out:' || substr(kind, 9) || ':' || substr(lane, 5)"
    " where substr(kind, 1, 8) = 'deliver:' and substr(lane, 1, 4) = 'out:'"
)
"""What waits to leave stays before what is sent from now on."""


def _carry_over() -> None:
    """Until now everybody had one address, and every ticket one channel: by what came from there it is proven."""
    sql = op.get_bind()
    kind = sql.dialect.name
    for statement in (_CHANNELS, _WROTE, _VOUCHED, _VOUCHED_BY_DOMAIN[kind], _HOUSES[kind], _PLACES, _LANES):
        sql.exec_driver_sql(statement)


def downgrade() -> None:
    raise RuntimeError("databases go forward; go back by restoring a backup")
