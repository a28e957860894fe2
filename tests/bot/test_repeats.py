"""Nothing is done twice, and nothing that was accepted is lost: redeliveries, crashes, a store that does not answer."""

from __future__ import annotations

import asyncio
import os
import re
import resource
import sqlite3
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.hands import hands
from bot.payloads import Kind, Payload, read
from core.engine.hands import Record
from core.storage import tickets
from core.storage.ledger import Lease
from core.tickets.events import Reopened
from core.tickets.model import By, Message, Part, Status
from gateways.slack.wire import Gone, Refused, Unreachable
from sandbox import SandboxError
from sandbox.errors import Json
from tests.bot.office import ANN, JONAS, ROOM, Office, filled, words_of
from tests.bot.shop import ACME, Shop


async def test_a_note_that_is_delivered_three_times_is_kept_once(office: Office) -> None:
    number = await office.mail()
    card = await office.card_of(number)
    await office.sandbox.set_faults(duplicate_events=True)
    await office.sandbox.say(ANN, ROOM, "@deskbell she called, too", thread_ts=card["ts"])  # message and app_mention
    await office.eventually(lambda: notes(office, number))
    await office.until(lambda: told_of(office, "message") + told_of(office, "app_mention") >= 2 * 2)
    await office.quiet()
    assert [note.text for note in await notes(office, number)] == ["@deskbell she called, too"]


def told_of(office: Office, name: str) -> int:
    """How often such an event of a person was brought and acknowledged."""
    return sum(
        delivery.attempts
        for delivery in office.sandbox.slack.deliveries.log
        if (event := delivery.payload.get("event", {})).get("type") == name
        and not event.get("bot_id")
        and delivery.outcome == "acked"
    )


async def test_a_click_that_is_delivered_twice_is_done_once(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "claim")
    await office.quiet()
    clicked = last_told(office, "interactive")
    await office.sandbox.slack.deliveries.ask("interactive", clicked)
    await office.quiet()
    assert office.whispers(ANN) == []  # done again, she would be told that it is hers already


async def test_a_window_sent_again_by_redelivery_answers_once(office: Office) -> None:
    number = await office.mail()
    await office.answer(ANN, number, "It left today.")
    await office.quiet()
    submitted = last_told(office, "interactive")
    assert submitted["type"] == "view_submission"
    await office.sandbox.slack.deliveries.ask("interactive", submitted)
    await office.later(31)
    assert [out.text for out in office.answers] == ["It left today."]


async def test_an_answer_that_opens_its_ticket_again_leaves_once_however_often_it_is_sent(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    await office.desk.close.soon(number, By("T0SANDBOX:U0JONAS"))
    await office.submit(ANN, view, "It left today.")
    shown = await office.until(lambda: of_closed(office))
    async with Crashed(office) as crashed:
        await office.sandbox.submit(ANN, shown["id"])
    await again(office, crashed.taken)  # it is done, and nobody closed the window
    await office.sandbox.submit(ANN, shown["id"])
    assert not office.sandbox.views.get(ANN)
    await office.sandbox.slack.deliveries.ask("interactive", last_told(office, "interactive"))
    await office.later(31)
    assert [out.text for out in office.answers] == ["It left today."]
    history = await office.desk.db.submit_soon(lambda tx: tickets.history(tx, number))
    assert sum(isinstance(event, Reopened) for event in history) == 1


def of_closed(office: Office) -> Json | None:
    """The window that says that its ticket is closed."""
    return next((view for view in office.sandbox.views.get(ANN) or [] if "closed ticket" in words_of(view)), None)


async def test_what_was_accepted_before_a_crash_is_done_once_after_it(office: Office) -> None:
    number = await office.mail()
    await office.card_of(number)
    async with Crashed(office) as crashed:
        await office.click(ANN, number, "claim")
    assert (await office.ticket(number)).assignee is None
    await office.later(16)
    assert (await office.ticket(number)).assignee == "T0SANDBOX:U0ANN"
    assert await again(office, crashed.taken) is None
    assert office.whispers(ANN) == []


async def test_an_answer_accepted_before_a_crash_leaves_once_after_it(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    async with Crashed(office):
        await office.submit(ANN, view, "It left today.")
    await office.later(16)
    await office.later(31)
    assert [out.text for out in office.answers] == ["It left today."]


async def test_an_answer_that_cannot_be_sent_after_a_crash_is_given_back_with_its_words(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    async with Crashed(office):
        await office.submit(ANN, view, "It left *today*.")
    await office.click(JONAS, number, "close")
    await office.eventually(lambda: is_closed(office, number))
    await office.later(16)
    told = await office.told(ANN, f"Your answer to ticket #{number} was not sent: Jonas Becker closed ticket #{number}")
    assert "It left *today*." in told
    assert office.answers == []


async def test_a_window_that_can_no_longer_be_opened_is_said_so(office: Office) -> None:
    number = await office.mail()
    await office.card_of(number)
    async with Crashed(office):
        await office.click(ANN, number, "reply")
    await office.later(16)
    await office.told(ANN, "Please click again.")
    assert not office.sandbox.views.get(ANN)


async def test_while_the_store_does_not_answer_people_are_told_and_events_come_again(office: Office) -> None:
    number = await office.mail()
    card = await office.card_of(number)
    await office.click(ANN, number, "note")
    view = await office.modal(ANN, "note")
    with full_disk(office):
        await office.sandbox.click(ANN, "claim", room=ROOM, ts=card["ts"])
        await office.told(ANN, "The desk's database does not answer now, so nothing was done.")
        refused = await office.sandbox.submit(ANN, view["id"], filled(view, "Known customer."))
        assert "database" in next(iter(refused["errors"].values()))
        await office.sandbox.slash(ANN, ROOM, "/desk", "mine")
        await office.told(ANN, "nothing was done")
        office.is_left_waiting_for(1)
        await office.sandbox.say(ANN, ROOM, "she called", thread_ts=card["ts"])
        await office.until(lambda: any(d.outcome != "waiting" for d in brought(office, "she called")))
        assert [d.outcome for d in brought(office, "she called")] == ["timeout"]
    office.is_left_waiting_for(20)
    await office.sandbox.submit(ANN, view["id"], filled(view, "Known customer."))
    await office.eventually(lambda: notes(office, number))


async def test_who_wants_a_ticket_of_what_a_customer_said_is_told_so_too(sqlite_url: str, tmp_path: Path) -> None:
    async with Shop(sqlite_url, tmp_path) as shop:
        await shop.open()
        ts = await shop.asks("Thanks!")
        await shop.quiet()
        with full_disk(shop):
            await shop.sandbox.message_shortcut(ANN, ACME, ts, "open_ticket")
            await shop.told(ANN, "The desk's database does not answer now, so nothing was done.")


async def test_a_window_that_slack_gave_up_on_and_that_is_sent_again_answers_once(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    office.is_left_waiting_for(1)
    with locked(office):
        with pytest.raises(SandboxError, match="timeout"):
            await office.submit(ANN, view, "It left today.")
        with pytest.raises(SandboxError, match="timeout"):
            await office.submit(ANN, view, "It left today!")
    office.is_left_waiting_for(20)
    await office.eventually(lambda: is_answered(office, number))
    sent = (await office.desk.conversation.soon(number))[-1].reply_text
    await office.submit(ANN, view, sent)
    assert not office.sandbox.views.get(ANN)
    await office.later(16)
    await office.later(31)
    assert [out.text for out in office.answers] == [sent]


async def test_while_slack_waits_it_is_answered_however_long_the_store_took(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    with locked(office):
        sending = asyncio.create_task(office.submit(ANN, view, "It left today."))
        await asyncio.sleep(3.1)  # a listener of Bolt's has three seconds
    await sending
    await office.later(31)
    assert [out.text for out in office.answers] == ["It left today."]


async def test_a_window_sent_again_after_a_crash_leaves_once_with_its_newest_words(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    async with Crashed(office) as crashed:
        await office.submit(ANN, view, "It left today.")
    await office.submit(ANN, view, "It left yesterday.")
    assert not office.sandbox.views.get(ANN)
    assert await again(office, crashed.taken) is None
    await office.later(16)
    await office.later(31)
    assert [out.text for out in office.answers] == ["It left yesterday."]
    assert [job for job in await office.desk.jobs.soon() if job.kind == "act"] == []


async def test_a_window_sent_again_by_somebody_who_missed_that_it_was_done_answers_once(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    async with Crashed(office) as crashed:
        await office.submit(ANN, view, "It left today.")
    await again(office, crashed.taken)  # another process has done it, and nobody closed the window
    await office.submit(ANN, view, "It left today.")
    assert not office.sandbox.views.get(ANN)
    await office.later(16)
    await office.later(31)
    assert [out.text for out in office.answers] == ["It left today."]


async def test_that_the_store_goes_down_after_a_thing_was_done_makes_it_no_error(office: Office) -> None:
    number = await office.mail()
    await office.card_of(number)
    act = await office.desk.accept_act.soon("did:1.a", {})
    with full_disk(office):
        await office.bot.dispatcher.handle(click_on_nothing(), act)
    await office.told(ANN, "This does nothing any more.")
    assert not any("database" in said for said in office.whispers(ANN))


async def test_an_answer_that_takes_long_closes_its_window_and_goes_on(office: Office) -> None:
    number, other = await office.mail(), await office.mail(sender="max@example.org")
    views = []
    for ticket, user in ((number, ANN), (other, JONAS)):
        await office.click(user, ticket, "reply")
        views.append(await office.modal(user, "reply"))
    await office.desk.close.soon(other, By("T0SANDBOX:U0SAM"))
    office.bot.dispatcher.patience = 0.1
    office.ahead += timedelta(hours=2)  # so that Slack is asked again who they are
    await office.sandbox.set_faults(slow_ms=300)
    for view, user in zip(views, (ANN, JONAS), strict=True):
        await office.submit(user, view, f"For {user}.")
        assert not office.sandbox.views.get(user)
    await office.told(JONAS, f"#{other}")
    assert f"For {JONAS}." in office.whispers(JONAS)[-1]
    await office.later(31)
    assert [out.text for out in office.answers] == [f"For {ANN}."]


async def test_what_nobody_foresaw_is_told_with_a_number_and_written_down(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    number = await office.mail()
    await office.card_of(number)
    await office.sandbox.set_faults(api_error={"views.open": "invalid_arguments"})
    await office.click(ANN, number, "reply")
    told = await office.told(ANN, "Something went wrong on the desk's side")
    error = re.search(r"this number: ([0-9a-f]{8})", told)
    assert error is not None
    logged = [record for record in caplog.records if error[1] in record.getMessage()]
    assert logged
    assert logged[0].exc_info
    await office.later(16)
    assert len(office.whispers(ANN)) == 1  # it is not done again behind anybody's back


async def test_when_slack_does_not_answer_a_click_it_is_done_later(office: Office) -> None:
    number = await office.mail()
    await office.card_of(number)
    stranger = (await office.sandbox.new_person("Mia Long", "mia@desk.example"))["user"]
    await office.sandbox.join(stranger, ROOM)
    await office.quiet()  # so that it is the question who she is that goes wrong
    await office.sandbox.set_faults(http_errors=1)
    await office.click(stranger, number, "claim")
    await office.told(stranger, "Slack does not answer the desk now. What you did is kept")
    await office.later(16)
    await office.told(stranger, "You are not an agent of this desk yet.")


@pytest.fixture
async def office(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Office]:
    """An office in which Slack brings again soon what nobody acknowledges. How long it waits before that, a test says
    that is about it.
    """
    async with Office(sqlite_url, tmp_path, retry_after=(0.1,)) as made:
        yield await made.open()


@pytest.mark.parametrize(
    ("status", "error"),
    [(500, Unreachable), (503, Unreachable), (404, Gone), (410, Gone), (400, Refused), (403, Refused)],
)
async def test_what_cannot_be_answered_on_the_spot_is_sorted_by_what_helps(
    office: Office, status: int, error: type[Exception]
) -> None:
    async with answering(status) as url:
        with pytest.raises(error):
            await office.slack.respond(url, "x", None)


@pytest.mark.parametrize("status", [400, 404])
async def test_a_refusal_that_cannot_be_told_where_it_belongs_is_told_directly_and_once(
    office: Office, status: int
) -> None:
    await office.mail()
    async with answering(status) as url:
        act = await office.desk.accept_act.soon("did:1.a", {})
        await office.bot.dispatcher.handle(click_on_nothing(response_url=url), act)
    await office.told(ANN, "This does nothing any more.")
    assert await office.desk.piece.soon(act or 0) is None


async def test_a_refusal_that_nobody_can_be_told_counts_as_told(office: Office) -> None:
    act = await office.desk.accept_act.soon("did:1.a", {})
    await office.sandbox.set_faults(
        api_error={"chat.postEphemeral": "user_not_in_channel", "chat.postMessage": "messages_tab_disabled"}
    )
    await office.bot.dispatcher.handle(click_on_nothing(), act)
    assert await office.desk.piece.soon(act or 0) is None


@asynccontextmanager
async def answering(status: int) -> AsyncGenerator[str]:
    """The URL of a server that answers everything so."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/", answer)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


def click_on_nothing(**more: str) -> Payload:
    """On a button of a card from long ago, in the room."""
    body = {"channel": {"id": ROOM}, "actions": [{"action_id": "of old"}], **more}
    return Payload(Kind.ACTION, "of old", f"T0SANDBOX:{ANN}", body)


class Crashed:
    """Within it the bot accepts what people do, and dies before it does it."""

    def __init__(self, office: Office):
        self.office = office
        self.taken: list[int] = []

    async def __aenter__(self) -> Crashed:
        await self.office.bot.ingress.disconnect()
        self.before = len(self.office.sandbox.slack.deliveries.log)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *rest: object) -> bool:
        for told in list(self.office.sandbox.slack.deliveries.log)[self.before :]:
            payload = read(told.payload)
            if payload is None:  # an event that the bot does not act upon, such as of its own card
                continue
            act, _ = await self.office.bot.dispatcher.keep(payload)
            self.taken += [act] if act else []
        await self.office.bot.ingress.connect(self.office.sandbox.app_token)
        return kind is SandboxError  # nobody answers whoever clicked


@contextmanager
def full_disk(office: Office) -> Generator[None]:
    """Within it the store's file cannot grow: every write of the desk's fails, as on a full disk."""
    path = office.desk.db.engine.url.database
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(f"{path}-wal"), usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


@contextmanager
def locked(office: Office) -> Generator[None]:
    """Within it another program writes into the store's file, and nobody else can."""
    other = sqlite3.connect(str(office.desk.db.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


async def again(office: Office, acts: list[int]) -> Record | None:
    """The job that does an act again, for acts that were done."""
    act = hands(office.slack, office.desk, office.look)["act"]
    assert acts
    for id in acts:
        lease = Lease(0, "act", "acts", f"act:{id}", None, (), {"act": id}, 1, False, "x", 1, office.desk.db.clock())
        return await act.do(lease)


def last_told(office: Office, kind: str) -> Json:
    return next(d.payload for d in reversed(office.sandbox.slack.deliveries.log) if d.kind == kind)


def brought(office: Office, words: str) -> list[Any]:
    log = office.sandbox.slack.deliveries.log
    return [d for d in log if words in str(d.payload.get("event", {}).get("text"))]


async def notes(office: Office, number: int) -> list[Message]:
    return [m for m in await office.desk.conversation.soon(number) if m.part is Part.NOTE]


async def is_answered(office: Office, number: int) -> bool:
    return (await office.ticket(number)).replied_at is not None


async def is_closed(office: Office, number: int) -> bool:
    return (await office.ticket(number)).status is Status.CLOSED
