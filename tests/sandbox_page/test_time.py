"""The desk's clock on the page: how fast it goes, and a leap ahead; nothing of it where it cannot be set."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import pytest

from sandbox import Sandbox, SandboxError
from tests.sandbox_page.browser import Chromium, Page

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Time:
    """A clock that stands still but for what one sets."""

    def __init__(self) -> None:
        self.speed, self.shown = 1.0, START

    def __call__(self) -> datetime:
        return self.shown

    def set(self, speed: float | None = None, ahead: timedelta = timedelta(0)) -> None:
        if ahead < timedelta(0):
            raise ValueError("time goes forward")
        self.speed = self.speed if speed is None else speed
        self.shown += ahead


@pytest.fixture
async def timed(chromium: Chromium) -> AsyncGenerator[tuple[Time, Sandbox, Page]]:
    time = Time()
    async with (
        Sandbox(tiers=False, time=time) as sandbox,
        chromium.page(f"{sandbox.base_url}/#as=ann&at=general") as page,
    ):
        await page.until("document.body.dataset.ready")
        yield time, sandbox, page
        assert page.errors == []


async def test_time_is_sped_up_and_set_ahead_from_the_page(timed: tuple[Time, Sandbox, Page]) -> None:
    time, _, page = timed
    await page.click("faults-open")
    await page.click("time-speed-60")
    await page.until("document.querySelector('[data-testid=time-now]').textContent.includes('60×')")
    await page.click("time-ahead-3600")
    await page.until("document.querySelector('[data-testid=time-now]').textContent.includes('2026-03-02 10:00:00')")
    assert (time.speed, time.shown) == (60, START + timedelta(hours=1))


async def test_what_is_no_time_is_refused_and_where_there_is_no_clock_there_is_nothing_to_set(
    timed: tuple[Time, Sandbox, Page], page: Page, sandbox: Sandbox
) -> None:
    for wrong in ({"ahead": -5}, {"speed": "fast"}, {"ahead": 1e300}):
        with pytest.raises(SandboxError):
            await timed[1].set_time(**wrong)  # pyright: ignore[reportArgumentType]
    with pytest.raises(SandboxError):
        await sandbox.set_time(speed=60)
    await page.click("faults-open")
    await page.until("Boolean(document.querySelector('[data-testid=fault-tiers]'))")
    assert not await page.run("Boolean(document.querySelector('[data-testid=time]'))")
