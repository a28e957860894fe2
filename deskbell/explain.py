"""`deskbell explain`: what the desk understands of a mail, as JSON; stores nothing."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.phrases import Refused, phrase
from deskbell.speaking import speak
from gateways.email.explain import explain_raw, serve


def main(options: argparse.Namespace) -> int:
    """Files one after the other, or requests a line each. 1 where one of the files could not be read."""
    if options.jsonl and options.files:
        raise Refused(phrase("With --jsonl, files are named in the requests on standard input."))
    if options.jsonl:
        serve()
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
        _print(explain_raw(raw))
    return int(failed)


def _print(explained: Mapping[str, Any]) -> None:
    """As JSON, which is UTF-8 whatever the terminal is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(json.dumps(explained, ensure_ascii=False, indent=2).encode() + b"\n")
    sys.stdout.buffer.flush()
