"""Taking back the links to a requester's page."""

from __future__ import annotations

from collections.abc import Mapping

from bot.acts import Act, Answer, Listener
from bot.views import links


async def take_back(act: Act) -> Answer:
    """None that was given until now leads anywhere any more; the ticket's thread says by whom."""
    await act.agent()
    await act.desk.take_links_back.soon(int(act.payload.notes.get("ticket") or 0), act.by)


SUBMISSIONS: Mapping[str, Listener] = {links.CALLBACK: take_back}
