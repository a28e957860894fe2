"""Receipts in words alone: mails that say that a mail was read, without the part that RFC 8098 has for it."""

from __future__ import annotations

import re

from gateways.email.reading.quoting import header_line, plain

_LONGEST = 1500  # characters of such a mail
_MOST_LINES = 14
_TIME = re.compile(r"\d{1,2}[:.]\d{2}|\d年")
_PREFIX = re.compile(r"[^:：]{2,40}[:：]\s*")
_OF_MOZILLA = re.compile(r"[^()]{3,60} \([^()]{3,30}\) ?[-–] ?\S")  # `Return Receipt (displayed) - Printer`
_ITS_WORDS = re.compile(
    r"""
    \s*(?:this[ ]is[ ]a[ ](?:return|read)[ ]receipt|dies[ ]ist[ ]eine[ ](?:empfangs|lese)bestätigung
    |ceci[ ]est[ ]un[ ]accusé[ ]de[ ]r|[ée]ste[ ]es[ ]un[ ]acuse[ ]de[ ]recibo
    |questa[ ]è[ ]una[ ](?:conferma|ricevuta)[ ]di|(?:este|isto|esta)[ ]é[ ]uma?[ ](?:aviso|recibo|confirmação)[ ]de
    |dit[ ]is[ ]een[ ](?:ontvangst|lees)bevestiging|to[ ]jest[ ]potwierdzenie|toto[ ]je[ ]potvrzení
    |detta[ ]är[ ](?:ett|en)[ ]\w*kvitto|dette[ ]er[ ]en[ ](?:kvittering|lesebekreftelse)|tämä[ ]on[ ]vahvistus
    |это[ ](?:уведомление|подтверждение)[ ]о|これは.{0,40}開封確認|这是.{0,40}回执|이[ ]메시지는.{0,40}수신[ ]확인)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_OF_NOTES = re.compile(
    r"\s*(?:your|ihr|votre|su|il[ ]vostro)[ ](?:document|dokument|documento)\s?:.{0,300}?"
    r"\b(?:was[ ]received[ ]by|wurde[ ]empfangen[ ]von|a[ ]été[ ]reçu[ ]par|fue[ ]recibido[ ]por"
    r"|è[ ]stato[ ]ricevuto[ ]da)\s?:[^\n]{1,200}\n\s*[\w ]{1,20}:[^\n]{0,40}\d",
    re.IGNORECASE | re.DOTALL,
)


def is_receipt(subject: str, text: str) -> bool:
    """Whether a mail is nothing but the news that another was read."""
    if len(text) > _LONGEST or not text.strip():
        return False
    if _OF_NOTES.match(text) or (_OF_MOZILLA.match(subject) and _ITS_WORDS.match(text)):
        return True
    return _is_outlooks(subject, text)


def _is_outlooks(subject: str, text: str) -> bool:
    """Outlook's in any language: below a few words the receiver, the subject and the time of the mail that was read,
    and then one sentence with the time when it was. The mail's own subject is that one behind a word and a colon.
    """
    prefix = _PREFIX.match(subject)
    lines = [plain(line) for line in text.splitlines() if line.strip()]
    if not prefix or not 4 <= len(lines) <= _MOST_LINES:
        return False
    found = {kind: value for kind, value in map(header_line, lines) if kind}
    about = found.get("subject", "")
    if not about or "to" not in found or "from" in found or subject[prefix.end() :].strip() != about:
        return False
    last = max(at for at, line in enumerate(lines) if header_line(line)[0] in ("to", "subject", "date"))
    below = [line for line in lines[last + 1 :] if not _is_label(line)]
    return 1 <= len(below) <= 2 and bool(_TIME.search(" ".join(below))) and not header_line(lines[0])[0]


def _is_label(line: str) -> bool:
    """Whether a line is of the head, by a word for it that we were not told: a few letters and a colon."""
    word, colon, _ = line.partition(":")
    return bool(colon) and len(word) <= 14 and word.replace(" ", "").isalpha()
