"""The contact form as a page."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from babel.core import Locale
from markupsafe import Markup

from core.desk.welcoming import Welcome
from core.phrases import Phrase, phrase
from core.templates.locales import shipped
from gateways.pages.looks import NOTHING, Tongue, join, page
from gateways.pages.parts import (
    SOMETHING_WRONG,
    Control,
    Wrong,
    complaint,
    field,
    file_input,
    files_hint,
    hidden,
    note,
    text_area,
)

TRAP = "website"
"""A field that people do not see. What fills everything in fills it in, too."""

DONE = phrase("Thank you, we have your message. We answer by mail, to the address that you gave.")

LONGEST = {"name": 80, "email": 254, "subject": 200}


def show(
    welcome: Welcome,
    said: Tongue,
    largest: int,
    *,
    done: bool = False,
    fields: Mapping[str, str] | None = None,
    wrong: Wrong | None = None,
) -> web.Response:
    """The page. `fields` are what was written and not taken, for reasons that `wrong` has."""
    wrong, fields = wrong or {}, fields or {}
    heading = said.say(phrase("Write to us"))
    body = [
        complaint(said, wrong) if wrong else note(said, DONE) if done else NOTHING,
        Markup("""<section class="card" aria-labelledby="heading">
<h1 id="heading">{heading}</h1>
<p class="hint">{hint}</p>
<form method="post" enctype="multipart/form-data">
{stamp}
{fields}
<div class="do"><button>{send}</button></div>
</form>
</section>""").format(
            heading=heading,
            hint=said.say(phrase("We read every message, and answer by mail.")),
            stamp=hidden(stamp=welcome.stamp),
            fields=join(_fields(welcome, said, largest, fields, wrong)),
            send=said.say(phrase("Send")),
        ),
    ]
    title = Markup("{}: {}").format(said.say(SOMETHING_WRONG), heading) if wrong else heading
    return page(
        said,
        Markup("{} · {}").format(title, welcome.desk),
        welcome.desk,
        join(body),
        status=422 if wrong else 200,
        beside=_tongues(said),
    )


def _fields(welcome: Welcome, said: Tongue, largest: int, fields: Mapping[str, str], wrong: Wrong) -> list[Markup]:
    def line(name: str, label: Phrase, kind: str, complete: str, hint: Phrase | None = None) -> Markup:
        return field(said, name, label, _line(fields.get(name, ""), kind, complete, name != "name"), wrong, hint)

    about = _choice(welcome, said, fields.get("queue", ""), wrong)
    return [
        line("name", phrase("Your name"), "text", "name"),
        line("email", phrase("Your email address"), "email", "email", phrase("Our answer goes there.")),
        about,
        line("subject", phrase("What it is about"), "text", "off"),
        field(said, "text", phrase("Your message"), text_area(fields.get("text", "")), wrong),
        field(said, "files", phrase("Files"), file_input, wrong, files_hint(largest)) if largest else NOTHING,
        _trap(said),
    ]


def _line(value: str, kind: str, complete: str, needed: bool) -> Control:
    def made(name: str, about: Markup) -> Markup:
        form = Markup(
            '<input id="{0}" name="{0}" type="{1}" autocomplete="{2}" maxlength="{3}" value="{4}" dir="auto"{5}>'
        )
        return form.format(
            name, kind, complete, LONGEST[name], value, about + (Markup(' aria-required="true"') if needed else NOTHING)
        )

    return made


def _choice(welcome: Welcome, said: Tongue, chosen: str, wrong: Wrong) -> Markup:
    """To whom it goes, where there are several."""
    if len(welcome.contacts) == 1:
        return hidden(queue=welcome.contacts[0].queue)

    def made(name: str, about: Markup) -> Markup:
        options = [
            Markup('<option value="{}"{}>{}</option>').format(
                one.queue, Markup(" selected") if one.queue == chosen else NOTHING, one.title
            )
            for one in welcome.contacts
        ]
        return Markup('<select id="{0}" name="{0}"{1}>{2}</select>').format(name, about, join(options))

    return field(said, "queue", phrase("Who should read it"), made, wrong)


def _trap(said: Tongue) -> Markup:
    return Markup(
        '<div class="trap" aria-hidden="true"><label for="{0}">{1}</label>'
        '<input id="{0}" name="{0}" type="text" tabindex="-1" autocomplete="off"></div>'
    ).format(TRAP, said.say(phrase("Leave this empty")))


def _tongues(said: Tongue) -> Markup:
    """The languages that there are, each in its own words."""
    items: list[Markup] = []
    for locale in shipped():
        name = Locale.parse(locale, sep="-").get_language_name() or locale
        if locale == said.locale:
            items.append(Markup('<span aria-current="true">{}</span>').format(name[:1].upper() + name[1:]))
        else:
            link = Markup('<a href="?lang={0}" hreflang="{0}" lang="{0}">{1}</a>')
            items.append(link.format(locale, name[:1].upper() + name[1:]))
    return Markup('<nav class="tongues" aria-label="{}">{}</nav>').format(said.say(phrase("Languages")), join(items))
