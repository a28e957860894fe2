"""The App Home: an agent's own tickets, what waits in their queues, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from bot.payloads import LINK
from bot.reader import Reader
from bot.views.notices import HELP
from bot.views.words import Where, status, title, urgency, when
from core.desk.showing import Opens, Overview
from core.phrases import Phrase, phrase, phrases
from core.rulebook import Queue
from core.storage.tickets import MANY, Line, Page
from gateways.slack.wire.blocks import (
    VIEW_BLOCKS,
    Block,
    Blocks,
    button,
    context,
    divider,
    header,
    home,
    label,
    link,
    plain,
    section,
)

MINE = 20
"""An agent's own tickets that a message lists."""
MINE_AT_HOME = 10
EACH = 5
"""Tickets listed of each queue, where there is room for so many."""


def show(
    overview: Overview, queues: Sequence[Queue], where: Where, reader: Reader, more: Sequence[Block] = ()
) -> Block:
    """An agent's Home, with what `more` there is for them.

    Slack takes a hundred blocks: of very many queues the last have no place.
    """
    blocks: Blocks = [header(reader.say(phrase("Your tickets")))]
    if overview.mine.lines:
        blocks += mine(overview, where, reader, MINE_AT_HOME)
    else:
        blocks.append(_empty(phrase("You have no tickets. Claim one below, or type /desk next."), reader))
    blocks += more
    tail: Blocks = [divider(), *(context(label(reader.say(line), 300)) for line in HELP)]
    blocks += strangers(overview, where, reader)
    room = (VIEW_BLOCKS - len(blocks) - len(tail)) // max(1, len(queues))
    own = 4 if overview.opens else 3
    each = max(1, min(EACH, (room - own) // 2))  # a queue has blocks of its own, and two for each ticket
    for queue in queues:
        opens = overview.opens.get(queue.name)
        blocks += _queue(queue, overview.waiting.get(queue.name, Page()), each, reader, opens)
    return home([*blocks[: VIEW_BLOCKS - len(tail)], *tail])


def stranger(said: Phrase, reader: Reader) -> Block:
    """The Home of somebody who is no agent."""
    return home([section(plain(reader.say(said)))])


def mine(overview: Overview, where: Where, reader: Reader, most: int = MINE) -> Blocks:
    """An agent's own tickets, oldest first, each with a way to its card."""
    blocks: Blocks = []
    for line in overview.mine.lines[:most]:
        ticket = line.ticket
        post = overview.cards.get(ticket.number)
        way = link(LINK, _go(reader), where(post)) if post else None
        blocks.append(section(_title(line, reader), way))
        blocks.append(_since(line, reader, reader.say(status(ticket.status))))
    rest = overview.mine.total - len(overview.mine.lines[:most])
    if rest > 0:
        said = phrases("and {many} more", "and {many} more", rest, many=counted(rest))
        if most < MINE:
            said = phrases(
                "and {many} more; /desk mine shows more of them",
                "and {many} more; /desk mine shows more of them",
                rest,
                many=counted(rest),
            )
        blocks.append(context(label(reader.say(said), 300)))
    return blocks


def strangers(overview: Overview, where: Where, reader: Reader) -> Blocks:
    """Tickets into which somebody wrote who does not take part, the longest ago first, each with a way to its card."""
    if not overview.strangers:
        return []
    blocks: Blocks = [divider(), header(reader.say(phrase("Who may join?")))]
    for line in overview.strangers[:EACH]:
        post = overview.cards.get(line.ticket.number)
        blocks.append(section(_title(line, reader), link(LINK, _go(reader), where(post)) if post else None))
        at = line.ticket.held_at
        said = reader.say(phrase("Somebody who does not take part wrote"))
        blocks.append(context(label(said, 100), *([when(at, reader)] if at else [])))
    rest = len(overview.strangers) - EACH
    if rest > 0:
        more = phrases("and {many} more", "and {many} more", rest, many=str(rest))
        blocks.append(context(label(reader.say(more), 300)))
    return blocks


def _go(reader: Reader) -> str:
    return reader.say(phrase("Go to card"))


def counted(number: int) -> str:
    """A number that was counted up to a limit only."""
    return f"{MANY}+" if number > MANY else str(number)


def waiting(line: Line, action: str, reader: Reader) -> Blocks:
    """A ticket that can be claimed, by a button of this action."""
    claim = button(action, reader.say(phrase("Claim")), line.ticket.number)
    return [section(_title(line, reader), claim), _since(line, reader)]


def _queue(queue: Queue, page: Page, most: int, reader: Reader, opens: Opens | None = None) -> Blocks:
    """What waits in a queue: the first ones, and how many more; and when it is open, where it has hours."""
    blocks: Blocks = [divider(), header(reader.say(phrase("Waiting in {queue}", queue=queue.title)))]
    if opens is not None:
        blocks.append(hours(opens, reader))
    if not page.lines:
        nothing = phrase("Nothing waits here. New requests appear in #{room}.", room=queue.room)
        return [*blocks, _empty(nothing, reader)]
    blocks += [block for line in page.lines[:most] for block in waiting(line, "claim-home", reader)]
    rest = page.total - len(page.lines[:most])
    if rest > 0:
        said = phrases(
            "and {many} more; /desk next shows the most urgent",
            "and {many} more; /desk next shows the most urgent",
            rest,
            many=counted(rest),
        )
        blocks.append(context(label(reader.say(said), 300)))
    return blocks


def hours(opens: Opens, reader: Reader, name: str = "") -> Block:
    """Whether a queue is open, and until or from when."""
    if opens.is_open:
        said = phrase("🟢 Open until") if opens.changes else phrase("🟢 Always open")
    else:
        said = phrase("🌙 Closed; opens") if opens.changes else phrase("🌙 Closed")
    named = f"{name}: " if name else ""
    return context(label(f"{named}{reader.say(said)}", 150), *([when(opens.changes, reader)] if opens.changes else []))


def _title(line: Line, reader: Reader) -> Block:
    mark = urgency(line.ticket.urgency)
    return plain(" ".join(filter(None, (mark, title(line.ticket.number, line.subject, reader)))), 300)


def _since(line: Line, reader: Reader, *said: str) -> Block:
    at = line.ticket.heard_at or line.ticket.opened_at
    words = [reader.say(phrase("The customer last wrote")) if line.ticket.heard_at else reader.say(phrase("Opened"))]
    return context(*(label(part, 100) for part in (*said, *words)), *([when(at, reader)] if at else []))


def _empty(said: Phrase, reader: Reader) -> Block:
    return section(plain(reader.say(said), 500))
