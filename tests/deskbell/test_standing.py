"""What the doctor says of the desk's own domains: whether others can see that its mail is its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core.settings import Settings
from deskbell.standing import standing
from tests.names import Names, name_server

RELAY = "8.8.8.8"
SPF = f"v=spf1 ip4:{RELAY} -all"


@pytest.fixture
def names() -> Iterator[Names]:
    with name_server() as server:
        yield server


async def said_of(names: Names, domain: str = "desk.example", **more: Any) -> list[str]:
    settings = Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        **{"dns_server": f"{names.address[0]}:{names.address[1]}", "relay_host": RELAY, **more},
    )
    found = [f"{mark} {said.text}" async for mark, said in standing(settings, [domain])]
    return [line for line in found if "{domain}" in line]


async def test_a_domain_whose_records_let_our_relay_send_is_good(names: Names) -> None:
    names.text("desk.example", "other", SPF)
    names.text("_dmarc.desk.example", "v=DMARC1; p=none")
    assert [line.split()[0] for line in await said_of(names)] == ["good", "good"]


async def test_a_policy_of_the_organisation_counts_for_what_lies_below_it(names: Names) -> None:
    names.text("help.desk.example", SPF)
    names.text("_dmarc.desk.example", "v=DMARC1; p=none")
    assert "good {domain} has a DMARC record." in await said_of(names, "help.desk.example")


async def test_what_is_missing_is_said_with_the_remedy(names: Names) -> None:
    dmarc, spf = await said_of(names)
    assert dmarc.startswith("warn {domain} has no DMARC record")
    assert "v=DMARC1; p=none" in dmarc
    assert spf.startswith("warn {domain} has no SPF record")


async def test_a_record_that_does_not_name_our_relay_and_two_records_are_minded(names: Names) -> None:
    names.text("_dmarc.desk.example", "v=DMARC1; p=none")
    names.text("desk.example", "v=spf1 ip4:9.9.9.9 -all")
    assert (await said_of(names))[-1].startswith("warn The SPF record of {domain} does not let {relay} send")
    own = {"host": "9.9.9.9", "user": "support@desk.example"}
    assert (await said_of(names, smtp={"own": own}))[-1].startswith("good The SPF record of {domain} lets")
    names.text("desk.example", SPF, "v=spf1 -all")
    assert (await said_of(names))[-1].startswith("warn {domain} has several SPF records")


async def test_a_relay_of_our_own_network_says_nothing_of_the_record(names: Names) -> None:
    names.text("_dmarc.desk.example", "v=DMARC1; p=none")
    names.text("desk.example", "v=spf1 -all")
    assert (await said_of(names, relay_host="127.0.0.1"))[-1] == "good {domain} has an SPF record."


async def test_where_dns_does_not_answer_nothing_is_claimed(names: Names) -> None:
    names.broken.add("desk.example")
    [line] = await said_of(names)
    assert line.startswith("warn What {domain} says of its mail is not known")
