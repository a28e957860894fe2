"""A ticket's card: who wants what, since when, who has it, and what can be done now."""

from __future__ import annotations

from bot.reader import Reader
from bot.views import person, ping, promises, signals, task_card, tasks, together
from bot.views.calls import ROOM, calling
from bot.views.shown import Shown, summary
from bot.views.words import (
    NO_WORDS,
    channel,
    copies,
    doubt,
    files,
    folded,
    nature,
    revised,
    sealed,
    small,
    status,
    title,
    urgency,
    when,
    who,
)
from core.desk.showing import Card
from core.desk.task_times import Piece
from core.phrases import Phrase, phrase, phrases
from core.routing.clusters import Matter
from core.tickets.channels import manner
from core.tickets.model import Message, Status
from core.tickets.satisfaction import stars
from core.tickets.sources import source_of
from gateways.slack.wire.blocks import (
    Block,
    Blocks,
    Element,
    actions,
    button,
    context,
    header,
    label,
    option,
    overflow,
    paragraph,
    plain,
    quote,
    rich,
    section,
    words,
)
from gateways.slack.wire.text import cut, fits, line, one_line, set_apart

SHOWN = 2500
"""Characters of the customer's words on the card; the whole of longer ones stands in its thread."""

REASON = 300

_LEADS = {Matter.INCIDENT: phrase("Others say the same"), Matter.DOUBLE: phrase("The customer told it twice")}

TOGETHER = phrase("Merge, split, link …")

URGENT = 3
"""The degree of urgency that calls the room."""


def show(card: Card, reader: Reader | None = None) -> Shown:
    """The card as everybody in the room sees it, or as one `reader` does who asked for it."""
    reader = reader or Reader(card.locale)
    mark = urgency(card.ticket.urgency)
    if card.piece is not None:
        return _task(card, card.piece, reader)
    return Shown(
        _notice(card, reader),
        [
            header(" ".join(filter(None, (mark, title(card.ticket.number, card.subject, reader))))),
            _facts(card, reader),
            *promises.glance(card, reader),
            *tasks.glance(card, reader),
            *_unanswerable(card, reader),
            *together.glance(card, reader),
            *_failure(card, reader),
            *_strangers(card, reader),
            *ping.glance(card, reader),
            *_routing(card, reader),
            *signals.glance(card, reader),
            *person.glance(card.glance, reader),
            *_words(card.first, reader),
            _buttons(card, reader),
        ],
    )


def _task(card: Card, piece: Piece, reader: Reader) -> Shown:
    """The card of a task: nobody wrote it from outside, and nobody is to be answered."""
    named = " ".join(filter(None, (urgency(card.ticket.urgency), title(card.ticket.number, card.subject, reader))))
    return Shown(
        _notice(card, reader),
        [
            header(named),
            task_card.facts(card, piece, _standing(card, reader), reader),
            *promises.glance(card, reader),
            *ping.glance(card, reader),
            *task_card.said(card, piece, reader),
            _buttons(card, reader),
        ],
    )


def bare(card: Card, reason: str) -> Shown:
    """The card without the customer's words: for when Slack does not take them, whatever they are."""
    reader = Reader(card.locale)
    said = reader.say(phrase("Slack did not accept this card as it was ({reason}).", reason=reason))
    number = f"#{card.ticket.number}"
    return Shown(number, [header(number), section(plain(said, 500)), _buttons(card, reader)])


def moved(card: Card, room: str) -> Shown:
    """What a card leaves behind in the room it stood in: its number, and the room it is in now. Nothing to press."""
    said = Reader(card.locale).say(phrase("#{number} has moved to another channel:", number=card.ticket.number))
    return Shown(summary(said), [rich(paragraph(words(f"{said} "), {"type": "channel", "channel_id": room}))])


def calling_the_room(card: Card, shown: Shown) -> Shown:
    """The card as it is posted: what is very urgent calls everybody who is there, once."""
    if card.ticket.urgency < URGENT or card.post is not None:
        return shown
    return calling(ROOM, Reader(card.locale).say(phrase("This is very urgent.")), shown)


def is_cut(message: Message | None) -> bool:
    """Whether a card shows only the beginning of these words."""
    return message is not None and not fits(message.reply_text or message.text, SHOWN)


def _facts(card: Card, reader: Reader) -> Block:
    """Who wrote, where and when; how it stands, and with whom."""
    ticket = card.ticket
    is_mail = manner(ticket.thread.channel).letters  # elsewhere people are known by name: their numbers say nothing
    name = who(card.requester, card.sender if is_mail else "") or reader.say(phrase("Unnamed"))
    source = source_of(ticket.door)
    if source:  # a partner's conversation is none of its people's addresses, and no group for that
        name = f"{name} · {source}"
    elif ticket.door.startswith("#"):
        name = reader.say(phrase("{customer}, in {room}", customer=name, room=set_apart(ticket.door, 100)))
    elif card.account:
        name = reader.say(phrase("{customer}, in {owner}’s own account", customer=name, owner=card.account))
    elif card.is_answered_elsewhere and not is_mail and not manner(ticket.thread.channel).threads:
        name = reader.say(phrase("{customer}, in a group", customer=name))
    elif card.is_answered_elsewhere and is_mail:
        elsewhere = phrase("From {customer}, answers go to {address}", customer=name, address=who("", card.address))
        name = reader.say(elsewhere)
    wrote = f"{name} · {channel(ticket.thread.channel, reader)}"
    opened = [when(ticket.opened_at, reader)] if ticket.opened_at else []
    said = [card.queue.title]
    if ticket.rating is not None:
        said.append(reader.say(phrase("Rating: {stars}", stars=stars(ticket.rating))))
    if (one := card.gathered) is not None:
        is_lead = one.lead == ticket.number
        said.append(reader.say(_LEADS[one.matter] if is_lead else phrase("One matter with #{lead}", lead=one.lead)))
    if ticket.follows:
        said.append(reader.say(phrase("Follows ticket #{number}", number=ticket.follows)))
    rest = label(" · ".join(line(part, 150) for part in said), 400)
    return context(label(wrote, 500), *opened, *_standing(card, reader), rest)


def _standing(card: Card, reader: Reader) -> list[Element]:
    """How it stands, and with whom; of what is closed, who closed it and when."""
    if card.closed is not None:
        by = set_apart(card.closed.by or "", 120)
        closed = phrase("Closed by {name}", name=by) if by else phrase("Closed by the desk itself")
        return [label(reader.say(closed), 200), when(card.closed.at, reader)]
    if card.ticket.status is Status.CLOSED:
        return [label(reader.say(status(card.ticket.status)), 200)]
    holder = set_apart(card.assignee or "", 120)
    taken = phrase("{name} has it", name=holder) if holder else phrase("Nobody has it yet")
    if card.offered and not holder:
        taken = phrase("{name} is asked whether they take it", name=set_apart(card.offered, 120))
    return [label(f"{reader.say(status(card.ticket.status))} · {reader.say(taken)}", 300)]


def _unanswerable(card: Card, reader: Reader) -> Blocks:
    if card.address:
        return []
    said = reader.say(phrase("The customer gave no address that the desk can write to."))
    return [rich(paragraph(words("⚠ "), words(said, "bold")))]


def _failure(card: Card, reader: Reader) -> Blocks:
    if card.failed is None:
        return []
    said = reader.say(phrase("Our last message did not arrive:"))
    reason = cut(one_line(card.failed.reason or ""), REASON)
    return [rich(paragraph(words("🔴 "), words(said, "bold"), words(f" {reason}" if reason else "")))]


def _strangers(card: Card, reader: Reader) -> Blocks:
    """That somebody wants to take part: their cards stand in the thread."""
    if not card.strangers:
        return []
    said = phrases(
        "{count} person who does not take part wrote. Please decide in the thread.",
        "{count} people who do not take part wrote. Please decide in the thread.",
        len(card.strangers),
    )
    return [rich(paragraph(words("✋ "), words(reader.say(said), "bold")))]


def _routing(card: Card, reader: Reader) -> Blocks:
    """What rules say of it beside queue and urgency."""
    outcome = card.routing.outcome if card.routing else {}
    blocks: Blocks = []
    if card.routing is not None and card.routing.red_at is not None:
        blocks.append(rich(paragraph(words("🔴 "), words(reader.say(phrase("Red alert.")), "bold"))))
    said: list[str] = []
    if tags := outcome.get("tags"):
        said.append(reader.say(phrase("Tags: {tags}", tags=list(tags))))
    if template := outcome.get("template"):
        said.append(reader.say(phrase("Template: {template}", template=template)))
    return [*blocks, small(f"🏷 {line(' · '.join(said), 300)}")] if said else blocks


def _words(first: Message | None, reader: Reader) -> Blocks:
    if first is None:
        return []
    kind = nature(first.nature)
    blocks: Blocks = [small(reader.say(kind))] if kind else []
    blocks += [*doubt(first, reader), *sealed(first, reader)]
    if said := first.reply_text or first.text:
        blocks.append(rich(quote(said, SHOWN, lambda n: "\n" + reader.more(n))))
    elif not first.is_encrypted and first.deleted_at is None:
        blocks.append(small(reader.say(NO_WORDS)))
    if is_cut(first):
        blocks.append(small(reader.say(phrase("The whole text is in the thread."))))
    return [
        *blocks,
        *files(first.files, reader),
        *folded(first, reader),
        *copies(first.copied, reader),
        *revised(first, reader),
    ]


def _buttons(card: Card, reader: Reader) -> Block:
    ticket = card.ticket
    number = ticket.number

    def press(action: str, said: str, primary: str = "") -> Element:
        return button(action, said, number, "primary" if action == primary else None)

    if card.piece is not None:
        return task_card.buttons(card, _more(card, reader), reader)
    if ticket.merged_into is not None:
        return actions("card", press("together", reader.say(TOGETHER)), _more(card, reader))
    if ticket.status is Status.CLOSED:
        shown = [press("reopen", reader.say(phrase("Reopen"))), *tasks.buttons(card, reader)]
        return actions("card", *shown, _more(card, reader))
    first = "reply" if ticket.assignee else "claim"
    offered = [
        press("reply", reader.say(phrase("Reply")), first),
        press("note", reader.say(phrase("Note")), first),
        press("close", reader.say(phrase("Close")), first),
        *ping.rest_button(card, reader),
        *tasks.buttons(card, reader),
        _more(card, reader),
    ]
    if not ticket.assignee:
        offered.insert(0, press("claim", reader.say(phrase("Claim")), first))
    return actions("card", *offered)


def _more(card: Card, reader: Reader) -> Element:
    """What does not fit stands in the window of the customer, too: Slack takes five."""
    number = card.ticket.number
    options = [option(reader.say(phrase("Show the whole conversation")), f"conversation:{number}")]
    if card.piece is None:
        options.insert(0, option(reader.say(TOGETHER), f"together:{number}"))
        options.append(option(reader.say(phrase("Customer and history")), f"addresses:{number}"))
    else:
        whole = phrase("Show the conversation of #{number}", number=card.piece.task.ticket)
        options.append(option(reader.say(whole), f"conversation:{card.piece.task.ticket}"))
    if card.sender:
        options.append(option(reader.say(phrase("Block the sender …")), f"block:{number}"))
    if card.has_page:
        options.append(option(reader.say(phrase("Take back links …")), f"links:{number}"))
    if card.ticket.status is not Status.CLOSED:
        options.insert(0, option(reader.say(_assigning(card)), f"assign:{number}"))
    if card.ticket.assignee and card.ticket.status is not Status.CLOSED:
        options.insert(0, option(reader.say(phrase("Put back into the queue")), f"release:{number}"))
    return overflow("more", options)


def _assigning(card: Card) -> Phrase:
    """What the window is called in which one sees whose it is, and why: everybody sees the same card."""
    holder = set_apart(card.assignee or card.offered or "", 40)
    if card.is_decided and holder:
        return phrase("Why {name}? Assign …", name=holder)
    return phrase("Why nobody? Assign …") if card.is_decided else phrase("Assign …")


def _notice(card: Card, reader: Reader) -> str:
    said = card.first.reply_text or card.first.text if card.first else card.piece.task.text if card.piece else ""
    name = set_apart(card.requester, 80) or set_apart(card.address, 80) or reader.say(phrase("Unnamed"))
    return summary(f"{title(card.ticket.number, card.subject, reader)} · {name}: {set_apart(said, 200)}")
