"""The short form of the kill test; the long one is `python -m bench.soak kills`."""

from __future__ import annotations

import asyncio

import pytest

from tests.engine.conftest import Sites
from tests.engine.killing import campaign

pytestmark = pytest.mark.kill


async def test_desks_that_are_killed_again_and_again_lose_nothing_and_double_nothing(site_of: Sites) -> None:
    """Each runner on its database, side by side."""
    with site_of("embedded") as embedded, site_of("distributed") as distributed:
        both = await asyncio.gather(
            *(campaign(site, kills=12, mails=150, patience=14) for site in (embedded, distributed))
        )
    for done in both:
        print(
            f"{done.runner}: {len(done.kills)} kills, {done.in_transaction} in a transaction, {done.in_call} in a call,"
        )
        print(f"{done.inside} in either; {done.sends} messages, {done.repeated} sent again; {done.seconds:.0f} s")
        assert done.broken == []
        assert done.inside >= len(done.kills) // 2
