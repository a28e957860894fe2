"""The short form of the kill test; the long one is `python -m bench.soak kills`."""

from __future__ import annotations

import pytest

from tests.engine.killing import campaign
from tests.engine.site import Site

pytestmark = pytest.mark.kill


async def test_a_desk_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing(site: Site) -> None:
    done = await campaign(site, kills=12, mails=150, patience=14)
    print(f"{site.runner}: {len(done.kills)} kills, {done.in_transaction} in a transaction, {done.in_call} in a call,")
    print(f"{done.inside} in either; {done.sends} messages, {done.repeated} sent again; {done.seconds:.0f} s")
    assert done.broken == []
    assert done.inside >= len(done.kills) // 2
