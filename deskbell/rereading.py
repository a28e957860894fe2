"""What reading a mail now would give, compared with what it gave when it came: `deskbell inbox replay --dry-run`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from difflib import unified_diff

from core.desk import Desk
from core.engine.apart import Apart
from core.phrases import NotFound, Phrase, phrase
from core.tickets.model import Inbound
from deskbell.speaking import show, speak
from gateways.email.envelope import Envelope
from gateways.email.reading.parse import heard

_LONG = ("text", "reply_text")


def compare(desk: Desk, id: int) -> bool:
    """Say every field that differs. False where it cannot be read now either. Nothing is changed."""
    piece, raw = desk.kept(id), desk.raw_of(id)
    if piece is None or raw is None:
        raise NotFound(phrase("There is no message {id} in the inbox.", id=id))
    try:
        now = _fields(asyncio.run(_read(raw, Envelope.from_json(dict(piece.envelope)))))
    except Exception as error:  # whatever the mail does to the reader is the answer
        speak(phrase("Message {id} cannot be read: {reason}", id=id, reason=str(error) or type(error).__name__))
        return False
    before = desk.as_heard(id)
    if before is None:
        speak(phrase("Message {id} can be read now. It would be:", id=id))
        for field in ("nature", "sender", "subject", "external_id", "files"):
            speak(_one(field, "", now[field]))
        return True
    changed = [field for field in now if field in before and before[field] != now[field]]
    if not changed:
        speak(phrase("Message {id} is read now as it was read then.", id=id))
    for field in changed:
        if field in _LONG:
            speak(phrase("{field} differs:", field=field))
            for line in unified_diff(
                before[field].splitlines(), now[field].splitlines(), "then", "now", lineterm="", n=1
            ):
                show(line)
        else:
            speak(_one(field, before[field], now[field]))
    return True


async def _read(raw: bytes, envelope: Envelope) -> Inbound:
    """Apart from this process: it may take long, or not end."""
    apart = Apart()
    try:
        return await apart.call(heard, raw, envelope)
    finally:
        await apart.close()


def _fields(mail: Inbound) -> Mapping[str, str]:
    """As `Desk.as_heard` names them."""
    return {
        "nature": mail.nature.value,
        "sender": mail.sender.address.casefold(),
        "subject": mail.subject,
        "external_id": mail.external_id,
        "in_reply_to": mail.in_reply_to or "",
        "references": " ".join(mail.references),
        "text": mail.text,
        "reply_text": mail.reply_text,
        "files": ", ".join(f"{file.name} ({file.type}, {len(file.content)})" for file in mail.files),
    }


def _one(field: str, before: str, now: str) -> Phrase:
    if not before:
        return phrase("{field}: {now}", field=field, now=now or "–")
    return phrase("{field} was {before} and would be {now}", field=field, before=before, now=now or "–")
