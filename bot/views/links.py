"""The window in which the links to a requester's page are taken back."""

from __future__ import annotations

import json

from bot.reader import Reader
from bot.views.words import small
from core.desk.at_pages import TakenBack
from core.phrases import phrase
from gateways.slack.wire.blocks import Block, modal, plain, section
from gateways.slack.wire.text import set_apart

CALLBACK = "take-links-back"


def show(number: int, before: TakenBack | None, reader: Reader) -> Block:
    """Ask whether to; and say who did so last."""
    what = phrase(
        "No link to the page of request #{number} that was given until now will lead anywhere any more, whoever has "
        "it. The next one that the desk writes does. Nobody is told.",
        number=number,
    )
    blocks = [section(plain(reader.say(what), 1000))]
    if before is not None:
        by = before.by if not isinstance(before.by, str) else set_apart(before.by, 120)
        blocks.append(small(reader.say(phrase("{name} took them back {ago}.", name=by, ago=before.ago))))
    return modal(
        CALLBACK,
        reader.say(phrase("Take back links")),
        reader.say(phrase("Cancel")),
        blocks,
        submit=reader.say(phrase("Take them back")),
        metadata=json.dumps({"ticket": number}),
    )
