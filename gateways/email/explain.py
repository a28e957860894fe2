"""What the gateway understands of a mail, as JSON: the answer to `deskbell explain`. Nothing is stored."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any, TextIO

from gateways.email.charsets import clean
from gateways.email.forwarded import Forwarded, forwarded
from gateways.email.markup import convert
from gateways.email.parse import understand
from gateways.email.reply_text import reply_text


def explain_raw(raw: bytes) -> dict[str, Any]:
    """A whole mail. The shape is that of explain.schema.json."""
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
        "bounced": [{"address": one.address, "status": one.status} for one in mail.bounced],
        "forwarded": _forwarded(mail.forwarded),
        "attachments": [{"name": file.name, "type": file.type, "size": len(file.content)} for file in mail.files],
        "charset_notes": list(mail.charset_notes),
        "repairs": list(mail.repairs),
    }


def explain_text(text: str) -> dict[str, Any]:
    """A body alone, as plain text."""
    text = clean(text.replace("\r\n", "\n"))
    return _body(text, text)


def explain_html(html: str) -> dict[str, Any]:
    """A body alone, as HTML."""
    found = convert(clean(html))
    return _body(found.text, found.marked)


def main_jsonl(requests: Iterable[str], answers: TextIO) -> None:
    """Answer one JSON request a line, `{"id", "eml": PATH}` or `{"id", "text" | "html": …}`, each with one line.

    What cannot be read gives `{"id", "error"}`, and the next request is taken.
    """
    for line in requests:
        if line.strip():
            answers.write(json.dumps(answer(line)) + "\n")
            answers.flush()


def answer(line: str) -> dict[str, Any]:
    """The answer to one request."""
    name = None
    try:
        request = json.loads(line)
        if not isinstance(request, dict):
            return {"id": None, "error": "A request is a JSON object."}
        name = request.get("id")
        for key, explain in (("text", explain_text), ("html", explain_html)):
            if isinstance(request.get(key), str):
                return {"id": name, **explain(request[key])}
        if isinstance(request.get("eml"), str):
            return {"id": name, **explain_raw(Path(request["eml"]).read_bytes())}
        return {"id": name, "error": 'A request names a file in "eml", or has a "text" or "html".'}
    except (OSError, ValueError, RecursionError) as error:  # no such file, no JSON
        return {"id": name, "error": str(error)}


def schema() -> dict[str, Any]:
    """The JSON Schema of an answer."""
    return json.loads(files("gateways.email").joinpath("explain.schema.json").read_text("utf-8"))


def _body(text: str, marked: str) -> dict[str, Any]:
    return {"text": text, "reply_text": reply_text(marked).text, "forwarded": _forwarded(forwarded(text))}


def _forwarded(found: Forwarded | None) -> dict[str, Any] | None:
    if found is None:
        return None
    sender = {"name": found.sender.name, "address": found.sender.address}
    return {"from": sender, "subject": found.subject, "text": found.text}


if __name__ == "__main__":
    main_jsonl(sys.stdin, sys.stdout)
