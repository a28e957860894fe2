"""Slack's wire, for agents' side and customers' side alike: the client, safe words, blocks, the app's manifest."""

from gateways.slack.wire.client import Channel, Myself, Slack, Stored, Stream, Stretch, Upload
from gateways.slack.wire.errors import Gone, RateLimited, Refused, SlackError, TokenWrong, TooLate, Unreachable

__all__ = [
    "Channel",
    "Gone",
    "Myself",
    "RateLimited",
    "Refused",
    "Slack",
    "SlackError",
    "Stored",
    "Stream",
    "Stretch",
    "TokenWrong",
    "TooLate",
    "Unreachable",
    "Upload",
]
