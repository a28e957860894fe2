"""Answering many tickets at once, and taking that back."""

from __future__ import annotations

from collections.abc import Mapping

from bot.acts import Act, Answer, Listener, number_in
from bot.composing import begun, titles
from bot.views import many, notices, together
from core.desk.answering import Taken, Then
from core.phrases import NotFound, Refused, phrase
from core.storage.circulars import Circular


async def ask(act: Act) -> Answer:
    """Open the window in which all are answered."""
    await _open(act, act.number)


async def send(act: Act) -> Answer:
    """Answer all. What speaks against it is said in the window, and nothing typed is lost."""
    agent = await act.agent()
    text = str(act.payload.state("text").get("value") or "")
    template = (act.payload.state("template").get("selected_option") or {}).get("value")
    chosen = (act.payload.state("then").get("selected_option") or {}).get("value")
    then = Then.CLOSE if chosen == many.CLOSE else Then.WAIT
    try:
        await act.desk.answer_all.soon(act.number, act.by, text, template, then)
    except (Refused, NotFound) as no:
        if not act.late:
            raise
        said = phrase("Your answer to many was not sent: {reason}", reason=no.phrase)
        await act.write(notices.kept(said, text, agent.reader))


async def undo(act: Act) -> Answer:
    """Take it back before any of it leaves, and give its words back to be written on."""
    await act.agent()
    taken = await act.desk.undo_all.soon(act.number, act.by)
    if taken is None:
        return
    try:
        await _open(act, taken.lead, taken)
    except Refused:
        said = phrase("Taken back. Nobody got anything. These were your words:\n\n{text}", text=taken.text)
        await act.tell(said)


async def as_others(act: Act) -> Answer:
    """Open the window of an answer with what others of the same matter were told."""
    await act.agent()
    circular, _, number = act.payload.value.partition(":")
    card = await act.desk.card.soon(number_in(number))
    text = await act.desk.as_others.soon(card.ticket.number, number_in(circular))
    taken = Taken(card.ticket.number, text, Then.WAIT, None)
    await act.open(await begun(act, card, taken))


async def _open(act: Act, number: int, before: Circular | None = None) -> None:
    agent = await act.agent()
    found = await act.desk.audience.soon(number)
    library = (await act.desk.book.soon()).library
    if not found.recipients:
        await act.open(many.nobody(agent.reader))
        return
    await act.open(many.show(found, titles(library, agent.reader.locale), agent.reader, before))


ACTIONS: Mapping[str, Listener] = {together.MANY: ask, many.UNDO: undo, together.AS_OTHERS: as_others}
SUBMISSIONS: Mapping[str, Listener] = {many.CALLBACK: send}
