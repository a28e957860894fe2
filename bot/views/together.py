"""A ticket and others: merged, split, linked. What the card says of it, the window of all that, and what it asks."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.payloads import LINK
from bot.reader import Reader
from bot.views.words import Where, small, status, title
from core.desk.companions import Companions, Neighbour
from core.desk.showing import Card
from core.phrases import Phrase, phrase, phrases
from core.tickets.model import Message
from core.tickets.relating import Kinship, Relation
from gateways.slack.wire.blocks import (
    Block,
    Blocks,
    Element,
    actions,
    button,
    divider,
    field,
    header,
    line_input,
    link,
    modal,
    multi_select,
    option,
    paragraph,
    plain,
    radio,
    rich,
    section,
    words,
)
from gateways.slack.wire.text import cut, one_line, set_apart

CALLBACK = "together"
MERGE, SPLIT, RELATE, MANY = "merge", "split-off", "relate", "answer-many"
UNMERGE, UNRELATE, AS_OTHERS = "unmerge", "unrelate", "answer-as-others"
HERE, THERE = "here", "there"

NAMED = 10
"""Tickets that a card names; of more it says how many."""

LABEL = 75
"""Characters of a choice: Slack takes no more."""

KINDS: Sequence[tuple[str, Phrase]] = (
    (Kinship.RELATED.value, phrase("is related to")),
    (Kinship.CAUSED_BY.value, phrase("is caused by")),
    (Kinship.INCIDENT_OF.value, phrase("is an incident of the problem")),
)
"""What an agent can say that a ticket is to another; a split says itself that it is one."""


def glance(card: Card, reader: Reader) -> Blocks:
    """What the card says of other tickets."""
    said: list[str] = []
    number, company = card.ticket.number, card.company
    if company.merged:
        named = [f"#{one}" for one in company.merged[:NAMED]]
        more = f" … +{len(company.merged) - NAMED}" if len(company.merged) > NAMED else ""
        said.append(reader.say(phrase("Merged into this: {tickets}", tickets=named)) + more)
    said += [reader.say(_called(one, number)) for one in company.relations[:NAMED]]
    blocks: Blocks = [small(f"🔗 {' · '.join(said)}")] if said else []
    if card.ticket.merged_into is not None:
        gone = phrase("This goes on in #{into}. What is written to it arrives there.", into=card.ticket.merged_into)
        return [rich(paragraph(words("🔀 "), words(reader.say(gone), "bold"))), *blocks]
    if company.circular is not None:
        missed = phrase("Others of the same matter were answered before this came.")
        offer = button(AS_OTHERS, reader.say(phrase("Answer like them …")), f"{company.circular}:{number}")
        blocks.append(section(plain(f"📣 {reader.say(missed)}", 300), offer))
    if company.incidents:
        waits = phrases(
            "{count} open ticket waits for the same answer.",
            "{count} open tickets wait for the same answer.",
            company.incidents,
        )
        offer = button(MANY, reader.say(phrase("Answer all …")), number)
        blocks.append(section(plain(f"📣 {reader.say(waits)}", 300), offer))
    return blocks


def show(found: Companions, where: Where, reader: Reader, warning: Phrase | None = None) -> Block:
    """The window."""
    number = found.ticket.number
    blocks: Blocks = [section(plain(title(number, found.subject, reader), 300))]
    if warning is not None:
        blocks.append(rich(paragraph(words("⚠ "), words(reader.say(warning), "bold"))))
    if found.into is None:
        blocks.append(
            actions(
                "together",
                button(MERGE, reader.say(phrase("Merge …")), number),
                button(SPLIT, reader.say(phrase("Split …")), number),
                button(RELATE, reader.say(phrase("Link …")), number),
            )
        )
    blocks += _merged(found, where, reader)
    blocks += _related(found, where, reader)
    return modal(
        CALLBACK,
        reader.say(phrase("Ticket #{number}", number=number)),
        reader.say(phrase("Close")),
        blocks,
        metadata=json.dumps({"ticket": number}),
    )


def merge(found: Companions, below: str, reader: Reader) -> Block:
    """Ask what to merge, and say what comes of it. `below` is the window that lies under it."""
    number = found.ticket.number
    blocks: Blocks = [section(plain(reader.say(line), 1000)) for line in _what_merging_is(found)]
    if found.others:
        offered = [option(_choice(one, reader), one.number) for one in found.others]
        title_of = reader.say(phrase("Tickets of the same customer"))
        pick = multi_select("picked", reader.say(phrase("Choose")), offered)
        blocks.append(field("picked", title_of, pick, optional=True))
    typed = reader.say(phrase("Or their numbers") if found.others else phrase("Numbers of the tickets"))
    hint = reader.say(phrase("Several with a space between them, like: 12 13"))
    blocks.append(field("numbers", typed, line_input("numbers"), hint, optional=True))
    ways = [
        option(reader.say(phrase("They go on here, in #{number}", number=number)), HERE),
        option(reader.say(phrase("This one goes on there")), THERE),
    ]
    blocks.append(field("into", reader.say(phrase("Where does it go on?")), radio("into", ways)))
    return modal(
        MERGE,
        reader.say(phrase("Merge tickets")),
        reader.say(phrase("Cancel")),
        blocks,
        submit=reader.say(phrase("Merge")),
        metadata=json.dumps({"ticket": number, "below": below}),
    )


def split(number: int, offered: Sequence[Message], below: str, reader: Reader) -> Block:
    """Ask which messages become a ticket of their own."""
    blocks: Blocks = [
        section(
            plain(
                reader.say(
                    phrase(
                        "What you choose becomes a ticket of whoever wrote it, in the same queue. An answer to any of "
                        "it arrives there from now on. Nobody outside is told."
                    )
                ),
                1000,
            )
        )
    ]
    if not offered:
        none = phrase("There is nothing to split off: the customer wrote once only, and that is what it is about.")
        blocks = [section(plain(reader.say(none), 500))]
        return _reading(phrase("Split ticket #{number}", number=number), blocks, reader)
    for one in offered:
        said = set_apart(cut(one_line(one.reply_text or one.text), 200), 300)
        blocks.append(section(plain(f"{set_apart(one.author_name, 80)}: {said}", 500)))
    choices = [option(_first_words(one), one.id) for one in offered]
    pick = multi_select("picked", reader.say(phrase("Choose")), choices)
    blocks.append(field("picked", reader.say(phrase("Into a ticket of their own")), pick))
    return modal(
        SPLIT,
        reader.say(phrase("Split ticket #{number}", number=number)),
        reader.say(phrase("Cancel")),
        blocks,
        submit=reader.say(phrase("Split off")),
        metadata=json.dumps({"ticket": number, "below": below}),
    )


def relate(number: int, below: str, reader: Reader) -> Block:
    """Ask what a ticket is to which other one."""
    kinds = [option(reader.say(said), kind) for kind, said in KINDS]
    what = phrase(
        "Both cards say so. Nobody outside is told, and nothing that was said is shown to anybody else. Whoever is "
        "linked to a problem can be answered with it at once."
    )
    return modal(
        RELATE,
        reader.say(phrase("Link ticket #{number}", number=number)),
        reader.say(phrase("Cancel")),
        [
            section(plain(reader.say(what), 1000)),
            field("kind", reader.say(phrase("This ticket")), radio("kind", kinds)),
            field("numbers", reader.say(phrase("Number of the other ticket")), line_input("numbers")),
        ],
        submit=reader.say(phrase("Link")),
        metadata=json.dumps({"ticket": number, "below": below}),
    )


def _what_merging_is(found: Companions) -> list[Phrase]:
    to = set_apart(found.answers_to, 200) or phrase("nobody")
    return [
        phrase(
            "Only tickets of one and the same customer can be merged: whoever writes to one takes part in the other. "
            "For several customers who meet with the same, link their tickets."
        ),
        phrase(
            "What is written to a merged ticket arrives in the other one, on every channel; its clocks and reminders "
            "end. Answers of #{number} go to {address}. It can be taken back until the customer is answered.",
            number=found.ticket.number,
            address=to,
        ),
    ]


def _merged(found: Companions, where: Where, reader: Reader) -> Blocks:
    number = found.ticket.number
    blocks: Blocks = []
    back = reader.say(phrase("Take the merge back"))
    if found.into is not None:
        gone = phrase("This goes on in #{into}. What is written to it arrives there.", into=found.into)
        blocks.append(section(plain(reader.say(gone), 300), button(UNMERGE, back, f"{number}:{number}")))
        blocks += _listed(found.known.get(found.into), where, reader)
    if found.company.merged:
        blocks += [divider(), header(reader.say(phrase("Merged into this")))]
    for one in found.company.merged[:NAMED]:
        blocks += _listed(found.known.get(one), where, reader)
        blocks.append(actions(f"merged-{one}", button(UNMERGE, back, f"{one}:{number}")))
    return blocks


def _related(found: Companions, where: Where, reader: Reader) -> Blocks:
    number = found.ticket.number
    blocks: Blocks = [divider(), header(reader.say(phrase("Linked tickets")))] if found.company.relations else []
    for one in found.company.relations[:NAMED]:
        back = button(UNRELATE, reader.say(phrase("Take back")), f"{one.one}-{one.other}-{one.kind.value}:{number}")
        blocks.append(section(plain(reader.say(_called(one, number)), 300), back))
        blocks += _listed(found.known.get(one.beside(number)), where, reader)
    return blocks


def _listed(one: Neighbour | None, where: Where, reader: Reader) -> Blocks:
    if one is None:
        return []
    said = (
        f"{title(one.number, one.subject, reader)} · {set_apart(one.requester, 80)} · {reader.say(status(one.status))}"
    )
    go: Element | None = link(LINK, reader.say(phrase("Go to card")), where(one.card)) if one.card else None
    return [section(plain(said, 400), go)]


def _called(one: Relation, number: int) -> Phrase:
    """What a relation is called on the card of one of both."""
    about = {"number": one.beside(number)}
    if one.kind is Kinship.RELATED:
        return phrase("Related to #{number}", **about)
    if one.one == number:
        mine = {
            Kinship.CAUSED_BY: phrase("Caused by #{number}", **about),
            Kinship.INCIDENT_OF: phrase("An incident of problem #{number}", **about),
            Kinship.SPLIT_FROM: phrase("Split from #{number}", **about),
        }
        return mine[one.kind]
    theirs = {
        Kinship.CAUSED_BY: phrase("The cause of #{number}", **about),
        Kinship.INCIDENT_OF: phrase("The problem behind #{number}", **about),
        Kinship.SPLIT_FROM: phrase("#{number} was split from this", **about),
    }
    return theirs[one.kind]


def _choice(one: Neighbour, reader: Reader) -> str:
    return cut(f"#{one.number} {set_apart(one.subject, 60)} · {reader.say(status(one.status))}", LABEL)


def _first_words(one: Message) -> str:
    return cut(f"{set_apart(one.author_name, 20)}: {set_apart(one_line(one.reply_text or one.text), 60)}", LABEL)


def _reading(name: Phrase, blocks: Blocks, reader: Reader) -> Block:
    return modal("read", reader.say(name), reader.say(phrase("Close")), blocks)
