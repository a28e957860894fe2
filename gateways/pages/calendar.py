"""A duty's calendar, for programs that show calendars: behind a link that we signed, without words of customers'."""

from __future__ import annotations

from aiohttp import web

from core.desk import Desk
from core.later import later
from core.phrases import phrase
from core.templates.locales import translate

icalendar = later("icalendar")  # loaded when somebody asks for a calendar

PATH = r"/duties/{roster:[a-z0-9-]{1,60}}/{token:[A-Za-z0-9]{10,80}}.ics"
REFRESH = "PT1H"


def add_calendars(app: web.Application, desk: Desk) -> None:
    """Serve them there."""

    async def show(request: web.Request) -> web.Response:
        roster, token = request.match_info["roster"], request.match_info["token"]
        found = await desk.feed.soon(roster, token)
        if found is None:
            raise web.HTTPNotFound
        book = await desk.book.soon()
        known = book.roster_named(roster)
        title = (known.title if known else None) or roster
        calendar = icalendar.Calendar()
        calendar.add("prodid", "-//Deskbell//duties//EN")
        calendar.add("version", "2.0")
        calendar.add("x-wr-calname", title)
        calendar.add("refresh-interval;value=duration", REFRESH)
        stamp = desk.db.clock()
        for duty in found:
            if duty.person is None:
                continue
            event = icalendar.Event()
            event.add("uid", f"{roster}-{int(duty.begins.timestamp())}@deskbell")
            event.add("dtstamp", stamp)
            event.add("dtstart", duty.begins)
            event.add("dtend", duty.ends)
            said = phrase("{duty}: {name}", duty=title, name=duty.person)
            event.add("summary", translate(said, book.desk.locale))
            calendar.add_component(event)
        headers = {"Cache-Control": "private, max-age=300", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=calendar.to_ical(), content_type="text/calendar", charset="utf-8", headers=headers)

    app.router.add_get(PATH, show)
