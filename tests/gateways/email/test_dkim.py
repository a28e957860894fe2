"""Signatures of domains: what dkimpy signs holds for us, and nothing else does."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from itertools import product

import dkim as dkimpy
import pytest
from dkim.canonicalization import Relaxed, Simple
from hypothesis import given
from hypothesis import strategies as st

from gateways.email.vouching import canonical
from gateways.email.vouching.canonical import Field, MalformedError, bare
from gateways.email.vouching.dkim import check, read_key, read_signature
from tests.gateways.email.signing import ED25519, PLAIN, RSA, Pair, rsa_pair

NOW = datetime.now(UTC)  # noqa: TID251 - dkimpy writes when it signs by the wall clock
FORMS = list(product((b"relaxed", b"simple"), repeat=2))


def why_not(raw: bytes, record: str, at: datetime = NOW) -> str | None:
    """None where the topmost signature holds, else why it counts for nothing."""
    try:
        mail = bare(raw)
        own = next((one for one in mail.fields if one.key == "dkim-signature"), None)
        return check(mail, read_signature(own), read_key(record.encode()), at, hashed={}) if own else "it is not signed"
    except MalformedError as error:
        return str(error)


@pytest.mark.parametrize("pair", [RSA, ED25519], ids=["rsa", "ed25519"])
@pytest.mark.parametrize("forms", FORMS)
def test_what_another_library_signed_holds(pair: Pair, forms: tuple[bytes, bytes]) -> None:
    signed = pair.sign(PLAIN, canonicalize=forms)
    assert why_not(signed, pair.record) is None
    assert why_not(b"Received: from a by b\r\nReturn-Path: <x@y.example>\r\n" + signed, pair.record) is None
    assert why_not(signed.replace(b"\r\n", b"\n"), pair.record) is None


@pytest.mark.parametrize("forms", FORMS)
@pytest.mark.parametrize(
    ("there", "instead", "why"),
    [
        (b"not arrived", b"now arrived", "text was changed"),
        (b"carla@shop", b"mallory@shop", "header was changed"),
        (b"my order", b"your order", "header was changed"),
        (b"Subject:", b"From: Mallory <m@shop.example>\r\nSubject:", "header was changed"),
    ],
)
def test_what_was_changed_on_its_way_does_not(
    forms: tuple[bytes, bytes], there: bytes, instead: bytes, why: str
) -> None:
    signed = RSA.sign(PLAIN, canonicalize=forms)
    head, mark, rest = signed.partition(b"From: Carla")
    assert why in str(why_not(head + (mark + rest).replace(there, instead, 1), RSA.record))


def test_blanks_that_nobody_sees_are_free_only_in_the_relaxed_form() -> None:
    def loosened(form: bytes) -> bytes:
        signed = RSA.sign(PLAIN, canonicalize=(form, form))
        head, mark, rest = signed.partition(b"From: Carla")
        rest = rest.replace(b"Where is\r\n\tmy", b"Where\r\n  is my").replace(b"has  not", b"has not")
        return head + mark + rest + b"\r\n\r\n"

    assert why_not(loosened(b"relaxed"), RSA.record) is None
    assert why_not(loosened(b"simple"), RSA.record) is not None


def changed(raw: bytes, pattern: bytes, instead: bytes) -> bytes:
    """The same mail, something in its signature written in another way."""
    made = re.sub(pattern, instead, raw, count=1)
    assert made != raw
    return made


@pytest.mark.parametrize(
    ("pattern", "instead", "why"),
    [
        (rb"a=rsa-sha256", b"a=rsa-sha1", "counts no more"),
        (rb"a=rsa-sha256", b"a=rot13", "unknown"),
        (rb"v=1", b"v=2", "another domain"),
        (rb"i=@shop\.example", b"i=@bank.example", "another domain"),
        (rb"i=@shop\.example", b"i=@notshop.example", "another domain"),
        (rb"q=dns/txt", b"q=dns/txt; l=10", "only a part"),
        (rb"q=dns/txt", b"q=carrier/pigeon", "cannot be read"),
        (rb"q=dns/txt", b"q=dns/txt; q=dns/txt", "cannot be read"),
        (rb"s=s1", b"s=a b", "cannot be read"),
        (rb"d=shop\.example", b"d=", "cannot be read"),
        (rb"c=relaxed/simple", b"c=relaxed/loose", "form is unknown"),
        (rb"bh=", b"zz=", "lacks bh="),
        (rb"q=dns/txt", b"q=dns/txt; x=" + b"9" * 5000, "cannot be read"),
        (rb"q=dns/txt", b"q=dns/txt; z=" + b"x" * 9000, "too long"),
    ],
)
def test_a_signature_that_says_too_little_or_too_much_counts_for_nothing(
    pattern: bytes, instead: bytes, why: str
) -> None:
    assert why in str(why_not(changed(RSA.sign(PLAIN), pattern, instead), RSA.record))


def test_a_signature_over_all_but_the_sender_counts_for_nothing() -> None:
    signed = RSA.sign(PLAIN, include_headers=[b"from", b"subject"])
    assert why_not(signed, RSA.record) is None
    assert "who writes" in str(why_not(changed(signed, rb"h=from :", b"h=date :"), RSA.record))


def test_a_signature_ends_when_it_says_by_the_time_the_mail_came_not_by_that_of_reading_it() -> None:
    raw = b"DKIM-Signature: v=1; a=rsa-sha256; d=shop.example; s=s1; h=from; bh=; b=; x=%d\r\n" % NOW.timestamp()
    mail = bare(raw + PLAIN)
    signature = read_signature(mail.fields[0])
    key = read_key(RSA.record.encode())
    assert check(mail, signature, key, NOW + timedelta(hours=11), hashed={}) == "it was out of date"
    assert check(mail, signature, key, NOW, hashed={}) == "the text was changed on its way"


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (RSA.record.replace("DKIM1", "DKIM2"), "no key"),
        ("v=DKIM1; k=rsa", "no key"),
        ("v=DKIM1; p=", "revoked"),
        (RSA.record + "; t=y", "tried out"),
        (RSA.record + "; s=tlsrpt", "not for mail"),
        (RSA.record + "; h=sha1", "another algorithm"),
        ("v=DKIM1; p=AAAA", "cannot be read"),
        ("v=DKIM1; p=!!", "cannot be read"),
        ("v=DKIM1; k=ed25519; p=AAAA", "cannot be read"),
        (RSA.record.replace("k=rsa", "k=dsa"), "another kind"),
        ("google-site-verification=x", "cannot be read"),
        (ED25519.record, "header was changed"),
        (rsa_pair().record, "header was changed"),
    ],
    ids=map(str, range(13)),  # the keys are others in each process
)
def test_a_key_that_is_no_use_proves_nothing(record: str, why: str) -> None:
    assert why in str(why_not(RSA.sign(PLAIN), record))


def test_a_key_for_the_domain_alone_signs_for_nothing_below_it() -> None:
    exact = RSA.record + "; t=s"
    assert why_not(RSA.sign(PLAIN), exact) is None
    below = RSA.sign(PLAIN, identity=b"carla@eu.shop.example")
    assert why_not(below, RSA.record) is None
    assert why_not(below, exact) == "its key is for another domain"


def test_a_key_that_anybody_could_compute_proves_nothing() -> None:
    short = (
        "v=DKIM1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8QuKUpRKfFL"
        "fRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ=="
    )
    assert why_not(RSA.sign(PLAIN), short) == "its key is too short"


OF_THE_RFC = b"""DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
"""
KEYS_OF_THE_RFC = [
    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J1"
    "6JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTI"
    "KT+l/K4w3QIDAQAB",
]


def test_both_signatures_of_the_example_in_rfc_8463_hold() -> None:
    mail, at = bare(OF_THE_RFC), datetime(2018, 6, 10, tzinfo=UTC)
    for own, record in zip(mail.fields, KEYS_OF_THE_RFC, strict=False):
        assert check(mail, read_signature(own), read_key(record.encode()), at, hashed={}) is None


TEXT = st.lists(st.sampled_from([b" ", b"\t", b"a", b"\r\n", b"\r", b"."]), max_size=30).map(b"".join)


@given(TEXT)
def test_bodies_are_hashed_in_the_form_that_another_library_hashes(text: bytes) -> None:
    content = text + b"\r\n"
    assert canonical.body(content, "relaxed") == Relaxed.canonicalize_body(content)
    assert canonical.body(content, "simple") == Simple.canonicalize_body(content)


@given(st.lists(st.sampled_from([b" ", b"\t", b"a", b"B", b"\r\n ", b":", b";"]), max_size=30).map(b"".join))
def test_fields_are_hashed_in_the_form_that_another_library_hashes(value: bytes) -> None:
    [(name, theirs)] = Relaxed.canonicalize_headers([(b"Subject ", value + b"\r\n")])
    assert canonical.field(Field(b"Subject ", value), "relaxed") + b"\r\n" == name + b":" + theirs


@given(st.binary(max_size=300))
def test_no_bytes_do_worse_than_being_no_signature(said: bytes) -> None:
    for raw in (said, b"DKIM-Signature: " + said + b"\r\n\r\n", b"DKIM-Signature: v=1; a=rsa-sha256; b=" + said):
        why_not(raw, RSA.record)
    with pytest.raises(MalformedError):
        read_key(b"v=DKIM1; p=" + said + b"!")


def test_the_other_library_agrees_that_these_are_signatures() -> None:
    assert dkimpy.verify(RSA.sign(PLAIN), dnsfunc=lambda name, timeout=5: RSA.record.encode())


@pytest.mark.parametrize("piece", [b" ", b"\t \r", b"\r\n", b"\r\r\n", b"a \t", b"\n", b" \r\n"])
def test_no_text_keeps_us_busy(piece: bytes) -> None:
    """Two million bytes; the square of them would take minutes."""
    signed = RSA.sign(PLAIN) + piece * (2_000_000 // len(piece))
    began = time.process_time()
    why_not(signed, RSA.record)
    assert time.process_time() - began < 2
