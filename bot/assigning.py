"""What is looked up to show whose a ticket is and why, and to whom it can be given."""

from __future__ import annotations

from bot.acts import Act
from bot.views import assignment


async def show_assignment(act: Act) -> None:
    """Open the window of it."""
    person = await act.agent()
    card = await act.desk.card.soon(act.number)
    why = await act.desk.why_whom.soon(act.number)
    colleagues = await act.desk.assignable.soon()
    is_mine = why.holder == person.id
    await act.open(assignment.show(card, why, colleagues, person.reader, is_mine))
