"""The desk dies between any two steps of a form with a large file, which is sent again: it is there once, and whole.

Of real processes that are killed: tests/gateways/web/test_killed.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from core.phrases import NotFound
from core.tickets.model import Part
from core.tickets.passes import Purpose
from tests.gateways.pages.conftest import Seen, Visitor
from tests.gateways.pages.test_contact_form import PATH, WORDS, opens_to

FILM = bytes(range(256)) * 4_000  # larger than what lies in the database
SHORT = timedelta(milliseconds=20)
Send = Callable[[], Awaitable[Seen]]


async def to_contact(visitor: Visitor) -> Send:
    await opens_to(visitor, "support")
    form = (await visitor.opens(PATH)).form("")
    visitor.world.now += timedelta(seconds=30)
    return lambda: visitor.sends(PATH, {**form, **WORDS}, [("lamp.mp4", "video/mp4", FILM)])


async def to_upload(visitor: Visitor) -> Send:
    number = await asyncio.to_thread(visitor.world.mail, "My lamp is broken.")
    await visitor.works()
    link = await visitor.link(number, Purpose.UPLOAD)
    form = (await visitor.opens(link)).form("")
    return lambda: visitor.sends(link, form, [("lamp.mp4", "video/mp4", FILM)])


async def dies_before_the_row(visitor: Visitor) -> None:
    """The file is where it is kept, and nothing refers to it."""
    with visitor.desk.drafting() as draft:
        draft.write(FILM)
        await asyncio.to_thread(visitor.desk.shelve_draft, draft)


async def dies_over_it(visitor: Visitor) -> None:
    """It is understood, and that is not written down."""
    due = await visitor.desk.waiting_destinations.soon(["receive:page"])
    [destination] = due
    claimed = await visitor.desk.claim_jobs.soon(destination, {"receive:page": 1}, "who-dies", SHORT, frozenset())
    for lease in claimed.leases:
        assert await visitor.drainer.hands[lease.kind].do(lease) is not None
    assert claimed.leases
    await asyncio.sleep(2 * SHORT.total_seconds())  # until the lease is over, by whichever clock
    visitor.world.now += timedelta(minutes=1)


@pytest.mark.parametrize("begin", [to_contact, to_upload])
async def test_a_form_that_is_interrupted_anywhere_and_sent_again_is_there_once(
    visitor: Visitor, begin: Callable[[Visitor], Awaitable[Send]]
) -> None:
    send = await begin(visitor)
    await dies_before_the_row(visitor)
    assert (await send()).status == 303, "and that is what nobody hears"
    assert (await send()).status == 303
    await dies_over_it(visitor)
    await visitor.works()
    assert (await send()).status == 303, "nor this one"
    await visitor.works()
    said = [one for one in await visitor.said(1) if one.part is Part.REQUESTER and one.files]
    assert [file.name for one in said for file in one.files] == ["lamp.mp4"]
    parts = [part async for part in visitor.desk.parts(said[0].files[0].digest)]
    assert b"".join(parts) == FILM
    with pytest.raises(NotFound):
        visitor.world.ticket(2)
