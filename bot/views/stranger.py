"""A stranger's card in a ticket's thread: who wrote without taking part, what speaks for them, and the choices."""

from __future__ import annotations

from bot.reader import Reader
from bot.views.calls import agent, calling
from bot.views.shown import Shown, summary
from bot.views.words import NO_WORDS, doubt, sealed, small, when, who
from core.desk.joining import Asked, Signs
from core.phrases import Phrase, Refused, phrase, phrases
from core.tickets.joining import Standing
from core.tickets.model import Message
from gateways.slack.wire.blocks import (
    Block,
    Blocks,
    actions,
    button,
    context,
    label,
    paragraph,
    plain,
    quote,
    rich,
    section,
    words,
)
from gateways.slack.wire.text import set_apart

EACH = 700
"""Characters of each message that the card shows."""


def show(asked: Asked) -> Shown:
    """The card as everybody in the thread sees it."""
    reader = Reader(asked.locale)
    return _waiting(asked, reader) if asked.said else _decided(asked, reader)


def bare(asked: Asked, reason: str) -> Shown:
    """The card without the stranger's words: for when Slack does not take them, whatever they are."""
    reader = Reader(asked.locale)
    said = reader.say(phrase("Slack did not accept this card as it was ({reason}).", reason=reason))
    return Shown(summary(said), [section(plain(said, 500)), *_choices(asked, reader)])


def first(asked: Asked, shown: Shown) -> Shown:
    """The card as it is posted: whoever has the ticket is called to decide."""
    call = agent(asked.concerns)
    if call is None or not asked.said:
        return shown
    return calling(call, Reader(asked.locale).say(phrase("Please decide:")), shown)


def is_for_all(asked: Asked) -> bool:
    """Whether everybody should see it, because nobody in particular will."""
    return bool(asked.said) and agent(asked.concerns) is None


def _waiting(asked: Asked, reader: Reader) -> Shown:
    said = reader.say(phrase("{stranger} wrote, and does not take part in this ticket.", stranger=_who(asked, reader)))
    blocks: Blocks = [rich(paragraph(words("✋ "), words(said, "bold"))), small(*_signs(asked, reader))]
    if asked.older:
        more = phrases("{count} earlier message is not shown.", "{count} earlier messages are not shown.", asked.older)
        blocks.append(small(reader.say(more)))
    for message in asked.said:
        blocks += _message(message, reader)
    nothing = phrase(
        "Until somebody decides, nothing has happened: the ticket is as it was, and they have got no answer. "
        "Let in, they may write here, what they wrote counts, and you can send them copies. "
        "With a new ticket their words are answered apart from this one. "
        "Blocked, their mail opens nothing any more."
    )
    return Shown(summary(said), [*blocks, small(reader.say(nothing)), *_choices(asked, reader)])


def _message(message: Message, reader: Reader) -> Blocks:
    blocks: Blocks = [context(when(message.at, reader)), *doubt(message, reader), *sealed(message, reader)]
    if text := message.reply_text or message.text:
        blocks.append(rich(quote(text, EACH, lambda missing: "\n" + reader.more(missing))))
    elif not message.is_encrypted:
        blocks.append(small(reader.say(NO_WORDS)))
    if message.files:
        files = phrases(
            "{count} file came with it, and is shown when they are let in or have a ticket of their own.",
            "{count} files came with it, and are shown when they are let in or have a ticket of their own.",
            len(message.files),
        )
        blocks.append(small(f"📎 {reader.say(files)}"))
    return blocks


def _signs(asked: Asked, reader: Reader) -> list[str]:
    """How they found the ticket, and what may help to know them: the strongest first."""
    signs, customer = asked.signs, set_apart(asked.customer, 100)
    said: list[Phrase] = []
    if signs.colleague:
        said.append(_colleague(signs))
    if signs.is_copied:
        said.append(phrase("{customer} copied them in.", customer=customer))
    if signs.has_same_name:
        said.append(
            phrase(
                "They have the customer's name: it can be another address of theirs, but anybody can write any name."
            )
        )
    if signs.shared_domain:
        said.append(phrase("The customer writes from {domain}, too.", domain=set_apart(signs.shared_domain, 100)))
    if signs.by_list:
        said.append(phrase("It came through a mailing list."))
    if asked.stranger.how == "token":
        said.append(phrase("They wrote to the address that only our letters to {customer} have.", customer=customer))
    else:
        said.append(phrase("They answered a letter of this ticket, which was sent or passed on to them."))
    return [reader.say(one) for one in said]


def _colleague(signs: Signs) -> Phrase:
    """That it has a colleague's address, and what that is worth."""
    about = {"agent": set_apart(signs.colleague or "", 100)}
    if signs.is_from:
        about["domain"] = set_apart(signs.is_from, 100)
        return phrase("This is the mail address of {agent}, who works here, and {domain} vouches for it.", **about)
    return phrase(
        "This is the mail address of {agent}, who works here. Anybody can write any address there: ask {agent} before "
        "you let them in.",
        **about,
    )


def _decided(asked: Asked, reader: Reader) -> Shown:
    stranger = asked.stranger
    about = {"name": set_apart(asked.decided_by or "", 100), "stranger": _who(asked, reader)}
    if stranger.standing is Standing.IN:
        said = phrase("{name} let {stranger} into this ticket.", **about)
    elif asked.is_blocked:
        said = phrase("{name} blocked {stranger}: their mail opens nothing any more.", **about)
    elif stranger.own:
        said = phrase("{name} gave {stranger} a ticket of their own: #{number}", **about, number=stranger.own)
    else:
        said = phrase("{name} put {stranger} out of this ticket. What they write goes elsewhere.", **about)
    text = reader.say(said)
    moment = [when(stranger.decided_at, reader)] if stranger.decided_at else []
    return Shown(summary(text), [context(label(text, 600), *moment), *_choices(asked, reader)])


def _choices(asked: Asked, reader: Reader) -> list[Block]:
    """What can be decided; each button says how it stood for whoever presses it."""
    stranger = asked.stranger
    about = f"{Standing.UNDECIDED if asked.said else stranger.standing}:{stranger.person}:{stranger.ticket}"
    let_in = button("stranger-in", reader.say(phrase("Let them in")), about)
    if asked.said:
        offered = [let_in, button("stranger-out", reader.say(phrase("New ticket")), about)]
        if "@" in asked.address:
            offered.append(button("stranger-block", reader.say(phrase("Block sender")), about))
        return [actions("stranger", *offered)]
    if stranger.standing is Standing.IN:
        return [actions("stranger", button("stranger-out", reader.say(phrase("Put them out again")), about))]
    return [actions("stranger", let_in)]


def chosen(value: str) -> tuple[Standing, int]:
    """What a button says: how the stranger stood for whoever presses it, and who it is. Raises Refused."""
    meant, _, rest = value.partition(":")
    person = rest.partition(":")[0]
    if meant not in {one.value for one in Standing} or not (person.isascii() and person.isdigit()):
        raise Refused(phrase("This does nothing any more. The newest card has what can be done now."))
    return Standing(meant), int(person)


def _who(asked: Asked, reader: Reader) -> str:
    return who(asked.name, asked.address) or reader.say(phrase("Somebody without an address"))
