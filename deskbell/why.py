"""`deskbell why`: why a mail became a ticket, or did not."""

from __future__ import annotations

import argparse
from datetime import UTC

from core.desk.tracing import sentences
from deskbell.opening import desk_at_hand, read_settings
from deskbell.speaking import speak


def main(options: argparse.Namespace) -> int:
    """Say everything that is known. 1 where nothing is."""
    with desk_at_hand(read_settings()) as desk:
        edition = desk.edition()
        zone = edition.book.desk.zone if edition else UTC
        found = desk.why(options.what)
        for n, told in enumerate(sentences(found, options.what)):
            if n:
                print()
            for said in told:
                speak(said, zone=zone)
    return int(not found.traces and not found.ours)
