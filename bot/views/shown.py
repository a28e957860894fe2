"""Something as Slack gets it: blocks, the words that stand for them in notifications, and a face to compare by."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import NamedTuple

from bot.reader import Reader
from core.phrases import Phrase
from gateways.slack.wire.blocks import Blocks, plain, section
from gateways.slack.wire.text import clean, cut, escape

NOTICE = 1000
"""Characters of `text`: notifications and screen readers read it out."""


class Shown(NamedTuple):
    """`text` is mrkdwn, escaped. `username` is who seems to say it."""

    text: str
    blocks: Blocks
    username: str | None = None

    @property
    def face(self) -> str:
        """A digest: the same face need not be shown again."""
        return sha256(json.dumps([self.text, self.blocks], sort_keys=True).encode()).hexdigest()[:32]


def summary(text: str) -> str:
    """Words, also from outside, as the `text` of a message."""
    return escape(cut(clean(text), NOTICE))


def sentence(said: Phrase, reader: Reader) -> Shown:
    """One sentence, which may quote anybody."""
    text = reader.say(said)
    return Shown(summary(text), [section(plain(text))])
