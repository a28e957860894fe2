"""Buttons on cards, in threads and lists. What a card showed may be old: everything is looked at anew on each click."""

from __future__ import annotations

from collections.abc import Mapping

from bot.acts import Act, Answer, Listener, number_in
from bot.assigning import show_assignment
from bot.companions import show_companions
from bot.composing import begun
from bot.knowing import known
from bot.payloads import LINK
from bot.views import amending, blocking, conversation, links, note, person, tasks
from core.desk.tasking import Blocked
from core.phrases import Refused, phrase
from core.tickets.conversation import nobody_to_answer
from core.tickets.model import Status
from core.tickets.tasks import refuse_outside
from gateways.slack.wire.blocks import Block


async def claim(act: Act) -> Answer:
    """Take a ticket; of many who click at once one wins, the others are told who and when."""
    await act.agent()
    await act.desk.claim.soon(act.number, act.by)


async def close(act: Act) -> Answer:
    """Settle a ticket; over open tasks by a window that asks why."""
    agent = await act.agent()
    try:
        await act.desk.close.soon(act.number, act.by)
    except Blocked as no:
        if act.late:
            raise
        await act.open(tasks.closing(await act.desk.card.soon(act.number), no.what, agent.reader))


async def reopen(act: Act) -> Answer:
    await act.agent()
    await act.desk.reopen.soon(act.number, act.by)


async def release(act: Act) -> Answer:
    await act.agent()
    await act.desk.release.soon(act.number, act.by)


async def open_reply(act: Act) -> Answer:
    """Open the window to answer in, with the customer's last words above."""
    await act.agent()
    card = await act.desk.card.soon(act.number)
    refuse_outside(card.ticket)
    if card.ticket.status is Status.CLOSED:
        raise Refused(phrase("Ticket #{number} is closed. Reopen it first.", number=card.ticket.number))
    if not card.address and not await act.desk.other_ways.soon(act.number):
        raise nobody_to_answer(card.ticket)
    await act.open(await begun(act, card))
    await act.desk.about_to_answer.soon(act.number)


async def open_note(act: Act) -> Answer:
    agent = await act.agent()
    await act.open(note.show(await act.desk.card.soon(act.number), agent.reader))


async def undo(act: Act) -> Answer:
    """Take an answer back before it leaves, and give its words back to be written on."""
    await act.agent()
    taken = await act.desk.undo.soon(act.number, act.by)
    if taken is None:
        return
    try:
        await act.open(await begun(act, await act.desk.card.soon(taken.ticket), taken))
    except Refused:
        said = phrase("Taken back. The customer got nothing. These were your words:\n\n{text}", text=taken.text)
        await act.tell(said)


async def open_amending(act: Act) -> Answer:
    """Open the window in which an answer that has left gets other words."""
    agent = await act.agent()
    await act.open(amending.show(await act.desk.sent_answer.soon(act.number), agent.reader))


async def withdraw(act: Act) -> Answer:
    """Take an answer that has left from where the customer reads it."""
    await act.agent()
    await act.desk.withdraw.soon(act.number, act.by)


async def show_files(act: Act) -> Answer:
    """Put the next files of a message into the thread; the button says which message, and how many are there."""
    await act.agent()
    message, _, after = act.payload.value.partition(":")
    await act.desk.show_files.soon(number_in(message), number_in(after), act.by)


async def show_conversation(act: Act) -> Answer:
    agent = await act.agent()
    card = await act.desk.card.soon(act.number)
    await act.open(conversation.show(card, await act.desk.story.soon(card.ticket.number), agent.reader))


async def show_person(act: Act) -> Answer:
    await act.agent()
    await act.open(await known(act, act.number))


async def show_why(act: Act) -> Answer:
    """Whose it is and why, and to whom it could go."""
    await show_assignment(act)


async def ask_to_block(act: Act) -> Answer:
    """Ask whether to block whoever opened a ticket. The ticket itself stays as it is."""
    agent = await act.agent()
    card = await act.desk.card.soon(act.number)
    notes = blocking.Notes(ticket=card.ticket.number)
    book = await act.desk.book.soon()
    await _over(act, blocking.show(card.sender, notes, agent.reader, agent.agent in book.supervisors))


async def ask_for_links(act: Act) -> Answer:
    """Ask whether to take back every link to the requester's page."""
    agent = await act.agent()
    number = (await act.desk.card.soon(act.number)).ticket.number
    await _over(act, links.show(number, await act.desk.links_taken_back.soon(number), agent.reader))


async def _over(act: Act, view: Block) -> None:
    """Open a window; over the one in which it was asked for, where there is one."""
    await (act.push(view) if act.payload.view else act.open(view))


async def more(act: Act) -> Answer:
    """The "…" menu of a card: its options say what they are."""
    chosen = _CHOICES.get(act.payload.value.partition(":")[0])
    if chosen is None:
        raise Refused(phrase("This does nothing any more. The newest card has what can be done now."))
    return await chosen(act)


async def leave(act: Act) -> Answer:
    """A button that is a link: Slack has followed it already."""


_CHOICES: Mapping[str, Listener] = {
    "release": release,
    "conversation": show_conversation,
    "addresses": show_person,
    "block": ask_to_block,
    "assign": show_why,
    "links": ask_for_links,
    "together": show_companions,
}

ACTIONS: Mapping[str, Listener] = {
    person.BLOCK: ask_to_block,
    person.LINKS: ask_for_links,
    "claim": claim,
    "close": close,
    "reopen": reopen,
    "reply": open_reply,
    "note": open_note,
    "undo": undo,
    "amend": open_amending,
    "withdraw": withdraw,
    "files": show_files,
    "more": more,
    "together": show_companions,
    LINK: leave,
}
