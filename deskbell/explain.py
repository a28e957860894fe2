"""`deskbell explain`: what the desk understands of a mail, as JSON; stores nothing."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from core.phrases import DeskError, Refused, phrase
from deskbell.speaking import speak
from gateways.email.explain import explain_raw, main_jsonl


def main(options: argparse.Namespace) -> int:
    """Files one after the other, or requests a line each. 1 where one of the files could not be read."""
    if options.jsonl:
        main_jsonl(sys.stdin, sys.stdout)
        return 0
    if not options.files:
        raise Refused(phrase("Which mail? Name a file, or use --jsonl to ask by standard input."))
    failed = False
    for name in options.files:
        try:
            print(json.dumps(explain_raw(Path(name).read_bytes()), ensure_ascii=False, indent=2))
        except OSError as error:
            failed = True
            cause = error.strerror or str(error)
            speak(phrase("{path} cannot be read: {cause}", path=name, cause=cause), to_stderr=True)
        except DeskError as error:
            failed = True
            speak(phrase("{path}: {cause}", path=name, cause=error.phrase), to_stderr=True)
    return int(failed)
