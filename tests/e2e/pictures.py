"""Make the pictures of the README from the running product: python -m tests.e2e.pictures."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from tests.e2e.play import ANN, CARLA, Play
from tests.running import running
from tests.sandbox_page.browser import Chromium, installed

DOCS = Path(__file__).parents[2] / "docs"

MAIL = """Hello,

I ordered a kettle ten days ago (order 4711), and it has still not arrived. The parcel service says that it never \
got it. Could you please find out where it is?

Best regards
Carla Gómez"""


async def main() -> None:
    program = installed()
    assert program, "Chromium is not installed (Debian: apt-get install chromium)"
    browser = Chromium(program)
    try:
        with tempfile.TemporaryDirectory() as folder:
            async with running(Path(folder), UNDO_SECONDS="2") as desk:
                await story(Play(desk), browser)
    finally:
        browser.close()


async def story(play: Play, browser: Chromium) -> None:
    await play.writes("Where is my kettle?", MAIL)
    await play.receives("number is 1")
    await play.clicks(ANN, 1, "claim")
    await play.replies(ANN, 1, "Hello Carla,\n\nit left our warehouse today; you will have it on Tuesday.\n\nAnn")
    answer = await play.receives("on Tuesday")
    await play.answers(answer, "Thank you, but I am away on Tuesday. Could it come on Thursday?")
    await play.sees_in_thread(1, "on Thursday")
    card = await play.sees(1, "Open")
    await play.box.say(ANN, play.room, "Thursday works, I have asked the depot.", thread_ts=card["ts"])
    await asyncio.sleep(1.5)
    mailbox = f"box={CARLA}&conversation={answer['conversation']}"
    place = f"{play.box.base_url}/#as=ann&at=desk-support&thread={card['ts']}&{mailbox}"
    async with browser.page(place, 1440, 900) as page:
        await page.until("document.body.dataset.ready")
        await page.click("guide-dismiss")
        for ephemeral in await page.testids("dismiss-"):
            await page.click(ephemeral)
        await asyncio.sleep(1)
        DOCS.mkdir(exist_ok=True)
        (DOCS / "desk.png").write_bytes(await page.picture())


if __name__ == "__main__":
    asyncio.run(main())
