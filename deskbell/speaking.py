"""How a command speaks to whoever sits at the terminal: in their language."""

from __future__ import annotations

import os
import sys
from datetime import UTC, tzinfo

from core.phrases import Phrase
from core.templates.locales import SOURCE, negotiate, translate


def speak(said: Phrase, *, to_stderr: bool = False, zone: tzinfo = UTC) -> None:
    """Say a phrase in the language of whoever sits at the terminal; times are those of `zone`."""
    stream = sys.stderr if to_stderr else sys.stdout
    encoding = stream.encoding or "utf-8"
    print(translate(said, reader(), zone).encode(encoding, "backslashreplace").decode(encoding), file=stream)


def reader() -> str:
    """The terminal's locale among ours (POSIX: LC_ALL, LC_MESSAGES, LANG, in this order)."""
    tags = (os.environ.get(name, "").partition(".")[0] for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return negotiate(*(tag or None for tag in tags)) or SOURCE
