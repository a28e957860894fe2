"""What becomes of the contact form: shown to anybody, and taken from people, or held where it seems to be nobody's."""

from __future__ import annotations

import asyncio
import re
from contextlib import ExitStack
from datetime import timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from core.desk import Desk
from core.desk.welcoming import Welcome
from core.phrases import Phrase, phrase
from core.storage.blobs import digest_of
from core.templates.locales import shipped
from core.templates.render import one_line
from core.tickets.written import Act, Written
from gateways.pages import contact, telling
from gateways.pages.form import LONGEST_TEXT, Form, read
from gateways.pages.looks import Tongue, headers, tongue, wished
from gateways.pages.parts import NO_WORDS, TOO_LONG, Wrong
from gateways.pages.who import Network, network_of

SOONEST, LATEST = timedelta(seconds=3), timedelta(hours=24)
"""Nobody has read a form and written something within the first; within the second most people have."""

MOST_LINKS = 3
AT_ONCE = 16
"""Forms of strangers that are read at the same time."""

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])")
_LINK = re.compile(r"https?://|www\.|\[url|<a\s", re.IGNORECASE)
_MARKUP = re.compile(r"\[/?url|<a\s", re.IGNORECASE)


class Asking:
    """What is answered to whoever writes for the first time."""

    def __init__(self, desk: Desk, largest: int, proxies: tuple[Network, ...]):
        self.desk, self.largest, self._proxies = desk, largest, proxies
        self._places = asyncio.Semaphore(AT_ONCE)

    async def show(self, request: web.Request) -> web.Response:
        """The form."""
        welcome = await self.desk.welcome.soon(request.match_info.get("queue"))
        if not welcome.contacts:
            return await telling.nowhere(self.desk, request)
        done = request.query.get("done") == Act.CONTACT
        return contact.show(welcome, _tongue(welcome, request), self.largest, done=done)

    async def take(self, request: web.Request) -> web.Response:
        """What somebody wrote: kept, and then said to be; or shown again with what is wrong with it."""
        welcome = await self.desk.welcome.soon(request.match_info.get("queue"))
        if not welcome.contacts:
            return await telling.nowhere(self.desk, request)
        said = _tongue(welcome, request)
        network = network_of(request.remote, request.headers.getall("X-Forwarded-For", []), self._proxies)
        if self._places.locked() or not await self.desk.may_write.soon(network):
            return telling.too_many(said, welcome.desk)
        async with self._places:
            with ExitStack() as held:
                form = await read(request, self.desk, self.largest, held)
                return await self._taken(welcome, said, form, request)

    async def _taken(self, welcome: Welcome, said: Tongue, form: Form, request: web.Request) -> web.Response:
        open_for = await self.desk.open_since.soon(form.text("stamp"))
        wrong = _wrong(form)
        if not wrong and (open_for is None or open_for > LATEST):
            wrong = {"": _TOO_OLD}
        if wrong or open_for is None:
            fields = {name: form.text(name) for name in ("name", "email", "subject", "text", "queue")}
            return contact.show(welcome, said, self.largest, fields=fields, wrong=wrong)
        chosen = next((one for one in welcome.contacts if one.queue == form.text("queue")), welcome.contacts[0])
        written = Written(
            act=Act.CONTACT,
            text=form.text("text"),
            files=tuple(one.attachment for one in form.files),
            language=said.locale,
            name=one_line(form.text("name"), contact.LONGEST["name"]),
            address=form.text("email"),
            subject=one_line(form.text("subject"), contact.LONGEST["subject"]),
            door=chosen.door,
            signs=tuple(_signs(form, open_for)),
        )
        drafts = [one.draft for one in form.files]
        for draft in drafts:
            await asyncio.to_thread(self.desk.shelve_draft, draft)
        key = f"contact:{form.text('stamp')}:{digest_of(written.as_kept())[:32]}"
        await self.desk.write_first.soon(key, written, drafts)
        language = f"lang={said.locale}&" if request.query.get("lang") == said.locale else ""
        return web.Response(status=303, headers={**headers(), "Location": f"?{language}done={Act.CONTACT}"})


_TOO_OLD = phrase("This form was open for very long. Please send it once more; files have to be chosen again.")
_NO_ADDRESS = phrase("Please give the email address that we can answer to, like name@example.com.")
_NO_SUBJECT = phrase("Please say in a few words what it is about.")


def _wrong(form: Form) -> Wrong:
    """What keeps it from being taken, by field."""
    wrong: dict[str, Phrase] = {}
    address = form.text("email")
    if len(address) > contact.LONGEST["email"] or not _ADDRESS.fullmatch(address):
        wrong["email"] = _NO_ADDRESS
    if not form.text("subject"):
        wrong["subject"] = _NO_SUBJECT
    if not form.text("text") and not form.files:
        wrong["text"] = NO_WORDS
    elif len(form.text("text")) > LONGEST_TEXT:
        wrong["text"] = TOO_LONG
    return {"files": form.fault.phrase} if form.fault is not None else wrong


def _signs(form: Form, open_for: timedelta) -> list[str]:
    """By what it seems to be a machine's, as those read it who look after what is held."""
    signs: list[str] = []
    words = f"{form.text('name')} {form.text('subject')} {form.text('text')}"
    if form.text(contact.TRAP):
        signs.append("contact form: a field was filled in that nobody sees")
    if open_for < SOONEST:
        signs.append(f"contact form: sent {max(0, int(open_for.total_seconds()))} s after it was opened")
    links = len(_LINK.findall(words))
    if links > MOST_LINKS:
        signs.append(f"contact form: {links} links")
    if _MARKUP.search(words):
        signs.append("contact form: links written for machines")
    if _LINK.search(f"{form.text('name')} {form.text('subject')}"):
        signs.append("contact form: a link in the name or the subject")
    return signs


def _tongue(welcome: Welcome, request: web.Request) -> Tongue:
    asked = request.query.get("lang", "")
    chosen = [asked] if asked in shipped() else []
    return tongue(ZoneInfo(welcome.time_zone), *chosen, *wished(request), welcome.locale)
