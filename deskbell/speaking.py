"""How a command speaks to whoever sits at the terminal: in their language."""

from __future__ import annotations

import os
import sys
from datetime import UTC, tzinfo

from core.phrases import Phrase
from core.templates.locales import SOURCE, negotiate, translate


def speak(said: Phrase, *, to_stderr: bool = False, zone: tzinfo = UTC) -> None:
    """Say a phrase in the language of whoever sits at the terminal; times are those of `zone`."""
    show(translate(said, reader(), zone), to_stderr=to_stderr)


def show(text: str, *, to_stderr: bool = False) -> None:
    """Words that are in nobody's language, as far as the terminal has letters for them."""
    stream = sys.stderr if to_stderr else sys.stdout
    encoding = stream.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream)


def reader() -> str:
    """The terminal's locale among ours (POSIX: LC_ALL, LC_MESSAGES, LANG, in this order)."""
    tags = (os.environ.get(name, "").partition(".")[0] for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return negotiate(*(tag or None for tag in tags)) or SOURCE
