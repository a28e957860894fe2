"""Every table, in one file, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SURROGATE = re.compile("[\ud800-\udfff]")


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware UTC time: timestamptz on PostgreSQL, microseconds since 1970 on SQLite (small, exact, comparable)."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(sa.BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value if dialect.name == "postgresql" else (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "postgresql":
            return value.astimezone(UTC)
        return EPOCH + timedelta(microseconds=value)


class Words(sa.types.TypeDecorator[str]):
    """Text from anywhere. NUL and lone surrogates, which PostgreSQL and UTF-8 refuse, become U+FFFD."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return _SURROGATE.sub("\ufffd", value.replace("\0", "\ufffd"))


_LONGEST = 200


def indexable(text: str) -> str:
    """A key that may come from outside, as it is kept: PostgreSQL's indexes hold at most 2,704 bytes."""
    if len(text) <= _LONGEST:
        return text
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{text[: _LONGEST - len(digest) - 1]}:{digest}"


JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")  # nothing is NULL
Id = sa.BigInteger().with_variant(sqlite.INTEGER(), "sqlite")  # SQLite numbers rows only in INTEGER keys

meta = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Who

people = sa.Table(
    "people",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", Words, nullable=False),
    sa.Column("language", sa.String),
    sa.Column("zone", sa.String),  # where their day begins (IANA name), where a profile of theirs says so
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("whole", Id, index=True),  # the least of those who are one person; null: one by themselves
)

identities = sa.Table(
    "identities",
    meta,
    sa.Column("channel", sa.String, primary_key=True),
    sa.Column("address", Words, primary_key=True),  # compared form: domain and local part folded
    sa.Column("person", Id, sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("shown", Words, nullable=False),  # as the person writes it
    sa.Column("proof", sa.String, nullable=False, server_default="said"),  # how it is known to be theirs
    sa.Column("proven_at", Instant),
    sa.Column("house", Words),  # what names an organisation in it: a mail address's domain, a workspace
    # Where people chat: the place that is theirs alone, once they have been there.
    sa.Column("door", Words),
    sa.Column("thread", Words),
    sa.Column("place", Words),
)
_HOUSED = identities.c.house.is_not(None)
sa.Index(
    "ix_identities_house",
    identities.c.channel,
    identities.c.house,
    sqlite_where=_HOUSED,
    postgresql_where=_HOUSED,
)

unions = sa.Table(  # who was found to be one person, or not to be, and what was taken back of that
    "unions",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("one", Id, sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("other", Id, sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("verdict", sa.String, nullable=False),  # one, apart
    sa.Column("proof", sa.String, nullable=False),  # link, agent
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("undone_by", sa.String),
    sa.Column("undone_at", Instant),
    sqlite_autoincrement=True,
)

hints = sa.Table(  # what somebody wrote that may tell who else they are: addresses, telephone numbers
    "hints",
    meta,
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("value", Words, primary_key=True),  # compared form
    sa.Column("person", Id, sa.ForeignKey("people.id"), primary_key=True, autoincrement=False, index=True),
)

acknowledged = sa.Table(  # addresses that were told by themselves that we have their message
    "acknowledged",
    meta,
    sa.Column("channel", sa.String, primary_key=True),
    sa.Column("address", Words, primary_key=True),  # compared form, without its tag
    sa.Column("at", Instant, nullable=False),
    sa.Column("muted", sa.Integer, nullable=False),  # tickets opened since then without being told
    sa.Column("since", Instant, nullable=False),
    sa.Column("opened", sa.Integer, nullable=False),  # tickets opened since `since`
    sa.Column("alike", sa.String),  # domain and what its message said at bottom
    sa.Column("told_at", Instant),  # when supervisors heard that it may be a loop
)
_ALIKE = acknowledged.c.alike.is_not(None)
sa.Index(
    "ix_acknowledged_alike",
    acknowledged.c.alike,
    acknowledged.c.at,
    sqlite_where=_ALIKE,
    postgresql_where=_ALIKE,
)

# Tickets

tickets = sa.Table(
    "tickets",
    meta,
    sa.Column("number", Id, primary_key=True),
    sa.Column("channel", sa.String, nullable=False),
    sa.Column("thread", Words, nullable=False),
    sa.Column("requester", Id, sa.ForeignKey("people.id"), nullable=False),
    sa.Column("door", Words, nullable=False),
    sa.Column("queue", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("assignee", sa.String),
    sa.Column("urgency", sa.SmallInteger, nullable=False),
    sa.Column("language", sa.String),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("heard_at", Instant),
    sa.Column("first_replied_at", Instant),
    sa.Column("replied_at", Instant),
    sa.Column("claimed_at", Instant),
    sa.Column("pending_at", Instant),
    sa.Column("reminded_at", Instant),
    sa.Column("closed_at", Instant),
    sa.Column("follows", Id),
    sa.Column("held_at", Instant),
    sa.Column("overlooked_at", Instant),
    sa.Column("to_rate_at", Instant),
    sa.Column("rating", sa.SmallInteger),
    sa.Column("comment_until", Instant),
    sa.Column("ladder", sa.String),
    sa.Column("ladder_of", sa.Integer),
    sa.Column("rung", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rung_at", Instant),
    sa.Column("active_at", Instant),
    sa.Column("sure_until", Instant),
    sa.Column("snoozed_at", Instant),
    sa.Column("snoozed_until", Instant),
    sa.Column("policy", sa.String),
    sa.Column("part_of", Id),
    sa.Column("target", sa.Integer),
    sa.Column("tasks", sa.Integer, nullable=False, server_default="0"),
    sa.Column("blocked", sa.Integer, nullable=False, server_default="0"),
    sa.Column("merged_into", Id),
    sa.Column("version", sa.Integer, nullable=False),
    # Not facts of the fold: words, and what is derived for an index.
    sa.Column("subject", Words, nullable=False),
    sa.Column(
        "answer_to", Words, nullable=False
    ),  # where answers go: Reply-To, or the requester's address; empty: nowhere
    sa.Column("due", Instant),  # when to look at it next
    sqlite_autoincrement=True,  # a number is never given twice
)
_CLIMBS = tickets.c.ladder.is_not(None)
sa.Index("ix_tickets_ladder", tickets.c.number, sqlite_where=_CLIMBS, postgresql_where=_CLIMBS)
_SPLIT = tickets.c.tasks > sa.literal_column("0")
sa.Index("ix_tickets_split", tickets.c.number, sqlite_where=_SPLIT, postgresql_where=_SPLIT)
_MERGED = tickets.c.merged_into.is_not(None)
sa.Index("ix_tickets_merged", tickets.c.merged_into, sqlite_where=_MERGED, postgresql_where=_MERGED)
_OPEN = tickets.c.status != "closed"
_UNCLAIMED = sa.and_(tickets.c.assignee.is_(None), _OPEN)
sa.Index(
    "ix_tickets_waiting",
    tickets.c.queue,
    tickets.c.urgency.desc(),
    tickets.c.opened_at,
    sqlite_where=_UNCLAIMED,
    postgresql_where=_UNCLAIMED,
)
sa.Index(
    "ix_tickets_assignee_open", tickets.c.assignee, tickets.c.opened_at, sqlite_where=_OPEN, postgresql_where=_OPEN
)
_DUE = tickets.c.due.is_not(None)
sa.Index("ix_tickets_due", tickets.c.due, sqlite_where=_DUE, postgresql_where=_DUE)
_ANSWERED = tickets.c.first_replied_at.is_not(None)
sa.Index(
    "ix_tickets_answered",
    tickets.c.queue,
    tickets.c.first_replied_at,
    sqlite_where=_ANSWERED,
    postgresql_where=_ANSWERED,
)
_HELD = tickets.c.held_at.is_not(None)
sa.Index("ix_tickets_held", tickets.c.queue, tickets.c.held_at, sqlite_where=_HELD, postgresql_where=_HELD)
sa.Index("ix_tickets_requester", tickets.c.requester, tickets.c.number)
_IN_A_THREAD = tickets.c.channel != "email"  # a mail's thread is its own id: nobody looks for another ticket in it
sa.Index(
    "ix_tickets_thread",
    tickets.c.channel,
    tickets.c.thread,
    tickets.c.number,
    sqlite_where=_IN_A_THREAD,
    postgresql_where=_IN_A_THREAD,
)
_BY_WEB = tickets.c.channel == "web"
sa.Index("ix_tickets_door", tickets.c.door, tickets.c.number, sqlite_where=_BY_WEB, postgresql_where=_BY_WEB)

tasks = sa.Table(  # what tickets were split into; its words, its queue, and what became of each
    "tasks",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), nullable=False),
    sa.Column("place", sa.Integer, nullable=False),  # among the ticket's tasks, from 1
    sa.Column("title", Words, nullable=False),
    sa.Column("text", Words, nullable=False),
    sa.Column("queue", sa.String, nullable=False),
    sa.Column("wanted", sa.String),  # the agent whom it is for
    sa.Column("target", sa.Integer),  # seconds of working time that it has; null: what its queue's policy says
    sa.Column("blocks", sa.Boolean, nullable=False),  # whether it has to end before its ticket is closed
    sa.Column("made_from", sa.String),  # the task set that it is from
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("work", Id, sa.ForeignKey("tickets.number"), unique=True),  # the ticket that it is; null: it waits
    sa.Column("outcome", sa.String),  # done, not_possible, called_off; null: it has not ended
    sa.Column("ended_at", Instant),
    sa.UniqueConstraint("ticket", "place"),
    sqlite_autoincrement=True,
)

task_waits = sa.Table(  # which tasks have to be done before another one begins
    "task_waits",
    meta,
    sa.Column("task", Id, sa.ForeignKey("tasks.id"), primary_key=True, autoincrement=False),
    sa.Column("after", Id, sa.ForeignKey("tasks.id"), primary_key=True, autoincrement=False),
)

messages = sa.Table(
    "messages",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), nullable=False, index=True),
    sa.Column("part", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("author", sa.String, nullable=False, default=""),
    sa.Column("author_name", Words, nullable=False, default=""),
    sa.Column("text", Words, nullable=False),
    sa.Column("reply_text", Words, nullable=False, default=""),
    sa.Column("nature", sa.String, nullable=False, default="human"),
    sa.Column("external_id", Words),
    sa.Column("in_reply_to", Words),
    sa.Column("refs", JSON),  # the chain of ids that an answer to this message carries on
    sa.Column("language", sa.String),
    sa.Column("template", sa.String),
    sa.Column("delivery", sa.String),
    sa.Column("reason", Words),
    sa.Column("send_at", Instant),
    sa.Column("inbox", Id),
    sa.Column("act", Id, unique=True),  # the click that asked for it; asked again it is the same message
    sa.Column("subject", Words, nullable=False, default=""),
    sa.Column("edited_at", Instant),  # on the clock of where a note stands: what is older changes nothing
    sa.Column("deleted_at", Instant),
    sa.Column("copied", JSON),  # who else it was or is sent to: channel, address, name
    sa.Column("head", JSON),  # above the words: of ours as it was frozen, of others what is carried on
    sa.Column("vouched", JSON),  # whether it comes from where it says: verdict, domain, what that asks, evidence
    sa.Column("person", Id),  # who wrote it, where that is somebody from outside
    sa.Column("channel", sa.String),  # by which it came or goes out; null: by none
    sqlite_autoincrement=True,
)

ways = sa.Table(  # the threads of a ticket that goes on in several
    "ways",
    meta,
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), primary_key=True, autoincrement=False),
    sa.Column("channel", sa.String, primary_key=True),
    sa.Column("thread", Words, primary_key=True),
    sa.Column("door", Words, nullable=False),
    sa.Column("answer_to", Words, nullable=False),
    sa.Column("person", Id, sa.ForeignKey("people.id")),  # whose it is; null: the one that it was opened in
)
sa.Index("ix_ways_thread", ways.c.channel, ways.c.thread, ways.c.ticket)

doors = sa.Table(  # what our own address on a channel is, where the channel tells us
    "doors",
    meta,
    sa.Column("channel", sa.String, primary_key=True),
    sa.Column("door", Words, nullable=False),
    sa.Column("link", Words, nullable=False),  # what brings somebody there, with {token} in it
)

links = sa.Table(  # invitations to go on with a ticket on another channel
    "links",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("channel", sa.String, nullable=False),
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), nullable=False, index=True),
    sa.Column("person", Id, sa.ForeignKey("people.id"), nullable=False, index=True),  # for whom it was made
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("until", Instant, nullable=False),
    sa.Column("used_by", Id),  # who followed it first; for others it is worth nothing
    sa.Column("used_at", Instant),
    sqlite_autoincrement=True,
)

strangers = sa.Table(  # who wrote into a ticket without taking part in it, and what was decided
    "strangers",
    meta,
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), primary_key=True, autoincrement=False),
    sa.Column("person", Id, sa.ForeignKey("people.id"), primary_key=True, autoincrement=False),
    sa.Column("standing", sa.String, nullable=False),  # undecided, in, out
    sa.Column("how", sa.String, nullable=False),  # token, reference
    sa.Column("door", Words, nullable=False),
    sa.Column("answer_to", Words, nullable=False),
    sa.Column("acknowledged", sa.Boolean, nullable=False),  # whether a ticket of their own may be
    sa.Column("waits_since", Instant),  # null: no words of theirs are held
    sa.Column("decided_by", sa.String),
    sa.Column("decided_at", Instant),
    sa.Column("own", Id),  # the ticket that their words went to
    # Where their card stands in the ticket's thread, and the digest of what it showed last.
    sa.Column("team", sa.String),
    sa.Column("room", sa.String),
    sa.Column("thread", sa.String),
    sa.Column("ts", sa.String),
    sa.Column("face", sa.String),
)

versions = sa.Table(  # what a note, or a customer's message, said before it was edited
    "versions",
    meta,
    sa.Column("message", Id, sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("text", Words, nullable=False),
    sa.Column("until", Instant, nullable=False),
)

attachments = sa.Table(
    "attachments",
    meta,
    sa.Column("message", Id, sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("name", Words, nullable=False),
    sa.Column("type", Words, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("cid", Words),
)

deliveries = sa.Table(
    "deliveries",
    meta,
    sa.Column("message", Id, sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("address", Words, primary_key=True),
    sa.Column("code", sa.Integer, nullable=False),
    sa.Column("said", Words, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

pieces = sa.Table(  # of a message that leaves in pieces, each by itself: those that were begun
    "pieces",
    meta,
    sa.Column("message", Id, sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("begun_at", Instant, nullable=False),
    sa.Column("external_id", Words),  # the channel's; null: it is not known whether it has left
)

accounts = sa.Table(  # people's own accounts for which a bot of ours may speak
    "accounts",
    meta,
    sa.Column("channel", sa.String, primary_key=True),
    sa.Column("owner", sa.String, primary_key=True),  # the channel's id of whose it is
    sa.Column("name", Words, nullable=False),
    sa.Column("connection", Words, nullable=False),  # how the channel calls that we may speak for it
    sa.Column("may_reply", sa.Boolean, nullable=False),
    sa.Column("is_on", sa.Boolean, nullable=False),
)
sa.Index("ix_accounts_connection", accounts.c.channel, accounts.c.connection)

choices = sa.Table(  # what somebody was asked about a message of theirs that may be about several things
    "choices",
    meta,
    sa.Column("inbox", Id, sa.ForeignKey("inbox.id"), primary_key=True, autoincrement=False),
    sa.Column("place", Words, nullable=False),  # where they were asked
    sa.Column("options", JSON, nullable=False),  # tickets' numbers
    sa.Column("at", Instant, nullable=False),
    sa.Column("chosen", Id),  # one of them, 0: a new one; null: nothing yet
)

handed_files = sa.Table(  # files that agents put where they are, which can be attached to an answer
    "handed_files",
    meta,
    sa.Column("id", sa.String, primary_key=True),  # the workspace's, and its own for it
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), nullable=False, index=True),
    sa.Column("name", Words, nullable=False),
    sa.Column("type", Words, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.String),  # null: its bytes have not been fetched
    sa.Column("note", Id),  # the note that it came with
    sa.Column("at", Instant, nullable=False),
)

known_ids = sa.Table(  # ids under which the outside knows our messages; one message may have several
    "known_ids",
    meta,
    sa.Column("channel", sa.String, primary_key=True),
    sa.Column("external_id", Words, primary_key=True),
    sa.Column("message", Id, sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("ticket", Id, nullable=False),
)

suppressed = sa.Table(  # addresses that mail does not reach, or that want none which we send by ourselves
    "suppressed",
    meta,
    sa.Column("channel", sa.String, primary_key=True),
    sa.Column("address", Words, primary_key=True),  # compared form, as in identities
    sa.Column("shown", Words, nullable=False),
    sa.Column("kind", sa.String, nullable=False),  # gone, failing, complaint
    sa.Column("score", sa.Float, nullable=False),  # at `at`; it decays
    sa.Column("reason", Words, nullable=False),  # in the other side's words
    sa.Column("message", Id),
    sa.Column("at", Instant, nullable=False),
)

events = sa.Table(
    "events",
    meta,
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("v", sa.SmallInteger, nullable=False),
    sa.Column("at", Instant, nullable=False, index=True),
    sa.Column("facts", JSON, nullable=False),
)

# What came in, as it came

inbox = sa.Table(
    "inbox",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("channel", sa.String, nullable=False),
    sa.Column("key", Words, nullable=False),
    sa.Column("envelope", JSON, nullable=False),
    sa.Column("digest", sa.String),
    sa.Column("at", Instant, nullable=False),
    sa.Column("state", sa.String, nullable=False),  # received, admitted, done; of what is kept and not let in see below
    sa.Column("reason", Words),
    sa.Column("message", Id),
    sa.Column("likeness", sa.String),  # what is the same in every delivery of one message; of the first of them
    sa.Column("first", Id),  # the delivery that this one repeats
    # What it was found to be, so that one can be told why it went where it went.
    sa.Column("external_id", Words),
    sa.Column("sender", Words),  # folded, as identities have it
    sa.Column("found", sa.String),  # by what it found its ticket
    sa.Column("facts", JSON),  # nature, signs; of what was not let in who wrote and about what
    sa.UniqueConstraint("channel", "key"),
    sqlite_autoincrement=True,
)
KEPT_OUT = ("suspended", "unreadable", "blocked", "discarded")
"""The states of what is kept and not let in; the last two are not looked after by anybody."""
IS_KEPT_OUT = inbox.c.state.in_([sa.literal_column(f"'{state}'") for state in KEPT_OUT])
"""For statements, too: SQLite uses the index only where a statement says it in the index's own words."""
sa.Index("ix_inbox_kept_out", inbox.c.state, inbox.c.id, sqlite_where=IS_KEPT_OUT, postgresql_where=IS_KEPT_OUT)
_LIKE = inbox.c.likeness.is_not(None)
sa.Index("uq_inbox_likeness", inbox.c.likeness, unique=True, sqlite_where=_LIKE, postgresql_where=_LIKE)
_REPEATS = inbox.c.first.is_not(None)
sa.Index("ix_inbox_first", inbox.c.first, sqlite_where=_REPEATS, postgresql_where=_REPEATS)
_NAMED, _SENT = inbox.c.external_id.is_not(None), inbox.c.sender.is_not(None)
sa.Index("ix_inbox_external_id", inbox.c.external_id, sqlite_where=_NAMED, postgresql_where=_NAMED)
sa.Index("ix_inbox_sender", inbox.c.sender, sqlite_where=_SENT, postgresql_where=_SENT)
_ACTS = inbox.c.channel == sa.literal_column("'act'")
sa.Index(  # by their letters' numbers, as SQLite sorts: finds what begins alike whatever language a database sorts by
    "ix_inbox_acts",
    inbox.c.key,
    postgresql_where=_ACTS,
    postgresql_ops={"key": "text_pattern_ops"},
).ddl_if(dialect="postgresql")

tallies = sa.Table(  # how often something happened since the desk began; the labels are few, and the desk's own
    "tallies",
    meta,
    sa.Column("tally", sa.String, primary_key=True),
    sa.Column("label", sa.String, primary_key=True),
    sa.Column("many", sa.BigInteger, nullable=False),
)

handlings = sa.Table(  # what people did with what came in
    "handlings",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("inbox", Id, sa.ForeignKey("inbox.id"), nullable=False, index=True),
    sa.Column("what", sa.String, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

blocked = sa.Table(  # whose mail opens nothing
    "blocked",
    meta,
    sa.Column("pattern", Words, primary_key=True),  # a folded address, or "@" and a domain
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("why", Words, nullable=False),
)

blobs = sa.Table(  # bytes by their SHA-256; large ones of the embedded form lie in a folder and `content` is null
    "blobs",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("digest", sa.String, nullable=False, unique=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("content", sa.LargeBinary),
)

blob_parts = sa.Table(  # large bytes in parts, where there is no folder and they came in a file: `content` is null
    "blob_parts",
    meta,
    sa.Column("digest", sa.String, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)

# What is understood, and what that was learnt from

signals = sa.Table(  # what is understood of a ticket, with the words by which it is known
    "signals",
    meta,
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), primary_key=True, autoincrement=False),
    sa.Column("message", Id, nullable=False),  # the last one that it was understood with
    sa.Column("at", Instant, nullable=False),
    sa.Column("found", JSON, nullable=False),
    sa.Column("corrected", JSON, nullable=False),  # what an agent said instead, by question
    sa.Column("likeness", sa.String, nullable=False),
    sa.Column("raw", sa.LargeBinary),  # what encoders give for its first words
    sa.Column("mind", sa.Integer),  # what had been learnt by then; null: nothing
)

sa.Index("ix_signals_at", signals.c.at)

gatherings = sa.Table(  # tickets that seem to be about one matter, and what agents said of that
    "gatherings",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("matter", sa.String, nullable=False),  # incident, double
    sa.Column("queue", sa.String, nullable=False),
    sa.Column("lead", Id, sa.ForeignKey("tickets.number"), nullable=False),  # the one that they are gathered under
    sa.Column("state", sa.String, nullable=False),  # watched, proposed, confirmed, dismissed, undone
    sa.Column("at", Instant, nullable=False),
    sa.Column("decided_by", sa.String),
    sa.Column("decided_at", Instant),
    sa.Column("team", sa.String),  # where the proposal stands in Slack
    sa.Column("room", sa.String),
    sa.Column("ts", sa.String),
    sqlite_autoincrement=True,
)

gathered = sa.Table(  # the tickets of each, and how like the others
    "gathered",
    meta,
    sa.Column("gathering", Id, sa.ForeignKey("gatherings.id"), primary_key=True, autoincrement=False),
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("likeness", sa.Float, nullable=False),
    sa.Column("by_words", sa.Boolean, nullable=False),
    sa.Column("closed", sa.Boolean, nullable=False),  # when it was put together with others
)
sa.Index("ix_gathered_ticket", gathered.c.ticket)

redirections = sa.Table(  # what was written to a ticket that was merged, and is in the one where that goes on
    "redirections",
    meta,
    sa.Column("message", Id, sa.ForeignKey("messages.id"), primary_key=True, autoincrement=False),
    sa.Column("meant", Id, sa.ForeignKey("tickets.number"), nullable=False),
)
sa.Index("ix_redirections_meant", redirections.c.meant)

relations = sa.Table(  # what tickets have to do with each other, as it stands
    "relations",
    meta,
    sa.Column("one", Id, sa.ForeignKey("tickets.number"), primary_key=True, autoincrement=False),
    sa.Column("other", Id, sa.ForeignKey("tickets.number"), primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False),
)
sa.Index("ix_relations_other", relations.c.other)

circulars = sa.Table(  # one answer to many tickets: to those of an incident, or to those that a problem caused
    "circulars",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("lead", Id, sa.ForeignKey("tickets.number"), nullable=False),
    sa.Column("gathering", Id, sa.ForeignKey("gatherings.id")),
    sa.Column("queue", sa.String, nullable=False),  # in whose room it is told of
    sa.Column("text", Words, nullable=False),
    sa.Column("template", sa.String),
    sa.Column("closes", sa.Boolean, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("leaves_at", Instant, nullable=False),  # until then it can be taken back
    sa.Column("undone_by", sa.String),
    sa.Column("act", Id, unique=True),
    sa.Column("team", sa.String),  # where it stands
    sa.Column("room", sa.String),
    sa.Column("ts", sa.String),
    sqlite_autoincrement=True,
)
sa.Index("ix_circulars_lead", circulars.c.lead)
sa.Index("ix_circulars_gathering", circulars.c.gathering)

addressed = sa.Table(  # the tickets that a circular goes to, and what became of each
    "addressed",
    meta,
    sa.Column("circular", Id, sa.ForeignKey("circulars.id"), primary_key=True, autoincrement=False),
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), primary_key=True, autoincrement=False),
    sa.Column("seen", Id, nullable=False),  # the customer's last words when it was written
    sa.Column("message", Id, sa.ForeignKey("messages.id")),
    sa.Column("refused", JSON),  # why it was not answered, as a phrase
)
sa.Index("ix_addressed_ticket", addressed.c.ticket)
sa.Index("ix_addressed_message", addressed.c.message)

told_fields = sa.Table(  # values that agents gave fields, from which patterns may be made
    "told_fields",
    meta,
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), primary_key=True, autoincrement=False),
    sa.Column("field", sa.String, primary_key=True),
    sa.Column("value", Words, nullable=False),
    sa.Column("at", Instant, nullable=False),
)
sa.Index("ix_told_fields_field", told_fields.c.field, told_fields.c.at)

examples = sa.Table(  # what agents said of tickets, to be learnt from
    "examples",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), nullable=False, unique=True),
    sa.Column("likeness", sa.String, nullable=False, index=True),
    sa.Column("answers", JSON, nullable=False),
    sa.Column("language", sa.String),
    sa.Column("raw", sa.LargeBinary),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

minds = sa.Table(  # what was learnt, a version each
    "minds",
    meta,
    sa.Column("version", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("mark", sa.String, nullable=False),  # of the taxonomy and the encoders
    sa.Column("examples", sa.Integer, nullable=False),
    sa.Column("upto", Id, nullable=False),  # the last example that it knows
    sa.Column("quality", JSON, nullable=False),
    sa.Column("kept", sa.LargeBinary, nullable=False),
    # The one in force is the one that was chosen last.
    sa.Column("chosen", Id),
    sa.Column("chosen_by", sa.String),  # null: the desk by itself
    sqlite_autoincrement=True,
)

# Mailboxes on other servers

cursors = sa.Table(  # how far each folder is read
    "cursors",
    meta,
    sa.Column("mailbox", sa.String, primary_key=True),  # its name in the settings
    sa.Column("folder", Words, primary_key=True),
    sa.Column("uidvalidity", sa.BigInteger, nullable=False),
    sa.Column("uid", sa.BigInteger, nullable=False),
    sa.Column("rescan_to", sa.BigInteger, nullable=False),  # up to here mails may be old ones with new numbers
    sa.Column("began", Instant),  # what came before is none of ours; null: everything is
    sa.Column("looked_at", Instant),
)

fetched = sa.Table(  # every mail that was looked at there
    "fetched",
    meta,
    sa.Column("mailbox", sa.String, primary_key=True),
    sa.Column("folder", Words, primary_key=True),
    sa.Column("uidvalidity", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("uid", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("fate", sa.SmallInteger, nullable=False),  # 0 to be marked, 1 done, 2 to be fetched again, 3 given up
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("likeness", sa.String, nullable=False),
    sa.Column("inbox", Id),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due", Instant),
    sa.Column("reason", Words),
)
sa.Index("ix_fetched_digest", fetched.c.digest)
sa.Index("ix_fetched_likeness", fetched.c.likeness)
_TO_MARK, _TO_FETCH = fetched.c.fate == 0, fetched.c.fate == 2
sa.Index("ix_fetched_to_mark", fetched.c.mailbox, sqlite_where=_TO_MARK, postgresql_where=_TO_MARK)
sa.Index("ix_fetched_to_fetch", fetched.c.mailbox, sqlite_where=_TO_FETCH, postgresql_where=_TO_FETCH)

# Servers that take our mail

relays = sa.Table(  # what each said of itself when it was last spoken with
    "relays",
    meta,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("largest", sa.BigInteger),  # bytes of a mail; null: it names no limit
    sa.Column("at", Instant, nullable=False),
)

grants = sa.Table(  # refresh tokens that a provider gave in place of those in the settings
    "grants",
    meta,
    sa.Column("name", sa.String, primary_key=True),  # what it is for: "imap:support", "smtp:billing"
    sa.Column("seed", sa.String, nullable=False),  # digest of the one in the settings; another there counts anew
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

# Partners who bring messages by the web API

sources = sa.Table(
    "sources",
    meta,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("scopes", JSON, nullable=False),
    sa.Column("told", JSON, nullable=False),  # the events that it is told
    sa.Column("url", Words),  # where its webhooks go
    sa.Column("queue", sa.String),  # where its tickets go, unless a rule says otherwise; null: as the rulebook has it
    sa.Column("signs", sa.Boolean, nullable=False),  # whether what it asks has to be signed
    sa.Column("token", sa.String, nullable=False),  # a digest
    sa.Column("secret", sa.LargeBinary, nullable=False),
    # What these were before they were changed, and until when that counts, too.
    sa.Column("token_before", sa.String),
    sa.Column("secret_before", sa.LargeBinary),
    sa.Column("before_until", Instant),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
    sa.Column("failing_since", Instant),  # since when its webhooks are not taken
    sa.Column("failure", Words),
)

# What is promised

promises = sa.Table(  # by which terms a ticket's clocks run
    "promises",
    meta,
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), primary_key=True, autoincrement=False),
    sa.Column("policy", sa.String),
    sa.Column("calendar", sa.String, nullable=False),
    sa.Column("edition", sa.Integer, nullable=False),  # of the rulebook, in which that calendar is as it counts
    sa.Column("first", sa.BigInteger),  # targets in seconds
    sa.Column("next", sa.BigInteger),
    sa.Column("resolution", sa.BigInteger),
    sa.Column("pause_on_hold", sa.Boolean, nullable=False),
    sa.Column("due", Instant),  # when the first of them is; null: nothing counts
)

clocks = sa.Table(  # what has counted of each promise
    "clocks",
    meta,
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("target", sa.BigInteger, nullable=False),  # in microseconds, as what is spent
    sa.Column("began_at", Instant, nullable=False),
    sa.Column("since", Instant, nullable=False),
    sa.Column("spent", sa.BigInteger, nullable=False),
    sa.Column("rest_at", Instant),
    sa.Column("done", sa.Boolean, nullable=False),
    sa.Column("told", sa.SmallInteger, nullable=False),  # the share at which somebody was told last
    sa.Column("breached_at", Instant),
)

# Who gets what

presence = sa.Table(  # what agents say of themselves, and when they were last given something
    "presence",
    meta,
    sa.Column("agent", sa.String, primary_key=True),
    sa.Column("status", sa.String, nullable=False),  # available, busy, away
    sa.Column("until", Instant),  # when they are available again
    sa.Column("since", Instant, nullable=False),
    sa.Column("by_desk", sa.Boolean, nullable=False),  # they did nothing, and the desk took them for away
    sa.Column("seen_at", Instant),  # when they last did something
    sa.Column("given_at", Instant),
    sa.Column("missed", sa.Integer, nullable=False),  # offers in a row that they said nothing to
)

offers = sa.Table(  # whom a ticket was offered to, and what they said; or who had it and gave it back
    "offers",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), nullable=False, index=True),
    sa.Column("agent", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("until", Instant, nullable=False),
    sa.Column("answer", sa.String),  # accepted, declined, expired, withdrawn, returned; null: none yet
    sqlite_autoincrement=True,
)
_UNANSWERED = offers.c.answer.is_(None)
sa.Index("uq_offers_unanswered", offers.c.ticket, unique=True, sqlite_where=_UNANSWERED, postgresql_where=_UNANSWERED)

records = sa.Table(  # what each agent has solved, by topic; the topic "" is all of it
    "records",
    meta,
    sa.Column("agent", sa.String, primary_key=True),
    sa.Column("topic", sa.String, primary_key=True),
    sa.Column("solved", sa.Integer, nullable=False),
    sa.Column("seconds", sa.BigInteger, nullable=False),
    sa.Column("reopened", sa.Integer, nullable=False),
)

# What happens while nobody acts

pings = sa.Table(  # whom a step of a ladder tells, and what became of it
    "pings",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),  # of the ticket's event
    sa.Column("target", Words, nullable=False),  # an agent's name, "group:ID", "webhook:NAME"
    sa.Column("why", Words, nullable=False),  # as what: "on duty", "roster:night", …
    sa.Column("due", Instant, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("important", sa.Boolean, nullable=False),
    sa.Column("late", sa.Boolean, nullable=False),
    sa.Column("way", sa.String),  # slack, email, telegram, web; by which it left, or is leaving
    sa.Column("begun_at", Instant),
    sa.Column("sent_at", Instant),
    sa.Column("moot_at", Instant),  # it was no longer so when it would have left
    sa.Column("repeated", sa.Boolean, nullable=False),  # it may be there twice: it was begun, and nobody knows how far
    sa.Column("failure", Words),
    sa.UniqueConstraint("ticket", "seq", "target"),  # told once of one thing, whatever happens
    sqlite_autoincrement=True,
)

audits = sa.Table(  # up to which event each ticket's ladders were looked through, and what was found
    "audits",
    meta,
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("found", JSON, nullable=False),
)

swaps = sa.Table(  # duties that agents give to each other, and absences: who stands in for whom
    "swaps",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("roster", sa.String, nullable=False),
    sa.Column("of", Words, nullable=False),  # whose duty it is
    sa.Column("to", Words),  # who takes it; null: nobody asked in particular, they are absent
    sa.Column("begins", Instant, nullable=False),
    sa.Column("ends", Instant, nullable=False, index=True),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("asked_by", sa.String, nullable=False),
    sa.Column("answer", sa.String),  # accepted, declined, withdrawn; null: none yet
    sa.Column("answered_at", Instant),
    sqlite_autoincrement=True,
)

handovers = sa.Table(  # what whoever had a duty leaves to the next one
    "handovers",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("roster", sa.String, nullable=False, index=True),
    sa.Column("by", Words, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("text", Words, nullable=False),
    sa.Column("told_at", Instant),
    sqlite_autoincrement=True,
)

routings = sa.Table(  # why a ticket is where it is: what was known of it, which rules fitted, who was chosen and why
    "routings",
    meta,
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), primary_key=True, autoincrement=False),
    sa.Column("facts", JSON, nullable=False),  # signals, never words
    sa.Column("rules", JSON, nullable=False),  # those that fitted, with their reasons
    sa.Column("outcome", JSON, nullable=False),  # what they decided beside queue and urgency
    sa.Column("decision", JSON),  # the last score table
    sa.Column("decided_at", Instant),
    sa.Column("unserved_at", Instant),  # when it was found that nobody can have it
    sa.Column("red_at", Instant),
    sa.Column("red_room", sa.String),
    sa.Column("red_ts", sa.String),
)

unserved = sa.Table(  # queues that nobody serves, of which supervisors have been told
    "unserved",
    meta,
    sa.Column("queue", sa.String, primary_key=True),
    sa.Column("since", Instant, nullable=False),
)

proposals = sa.Table(  # what agents say they can, until a supervisor has decided
    "proposals",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("agent", sa.String, nullable=False),
    sa.Column("wanted", JSON, nullable=False),  # skills, languages, capacity, hours
    sa.Column("at", Instant, nullable=False),
    sa.Column("decided_by", sa.String),
    sa.Column("decided_at", Instant),
    sa.Column("granted", sa.Boolean),
    sqlite_autoincrement=True,
)

# The ledger

jobs = sa.Table(
    "jobs",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("destination", sa.String, nullable=False),
    sa.Column("lane", Words, nullable=False),
    sa.Column("key", sa.String),
    sa.Column("paces", sa.String, nullable=False),  # names, joined by spaces
    sa.Column("priority", sa.SmallInteger, nullable=False),
    sa.Column("facts", JSON, nullable=False),
    sa.Column("due", Instant, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),  # 0 waiting, 1 running, 2 given up
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("owner", sa.String),
    sa.Column("fence", sa.Integer, nullable=False),
    sa.Column("leased_until", Instant),
    sa.Column("error", Words),
    sa.Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
_ACTIVE = jobs.c.state < 2
_WAITING = jobs.c.state == 0
_RUNNING = jobs.c.state == 1
sa.Index("ix_jobs_lane", jobs.c.lane, jobs.c.id, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE)
sa.Index(
    "ix_jobs_paces",
    jobs.c.destination,
    jobs.c.paces,
    jobs.c.priority,
    jobs.c.id,
    sqlite_where=_ACTIVE,
    postgresql_where=_ACTIVE,
)
sa.Index("ix_jobs_due", jobs.c.destination, jobs.c.due, sqlite_where=_WAITING, postgresql_where=_WAITING)
sa.Index("ix_jobs_running", jobs.c.destination, jobs.c.leased_until, sqlite_where=_RUNNING, postgresql_where=_RUNNING)
sa.Index("uq_jobs_waiting_key", jobs.c.kind, jobs.c.key, unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING)

paces = sa.Table(
    "paces",
    meta,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("tat", Instant, nullable=False),  # theoretical arrival time of the next one (GCRA)
    sa.Column("paused_until", Instant),
)

troubles = sa.Table(  # what supervisors have not been told yet: a row for each who is to hear of it
    "troubles",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("supervisor", Words, nullable=False, index=True),
    sa.Column("said", JSON, nullable=False),  # a phrase
    sa.Column("ticket", Id),
    sa.Column("job", Id),
    sa.Column("command", sa.String),
    sa.Column("at", Instant, nullable=False),
    sa.Column("held", sa.Boolean, nullable=False, server_default=sa.false()),  # of mail that waits for somebody
    sqlite_autoincrement=True,
)

rounds = sa.Table(  # what comes round, and the round that was last begun; and invitations, which come round once
    "rounds",
    meta,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("began", Instant, nullable=False),
)

leases = sa.Table(  # who alone may do what only one may do
    "leases",
    meta,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("owner", sa.String, nullable=False),
    sa.Column("fence", sa.Integer, nullable=False),
    sa.Column("until", Instant, nullable=False),
)

# Where agents see it

rooms = sa.Table(
    "rooms",
    meta,
    sa.Column("queue", sa.String, primary_key=True),
    sa.Column("team", sa.String, nullable=False),
    sa.Column("room", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
)

posts = sa.Table(  # what stands in which room, for which ticket or message
    "posts",
    meta,
    sa.Column("team", sa.String, primary_key=True),
    sa.Column("room", sa.String, primary_key=True),
    sa.Column("ts", sa.String, primary_key=True),
    sa.Column("ticket", Id, nullable=False),
    sa.Column("message", Id, nullable=False, default=0),  # 0: the ticket's card
    sa.Column("face", sa.String, nullable=False, default=""),  # digest of what was shown last, to skip empty edits
)
sa.Index("ix_posts_subject", posts.c.ticket, posts.c.message)

customers_rooms = sa.Table(  # where customers are in Slack, by a number that stays when Slack gives the room another id
    "customers_rooms",
    meta,
    sa.Column("number", Id, primary_key=True),
    sa.Column("team", sa.String, nullable=False),
    sa.Column("room", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),  # as the rulebook has it; empty: direct messages with one person
    sa.Column("shared", sa.Boolean, nullable=False),  # with another workspace (Slack Connect)
    sa.Column("heard_to", sa.String, nullable=False),  # Slack's time up to which nothing said there can be missing
    sa.UniqueConstraint("team", "room"),
)

colleagues = sa.Table(  # people of our own workspaces, as the workspace tells them
    "colleagues",
    meta,
    sa.Column("team", sa.String, primary_key=True),
    sa.Column("user", sa.String, primary_key=True),
    sa.Column("name", Words, nullable=False),
    sa.Column("email", Words),
    sa.Column("locale", sa.String),
    sa.Column("zone", sa.String),
    sa.Column("outside", sa.Boolean, nullable=False),  # a guest, a stranger, a bot
    sa.Column("fetched_at", Instant, nullable=False),
)

# Settings that decisions read, and the desk's own

rulebook = sa.Table(
    "rulebook",
    meta,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("document", JSON, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("by", sa.String, nullable=False),
)

drafts = sa.Table(  # what a supervisor is writing of the rulebook in a window, until it is put in force
    "drafts",
    meta,
    sa.Column("id", Id, primary_key=True),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),  # as the rulebook calls its lists: "calendars"
    sa.Column("name", Words),  # null: a new one
    sa.Column("version", sa.Integer, nullable=False),  # of the rulebook from which it was begun
    sa.Column("record", JSON, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

keys = sa.Table(  # secrets that the desk made for itself
    "keys",
    meta,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("generation", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

link_seeds = sa.Table(  # tickets whose links were taken back: which seed counts now; of all others the first one does
    "link_seeds",
    meta,
    sa.Column("ticket", Id, sa.ForeignKey("tickets.number"), primary_key=True, autoincrement=False),
    sa.Column("seed", sa.Integer, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("by", sa.String),  # the agent who took them back; null: whoever runs the desk
)
