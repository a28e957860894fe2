"""`deskbell migrate`: bring the database up to date."""

from __future__ import annotations

import argparse

from core.desk.opening import REVISION, migrate_apart
from core.phrases import phrase
from deskbell.opening import read_settings
from deskbell.speaking import speak


def main(_options: argparse.Namespace) -> int:
    migrate_apart(read_settings().database_url)
    speak(phrase("The database is up to date (revision {revision}).", revision=REVISION))
    return 0
