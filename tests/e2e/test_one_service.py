"""One person by mail, in Telegram and in Slack, in a real browser against a real desk: one history, one service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.play import ANN, CARLA, Play, filled
from tests.e2e.test_telegram import Phone
from tests.gateways.slack.rooms import words
from tests.running import running, soon
from tests.sandbox_page.browser import Chromium, Page
from tests.sandbox_page.test_phone import fits

pytestmark = pytest.mark.witness

ROOM = "acme-help"


class Story:
    """Carla, who is a customer everywhere, and Ann, who looks after her on the sandbox's page."""

    def __init__(self, play: Play, page: Page):
        self.play, self.box, self.page = play, play.box, page
        self.phone = Phone(play)

    async def card(self, number: int) -> str:
        return f"message-{(await self.play.sees(number))['ts']}"

    async def replies(self, number: int, text: str) -> None:
        """Ann answers by the window, as it stands."""
        card = await self.card(number)
        await self.page.click("action-reply", within=card)
        await self.page.see("modal-title", f"Reply to #{number}")
        await self.page.fill(await self.page.first("input-text-"), text)

    async def sends(self) -> None:
        await self.page.click("modal-submit")
        await self.page.gone("modal")

    async def by_mail(self) -> None:
        """She writes a mail; Ann takes it, and invites her to a chat."""
        await self.page.click("mail-compose")
        await self.page.fill("mail-subject", "Where is my kettle?")
        await self.page.fill("mail-body", "Hello,\n\nmy order 4711 has not arrived.\n\nCarla")
        await self.page.click("mail-send")
        card = await self.card(1)
        await self.page.see(card, "1 reply")
        await self.page.click("action-claim", within=card)
        await self.page.see(card, "Ann Walker")
        await self.replies(1, "Hello Carla,\n\nI look for it. It is quicker in a chat.")
        await self.page.click("action-invite", within="modal")
        await self.page.until("[...document.querySelectorAll('textarea')].some((one) => one.value.includes('t.me/'))")
        await self.sends()

    async def in_a_chat(self) -> None:
        """She follows the link of the mail, to her phone, and goes on there in the same ticket."""
        mail = f"mail-{(await self.play.receives('t.me/'))['id']}"
        await self.page.see(mail, "t.me/")
        link = f"""[...document.querySelectorAll('[data-testid="{mail}"] a')].find((a) => a.href.includes('t.me/'))"""
        await self.page.run(f"{link}.click()")
        await self.page.see("phone-chat", "You can go on with your request 1 here.")
        await self.page.fill("phone-text", "Thank you! It was to come on Monday.")
        await self.page.click("phone-send")
        await self.play.sees_in_thread(1, "It was to come on Monday.")
        await self.replies(1, "It is in Leipzig, and comes tomorrow.")
        await self.sends()
        await self.page.see("phone-chat", "It is in Leipzig, and comes tomorrow.")

    async def in_slack(self) -> str:
        """She writes in the room that her company shares with us, too; the first message of her thread there."""
        made = await self.box.new_person("Carla Gómez", team_id="T0ACME")
        await self.box.join(made["user"], ROOM)
        await self.page.click("persona-carla")
        await self.page.click(f"room-{ROOM}")
        text = "Hello, our office printer prints everything in green. You know me as carla@example.com."
        await self.page.fill("composer", text)
        await self.page.click("composer-send")
        await self.page.see("messages", "prints everything in green")
        await self.page.see("messages", "1 reply")
        await self.page.click("persona-ann")
        await self.page.click("room-desk-support")
        await self.page.see(await self.card(2), "may be somebody whom the desk knows")
        return next(one["ts"] for one in self.box.spoken(ROOM) if one.get("user") == made["user"])

    async def is_recognised(self) -> None:
        """The window says why she may be the same, Ann says that she is, and has all her tickets and addresses."""
        await self.page.click("action-more", within=await self.card(2))
        await self.page.click("option-addresses:2")
        seen = await self.page.see("modal", "The same person?")
        assert "Why: the customer wrote this mail address in a chat: carla@example.com" in seen
        assert "T0ACME" not in seen, "a number of Slack's says nothing to anybody"
        await self.page.click("action-person-unite", within="modal")
        await self.page.click("confirm-ok")
        seen = await self.page.see("modal", "Ann Walker says that")
        assert "#1 Where is my kettle?" in seen
        assert [name for name in ("Email:", "Telegram:", "Slack:") if name not in seen] == []
        await self.page.click("modal-close")
        await self.page.gone("modal")

    async def is_answered(self, thread: str) -> None:
        """In Slack, where she asked; then by mail instead."""
        await self.replies(2, "Does it print green with another cartridge, too?")
        await self.sends()
        await soon(lambda: self.shown(thread, "another cartridge"), "the answer in Slack")
        await self.replies(2, "The new driver is in this mail.")
        view = await self.play.window(ANN)
        await self.box.submit(ANN, view["id"], filled(view, "The new driver is in this mail.", way="Email ("))
        await self.play.receives("The new driver is in this mail.")

    def shown(self, thread: str, text: str = "") -> list[str]:
        """What we said in her thread in Slack."""
        said = [one for one in self.box.spoken(ROOM) if one.get("bot_id") and one.get("thread_ts") == thread]
        return [words(one) for one in said if text in words(one)]

    async def history(self, number: int) -> str:
        """The whole conversation of a ticket, as its window has it."""
        await self.page.click("action-more", within=await self.card(number))
        await self.page.click(f"option-conversation:{number}")
        seen = await self.page.see("modal", f"Ticket #{number}")
        await self.page.click("modal-close")
        await self.page.gone("modal")
        return seen


async def test_one_person_on_three_channels_gets_one_service(tmp_path: Path, chromium: Chromium) -> None:
    async with running(tmp_path) as desk:
        play = Play(desk)
        place = f"{desk.box.base_url}/#as=ann&at=desk-support&box={CARLA}"
        async with chromium.page(place) as page:
            await page.until("document.body.dataset.ready")
            await page.click("guide-dismiss")
            story = Story(play, page)
            await story.by_mail()
            await story.in_a_chat()
            thread = await story.in_slack()
            await story.is_recognised()
            await story.is_answered(thread)
            _in_order(
                await story.history(1),
                *("Carla Gómez wrote · Email", "4711", "Ann Walker answered · Email", "It is quicker in a chat"),
                *("Carla Gómez wrote · Telegram", "on Monday", "Ann Walker answered · Telegram", "comes tomorrow"),
            )
            _in_order(
                await story.history(2),
                *("Carla Gómez wrote · Slack", "in green", "Ann Walker answered · Slack", "another cartridge"),
                *("Ann Walker answered · Email", "The new driver"),
            )
            assert page.errors == []
            assert page.dialogs == []
        _nothing_twice(play, story, thread)
        assert "Traceback" not in desk.said(), desk.said()
        async with chromium.page(place, 390, 844) as narrow:
            await narrow.until("document.body.dataset.ready")
            await narrow.click("layout-slack")
            await narrow.see(await story.card(2), "1 other ticket of theirs")
            await fits(narrow)


def _nothing_twice(play: Play, story: Story, thread: str) -> None:
    """Each thing that we said is where it belongs, once, and nowhere else."""
    assert play.cards(3) == []
    assert [len(play.cards(number)) for number in (1, 2)] == [1, 1]
    told: dict[str, list[Any]] = {
        "It is quicker in a chat.": play.received("It is quicker in a chat."),
        "comes tomorrow": story.phone.shows("comes tomorrow"),
        "another cartridge": story.shown(thread, "another cartridge"),
        "The new driver": play.received("The new driver"),
    }
    assert {said: len(times) for said, times in told.items()} == dict.fromkeys(told, 1)
    everywhere = [*play.received("comes tomorrow"), *play.received("another cartridge")]
    everywhere += [*story.phone.shows("The new driver"), *story.shown(thread, "The new driver")]
    assert everywhere == []


def _in_order(seen: str, *parts: str) -> None:
    """All of these stand there, one after the other."""
    at = 0
    for part in parts:
        found = seen.find(part, at)
        assert found >= 0, f"“{part}” is not there, or not in its place:\n{seen}"
        at = found
