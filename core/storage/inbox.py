"""What came in, as it came: kept first, understood later, never lost, replayable."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects import postgresql

from core.effects import Job
from core.phrases import Conflict, phrase
from core.storage import ledger
from core.storage.database import Tx
from core.storage.schema import IS_KEPT_OUT, KEPT_OUT, blobs, blocked, inbox, jobs
from core.storage.statements import Prepared, among, on_each, on_either
from core.tickets.model import Vouched

OPEN = ("received", "admitted")
"""The states of what is to be understood yet; "admitted": and to be heard, for a person has let it in."""

LISTED = ("suspended", "unreadable")
"""The states of what waits for somebody to look at it."""


class Piece(NamedTuple):
    """One thing that came in. `envelope` is what the channel says about it; its bytes, if any, lie under `digest`.

    From `external_id` on it is what was found when it was understood; None while that has not been. `sender` is folded;
    `found` says by what it found its ticket (core.tickets.follow_up); `facts` are nature, signs, and of what was not
    let in name, address, subject and who vouches for it.
    """

    id: int
    channel: str
    key: str
    envelope: Mapping[str, Any]
    digest: str | None
    at: datetime
    state: str
    reason: str | None
    message: int | None
    external_id: str | None = None
    sender: str | None = None
    found: str | None = None
    facts: Mapping[str, Any] | None = None

    @property
    def said(self) -> Mapping[str, Any]:
        """The facts; empty where there are none."""
        return self.facts or {}

    @property
    def vouched(self) -> Vouched:
        """Whether what was not let in comes from where it says, as it was found when it came."""
        return Vouched.as_said(self.said.get("vouched"))


class Settled(NamedTuple):
    """What became of a piece: "done" or "blocked". `message` stands in its ticket for it already, as a stub does;
    `first` is the delivery that it repeats; `stub` the message that says of the same one that it could not be read.
    """

    state: str
    message: int | None
    first: int | None
    stub: int | None


def take_in(
    tx: Tx, channel: str, key: str, envelope: Mapping[str, Any], digest: str, raw: bytes, job: Callable[[int], Job]
) -> int | None:
    """Keep what came in with its bytes, and ask for `job` of its number; None where it is here already.

    On PostgreSQL in one statement: a sender waits for it, and each would be a journey to the server and back.
    """
    if not tx.pg:
        tx.blobs.put(tx, raw, digest)
        id = keep(tx, channel, key, envelope, digest)
        if id is not None:
            ledger.add(tx, [job(id)])
        return id
    row = ledger.row_of(tx, job(0))
    assert row["facts"] == {"inbox": 0}, "the statement writes the number, and nothing else"
    piece = {"channel": channel, "piece_key": key, "envelope": dict(envelope), "digest": digest, "at": tx.now}
    id = _TAKE_IN.value(tx, {**row, **piece, "size": len(raw), "content": raw})
    if id is not None:
        tx.wake(row["destination"], row["due"])
    return id


def _take_in() -> Any:
    said = {
        inbox.c.channel: "channel",
        inbox.c.key: "piece_key",
        inbox.c.envelope: "envelope",
        inbox.c.digest: "digest",
        inbox.c.at: "at",
    }
    values: dict[Any, Any] = {column: sa.bindparam(name, type_=column.type) for column, name in said.items()}
    kept = (
        postgresql.insert(inbox)
        .values({**values, inbox.c.state: sa.literal_column("'received'")})
        .on_conflict_do_nothing(index_elements=["channel", "key"])
        .returning(inbox.c.id)
        .cte("kept")
    )
    shelf = [blobs.c.digest, blobs.c.size, blobs.c.content]
    shelved = (
        postgresql.insert(blobs)
        .from_select(shelf, sa.select(*(sa.bindparam(c.name, type_=c.type) for c in shelf)).select_from(kept))
        .on_conflict_do_nothing(index_elements=["digest"])
        .cte("shelved")
    )
    facts = sa.func.jsonb_build_object(sa.literal_column("'inbox'"), kept.c.id)
    asked = (
        jobs.insert()
        .from_select(
            [*ledger.ASKED],
            sa.select(
                *(facts if name == "facts" else sa.bindparam(name, type_=jobs.c[name].type) for name in ledger.ASKED)
            ).select_from(kept),
        )
        .cte("asked")
    )
    return sa.select(kept.c.id).add_cte(shelved, asked)


_TAKE_IN = Prepared(_take_in())


def keep(tx: Tx, channel: str, key: str, envelope: Mapping[str, Any], digest: str | None) -> int | None:
    """Keep what came in under the channel's own key; None where it is here already: twice is once."""
    return _KEEP.value(
        tx,
        {
            "channel": channel,
            "key": key,
            "envelope": dict(envelope),
            "digest": digest,
            "at": tx.now,
            "state": "received",
        },
    )


_KEEP = Prepared(
    on_each(
        lambda insert: insert(inbox).on_conflict_do_nothing(index_elements=["channel", "key"]).returning(inbox.c.id)
    ),
    columns=("channel", "key", "envelope", "digest", "at", "state"),
)

_GET = Prepared(sa.select(*(inbox.c[name] for name in Piece._fields)).where(inbox.c.id == sa.bindparam("piece")))


def get(tx: Tx, id: int) -> Piece | None:
    row = _GET.first(tx, {"piece": id})
    return Piece(*row) if row else None


def by_key(tx: Tx, channel: str, key: str) -> Piece | None:
    """What came in on a channel under its own key."""
    row = _BY_KEY.first(tx, {"of_channel": channel, "named": key})
    return Piece(*row) if row else None


_BY_KEY = Prepared(
    sa.select(*(inbox.c[name] for name in Piece._fields)).where(
        inbox.c.channel == sa.bindparam("of_channel"), inbox.c.key == sa.bindparam("named", type_=inbox.c.key.type)
    )
)


def has(tx: Tx, channel: str, key: str) -> bool:
    """Whether something came in under the channel's own key."""
    here = (inbox.c.channel == channel, inbox.c.key == key)
    return tx.sql.execute(sa.select(inbox.c.id).where(*here)).first() is not None


def keys(tx: Tx, ids: Collection[int]) -> list[tuple[int, str]]:
    """Of what is to be understood yet, of these, the numbers and the channel's own keys."""
    rows = tx.sql.execute(sa.select(inbox.c.id, inbox.c.key).where(inbox.c.id.in_(ids), _STILL_OPEN))
    return [(row.id, row.key) for row in rows]


def settle(tx: Tx, id: int, state: str, reason: str | None = None) -> bool:
    """Say what became of what was received, or admitted. False where that was said already."""
    said = {"piece": id, "state": state, "reason": reason}
    return _SETTLE.first(tx, said) is not None


_SETTLE = Prepared(
    inbox.update()
    .where(
        inbox.c.id == sa.bindparam("piece"),
        sa.or_(*(inbox.c.state == sa.literal_column(f"'{state}'") for state in OPEN)),
    )
    .values(state=sa.bindparam("state"), reason=sa.bindparam("reason"))
    .returning(inbox.c.id)
)


def settle_heard(
    tx: Tx,
    id: int,
    external_id: str,
    sender: str,
    facts: Mapping[str, Any] | None,
    patterns: Sequence[str],
    likeness: str = "",
) -> Settled | None:
    """What was received, or admitted, is understood: what it is, and that it is heard, or blocked where one of these
    patterns is (but not what somebody let in). None where something was said of it already.

    Nothing but the first of those alike keeps its likeness, which is unique: of two that are heard at the same time the
    second is tried anew (Conflict). Of what cannot be read there is no likeness: that is known by its id and sender.
    """
    said = {"named": external_id, "sent": sender, "what": facts, "patterns": list(patterns), "piece": id}
    try:
        row = _SETTLE_HEARD.first(tx, {**said, "alike": likeness or None})
    except exc.IntegrityError as error:
        raise Conflict(phrase("The same mail is being heard just now.")) from error
    return Settled(*row) if row else None


def settle_heard_statement(pg: bool) -> Any:
    """What `settle_heard` says to the database."""
    is_blocked = sa.exists(sa.select(blocked.c.pattern).where(among(pg, blocked.c.pattern, "patterns")))
    received = inbox.c.state == sa.literal_column("'received'")
    is_kept_out = sa.and_(received, is_blocked)
    words: list[Any] = [sa.literal_column(f"'{state}'", sa.String) for state in ("blocked", "done")]
    state: Any = sa.case((is_kept_out, words[0]), else_=words[1])
    others = inbox.alias("others")
    alike = sa.bindparam("alike", type_=sa.String)
    first = (
        sa.select(others.c.id)
        .where(others.c.likeness == alike, others.c.id != sa.bindparam("piece"))
        .limit(sa.literal_column("1"))
        .scalar_subquery()
    )
    is_unread = sa.and_(
        others.c.sender == sa.bindparam("sent", type_=inbox.c.sender.type),
        others.c.state == sa.literal_column("'unreadable'"),
        others.c.id != sa.bindparam("piece"),
    )
    unread = (  # by its id alone, whose index finds few: of a sender or a state there may be very many
        sa.select(sa.func.min(sa.case((is_unread, others.c.message))))
        .where(others.c.external_id == sa.bindparam("named", type_=inbox.c.external_id.type))
        .scalar_subquery()
    )
    return (
        inbox.update()
        .where(inbox.c.id == sa.bindparam("piece"), _STILL_OPEN)
        .values(
            state=state,
            reason=sa.null(),
            external_id=sa.bindparam("named", type_=inbox.c.external_id.type),
            sender=sa.bindparam("sent", type_=inbox.c.sender.type),
            facts=sa.bindparam("what", type_=inbox.c.facts.type),
            likeness=sa.case((sa.and_(first.is_(None), sa.not_(is_kept_out)), alike), else_=sa.null()),
            first=sa.case((is_kept_out, sa.null()), else_=first),
        )
        .returning(inbox.c.state, inbox.c.message, inbox.c.first, unread)
    )


_STILL_OPEN = sa.or_(*(inbox.c.state == sa.literal_column(f"'{state}'") for state in OPEN))
_SETTLE_HEARD = Prepared(on_either(settle_heard_statement))


def first_of(tx: Tx, id: int) -> int | None:
    """The delivery that this one repeats."""
    return tx.sql.execute(sa.select(inbox.c.first).where(inbox.c.id == id)).scalar()


def unread(tx: Tx, external_id: str, sender: str, but: int) -> list[Piece]:
    """Deliveries with this id and of this (folded) sender that could not be read, but one; oldest first."""
    same = (inbox.c.external_id == external_id, inbox.c.sender == sender, inbox.c.state == "unreadable")
    rows = tx.sql.execute(
        sa.select(*(inbox.c[name] for name in Piece._fields)).where(*same, inbox.c.id != but).order_by(inbox.c.id)
    )
    return [Piece(*row) for row in rows]


def take_place(tx: Tx, id: int, first: int, likeness: str) -> None:
    """From now on this delivery is the first of those alike."""
    tx.sql.execute(inbox.update().where(inbox.c.id == first).values(likeness=None))
    tx.sql.execute(inbox.update().where(inbox.c.id == id).values(likeness=likeness, first=None))


def repeat(tx: Tx, id: int, first: int, message: int | None, reason: str) -> None:
    """This delivery says what another one said already."""
    said = {"state": "done", "reason": reason, "message": message, "first": first, "likeness": None}
    tx.sql.execute(inbox.update().where(inbox.c.id == id).values(said))


def acts_like(tx: Tx, beginning: str, but: int) -> list[Piece]:
    """Agents' acts whose keys begin so, but one; oldest first."""
    from_here, to_here = ("~>=~", "~<=~") if tx.pg else (">=", "<=")  # by letters' numbers, as the index is sorted
    alike = sa.and_(inbox.c.key.bool_op(from_here)(beginning), inbox.c.key.bool_op(to_here)(beginning + "\U0010ffff"))
    rows = tx.sql.execute(
        sa.select(*(inbox.c[name] for name in Piece._fields))
        .where(inbox.c.channel == sa.literal_column("'act'"), alike, inbox.c.id != but)
        .order_by(inbox.c.id)
    )
    return [Piece(*row) for row in rows]


def receive_again(tx: Tx, id: int) -> bool:
    """Back to where it was when it came in. Only what was kept out can be received again."""
    row = tx.sql.execute(
        inbox.update()
        .where(inbox.c.id == id, inbox.c.state.in_(KEPT_OUT))
        .values(state="received", reason=None)
        .returning(inbox.c.id)
    ).first()
    return row is not None


def admit(tx: Tx, id: int) -> bool:
    """Back to where it was when it came in, and to be let in whatever it is. False where it is not kept out for what
    it is.
    """
    kept = inbox.c.state.in_([state for state in KEPT_OUT if state != "unreadable"])
    row = tx.sql.execute(
        inbox.update().where(inbox.c.id == id, kept).values(state="admitted").returning(inbox.c.id)
    ).first()
    return row is not None


def hear_after_all(tx: Tx, channel: str, key: str) -> int | None:
    """What came in under this key and became no message is to be understood again, and let in; its number. None: there
    is no such thing, or it is a message already.
    """
    here = (inbox.c.channel == channel, inbox.c.key == key, inbox.c.message.is_(None))
    over = inbox.c.state.in_(["received", "done", "suspended", "discarded"])
    return tx.sql.execute(
        inbox.update().where(*here, over).values(state="admitted", reason=None).returning(inbox.c.id)
    ).scalar()


def discard(tx: Tx, id: int) -> bool:
    """Nobody is to look after it any more; it stays kept. False where nobody was."""
    row = tx.sql.execute(
        inbox.update()
        .where(inbox.c.id == id, inbox.c.state.in_(LISTED))
        .values(state="discarded")
        .returning(inbox.c.id)
    ).first()
    return row is not None


def kept_out(tx: Tx, most: int = 100, states: Sequence[str] = LISTED, skip: int = 0) -> list[Piece]:
    """What was kept and not let in, newest first, with its reasons."""
    rows = tx.sql.execute(
        sa.select(*(inbox.c[name] for name in Piece._fields))
        .where(IS_KEPT_OUT, inbox.c.state.in_(states))
        .order_by(inbox.c.id.desc())
        .limit(most)
        .offset(skip)
    )
    return [Piece(*row) for row in rows]


def count_kept_out(tx: Tx, states: Sequence[str] = LISTED) -> int:
    """How many there are of them, however many are shown."""
    those = (IS_KEPT_OUT, inbox.c.state.in_(states))
    return tx.sql.execute(sa.select(sa.func.count()).select_from(inbox).where(*those)).scalar_one()


def suspend(tx: Tx, id: int, reason: str, facts: Mapping[str, Any] | None = None, state: str = "suspended") -> None:
    """It was settled in this very transaction; now it turns out that it is not let in."""
    more = {} if facts is None else {"facts": dict(facts)}
    tx.sql.execute(inbox.update().where(inbox.c.id == id).values(state=state, reason=reason, **more))


def describe(tx: Tx, id: int, **said: Any) -> None:
    """Say of a piece what is known of it: `external_id`, `sender`, `found`, `facts`, `reason`."""
    tx.sql.execute(inbox.update().where(inbox.c.id == id).values(**said))


def block_listed(tx: Tx, patterns: Collection[str], reason: str) -> int:
    """What waits for somebody and is of these senders (addresses, or "@" and a domain) is blocked now. How many."""
    gone = 0
    for pattern in patterns:
        theirs = inbox.c.sender == pattern
        if pattern.startswith("@"):
            subdomain = f".{pattern[1:]}"
            theirs = sa.or_(
                inbox.c.sender.endswith(pattern, autoescape=True), inbox.c.sender.endswith(subdomain, autoescape=True)
            )
        rows = tx.sql.execute(
            inbox.update()
            .where(IS_KEPT_OUT, inbox.c.state == "suspended", theirs)
            .values(state="blocked", reason=reason)
            .returning(inbox.c.id)
        )
        gone += len(rows.all())
    return gone


def forget_acts(tx: Tx, before: datetime) -> int:
    """Agents' acts that were answered before this; customers' words stay."""
    gone = tx.sql.execute(
        inbox.delete()
        .where(inbox.c.channel == "act", inbox.c.state == "done", inbox.c.at < before)
        .returning(inbox.c.id)
    )
    return len(gone.all())
