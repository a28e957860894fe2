"""Who a customer is on all channels: addresses, who may be the same person, earlier tickets; and an address to add."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.payloads import LINK
from bot.reader import Reader
from bot.views.words import Where, channel, small, status, title, when
from core.desk.persons import Glance, House, Person, Suggestion
from core.desk.showing import Card
from core.phrases import Phrase, phrase, phrases
from core.storage.people import Identity
from core.storage.tickets import MANY, Line, Page
from core.storage.unions import Union
from core.tickets.persons import PROOFS, Proof
from gateways.slack.wire.blocks import (
    Block,
    Blocks,
    actions,
    asking,
    button,
    context,
    divider,
    field,
    header,
    label,
    link,
    modal,
    paragraph,
    plain,
    rich,
    section,
    text_input,
    words,
)
from gateways.slack.wire.text import one_line, set_apart

CALLBACK = "person"
ADD = "add-address"
BLOCK, LINKS = "block-sender", "take-links-back"
SHOWN = 20
"""Addresses that are shown, and what they were joined by."""


def glance(seen: Glance, reader: Reader) -> Blocks:
    """What the card says: how many tickets there are beside it, and that they may be somebody whom we know."""
    said: list[str] = []
    if seen.earlier:
        many = phrases(
            "{many} other ticket of theirs", "{many} other tickets of theirs", seen.earlier, many=_many(seen.earlier)
        )
        said.append(reader.say(many))
    if seen.house is not None and seen.of_house:
        about = {"many": _many(seen.of_house), "organisation": _house(seen.house, reader)}
        colleagues = phrases("{many} of {organisation}", "{many} of {organisation}", seen.of_house, **about)
        said.append(reader.say(colleagues))
    elif seen.house is not None and isinstance(seen.house.name, str):
        said.append(_house(seen.house, reader))
    blocks: Blocks = [small(f"👤 {' · '.join(said)}")] if said else []
    if seen.may_be_known:
        known = phrase("They may be somebody whom the desk knows: see “Customer and history” below.")
        blocks.append(rich(paragraph(words("🔗 "), words(reader.say(known), "bold"))))
    return blocks


def show(card: Card, person: Person, where: Where, reader: Reader, warning: Phrase | None = None) -> Block:
    """The window."""
    number = card.ticket.number
    blocks: Blocks = [section(plain(one_line(card.requester) or reader.say(phrase("Unnamed")), 300))]
    if warning is not None:
        blocks.append(rich(paragraph(words("⚠ "), words(reader.say(warning), "bold"))))
    if person.house is not None and isinstance(person.house.name, str):
        blocks.append(small(_house(person.house, reader)))
    blocks += [_address(one, reader) for one in person.known[:SHOWN]]
    more = [button(ADD, reader.say(phrase("Add an address …")), number)]
    if card.sender:
        more.append(button(BLOCK, reader.say(phrase("Block the sender …")), number))
    if card.has_page:
        more.append(button(LINKS, reader.say(phrase("Take back links …")), number))
    blocks.append(actions("add", *more))
    blocks += _suggestions(person.suggestions, number, reader)
    blocks += _joined(person, number, reader)
    blocks += _tickets(phrase("Other tickets of theirs"), person.earlier, person, where, reader)
    blocks += _tickets(phrase("Tickets of their colleagues"), person.of_house, person, where, reader)
    return modal(
        CALLBACK,
        reader.say(phrase("Ticket #{number}", number=number)),
        reader.say(phrase("Close")),
        blocks,
        metadata=json.dumps({"ticket": number}),
    )


def add(number: int, below: str, reader: Reader) -> Block:
    """The window in which an agent gives an address of the customer's. `below` is the window that lies under it."""
    said = phrase(
        "You say that this address is the customer's: answers can go there, and what is written from there is theirs. "
        "It can be taken back."
    )
    return modal(
        ADD,
        reader.say(phrase("Add an address")),
        reader.say(phrase("Cancel")),
        [
            field(
                "address",
                reader.say(phrase("Address")),
                {**text_input("address"), "multiline": False},
                reader.say(
                    phrase("A mail address; or Telegram: NUMBER, Slack: TEAM:MEMBER, as this window shows them.")
                ),
            ),
            small(reader.say(said)),
        ],
        submit=reader.say(phrase("Save")),
        metadata=json.dumps({"ticket": number, "below": below}),
    )


def way(one: Identity, reader: Reader) -> str:
    """An address as one picks it."""
    return f"{channel(one.address.channel, reader)} ({set_apart(_called(one), 60)})"


def _called(one: Identity) -> str:
    """What people know an address by: its own letters, or where these are only a number of the channel's, a name."""
    is_number = "@" not in one.address.address and bool(one.name)
    return one.name if is_number else one.address.address


def _house(house: House, reader: Reader) -> str:
    name = set_apart(house.name, 100) if isinstance(house.name, str) else reader.say(house.name)
    if house.tier is None:
        return name
    return reader.say(phrase("{organisation} ({tier})", organisation=name, tier=set_apart(house.tier, 60)))


def _address(one: Identity, reader: Reader) -> Block:
    where = f"{channel(one.address.channel, reader)}: {set_apart(_called(one), 200)}"
    said = f"{where} · {reader.say(PROOFS[one.proof])}"
    return context(label(said, 400), *([when(one.proven_at, reader)] if one.proven_at else []))


def _suggestions(found: Sequence[Suggestion], number: int, reader: Reader) -> Blocks:
    if not found:
        return []
    blocks: Blocks = [divider(), header(reader.say(phrase("The same person?")))]
    for one in found:
        named = next((known.name for known in one.known if known.name), "")
        blocks.append(section(plain(set_apart(named, 200) or reader.say(phrase("Unnamed")), 300)))
        blocks += [_address(known, reader) for known in one.known[:3]]
        blocks += [small(reader.say(phrase("Why: {reason}", reason=reason))) for reason in one.reasons[:5]]
        sure = asking(
            reader.say(phrase("Join them?")),
            reader.say(
                phrase(
                    "None of this proves it: anybody can write it. Once joined, each may answer in the other's "
                    "tickets. You can take it back."
                )
            ),
            reader.say(phrase("Join")),
            reader.say(phrase("Cancel")),
        )
        value = f"{one.person}:{number}"
        blocks.append(
            actions(
                f"same-{one.person}",
                button("person-unite", reader.say(phrase("The same person")), value, "primary", sure),
                button("person-apart", reader.say(phrase("Somebody else")), value),
            )
        )
    return blocks


def _joined(person: Person, number: int, reader: Reader) -> Blocks:
    """What was found, each with a way back."""
    if not person.unions and not person.apart:
        return []
    blocks: Blocks = [divider(), header(reader.say(phrase("Found so far")))]
    for union in person.unions[:SHOWN]:
        blocks.append(
            section(
                plain(reader.say(_found(union, person, reader)), 500), _back(union, number, phrase("Split"), reader)
            )
        )
    for union in person.apart[:SHOWN]:
        names = _names(union, person, reader)
        said = reader.say(phrase("{one} and {other} are not the same person", **names))
        blocks.append(section(plain(said, 500), _back(union, number, phrase("Take back"), reader)))
    return blocks


def _back(union: Union, number: int, said: Phrase, reader: Reader) -> Block:
    return button("person-split", reader.say(said), f"{union.id}:{number}")


def _found(union: Union, person: Person, reader: Reader) -> Phrase:
    names = _names(union, person, reader)
    if union.proof is Proof.LINK:
        return phrase("{other} followed our link for {one}", **names)
    by = set_apart(person.agents.get(union.by, union.by), 100)
    return phrase("{agent} says that {other} is {one}", agent=by, **names)


def _names(union: Union, person: Person, reader: Reader) -> dict[str, str]:
    ends = {"one": person.concerned.get(union.one), "other": person.concerned.get(union.other)}
    return {end: way(one, reader) if one else "?" for end, one in ends.items()}


def _tickets(said: Phrase, page: Page, person: Person, where: Where, reader: Reader) -> Blocks:
    if not page.lines:
        return []
    blocks: Blocks = [divider(), header(reader.say(said))]
    for line in page.lines:
        post = person.cards.get(line.ticket.number)
        blocks.append(
            section(
                plain(title(line.ticket.number, line.subject, reader), 300),
                link(LINK, reader.say(phrase("Go to card")), where(post)) if post else None,
            )
        )
        blocks.append(_since(line, reader))
    rest = page.total - len(page.lines)
    if rest > 0:
        blocks.append(small(reader.say(phrases("and {many} more", "and {many} more", rest, many=_many(rest)))))
    return blocks


def _since(line: Line, reader: Reader) -> Block:
    ticket = line.ticket
    said = f"{channel(ticket.thread.channel, reader)} · {reader.say(status(ticket.status))}"
    return context(label(said, 100), *([when(ticket.opened_at, reader)] if ticket.opened_at else []))


def _many(number: int) -> str:
    return f"{MANY}+" if number > MANY else str(number)
