"""What we sign: others find it right, nobody can add to it, and a repeat has the same bytes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import dkim as dkimpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tickets.model import Address, Attachment, Outgoing, Part
from gateways.email.outgoing.compose import compose
from gateways.email.outgoing.signing import NoKeyError, SigningKey, keys_for, new_private, read_private, sign, written
from gateways.email.vouching.canonical import bare
from gateways.email.vouching.dkim import check, read_key, read_signature
from tests.gateways.email.signing import RSA

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LONG = SigningKey("desk.example", "desk202603", new_private())
SHORT = SigningKey("desk.example", "desk202603e", new_private(short=True))
BOTH = [LONG, SHORT]
OUT = Outgoing(
    message=1,
    ticket=7,
    part=Part.REPLY,
    external_id="<7.1.abc@desk.example>",
    at=AT,
    door="support@desk.example",
    door_name="Ann · Example Support",
    to=(Address("email", "carla@shop.example", "Carla Gómez"),),
    copied=(Address("email", "dora@shop.example", ""),),
    subject="Wo ist meine Bestellung? Sie ist noch immer nicht da, und ich warte seit einer Woche auf sie",
    text="Sie ist unterwegs.\n\n  Grüße\n\n\n",
    reply_token="abc",
    in_reply_to="<1@shop.example>",
    references=tuple(f"<{n}.{'x' * 60}@shop.example>" for n in range(30)),
)


def holds(raw: bytes, index: int, key: SigningKey) -> bool:
    """What another library says of the signature at this place, the key being in DNS."""
    try:
        return dkimpy.DKIM(raw).verify(index, dnsfunc=lambda name, timeout=5: key.record.encode())
    except dkimpy.ValidationError:
        return False


def ours_holds(raw: bytes, index: int, key: SigningKey) -> bool:
    mail = bare(raw)
    own = [one for one in mail.fields if one.key == "dkim-signature"][index]
    return check(mail, read_signature(own), read_key(key.record.encode()), AT, hashed={}) is None


@pytest.mark.parametrize("part", [Part.REPLY, Part.ACKNOWLEDGEMENT])
def test_another_library_finds_both_signatures_right(part: Part) -> None:
    raw = sign(compose(replace(OUT, part=part)), BOTH, AT)
    for index, key in enumerate(BOTH):
        assert holds(raw, index, key)
        assert ours_holds(raw, index, key)
    assert not holds(raw, 0, SigningKey("desk.example", "x", new_private()))


@given(
    st.text(max_size=200),
    st.text(max_size=400),
    st.lists(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=80), max_size=25),
)
def test_whatever_is_sent_its_signatures_hold(subject: str, text: str, ids: list[str]) -> None:
    out = replace(OUT, subject=subject, text=text, references=tuple(f"<{one}@shop.example>" for one in ids))
    raw = sign(compose(out), BOTH, AT)
    assert holds(raw, 0, LONG)
    assert holds(raw, 1, SHORT)


def test_a_repeat_has_the_same_bytes() -> None:
    assert sign(compose(OUT), BOTH, AT) == sign(compose(OUT), BOTH, AT)


def test_what_an_answer_carries_is_signed_with_it() -> None:
    file = Attachment("plan.bin", "application/octet-stream", 3000, "d")
    content = bytes(range(250)) * 12
    raw = sign(compose(replace(OUT, files=(file,)), [content]), BOTH, AT)
    assert holds(raw, 0, LONG)
    assert holds(raw, 1, SHORT)
    assert not holds(raw.replace(raw[-200:-190], b"A" * 10), 0, LONG)


def test_all_that_a_reader_relies_on_is_signed_and_nothing_can_be_added() -> None:
    raw = sign(compose(replace(OUT, part=Part.ACKNOWLEDGEMENT)), [LONG], AT)
    signature = read_signature(bare(raw).fields[0])
    assert signature.covers.count("from") == 2
    assert {"to", "cc", "subject", "date", "message-id", "in-reply-to", "references", "reply-to"} <= {*signature.covers}
    assert {"mime-version", "content-type", "auto-submitted"} <= {*signature.covers}
    assert b"l=" not in re.sub(rb"\s", b"", raw.partition(b"\r\nDate:")[0]).split(b"h=")[0]
    assert (signature.head_form, signature.body_form) == ("relaxed", "relaxed")
    assert not holds(b"From: mallory@desk.example\r\n" + raw, 0, LONG)
    assert not holds(raw + b"PS: pay here\r\n", 0, LONG)


def test_a_list_that_may_be_left_is_signed_with_how_to_leave_it() -> None:
    leave = b"List-Unsubscribe: <https://desk.example/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    covers = read_signature(bare(sign(leave + compose(OUT), [LONG], AT)).fields[0]).covers
    assert {"list-unsubscribe", "list-unsubscribe-post"} <= {*covers}


def test_its_lines_are_short_and_plain() -> None:
    head = sign(compose(OUT), BOTH, AT).partition(b"\r\nDate:")[0]
    assert head.isascii()
    assert max(len(line) for line in head.split(b"\r\n")) <= 80


def test_it_is_dated_as_the_mail_is() -> None:
    raw = sign(compose(OUT), [LONG], AT)
    assert b"t=%d" % int(AT.timestamp()) in raw


def test_each_address_has_its_own_domains_keys_or_those_above_or_none() -> None:
    shop = SigningKey("shop.example", "s", LONG.private)
    below = SigningKey("eu.desk.example", "s", LONG.private)
    keys = [*BOTH, shop, below]
    assert keys_for(keys, "support@desk.example") == BOTH
    assert keys_for(keys, "support@Help.Desk.example") == BOTH
    assert keys_for(keys, "support@eu.desk.example") == [below]
    assert keys_for(keys, "support@notdesk.example") == []
    assert keys_for([SigningKey("xn--bcher-kva.example", "s", LONG.private)], "support@Bücher.example")
    assert keys_for(keys, "support") == []
    assert sign(compose(OUT), [], AT) == compose(OUT)


@pytest.mark.parametrize("key", BOTH, ids=["rsa", "ed25519"])
def test_a_key_comes_back_from_its_file(key: SigningKey) -> None:
    again = SigningKey(key.domain, key.selector, read_private(written(key.private)))
    assert again.record == key.record


def test_a_key_as_older_programs_write_it_is_one() -> None:
    assert RSA.private.startswith(b"-----BEGIN RSA PRIVATE KEY-----")
    key = SigningKey("desk.example", "s", read_private(RSA.private))
    assert key.record == RSA.record
    assert holds(sign(compose(OUT), [key], AT), 0, key)


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", b"\xff" * 99])
def test_what_is_no_key_signs_nothing(pem: bytes) -> None:
    with pytest.raises(NoKeyError):
        read_private(pem)
