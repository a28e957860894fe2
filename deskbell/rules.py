"""`deskbell rules test`: what the rules would make of texts and mails, and who would get them; stores nothing."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

from core.desk import Desk
from core.desk.judging import sentences
from core.phrases import Phrase, Refused, phrase
from core.routing import signals
from core.routing.triage import Facts
from core.rulebook import Rulebook
from deskbell.opening import desk_at_hand, read_rulebook, read_settings
from deskbell.speaking import speak
from gateways.email.envelope import Envelope
from gateways.email.reading.parse import heard

_KNOWN = tuple(f.name for f in fields(Facts) if f.name not in ("at", "zone"))
_LISTS = ("tags",)


def main(options: argparse.Namespace) -> int:
    """Each message with what would become of it."""
    book = read_rulebook(Path(options.rulebook)) if options.rulebook else None
    with desk_at_hand(read_settings()) as desk:
        for name in options.files:
            for called, facts in _messages(desk, Path(name), options):
                _tell(desk, called, facts, book)
    return 0


def _tell(desk: Desk, called: str, facts: Facts, book: Rulebook | None) -> None:
    speak(phrase("{file}:", file=called))
    for said in sentences(desk.would(facts, book)):
        speak(phrase("  {said}", said=said))


def _messages(desk: Desk, path: Path, options: argparse.Namespace) -> Iterable[tuple[str, Facts]]:
    """What stands in a file: a mail (.eml), a message a line (.jsonl), or a text."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        cause = error.strerror or str(error)
        raise Refused(phrase("{path} cannot be read: {cause}", path=str(path), cause=cause)) from error
    given = Facts(door=options.door, sender=options.sender)
    match path.suffix.lower():
        case ".eml":
            yield path.name, _of_mail(desk, raw).knowing(given)
        case ".jsonl":
            for number, line in enumerate(raw.decode("utf-8", "replace").splitlines(), 1):
                if line.strip():
                    yield f"{path.name}:{number}", given.knowing(_of_line(path, number, line))
        case _:
            text = raw.decode("utf-8", "replace")
            yield path.name, Facts(text=text, channel="email", language=_language(text)).knowing(given)


def _of_mail(desk: Desk, raw: bytes) -> Facts:
    envelope = Envelope(None, (), "", "", "", desk.db.clock())
    mail = heard(raw, envelope)
    book = desk.book()
    to = next((one.address for one in mail.copied if book.mailbox_for(one.address)), mail.door)
    door = book.mailbox_for(to)
    return Facts(
        door=door.address if door else "",
        sender=mail.sender.address,
        subject=mail.subject,
        text=mail.reply_text,
        channel="email",
        language=mail.language,
    )


def _of_line(path: Path, number: int, line: str) -> Facts:
    try:
        said: Any = json.loads(line)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise _wrong(path, number, phrase("It is no JSON object."))
    known = cast("dict[str, Any]", said)
    if strange := next((key for key in known if key not in _KNOWN), None):
        raise _wrong(path, number, phrase("“{key}” is not known here. There is: {names}.", key=strange, names=_KNOWN))
    text = str(known.get("text", ""))
    values: dict[str, Any] = {"channel": "email", "language": _language(text), **known}
    values |= {key: tuple(values[key]) for key in _LISTS if key in values}
    return Facts(**values)


def _wrong(path: Path, number: int, said: Phrase) -> Refused:
    return Refused(phrase("{file}, line {line}: {said}", file=str(path), line=number, said=said))


def _language(text: str) -> str | None:
    guess = signals.language(text)
    return guess.language if guess else None
