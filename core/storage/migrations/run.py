"""Bring the database whose URL stands on standard input up to date."""

from __future__ import annotations

import sys

from core.storage.engines import engine_for
from core.storage.migrations import migrate


def main() -> None:
    engine = engine_for(sys.stdin.read().strip(), connections=1)
    before, after = migrate(engine)
    engine.dispose()
    print(f"{before or 'empty'} -> {after}")


if __name__ == "__main__":
    main()
