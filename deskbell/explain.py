"""`deskbell explain`: what the desk understands of a mail, as JSON; stores nothing."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from core.desk.opening import wall_clock
from core.engine.apart import Apart
from core.phrases import Refused, phrase
from core.routing import minds
from core.routing.taxonomy import Signals, Taxonomy, taxonomy
from core.routing.understood import Understood
from core.settings import Settings
from core.tickets.model import Vouched
from deskbell.opening import read_rulebook, read_settings
from deskbell.speaking import speak
from deskbell.vouching import resolver_of, trust_of
from gateways.email.envelope import Envelope
from gateways.email.explain import explain_raw, serve
from gateways.email.vouching.asking import AT_MOST, Asking, Vouching
from gateways.email.words import fields_of, reasons_of


def main(options: argparse.Namespace) -> int:
    """Files one after the other, or requests a line each. 1 where one of the files could not be read."""
    if options.jsonl and options.files:
        raise Refused(phrase("With --jsonl, files are named in the requests on standard input."))
    if options.jsonl:
        serve(partial(_more, options.topics))
        return 0
    if not options.files:
        raise Refused(phrase("Which mail? Name a file, or use --jsonl to ask by standard input."))
    failed = False
    for name in options.files:
        try:
            raw = Path(name).read_bytes()
        except OSError as error:
            failed = True
            cause = error.strerror or str(error)
            speak(phrase("{path} cannot be read: {cause}", path=name, cause=cause), to_stderr=True)
            continue
        explained = explain_raw(raw)
        if options.vouch:
            explained["vouched"] = vouched(raw, read_settings(), options.peer, options.sender)
        if options.topics:
            explained |= topics_of(explained)
        _print(explained)
    return int(failed)


def _more(topics: bool, explained: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of an answer by a line beside what words alone say: of a text as the desk's child reads it, by
    encoders, too. Of mails and HTML only where topics are asked for: thousands of them are looked at for other things.
    """
    if topics:
        return topics_of(explained)
    return heard_of(explained) if "subject" not in explained else {}


def heard_of(explained: Mapping[str, Any]) -> dict[str, Any]:
    """How it sounds, how urgent it is and whom it concerns: as the desk would say before it was taught anything."""
    return _heard(explained, _read(explained, reasons=False).understood)


def topics_of(explained: Mapping[str, Any]) -> dict[str, Any]:
    """The same, and what it is about, by the topics of desk.toml, or the usual ones."""
    found = _read(explained, reasons=True)
    understood = found.understood
    return {
        **_heard(explained, understood),
        "topic": understood.topic,
        "topic_confidence": understood.topic_confidence,
        "topic_words": [reason.evidence for reason in found.topic_reasons],
        "product": understood.product,
    }


def _read(explained: Mapping[str, Any], *, reasons: bool) -> minds.Read:
    text = str(explained.get("reply_text") or explained.get("text") or "")
    known, encoders = _own()
    subject, prior = str(explained.get("subject") or ""), explained.get("language")
    asked = minds.Asked(text, subject, known, encoders, prior=prior, reasons=reasons)
    return minds.read(asked) or minds.words_alone(asked)


@cache
def _own() -> tuple[Taxonomy, tuple[str, ...]]:
    """What desk.toml says of topics, and the encoders that are here."""
    settings = read_settings()
    book = read_rulebook(settings.desk_file) if settings.desk_file.exists() else None
    return book.taxonomy if book else taxonomy((), Signals()), minds.installed(settings.encoders)


def _heard(explained: Mapping[str, Any], found: Understood) -> dict[str, Any]:
    own = [one for one in found.fields if _own()[0].field(one.name)]
    return {
        "fields": [*explained["fields"], *fields_of(own)],
        "urgency": found.urgency,
        "urgency_reasons": reasons_of(found.urgency_reasons),
        "mood": {"label": found.mood, "anger": found.anger},
        "mood_reasons": reasons_of(found.mood_reasons),
        "scope": found.scope,
        "scope_reasons": reasons_of(found.scope_reasons),
    }


def vouched(raw: bytes, settings: Settings, peer: str, sender: str) -> dict[str, Any]:
    """Who vouches for a mail, as if it came now: from that peer, or handed on by a server of ours."""

    async def found() -> Vouched:
        apart = Apart()
        asking = Asking(resolver_of(settings), at_once=AT_MOST * 2)
        vouching = Vouching(trust_of(settings), apart, asking)
        try:
            envelope = Envelope(sender or None, (), peer, "", "", wall_clock())
            return (await vouching.message(0, raw, envelope, envelope.received_at)).vouched
        finally:
            await vouching.close()
            await apart.close()

    said = asyncio.run(found())
    return {**said._asdict(), "evidence": list(said.evidence)}


def _print(explained: Mapping[str, Any]) -> None:
    """As JSON, which is UTF-8 whatever the terminal is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(json.dumps(explained, ensure_ascii=False, indent=2).encode() + b"\n")
    sys.stdout.buffer.flush()
