"""A real Postfix in front of the desk's door, set up as the operator's guide says."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import aiosmtplib
import pytest

from core.tickets.model import Address
from gateways.email.doors.others import Handing
from gateways.email.doors.smtp import Manner
from gateways.email.outgoing.compose import compose
from gateways.email.outgoing.send import Relay, Sender
from tests.gateways.email.test_compose import ANSWER
from tests.gateways.email.test_smtp import until
from tests.postfix import postfix_server, why_no_postfix

MAIL = b"From: carla@example.com\r\nSubject: hello\r\n\r\nHi.\r\n"
GUIDE = """
relay_domains = desk.example
smtpd_recipient_restrictions = reject_unverified_recipient, permit_mynetworks, reject
unverified_recipient_reject_code = 550
"""


@pytest.fixture(autouse=True)
def postfix_is_here() -> None:
    """Skipped where it is missing, but not in CI."""
    missing = why_no_postfix()
    if missing and os.environ.get("CI"):
        pytest.fail(f"{missing}; .ci/run installs it")
    if missing:
        pytest.skip(missing)


async def test_postfix_hands_over_by_lmtp_and_refuses_whom_the_desk_does_not_know(
    open_door: Callable[..., Any],
) -> None:
    door = await open_door(manner=Manner(Handing))
    here = f"lmtp:inet:127.0.0.1:{door.intake.port}"
    with postfix_server({"desk.example": here}, more=GUIDE) as postfix:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=postfix.port, start_tls=False) as client:
            await client.sendmail("carla@example.com", ["support@desk.example", "support+t.x@desk.example"], MAIL)
            with pytest.raises(aiosmtplib.SMTPRecipientsRefused, match="no mailbox with this address"):
                await client.sendmail("carla@example.com", ["nobody@desk.example"], MAIL)
        await until(lambda: bool(door.kept))
    [(raw, envelope)] = door.kept
    assert raw.endswith(b"\r\n\r\nHi.\r\n")
    assert set(envelope.rcpt_tos) == {"support@desk.example", "support+t.x@desk.example"}
    assert envelope.mail_from == "carla@example.com"


async def test_one_address_of_a_domain_that_lies_elsewhere_goes_to_the_desk_with_its_tags(
    open_door: Callable[..., Any],
) -> None:
    door = await open_door(manner=Manner(Handing))
    here = f"lmtp:inet:127.0.0.1:{door.intake.port}"
    table = {r"/^support(\+.*)?@desk\.example$/": here, r"/@desk\.example$/": "discard:"}
    with postfix_server(table, more="\nrelay_domains = desk.example", kind="regexp") as postfix:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=postfix.port, start_tls=False) as client:
            for to in ("ann@desk.example", "support+t.x@desk.example"):
                await client.sendmail("carla@example.com", [to], MAIL)
        await until(lambda: bool(door.kept) and "discard" in postfix.log)
    assert [envelope.rcpt_tos for _, envelope in door.kept] == [("support+t.x@desk.example",)]


async def test_postfix_takes_a_mail_to_an_address_beyond_ascii_and_one_to_others_as_ever() -> None:
    with postfix_server({"example.com": "discard:"}) as postfix:
        sender = Sender(Relay("127.0.0.1", postfix.port, tls="none"))
        to = Address("email", "müller@example.com", "Jo Müller")
        outcomes = await sender.send(compose(replace(ANSWER, to=(to,))), "support@desk.example", [to.address])
        assert [outcome.code for outcome in outcomes] == [250], outcomes
        outcomes = await sender.send(compose(ANSWER), "support@desk.example", ["carla@example.com"])
        assert [outcome.code for outcome in outcomes] == [250], outcomes
        await until(lambda: postfix.log.count("discard") >= 2)
        assert "to=<müller@example.com>" in postfix.log
        await sender.close()
