"""Cards and messages stand once, as they should be, whatever Slack does meanwhile."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.hands import hands
from core.engine.hands import Later
from core.storage.ledger import Lease, State
from core.tickets.model import By, File
from gateways.slack.wire import Slack
from tests.bot.office import ANN, ROOM, Office, buttons_of, key_of, words_of

BY_ANN = By(f"T0SANDBOX:{ANN}")


async def test_when_slack_asks_us_to_rest_we_do_and_the_last_state_wins(office: Office) -> None:
    number = await office.mail()
    await office.card_of(number)
    await office.quiet()
    await office.sandbox.set_faults(rate_limit_next=1, rate_limit_seconds=2)
    before = calls(office, "chat.update")
    await office.desk.claim.soon(number, BY_ANN)
    await office.until(lambda: calls(office, "chat.update") == before + 1)
    await office.desk.close.soon(number, BY_ANN)
    await office.until(lambda: "Closed" in words_of(office.find_card(number) or {}))
    assert calls(office, "chat.update") == before + 2  # one was refused; what happened meanwhile is one edit
    refused, done = [c for c in office.sandbox.slack.calls if c.method == "chat.update"][-2:]
    assert (refused.status, done.status) == (429, 200)


async def test_a_rest_of_one_method_holds_no_other_up(office: Office) -> None:
    first = await office.mail()
    await office.card_of(first)
    await office.quiet()
    await office.sandbox.set_faults(rate_limit_next=1, rate_limit_seconds=60)
    before = calls(office, "chat.update")
    await office.desk.claim.soon(first, BY_ANN)
    await office.until(lambda: calls(office, "chat.update") == before + 1)
    await office.card_of(await office.mail())
    assert "Nobody has it yet" in words_of(await office.card_of(first))


async def test_many_changes_of_a_card_are_few_edits(office: Office) -> None:
    number = await office.mail()
    await office.card_of(number)
    await office.quiet()
    before = calls(office, "chat.update")
    await office.sandbox.set_faults(slow_ms=200)
    for _ in range(20):
        await office.desk.close.soon(number, BY_ANN)
        await office.desk.reopen.soon(number, BY_ANN)
    await office.desk.close.soon(number, BY_ANN)
    await office.until(lambda: "Closed" in words_of(office.find_card(number) or {}))
    await office.quiet()
    assert calls(office, "chat.update") - before <= 3


async def test_a_card_that_somebody_deleted_is_posted_anew_and_the_thread_goes_on_there(office: Office) -> None:
    number = await office.mail()
    card = await office.card_of(number)
    room = office.room_of(card)
    office.sandbox.slack.messages.delete(office.sandbox.room(room), card["ts"])
    await office.desk.claim.soon(number, BY_ANN)
    await office.until(lambda: "Ann Walker has it" in words_of(office.find_card(number) or {}))
    await office.quiet()
    cards = [m for m in office.posts if key_of(m) == f"card:{number}"]
    assert len(cards) == 1
    fresh = cards[0]
    assert fresh["ts"] != card["ts"]
    await office.desk.note.soon(number, BY_ANN, "Here we are.")
    await office.until(lambda: any("Here we are." in words_of(m) for m in office.in_thread(number)))
    assert {m["thread_ts"] for m in office.posts if "Here we are." in words_of(m)} == {fresh["ts"]}


async def test_a_message_finds_its_card_deleted_and_brings_a_new_one(office: Office) -> None:
    number = await office.mail()
    card = await office.card_of(number)
    await office.quiet()
    room = office.sandbox.room(office.room_of(card))
    for message in [*office.in_thread(number), card]:
        office.sandbox.slack.messages.delete(room, message["ts"])
    await office.desk.note.soon(number, BY_ANN, "Where is it?")
    await office.until(lambda: any("Where is it?" in words_of(m) for m in office.in_thread(number)))


async def test_a_post_whose_answer_was_lost_is_found_and_not_posted_twice(office: Office) -> None:
    await office.sandbox.set_faults(lose_answers={"chat.postMessage": 1})
    number = await office.mail()
    await office.until(lambda: calls(office, "conversations.history") and office.find_card(number))
    await office.quiet()
    await office.sandbox.set_faults(lose_answers={"chat.postMessage": 1})
    await office.desk.note.soon(number, BY_ANN, "once")
    await office.until(lambda: any("once" in words_of(m) for m in office.in_thread(number)))
    await office.quiet()
    assert len([m for m in office.posts if key_of(m) == f"card:{number}"]) == 1
    assert len([m for m in office.posts if "once" in words_of(m)]) == 1


async def test_files_whose_upload_was_lost_are_put_there_once(office: Office) -> None:
    await office.sandbox.set_faults(lose_answers={"files.completeUploadExternal": 1})
    number = await office.mail(files=(File("order.pdf", "application/pdf", b"%PDF-1.4"),))
    await office.card_of(number)
    await office.quiet()
    assert len([m for m in office.in_thread(number) if m.get("files")]) == 1


async def test_slack_away_for_long_loses_nothing_and_gives_nothing_up(office: Office) -> None:
    await office.sandbox.set_faults(http_error_rate=1.0)
    number = await office.mail()
    for _ in range(20):
        await office.later(121)
    jobs = [job for job in await office.desk.jobs.soon() if job.kind == "show"]
    assert jobs
    assert {int(job.state) for job in jobs} == {0}
    assert calls(office, "conversations.history") > 12  # more attempts than anything else is given
    await office.sandbox.set_faults(http_error_rate=0.0)
    await office.later(121)
    await office.card_of(number)


async def test_a_card_that_slack_does_not_accept_stands_without_the_customers_words(office: Office) -> None:
    number = await office.mail()
    await office.card_of(number)
    await office.quiet()
    refusing = Refusing(office)
    async with refusing:
        other = await office.mail("What Slack will not take.")
        card = await office.card_of(other)
    assert "What Slack will not take." not in words_of(card)
    assert "Slack did not accept this card as it was (invalid_blocks)." in words_of(card)
    assert "claim" in buttons_of(card)


class Refusing:
    """Within it Slack refuses the first post."""

    def __init__(self, office: Office):
        self.office = office

    async def __aenter__(self) -> None:
        await self.office.sandbox.set_faults(api_error={"chat.postMessage": "invalid_blocks"}, slow_ms=200)
        self.healing = asyncio.create_task(self._heal())

    async def _heal(self) -> None:
        before = refused(self.office)
        while refused(self.office) == before:  # noqa: ASYNC110 - the sandbox rings no bell for a refusal
            await asyncio.sleep(0.01)
        await self.office.sandbox.set_faults(api_error={}, slow_ms=0)

    async def __aexit__(self, *_: object) -> None:
        await self.healing


async def test_before_the_queue_has_a_room_its_cards_wait(closed_office: Office) -> None:
    office = closed_office
    number = await office.mail()
    await office.runner.start()
    await office.eventually(lambda: waits(office, "the queue has no room in Slack yet"))
    await office.bot.start()
    await office.until(lambda: any(room["name"] == "desk-billing" for room in office.sandbox.rooms))
    await office.later(31)
    await office.card_of(number)


async def test_a_wrong_token_lets_cards_wait(office: Office) -> None:
    wrong = Slack("xoxb-wrong", office.sandbox.slack_api_url)
    number = await office.mail()
    await office.card_of(number)
    await office.desk.claim.soon(number, BY_ANN)
    show = hands(wrong, office.desk, office.look)["show"]
    lease = Lease(0, "show", "x", "x", None, (), {"ticket": number}, 1, False, "x", 1, office.desk.db.clock())
    with pytest.raises(Later) as later:
        await show.do(lease)
    await wrong.close()
    assert later.value.after == timedelta(minutes=5)
    assert not later.value.counts


async def test_thrown_out_of_a_public_room_we_come_in_again(office: Office) -> None:
    await office.sandbox.leave("U0DESKBELL", ROOM)
    number = await office.mail()
    await office.card_of(number)
    assert "U0DESKBELL" in office.sandbox.room(ROOM)["members"]


async def test_of_many_tickets_at_once_each_has_one_card_at_slacks_pace(sqlite_url: str, tmp_path: Path) -> None:
    async with Office(sqlite_url, tmp_path, tiers=True) as office:
        await office.open()
        numbers = [await office.mail(sender=f"c{n}@example.com", subject="Invoice") for n in range(8)]
        await office.until(lambda: all(office.find_card(number) for number in numbers))
        await office.quiet()
        for number in numbers:
            assert len([m for m in office.posts if key_of(m) == f"card:{number}"]) == 1
        assert office.sandbox.slack.tiers.refusals == {}


async def test_files_that_slack_never_takes_hold_no_words_up(office: Office) -> None:
    await office.sandbox.set_faults(api_error={"files.getUploadURLExternal": "missing_scope"})
    number = await office.mail(files=(PDF,))
    card = await office.card_of(number)
    await office.eventually(lambda: waits(office, "missing_scope"))
    await office.desk.note.soon(number, BY_ANN, "Here we are.")
    await office.until(lambda: any("Here we are." in words_of(m) for m in office.in_thread(number)))
    for _ in range(14):
        await office.later(1000)
    assert {job.kind: job.state for job in await office.desk.jobs.soon()} == {"attach": State.GIVEN_UP}
    assert "order.pdf" in words_of(card)


async def test_a_card_that_slack_breaks_over_stands_without_the_customers_words(office: Office) -> None:
    number = await office.mail("What breaks Slack.")
    await office.card_of(number)
    await office.quiet()
    await office.desk.claim.soon(number, BY_ANN)
    await office.quiet()
    await office.desk.close.soon(number, BY_ANN)
    show = hands(office.slack, office.desk, office.look)["show"]
    await office.sandbox.set_faults(api_error={"chat.update": "internal_error"})
    with pytest.raises(Later) as later:
        await show.do(leased(office, {"ticket": number}, attempts=2))
    assert later.value.counts
    before = calls(office, "chat.update")
    with pytest.raises(Later):
        await show.do(leased(office, {"ticket": number}, attempts=3))
    tried = [str(c) for c in office.sandbox.slack.calls if c.method == "chat.update"][before:]
    bare = [card for card in tried if "did not accept this card" in card]  # the office's own hands try it whole, too
    assert bare
    assert not any("What breaks Slack." in card for card in bare)
    assert any("What breaks Slack." in card for card in tried)


async def test_what_slack_breaks_over_ends_and_what_waits_behind_it_goes_on(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    number = await office.mail()
    await office.card_of(number)
    await office.quiet()
    await office.sandbox.set_faults(api_error={"chat.postMessage": "internal_error"})
    await office.desk.note.soon(number, BY_ANN, "It breaks.")
    for _ in range(14):
        await office.later(1000)
    await office.sandbox.set_faults(api_error={})
    await office.desk.note.soon(number, BY_ANN, "It goes on.")
    await office.until(lambda: any("It goes on." in words_of(m) for m in office.in_thread(number)))
    await office.quiet()
    assert [job.state for job in await office.desk.jobs.soon() if job.kind == "show"] == [State.GIVEN_UP]
    assert any("To try it again: deskbell jobs retry" in record.getMessage() for record in caplog.records)


async def test_a_room_that_cannot_be_used_rests_alone(office: Office) -> None:
    number, other = await office.mail(), await office.mail()
    await office.card_of(number)
    await office.card_of(other)
    show = hands(office.slack, office.desk, office.look)["show"]
    await office.desk.claim.soon(number, BY_ANN)
    await office.quiet()
    await office.sandbox.set_faults(api_error={"chat.update": "is_archived"})
    await office.desk.close.soon(number, BY_ANN)
    with pytest.raises(Later) as later:
        await show.do(leased(office, {"ticket": number}))
    assert (later.value.pace, later.value.counts) == ("slack-room:support", False)


async def test_a_post_found_again_shows_what_is_so_now(office: Office) -> None:
    await office.sandbox.set_faults(lose_answers={"chat.postMessage": 1})
    number = await office.mail()
    await office.until(lambda: office.find_card(number))  # its answer is lost, so the desk does not know
    await office.desk.claim.soon(number, BY_ANN)
    await office.card_of(number)
    await office.quiet()
    assert "Ann Walker has it" in words_of(await office.card_of(number))
    assert len([m for m in office.posts if key_of(m) == f"card:{number}"]) == 1


async def test_a_second_mails_file_of_the_same_name_is_put_there_too(office: Office) -> None:
    picture = File("image001.png", "image/png", b"\x89PNG")
    long = "It does not fit. " * 2000
    number = await office.mail(files=(picture,))
    await office.card_of(number)
    await office.quiet()
    first = (await office.desk.card.soon(number)).first
    assert first is not None
    await office.sandbox.set_faults(lose_answers={"files.completeUploadExternal": 1})
    answers = first.external_id
    assert await office.mail(long, answers=answers, files=(picture, picture)) == number
    await office.until(lambda: calls(office, "files.completeUploadExternal") == 2)
    await office.quiet()
    await office.later(121)
    titles = [file["title"] for m in office.in_thread(number) for file in m.get("files") or ()]
    assert sorted(titles) == ["image001.png", "image001.png", "image001.png", f"ticket-{number}.txt"]


PDF = File("order.pdf", "application/pdf", b"%PDF-1.4")


def leased(office: Office, facts: dict[str, int], attempts: int = 1) -> Lease:
    return Lease(0, "show", "x", "x", None, (), facts, attempts, False, "x", 1, office.desk.db.clock())


def calls(office: Office, method: str) -> int:
    return sum(call.method == method for call in office.sandbox.slack.calls)


def refused(office: Office) -> int:
    return sum(call.answer.get("error") == "invalid_blocks" for call in office.sandbox.slack.calls)


async def waits(office: Office, reason: str) -> bool:
    return any(reason in (job.error or "") for job in await office.desk.jobs.soon())


async def test_a_card_that_was_posted_before_it_was_given_up_is_not_posted_again_when_it_is_retried(
    closed_office: Office,
) -> None:
    office = closed_office
    edition = await office.desk.edition.soon()
    assert edition is not None
    await office.bot.setup.move_in(edition)
    number = await office.mail()
    job = next(job for job in await office.desk.jobs.soon() if job.kind == "show")
    claimed = await office.desk.claim_jobs.soon(job.destination, {"show": 1}, "dead", timedelta(seconds=30))
    lease = claimed.leases[0]
    await office.sandbox.set_faults(lose_answers={"chat.postMessage": 1})
    with pytest.raises(Later):
        await hands(office.slack, office.desk, office.look)["show"].do(lease)
    await office.desk.give_up_job.soon(lease, "no answer", None)
    assert office.find_card(number)
    assert await office.desk.retry_job.soon(lease.id)
    await office.runner.start()
    await office.card_of(number)
    assert len([m for m in office.posts if key_of(m) == f"card:{number}"]) == 1
