"""Why what came became what it became, or nothing: found by number, id, sender or ticket, and said in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from core.desk.holding import LONGEST_SUBJECT, reason_of
from core.desk.house import House
from core.desk.keeping_out import ago, said_of, who
from core.phrases import Phrase, Refused, phrase
from core.storage import blocked, handlings, inbox, messages, people, traces
from core.storage.blocked import Blocked
from core.storage.database import Tx, question
from core.storage.handlings import Handling
from core.storage.inbox import Piece
from core.tickets import vouches
from core.tickets.blocking import patterns_of
from core.tickets.channels import manner
from core.tickets.model import UNVOUCHED, Delivery, Nature, Vouched
from core.tickets.natures import NATURES
from core.tickets.persons import typed_address
from core.tickets.written import CHANNEL

MOST = 20
"""So much is told of at once, the newest."""

_TICKET = re.compile(r"#([0-9]{1,15})")


class Trace(NamedTuple):
    """One mail that came in, and everything that is known of its way. `ticket` is the one it went to, which continues
    `follows`; `names` are agents' by their ids.
    """

    piece: Piece
    ticket: int | None
    follows: int | None
    subject: str
    handled: Sequence[Handling]
    block: Blocked | None
    names: Mapping[str, str]
    now: datetime
    vouched: Vouched = UNVOUCHED


class Ours(NamedTuple):
    """A message that the desk itself sent."""

    ticket: int
    at: datetime
    delivery: Delivery | None


class Found(NamedTuple):
    """What there is to say to the question why."""

    traces: Sequence[Trace]
    ours: Sequence[Ours] = ()


class Tracing(House):
    """The question why."""

    @question
    def why(self, tx: Tx, said: str) -> Found:
        """What is known of what came with this number, id or sender, or into this ticket ("#42"), newest first. Raises
        Refused for others.
        """
        wanted = said.strip()
        if (number := _TICKET.fullmatch(wanted)) is not None:
            return Found(self._traced(tx, traces.in_ticket(tx, int(number[1]), MOST)))
        if wanted.isascii() and wanted.isdigit() and len(wanted) < 16:
            return Found(self._traced(tx, traces.numbered(tx, int(wanted))))
        there = typed_address(wanted)
        if there is not None and there.channel != "email":
            return Found(self._traced(tx, traces.said_by(tx, there.channel, there.address, MOST)))
        if "@" not in wanted and ":" in wanted:
            return Found(self._traced(tx, traces.named(tx, wanted, MOST)))
        if "@" not in wanted:
            raise Refused(
                phrase(
                    "Say a Message-ID, a mail address, an address of another channel like Telegram: 20000001, a ticket "
                    "like #42, or a number of the inbox."
                )
            )
        bare = wanted.strip("<>")
        pieces = {piece.id: piece for piece in traces.named(tx, f"<{bare}>", MOST)}
        if not wanted.startswith("<") or not pieces:
            pieces |= {piece.id: piece for piece in traces.sent_by(tx, bare, MOST)}
        newest = sorted(pieces.values(), key=lambda piece: -piece.id)[:MOST]
        return Found(self._traced(tx, newest), _ours(tx, f"<{bare}>"))

    @question
    def as_heard(self, tx: Tx, id: int) -> Mapping[str, str] | None:
        """What was made of a mail when it was read last, by field; None where it never could be read."""
        piece = inbox.get(tx, id)
        if piece is None or piece.external_id is None:
            return None
        known = {"sender": piece.sender or "", "external_id": piece.external_id}
        said = piece.said
        if piece.message is None or piece.found is None:
            subject = {"subject": str(said["subject"])} if "subject" in said else {}
            return {**known, **subject, "nature": str(said.get("nature") or Nature.HUMAN.value)}
        message, row = messages.message(tx, piece.message), messages.raw(tx, piece.message)
        return {
            **known,
            "nature": str(said.get("nature") or Nature.HUMAN.value),
            "subject": row.subject,
            "in_reply_to": row.in_reply_to or "",
            "references": " ".join(row.refs or ()),
            "text": message.text,
            "reply_text": message.reply_text,
            "files": ", ".join(f"{file.name} ({file.type}, {file.size})" for file in message.attachments),
        }

    def _traced(self, tx: Tx, pieces: Sequence[Piece]) -> list[Trace]:
        ids = [piece.id for piece in pieces]
        places, handled, names = traces.places(tx, ids), handlings.of(tx, ids), people.names(tx)
        made: list[Trace] = []
        for piece in pieces:
            ticket, follows = places.get(piece.id, (None, None))
            heard = messages.raw(tx, piece.message) if piece.message else None
            subject = (heard.subject if heard else "") or str(piece.said.get("subject") or "")
            vouched = Vouched.as_said(heard.vouched) if heard else piece.vouched
            block = blocked.first_of(tx, patterns_of(piece.sender or "")) if piece.state == "blocked" else None
            done = handled.get(piece.id, [])
            made.append(Trace(piece, ticket, follows, subject[:LONGEST_SUBJECT], done, block, names, tx.now, vouched))
        return made


def _ours(tx: Tx, external_id: str) -> list[Ours]:
    found = messages.known(tx, "email", [external_id])
    said = [messages.message(tx, message) for _, _, message, part in found if part.goes_out]
    return [Ours(one.ticket, one.at, one.delivery) for one in said]


def sentences(found: Found, said: str) -> list[list[Phrase]]:
    """Everything there is to say, a list of sentences for each mail."""
    told = [[_ours_said(one)] for one in found.ours] + [list(_told(trace)) for trace in found.traces]
    if told:
        return told
    nothing = phrase(
        "Nothing came in by “{said}”. Either it did not reach the desk: then, of a mail, the log of the server that "
        "sent it says why. Or it has another id here: look for the sender's address.",
        said=said,
    )
    return [[nothing]]


def _ours_said(ours: Ours) -> Phrase:
    return phrase(
        "The desk itself sent this, in ticket #{number}, at {at}: {state}.",
        number=ours.ticket,
        at=ours.at,
        state=_DELIVERY.get(ours.delivery, phrase("not sent")),
    )


_DELIVERY: Mapping[Delivery | None, Phrase] = {
    Delivery.HELD: phrase("it can still be taken back"),
    Delivery.QUEUED: phrase("it waits to be sent"),
    Delivery.SENT: phrase("the next mail server took it"),
    Delivery.PARTLY: phrase("some recipients were refused"),
    Delivery.FAILED: phrase("it failed"),
    Delivery.UNDONE: phrase("it was taken back"),
}


def _told(trace: Trace) -> Iterable[Phrase]:
    piece = trace.piece
    yield _came(piece)
    yield from _is(trace)
    yield from _found(trace)
    for done in trace.handled:
        yield said_of(done, trace.names, trace.now)
    yield from _became(trace)


def _came(piece: Piece) -> Phrase:
    """When, and by what way."""
    kept = piece.envelope
    source, recipients = str(kept.get("source") or ""), [str(one) for one in kept.get("rcpt_tos") or ()]
    common = {"id": piece.id, "at": piece.at, "to": recipients or ["–"], "sender": str(kept.get("mail_from") or "<>")}
    if source.startswith("imap:"):
        place, _, uid = source.removeprefix("imap:").rpartition("/")
        mailbox, _, folder = place.rpartition("/")[0].partition("/")
        return phrase(
            "Mail {id} came in at {at}: it lay in the mailbox {mailbox}, folder {folder}, under UID {uid}, "
            "for {to}; its return path was {sender}.",
            mailbox=mailbox,
            folder=folder,
            uid=uid,
            **common,
        )
    if piece.channel == CHANNEL:
        return phrase("Message {id} came in at {at} by a page of ours.", id=piece.id, at=piece.at)
    if not manner(piece.channel).letters:
        return phrase(
            "Message {id} came in at {at} by {channel}.", id=piece.id, at=piece.at, channel=piece.channel.capitalize()
        )
    peer = str(kept.get("peer") or "–")
    return phrase("Mail {id} came in at {at} by SMTP from {peer}, sent by {sender} to {to}.", peer=peer, **common)


def _is(trace: Trace) -> Iterable[Phrase]:
    """What it is, and by which signs."""
    piece, said = trace.piece, trace.piece.said
    if piece.external_id and not manner(piece.channel).letters:
        sender = piece.sender or phrase("nobody")
        yield phrase("It is from {sender}, and is known there as {id}.", sender=sender, id=piece.external_id)
        return
    if piece.external_id:
        sender = piece.sender or str(said.get("address") or "") or phrase("nobody")
        about = trace.subject or phrase("(no subject)")
        yield phrase(
            "It is from {sender}, about: {subject}. Its Message-ID is {id}.",
            sender=sender,
            subject=about,
            id=piece.external_id,
        )
    if said.get("nature"):
        known = NATURES.get(Nature(said["nature"]), phrase("A person's mail"))
        signs = list(said.get("signs") or ())
        yield (
            phrase("It was found to be: {nature}, by {signs}.", nature=known, signs=signs)
            if signs
            else phrase("It was found to be: {nature}.", nature=known)
        )
    elif piece.external_id:
        yield phrase("Nothing in it says that a machine sent it.")
    if vouched := vouches.told(trace.vouched):
        yield vouched
    if said.get("spam"):
        yield phrase("A filter took it for spam: {signs}.", signs=list(said["spam"]))


def _found(trace: Trace) -> Iterable[Phrase]:
    """By what it found its ticket, or did not."""
    found = trace.piece.found
    match found:
        case None:
            return
        case "new":
            yield phrase("Nothing in it points to a ticket, so it opened one.")
        case "passed on":
            yield phrase("A colleague forwarded a customer's mail, so it opened the customer's ticket.")
        case "stub" if trace.piece.state == "unreadable":
            yield phrase("Ticket #{number} says that it came, and has it as a file.", number=trace.ticket)
        case "stub":
            yield phrase(
                "It could not be read at first, so ticket #{number} was there for it already.", number=trace.ticket
            )
        case _:
            way = (
                _in_chat(found, trace) or _into(found, trace.ticket) or _elsewhere(found, trace.follows or trace.ticket)
            )
            yield way or phrase("Its ticket was found by: {found}.", found=found)


def _in_chat(found: str, trace: Trace) -> Phrase | None:
    """By what it found its ticket where no mail did."""
    if trace.piece.channel == CHANNEL:
        return phrase("It was written on the page of ticket #{number}.", number=trace.ticket)
    match found:
        case "thread":
            return phrase(
                "It goes on with ticket #{number}: that was open in its conversation, or closed just before.",
                number=trace.ticket,
            )
        case "chosen":
            return phrase("Its writer was asked, and chose ticket #{number}.", number=trace.ticket)
        case _:
            return None


def _into(found: str, number: int | None) -> Phrase | None:
    """By what it found the ticket that it is in."""
    match found:
        case "token":
            return phrase("It came to an address with the signed tag of ticket #{number}.", number=number)
        case "reference":
            return phrase("It answers a message of ticket #{number}, in which its sender takes part.", number=number)
        case "subject":
            return phrase("Its subject names ticket #{number}, in which its sender takes part.", number=number)
        case "colleague":
            return phrase(
                "It answers a message of ticket #{number}, and is from a colleague, for whom their domain vouches: "
                "it is an internal note there.",
                number=number,
            )
        case "report":
            return phrase("It says what became of a message of ours in ticket #{number}.", number=number)
        case _:
            return None


def _elsewhere(found: str, number: int | None) -> Phrase | None:
    """To which ticket it points, and why it did not simply come into it."""
    match found:
        case "held":
            return phrase(
                "It points to ticket #{number}, in which its sender took no part, so agents were asked.", number=number
            )
        case "turned away":
            return phrase(
                "It points to ticket #{number}, from which its sender was turned away, so it opened one of its own.",
                number=number,
            )
        case "stranger":
            return phrase(
                "It points to ticket #{number}, in which its sender takes no part, so it opened one of its own.",
                number=number,
            )
        case "closed long ago":
            return phrase(
                "It points to ticket #{number}, which was closed long ago, so it opened a new one.", number=number
            )
        case _:
            return None


def _became(trace: Trace) -> Iterable[Phrase]:
    """What became of it, and what can be done."""
    piece = trace.piece
    match piece.state:
        case "done" if piece.reason and trace.ticket:
            yield phrase(
                "It opened nothing: {reason}. The message is in ticket #{number}.",
                reason=reason_of(piece),
                number=trace.ticket,
            )
        case "done" if piece.reason:
            yield phrase("It opened nothing: {reason}.", reason=reason_of(piece))
        case "done" if trace.ticket:
            yield phrase("It is in ticket #{number}.", number=trace.ticket)
        case "done":
            yield phrase("It was heard, and nothing was opened for it.")
        case "received" | "admitted":
            yield phrase("It waits to be understood. If that lasts, look at: deskbell jobs list")
        case "suspended":
            yield phrase(
                "It is held back: {reason}. To let it in: /desk held in Slack, or deskbell inbox admit {id}",
                reason=reason_of(piece),
                id=piece.id,
            )
        case "unreadable":
            yield phrase(
                "It could not be read: {reason}. To look at it or to try again: /desk held in Slack, or "
                "deskbell inbox raw {id}, deskbell inbox replay {id}",
                reason=reason_of(piece),
                id=piece.id,
            )
        case "blocked":
            yield from _blocked(trace)
        case _:
            yield phrase(
                "It was discarded, and is kept. To let it in after all: deskbell inbox admit {id}", id=piece.id
            )


def _blocked(trace: Trace) -> Iterable[Phrase]:
    id, block = trace.piece.id, trace.block
    if block is None:
        yield phrase("Its sender was blocked then, and is not any more. To let it in: deskbell inbox admit {id}", id=id)
        return
    yield phrase(
        "Its sender is blocked by {pattern}: {name} said so {ago}. To let in this one mail: deskbell inbox admit {id}. "
        "To let them write again: /desk held in Slack, then Blocked senders, or deskbell inbox unblock {pattern}",
        pattern=block.pattern.removeprefix("@"),
        name=who(block.by, trace.names),
        ago=ago(block.at, trace.now),
        id=id,
    )
    if block.why:
        yield phrase("The reason given: {why}", why=block.why)
