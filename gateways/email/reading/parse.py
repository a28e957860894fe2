"""A mail's bytes understood: who writes, what, in answer to what, and whether a person wrote it at all."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from core.routing import signals
from core.tickets.brakes import gist
from core.tickets.model import (
    NOTHING_CARRIED,
    Address,
    Carried,
    DeliveryReport,
    File,
    Inbound,
    Nature,
    Outcome,
    PassedOn,
    Trail,
)
from gateways.email.envelope import Envelope
from gateways.email.parts.addresses import Mailbox, is_reachable, needs_utf8, read_addresses
from gateways.email.parts.headers import Headers, decode_words, split_mail
from gateways.email.parts.structure import Part, read
from gateways.email.parts.thread_index import read_index
from gateways.email.reading.body import read_body
from gateways.email.reading.bounces import Bounced, bounced, complained_of, returned_id
from gateways.email.reading.carried import Body
from gateways.email.reading.forwarded import Forwarded, forwarded
from gateways.email.reading.likeness import likeness
from gateways.email.reading.nature import Signs, classify, is_unattended
from gateways.email.reading.pictures import fold
from gateways.email.reading.reply_text import reply_text
from gateways.email.rewritten import as_it_was
from gateways.email.tags import MARK, tokens_in, untagged

MOST_REFERENCES = 200
MOST_NAMED = 100  # of all in To and Cc

_ID = re.compile(rb"<([^<>\s]{1,990})>")
_CODE = re.compile(r"^[245]\d\d[ -]")
_BETWEEN_IDS = re.compile(rb"[\s<>,;]+")
_MOST_ID_BYTES = 64 * 1024  # of all References together; the newest count, and they stand last
_LONGEST_ID = 990  # a line of RFC 5322 holds no more
_LOCAL = re.compile(rb"\s*(?:[^<(@]*<)?([A-Za-z0-9._-]{1,64})\s*[>(]")  # `MAILER-DAEMON (Mail Delivery System)`
_LONGEST_TOPIC = 250
_SOUND_DATE = re.compile(  # RFC 5322 §3.3 without what is obsolete; all other forms are the standard library's
    rb"(?:[A-Za-z]{3},)?\s{0,9}(\d{1,2}) ([A-Za-z]{3}) ([12]\d{3}) (\d\d):(\d\d):(\d\d)"
    rb" ([+-])([01]\d[0-5]\d)(?: \([A-Z]{1,5}\))?"
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"), 1
    )
}
_MOST_MARKS, _LONGEST_MARK = 20, 64
_FORWARDS = re.compile(r"\s*(?:fwd?|wg|tr|rv|i)\s*[:：]\s*", re.IGNORECASE)
_PASSES_ON = re.compile(r"\s*@fwd[ \t]*(?:\n|\Z)", re.IGNORECASE)  # alone on the first line that has words
_PAST, _FUTURE = timedelta(days=30), timedelta(days=1)  # how far a Date is believed


@dataclass(frozen=True, slots=True)
class Mail:
    """Everything known of a mail from its bytes alone; no string holds a NUL or a lone surrogate."""

    subject: str
    sender: Mailbox  # from From, else Sender, Reply-To or Return-Path; may be empty, or a local part without a domain
    is_own_name: bool  # the sender's name stands in From, with the address
    reply_to: tuple[Mailbox, ...]
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    message_id: str  # with its brackets; made from the bytes where the mail has none
    in_reply_to: str | None
    references: tuple[str, ...]  # oldest first
    carried: Carried
    date: datetime | None  # as the sender's clock had it
    text: str
    html: str | None
    reply_text: str
    nature: Nature
    evidence: tuple[str, ...]
    bounced: tuple[Bounced, ...]
    returned_id: str | None  # of the mail that a report of delivery brings back
    forwarded: Forwarded | None
    files: tuple[File, ...]
    left_out: int  # attachments beyond these, which only the raw mail has
    language: str | None  # from Content-Language, as BCP 47
    charset_notes: tuple[str, ...]
    repairs: tuple[str, ...]  # what was missing and had to be made up
    trail: Trail
    likeness: str  # the same for every delivery of one mail; empty where it cannot be told from others


def understand(raw: bytes, *, null_sender: bool = False) -> Mail:
    """Read a mail, however it is made. `null_sender` says that it came under MAIL FROM:<>.

    Never raises: what is missing or damaged is made up for and noted, and bytes that are no mail are a file.
    """
    top = read(raw)
    body = read_body(top)
    headers = top.headers
    body.codec = body.codec if body.codec not in (None, "utf-8") else headers.codec_of_words() or body.codec
    authors = _authors(headers, body.codec)
    sender, repairs = _sender(headers, body.codec, authors)
    reply_to = read_addresses(headers.first("reply-to"), body.codec)
    subject = headers.text("subject", body.codec)
    at = _date(headers)
    returns_to_nobody = null_sender or (headers.first("return-path") or b"x").strip() == b"<>"
    verdict = classify(Signs(top, subject, sender.address, sender.name, body.text, returns_to_nobody))
    message_id, made = _message_id(headers, raw)
    references = _ids(b" ".join(headers.every("references")))
    answers = _ids(headers.first("in-reply-to"))
    reply = reply_text(body.marked).text
    to, cc = _everybody(headers, "to", body), _everybody(headers, "cc", body)
    handed = forwarded(body.text, subject, {untagged(one.address).casefold() for one in (*to, *cc)})
    return Mail(
        subject=subject,
        sender=sender,
        is_own_name=not repairs,
        reply_to=tuple(reply_to),
        to=to,
        cc=cc,
        message_id=message_id,
        in_reply_to=answers[-1] if answers else None,
        references=references,
        carried=_carried(headers, body.codec),
        date=at,
        text=body.text,
        html=body.html,
        reply_text=reply,
        nature=verdict.nature,
        evidence=verdict.evidence,
        bounced=_bounced(top, body, verdict.nature),
        returned_id=_returned_id(top, body, verdict.nature),
        forwarded=handed,
        files=tuple(body.files if handed else fold(body.files, body.html)),
        left_out=body.left_out,
        language=_language(headers),
        charset_notes=tuple(body.notes),
        repairs=(*repairs, *made),
        trail=_trail(headers, subject, reply),
        likeness=likeness(
            headers, None if made else message_id, at, (authors, reply_to), subject, body.text, body.files
        ),
    )


def heard(raw: bytes, envelope: Envelope) -> Inbound:
    """A mail's bytes and its envelope as the desk takes them. For a process of its own: it may take long."""
    return inbound(understand(raw, null_sender=envelope.mail_from == ""), envelope)


def head_of(raw: bytes, envelope: Envelope) -> Inbound:
    """What can be told of a mail by its headers alone, where the whole cannot be read. Without words."""
    headers = split_mail(raw if b"\n" in raw else raw.replace(b"\r", b"\n")).headers
    sender, repairs = _sender(headers, None, _authors(headers, None))
    if "@" not in sender.address:
        sender = Mailbox(sender.name, as_it_was(envelope.mail_from or ""))
    doors = tuple(dict.fromkeys(untagged(address) for address in envelope.rcpt_tos))
    return Inbound(
        channel="email",
        sender=Address("email", sender.address, sender.name),
        door=doors[0] if doors else "",
        external_id=_message_id(headers, raw)[0],
        text="",
        reply_text="",
        subject=headers.text("subject"),
        is_own_name=not repairs,
        answerable=is_reachable(sender.address),
    )


def glance(raw: bytes) -> tuple[Mailbox, str]:
    """Who writes and about what, by the headers alone. Never raises."""
    headers = split_mail(raw).headers
    return sender_of(headers), headers.text("subject")


def sender_of(headers: Headers) -> Mailbox:
    """Who writes, by the headers alone. Never raises."""
    return _sender(headers, None, _authors(headers, None))[0]


def inbound(mail: Mail, envelope: Envelope) -> Inbound:
    """The mail as the desk takes it. Whom it was for says the envelope, not To or Cc: a blind copy is in neither.

    The sender's address is empty where the mail names none and the envelope does not either.
    """
    doors = tuple(dict.fromkeys(untagged(address) for address in envelope.rcpt_tos))
    sender = mail.sender if "@" in mail.sender.address else _of_envelope(mail, envelope)
    answers = [mailbox.address for mailbox in mail.reply_to if untagged(mailbox.address) not in doors]
    others = [address for address in answers if is_reachable(address) and address != sender.address]
    answer_to = min(others, key=needs_utf8, default=None)  # of several the first that every server can be told
    named = [*envelope.rcpt_tos, *(mailbox.address for mailbox in (*mail.to, *mail.cc))]
    guess = signals.language(mail.reply_text, mail.language)
    believed = mail.date is not None and -_PAST <= mail.date - envelope.received_at <= _FUTURE
    return Inbound(
        channel="email",
        sender=Address("email", sender.address, sender.name),
        door=doors[0] if doors else "",
        external_id=mail.message_id,
        text=mail.text,
        reply_text=mail.reply_text,
        subject=mail.subject,
        nature=mail.nature,
        is_own_name=mail.is_own_name,
        reply_to=answer_to,
        answerable=answer_to is not None or is_reachable(sender.address),
        in_reply_to=mail.in_reply_to,
        references=mail.references,
        carried=mail.carried,
        reply_tokens=tokens_in(named, "t"),
        copied=_copied(mail, doors, (sender.address, answer_to or "")),
        report=_report(mail, envelope) if _reports(mail.nature) else None,
        sent_at=mail.date if believed else None,
        language=guess.language if guess else None,
        files=mail.files,
        left_out=mail.left_out,
        notes=(*mail.charset_notes, *mail.repairs),
        signs=mail.evidence,
        also_to=doors[1:],
        by_name=any(untagged(mailbox.address) in doors for mailbox in (*mail.to, *mail.cc)),
        trail=mail.trail,
        likeness=mail.likeness,
        passed_on=_passed_on(mail),
    )


def _passed_on(mail: Mail) -> PassedOn | None:
    """The customer's mail below the word by which colleagues say that there is one, or the only mail in its files."""
    command = _PASSES_ON.match(mail.text)
    if command is None:
        return None
    rest = mail.text[command.end() :]
    found = forwarded(rest, "Fwd:")
    mails = [file for file in mail.files if file.type == "message/rfc822"]
    if found is None and len(mails) == 1:
        inner = understand(mails[0].content)
        found = Forwarded(inner.sender, inner.subject, inner.text, rest.strip())
    if found is None or not is_reachable(found.sender.address):
        return None
    said = reply_text(found.text).text
    guess = signals.language(said)
    return PassedOn(
        Address("email", found.sender.address, found.sender.name),
        found.subject or _FORWARDS.sub("", mail.subject),
        found.text,
        said,
        found.above.rstrip("_-=* \n"),
        guess.language if guess else None,
    )


def _of_envelope(mail: Mail, envelope: Envelope) -> Mailbox:
    return Mailbox(mail.sender.name, as_it_was(envelope.mail_from or ""))


def _copied(mail: Mail, doors: Sequence[str], answered: tuple[str, str]) -> tuple[Address, ...]:
    """Who else stands in To and Cc, each once, and can be written to: neither where it came in nor who is answered."""
    known = {*doors, *(address.casefold() for address in answered)}
    found: dict[str, Address] = {}
    for mailbox in (*mail.to, *mail.cc):
        key = untagged(mailbox.address) if untagged(mailbox.address) in doors else mailbox.address.casefold()
        if key not in known and is_reachable(mailbox.address) and not is_unattended(mailbox.address):
            found.setdefault(key, Address("email", mailbox.address, mailbox.name))
    return tuple(found.values())[:MOST_NAMED]


def _report(mail: Mail, envelope: Envelope) -> DeliveryReport:
    """What a report of delivery is about. Only the envelope is believed: what a header says of our addresses is not."""
    about = [*filter(None, [mail.returned_id, mail.in_reply_to]), *reversed(mail.references)]
    failures = [Outcome(one.address, 550, _why(one)) for one in mail.bounced]
    return DeliveryReport(tokens_in(envelope.rcpt_tos, "b"), tuple(dict.fromkeys(about)), tuple(failures))


def _reports(nature: Nature) -> bool:
    """Whether it is about a mail of ours: what became of it, or what somebody thinks of it."""
    return nature.reports_delivery or nature is Nature.ARF


def _why(one: Bounced) -> str:
    """`5.1.1 User unknown`, as a server says it in a session."""
    said = _CODE.sub("", one.said)
    return said if said.startswith(one.status) else f"{one.status} {said}".strip()


def _authors(headers: Headers, sibling: str | None) -> list[Mailbox]:
    """Whom From names, in order."""
    return [mailbox for value in headers.every("from") for mailbox in read_addresses(value, sibling)]


def _sender(headers: Headers, sibling: str | None, authors: list[Mailbox]) -> tuple[Mailbox, list[str]]:
    """Who writes, and a note where that is not what From says. Of several in From the first with an address counts."""
    found = next((mailbox for mailbox in authors if mailbox.address), None)
    if found:
        return found, []
    name = authors[0].name if authors else ""
    for field in ("sender", "reply-to", "return-path"):
        other = next((one for one in read_addresses(headers.first(field), sibling) if one.address), None)
        if other:
            return Mailbox(name or other.name, as_it_was(other.address)), [f"sender from {field}"]
    local = _LOCAL.match(headers.first("from") or b"")
    return Mailbox(name, local[1].decode("ascii") if local else ""), ["no sender"]


def _everybody(headers: Headers, field: str, body: Body) -> tuple[Mailbox, ...]:
    return tuple(mailbox for value in headers.every(field) for mailbox in read_addresses(value, body.codec))


def _message_id(headers: Headers, raw: bytes) -> tuple[str, list[str]]:
    """The mail's id; where there is none or it could not be told from others, one made from the bytes."""
    value = headers.first("message-id") or b""
    found = _ID.search(value) or re.search(rb"([^\s<>]{1,990})", value)
    if found and b"@" in found[1]:
        return f"<{_ascii(found[1])}>", []
    return f"<{hashlib.sha256(raw).hexdigest()}@intake.local>", ["no Message-ID"]


def _ids(value: bytes | None) -> tuple[str, ...]:
    """The ids in a field, each once, with brackets. Words like `Your message of Monday` in In-Reply-To are no ids."""
    if not value:
        return ()
    value = value[-_MOST_ID_BYTES:]
    if b"=?" in value:  # some libraries encode long ids, which no standard allows
        value = decode_words(value).encode("utf-8")
    found = _ID.findall(value) or _bare_ids(value)
    ids = dict.fromkeys(f"<{_ascii(one)}>" for one in found)
    return tuple(ids)[-MOST_REFERENCES:]


def _bare_ids(value: bytes) -> list[bytes]:
    """Ids without brackets. By splitting: a pattern that looks for the `@` does so anew from every letter."""
    return [word for word in _BETWEEN_IDS.split(value) if b"@" in word[1:-1] and len(word) <= _LONGEST_ID]


def _ascii(value: bytes) -> str:
    return value.decode("ascii", "replace").replace("\x00", "").replace("\ufffd", "?")


def _carried(headers: Headers, sibling: str | None) -> Carried:
    """What Outlook keeps a conversation together by, where it can be what Outlook writes."""
    written = "".join((headers.first("thread-index") or b"").decode("ascii", "replace").split())
    if not written or read_index(written) is None:
        return NOTHING_CARRIED
    return Carried(headers.text("thread-topic", sibling)[:_LONGEST_TOPIC], written)


def _date(headers: Headers) -> datetime | None:
    """When the sender's clock says it was sent, in UTC; None where it says nothing usable."""
    value = headers.first("date")
    if not value or len(value) > 200:
        return None
    if sound := _SOUND_DATE.fullmatch(value):
        with contextlib.suppress(ValueError, OverflowError):
            return _at(sound)
    try:
        at = parsedate_to_datetime(value.decode("ascii", "replace"))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _at(sound: re.Match[bytes]) -> datetime:
    """The time that a date in the usual form names."""
    day, year, hour, minute, second, ahead = (int(sound[group]) for group in (1, 3, 4, 5, 6, 8))
    zone = timedelta(hours=ahead // 100, minutes=ahead % 100)
    at = datetime(year, _MONTHS.get(sound[2].lower(), 0), day, hour, minute, second, tzinfo=UTC)
    return at - zone if sound[7] == b"+" else at + zone


def _trail(headers: Headers, subject: str, text: str) -> Trail:
    """What tells whether it goes round. Only our own composer writes marks; who copies one says that it is an echo."""
    marks = [value.strip().decode("ascii", "replace")[:_LONGEST_MARK] for value in headers.every(MARK.casefold())]
    return Trail(tuple(marks[:_MOST_MARKS]), headers.count("received"), gist(subject, text))


def _language(headers: Headers) -> str | None:
    tag = headers.token("content-language").split(",")[0]
    return tag if re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", tag) else None


def _bounced(top: Part, body: Body, nature: Nature) -> tuple[Bounced, ...]:
    if nature is Nature.ARF:
        return tuple(Bounced(address, "") for address in complained_of(top))
    return tuple(bounced(top, body.text)) if nature.reports_delivery else ()


def _returned_id(top: Part, body: Body, nature: Nature) -> str | None:
    ids = _ids(returned_id(top, body.text)) if _reports(nature) else ()
    return ids[0] if ids else None
