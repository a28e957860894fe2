"""`python -m bench [NAME…]`: measures, and prints a table and JSON lines."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import sys
import time
from dataclasses import replace
from pathlib import Path

from bench.figures import Figure, as_json, table
from bench.scale import LONG, SHORT

NAMES = ("intake", "latency", "memory", "growth", "mailbox", "chats")
NAMES += ("events", "burst", "uploads", "simulate", "accuracy", "mutations", "words", "calendars", "timers")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(NAMES)}; all when none is given")
    parser.add_argument("--short", action="store_true", help="see that everything works; the figures are rough")
    parser.add_argument("--chats", type=int, metavar="N", help="chats: ten answers to so many")
    parser.add_argument("--rate", type=int, metavar="N", help="chats: so many a second are allowed, here and there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the JSON lines there as well")
    options = parser.parse_args()
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    said = {name: value for name in ("chats", "rate") if (value := getattr(options, name)) is not None}
    scale = replace(SHORT if options.short else LONG, **said)
    figures: list[Figure] = []
    for name in options.names or NAMES:
        began = time.monotonic()
        measure = importlib.import_module(f"bench.{name}").measure
        figures += asyncio.run(measure(scale))
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    print(table(figures))
    lines = "\n".join(map(as_json, figures))
    print(lines)
    if options.json:
        options.json.write_text(lines + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
