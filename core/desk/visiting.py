"""Use cases of Slack rooms that customers are in: which there are, what belongs to which thread, what is said there."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from core.desk.looking_back import LookingBack
from core.desk.writing import remark
from core.effects import receive, tell_opener
from core.phrases import Phrase, Refused, phrase
from core.routing import signals
from core.storage import customers_rooms, inbox, ledger, messages, people, rooms, tickets
from core.storage.customers_rooms import Seat
from core.storage.database import Tx, question, use_case
from core.storage.rooms import Post
from core.tickets import conversation
from core.tickets import events as e
from core.tickets.model import Address, By, Delivery, Inbound, Part, Status, Thread


class Became(NamedTuple):
    """The ticket that something which was said is in; None: in none. `card`: where its card stands, if it does yet;
    `waits`: whether it is still to be understood.
    """

    ticket: int | None = None
    requester: str = ""
    card: Post | None = None
    waits: bool = False


class Visiting(LookingBack):
    """Where customers are in Slack."""

    @question
    def seat(self, tx: Tx, team: str, room: str) -> Seat | None:
        """What is known of a room by Slack's id; None: customers are not heard there, and never were."""
        return customers_rooms.at(tx, team, room)

    @question
    def seat_of(self, tx: Tx, number: int) -> Seat | None:
        return customers_rooms.get(tx, number)

    @question
    def seats(self, tx: Tx) -> list[Seat]:
        return customers_rooms.every(tx)

    @use_case
    def seat_customers(self, tx: Tx, team: str, room: str, name: str, shared: bool, heard_to: str) -> None:
        """Customers are heard in this room from now on. Raises Refused where agents speak among themselves there."""
        if any((one.team, one.room) == (team, room) for one in rooms.every_room(tx)):
            raise Refused(exposed(name))
        customers_rooms.keep(tx, team, room, name, shared, heard_to)

    @use_case
    def renumber_room(self, tx: Tx, team: str, before: str, after: str) -> None:
        """Slack calls a room by another id now, as it does when it is shared or made private."""
        customers_rooms.renumber(tx, team, before, after)

    @use_case
    def ask_first(self, tx: Tx, id: int) -> None:
        """Whoever said it is asked whether it shall be a ticket; until they say so it is none."""
        inbox.settle(tx, id, "discarded", "its writer is asked whether to open a ticket")

    @use_case
    def open_after_all(self, tx: Tx, id: int, channel: str, key: str, lane: str, why: str) -> None:
        """What came in under this key shall be a ticket, whatever it was taken for; `id` is what came in of that."""
        if not inbox.settle(tx, id, "done", why):
            return
        piece = inbox.hear_after_all(tx, channel, key)
        if piece is not None:
            ledger.add(tx, [receive(channel, piece, lane)])

    @use_case
    def tell_opener(self, tx: Tx, agent: str, channel: str, message: str, key: str) -> None:
        """An agent wanted a ticket of something that was said, and is to hear what came of it."""
        ledger.add(tx, [tell_opener(agent, channel, message, key)])

    @question
    def became(self, tx: Tx, channel: str, message: str, key: str) -> Became:
        """What became of something that was said."""
        for _, number, _, _ in messages.known(tx, channel, [message]):
            ticket, _ = tickets.look(tx, number)
            return Became(number, people.person(tx, ticket.requester).name, rooms.post_of(tx, number))
        piece = inbox.by_key(tx, channel, key)
        return Became(waits=piece is not None and piece.state in inbox.OPEN)

    @question
    def was_said(self, tx: Tx, channel: str, external_id: str) -> bool:
        """Whether the outside's message of this id stands in a ticket."""
        return bool(messages.known(tx, channel, [external_id]))

    @question
    def has_come(self, tx: Tx, channel: str, key: str) -> bool:
        """Whether something came in under this key."""
        return inbox.has(tx, channel, key)

    @question
    def thread_of(
        self, tx: Tx, channel: str, thread: str, root: str, sender: Address | None, within: timedelta
    ) -> str | None:
        """The thread of the ticket that is spoken about in a `thread`, whose first message is `root`; None: there is no
        ticket yet.

        A thread below a message of a ticket is about that ticket. What a `sender` says outside threads is about what
        they spoke of there in the time `within`.
        """
        if tickets.newest_in(tx, Thread(channel, thread)) is not None:
            return thread
        for _, number, _, _ in messages.known(tx, channel, [root]):
            return tickets.look(tx, number)[0].thread.key
        person = people.person_at(tx, sender) if sender else None
        if person is None:
            return None
        place = thread.partition("/")[0]
        return tickets.spoken_of(tx, channel, person.id, f"{place}/", tx.now - within)

    @use_case
    def answer_there(self, tx: Tx, id: int, by: By, inbound: Inbound) -> int | None:
        """An agent answered where the customer reads it: an answer that has arrived already. The ticket's number; None
        where it is about none.
        """
        if not inbox.settle(tx, id, "done"):
            return None
        found = tickets.newest_in(tx, Thread(inbound.channel, inbound.thread))
        if found is None or messages.known(tx, inbound.channel, [inbound.external_id]):
            return None
        with self.changing(tx, tickets.goes_on_in(tx, found[0])) as change:
            if change.ticket.status is Status.CLOSED and signals.pleasantry(inbound.text):
                return None  # "you're welcome" opens nothing again
            row = {
                "ticket": change.ticket.number,
                "part": Part.REPLY,
                "at": tx.now,
                "text": inbound.text,
                "reply_text": inbound.reply_text,
                "author": by.agent,
                "author_name": people.names(tx).get(by.agent, inbound.sender.name),
                "external_id": inbound.external_id,
                "delivery": Delivery.SENT,
                "language": inbound.language,
                "inbox": id,
            }
            message = messages.say(tx, row, self._files(tx, change.ticket.number, inbound), known_on=inbound.channel)
            change.happen(conversation.reply(change.ticket, message, by, tx.now))
            change.happen([e.Delivered(at=tx.now, message=message, part=Part.REPLY)])
        return change.ticket.number

    @use_case
    def note_there(self, tx: Tx, id: int, by: By, inbound: Inbound) -> None:
        """A colleague who is no agent said something where the customer reads it: agents are to know."""
        if not inbox.settle(tx, id, "done"):
            return
        found = tickets.newest_in(tx, Thread(inbound.channel, inbound.thread))
        if found is not None and inbound.text:
            with self.changing(tx, tickets.goes_on_in(tx, found[0])) as change:
                said = phrase(
                    "{name}, who is no agent of this desk, wrote in the customer's thread: {text}",
                    name=inbound.sender.name,
                    text=inbound.text,
                )
                remark(self, tx, change, "colleague", said)

    @use_case
    def revise_there(self, tx: Tx, id: int, inbound: Inbound) -> None:
        """An agent changed an answer where the customer reads it."""
        if not inbox.settle(tx, id, "done"):
            return
        for _, number, message, part in messages.known(tx, inbound.channel, [inbound.external_id]):
            said = messages.message(tx, message)
            at = inbound.sent_at or tx.now
            is_old = said.edited_at is not None and at <= said.edited_at
            if part is not Part.REPLY or said.deleted_at is not None or is_old or said.text == inbound.text:
                return
            with self.changing(tx, number) as change:
                messages.keep_version(tx, said)
                messages.set_message(tx, message, text=inbound.text, reply_text=inbound.reply_text, edited_at=at)
                change.happen(conversation.revise(message, tx.now))

    @use_case
    def retract(self, tx: Tx, id: int, channel: str, external_id: str) -> None:
        """Something that was said is deleted where it stood: its words are taken from the ticket, which says so."""
        if inbox.settle(tx, id, "done", "something that was said was deleted"):
            self.take_away(tx, channel, external_id)

    def take_away(self, tx: Tx, channel: str, external_id: str) -> None:
        """The words of something that is deleted where it stood."""
        for _, number, message, _ in messages.known(tx, channel, [external_id]):
            said = messages.message(tx, message)
            if said.deleted_at is not None:
                return
            with self.changing(tx, number) as change:
                messages.keep_version(tx, said)
                messages.set_message(tx, message, text="", reply_text="", deleted_at=tx.now)
                change.happen(conversation.revise(message, tx.now))
                answered = change.ticket.replied_at
                if said.part is Part.REQUESTER and answered is not None and said.at < answered:
                    told = phrase("{name} has deleted a message that was answered already.", name=said.author_name)
                    remark(self, tx, change, "revised", told)


def exposed(room: str) -> Phrase:
    """What is said where a room would show customers what is not for them."""
    return phrase(
        "Customers are in #{room}, and so are cards: they would read what agents say among themselves. Give the "
        "customers or the queue another channel.",
        room=room,
    )
