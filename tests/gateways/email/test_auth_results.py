"""What other servers say that they found out: read in every shape, believed only from ours."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tickets.model import Vouch, Vouched
from core.tickets.vouches import results
from gateways.email.parts.headers import split_mail
from gateways.email.vouching.auth_results import Server, believed, names, read_results, verdict

OURS = Server("mx.desk.example")
PASSES = b"Authentication-Results: mx.desk.example; dmarc=pass (p=reject dis=none) header.from=shop.example\r\n"
FAILS = b"Authentication-Results: mx.desk.example; dmarc=fail (p=reject dis=quarantine) header.from=shop.example\r\n"
RECEIVED = (
    b"Received: from mail.shop.example (mail.shop.example [192.0.2.1]) by mx.desk.example (Postfix) with ESMTPS\r\n"
)
THEIRS = b"Received: from laptop by mail.shop.example with ESMTPSA\r\n"
MAIL = b"From: Carla <carla@shop.example>\r\n\r\nHello\r\n"


def found(*lines: bytes, servers: tuple[Server, ...] = (OURS,), domain: str = "shop.example") -> Vouched | None:
    return verdict(believed(split_mail(b"".join(lines) + MAIL).headers, servers), domain)


def result(*lines: bytes, **more: object) -> str | None:
    said = found(*lines, **more)  # type: ignore[arg-type]
    return said.verdict.value if said else None


GMAIL = (
    b"Received: by 2002:a05:6402:1a with SMTP id x; Mon, 2 Mar 2026 04:00:00 -0800\r\n"
    b"ARC-Authentication-Results: i=1; mx.google.com; dmarc=pass header.from=bank.example\r\n"
    b"Return-Path: <carla@shop.example>\r\n"
    b"Received: from mail.shop.example (mail.shop.example. [192.0.2.1]) by mx.google.com with ESMTPS id y\r\n"
    b"Received-SPF: pass (google.com: best guess) client-ip=192.0.2.1;\r\n"
    b"Authentication-Results: mx.google.com;\r\n       dkim=pass header.i=@shop.example header.s=s1 header.b=abc;\r\n"
    b"       spf=pass (google.com: domain of carla@shop.example designates 192.0.2.1)"
    b" smtp.mailfrom=carla@shop.example;\r\n"
    b"       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=shop.example\r\n"
)
MICROSOFT = (
    b"Received: from AM0EUR02.prod.protection.outlook.com (2603::1) by AM9PR05.outlook.office365.com with HTTPS\r\n"
    b"Received: from mail.shop.example (192.0.2.1) by AM0EUR02FT.mail.protection.outlook.com (10.13.54.1)\r\n"
    b" with Microsoft SMTP Server\r\n"
    b"Authentication-Results: spf=fail (sender IP is 192.0.2.1)\r\n smtp.mailfrom=shop.example;"
    b" dkim=none (message not signed)\r\n"
    b" header.d=none;dmarc=fail action=oreject header.from=shop.example;compauth=fail reason=000\r\n"
)
POSTFIX = (
    RECEIVED
    + b"Authentication-Results: mx.desk.example; dmarc=none (p=none dis=none) header.from=shop.example\r\n"
    + b"DKIM-Filter: OpenDKIM Filter v2.11.0 mx.desk.example 4F\r\n"
    + b"Authentication-Results: mx.desk.example;\r\n\tdkim=pass (2048-bit key; unprotected) header.d=shop.example"
    + b' header.b="aBc/1";\r\n\tdkim-atps=neutral\r\n'
    + THEIRS
)


@pytest.mark.parametrize(
    ("lines", "server", "verdict", "asks"),
    [
        (GMAIL, Server("mx.google.com"), Vouch.PASSED, "none"),
        (GMAIL, Server("*.google.com"), Vouch.PASSED, "none"),
        (MICROSOFT, Server("-"), Vouch.FAILED, "reject"),
        (POSTFIX, Server("mx.desk.example", 2), Vouch.PASSED, "none"),
        (POSTFIX, Server("mx.desk.example"), Vouch.NONE, "none"),
        (FAILS + RECEIVED, OURS, Vouch.FAILED, "quarantine"),
    ],
    ids=["Gmail", "a domain of names", "Microsoft 365", "Postfix with two filters", "the topmost of two", "by policy"],
)
def test_real_servers_are_understood(lines: bytes, server: Server, verdict: Vouch, asks: str) -> None:
    said = found(lines, servers=(server,))
    assert said is not None
    assert (said.verdict, said.asks, said.domain) == (verdict, asks, "shop.example")
    assert said.evidence[0].endswith("says our server")


def test_by_what_a_server_came_to_its_result_is_kept() -> None:
    said = found(MICROSOFT, servers=(Server("-"),))
    assert said is not None
    assert results(said) == ["DMARC fail", "SPF fail", "DKIM none"]


def test_nobody_is_believed_who_has_not_been_named() -> None:
    assert result(PASSES, servers=()) is None
    assert result(PASSES, servers=(Server("mx.elsewhere.example"),)) is None
    assert result(PASSES, servers=(Server("*.elsewhere.example"),)) is None
    assert result(PASSES.replace(b"mx.desk", b"mx.desk.example.evil"), servers=(OURS,)) is None


def test_a_forged_result_below_ours_changes_nothing() -> None:
    assert result(FAILS, RECEIVED, PASSES) == "fail"
    assert result(RECEIVED, FAILS, PASSES) == "fail"
    assert result(RECEIVED, FAILS, PASSES, servers=(Server("mx.desk.example", 2),)) == "fail"


def test_a_result_below_a_foreign_line_was_there_before_our_server_took_the_mail() -> None:
    assert result(RECEIVED, THEIRS, PASSES) is None
    assert result(RECEIVED, PASSES, THEIRS) == "pass"
    inner = b"Received: from mx.desk.example by store.desk.example with LMTP\r\n"
    assert result(inner, RECEIVED, PASSES, THEIRS) == "pass"


def test_a_result_about_another_domain_than_the_senders_says_nothing() -> None:
    other = PASSES.replace(b"shop.example", b"evil.example")
    assert result(other) is None
    signed = b"dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=x@evil.example\r\n"
    assert result(b"Authentication-Results: mx.desk.example; " + signed) is None
    assert result(PASSES.replace(b" header.from=shop.example", b"")) is None


@pytest.mark.parametrize(
    "said",
    [
        b"dkim=pass header.d=shop.example",
        b"dkim=pass header.i=@mail.shop.example",
        b"spf=pass smtp.mailfrom=carla@shop.example",
        b"dkim=fail header.d=shop.example; dkim=pass header.d=shop.example",
        b"dmarc=bestguesspass action=none header.from=shop.example",
        b'spf=pass smtp.mailfrom="carla rossi"@shop.example',
    ],
)
def test_what_vouches_for_the_senders_own_domain_counts_without_a_policy(said: bytes) -> None:
    assert result(b"Authentication-Results: mx.desk.example; " + said + b"\r\n") == "pass"


@pytest.mark.parametrize(
    "said",
    [
        b"none",
        b"dkim=fail header.d=shop.example",
        b"spf=softfail smtp.mailfrom=shop.example",
        b"auth=pass",
        b'spf=pass smtp.mailfrom="carla@shop.example"@evil.example',
        b'dkim=pass header.i="x@shop.example"@evil.example',
        b"",
        b";;=;",
    ],
)
def test_where_a_server_does_not_say_it_is_not_known(said: bytes) -> None:
    assert result(b"Authentication-Results: mx.desk.example; " + said + b"\r\n") is None


def test_comments_and_quotes_hide_no_result_and_make_none() -> None:
    said = read_results(
        b'mx.desk.example 1 (a; dmarc=pass); (x (y) "q) dkim = pass /* */ reason="a; spf=pass" header.d="Shop.Example"'
    )
    assert said.server == "mx.desk.example"
    assert [one.method for one in said.found] == []
    said = read_results(
        b'mx.desk.example (c) ; dkim/1 = PASS (ok; fine) reason="a; spf=pass" header.d="Shop.Example" ; x'
    )
    assert [(one.method, one.result, one.properties) for one in said.found] == [
        ("dkim", "pass", {"header.d": "shop.example"})
    ]


def test_an_address_that_was_found_to_be_true_is_that_whole_address() -> None:
    for said, is_it in (
        (b"spf=pass (ok) smtp.mailfrom=Carla@shop.example", True),
        (b"dkim=pass header.i=carla@shop.example header.s=s1", True),
        (b"dkim=pass header.i=@shop.example", False),
        (b"spf=fail smtp.mailfrom=carla@shop.example", False),
        (b'spf=pass smtp.mailfrom="carla@shop.example"@evil.example', False),
        (b'spf=pass smtp.mailfrom="x; dkim=pass header.i=carla@shop.example"@evil.example', False),
        (b'spf=pass (for "x) smtp.mailfrom=carla@shop.example ("@evil.example) smtp.mailfrom=x@evil.example', False),
        (b"auth=pass smtp.auth=carla@shop.example", False),
    ):
        assert names(read_results(b"mx.desk.example; " + said).found, "carla@shop.example") is is_it, said


@given(st.binary(max_size=300))
def test_no_bytes_raise_or_vouch_for_anybody(said: bytes) -> None:
    read_results(said)
    line = b"Authentication-Results: " + said.replace(b"\r", b"").replace(b"\n", b"") + b"\r\n"
    assert result(RECEIVED, FAILS, line) == "fail"


@pytest.mark.parametrize("piece", [b'"', b'\\"', b"(", b"a", b"a.", b"a.b=", b' a.b="', b"; a=b", b" "])
def test_no_field_keeps_us_busy(piece: bytes) -> None:
    def cpu(times: int) -> float:
        value = b"mx; dkim=pass " + piece * times
        began = time.process_time()
        for _ in range(3):
            read_results(value)
        return time.process_time() - began

    assert cpu(16_000) < 1.0
