"""Who may send in a domain's name, by its records in DNS; the questions go to a name server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest

from gateways.email.vouching.resolver import Resolver
from gateways.email.vouching.spf import Spf, spf
from tests.names import Names, name_server


@pytest.fixture
def names() -> Iterator[Names]:
    with name_server() as server:
        yield server


def asked(
    names: Names, peer: str = "192.0.2.1", sender: str = "carla@shop.example", helo: str = "mx.shop.example"
) -> str:
    resolver = Resolver([names.address], timedelta(seconds=0.3))
    return asyncio.run(spf(peer, sender, helo, resolver)).result


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", "pass"),
        ("v=spf1 ip4:198.51.100.0/24 -all", "fail"),
        ("v=spf1 ip4:198.51.100.0/24 ~all", "softfail"),
        ("v=spf1 ?ip4:192.0.2.1 -all", "neutral"),
        ("v=spf1 ip4:198.51.100.1", "neutral"),
        ("v=spf1 a -all", "pass"),
        ("v=spf1 a:elsewhere.example -all", "fail"),
        ("v=spf1 a:near.example -all", "fail"),
        ("v=spf1 a:near.example/24 -all", "pass"),
        ("v=spf1 mx -all", "pass"),
        ("v=spf1 ptr -all", "pass"),
        ("v=spf1 ptr:bank.example -all", "fail"),
        ("v=spf1 include:_spf.mailer.example -all", "pass"),
        ("v=spf1 redirect=_spf.mailer.example", "pass"),
        ("v=spf1 exists:%{ir}.%{l1r-}.%{d2}.list.example -all", "pass"),
        ("v=spf1 exists:%{i}.list.example -all", "fail"),
        ("V=SPF1 IP4:192.0.2.1 -ALL", "pass"),
        ("v=spf10 ip4:192.0.2.1 -all", "none"),
        ("v=spf1 ip4:192.0.2.1 -all unknown=what", "pass"),
        ("v=spf1 ip4:192.0.2.1 -everybody", "permerror"),
        ("v=spf1 ip4:192.0.2.300 -all", "permerror"),
        ("v=spf1 ip4:192.0.2.1/33 -all", "permerror"),
        ("v=spf1 a:%{z}.example -all", "permerror"),
        ("v=spf1 include:nothing.example -all", "permerror"),
        ("v=spf1 redirect=a.example redirect=b.example", "permerror"),
        ("v=spf1 ip4:192.0.2.1 ünbekannt", "permerror"),
    ],
)
def test_a_record_says_who_may(names: Names, record: str, result: str) -> None:
    names.text("shop.example", "some-verification=1", record)
    names.text("_spf.mailer.example", "v=spf1 ip4:192.0.2.0/28 -all")
    names.put("shop.example", "A", "192.0.2.1")
    names.put("near.example", "A", "192.0.2.77")
    names.put("elsewhere.example", "A", "198.51.100.7")
    names.put("shop.example", "MX", "20 backup.shop.example.", "10 mx.shop.example.")
    names.put("mx.shop.example", "A", "192.0.2.1")
    names.put("backup.shop.example", "A", "198.51.100.9")
    names.put("1.2.0.192.in-addr.arpa", "PTR", "mx.shop.example.", "liar.bank.example.")
    names.put("1.2.0.192.carla.shop.example.list.example", "A", "127.0.0.2")
    assert asked(names) == result


def test_an_address_of_the_new_kind_is_known_by_records_of_its_kind(names: Names) -> None:
    names.text("shop.example", "v=spf1 ip4:192.0.2.1 ip6:2001:db8::/32 -all")
    assert asked(names, "2001:db8::25") == "pass"
    assert asked(names, "2001:db9::25") == "fail"
    assert asked(names, "::ffff:192.0.2.1") == "pass"


def test_where_nobody_is_to_be_told_the_name_in_the_greeting_counts(names: Names) -> None:
    names.text("mx.shop.example", "v=spf1 ip4:192.0.2.1 -all")
    assert asked(names, sender="") == "pass"
    assert asked(names, sender="", helo="mx") == "none"
    assert asked(names, sender="", helo="[192.0.2.1]") == "none"


def test_a_record_may_not_keep_us_busy(names: Names) -> None:
    names.text("shop.example", "v=spf1 " + " ".join(f"include:i{n}.example" for n in range(12)) + " -all")
    for n in range(12):
        names.text(f"i{n}.example", "v=spf1 ip4:198.51.100.1 -all")
    assert asked(names) == "permerror"
    assert len(names.asked) == 11


def test_a_record_that_leads_back_to_itself_ends(names: Names) -> None:
    names.text("shop.example", "v=spf1 include:shop.example -all")
    assert asked(names) == "permerror"


def test_a_record_may_not_ask_in_vain_for_ever(names: Names) -> None:
    names.text("shop.example", "v=spf1 a:n1.example a:n2.example a:n3.example ip4:192.0.2.1 -all")
    assert asked(names) == "permerror"


def test_two_records_are_a_mistake_of_the_domain(names: Names) -> None:
    names.text("shop.example", "v=spf1 ip4:192.0.2.1 -all", "v=spf1 -all")
    assert asked(names) == "permerror"


@pytest.mark.parametrize("trouble", ["silent", "broken"])
def test_servers_that_do_not_answer_prove_nothing(names: Names, trouble: str) -> None:
    getattr(names, trouble).add("shop.example")
    assert asked(names) == "temperror"


@pytest.mark.parametrize("sender", ["x@" + "a" * 64 + ".example", "x@a..example", "x@example", "@shop.example", "x@"])
def test_a_name_that_is_none_is_not_asked_for(names: Names, sender: str) -> None:
    assert asked(names, sender=sender) == "none"


def test_the_domain_that_was_asked_is_told(names: Names) -> None:
    names.text("shop.example", "v=spf1 -all")
    found = asyncio.run(spf("192.0.2.1", "carla@SHOP.example", "", Resolver([names.address])))
    assert found == Spf("fail", "shop.example")
