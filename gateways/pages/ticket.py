"""A requester's ticket as a page: the conversation, a form to go on with it, and one to say that it is settled."""

from __future__ import annotations

import secrets

from aiohttp import web
from markupsafe import Markup

from core.desk.at_pages import Visit, Words
from core.phrases import Phrase, phrase
from core.tickets.model import Status
from core.tickets.satisfaction import BEST
from gateways.pages.looks import NOTHING, Tongue, join, linked, page
from gateways.pages.parts import (
    SOMETHING_WRONG,
    Wrong,
    complaint,
    field,
    file_input,
    file_list,
    files_hint,
    hidden,
    note,
    text_area,
)

DONE = {
    "answer": phrase("Thank you, we have your message."),
    "rate": phrase("Thank you, we have noted that."),
    "close": phrase("Thank you, we have closed your request. If anything is still open, just write to us below."),
}
"""What is said when the page is shown after something was done, by the word in its address."""

SCORES = tuple(str(n) for n in range(1, BEST + 1))
"""What can be chosen, as forms say it."""

_STATES = {
    Status.PENDING: ("waits", phrase("We wait for your answer")),
    Status.CLOSED: ("settled", phrase("Closed")),
}
_AT_WORK = ("", phrase("We take care of it"))


def show(
    visit: Visit,
    token: str,
    said: Tongue,
    largest: int,
    *,
    done: Phrase | None = None,
    text: str = "",
    wrong: Wrong | None = None,
    status: int = 422,
) -> web.Response:
    """The page. `text` is what was written and not taken, for a reason that `wrong` has, and `status` says, too."""
    wrong = wrong or {}
    subject = visit.subject or said.say(phrase("Your request"))
    title = Markup("{} · #{} · {}").format(subject, visit.bearer.ticket, visit.desk)
    if wrong:
        title = Markup("{}: {}").format(said.say(SOMETHING_WRONG), title)
    body = [
        complaint(said, wrong) if wrong else note(said, done) if done else NOTHING,
        _conversation(visit, subject, token, said),
        _rating(visit, said) if visit.can_rate else NOTHING,
        _answering(visit, said, largest, text, wrong),
        NOTHING if visit.is_closed else _closing(said),
        _foot(visit, said),
    ]
    return page(said, title, visit.desk, join(body), status=status if wrong else 200)


def _conversation(visit: Visit, subject: str | Markup, token: str, said: Tongue) -> Markup:
    kind, state = _STATES.get(visit.status, _AT_WORK)
    return Markup("""<section class="card" aria-labelledby="subject">
<h1 id="subject" dir="auto">{subject}</h1>
<p class="facts"><span class="state {kind}">{state}</span> <span>{number}</span></p>
<ol class="said" aria-label="{label}">
{said}
</ol>
</section>""").format(
        subject=subject,
        kind=kind,
        state=said.say(state),
        number=said.say(phrase("Number {number}", number=visit.bearer.ticket)),
        label=said.say(phrase("Conversation")),
        said=join(_item(words, token, said) for words in visit.said),
    )


def _item(words: Words, token: str, said: Tongue) -> Markup:
    side = "theirs" if not words.by_us else "by-itself" if words.by_itself else "ours"
    who = Markup('<p class="who"><b dir="auto">{}</b> {}{}</p>').format(
        words.name or said.say(phrase("You")), said.moment(words.at), _remark(words, said)
    )
    text = Markup('<div class="words" dir="auto">{}</div>').format(linked(words.text) if words.by_us else words.text)
    if words.by_itself:
        text = Markup("<details><summary>{}</summary>{}</details>").format(said.say(phrase("Automatic message")), text)
    files = file_list(said, words.files, f"{token}/file/{words.message}" if words.message else None)
    inside = join([text if words.text else NOTHING, files])
    return Markup('<li class="{}">{}<div class="bubble">{}</div></li>').format(side, who, inside)


def _remark(words: Words, said: Tongue) -> Markup:
    if not words.message:
        return Markup(" <span>{}</span>").format(said.say(phrase("just arrived")))
    return Markup(" <span>{}</span>").format(said.say(phrase("edited"))) if words.is_edited else NOTHING


def _answering(visit: Visit, said: Tongue, largest: int, text: str, wrong: Wrong) -> Markup:
    heading = phrase("Still something open?") if visit.is_closed else phrase("Write to us")
    label = phrase("Your message")
    hint = phrase("If you write, we take your request up again.") if visit.is_closed else None
    return Markup("""<section class="card no-print" aria-labelledby="answering">
<h2 id="answering">{heading}</h2>
<form method="post" enctype="multipart/form-data">
{once}
{text}
{files}
<div class="do"><button>{send}</button></div>
</form>
</section>""").format(
        heading=said.say(heading),
        once=hidden(once=secrets.token_hex(12), do="answer"),
        text=field(said, "text", label, text_area(text), wrong, hint),
        files=field(said, "files", phrase("Files"), file_input, wrong, files_hint(largest)),
        send=said.say(phrase("Send")),
    )


def _closing(said: Tongue) -> Markup:
    return Markup("""<section class="card no-print" aria-labelledby="closing">
<h2 id="closing">{heading}</h2>
<p class="hint">{hint}</p>
<form method="post" enctype="multipart/form-data">
{once}
<div class="do"><button class="quiet">{close}</button></div>
</form>
</section>""").format(
        heading=said.say(phrase("Is it settled?")),
        hint=said.say(phrase("Then we close your request. You can write to us again at any time.")),
        once=hidden(once=secrets.token_hex(12), do="close"),
        close=said.say(phrase("Yes, my problem is solved")),
    )


def _rating(visit: Visit, said: Tongue) -> Markup:
    """One to five, to be pressed: to have opened the page says nothing, programs open what stands in mails, too."""
    chosen = str(visit.rating or "")
    buttons = join(
        Markup('<button class="quiet" name="score" value="{0}" aria-pressed="{1}">{2}{0} ★</button>').format(
            score, "true" if score == chosen else "false", "✓ " if score == chosen else ""
        )
        for score in SCORES
    )
    return Markup("""<section class="card no-print" aria-labelledby="rating">
<h2 id="rating">{heading}</h2>
<p class="hint">{hint}</p>
<form method="post" enctype="multipart/form-data">
{once}
<div class="do scores">{buttons}</div>
</form>
</section>""").format(
        heading=said.say(phrase("How did we do?")),
        hint=said.say(phrase("1 is poor, 5 is very good. What you choose last counts.")),
        once=hidden(once=secrets.token_hex(12), do="rate"),
        buttons=buttons,
    )


def _foot(visit: Visit, said: Tongue) -> Markup:
    zone = visit.time_zone.replace("_", " ")
    told = phrase("Times are those of {zone}. Whoever has the address of this page can read it.", zone=zone)
    return Markup('<p class="foot">{}</p>').format(said.say(told))
