"""What Slack tells of things that people say: which of it is somebody's words, and whose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

TEXT_KINDS = frozenset({None, "file_share", "me_message", "thread_broadcast"})
"""Message subtypes that are somebody saying something. An allow-list: what Slack adds later is nobody's words to us."""

SAID = frozenset({"message", "app_mention"})
"""The events in which somebody says something."""

CHANGED: Mapping[str, str] = {"message_changed": "message", "message_deleted": "previous_message"}
"""The subtypes that tell what became of something said before, and where they have it."""

_FILE = ("id", "name", "title", "mimetype", "size")


def is_of_a_person(said: Mapping[str, Any]) -> bool:
    """Whether a message is a person's words: not a bot's, nor what Slack itself writes."""
    return said.get("subtype") in TEXT_KINDS and not said.get("bot_id") and bool(said.get("user"))


def team_of(said: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    """The workspace of whoever said something, which is another than ours for people who are there by Slack Connect."""
    return str(said.get("user_team") or said.get("team") or body.get("team_id"))


def parts(said: Mapping[str, Any], wanted: Sequence[str]) -> dict[str, Any]:
    """What is kept of a message; of its files, which they are."""
    kept = {k: said[k] for k in wanted if k in said}
    if said.get("files") and "text" in wanted:
        kept["files"] = [{k: f[k] for k in _FILE if f.get(k) is not None} for f in said["files"]]
    return kept
