"""Use cases of somebody who opens a chat with us and has not said anything yet."""

from __future__ import annotations

from typing import NamedTuple

from core.desk.linking import Linking
from core.effects import greet
from core.storage import inbox, ledger, people, tickets
from core.storage.database import Tx, question, use_case
from core.templates.announcements import About, say_hello, say_hello_again
from core.tickets.model import Address
from core.tickets.persons import Proof


class Hello(NamedTuple):
    """What is said to somebody who opens a chat."""

    text: str
    language: str


class Chat(NamedTuple):
    """A chat that somebody opened, who is alone there with us. `payload`: what the link had that brought them."""

    door: str
    thread: str
    place: str
    payload: str = ""


class Greeting(Linking):
    """Who opens a chat."""

    @use_case
    def greet(self, tx: Tx, id: int, sender: Address, chat: Chat, language: str | None) -> None:
        """Somebody opened a chat: they hear that they are welcome, or with what they go on there."""
        if not inbox.settle(tx, id, "done", "somebody opened a chat"):
            return
        person = people.meet(tx, people.person_at(tx, sender), sender, language, Proof.VOUCHED)
        people.spoken_with_at(tx, sender, chat.door, chat.thread, chat.place)
        number = self.follow_link(tx, sender.channel, chat.payload, person) if chat.payload else None
        ledger.add(tx, [greet(sender.channel, person.id, chat.place, number or 0)])

    @question
    def hello(self, tx: Tx, person: int, number: int = 0) -> Hello:
        """The words of a greeting, in their language; `number` is the ticket that they go on with."""
        book, known = self.book_in(tx), people.person(tx, person)
        language = known.language
        if number:
            language = tickets.look(tx, number)[0].language or language
        about = About(
            number=number, subject="", customer=known.name, desk=book.desk.name, language=language, in_chat=True
        )
        said = say_hello_again(book.library, about) if number else say_hello(book.library, about)
        return Hello(said.text, said.language)
