"""The page behind an upload link: files for one ticket, of which it shows nothing."""

from __future__ import annotations

import secrets

from aiohttp import web
from markupsafe import Markup

from core.phrases import Phrase, phrase
from gateways.pages.looks import NOTHING, Tongue, join, page
from gateways.pages.parts import SOMETHING_WRONG, Wrong, complaint, field, file_input, files_hint, hidden, note

THERE = phrase("Thank you, your files are here. If there are more, you can send them now.")


def show(
    said: Tongue,
    desk: str,
    number: int,
    largest: int,
    *,
    done: Phrase | None = None,
    wrong: Wrong | None = None,
    status: int = 422,
) -> web.Response:
    """The page."""
    wrong = wrong or {}
    heading = said.say(phrase("Send us files"))
    body = Markup("""<section class="card" aria-labelledby="heading">
<h1 id="heading">{heading}</h1>
<p class="hint">{what}</p>
<form method="post" enctype="multipart/form-data">
{once}
{files}
<div class="do"><button>{send}</button></div>
</form>
</section>""").format(
        heading=heading,
        what=said.say(phrase("They are added to your request {number}.", number=number)),
        once=hidden(once=secrets.token_hex(12)),
        files=field(said, "files", phrase("Files"), file_input, wrong, files_hint(largest)),
        send=said.say(phrase("Send")),
    )
    above = complaint(said, wrong) if wrong else note(said, done) if done else NOTHING
    title = Markup("{}: {}").format(said.say(SOMETHING_WRONG), heading) if wrong else heading
    return page(said, Markup("{} · {}").format(title, desk), desk, join([above, body]), status=status if wrong else 200)
