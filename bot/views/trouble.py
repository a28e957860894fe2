"""What a supervisor is told went wrong: what, which ticket, and what to type."""

from __future__ import annotations

from bot.reader import Reader
from bot.views.held import opener
from bot.views.shown import Shown, summary
from bot.views.words import Where
from core.desk.alarming import Troubles
from core.phrases import phrase, phrases
from core.storage.rooms import Post
from core.storage.troubles import Trouble
from gateways.slack.wire.blocks import Block, Blocks, anchor, paragraph, plain, rich, section, words
from gateways.slack.wire.text import cut, one_line

LONGEST = 1000
JOBS, MAILS = "deskbell jobs list --given-up", "deskbell inbox list"


def show(found: Troubles, where: Where, reader: Reader) -> Shown:
    """Everything that there is to say now."""
    first, total = found.untold.first, found.untold.total
    said = reader.say(phrases("Something needs you:", "{count} things need you:", total))
    blocks: Blocks = [rich(paragraph(words(said, "bold")))]
    for trouble in first:
        if trouble.held:
            blocks += _held(found.held, reader)
        else:
            blocks.append(_line(trouble, found.cards.get(trouble.ticket or 0), where, reader))
    rest = total - len(first)
    if rest:
        more = reader.say(phrases("and {count} more, listed by:", "and {count} more, listed by:", rest))
        blocks.append(rich(paragraph(words(f"{more} "), words(JOBS, "code"), words(" "), words(MAILS, "code"))))
    return Shown(summary(f"{said} {reader.say(first[0].said)}"), blocks)


def _held(count: int, reader: Reader) -> Blocks:
    said = phrases(
        "{count} mail is held back until somebody looks at it.",
        "{count} mails are held back until somebody looks at them.",
        count,
    )
    return [section(plain(reader.say(said)), opener(reader))]


def _line(trouble: Trouble, card: Post | None, where: Where, reader: Reader) -> Block:
    runs = [words(cut(one_line(reader.say(trouble.said)), LONGEST))]
    if card is not None:
        runs += [words(" "), anchor(where(card), reader.say(phrase("Go to card")))]
    if trouble.command:
        again = reader.say(phrase("To try it again:"))
        runs += [words(f" {again} "), words(trouble.command, "code")]
    return rich(paragraph(*runs))
