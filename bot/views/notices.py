"""What one person is told: that it is done, what there is, how it goes."""

from __future__ import annotations

from collections.abc import Sequence

from bot.reader import Reader
from bot.views.shown import Shown, summary
from core.phrases import Phrase, phrase
from gateways.slack.wire.blocks import MESSAGE_BLOCKS, Block, divider, plain, quote, rich, section
from gateways.slack.wire.text import line, set_apart

HELP: tuple[Phrase, ...] = (
    phrase("Each request is a card in its queue's channel. Claim it, then answer with Reply."),
    phrase("What you write in a card's thread is an internal note. The customer never sees it."),
    phrase("/desk mine: your tickets. /desk next: what comes next. /desk unclaimed: all that waits, in that order."),
    phrase("/desk merge 12 13 into 7: tickets of one customer go on as one. /desk unmerge 12 takes that back."),
    phrase(
        "/desk show 42, /desk claim 42, /desk release 42, /desk close 42, /desk reopen 42: what a card's buttons do, "
        "by number."
    ),
    phrase(
        "/desk split 42: give parts of a ticket to other queues as tasks. /desk tasks 42: how far they are. "
        "/desk impossible 43 WHY: a task cannot be done. /desk close 42 WHY: close it though tasks are open."
    ),
    phrase("/desk oncall: who is on duty now and next. /desk snooze 42 3h WHY: let a ticket rest. /desk wake 42."),
    phrase("/desk whatif 42: who is told when, if nobody takes it. /desk setup: calendars, ladders. For supervisors."),
    phrase("/desk hold 42: it waits for somebody else, and its time stands still. /desk resume 42 goes on with it."),
    phrase("/desk hours: whether your queues are open, and until or from when."),
    phrase("/desk held: mail that was held back until somebody looks at it."),
    phrase("/desk test: what the rules would make of a text, and who would get it."),
    phrase("/desk why MESSAGE-ID, or why ADDRESS: what became of a mail, and why. For supervisors."),
)


def usage(reader: Reader, unknown: str = "") -> Shown:
    """How the desk is used; `unknown` is what somebody typed that is no command."""
    strange = [phrase("I do not know “{command}”.", command=set_apart(unknown, 50))] if unknown else []
    said = [reader.say(line) for line in (*strange, *HELP)]
    return Shown(summary(" ".join(said)), [section(plain(line)) for line in said])


def listed(said: Phrase, blocks: Sequence[Block], reader: Reader) -> Shown:
    """A sentence with a list below it."""
    text = reader.say(said)
    return Shown(summary(text), [section(plain(text)), *blocks])


def told(said: Sequence[Sequence[Phrase]], reader: Reader) -> Shown:
    """Several things, each in a few sentences that may quote anybody; of very many the last have no place."""
    parts = [[line(reader.say(one), 1000) for one in few] for few in said]
    blocks: list[Block] = []
    for part in parts[: MESSAGE_BLOCKS // 2]:
        blocks += [*([divider()] if blocks else []), section(plain("\n".join(part)))]
    return Shown(summary(" ".join(parts[0])), blocks)


def kept(said: Phrase, text: str, reader: Reader) -> Shown:
    """What could not be done, with the words that were meant for it."""
    return listed(said, [rich(quote(text, 12_000, reader.more))], reader)
