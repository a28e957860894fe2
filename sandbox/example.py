"""The desk that the sandbox shows: who works there, and what customers write to."""

from __future__ import annotations

from pathlib import Path

RULEBOOK = Path(__file__).with_name("desk.toml")
SUPERVISOR = "sam@desk.example"
