"""Who is notified of a post: named in front of it, by us, when it is posted. Of an edit Slack notifies nobody."""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.views.shown import Shown
from gateways.slack.wire.blocks import Element, everybody_here, paragraph, rich, user, words

_USER = re.compile("[UW][A-Z0-9]+")


class Call(NamedTuple):
    """A mention: as an element of rich text, and as the mrkdwn that stands for it in `text`."""

    element: Element
    text: str


ROOM = Call(everybody_here(), "<!here>")


def agent(id: str | None) -> Call | None:
    """An agent, by their id ("TEAM:USER"); None where that names nobody in Slack."""
    known = (id or "").rpartition(":")[2]
    return Call(user(known), f"<@{known}>") if _USER.fullmatch(known) else None


def calling(call: Call, said: str, shown: Shown) -> Shown:
    """What is shown, with somebody called in front of it. `said` is why: our own words."""
    first = rich(paragraph(call.element, words(f" {said}")))
    return shown._replace(text=f"{call.text} {shown.text}", blocks=[first, *shown.blocks])
