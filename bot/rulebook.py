"""The window of the rulebook: opened, and brought up to date."""

from __future__ import annotations

from collections.abc import Sequence

from bot.acts import Act
from bot.views.rulebook import windows
from bot.views.rulebook.windows import Notes
from core.phrases import Phrase
from gateways.slack.wire import Gone
from gateways.slack.wire.blocks import Block


async def open_rulebook(act: Act, kind: str) -> None:
    """Show what there is of a kind, to supervisors."""
    await act.supervisor()
    await act.open(await shown(act, Notes(kind=kind)))


async def shown(act: Act, notes: Notes, warning: Sequence[Phrase] = ()) -> Block:
    """The list of a kind as it is now."""
    book, changed = await act.desk.book.soon(), await act.desk.changes.soon()
    return windows.listed(book, changed, notes, act.reader, warning)


async def bring_up_to_date(act: Act, id: str, view: Block) -> None:
    """Show a window that is open as it is now."""
    if not id:
        return
    try:
        await act.slack.update_view(id, view)
    except Gone:
        return  # it was closed meanwhile
