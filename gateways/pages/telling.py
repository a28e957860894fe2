"""Pages that only say something: that there is nothing here, that it does not work now, that it was too much."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from aiohttp import web
from markupsafe import Markup

from core.desk import Desk
from core.phrases import Phrase, phrase
from gateways.pages.looks import Tongue, page, tongue, wished


async def nobody(desk: Desk, request: web.Request) -> tuple[Tongue, str]:
    """How to speak to somebody of whom nothing is known, and our name."""
    book = await desk.book.soon()
    return tongue(book.desk.zone, *wished(request), book.desk.locale), book.desk.name


async def nowhere(desk: Desk, request: web.Request) -> web.Response:
    """The same for every link that leads nowhere, whatever the reason."""
    said, name = await nobody(desk, request)
    words = phrase(
        "It is over, was taken back, or is not whole. If you opened it from a message of ours, please answer that "
        "message; we will read it."
    )
    return tell(said, name, 404, phrase("This link leads nowhere"), words)


def down(request: web.Request) -> web.Response:
    """Nothing can be kept now, so nothing is said to be."""
    said = tongue(ZoneInfo("UTC"), *wished(request))
    words = phrase("What you sent was not taken. Please go back and send it again in a few minutes.")
    return tell(said, "", 503, phrase("This does not work just now"), words)


def too_many(said: Tongue, desk: str) -> web.Response:
    """Somebody, or others near them, sent very much."""
    words = phrase(
        "Very many messages came from your network just now, so this one was not taken. Please go back and send it "
        "again in a few minutes; what you wrote is still there."
    )
    response = tell(said, desk, 429, phrase("One moment, please"), words)
    response.headers["Retry-After"] = "120"
    return response


def tell(said: Tongue, desk: str, status: int, heading: Phrase, words: Phrase) -> web.Response:
    """A page with a heading and a sentence."""
    body = Markup('<section class="card"><h1>{}</h1><p>{}</p></section>').format(said.say(heading), said.say(words))
    return page(said, said.say(heading), desk, body, status=status)
