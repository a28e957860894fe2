"""What is looked up to put the window up in which a customer is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.acts import Act
from bot.handing import SCOPE, no_scope
from bot.views import reply
from core.desk.answering import Taken
from core.desk.showing import Card
from core.phrases import NotFound, Phrase, Refused
from core.templates.macros import Library
from gateways.slack.wire.blocks import INPUT, Block


async def begun(act: Act, card: Card, taken: Taken | None = None) -> Block:
    """A new window: the agent sees what the customer wrote last, and who else is at it.

    An answer that was taken back stands in it as it was; `taken` is the one meant, else the ticket's last one is.
    """
    agent = await act.agent()
    taken = taken or await act.desk.taken_back.soon(card.ticket.number, agent.id)
    claimed = card.ticket.claimed_at
    others = reply.others(card, agent.id, act.desk.db.clock() - claimed) if claimed else None
    draft = reply.Draft(ticket=card.ticket.number, seen=card.last_heard)
    if taken is None and card.ticket.first_replied_at is None:
        draft = await _proposed(act, card, draft)
    if taken is not None:
        copied = tuple(one.address for one in taken.copied)
        kept = {"text": taken.text, "then": taken.then, "template": taken.template, "files": taken.files}
        draft = replace(draft, copied=copied, **kept)
    return await window(act, card, draft, [others] if others else [])


async def _proposed(act: Act, card: Card, draft: reply.Draft) -> reply.Draft:
    """With the template that a rule has for the first answer; where it is gone by now, or does not fit, without."""
    template = card.routing.outcome.get("template") if card.routing else None
    if not template:
        return draft
    try:
        text = await act.desk.draft.soon(card.ticket.number, (await act.agent()).id, str(template))
    except (Refused, NotFound):
        return draft
    return replace(draft, template=str(template), text=text) if len(text) <= INPUT else draft


async def window(act: Act, card: Card, draft: reply.Draft, warnings: Sequence[Phrase] = ()) -> Block:
    """The window as this draft has it."""
    agent = await act.agent()
    last = (await act.desk.spoken.soon(draft.seen)).message if draft.seen else card.first
    library = (await act.desk.book.soon()).library
    copyable = await act.desk.copyable.soon(draft.ticket)
    ways = await act.desk.other_ways.soon(draft.ticket)
    invites = await act.desk.invites.soon(draft.ticket)
    readers = reply.Readers(copyable, ways, invites)
    attachable = await _attachable(act, draft)
    against = await act.desk.unreachable.soon(draft.ticket, [one.address.address for one in copyable])
    warnings = [*warnings, *(reply.unreachable(one) for one in against)]
    return reply.show(
        draft, card, last, titles(library, agent.reader.locale), agent.reader, warnings, readers, attachable
    )


async def _attachable(act: Act, draft: reply.Draft) -> reply.Attachable:
    """What can be attached: of what agents handed over, that which this draft has, and the last ones."""
    if not await act.slack.may(SCOPE):
        return reply.Attachable(lacking=no_scope())
    chosen = await act.desk.these_files.soon(draft.ticket, draft.files) if draft.files else []
    last = [file for file in await act.desk.handed.soon(draft.ticket) if file not in chosen]
    return reply.Attachable([*chosen, *last])


def titles(library: Library, locale: str) -> list[tuple[str, str]]:
    """The templates that an agent can pick, by name, with their titles in the agent's language."""
    return [(macro.name, library.title(macro.name, locale)) for macro in library.macros]
