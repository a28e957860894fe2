"""What a desk at rest has not loaded: memory is paid by whoever uses what it is for."""

from __future__ import annotations

import subprocess
import sys

ONLY_WHERE_NEEDED = {
    "holidays", "icalendar", "imapclient", "numpy", "phonenumbers", "procrastinate", "psycopg", "re2", "scipy",
    "sklearn", "stdnum", "telegram",
}  # fmt: skip


def test_the_desk_begins_without_what_only_some_desks_and_other_processes_need() -> None:
    code = "import deskbell.run, sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "slack_bolt" in loaded
    assert ONLY_WHERE_NEEDED.isdisjoint(loaded), ONLY_WHERE_NEEDED & set(loaded)
