"""Use cases of a message in a chat that may be about one thing or another: its writer is asked, for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from core.desk.house import House
from core.phrases import phrase
from core.routing import signals
from core.storage import choices, inbox, tickets
from core.storage.database import Tx, question, use_case
from core.storage.schema import indexable
from core.templates.announcements import About, ask_which
from core.templates.locales import negotiate, translate
from core.tickets.follow_up import unclear
from core.tickets.model import Thread

ANSWER_WITHIN = timedelta(minutes=2)
"""So long a choice is waited for; then a message goes where it would have gone anyway."""

NEW = phrase("A new request")
LONGEST_LABEL = 40


class Which(NamedTuple):
    """What is asked: a text, and what there is to choose, by number (0: something new) and in words.

    `is_asked`: they were asked already. `chosen` is what they said; None: nothing, or nothing yet.
    """

    text: str
    options: tuple[tuple[int, str], ...]
    is_asked: bool = False
    is_over: bool = False
    chosen: int | None = None


class Choosing(House):
    """Which ticket is meant."""

    @question
    def which(self, tx: Tx, id: int, thread: Thread, text: str, language: str | None) -> Which | None:
        """What to ask the writer of what came in under this number; None where it is clear where it goes."""
        known = choices.of(tx, id)
        if known is not None:
            is_over = tx.now - known.at >= ANSWER_WITHIN
            return Which("", (), is_asked=True, is_over=is_over, chosen=known.chosen)
        if signals.thanks(text, language):
            return None
        thread = thread._replace(key=indexable(thread.key))
        if tickets.to_comment_in(tx, thread) is not None:
            return None
        going = tickets.in_thread(tx, thread)
        book = self.book_in(tx)
        meant = unclear(going, lambda queue: self._reopen_within(tx, queue), tx.now)
        if not meant:
            return None
        about = About(number=0, subject="", customer="", desk=book.desk.name, language=language, in_chat=True)
        said = ask_which(book.library, about)
        locale = negotiate(said.language, among=("en", "de")) or "en"
        options = [(one.number, f"#{one.number} {one.subject}"[:LONGEST_LABEL]) for one in meant]
        return Which(said.text, (*options, (0, translate(NEW, locale))))

    @use_case
    def asked_which(self, tx: Tx, id: int, place: str, which: Which) -> None:
        """They have been asked."""
        choices.asked(tx, id, place, [number for number, _ in which.options if number])

    @use_case
    def choose(self, tx: Tx, id: int, place: str, piece: int, number: int) -> None:
        """Somebody chose; `id` is what came in of that."""
        if inbox.settle(tx, id, "done", "somebody chose what they meant"):
            choices.choose(tx, piece, place, number)

    def _reopen_within(self, tx: Tx, queue: str) -> timedelta:
        book = self.book_in(tx)
        return next((one for one in book.queues if one.name == queue), book.queues[0]).reopen_within
