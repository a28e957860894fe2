"""How long tests wait for what is to come."""

from collections.abc import Mapping
from typing import Any

PATIENCE = 60.0
"""Seconds until something counts as missing. What is there is seen at once, so nobody waits so long for nothing; and
on a machine that others load, too, everything comes late."""

UNHURRIED: Mapping[str, Any] = {"ack_seconds": 20.0, "trigger_seconds": 20.0}
"""A sandbox that gives an app longer than Slack's three seconds, for tests of anything but these."""
