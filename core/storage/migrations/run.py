"""Bring the database whose URL stands on standard input up to date."""

from __future__ import annotations

import sys

from sqlalchemy.exc import SQLAlchemyError

from core.storage.engines import engine_for
from core.storage.migrations import migrate


def main() -> int:
    """The last line on standard error says why where it fails."""
    try:
        engine = engine_for(sys.stdin.read().strip(), connections=1)
        before, after = migrate(engine)
    except (SQLAlchemyError, OSError) as error:
        print(str(getattr(error, "orig", None) or error).strip().splitlines()[0], file=sys.stderr)
        return 1
    engine.dispose()
    print(f"{before or 'empty'} -> {after}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
