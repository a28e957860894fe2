"""What lies in the customers' mailboxes: every mail as raw bytes, what a mail program shows of it, and its threads."""

import base64
import email
import email.header
import email.utils
import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import Message
from typing import Any

from sandbox.errors import Json, SandboxError
from sandbox.journal import Journal
from sandbox.names import fresh_id
from sandbox.notices import Notices

CUSTOMERS = (
    ("carla@example.com", "Carla Gómez"),
    ("max@example.org", "Max Mustermann"),
    ("priya@example.net", "Priya Nair"),
)
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
FRAME = (  # what a mail looks like where it does not say otherwise: nothing wider than its frame
    "<style>body{margin:12px;font:14px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
    "img{max-width:100%;height:auto}</style>"
)
MESSAGE_ID = re.compile(r"<[^<>\s]+>")


class Mailboxes:
    def __init__(self, journal: Journal, notices: Notices) -> None:
        self._journal = journal
        self._notices = notices

    @property
    def all(self) -> dict[str, Json]:
        return self._journal.table("mailboxes")

    @property
    def mails(self) -> dict[str, Json]:
        return self._journal.table("mails")

    def seed(self) -> None:
        if not self.all:
            for address, name in CUSTOMERS:
                self.open(address, name)

    def open(self, address: str, name: str = "") -> Json:
        """A mailbox, made when it does not exist yet. Raises SandboxError(invalid_address)."""
        key = address.strip().casefold()
        if not re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\"]+", key):
            raise SandboxError("invalid_address")
        if key not in self.all:
            mailbox = {"address": key, "name": name or key.partition("@")[0]}
            self._journal.put("mailboxes", key, mailbox)
            self._notices.tell("mailbox", {"mailbox": mailbox})
        return self.all[key]

    def of(self, address: str) -> list[Json]:
        """That mailbox's mails, oldest first."""
        key = address.casefold()
        return [mail for mail in self.mails.values() if mail["mailbox"] == key]

    def find(self, mail_id: str) -> Json:
        mail = self.mails.get(mail_id)
        if mail is None:
            raise SandboxError("mail_not_found")
        return mail

    def raw(self, mail_id: str) -> bytes:
        return self._journal.blob(self.find(mail_id)["id"])

    def put(self, address: str, direction: str, raw: bytes, status: str, reply: str) -> Json:
        """File a mail in a mailbox. `direction` as its owner sees it: received or sent."""
        message = email.message_from_bytes(raw)
        mailbox = self.open(address, _name_for(message, address) if direction == "received" else "")
        mail = {"id": fresh_id("M"), "mailbox": mailbox["address"], "direction": direction, "status": status,
                "reply": reply, **described(message)}  # fmt: skip
        mail["conversation"] = self._conversation(mailbox["address"], mail)
        self._journal.put_blob(mail["id"], raw)
        self._journal.put("mails", mail["id"], mail)
        self._notices.tell("mail", {"mail": mail})
        return mail

    def _conversation(self, address: str, mail: Json) -> str:
        """Mails that cite each other, or the same third one, are one conversation (RFC 5322 section 3.6.4)."""
        cited = _ids_of(mail)
        for other in reversed(self.of(address)):
            if cited & _ids_of(other):
                return other["conversation"]
        return mail["id"]

    def part(self, mail_id: str, number: int) -> tuple[str, str, bytes]:
        """An attachment's name, type and bytes."""
        found = list(_attachments(email.message_from_bytes(self.raw(mail_id))))
        if not 0 <= number < len(found):
            raise SandboxError("mail_not_found")
        part = found[number]
        return _file_name(part, number), part.get_content_type(), _payload(part)

    def page(self, mail_id: str) -> str:
        """The mail as HTML for a sandboxed frame, with its pictures inside: such a frame may fetch none from here."""
        message = email.message_from_bytes(self.raw(mail_id))
        rich = _first(message, "text/html")
        if rich is None:
            return f"<pre style='white-space:pre-wrap'>{html.escape(described(message)['text'])}</pre>"
        inline = {}
        for part in _attachments(message):
            cid = str(part.get("Content-ID", "")).strip(" <>")
            if cid and part.get_content_type() in PICTURES:
                inline[cid] = f"data:{part.get_content_type()};base64,{base64.b64encode(_payload(part)).decode()}"
        return FRAME + re.sub(r"cid:([^\s\"'>)]+)", lambda m: inline.get(m[1], ""), _text_of(rich))


def described(message: Message) -> Json:
    """What a mail program shows of a mail; never fails, however broken the mail is."""
    plain, rich = _first(message, "text/plain"), _first(message, "text/html")
    text = _text_of(plain) if plain is not None else _bare(_text_of(rich)) if rich is not None else ""
    attachments = [
        {"name": _file_name(part, n), "type": part.get_content_type(), "size": len(_payload(part))}
        for n, part in enumerate(_attachments(message))
    ]
    return {
        "from": _header(message, "From"), "to": _header(message, "To"), "cc": _header(message, "Cc"),
        "reply_to": _header(message, "Reply-To"), "subject": _header(message, "Subject"), "date": _date(message),
        "text": text.replace("\r\n", "\n"), "has_html": rich is not None,
        "message_id": _header(message, "Message-ID").strip(),
        "in_reply_to": _header(message, "In-Reply-To").strip(),
        "references": MESSAGE_ID.findall(_header(message, "References")), "attachments": attachments,
        "auto_submitted": _header(message, "Auto-Submitted"),
    }  # fmt: skip


def _ids_of(mail: Json) -> set[str]:
    return {i for i in (mail["message_id"], *MESSAGE_ID.findall(mail["in_reply_to"]), *mail["references"]) if i}


def _header(message: Message, name: str) -> str:
    """Decoded (RFC 2047) and on one line; what cannot be decoded stays as it is written."""
    raw = message.get(name)
    if raw is None:
        return ""
    if isinstance(raw, str):  # decode_header() would drop the space at which a line was folded
        raw = re.sub(r"\r?\n(?=[ \t])", "", raw)
    words = []
    for chunk, charset in email.header.decode_header(raw):
        words.append(_decoded(chunk, charset) if isinstance(chunk, bytes) else chunk)
    return re.sub(r"\s*[\r\n]+\s*", " ", "".join(words)).strip()


def _decoded(data: bytes, charset: str | None) -> str:
    try:
        return data.decode(charset or "utf-8", errors="replace")
    except LookupError:
        return data.decode("utf-8", errors="replace")


def _date(message: Message) -> str:
    """ISO 8601 in UTC; a mail without a readable date is as old as its arrival."""
    try:
        when = email.utils.parsedate_to_datetime(str(message["Date"]))
    except ValueError:
        when = datetime.now(UTC)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _leaves(message: Message) -> Iterator[Message]:
    """A forwarded mail inside counts as one leaf."""
    if message.get_content_type() == "message/rfc822" or not message.is_multipart():
        yield message
        return
    parts: Any = message.get_payload()
    for part in parts:
        yield from _leaves(part)


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or part.get_filename() is not None


def _first(message: Message, kind: str) -> Message | None:
    return next((p for p in _leaves(message) if p.get_content_type() == kind and not _is_attached(p)), None)


def _attachments(message: Message) -> Iterator[Message]:
    shown = [_first(message, "text/plain"), _first(message, "text/html")]
    for part in _leaves(message):
        if part.get_content_type() not in ("text/plain", "text/html") or _is_attached(part) or part not in shown:
            yield part


def _payload(part: Message) -> bytes:
    if part.is_multipart():  # message/rfc822
        return b"".join(inner.as_bytes() for inner in part.walk() if inner is not part and inner.get("From"))
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _text_of(part: Message) -> str:
    return _decoded(_payload(part), part.get_content_charset())


def _bare(rich: str) -> str:
    """Words of HTML for the list of mails; the page shows the HTML itself."""
    without = re.sub(r"(?is)<(style|script|head)\b.*?</\1>", " ", rich)
    broken = re.sub(r"(?i)<(br|/p|/div|/tr|/h\d|/li)\b[^>]*>", "\n", without)
    return html.unescape(re.sub(r"<[^>]+>", " ", broken)).strip()


def _file_name(part: Message, number: int) -> str:
    """A file name to show; it never names a place on disk."""
    name = part.get_filename() or f"part-{number + 1}"
    return re.sub(r"[\x00-\x1f/\\]", "_", name)[:200]


def _name_for(message: Message, address: str) -> str:
    for name, each in email.utils.getaddresses([_header(message, "To"), _header(message, "Cc")]):
        if each.casefold() == address.casefold():
            return name
    return ""
