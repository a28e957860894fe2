"""What partners are told: signed, in order for each ticket, once or known again; and never inside our networks."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from core.phrases import Refused
from core.tickets.model import Delivery, Part
from core.tickets.sources import Told, address, key_of
from gateways.web import signing
from gateways.web.posting import NotReachedError, Poster, checked, may_be_asked, networks_of
from tests.gateways.web.conftest import Partnered
from tests.gateways.web.partner import HERE
from tests.world import ANN


async def test_an_answer_reaches_the_partner_with_what_it_needs(partnered: Partnered) -> None:
    shop = partnered.shop
    await shop.brings("My parcel is wet.", thread="order-7")
    await partnered.works()
    message = await partnered.replies(1, "A new one leaves today.")
    hook = shop.told()[-1]
    assert (hook.id, hook.thread, hook.text) == (f"msg_{message}", "order-7", "A new one leaves today.")
    assert hook.data["message"]["part"] == "reply"
    [answer] = [one for one in await partnered.said(1) if one.part is Part.REPLY]
    assert answer.delivery is Delivery.SENT


async def test_everything_about_a_ticket_is_told_in_order(partnered: Partnered) -> None:
    shop = partnered.shop
    await shop.brings("My parcel is wet.")
    await partnered.works()
    await partnered.replies(1, "Send a picture.")
    await shop.brings("Here it is.")
    await partnered.works()
    await partnered.desk.close.soon(1, ANN)
    await partnered.works()
    told = [(hook.type, hook.data["ticket"]["status"]) for hook in shop.hooks]
    assert told == [
        ("ticket.opened", "new"),
        ("message.received", "new"),
        ("message.created", "new"),  # that we have it
        ("ticket.status_changed", "open"),
        ("message.created", "pending"),
        ("ticket.status_changed", "pending"),
        ("message.received", "pending"),
        ("ticket.status_changed", "open"),
        ("ticket.status_changed", "closed"),
    ]
    assert len({hook.id for hook in shop.hooks}) == len(shop.hooks)


async def test_who_asked_for_nothing_is_told_no_events(partnered: Partnered) -> None:
    phone = await partnered.partner("phone")
    await phone.brings("I called.")
    await partnered.works()
    assert [hook.type for hook in phone.hooks] == ["message.created"]
    await partnered.desk.revise_source.soon("phone", told=(Told.STATUS,))
    await partnered.desk.close.soon(1, ANN)
    await partnered.works()
    assert [hook.type for hook in phone.hooks] == ["message.created", "ticket.status_changed"]


async def test_a_failing_webhook_is_tried_again_in_order_and_is_known_of(partnered: Partnered) -> None:
    shop, other = partnered.shop, await partnered.partner("phone")
    await shop.brings("My parcel is wet.")
    await other.brings("I called.", thread="call")
    await partnered.works()
    shop.hooks.clear()
    for _ in range(3):
        shop.answers.append(web.Response(status=500))
    since = partnered.world.now
    await partnered.desk.reply.soon(1, ANN, "A new one leaves today.")
    await partnered.works()
    [source] = [one for one in await partnered.desk.sources.soon() if one.failing_since]
    assert (source.name, source.failing_since, source.failure) == ("shop", since, "500")
    [figure] = [one for one in (await partnered.desk.figures.soon()).sources if one.failing_since]
    assert figure.name == "shop"
    await partnered.replies(2, "We call back.")
    assert other.told()[-1].text == "We call back.", "nobody waits for another's server"
    await partnered.works(120)
    assert [hook.type for hook in shop.hooks] == ["ticket.status_changed", "message.created", "ticket.status_changed"]
    assert not [one for one in await partnered.desk.sources.soon() if one.failing_since]


async def test_what_is_never_taken_is_shown_to_whoever_wrote_it(partnered: Partnered) -> None:
    shop = partnered.shop
    await shop.brings("My parcel is wet.")
    await partnered.works()
    await partnered.desk.claim.soon(1, ANN)
    await partnered.works()
    shop.answers.append(web.json_response({"detail": "the\nwindow of 24 hours is over <b>"}, status=422))
    await partnered.replies(1, "A new one leaves today.")
    [answer] = [one for one in await partnered.said(1) if one.part is Part.REPLY]
    assert (answer.delivery, answer.reason) == (Delivery.FAILED, "422 the window of 24 hours is over <b>")
    assert shop.told("message.failed")[-1].data["message"]["id"] == answer.id


async def test_what_is_not_taken_for_too_long_is_given_up_and_said(partnered: Partnered) -> None:
    shop = partnered.shop
    await shop.brings("My parcel is wet.")
    await partnered.works()
    shop.answers.extend(web.Response(status=503) for _ in range(20))
    await partnered.desk.reply.soon(1, ANN, "A new one leaves today.")
    await partnered.works(120)
    [answer] = [one for one in await partnered.said(1) if one.part is Part.REPLY]
    assert (answer.delivery, answer.reason) == (Delivery.FAILED, "503")
    untold = (await partnered.desk.troubles.soon("Sam Rivera")).untold
    assert untold.total > 0, "that events were not taken is said to supervisors"


async def test_a_source_without_a_url_asks_by_itself(partnered: Partnered) -> None:
    form = await partnered.partner("form")
    await partnered.desk.revise_source.soon("form", url=None)
    await form.brings("My parcel is wet.")
    await partnered.works()
    await partnered.replies(1, "A new one leaves today.")
    _, found = await form.ask("GET", "/tickets/1/messages")
    assert found["messages"][-1]["text"] == "A new one leaves today."
    assert form.hooks == []


async def test_the_answers_to_a_revoked_source_fail_with_a_sentence(partnered: Partnered) -> None:
    await partnered.shop.brings("My parcel is wet.")
    await partnered.works()
    await partnered.desk.revoke_source.soon("shop")
    await partnered.replies(1, "A new one leaves today.")
    [answer] = [one for one in await partnered.said(1) if one.part is Part.REPLY]
    assert answer.reason == "The source that the customer writes by was revoked. Reach them in another way."


async def test_while_a_secret_is_changed_both_sign(partnered: Partnered) -> None:
    shop = partnered.shop
    await partnered.desk.rotate_source.soon("shop")
    await shop.brings("My parcel is wet.")  # whose partner knows only the old one, and checks
    await partnered.works()
    assert shop.told()


# Where they may go


@pytest.mark.parametrize(
    "url",
    [
        "ftp://shop.example/",
        "http://shop.example/",
        "https://user:secret@shop.example/",
        "https://",
        "https://shop.example:99999/",
        "https://shop.example/\nx",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "http://localhost/",
        "https://shop.example/" + "x" * 2000,
    ],
)
def test_addresses_inside_and_odd_ones_are_refused(url: str) -> None:
    with pytest.raises(Refused):
        checked(url, ())


def test_what_the_installation_allows_is_allowed() -> None:
    assert checked("https://shop.example/hooks", ()) == "https://shop.example/hooks"
    assert checked("http://127.0.0.1:9000/", HERE)
    assert checked("http://localhost:9000/", HERE)
    assert checked("https://10.1.2.3/", networks_of("10.1.0.0/16, ::1"))
    with pytest.raises(Refused):
        checked("http://10.1.2.3/", networks_of("10.1.0.0/16"))
    with pytest.raises(Refused):
        networks_of("everywhere")


async def test_a_name_that_leads_inside_is_not_asked() -> None:
    """`localhost` is a name like any other to the resolver."""
    poster = Poster()
    try:
        with pytest.raises(NotReachedError, match="inside a network"):
            await poster.post("https://localhost/hooks", {}, b"{}", NOW)
    finally:
        await poster.close()
    assert not may_be_asked(ipaddress.ip_address("100.64.0.1"), ())
    assert may_be_asked(ipaddress.ip_address("1.1.1.1"), ())


async def test_redirects_are_not_followed_and_answers_are_bounded(partnered: Partnered) -> None:
    shop, poster = partnered.shop, Poster(HERE)
    try:
        shop.answers.append(web.Response(status=302, headers={"Location": f"{shop.url}/elsewhere"}))
        headers = signing.headers([shop.key.secret], "x", partnered.world.now, HELLO)
        assert (await poster.post(shop.url, headers, HELLO, NOW)).status == 302
        shop.answers.append(web.Response(text="x" * 100_000))
        assert len((await poster.post(shop.url, headers, HELLO, NOW)).text) <= 16 * 1024
    finally:
        await poster.close()


async def test_how_long_to_rest_is_read_in_either_form(partnered: Partnered) -> None:
    shop, poster = partnered.shop, Poster(HERE)
    headers = signing.headers([shop.key.secret], "x", NOW, HELLO)
    found: list[timedelta | None] = []
    try:
        for said in ("30", "99999999", "Mon, 02 Mar 2026 09:01:00 GMT", "soon", "-5"):
            shop.answers.append(web.Response(status=429, headers={"Retry-After": said}))
            found.append((await poster.post(shop.url, headers, HELLO, NOW)).rest)
    finally:
        await poster.close()
    assert found == [timedelta(seconds=30), timedelta(hours=1), timedelta(minutes=1), None, None]


NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HELLO = b'{"data": {"ticket": {"thread": "x"}}, "type": "x"}'


# Signatures


def test_a_signature_is_what_the_standard_says() -> None:
    """The worked example of Standard Webhooks 1.0."""
    secret = bytes.fromhex("31f2ac48f06d9a0d9dbf9b3d1bc1fe7c0d8a3c4f6b7e9d10")
    at = datetime(2022, 11, 16, 7, 13, 37, tzinfo=UTC)
    made = signing.headers([secret], "msg_1", at, b"{}")
    assert made["webhook-timestamp"] == "1668582817"
    assert signing.is_signed([b"other", secret], "msg_1", "1668582817", b"{}", f"v1,x {made['webhook-signature']}")
    assert not signing.is_signed([secret], "msg_2", "1668582817", b"{}", made["webhook-signature"])
    assert not signing.is_signed([secret], "msg_1", "1668582818", b"{}", made["webhook-signature"])
    assert not signing.is_timely("now", at)
    assert not signing.is_timely("9" * 12, at)


def test_keys_keep_their_case_in_addresses() -> None:
    assert {key_of(address("shop", key)) for key in ("a", "A", "a~b", "Ä/ö")} == {"a", "A", "a~b", "Ä/ö"}
    assert address("shop", "a") == "shop/a"
    assert address("shop", "A").casefold() != address("shop", "a").casefold()
