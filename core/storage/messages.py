"""What is said in tickets: messages with their files, the ids that the outside knows them by, and how far they came."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from core.phrases import NotFound, phrase
from core.storage.database import Tx
from core.storage.schema import (
    attachments,
    deliveries,
    inbox,
    known_ids,
    messages,
    versions,
)
from core.storage.statements import Prepared, among, cells_of, on_each, on_either
from core.tickets.model import (
    ENCRYPTED,
    FOLDED,
    NOTHING_CARRIED,
    PIECES,
    SIGNED,
    Address,
    Attachment,
    Carried,
    Delivery,
    Inbound,
    Message,
    Nature,
    Outcome,
    Part,
    Vouched,
)

_OF_PEOPLE = [nature for nature in Nature if nature.is_of_people]
_ANSWERABLE = [*_OF_PEOPLE, Nature.AUTO_GENERATED, Nature.CALENDAR, Nature.ARF]
"""What an answer may point to: people's words, and machines' that open tickets (forms, monitors)."""


def say(tx: Tx, row: Mapping[str, Any], files: Sequence[Attachment] = (), known_on: str | None = None) -> int:
    """Keep a message, and return its id. What came in under its number in the inbox points to it, and says by what it
    was `found` that it belongs to this ticket.

    `known_on` is the channel whose outside knows it by its external id.
    """
    id = _SAY_AT_ONCE.value(tx, {"found": None, **row, "known_on": known_on}) if tx.pg else _say(tx, row, known_on)
    assert id is not None
    _ATTACH.run_each(
        tx,
        [
            {
                "message": id,
                "position": n,
                "name": f.name,
                "type": f.type,
                "size": f.size,
                "digest": f.digest,
                "cid": f.cid,
            }
            for n, f in enumerate(files)
        ],
    )
    return id


def _say(tx: Tx, row: Mapping[str, Any], known_on: str | None) -> int | None:
    id = _SAY.value(tx, row)
    if known_on is not None:
        known = {"external_id": row["external_id"], "ticket": row["ticket"]}
        _KNOW.run(tx, {"channel": known_on, "message": id, **known})
    if row.get("inbox") is not None:
        _BECAME.run(tx, {"piece": row["inbox"], "message": id, "found": row.get("found")})
    return id


def _say_at_once() -> Any:
    """On PostgreSQL all in one statement: each would be a journey to the server and back."""
    cells = cells_of(messages, but={"id"})
    said = messages.insert().values(cells).returning(messages.c.id).cte("said")
    channel = sa.bindparam("known_on", type_=sa.String)
    knows = sa.select(channel, cells[messages.c.external_id], said.c.id, cells[messages.c.ticket])
    known = (
        postgresql.insert(known_ids)
        .from_select(_KNOWS, knows.where(channel.is_not(None)))
        .on_conflict_do_nothing()
        .cte("known")
    )
    became = (
        inbox.update()
        .where(inbox.c.id == cells[messages.c.inbox])
        .values(message=sa.select(said.c.id).scalar_subquery(), found=sa.bindparam("found", type_=sa.String))
        .cte("became")
    )
    return sa.select(said.c.id).add_cte(known, became)


_KNOWS = ("channel", "external_id", "message", "ticket")
_KNOW = Prepared(on_each(lambda insert: insert(known_ids).on_conflict_do_nothing()), columns=_KNOWS)
_BECAME = Prepared(inbox.update().where(inbox.c.id == sa.bindparam("piece")), columns=["message", "found"])
_SAY = Prepared(
    messages.insert().returning(messages.c.id), columns=[c.name for c in messages.columns if c.name != "id"]
)
_SAY_AT_ONCE = Prepared(_say_at_once())
_ATTACH = Prepared(attachments.insert(), columns=[c.name for c in attachments.columns])


def know(tx: Tx, channel: str, message: int, number: int, ids: Sequence[str]) -> None:
    """The outside knows a message by these ids, too."""
    for id in ids:
        _KNOW.run(tx, {"channel": channel, "external_id": id, "message": message, "ticket": number})


def of_act(tx: Tx, act: int) -> int | None:
    """The message that an act has made already."""
    return tx.sql.execute(sa.select(messages.c.id).where(messages.c.act == act)).scalar()


_KNOWN = Prepared(
    on_either(
        lambda pg: (
            sa.select(known_ids.c.external_id, known_ids.c.ticket, known_ids.c.message, messages.c.part)
            .join(messages, messages.c.id == known_ids.c.message)
            .where(known_ids.c.channel == sa.bindparam("channel"), among(pg, known_ids.c.external_id, "ids"))
            .order_by(known_ids.c.message.desc())
        )
    )
)


def known(tx: Tx, channel: str, external_ids: Sequence[str]) -> list[tuple[str, int, int, Part]]:
    """(id, ticket, message, part) of every id that we sent or took in; newest first."""
    if not external_ids:
        return []
    rows = _KNOWN.rows(tx, {"channel": channel, "ids": list(external_ids)})
    return [(r.external_id, r.ticket, r.message, Part(r.part)) for r in rows]


def message(tx: Tx, id: int) -> Message:
    """One message with its attachments. Raises NotFound."""
    found = among_messages(tx, messages.c.id == id)
    if not found:
        raise NotFound(phrase("There is no such message."))
    return found[0]


def first_words(tx: Tx, number: int) -> Message | None:
    """What the requester wrote first."""
    row = _OPENING.first(tx, {"ticket": number})
    return _as_messages(tx, [row])[0] if row else None


def is_noted(tx: Tx, number: int, text: str) -> bool:
    """Whether a ticket has this note of the desk's already."""
    mine = (messages.c.ticket == number, messages.c.part == Part.NOTE, messages.c.author == "")
    return tx.sql.execute(sa.select(1).where(*mine, messages.c.text == text).limit(1)).first() is not None


def opening(tx: Tx, number: int) -> int:
    """The id of what the requester wrote first; 0 where there is nothing."""
    return tx.sql.execute(_first(number)).scalar() or 0


def _first(number: Any) -> sa.Select[Any]:
    return sa.select(sa.func.min(messages.c.id)).where(messages.c.ticket == number, messages.c.part == Part.REQUESTER)


_OPENING = Prepared(sa.select(messages).where(messages.c.id == _first(sa.bindparam("ticket")).scalar_subquery()))


def first_words_of(ticket: sa.ColumnElement[int]) -> sa.ScalarSelect[Any]:
    """The id of what the requester of each of these tickets wrote first."""
    said = messages.alias("said")
    mine = (said.c.ticket == ticket, said.c.part == Part.REQUESTER)
    return sa.select(sa.func.min(said.c.id)).where(*mine).scalar_subquery()


def said_by_requester(tx: Tx, number: int, most: int) -> list[Message]:
    """What people wrote to us in a ticket that still stands: the first of it, and the newest, oldest first."""
    return _as_messages(tx, _SAID.rows(tx, {"ticket": number, "most": most}))


def _said() -> sa.Select[Any]:
    mine = sa.and_(
        messages.c.ticket == sa.bindparam("ticket"),
        messages.c.part == Part.REQUESTER,
        messages.c.deleted_at.is_(None),
    )
    limit = sa.bindparam("most", type_=sa.Integer)
    newest = sa.select(messages.c.id).where(mine).order_by(messages.c.id.desc()).limit(limit)
    first = sa.select(sa.func.min(messages.c.id)).where(mine).scalar_subquery()
    return sa.select(messages).where(sa.or_(messages.c.id.in_(newest), messages.c.id == first)).order_by(messages.c.id)


_SAID = Prepared(_said())


def last_reply(tx: Tx, number: int) -> Message | None:
    """The last answer of an agent, whatever became of it."""
    last = (
        sa.select(sa.func.max(messages.c.id))
        .where(messages.c.ticket == number, messages.c.part == Part.REPLY)
        .scalar_subquery()
    )
    found = among_messages(tx, messages.c.id == last)
    return found[0] if found else None


def last_sent(tx: Tx, number: int) -> str | None:
    """The id of the last thing we said that is with its reader, by which programs there keep it."""
    return tx.sql.execute(
        sa.select(messages.c.external_id)
        .where(messages.c.ticket == number, messages.c.delivery.in_([Delivery.SENT, Delivery.PARTLY]))
        .order_by(messages.c.id.desc())
        .limit(1)
    ).scalar()


def last_failed(tx: Tx, number: int) -> Message | None:
    """The last thing we said, where it did not arrive and nothing was said since."""
    last = (
        sa.select(sa.func.max(messages.c.id))
        .where(messages.c.ticket == number, messages.c.delivery.is_not(None), messages.c.delivery != Delivery.UNDONE)
        .scalar_subquery()
    )
    found = among_messages(tx, sa.and_(messages.c.id == last, messages.c.delivery == Delivery.FAILED))
    return found[0] if found else None


def as_kept(copied: Sequence[Address] | None) -> list[tuple[str, str, str]] | None:
    """Who else a message is sent to, as its row has it."""
    return [(one.channel, one.address, one.name) for one in copied] if copied else None


def as_said(kept: Sequence[Sequence[str]] | None) -> tuple[Address, ...]:
    """Back from `as_kept`."""
    return tuple(Address(*one) for one in kept or ())


def copied_people(tx: Tx, number: int) -> list[Address]:
    """Whom the requester copied in, those of the latest message first, each once; whatever machines wrote aside."""
    rows = tx.sql.execute(
        sa.select(messages.c.copied)
        .where(
            messages.c.ticket == number,
            messages.c.part == Part.REQUESTER,
            messages.c.nature.in_(_OF_PEOPLE),
            messages.c.copied.is_not(None),
        )
        .order_by(messages.c.id.desc())
    ).scalars()
    found = [one for copied in rows for one in as_said(copied)]
    return list({one.address.casefold(): one for one in reversed(found)}.values())[::-1]


def copied_last(tx: Tx, number: int) -> list[str]:
    """Who got copies of our last answer that stands."""
    copied = tx.sql.execute(
        sa.select(messages.c.copied)
        .where(messages.c.ticket == number, messages.c.part == Part.REPLY, messages.c.delivery != Delivery.UNDONE)
        .order_by(messages.c.id.desc())
        .limit(1)
    ).scalar()
    return [one.address for one in as_said(copied)]


def is_copied(tx: Tx, number: int, address: str) -> bool:
    """Whether somebody got a copy of an answer of ours."""
    rows = tx.sql.execute(
        sa.select(messages.c.copied).where(
            messages.c.ticket == number,
            messages.c.part == Part.REPLY,
            messages.c.delivery != Delivery.UNDONE,
            messages.c.copied.is_not(None),
        )
    ).scalars()
    wanted = address.casefold()
    return any(one.address.casefold() == wanted for copied in rows for one in as_said(copied))


def last_heard(tx: Tx, number: int) -> int:
    """The id of the last message that a person wrote to us; 0 where there is none."""
    last = tx.sql.execute(
        sa.select(sa.func.max(messages.c.id)).where(
            messages.c.ticket == number, messages.c.part == Part.REQUESTER, messages.c.nature.in_(_OF_PEOPLE)
        )
    ).scalar()
    return last or 0


def conversation(tx: Tx, number: int) -> list[Message]:
    """Everything said in a ticket, oldest first."""
    return among_messages(tx, messages.c.ticket == number)


def threading(tx: Tx, number: int, channel: str) -> tuple[str | None, list[str], Carried]:
    """What an answer on a channel points to: the requester's last id there, the chain of ids before it, oldest first,
    and what else that mail has to be carried on.
    """
    row = _THREADING.first(tx, {"n": number, "by": channel})
    if row is None:
        return None, [], NOTHING_CARRIED
    chain = list(row.refs or ([row.in_reply_to] if row.in_reply_to else ()))  # RFC 5322 §3.6.4
    head: Mapping[str, Any] = row.head or {}
    return row.external_id, chain, Carried(*head.get("carried", ()))


def marks_as_kept(inbound: Inbound, files: Sequence[Attachment]) -> dict[str, Any] | None:
    """What an answer to a message has to carry on, that something in it cannot be read or was signed, and which of its
    files are folded.
    """
    marks: dict[str, Any] = {"carried": list(inbound.carried)} if inbound.carried != NOTHING_CARRIED else {}
    if inbound.is_encrypted:
        marks[ENCRYPTED] = True
    if inbound.is_signed:
        marks[SIGNED] = True
    if folded := [n for n, file in enumerate(files) if file.folded]:
        marks[FOLDED] = folded
    if inbound.pieces:
        marks[PIECES] = [list(piece) for piece in inbound.pieces]
    return marks or None


_THREADING = Prepared(
    sa.select(messages.c.external_id, messages.c.in_reply_to, messages.c.refs, messages.c.head)
    .where(
        messages.c.ticket == sa.bindparam("n"),
        messages.c.part == Part.REQUESTER,
        sa.or_(*(messages.c.nature == sa.literal_column(f"'{nature}'") for nature in _ANSWERABLE)),
        messages.c.external_id.is_not(None),
        sa.or_(messages.c.channel == sa.bindparam("by"), messages.c.channel.is_(None)),
    )
    .order_by(messages.c.id.desc())
    .limit(1)
)


def said_outside(tx: Tx, channel: str, numbers: Collection[int]) -> list[str]:
    """The ids of what people wrote on a channel in these tickets, and that is not deleted: customers, and agents where
    the customer reads it. Not what we sent.
    """
    theirs = sa.or_(
        messages.c.part == Part.REQUESTER, sa.and_(messages.c.part == Part.REPLY, messages.c.inbox.is_not(None))
    )
    rows = tx.sql.execute(
        sa.select(known_ids.c.external_id)
        .join(messages, messages.c.id == known_ids.c.message)
        .where(known_ids.c.channel == channel, messages.c.ticket.in_(numbers), theirs, messages.c.deleted_at.is_(None))
    )
    return list(rows.scalars())


def set_message(tx: Tx, id: int, **values: Any) -> None:
    tx.sql.execute(messages.update().where(messages.c.id == id).values(**values))


def keep_version(tx: Tx, message: Message) -> int:
    """Keep the words that a message has, before it gets others; as which version."""
    before = sa.select(sa.func.count()).where(versions.c.message == message.id).scalar_subquery()
    row = {"message": message.id, "version": before + 1, "text": message.text, "until": tx.now}
    return tx.sql.execute(versions.insert().values(row).returning(versions.c.version)).scalar_one()


def version(tx: Tx, message: int, number: int) -> str:
    """What a message said in this version."""
    here = (versions.c.message == message, versions.c.version == number)
    return tx.sql.execute(sa.select(versions.c.text).where(*here)).scalar_one()


def mark(tx: Tx, message: Message, **marks: Any) -> None:
    """Say something more of a message in its marks; what is None is said no more."""
    head = {name: said for name, said in {**message.marks, **marks}.items() if said is not None}
    set_message(tx, message.id, head=head or None)


def raw(tx: Tx, id: int) -> Any:
    """The message's whole row."""
    return tx.sql.execute(sa.select(messages).where(messages.c.id == id)).one()


def record_outcomes(tx: Tx, message: int, outcomes: Sequence[Outcome]) -> None:
    """What the next hop said about each recipient; the last word about each stands."""
    rows = [{"message": message, "address": o.address, "code": o.code, "said": o.text, "at": tx.now} for o in outcomes]
    if rows:
        _OUTCOMES.run_each(tx, rows)


def _last_word(insert: Any) -> Any:
    statement = insert(deliveries)
    changed = {name: statement.excluded[name] for name in ("code", "said", "at")}
    return statement.on_conflict_do_update(index_elements=["message", "address"], set_=changed)


_OUTCOMES = Prepared(on_each(_last_word), columns=[c.name for c in deliveries.columns])


def outcomes(tx: Tx, message: int) -> list[Outcome]:
    rows = tx.sql.execute(sa.select(deliveries).where(deliveries.c.message == message).order_by(deliveries.c.address))
    return [Outcome(r.address, r.code, r.said) for r in rows]


def goes_out(tx: Tx, message: int) -> bool:
    """Whether there is such a message of ours, one that goes out."""
    part = tx.sql.execute(sa.select(messages.c.part).where(messages.c.id == message)).scalar()
    return part is not None and Part(part).goes_out


def expect_again(tx: Tx, message: int) -> None:
    """A message that was given up is to be sent after all; what was said of its recipients does not count any more."""
    tx.sql.execute(deliveries.delete().where(deliveries.c.message == message, deliveries.c.code >= 400))
    set_message(tx, message, delivery=Delivery.QUEUED, reason=None)


def files_of(tx: Tx, message: int) -> tuple[Attachment, ...]:
    """What came or goes with a message, in its order."""
    rows = tx.sql.execute(
        sa.select(attachments).where(attachments.c.message == message).order_by(attachments.c.position)
    )
    return tuple(Attachment(row.name, row.type, row.size, row.digest, row.cid) for row in rows)


def are_there(tx: Tx, number: int, digests: Collection[str]) -> set[str]:
    """Which of these files the ticket has already."""
    rows = tx.sql.execute(
        sa.select(attachments.c.digest)
        .join(messages, messages.c.id == attachments.c.message)
        .where(messages.c.ticket == number, attachments.c.digest.in_(digests))
    )
    return set(rows.scalars())


def among_messages(tx: Tx, condition: sa.ColumnElement[bool]) -> list[Message]:
    return _as_messages(tx, tx.sql.execute(sa.select(messages).where(condition).order_by(messages.c.id)).all())


_FILES = Prepared(
    on_either(
        lambda pg: (
            sa.select(attachments)
            .where(among(pg, attachments.c.message, "messages", sa.BigInteger))
            .order_by(attachments.c.position)
        )
    )
)


def _as_messages(tx: Tx, rows: Sequence[Any]) -> list[Message]:
    kept: dict[int, list[Attachment]] = {}
    if rows:
        folding = {row.id: row.head[FOLDED] for row in rows if row.head and FOLDED in row.head}
        for f in _FILES.rows(tx, {"messages": [row.id for row in rows]}):
            folded = f.position in folding.get(f.message, ())
            kept.setdefault(f.message, []).append(Attachment(f.name, f.type, f.size, f.digest, f.cid, folded))
    return [
        Message(
            id=row.id,
            ticket=row.ticket,
            part=Part(row.part),
            text=row.text,
            at=row.at,
            author=row.author,
            author_name=row.author_name,
            reply_text=row.reply_text,
            nature=Nature(row.nature),
            external_id=row.external_id,
            delivery=Delivery(row.delivery) if row.delivery else None,
            reason=row.reason,
            template=row.template,
            language=row.language,
            send_at=row.send_at,
            edited_at=row.edited_at,
            deleted_at=row.deleted_at,
            attachments=tuple(kept.get(row.id, ())),
            person=row.person,
            copied=as_said(row.copied),
            vouched=Vouched.as_said(row.vouched),
            marks=row.head or {},
            channel=row.channel,
        )
        for row in rows
    ]
