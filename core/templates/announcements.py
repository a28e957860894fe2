"""What the desk writes to customers by itself: that it has their letter, that it waits, that it closes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from core.phrases import Refused
from core.templates.due import Moment, told
from core.templates.locales import span
from core.templates.macros import IN_CHAT, Library, library
from core.templates.render import blanks, render


@dataclass(frozen=True, slots=True)
class Announcement:
    """A body ready to be sent, the template it came from and the language it is in."""

    text: str
    template: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The conversation that is written about. `customer` is the name as it came from outside; `in_chat`: briefly, and
    without the forms of a letter.
    """

    number: int
    subject: str
    customer: str
    desk: str
    language: str | None
    in_chat: bool = False
    link: str = ""  # to a page of ours, where there is one for this conversation


def acknowledge(library: Library, about: About, answer: timedelta | Moment | None) -> Announcement:
    """That we have it, under which number, and how soon or by when we answer; no word of time where none can be
    promised.

    Below it where the conversation can be read, where there is a page of it.
    """
    match answer:
        case None:
            said = _write(library, "acknowledgement", about)
        case Moment():
            said = _write(library, "acknowledgement-due", about, answer_by=answer)
        case _:
            said = _write(library, "acknowledgement-promise", about, answer_within=answer)
    if not about.link:
        return said
    where = _write(library, "page", replace(about, language=said.language))
    return replace(said, text=f"{said.text}\n\n{where.text}")


def remind(library: Library, about: About, close_after: timedelta | None) -> Announcement:
    """That we wait for an answer, and after how long we close without one."""
    if close_after is None:
        return _write(library, "reminder", about)
    return _write(library, "reminder-closing", about, close_after=close_after)


def say_closed(library: Library, about: About, reopen_within: timedelta) -> Announcement:
    """That we have closed it, and how long an answer opens it again."""
    return _write(library, "closing", about, reopen_within=reopen_within)


def say_too_large(library: Library, about: About) -> Announcement:
    """That a file which they sent is too large for the channel to give it to us, and what they may do."""
    return _write(library, "too-large-upload" if about.link else "too-large", about)


def say_hello(library: Library, about: About) -> Announcement:
    """That whoever opens a chat is welcome; there is no number yet."""
    return _write(library, "greeting", about)


def say_hello_again(library: Library, about: About) -> Announcement:
    """That whoever came to a chat by our link can go on there with their ticket."""
    return _write(library, "greeting-linked", about)


def ask_which(library: Library, about: About) -> Announcement:
    """Which of several things a message is about."""
    return _write(library, "which", about)


def ask_how(library: Library, about: About) -> Announcement:
    """How they found what we did, from one to five."""
    return _write(library, "rating", about)


def ask_why(library: Library, about: About) -> Announcement:
    """What was wrong, of who found it poor."""
    return _write(library, "rating-why", about)


def say_thanks(library: Library, language: str | None) -> Announcement:
    """That their rating counts, below the question."""
    return _write(library, "rated", About(number=0, subject="", customer="", desk="", language=language, in_chat=True))


def _write(own: Library, name: str, about: About, **spans: timedelta | Moment) -> Announcement:
    """In the desk's own words, or in the shipped ones where those ask for what is not known of this conversation."""
    if about.in_chat:
        name = f"{name}{IN_CHAT}"
    try:
        return _in_words_of(own, name, about, spans)
    except Refused:
        return _in_words_of(library(default=own.default), name, about, spans)


def _in_words_of(library: Library, name: str, about: About, spans: Mapping[str, timedelta | Moment]) -> Announcement:
    picked = library.pick(name, about.language)
    values = blanks(
        customer=about.customer,
        number=about.number,
        subject=about.subject,
        desk=about.desk,
        link=about.link,
        spans={
            blank: told(one, picked.language) if isinstance(one, Moment) else span(one, picked.language)
            for blank, one in spans.items()
        },
    )
    return Announcement(render(picked.text, values), name, picked.language)
