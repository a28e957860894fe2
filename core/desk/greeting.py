"""Use cases of somebody who opens a chat with us and has not said anything yet."""

from __future__ import annotations

from typing import NamedTuple

from core.desk.house import House
from core.effects import greet
from core.storage import inbox, ledger, people
from core.storage.database import Tx, question, use_case
from core.templates.announcements import About, say_hello
from core.tickets.model import Address


class Hello(NamedTuple):
    """What is said to somebody who opens a chat."""

    text: str
    language: str


class Greeting(House):
    """Who opens a chat."""

    @use_case
    def greet(self, tx: Tx, id: int, sender: Address, to: str, language: str | None) -> None:
        """Somebody opened a chat: there is no ticket yet, and they hear that they are welcome."""
        if inbox.settle(tx, id, "done", "somebody opened a chat"):
            person = people.meet(tx, people.person_at(tx, sender), sender, language)
            ledger.add(tx, [greet(sender.channel, person.id, to)])

    @question
    def hello(self, tx: Tx, person: int) -> Hello:
        """The words of a greeting, in their language."""
        book, known = self.book_in(tx), people.person(tx, person)
        about = About(
            number=0, subject="", customer=known.name, desk=book.desk.name, language=known.language, in_chat=True
        )
        said = say_hello(book.library, about)
        return Hello(said.text, said.language)
