"""What is looked up to put the window up in which a customer is answered."""

from __future__ import annotations

from dataclasses import replace

from bot.acts import Act
from bot.views import reply
from core.desk.answering import Taken
from core.desk.showing import Card
from core.phrases import Phrase
from core.templates.macros import Library
from gateways.slack.wire.blocks import Block


async def begun(act: Act, card: Card, taken: Taken | None = None) -> Block:
    """A new window: the agent sees what the customer wrote last, and who else is at it.

    An answer that was taken back stands in it as it was; `taken` is the one meant, else the ticket's last one is.
    """
    agent = await act.agent()
    taken = taken or await act.desk.taken_back.soon(card.ticket.number, agent.id)
    claimed = card.ticket.claimed_at
    warning = reply.others(card, agent.id, act.desk.db.clock() - claimed) if claimed else None
    draft = reply.Draft(ticket=card.ticket.number, seen=card.last_heard)
    if taken is not None:
        copied = tuple(one.address for one in taken.copied)
        draft = replace(draft, text=taken.text, then=taken.then, template=taken.template, copied=copied)
    return await window(act, card, draft, warning)


async def window(act: Act, card: Card, draft: reply.Draft, warning: Phrase | None = None) -> Block:
    """The window as this draft has it."""
    agent = await act.agent()
    last = (await act.desk.spoken.soon(draft.seen)).message if draft.seen else card.first
    library = (await act.desk.book.soon()).library
    copyable = await act.desk.copyable.soon(draft.ticket)
    return reply.show(draft, card, last, titles(library, agent.reader.locale), agent.reader, warning, copyable)


def titles(library: Library, locale: str) -> list[tuple[str, str]]:
    """The templates that an agent can pick, by name, with their titles in the agent's language."""
    return [(macro.name, library.title(macro.name, locale)) for macro in library.macros]
