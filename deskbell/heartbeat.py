"""A sign of life for whoever watches from outside: an address is asked while the auditor works and the clock goes."""

from __future__ import annotations

import logging

import aiohttp

from core.desk import Desk
from core.desk.auditing import AT_ONCE

log = logging.getLogger("deskbell")

SECONDS = 10


class Heartbeat:
    """Lets the auditor look, and asks the address afterwards; whoever watches misses it where either cannot be."""

    def __init__(self, desk: Desk, url: str | None):
        self.desk, self.url = desk, url

    async def beat(self) -> None:
        while True:
            audited = await self.desk.audit.soon()
            if audited.looked < AT_ONCE:
                break
        if audited.stands_still is not None:
            log.error("nobody looks at what is due since %s: no sign of life is given", audited.stands_still)
            return
        if self.url:
            await self._ask(self.url)

    async def _ask(self, url: str) -> None:
        """The address may have a secret in it, and is not told to the log."""
        try:
            timeout = aiohttp.ClientTimeout(total=SECONDS)
            async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
                if answer.status >= 400:
                    log.warning("HEARTBEAT_URL answers %s", answer.status)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            log.warning("HEARTBEAT_URL does not answer (%s)", type(error).__name__)
