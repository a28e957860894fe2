"""What leaves in the desk's name: announcements, and replies with their signature, frozen when they are decided."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from core.desk import remarks
from core.desk.house import Change, House
from core.desk.pages import PATHS
from core.phrases import Phrase
from core.rulebook import Queue, Rulebook
from core.rulebook.model import SENDER
from core.storage import keys, links, messages, people
from core.storage.database import Tx
from core.templates.announcements import (
    About,
    Announcement,
    acknowledge,
    ask_how,
    ask_why,
    remind,
    say_closed,
    say_thanks,
    say_too_large,
)
from core.templates.due import Moment
from core.templates.locales import SOURCE, negotiate, translate
from core.templates.render import FOR_LETTERHEADS, Blanks, blanks, faults, placeholders, render
from core.tickets import conversation
from core.tickets.channels import manner
from core.tickets.follow_up import anchor
from core.tickets.model import Address, Attachment, By, Delivery, Letterhead, Part, Ticket
from core.tickets.passes import Purpose, passed, written
from core.tickets.tasks import refuse_outside


def acknowledgement(
    book: Rulebook, change: Change, customer: str, answering: timedelta | Moment | None, link: str = ""
) -> Announcement:
    """That we have it, when an answer may be expected, and where the conversation can be read."""
    return acknowledge(book.library, _about(book, change, customer, link), answering)


def too_large(book: Rulebook, change: Change, customer: str, link: str = "") -> Announcement:
    """That what they sent could not be had, and what they may do."""
    return say_too_large(book.library, _about(book, change, customer, link))


def link_to(house: House, tx: Tx, ticket: Ticket, purpose: Purpose) -> str:
    """The address of a page of ours for a ticket's requester; empty where the installation has none."""
    refuse_outside(ticket)
    if house.pages is None:
        return ""
    one = passed(ticket.number, ticket.requester, tx.now + house.pages.hold, links.seed_of(tx, ticket.number))
    return house.pages.of(f"{PATHS[purpose]}/{written(keys.generations(tx, 'page'), purpose, one)}")


def reminder(book: Rulebook, change: Change, customer: str, queue: Queue) -> Announcement:
    """That we wait for an answer."""
    return remind(book.library, _about(book, change, customer), queue.close_after)


def closing(book: Rulebook, change: Change, customer: str, queue: Queue) -> Announcement:
    """That we have closed it, for want of an answer."""
    return say_closed(book.library, _about(book, change, customer), queue.reopen_within)


def asking_how(book: Rulebook, change: Change, customer: str) -> Announcement:
    """How they found what we did."""
    return ask_how(book.library, _about(book, change, customer))


def asking_why(book: Rulebook, change: Change, customer: str) -> Announcement:
    """What was wrong."""
    return ask_why(book.library, _about(book, change, customer))


def thanking(book: Rulebook, language: str | None) -> Announcement:
    """That we have heard how they found it."""
    return say_thanks(book.library, language)


def announce(
    house: House, tx: Tx, change: Change, part: Part, said: Announcement, to: Address, called: Phrase | None = None
) -> int:
    """Let the desk write by itself to somebody, under the ticket's subject or what it is `called`. The message's id."""
    subject = translate(called, negotiate(said.language) or SOURCE) if called else change.words.subject
    message = write(
        house,
        tx,
        change,
        letterhead(house, tx, change, to),
        part=part,
        text=signed(house, tx, change.ticket, said.text, language=said.language),
        reply_text=said.text,
        subject=subject,
        template=said.template,
        language=said.language,
        delivery=Delivery.QUEUED,
    )
    change.happen(conversation.announce(message, part, tx.now))
    return message


def remark(house: House, tx: Tx, change: Change, rule: str, said: Phrase) -> None:
    """Let the desk leave an internal note, in the language of those who see it."""
    remarks.leave(house.book_in(tx), tx, change, rule, said)


def note_of(house: House, tx: Tx, change: Change, by: By, name: str, text: str) -> None:
    """Leave an internal note of a colleague who did not write it in Slack."""
    row = {"ticket": change.ticket.number, "part": Part.NOTE, "at": tx.now, "text": text, "reply_text": text}
    message = messages.say(tx, {**row, "author": by.agent, "author_name": name})
    change.happen(conversation.note(message, by, tx.now))


def write(
    house: House, tx: Tx, change: Change, head: Letterhead, files: Sequence[Attachment] = (), **values: object
) -> int:
    """Keep an outgoing message, with what goes with it, under the id that it goes out with.

    It refers to the ticket's own id first, then to what the requester's last mail refers to, then to that mail.
    """
    ticket = change.ticket
    refuse_outside(ticket)  # whoever asks for it: this is the one way out
    domain = ticket.door.rpartition("@")[2] or "deskbell.invalid"
    external = f"<{ticket.number}.{secrets.token_hex(12)}@{domain}>"
    answered, chain, carried = messages.threading(tx, ticket.number, ticket.thread.channel)
    first, key = min(house.keys_in(tx).items())
    chain = [anchor(key, ticket.number, domain, first), *chain, *([answered] if answered else [])]
    return messages.say(
        tx,
        {
            "ticket": ticket.number,
            "at": tx.now,
            "external_id": external,
            "in_reply_to": answered,
            "refs": list(dict.fromkeys(chain)),
            "subject": change.words.subject,
            "head": replace(head, carried=carried).as_kept(),
            "channel": ticket.thread.channel,
            **values,
        },
        files,
        known_on=ticket.thread.channel,
    )


def addressee(tx: Tx, change: Change) -> Address:
    """Who gets the answers to a ticket, by the name that belongs to that address."""
    ticket, wanted = change.ticket, change.words.answer_to
    channel = ticket.thread.channel
    person = people.person(tx, ticket.requester)
    if people.folded(people.address_of(tx, person.id, channel)) == people.folded(wanted):
        return Address(channel, wanted, person.name)
    there = people.person_at(tx, Address(channel, wanted))
    is_theirs = there is not None and people.are_one(tx, there.id, person.id)
    return Address(channel, wanted, (there.name or person.name) if there and is_theirs else "")


def letterhead(house: House, tx: Tx, change: Change, to: Address, author: str = "") -> Letterhead:
    """What stands above a mail's words from now on, whatever is renamed before it leaves."""
    name = sender_name(house, tx, change.ticket, author)
    return Letterhead(name, to, max(house.keys_in(tx)), door=change.ticket.door)


def sender_name(house: House, tx: Tx, ticket: Ticket, author: str = "") -> str:
    """How a mail names its sender: an agent's as the mailbox wants it, the desk's own by the mailbox."""
    mailbox = house.book_in(tx).mailbox_for(ticket.door)
    known = _known(house, tx, ticket, author)
    return render("{mailbox}" if known.agent is None else mailbox.sender if mailbox else SENDER, known)


def signed(house: House, tx: Tx, ticket: Ticket, text: str, author: str = "", *, language: str | None) -> str:
    """A text with the signature of its ticket's queue in the customer's language, as it goes out.

    In a chat nobody signs. A signature of long ago that says what cannot be filled is shown as it is.
    """
    if not manner(ticket.thread.channel).letters:
        return text.strip()
    queue = house.queue_of(tx, ticket)
    used = negotiate(language, "en", among=queue.signature) or next(iter(queue.signature), None)
    body = text.strip()
    if used is None:
        return body
    signature, known = queue.signature[used].strip(), _known(house, tx, ticket, author)
    needs = placeholders(signature)
    if not faults(signature, FOR_LETTERHEADS) and (known.agent is not None or "agent" not in needs):
        signature = render(signature, known).strip()
    return f"{body}\n\n-- \n{signature}" if signature else body


def _known(house: House, tx: Tx, ticket: Ticket, author: str) -> Blanks:
    """What the sender's name and a signature may say."""
    book = house.book_in(tx)
    mailbox = book.mailbox_for(ticket.door)
    return blanks(agent=author, desk=book.desk.name, mailbox=mailbox.name if mailbox else book.desk.name)


def _about(book: Rulebook, change: Change, customer: str, link: str = "") -> About:
    return About(
        number=change.ticket.number,
        subject=change.words.subject,
        customer=customer,
        desk=book.desk.name,
        language=change.ticket.language,
        in_chat=not manner(change.ticket.thread.channel).letters,
        link=link,
    )
