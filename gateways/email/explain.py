"""What the gateway understands of a mail, as JSON: the answer to `deskbell explain`. Nothing is stored."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, TextIO

from gateways.email.parts.charsets import clean
from gateways.email.reading.forwarded import Forwarded, forwarded
from gateways.email.reading.markup import convert
from gateways.email.reading.parse import understand
from gateways.email.reading.reply_text import reply_text
from gateways.email.words import FieldPattern, Run, words

More = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def explain_raw(raw: bytes, prior: str | None = None, patterns: Sequence[FieldPattern] = ()) -> dict[str, Any]:
    """A whole mail. The shape is that of explain.schema.json.

    `prior` is the language that is likely, `patterns` are fields of the desk's own.
    """
    mail = understand(raw)
    return {
        "subject": mail.subject,
        "from": {"name": mail.sender.name, "address": mail.sender.address},
        "reply_to": [{"name": one.name, "address": one.address} for one in mail.reply_to],
        "to": [{"name": one.name, "address": one.address} for one in mail.to],
        "cc": [{"name": one.name, "address": one.address} for one in mail.cc],
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "date": mail.date.isoformat() if mail.date else None,
        "text": mail.text,
        "reply_text": mail.reply_text,
        "kind": mail.nature.value,
        "evidence": list(mail.evidence),
        "bounced": [one._asdict() for one in mail.bounced],
        "returned_id": mail.returned_id,
        "forwarded": _forwarded(mail.forwarded),
        "attachments": [{"name": file.name, "type": file.type, "size": len(file.content)} for file in mail.files],
        "charset_notes": list(mail.charset_notes),
        "repairs": list(mail.repairs),
        **words(mail.reply_text, mail.subject, prior=prior, patterns=patterns),
    }


def explain_text(text: str, prior: str | None = None, patterns: Sequence[FieldPattern] = ()) -> dict[str, Any]:
    """A body alone, as plain text."""
    text = clean(text.replace("\r\n", "\n"))
    return _body(text, text, prior, patterns)


def explain_html(html: str, prior: str | None = None, patterns: Sequence[FieldPattern] = ()) -> dict[str, Any]:
    """A body alone, as HTML."""
    found = convert(clean(html))
    return _body(found.text, found.marked, prior, patterns)


def main_jsonl(requests: Iterable[str], answers: TextIO, more: More | None = None) -> None:
    """Answer one JSON request a line, `{"id", "eml": PATH}` or `{"id", "text" | "html": …}`, each with one line.

    What cannot be read gives `{"id", "error"}`, and the next request is taken. A request may also have a "prior", the
    language that is likely, and "patterns", fields of its own by their names. Each answer names those before it in
    the same run whose words are nearly the same. `more` says what else each answer has.
    """
    run = Run()
    for line in requests:
        if line.strip():
            found = answer(line, run)
            answers.write(json.dumps({**found, **more(found)} if more and "error" not in found else found) + "\n")
            answers.flush()


def serve(more: More | None = None) -> None:
    """The same on standard input and output. JSON is UTF-8, whatever the terminal is; stray bytes are replaced."""
    requests = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="replace")
    main_jsonl(requests, sys.stdout, more)


def answer(line: str, run: Run | None = None) -> dict[str, Any]:
    """The answer to one request. Never raises: whatever is wrong with one, the next is answered."""
    run = run or Run()
    try:
        request = json.loads(line)
        name = request.get("id") if isinstance(request, dict) else None
        json.dumps(name, allow_nan=False)
    except (ValueError, RecursionError) as error:
        return {"id": None, "error": f"The request is not JSON: {error}"}
    if not isinstance(request, dict) or "id" not in request:
        return {"id": None, "error": 'A request is a JSON object with an "id", which its answer has too.'}
    try:
        explained = _explained(request)
        if "error" not in explained:
            explained["near_duplicates"] = run.near(name, explained["reply_text"])
        return {"id": name, **explained}
    except OSError as error:
        return {"id": name, "error": f"{request['eml']} cannot be read: {error.strerror or error}"}
    except Exception as error:
        return {"id": name, "error": f"{type(error).__name__}: {error}"}


def _explained(request: dict[str, Any]) -> dict[str, Any]:
    """What is asked for, or what is wrong with the question."""
    prior, patterns = request.get("prior"), request.get("patterns") or {}
    if not isinstance(prior, str | None):
        return {"error": 'A "prior" is the tag of a language: "de", "pt-BR".'}
    if not isinstance(patterns, dict) or not all(isinstance(one, str) for one in patterns.values()):
        return {"error": '"patterns" are regular expressions by the names of their fields.'}
    own = [FieldPattern(name, pattern) for name, pattern in patterns.items()]
    for key, explain in (("text", explain_text), ("html", explain_html)):
        if isinstance(request.get(key), str):
            return explain(request[key], prior, own)
    if not isinstance(request.get("eml"), str):
        return {"error": 'A request names a file in "eml", or has a "text" or "html".'}
    path = Path(request["eml"])
    if not path.is_file() and not path.is_dir() and path.exists():  # a device may never end
        return {"error": f"{path} is no file."}
    return explain_raw(path.read_bytes(), prior, own)


def schema() -> dict[str, Any]:
    """The JSON Schema of an answer."""
    return json.loads(files("gateways.email").joinpath("explain.schema.json").read_text("utf-8"))


def _body(text: str, marked: str, prior: str | None, patterns: Sequence[FieldPattern]) -> dict[str, Any]:
    said = reply_text(marked).text
    return {
        "text": text,
        "reply_text": said,
        "forwarded": _forwarded(forwarded(text)),
        **words(said, prior=prior, patterns=patterns),
    }


def _forwarded(found: Forwarded | None) -> dict[str, Any] | None:
    if found is None:
        return None
    sender = {"name": found.sender.name, "address": found.sender.address}
    return {"from": sender, "subject": found.subject, "text": found.text}


if __name__ == "__main__":
    serve()
