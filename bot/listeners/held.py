"""Mail that was held back: the list of it, a look at one, and what is decided about it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.acts import Act, Answer, Listener, number_in
from bot.homes import publish
from bot.views import held
from core.phrases import NotFound, Phrase, Refused, phrase
from core.storage.database import Use
from core.storage.inbox import Piece
from core.tickets.inspected import Inspected
from gateways.slack.wire import Gone


async def show(act: Act) -> Answer:
    """Open the list: from the Home, or from what a supervisor was told."""
    agent = await act.agent()
    await act.open(held.show(await act.desk.held.soon(), agent.reader))


async def turn(act: Act) -> Answer:
    """Another page of the list."""
    await act.agent()
    await _refresh(act, int(act.payload.value), None)


async def look(act: Act) -> Answer:
    """Show what one of them says, without letting it do anything.

    The window opens before the mail is read: Slack opens none after three seconds, and whoever waits sees why.
    """
    agent = await act.agent()
    piece = await _piece(act)
    view, in_list = act.payload.view, act.payload.view.get("callback_id") == held.LIST
    notes = held.Notes(_page(act), view.get("id") if in_list else None, piece.id)
    id = await (act.push if in_list else act.open)(held.reading(piece, notes, agent.reader))
    await _update(act, id, held.look(piece, await _seen(act, piece), notes, agent.reader))


async def admit(act: Act) -> Answer:
    await _decide(act, act.desk.admit, phrase("It is let in: it is heard now as if a person had written it."))


async def replay(act: Act) -> Answer:
    await _decide(act, act.desk.replay, phrase("It is read once more now."))


async def discard(act: Act) -> Answer:
    await _decide(act, act.desk.discard, phrase("It is discarded, and stays kept."))


async def _decide(act: Act, use: Use[..., bool], done: Phrase) -> None:
    """Do it, and show what there is now. Who comes second is told who was first, and what they did."""
    await act.agent()
    id = number_in(act.payload.value)
    warning: Phrase | None = None
    try:
        if not await use.soon(id, act.by):
            warning = await act.desk.handled.soon(id)
    except (Refused, NotFound) as no:
        warning = no.phrase
    await _refresh(act, _page(act), warning, done)


async def _refresh(act: Act, page: int, warning: Phrase | None, done: Phrase | None = None) -> None:
    """Bring the windows that are open up to date; what could not be done is said there, or where else it is read."""
    agent = await act.agent()
    view, notes = act.payload.view, act.payload.notes
    looked = view.get("callback_id") == held.LOOK
    below = notes.get("list") if looked else view.get("id")
    if below:
        shown = held.show(await act.desk.held.soon(page), agent.reader, None if looked else warning)
        await _update(act, str(below), shown)
    if looked and (piece := await act.desk.kept.soon(int(notes.get("inbox") or 0))) is not None:
        seen = await _seen(act, piece)
        kept = held.Notes(page, notes.get("list"), piece.id)
        await _update(act, str(view.get("id")), held.look(piece, seen, kept, agent.reader, warning or done))
    elif warning is not None and not below:
        await act.tell(warning)
    act.afterwards(publish(act))


def _page(act: Act) -> int:
    return int(act.payload.notes.get("page") or 0)


async def _seen(act: Act, piece: Piece) -> Inspected:
    """A mail to be looked at; of what could not be read the head, for it would take just as long once more."""
    problem = (piece.reason or "?") if piece.state == "unreadable" else ""
    return await act.look(await act.desk.raw_of.soon(piece.id) or b"", problem)


async def _update(act: Act, id: str, view: held.Block) -> None:
    try:
        await act.slack.update_view(id, view)
    except Gone:
        return  # the window was closed meanwhile


async def _piece(act: Act) -> Piece:
    id = number_in(act.payload.value)
    piece = await act.desk.kept.soon(id)
    if piece is None:
        raise NotFound(phrase("There is no message {id} in the inbox.", id=id))
    return piece


ACTIONS: Mapping[str, Listener] = {
    held.LIST: show,
    "held-newer": turn,
    "held-older": turn,
    "held-look": look,
    "held-admit": admit,
    "held-replay": replay,
    "held-discard": discard,
}
