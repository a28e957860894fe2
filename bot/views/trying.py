"""The window in which one asks what would happen to a text, and the one that says it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.reader import Reader
from bot.views.words import small
from core.phrases import Phrase, phrase
from gateways.slack.wire.blocks import Block, Blocks, divider, field, modal, option, plain, section, select, text_input
from gateways.slack.wire.text import line

CALLBACK = "try"


def show(doors: Sequence[str], reader: Reader, text: str = "", answer: Sequence[Phrase] = ()) -> Block:
    """The window; below it, where somebody has asked, what would happen."""
    blocks: Blocks = [field("text", reader.say(phrase("What a customer writes")), text_input("text", text))]
    one_line = {**text_input("subject"), "multiline": False, "focus_on_load": False}
    blocks.append(field("subject", reader.say(phrase("Subject")), one_line, optional=True))
    sender = {**text_input("sender"), "multiline": False, "focus_on_load": False}
    blocks.append(field("sender", reader.say(phrase("From (mail address)")), sender, optional=True))
    if doors:
        choose = select("door", reader.say(phrase("Pick a mailbox")), [option(door, door[:150]) for door in doors])
        blocks.append(field("door", reader.say(phrase("To")), choose, optional=True))
    if answer:
        blocks += [divider(), *(section(plain(line(reader.say(said), 1000))) for said in answer[:40])]
    else:
        blocks.append(small(reader.say(phrase("Nothing is opened, and nobody is written to."))))
    return modal(
        CALLBACK,
        reader.say(phrase("What would happen?")),
        reader.say(phrase("Close")),
        blocks,
        submit=reader.say(phrase("Look")),
    )
