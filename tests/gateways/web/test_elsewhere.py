"""A partner's ticket that goes on elsewhere: it sees that, hears how it stands, and never what is said there."""

from __future__ import annotations

import json

import pytest

from core.tickets.model import Nature, Part
from core.tickets.sources import Told
from tests.gateways.web.conftest import Partnered
from tests.world import ANN

SECRET = "The code of my door is 4711."


@pytest.fixture
async def gone(partnered: Partnered) -> Partnered:
    """Ticket 1 of the shop, which Ann has answered by mail."""
    shop, desk, world = partnered.shop, partnered.desk, partnered.world
    await shop.brings("My parcel is wet.", subject="A wet parcel")
    await partnered.works()
    other = world.mail("Something else.", sender="carla@example.com")
    await desk.unite.soon(1, world.ticket(other).requester, ANN)
    [by_mail] = [one.person for one in await desk.other_ways.soon(1) if one.address.channel == "email"]
    await partnered.replies(1, "By mail it is longer.", way=by_mail)
    assert world.ticket(1).thread.channel == "email"
    shop.hooks.clear()
    return partnered


async def test_it_is_seen_and_says_that_it_goes_on_elsewhere(gone: Partnered) -> None:
    shop = gone.shop
    status, ticket = await shop.ask("GET", "/tickets/1")
    assert (status, ticket["goes_on"], ticket["status"]) == (200, "elsewhere", "pending")
    assert (ticket["thread"], ticket["subject"]) == ("carla", "A wet parcel")
    for path in ("/tickets", "/tickets?thread=carla", "/tickets?status=pending"):
        _, found = await shop.ask("GET", path)
        assert [one["number"] for one in found["tickets"]] == [1], path
    _, found = await shop.ask("GET", "/tickets/1/messages")
    assert [one["part"] for one in found["messages"]] == ["requester", "acknowledgement"]
    status, problem = await shop.ask("PATCH", "/tickets/1", json={"status": "closed"})
    assert (status, problem["code"]) == (409, "goes-on-elsewhere")
    other = await gone.partner("phone")
    assert (await other.ask("GET", "/tickets/1"))[0] == 404
    assert (await other.ask("GET", "/tickets"))[1]["tickets"] == []


async def test_how_it_stands_is_told_and_no_word_that_is_said_there(gone: Partnered) -> None:
    shop, world = gone.shop, gone.world
    sent = [one for one in await gone.said(1) if one.part is Part.REPLY][-1]
    assert world.mail(SECRET, answers=sent.external_id) == 1
    await gone.works()
    await gone.replies(1, f"You said: {SECRET}")
    await gone.desk.close.soon(1, ANN)
    await gone.works()
    statuses = [(hook.type, hook.data["ticket"]["status"], hook.data["ticket"]["goes_on"]) for hook in shop.hooks]
    assert statuses == [
        (Told.STATUS, "open", "elsewhere"),
        (Told.STATUS, "pending", "elsewhere"),
        (Told.STATUS, "closed", "elsewhere"),
    ]
    assert all(hook.thread == "carla" for hook in shop.hooks)
    said = json.dumps([hook.data for hook in shop.hooks])
    for path in ("/tickets/1", "/tickets/1/messages"):
        said += json.dumps((await shop.ask("GET", path))[1])
    assert "4711" not in said
    assert "carla@example.com" not in said
    for one in await gone.said(1):
        if one.channel == "email":
            assert (await shop.ask("GET", f"/messages/{one.id}/files/0"))[0] == 404
            body = {"text": "Hm.", "in_reply_to": one.id}
            assert (await shop.ask("POST", "/messages", key=f"to-{one.id}", json=body))[0] == 404


@pytest.mark.parametrize("named", [{"thread": "carla"}, {"ticket": 1, "person": {"id": "carla"}}])
async def test_it_comes_back_where_its_customer_writes_by_the_source_again(
    gone: Partnered, named: dict[str, object]
) -> None:
    shop = gone.shop
    status, _ = await shop.ask("POST", "/messages", key="again", json={"text": "Here again.", **named})
    assert status == 202
    await gone.works()
    assert (await shop.ask("GET", "/tickets/1"))[1]["goes_on"] == "here"
    await gone.replies(1, "Then here.")
    assert [(hook.thread, hook.text) for hook in shop.told()] == [("carla", "Then here.")]
    assert {hook.data["ticket"]["goes_on"] for hook in shop.told(Told.HEARD)} == {"here"}
    _, found = await shop.ask("GET", "/tickets/1/messages")
    assert [one["text"] for one in found["messages"] if one["part"] != "acknowledgement"] == [
        "My parcel is wet.",
        "Here again.",
        "Then here.",
    ]


async def test_a_ticket_that_comes_from_elsewhere_shows_a_source_nothing_of_that(gone: Partnered) -> None:
    """It was opened by the shop; from then on its customer writes by the phone."""
    phone = await gone.partner("phone", told=tuple(Told))
    await phone.brings("I called the shop, too.", thread="call")
    await gone.works()
    [called] = [one["number"] for one in (await phone.ask("GET", "/tickets"))[1]["tickets"]]
    await gone.desk.unite.soon(1, gone.world.ticket(called).requester, ANN)
    assert (await phone.ask("GET", "/tickets/1"))[0] == 404


async def test_mail_in_a_ticket_that_stays_with_its_source_is_not_told_to_it(partnered: Partnered) -> None:
    """A machine's mail moves no answers: the ticket stays here, and its words are not the source's."""
    shop, world = partnered.shop, partnered.world
    await shop.brings("My parcel is wet.")
    await partnered.works()
    other = world.mail("Something else.", sender="carla@example.com")
    await partnered.desk.unite.soon(1, world.ticket(other).requester, ANN)
    [by_mail] = [one.person for one in await partnered.desk.other_ways.soon(1) if one.address.channel == "email"]
    await partnered.replies(1, "By mail.", way=by_mail)
    sent = [one for one in await partnered.said(1) if one.part is Part.REPLY][-1]
    await shop.brings("Here again.")
    await partnered.works()
    shop.hooks.clear()
    assert world.mail_at_all(SECRET, answers=sent.external_id, nature=Nature.AUTO_GENERATED) == 1
    await partnered.works()
    assert world.ticket(1).thread.channel == "web"
    assert "4711" not in json.dumps([hook.data for hook in shop.hooks])


async def test_a_webhook_is_only_asked_for_where_somebody_listens(partnered: Partnered) -> None:
    """Not by dropping it later: there is no job."""
    desk = partnered.desk
    phone = await partnered.partner("phone")
    form = await partnered.partner("form", told=(Told.OPENED,))
    mute = await partnered.partner("mute", told=tuple(Told))
    await desk.revise_source.soon("mute", url=None)
    for source, thread in ((phone, "a"), (form, "b"), (mute, "c"), (partnered.shop, "d")):
        await source.brings("Hello there.", thread=thread)
        await partnered.works()
    for number in (1, 2, 3, 4):
        await desk.claim.soon(number, ANN)
    asked = [job.facts["source"] for job in await desk.jobs.soon() if job.kind == "notify:web"]
    assert asked == ["shop"], "the form hears only of what was opened"
    assert [hook.type for hook in form.hooks if hook.type != "message.created"] == ["ticket.opened"]
