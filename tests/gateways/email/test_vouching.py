"""Who vouches for a mail: mails with real signatures, a name server on loopback, and what the desk makes of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import dkim as dkimpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tickets.model import Address, Inbound, Vouch, Vouched
from core.tickets.vouches import results
from gateways.email.envelope import Envelope
from gateways.email.vouching.asking import Asking, NotYet, Vouching
from gateways.email.vouching.auth_results import Server
from gateways.email.vouching.resolver import Resolver
from gateways.email.vouching.verdict import Answers, Trust, claims, heard_as_found, judged
from tests.apart import Lent
from tests.gateways.email.signing import ED25519, PLAIN, RSA, rsa_pair
from tests.names import Names, name_server
from tests.patience import PATIENCE

NOW = datetime.now(UTC)  # noqa: TID251 - dkimpy writes when it signs by the wall clock
PEER, STRANGER = "1.2.3.4", "5.6.7.8"
ASKING = Trust(asks=True)
LIST = rsa_pair()
SHORT, LONG = timedelta(seconds=0.5), timedelta(seconds=PATIENCE)


@pytest.fixture
def names() -> Iterator[Names]:
    """Shop.example as a careful house has it: its server, its key, and the wish that all else be refused."""
    with name_server() as server:
        server.text("shop.example", f"v=spf1 ip4:{PEER} -all")
        server.text("_dmarc.shop.example", "v=DMARC1; p=reject; sp=quarantine")
        RSA.publish(server)
        yield server


def came(peer: str = PEER, sender: str = "carla@shop.example", **more: Any) -> Envelope:
    facts: dict[str, Any] = {"helo": "mail.shop.example", "tls": "", "received_at": NOW, **more}
    return Envelope(sender, ("support@desk.example",), peer, **facts)


@asynccontextmanager
async def asking(
    names: Names,
    trust: Trust = ASKING,
    patience: timedelta | None = None,
    **times: Any,
) -> AsyncIterator[Vouching]:
    """`patience` for one question: short where a test has somebody who does not answer."""
    resolver = Resolver([names.address], patience or (SHORT if names.deaf or names.silent else LONG))
    apart = Lent()
    vouching = Vouching(trust, apart, Asking(resolver, **{"at_once": LONG, **times}))
    try:
        yield vouching
    finally:
        await vouching.close()
        await apart.close()


async def found(
    names: Names, raw: bytes, envelope: Envelope, trust: Trust = ASKING, taken_at: datetime = NOW
) -> Vouched:
    async with asking(names, trust) as vouching:
        return (await vouching.message(1, raw, envelope, taken_at)).vouched


async def test_a_mail_from_its_domains_own_server_is_vouched_for(names: Names) -> None:
    said = await found(names, PLAIN, came())
    assert (said.verdict, said.domain) == (Vouch.PASSED, "shop.example")
    assert "spf=pass for shop.example" in said.evidence


@pytest.mark.parametrize("pair", [RSA, ED25519], ids=["rsa", "ed25519"])
async def test_a_signature_of_its_domain_vouches_for_a_mail_wherever_it_came_from(names: Names, pair: Any) -> None:
    pair.publish(names)
    said = await found(names, pair.sign(PLAIN), came(STRANGER, "bounce@mailer.example"))
    assert said.verdict is Vouch.PASSED
    assert "dkim=pass for shop.example (s1)" in said.evidence


async def test_a_mail_that_nothing_vouches_for_fails_and_its_domain_says_what_is_to_become_of_it(names: Names) -> None:
    said = await found(names, PLAIN, came(STRANGER))
    assert (said.verdict, said.asks, said.keeps_out) == (Vouch.FAILED, "reject", True)
    assert said.evidence == (
        "spf=fail for shop.example",
        "dkim=none for shop.example",
        "dmarc: shop.example asks for reject",
    )
    assert results(said) == ["SPF fail", "DKIM none", "DMARC fail"]
    names.text("_dmarc.shop.example", "v=DMARC1; p=none")
    said = await found(names, PLAIN, came(STRANGER))
    assert (said.verdict, said.asks, said.keeps_out) == (Vouch.FAILED, "none", False)


async def test_a_domain_that_says_nothing_is_neither_believed_nor_doubted(names: Names) -> None:
    raw = PLAIN.replace(b"shop.example", b"quiet.example")
    assert (await found(names, raw, came(sender="x@quiet.example"))).verdict is Vouch.NONE
    names.text("_dmarc.quiet.example", "v=spf1 -all", "not a policy")
    assert (await found(names, raw, came(sender="x@quiet.example"))).verdict is Vouch.NONE
    names.text("quiet.example", f"v=spf1 ip4:{PEER} -all")
    assert (await found(names, raw, came(sender="x@quiet.example"))).verdict is Vouch.PASSED


async def test_what_holds_for_another_domain_vouches_for_nobody_else(names: Names) -> None:
    names.text("evil.example", f"v=spf1 ip4:{STRANGER} -all")
    RSA.publish(names, "evil.example")
    raw = RSA.sign(PLAIN, "evil.example")
    said = await found(names, raw, came(STRANGER, "x@evil.example"))
    assert said.verdict is Vouch.FAILED
    assert "dkim: evil.example signed it, which is another domain than the sender's" in said.evidence
    assert "s1._domainkey.evil.example" not in [name for name, _ in names.asked]


async def test_the_organisation_speaks_for_what_lies_below_it(names: Names) -> None:
    raw = PLAIN.replace(b"carla@shop.example", b"carla@eu.shop.example")
    said = await found(names, raw, came(STRANGER))
    assert (said.verdict, said.asks) == (Vouch.FAILED, "quarantine")
    assert (await found(names, RSA.sign(raw), came(STRANGER))).verdict is Vouch.PASSED
    names.text("_dmarc.shop.example", "v=DMARC1; p=reject; adkim=s; aspf=s")
    assert (await found(names, RSA.sign(raw), came(PEER))).verdict is Vouch.FAILED


async def test_two_customers_of_one_registry_are_two_organisations(names: Names) -> None:
    names.text("evil.co.uk", f"v=spf1 ip4:{STRANGER} -all")
    names.text("_dmarc.shop.co.uk", "v=DMARC1; p=reject")
    raw = PLAIN.replace(b"carla@shop.example", b"carla@shop.co.uk")
    assert (await found(names, raw, came(STRANGER, "x@evil.co.uk"))).verdict is Vouch.FAILED


@pytest.mark.parametrize("wish", ["p=reject; t=y", "p=reject; pct=0", "p=shred", ""])
async def test_a_policy_that_is_only_tried_out_asks_for_nothing(names: Names, wish: str) -> None:
    names.text("_dmarc.shop.example", f"v=DMARC1; {wish}")
    said = await found(names, PLAIN, came(STRANGER))
    assert (said.verdict, said.asks) == (Vouch.FAILED, "none")


@pytest.mark.parametrize(
    "wish",
    ["p=reject; pct=1", "p=quarantine; pct=99", "p=reject; np=none; psd=n", "p=reject; pct=half", "p=reject; t=n"],
)
async def test_a_policy_for_a_part_of_the_mail_or_for_names_that_are_not_there_counts_for_all_of_it(
    names: Names, wish: str
) -> None:
    names.text("_dmarc.shop.example", f"v=DMARC1; {wish}")
    said = await found(names, PLAIN, came(STRANGER))
    assert (said.verdict, said.keeps_out) == (Vouch.FAILED, True)


@pytest.mark.parametrize("trouble", ["silent", "broken"])
@pytest.mark.parametrize("name", ["shop.example", "_dmarc.shop.example", "s1._domainkey.shop.example"])
async def test_where_dns_gives_no_answer_nothing_is_known(names: Names, trouble: str, name: str) -> None:
    getattr(names, trouble).add(name)
    said = await found(names, RSA.sign(PLAIN).replace(b"not arrived", b"now arrived"), came(STRANGER))
    assert (said.verdict, said.keeps_out) == (Vouch.UNKNOWN, False)


async def test_without_any_dns_all_is_unknown_and_soon_nobody_is_asked_any_more(names: Names) -> None:
    names.deaf = True
    loop = asyncio.get_running_loop()
    async with asking(names) as vouching:
        for number in range(3):
            assert (await vouching.message(number, RSA.sign(PLAIN), came(), NOW)).vouched.verdict is Vouch.UNKNOWN
        asked, began = len(names.asked), loop.time()
        for number in range(20):
            assert (await vouching.message(number, RSA.sign(PLAIN), came(), NOW)).vouched.verdict is Vouch.UNKNOWN
        assert len(names.asked) == asked
        assert loop.time() - began < 20 * SHORT.total_seconds(), "else each would have been asked about"


async def test_a_domain_that_is_silent_switches_nothing_off_for_others(names: Names) -> None:
    names.silent.add("slow.example")
    raw = PLAIN.replace(b"carla@shop.example", b"carla@slow.example")
    async with asking(names) as vouching:
        for number in range(5):
            said = await vouching.message(number, raw, came(STRANGER, f"x@n{number}.slow.example"), NOW)
            assert said.vouched.verdict is Vouch.UNKNOWN
        assert (await vouching.message(9, PLAIN, came(STRANGER), NOW)).vouched.verdict is Vouch.FAILED


async def test_a_slow_domain_holds_nobody_up_and_has_its_answer_at_last(names: Names) -> None:
    names.silent.add("slow.example")
    raw = PLAIN.replace(b"carla@shop.example", b"carla@slow.example")
    slow = came(STRANGER, "x@slow.example")
    times: dict[str, Any] = {"at_once": timedelta(seconds=0.2), "at_most": timedelta(seconds=2)}
    async with asking(names, patience=timedelta(seconds=9), most=2, **times) as vouching:
        await at_last(vouching, 0, PLAIN, came())  # the child has started
        for number in (1, 2, 3):  # the third is not even begun
            with pytest.raises(NotYet):
                await vouching.message(number, raw, slow, NOW)
        assert [vouching.waits_for(number) for number in (0, 1, 2, 3)] == [False, True, True, False]
        async with asyncio.timeout(PATIENCE):
            while vouching.waits_for(1):  # noqa: ASYNC110 - it rings no bell
                await asyncio.sleep(0.02)
        assert (await at_last(vouching, 1, raw, slow)).verdict is Vouch.UNKNOWN
        assert (await at_last(vouching, 4, PLAIN, came())).verdict is Vouch.PASSED


async def at_last(vouching: Vouching, number: int, raw: bytes, envelope: Envelope) -> Vouched:
    """Asked again until it is there, as a hand comes back."""
    while True:
        with contextlib.suppress(NotYet):
            return (await vouching.message(number, raw, envelope, NOW)).vouched


async def test_of_what_had_lain_elsewhere_for_long_a_failure_proves_nothing(names: Names) -> None:
    names.known.pop(("s1._domainkey.shop.example", "TXT"))
    lay = came(STRANGER)
    assert (await found(names, RSA.sign(PLAIN), lay, taken_at=NOW + timedelta(days=2))).verdict is Vouch.FAILED
    assert (await found(names, RSA.sign(PLAIN), lay, taken_at=NOW + timedelta(days=4))).verdict is Vouch.UNKNOWN


SECOND = b"From: Mallory <mallory@shop.example>\r\n"


@pytest.mark.parametrize(
    "make",
    [
        lambda raw: SECOND + raw,
        lambda raw: raw.replace(b"To:", SECOND + b"To:"),
        lambda raw: raw.replace(b"From: Carla <carla@shop.example>", b"From: m@shop.example, carla@shop.example"),
    ],
    ids=["above", "below", "beside"],
)
async def test_of_several_senders_none_is_vouched_for(names: Names, make: Callable[[bytes], bytes]) -> None:
    for raw in (make(RSA.sign(PLAIN)), RSA.sign(make(PLAIN))):
        said = await found(names, raw, came(PEER))
        assert (said.verdict, said.asks) == (Vouch.FAILED, "reject")


async def test_a_mail_without_a_sender_is_nobodys_and_is_let_in(names: Names) -> None:
    raw = PLAIN.replace(b"From: Carla <carla@shop.example>", b"Sender: Carla <carla@shop.example>")
    said = await found(names, raw, came(STRANGER))
    assert (said.verdict, said.keeps_out) == (Vouch.FAILED, False)


async def test_agents_and_signers_see_the_same_sender_or_nobody_has_signed(names: Names) -> None:
    """Our reader finds headers behind blank lines, which a signer takes for the text."""
    signed = RSA.sign(PLAIN)
    for raw in (b"\r\n" + signed, signed.replace(b"Subject:", b"no colon here\r\nSubject:")):
        said = await found(names, raw, came(STRANGER))
        assert said.verdict is Vouch.FAILED


async def test_only_so_many_signatures_are_looked_at(names: Names) -> None:
    raw = RSA.sign(PLAIN)
    for number in range(30):
        raw = RSA.sign(PLAIN, selector=f"x{number}").partition(b"From: Carla")[0] + raw
    await found(names, raw, came(STRANGER))
    assert len([name for name, _ in names.asked if "_domainkey" in name]) == 4


async def test_signatures_of_others_above_do_not_hide_the_senders_own(names: Names) -> None:
    raw = RSA.sign(PLAIN)
    for number in range(8):
        raw = RSA.sign(PLAIN, f"mailer{number}.example").partition(b"From: Carla")[0] + raw
    assert (await found(names, raw, came(STRANGER))).verdict is Vouch.PASSED


# What a server of ours has handed on


HANDED_ON = [came("127.0.0.1"), came("10.0.0.5"), came("imap.example.com", source="imap:support/INBOX/1/2")]


@pytest.mark.parametrize("envelope", HANDED_ON, ids=["loopback", "a private network", "a mailbox"])
async def test_what_our_own_server_handed_on_does_not_fail_for_its_address(names: Names, envelope: Envelope) -> None:
    assert (await found(names, PLAIN, envelope)).verdict is Vouch.UNKNOWN
    assert (await found(names, RSA.sign(PLAIN), envelope)).verdict is Vouch.PASSED


OURS = Trust(asks=True, servers=(Server("mx.desk.example"),), relays=("9.9.9.0/24",))
STATED = b"Authentication-Results: mx.desk.example; dmarc=%s header.from=shop.example\r\n"


@pytest.mark.parametrize("envelope", [*HANDED_ON, came("9.9.9.9")])
async def test_what_our_own_server_found_out_counts_and_nobody_is_asked(names: Names, envelope: Envelope) -> None:
    assert (await found(names, STATED % b"pass" + PLAIN, envelope, OURS)).verdict is Vouch.PASSED
    said = await found(names, STATED % b"fail (p=quarantine)" + PLAIN, envelope, OURS)
    assert (said.verdict, said.asks) == (Vouch.FAILED, "quarantine")
    assert names.asked == []


async def test_what_a_stranger_says_that_our_server_found_out_is_a_lie(names: Names) -> None:
    assert (await found(names, STATED % b"pass" + PLAIN, came(STRANGER), OURS)).verdict is Vouch.FAILED
    headers = Trust(servers=OURS.servers)
    assert (await found(names, STATED % b"pass" + PLAIN, came(STRANGER), headers)).verdict is Vouch.UNKNOWN


async def test_who_has_logged_in_is_not_measured_by_their_address_and_says_nothing_for_our_server(
    names: Names,
) -> None:
    logged_in = came(STRANGER, user="form")
    assert (await found(names, PLAIN, logged_in, OURS)).verdict is Vouch.UNKNOWN
    assert (await found(names, STATED % b"pass" + PLAIN, logged_in, OURS)).verdict is Vouch.UNKNOWN


async def test_a_mailbox_may_have_servers_of_its_own(names: Names) -> None:
    trust = Trust(servers=(Server("mx.desk.example"),), mailboxes={"support": (Server("mx.google.com"),)})
    theirs = (STATED % b"pass").replace(b"mx.desk.example", b"mx.google.com")
    here, there = came("h", source="imap:support/INBOX/1/2"), came("h", source="imap:sales/INBOX/1/2")
    assert (await found(names, theirs + PLAIN, here, trust)).verdict is Vouch.PASSED
    assert (await found(names, theirs + PLAIN, there, trust)).verdict is Vouch.UNKNOWN
    assert (await found(names, STATED % b"pass" + PLAIN, here, trust)).verdict is Vouch.UNKNOWN
    assert (await found(names, STATED % b"pass" + PLAIN, there, trust)).verdict is Vouch.PASSED


async def test_our_server_cannot_make_one_sender_of_two(names: Names) -> None:
    said = await found(names, STATED % b"pass" + SECOND + PLAIN, came("10.0.0.5"), OURS)
    assert said.verdict is Vouch.FAILED


async def test_by_headers_alone_nobody_is_asked(names: Names) -> None:
    said = await found(names, RSA.sign(PLAIN), came(STRANGER), Trust(servers=(Server("mx.desk.example"),)))
    assert said == Vouched(domain="shop.example")
    assert names.asked == []


async def test_an_address_in_another_spelling_is_no_private_one(names: Names) -> None:
    envelope = came(f"::ffff:{STRANGER}")
    assert (await found(names, STATED % b"pass" + PLAIN, envelope, OURS)).verdict is Vouch.FAILED


# What others have handed on


def by_the_list(raw: bytes, dmarc: bytes = b"pass", times: int = 1, pair: Any = LIST) -> bytes:
    """A mail as a list hands it on: changed, and sealed with what held before."""
    raw = raw.replace(b"Subject: ", b"Subject: [list] ").replace(b"not arrived", b"not arrived (to the list)")
    for number in range(times):
        stated = b"Authentication-Results: lists.example; dmarc=" + dmarc + b" header.from=shop.example"
        stated += (b"; arc=pass" if number else b"") + b"\r\n"
        sealed = dkimpy.arc_sign(stated + raw, b"arc", b"lists.example", pair.private, b"lists.example")
        raw = b"".join(sealed) + raw
    return raw


SEALED = Trust(asks=True, sealers=frozenset({"lists.example"}))


@pytest.mark.parametrize("times", [1, 2])
async def test_a_trusted_list_says_what_held_before_it_changed_the_mail(names: Names, times: int) -> None:
    LIST.publish(names, "lists.example", "arc")
    raw = by_the_list(RSA.sign(PLAIN), times=times)
    assert dkimpy.ARC(raw).verify(dnsfunc=lambda name, timeout=5: LIST.record.encode())[0] == b"pass"
    envelope = came(STRANGER, "list@lists.example")
    assert (await found(names, raw, envelope)).verdict is Vouch.FAILED
    said = await found(names, raw, envelope, SEALED)
    assert said.verdict is Vouch.PASSED
    assert "arc=pass: lists.example handed it on, to whom it was right" in said.evidence


@pytest.mark.parametrize(
    ("make", "published"),
    [
        (lambda raw: raw.replace(b"(to the list)", b"(to nobody)"), LIST),
        (lambda raw: raw.replace(b"carla@shop", b"mallory@shop"), LIST),
        (lambda raw: raw.replace(b"cv=none", b"cv=pass"), LIST),
        (lambda raw: raw.replace(b"dmarc=pass", b"dmarc=bestguesspass", 1), LIST),
        (lambda raw: raw, RSA),
        (lambda raw: raw.replace(b"ARC-Message-Signature", b"X-Gone"), LIST),
    ],
    ids=["text", "sender", "state", "results", "key", "set"],
)
async def test_a_chain_that_does_not_hold_says_nothing(
    names: Names, make: Callable[[bytes], bytes], published: Any
) -> None:
    published.publish(names, "lists.example", "arc")
    raw = make(by_the_list(RSA.sign(PLAIN)))
    assert (await found(names, raw, came(STRANGER), SEALED)).verdict is Vouch.FAILED


async def test_a_trusted_list_that_found_nothing_vouches_for_nothing(names: Names) -> None:
    LIST.publish(names, "lists.example", "arc")
    raw = by_the_list(PLAIN, b"fail")
    assert (await found(names, raw, came(STRANGER), SEALED)).verdict is Vouch.FAILED


async def test_what_our_server_took_for_forged_a_trusted_list_can_explain_and_nobody_else(names: Names) -> None:
    LIST.publish(names, "lists.example", "arc")
    trust = Trust(asks=True, sealers=SEALED.sealers, servers=OURS.servers)
    stated, handed_on = STATED % b"fail (p=reject)", came("10.0.0.5", "list@lists.example")
    assert (await found(names, stated + by_the_list(RSA.sign(PLAIN)), handed_on, trust)).verdict is Vouch.PASSED
    broken = by_the_list(RSA.sign(PLAIN)).replace(b"(to the list)", b"(to nobody)")
    said = await found(names, stated + broken, handed_on, trust)
    assert (said.verdict, said.asks) == (Vouch.FAILED, "reject")
    assert "arc: lists.example handed it on, and does not vouch for it" in said.evidence


# What a list has handed on in its own name

BY_GROUP = (
    b"From: \"'Carla' via Support\" <support@desk.example>\r\nTo: support@desk.example\r\n"
    b"Subject: Where is my order?\r\nDate: Mon, 02 Mar 2026 12:00:00 +0000\r\nMessage-ID: <1@shop.example>\r\n"
    b"X-Original-Sender: carla@shop.example\r\nX-Original-From: Carla Rossi <carla@shop.example>\r\n"
    b"Reply-To: Carla Rossi <carla@shop.example>\r\nPrecedence: list\r\n"
    b"Mailing-list: list support@desk.example; contact support+owners@desk.example\r\n"
    b"List-ID: <support.desk.example>\r\n"
    b"List-Post: <https://groups.google.com/a/desk.example/group/support/post>, <mailto:support@desk.example>\r\n"
    b"\r\nIt has not arrived.\r\n"
)
FOUND = b"dkim=pass header.i=@shop.example; spf=pass (ok) smtp.mailfrom=carla@shop.example; " + (
    b"dmarc=pass (p=REJECT dis=NONE) header.from=shop.example"
)


def by_the_group(raw: bytes = BY_GROUP, found: bytes = FOUND) -> bytes:
    """A mail as a group hands it on: in its own name, and sealed with what its server found when it came."""
    stated = b"Authentication-Results: lists.example; " + found + b"\r\n"
    return b"".join(dkimpy.arc_sign(stated + raw, b"arc", b"lists.example", LIST.private, b"lists.example")) + raw


async def heard_by_the_group(names: Names, raw: bytes, trust: Trust = SEALED, **more: Any) -> Inbound:
    LIST.publish(names, "lists.example", "arc")
    async with asking(names, trust) as vouching:
        return await vouching.message(1, raw, came(STRANGER, "support+bnc1@desk.example", **more), NOW)


async def test_who_wrote_what_a_group_hands_on_in_its_own_name_is_the_author(names: Names) -> None:
    said = await heard_by_the_group(names, by_the_group())
    assert said.sender == Address("email", "carla@shop.example", "Carla Rossi")
    assert (said.is_own_name, said.reply_to, said.answerable) == (True, None, True)
    assert (said.vouched.verdict, said.vouched.domain) == (Vouch.PASSED, "shop.example")
    assert said.vouched.evidence[0] == "arc=pass: lists.example handed it on, to whom carla@shop.example wrote it"
    assert results(said.vouched) == ["ARC pass", "DMARC pass", "DKIM pass", "SPF pass"]


async def test_the_author_behind_a_group_stays_it_when_the_mail_is_let_in_later(names: Names) -> None:
    raw = by_the_group()
    said = await heard_by_the_group(names, raw)
    assert heard_as_found(raw, came(STRANGER), said.vouched) == said
    assert heard_as_found(raw, came(STRANGER), Vouched()).sender.address == "support@desk.example"


async def test_what_mailman_says_of_the_author_in_reply_to_counts_and_answers_do_not_go_to_the_list(
    names: Names,
) -> None:
    raw = BY_GROUP.replace(b"X-Original-", b"X-Other-").replace(b"Mailing-list:", b"X-Mailman-Version:")
    said = await heard_by_the_group(names, by_the_group(raw))
    assert said.sender == Address("email", "carla@shop.example", "Carla Rossi")
    to_all = BY_GROUP.replace(b"Reply-To: Carla Rossi <carla@shop.example>", b"Reply-To: support@desk.example")
    said = await heard_by_the_group(names, by_the_group(to_all))
    assert (said.sender.address, said.reply_to) == ("carla@shop.example", None)
    nameless = BY_GROUP.replace(b"Carla Rossi <carla@shop.example>", b"carla@shop.example")
    assert (await heard_by_the_group(names, by_the_group(nameless))).sender.name == "Carla"


async def test_what_our_server_found_of_the_list_does_not_hide_the_author(names: Names) -> None:
    trust = Trust(asks=True, sealers=SEALED.sealers, servers=OURS.servers)
    stated = b"Authentication-Results: mx.desk.example; dmarc=pass header.from=desk.example\r\n"
    said = await heard_by_the_group(names, stated + by_the_group(), trust, source="imap:support/INBOX/1/2")
    assert (said.sender.address, said.vouched.verdict) == ("carla@shop.example", Vouch.PASSED)
    unknown = stated + by_the_group(found=b"dmarc=none header.from=shop.example")
    said = await heard_by_the_group(names, unknown, trust, source="imap:support/INBOX/1/2")
    assert (said.sender.address, said.vouched.verdict) == ("support@desk.example", Vouch.PASSED)
    assert said.vouched.domain == "desk.example"


@pytest.mark.parametrize(
    "raw",
    [
        BY_GROUP,
        by_the_group().replace(b"X-Original-From: Carla Rossi <carla@", b"X-Original-From: The Boss <boss@"),
        by_the_group(found=FOUND.replace(b"mailfrom=carla@", b"mailfrom=mallory@")),
        by_the_group(found=FOUND.replace(b"spf=pass", b"spf=softfail")),
        by_the_group(found=FOUND.replace(b"dmarc=pass", b"dmarc=fail")),
        by_the_group(found=FOUND.replace(b"shop.example", b"evil.example")),
        by_the_group().replace(b"has not arrived", b"must be refunded"),
        by_the_group(BY_GROUP.replace(b"List-", b"X-")),
        by_the_group(BY_GROUP.replace(b"<support@desk.example>", b"<mallory@evil.example>")),
    ],
    ids=[
        "not sealed",
        "another author at the same place",
        "another sender at the same place",
        "no such sender",
        "forged there",
        "another domain",
        "changed since",
        "no list",
        "not the list's address",
    ],
)
async def test_a_stranger_who_only_says_so_is_no_author_behind_a_list(names: Names, raw: bytes) -> None:
    said = await heard_by_the_group(names, raw)
    assert said.sender.address in ("support@desk.example", "mallory@evil.example")
    assert said.vouched.domain != "shop.example"


async def test_who_is_not_trusted_to_seal_names_no_author(names: Names) -> None:
    for trust in (ASKING, Trust(asks=True, sealers=frozenset({"google.com"}))):
        assert (await heard_by_the_group(names, by_the_group(), trust)).sender.address == "support@desk.example"


async def test_a_key_may_have_strangers_beside_it(names: Names) -> None:
    names.text("s1._domainkey.shop.example", "v=spf1 -all", "v=DKIM1; p=", rsa_pair().record, RSA.record)
    assert (await found(names, RSA.sign(PLAIN), came(STRANGER))).verdict is Vouch.PASSED


async def test_keys_that_stand_elsewhere_are_found_there(names: Names) -> None:
    """So do large providers: the customer's name points to the provider's."""
    names.known.pop(("s1._domainkey.shop.example", "TXT"))
    names.put("s1._domainkey.shop.example", "CNAME", "s1.mailer.example.")
    names.text("s1.mailer.example", RSA.record)
    assert (await found(names, RSA.sign(PLAIN), came(STRANGER))).verdict is Vouch.PASSED


HEADS = st.lists(
    st.sampled_from(
        [
            b"From: Carla <carla@shop.example>\r\n",
            b"From: \xff@shop.example, <x@\xc3\xa4.example>\r\n",
            b"DKIM-Signature: v=1; a=rsa-sha256; d=shop.example; s=s1; h=from; bh=AA==; b=AA==\r\n",
            b"DKIM-Signature: v=1; d=" + b"a." * 200 + b"example\r\n",
            b"ARC-Seal: i=1; cv=none; a=rsa-sha256; d=lists.example; s=x; b=AA==\r\n",
            b"ARC-Message-Signature: i=1; a=rsa-sha256; d=lists.example; s=x; h=from; bh=AA==; b=AA==\r\n",
            b"ARC-Authentication-Results: i=1; lists.example; dmarc=pass header.from=shop.example\r\n",
            b"ARC-Authentication-Results: i=" + b"9" * 5000 + b"; x\r\n",
            b"Authentication-Results: mx.desk.example; dmarc=pass header.from=shop.example\r\n",
            b"Received: by \x00\xff\r\n",
            b"no header at all\r\n",
            b" folded\r\n",
            b"\r\n",
            b"\x00\r",
        ]
    ),
    max_size=8,
).map(b"".join)


@given(
    HEADS,
    st.binary(max_size=60),
    st.sampled_from(["carla@shop.example", "x@ä.example", "x@" + "a" * 300 + ".b", "", "x@[1.2.3.4]"]),
)
def test_whatever_a_mail_says_something_follows_from_it(head: bytes, rest: bytes, sender: str) -> None:
    trust = Trust(asks=True, servers=OURS.servers, sealers=SEALED.sealers)
    raw, envelope = head + rest, came("10.0.0.5")
    said = claims(raw, sender, envelope, trust)
    key = (RSA.record.encode(),)
    answers = Answers((b"v=DMARC1; p=reject",), spf=("fail", "evil.example"), keys=dict.fromkeys(said.keys, key))
    if said.settled is None:
        assert judged(raw, said, answers, envelope, trust, NOW).verdict is not Vouch.PASSED
