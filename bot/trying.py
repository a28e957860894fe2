"""Asking what would happen to a text."""

from __future__ import annotations

from bot.acts import Act, Answer
from bot.views import trying
from core.desk.judging import sentences
from core.routing import signals
from core.routing.triage import Facts


async def begin(act: Act) -> None:
    """Open the window."""
    person = await act.agent()
    book = await act.desk.book.soon()
    await act.open(trying.show([mailbox.address for mailbox in book.mailboxes], person.reader))


async def look(act: Act) -> Answer:
    """Say what would happen, below what was asked."""
    person = await act.agent()
    book = await act.desk.book.soon()

    def typed(name: str) -> str:
        return str(act.payload.state(name).get("value") or "")

    text = typed("text")
    door = str((act.payload.state("door").get("selected_option") or {}).get("value") or "")
    guess = signals.language(text)
    facts = Facts(
        text=text,
        subject=typed("subject"),
        sender=typed("sender"),
        door=door,
        channel="email",
        language=guess.language if guess else None,
    )
    answer = sentences(await act.desk.would.soon(facts))
    doors = [mailbox.address for mailbox in book.mailboxes]
    return {"response_action": "update", "view": trying.show(doors, person.reader, text, answer)}
