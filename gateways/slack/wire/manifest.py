"""The app that Slack is told we are: the manifest that is pasted to create it, and what it may do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("manifest.json")


def manifest() -> dict[str, Any]:
    return json.loads(PATH.read_text(encoding="utf-8"))


def scopes() -> frozenset[str]:
    """What a bot token must be allowed to do."""
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])
