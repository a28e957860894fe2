"""The app that Slack is told we are: the manifest that is pasted to create it, and what it may do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

EVENTS = "/slack/events"
"""Where the desk takes Slack's requests, whatever they are about."""

PATH = Path(__file__).with_name("manifest.json")


def manifest() -> dict[str, Any]:
    return json.loads(PATH.read_text(encoding="utf-8"))


def manifest_for_http(url: str) -> dict[str, Any]:
    """The same app, told by signed requests to a public address instead of a socket: `url` is where ours begins."""
    made, to = manifest(), url.rstrip("/") + EVENTS
    made["settings"]["socket_mode_enabled"] = False
    made["settings"]["event_subscriptions"]["request_url"] = to
    made["settings"]["interactivity"] |= {"request_url": to, "message_menu_options_url": to}
    for command in made["features"]["slash_commands"]:
        command["url"] = to
    return made


def scopes() -> frozenset[str]:
    """What a bot token must be allowed to do."""
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])
