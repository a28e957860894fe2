"""The SMTP door on real sockets: nothing kept is refused, nothing refused is kept, nothing is said twice."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from datetime import timedelta

import aiosmtplib
import pytest

from gateways.email.doors.certificate import Certificate
from gateways.email.doors.smtp import Limits, Manner
from gateways.email.envelope import Envelope
from tests.patience import PATIENCE

MAIL = b"From: carla@example.com\r\nSubject: hello\r\n\r\nHi.\r\n"
END = b".\r\n"


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - what it waits for is another side's doing
            await asyncio.sleep(0.01)


async def test_a_mail_is_kept_byte_for_byte_with_its_envelope(door):
    mail = MAIL + b"a very long line: " + b"x" * 200_000 + b"\r\n" + bytes(range(14, 256)) + b"\x00\r\n"
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=door.intake.port, start_tls=False) as client:
        await client.sendmail("carla@example.com", ["support@desk.example", "support+t.abc@desk.example"], mail)
    [(raw, envelope)] = door.kept
    assert raw == mail
    assert envelope.mail_from == "carla@example.com"
    assert envelope.rcpt_tos == ("support@desk.example", "support+t.abc@desk.example")
    assert (envelope.peer, envelope.tls) == ("127.0.0.1", "")
    assert envelope.helo
    assert Envelope.from_json(envelope.to_json()) == envelope


async def test_250_is_said_only_after_the_mail_is_kept(door):
    door.gate.clear()
    wire = await door.wire()
    answer = asyncio.create_task(wire.deliver(MAIL + END))
    await door.entered.wait()
    await asyncio.sleep(0.05)
    assert not answer.done()
    door.gate.set()
    assert (await answer).startswith("250 ")
    assert len(door.kept) == 1


async def test_a_mail_that_cannot_be_kept_is_our_fault_and_tells_nothing_of_us(door, caplog):
    door.trouble = RuntimeError("password of the database is hunter2")
    wire = await door.wire()
    answer = await wire.deliver(MAIL + END)
    assert answer.startswith("451 4.3.0 ")
    assert "hunter2" not in answer
    assert "Runtime" not in answer
    mark = answer.rpartition("reference ")[2].rstrip(")")
    assert any(mark in record.getMessage() and record.exc_info for record in caplog.records)
    door.trouble = None
    assert (await wire.deliver(MAIL + END)).startswith("250 ")


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("support@desk.example", "250"),
        ("SUPPORT@Desk.Example", "250"),
        ("support+t.q1w2@desk.example", "250"),
        ("postmaster@desk.example", "250"),
        ("Abuse@desk.example", "250"),
        ("postmaster", "250"),
        ("nobody@desk.example", "550 5.1.1"),
        ("support", "550 5.1.1"),
        ("support@elsewhere.example", "550 5.7.1"),
        ("postmaster@elsewhere.example", "550 5.7.1"),
        ("", "501 5.1.3"),
        ("a b@desk.example", "501 5.1.3"),
    ],
)
async def test_a_recipient_is_taken_or_refused_at_once(door, address, code):
    wire = await door.wire()
    await wire.say("MAIL FROM:<carla@example.com>")
    assert (await wire.say(f"RCPT TO:<{address}>")).startswith(code)


async def test_a_lookup_that_fails_refuses_nobody_for_good(door):
    door.lookup_trouble = OSError("database is down")
    wire = await door.wire()
    await wire.say("MAIL FROM:<carla@example.com>")
    answer = await wire.say("RCPT TO:<nobody@desk.example>")
    assert answer.startswith("451 4.3.0 ")
    assert "database" not in answer


async def test_addresses_beyond_ascii_need_smtputf8(door):
    wire = await door.wire()
    assert (await wire.say("MAIL FROM:<grå@example.com>")).startswith("553 5.6.7")
    assert (await wire.say(b"MAIL FROM:<gr\xe5@example.com> SMTPUTF8")).startswith("501 5.1.3")
    await wire.say("MAIL FROM:<a@example.com>")
    assert (await wire.say("RCPT TO:<grå@desk.example>")).startswith("553 5.6.7")
    await wire.say("RSET")
    assert (await wire.say("MAIL FROM:<grå@example.com> SMTPUTF8")).startswith("250")
    assert (await wire.say(b"RCPT TO:<gr\xe5@desk.example>")).startswith("501 5.1.3")
    assert (await wire.say("RCPT TO:<grå@desk.example>")).startswith("250")
    assert (await wire.say("DATA")).startswith("354")
    assert (await wire.say(MAIL + b".")).startswith("250")
    assert door.kept[0][1].mail_from == "grå@example.com"


async def test_bytes_that_are_no_text_go_no_further_than_the_door(door):
    wire = await door.wire(hello=False)
    await wire.hear()
    assert (await wire.say(b"EHLO caf\xe9\x01\x1b[31m")).startswith("250")
    for command in (b"VRFY \xff", b"HELP \xff", b"\xff\xfe", b"NOOP \xff"):
        assert (await wire.say(command))[:1] in "25"
    assert (await wire.deliver(MAIL + END)).startswith("250")
    envelope = door.kept[0][1]
    assert envelope.helo.isprintable()
    assert envelope.helo.encode()


@pytest.mark.parametrize("bare", [b"a\nb\r\n", b"a\rb\r\n", b"\n.\nMAIL FROM:<evil@example.com>\r\n", b"\r\r\n"])
async def test_bare_newlines_are_refused_and_never_end_a_mail(door, bare):
    wire = await door.wire()
    assert (await wire.deliver(MAIL + bare + END)).startswith("550 5.6.11")
    assert door.kept == []
    assert (await wire.deliver(MAIL + END)).startswith("250")


async def test_dots_are_taken_off_and_an_empty_mail_is_a_mail(door):
    wire = await door.wire()
    await wire.deliver(b"..one\r\n...\r\n.x\r\n" + END)
    await wire.deliver(END)
    assert [raw for raw, _ in door.kept] == [b".one\r\n..\r\nx\r\n", b""]


async def test_a_mail_too_big_is_refused_and_the_session_goes_on(open_door):
    door = await open_door(Limits(size=1000))
    wire = await door.wire()
    assert (await wire.say("MAIL FROM:<a@example.com> SIZE=1001")).startswith("552 5.3.4")
    assert (await wire.say("MAIL FROM:<a@example.com> SIZE=" + "9" * 400)).startswith("552 5.3.4")
    assert (await wire.deliver(b"x" * 998 + b"\r\n" + END)).startswith("250")
    assert (await wire.deliver(b"x" * 999 + b"\r\n" + END)).startswith("552 5.3.4")
    assert (await wire.deliver((b"." + b"x" * 997 + b"\r\n") * 3000 + END)).startswith("552 5.3.4")
    assert (await wire.deliver(MAIL + END)).startswith("250")
    assert len(door.kept) == 2


async def test_a_mail_cut_into_single_bytes_is_the_same_mail_and_what_follows_is_heard(door):
    wire = await door.wire()
    await wire.say("MAIL FROM:<a@example.com>", "RCPT TO:<support@desk.example>", "DATA")
    for byte in b"Subject: x\r\n\r\n..\r\n.\r\nNOOP\r\n":
        wire.writer.write(bytes([byte]))
        await wire.writer.drain()
        await asyncio.sleep(0)
    assert (await wire.hear()).startswith("250 2.0.0")
    assert (await wire.hear()).startswith("250")
    assert door.kept[0][0] == b"Subject: x\r\n\r\n.\r\n"


async def test_several_mails_in_one_packet_are_several_mails(door):
    wire = await door.wire()
    one = b"MAIL FROM:<a@example.com>\r\nRCPT TO:<support@desk.example>\r\nDATA\r\nSubject: %d\r\n\r\nhi\r\n.\r\n"
    wire.writer.write(b"".join(one % n for n in range(20)) + b"QUIT\r\n")
    answers = [await wire.hear() for _ in range(20 * 4 + 1)]
    assert answers[3::4] == ["250 2.0.0 OK, we have it"] * 20
    assert answers[-1].startswith("221")
    assert [raw[:11] for raw, _ in door.kept] == [
        b"Subject: %d\r" % n if n < 10 else b"Subject: %d" % n for n in range(20)
    ]


async def test_a_mail_for_nobody_that_was_announced_in_one_packet_is_not_asked_for(door):
    wire = await door.wire()
    wire.writer.write(b"MAIL FROM:<a@example.com>\r\nRCPT TO:<nobody@desk.example>\r\nDATA\r\nRSET\r\n")
    assert [(await wire.hear())[:3] for _ in range(4)] == ["250", "550", "503", "250"]
    assert (await wire.deliver(MAIL + END)).startswith("250")


async def test_a_connection_lost_within_a_mail_keeps_nothing(door):
    wire = await door.wire()
    await wire.say("MAIL FROM:<a@example.com>", "RCPT TO:<support@desk.example>", "DATA")
    wire.writer.write(MAIL + b"\r\n.")
    await wire.writer.drain()
    wire.close()
    other = await door.wire()
    assert (await other.deliver(MAIL + END)).startswith("250")
    assert [raw for raw, _ in door.kept] == [MAIL]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["MAIL FROM:<a@example.com>", "MAIL FROM:<b@example.com>"], "503"),
        (["RCPT TO:<support@desk.example>"], "503"),
        (["DATA"], "503"),
        (["MAIL FROM:<a@example.com>", "DATA"], "503"),
        (["MAIL <a@example.com>"], "501"),
        (["MAIL"], "501"),
        (["MAIL FROM:<a@example.com> SIZE=many"], "501"),
        (["MAIL FROM:<a@example.com> BODY=BINARYMIME"], "501"),
        (["MAIL FROM:<a@example.com> SMTPUTF8=1"], "501"),
        (["MAIL FROM:<a@example.com> RET=FULL"], "555"),
        (["MAIL FROM:<a@example.com> =x"], "501"),
        (["MAIL FROM:<a@example.com>", "RCPT TO:<support@desk.example> NOTIFY=NEVER"], "555"),
        (["MAIL FROM:<a@example.com>", "RCPT TO:<support@desk.example>", "DATA now"], "501"),
        (["AUTH PLAIN AGEAYg=="], "502"),
        (["MAIL FROM:<a@example.com>", "RSET", "MAIL FROM:<b@example.com>"], "250"),
        (["MAIL FROM:<> BODY=8BITMIME"], "250"),
    ],
)
async def test_commands_out_of_order_or_shape_are_refused(door, lines, code):
    wire = await door.wire()
    assert (await wire.say(*lines)).startswith(code)


async def test_nothing_is_possible_before_a_greeting(door):
    wire = await door.wire(hello=False)
    await wire.hear()
    for command in ("MAIL FROM:<a@example.com>", "RCPT TO:<support@desk.example>", "DATA"):
        assert (await wire.say(command)).startswith("503")


async def test_what_we_offer_is_what_we_do(door):
    wire = await door.wire(hello=False)
    assert (await wire.hear()).startswith("220 mx.desk.example ")
    lines = (await wire.say("EHLO client.example")).splitlines()
    assert [line[4:] for line in lines] == [
        "mx.desk.example",
        f"SIZE {50 * 1024 * 1024}",
        "8BITMIME",
        "SMTPUTF8",
        "PIPELINING",
        "ENHANCEDSTATUSCODES",
    ]
    assert (await wire.say("HELO client.example")).startswith("250 mx.desk.example")


async def test_only_so_many_recipients_a_mail(open_door):
    door = await open_door(Limits(recipients=3))
    wire = await door.wire()
    await wire.say("MAIL FROM:<a@example.com>")
    for n in range(3):
        assert (await wire.say(f"RCPT TO:<support+{n}@desk.example>")).startswith("250")
    assert (await wire.say("RCPT TO:<support+3@desk.example>")).startswith("452 4.5.3")
    assert (await wire.say("DATA")).startswith("354")


async def test_a_client_that_errs_again_and_again_is_shown_out(open_door):
    door = await open_door(Limits(errors=4))
    wire = await door.wire()
    await wire.say("MAIL FROM:<a@example.com>")
    for n in range(4):
        assert (await wire.say(f"RCPT TO:<guess{n}@desk.example>")).startswith("550")
    assert (await wire.say("RCPT TO:<guess5@desk.example>")).startswith("421 4.7.0")
    assert await wire.gone()


async def test_a_mail_taken_forgives_the_errors_before_it(open_door):
    door = await open_door(Limits(errors=4))
    wire = await door.wire()
    for _ in range(3):
        await wire.say("MAIL FROM:<a@example.com>")
        for n in range(3):
            assert (await wire.say(f"RCPT TO:<guess{n}@desk.example>")).startswith("550")
        await wire.say("RSET")
        assert (await wire.deliver(MAIL + END)).startswith("250")


async def test_only_so_many_connections_from_one_address_and_in_all(open_door):
    door = await open_door(Limits(connections_per_peer=2))
    first, _ = await door.wire(), await door.wire()
    third = await door.wire(hello=False)
    assert (await third.hear()).startswith("421 4.7.0")
    assert await third.gone()
    assert (await first.say("QUIT")).startswith("221")
    assert await first.gone()
    await door.wire()
    full = await open_door(Limits(connections=1))
    await full.wire()
    assert (await (await full.wire(hello=False)).hear()).startswith("421 4.3.2")


async def test_only_so_much_is_held_in_memory_at_once(open_door):
    door = await open_door(Limits(in_memory=100_000))
    slow = await door.wire()
    await slow.say("MAIL FROM:<a@example.com>", "RCPT TO:<support@desk.example>", "DATA")
    slow.writer.write(b"x" * 60_000)
    await slow.writer.drain()
    quick = await door.wire()
    await until(lambda: door.intake.in_memory >= 60_000)
    assert (await quick.deliver(b"y" * 60_000 + b"\r\n" + END)).startswith("452 4.3.1")
    slow.writer.write(b"\r\n.\r\n")
    assert (await slow.hear()).startswith("250")
    assert door.intake.in_memory == 0
    assert (await quick.deliver(b"y" * 60_000 + b"\r\n" + END)).startswith("250")


async def test_a_mail_counts_until_it_is_kept(open_door):
    door = await open_door(Limits(in_memory=100_000))
    door.gate.clear()
    first, second = await door.wire(), await door.wire()
    answer = asyncio.create_task(first.deliver(b"x" * 60_000 + b"\r\n" + END))
    await door.entered.wait()
    assert (await second.deliver(b"y" * 60_000 + b"\r\n" + END)).startswith("452 4.3.1")
    door.gate.set()
    assert (await answer).startswith("250")
    assert (await second.deliver(b"y" * 60_000 + b"\r\n" + END)).startswith("250")
    assert door.intake.in_memory == 0


async def test_a_mail_that_cannot_be_kept_makes_room_again(open_door):
    door = await open_door(Limits(in_memory=100_000))
    door.trouble = RuntimeError("the disk is full")
    wire = await door.wire()
    assert (await wire.deliver(b"x" * 60_000 + b"\r\n" + END)).startswith("451")
    assert door.intake.in_memory == 0


async def test_hanging_up_makes_no_room_for_a_mail_that_is_still_being_kept(open_door):
    door = await open_door(Limits(in_memory=100_000))
    door.gate.clear()
    hasty, patient = await door.wire(), await door.wire()
    answer = asyncio.create_task(hasty.deliver(b"x" * 60_000 + b"\r\n" + END))
    await door.entered.wait()
    answer.cancel()
    hasty.writer.transport.abort()
    await until(lambda: door.intake.sessions == 1)
    assert (await patient.deliver(b"y" * 60_000 + b"\r\n" + END)).startswith("452 4.3.1")
    door.gate.set()
    await until(lambda: door.intake.in_memory == 0)
    assert (await patient.deliver(b"y" * 60_000 + b"\r\n" + END)).startswith("250")


async def test_silence_ends_a_session_before_and_within_a_mail(open_door):
    door = await open_door(Limits(command=timedelta(seconds=0.2)))
    idle = await door.wire(hello=False)
    assert (await idle.hear()).startswith("220")
    assert (await idle.hear()).startswith("421 4.4.2")
    assert await idle.gone()
    door = await open_door(Limits(block=timedelta(seconds=0.2)))
    stalled = await door.wire()
    await stalled.say("MAIL FROM:<a@example.com>", "RCPT TO:<support@desk.example>", "DATA")
    stalled.writer.write(b"Subject: to be contin")
    assert (await stalled.hear()).startswith("421 4.4.2")
    assert door.kept == []


async def test_a_session_that_only_keeps_busy_ends_too(open_door):
    door = await open_door(Limits(session=timedelta(seconds=0.3)))
    wire = await door.wire(hello=False)
    assert (await wire.hear()).startswith("220")
    answer = "250"
    while answer.startswith("250"):
        answer = await wire.say("NOOP")
        await asyncio.sleep(0.02)
    assert answer.startswith("421 4.4.2")


async def test_a_stop_ends_the_idle_at_once_and_lets_a_mail_come_in(door):
    idle, busy = await door.wire(), await door.wire()
    await busy.say("MAIL FROM:<a@example.com>", "RCPT TO:<support@desk.example>", "DATA")
    busy.writer.write(b"Subject: half\r\n")
    await busy.writer.drain()
    stopping = asyncio.create_task(door.intake.stop())
    assert (await idle.hear()).startswith("421 4.3.2")
    assert await idle.gone()
    assert not stopping.done()
    busy.writer.write(b"\r\nand half\r\n.\r\n")
    assert (await busy.hear()).startswith("250")
    assert (await busy.hear()).startswith("421 4.3.2")
    await asyncio.wait_for(stopping, PATIENCE)
    assert [raw for raw, _ in door.kept] == [b"Subject: half\r\n\r\nand half\r\n"]
    with pytest.raises(ConnectionRefusedError):
        await door.wire()


async def test_a_stop_waits_for_a_mail_that_fails_and_its_answer_is_heard(door):
    door.gate.clear()
    door.trouble = RuntimeError("full")
    wire = await door.wire()
    answer = asyncio.create_task(wire.deliver(MAIL + END))
    await door.entered.wait()
    stopping = asyncio.create_task(door.intake.stop())
    await asyncio.sleep(0.05)
    assert not stopping.done()
    door.gate.set()
    assert (await answer).startswith("451")
    assert (await wire.hear()).startswith("421")
    await asyncio.wait_for(stopping, PATIENCE)


async def test_a_stop_does_not_wait_for_ever(door):
    wire = await door.wire()
    await wire.say("MAIL FROM:<a@example.com>", "RCPT TO:<support@desk.example>", "DATA")
    await asyncio.wait_for(door.intake.stop(grace=timedelta(seconds=0.1)), PATIENCE)
    assert await wire.gone()
    assert door.kept == []


async def test_the_door_is_in_clear_or_in_tls_and_the_envelope_says_so(open_door, certificate):
    door = await open_door(manner=Manner(certificate=Certificate(certificate)))
    trusted = ssl.create_default_context(cafile=str(certificate))
    async with aiosmtplib.SMTP(
        hostname="localhost", port=door.intake.port, start_tls=True, tls_context=trusted
    ) as client:
        await client.ehlo()
        assert client.supports_extension("size")
        assert not client.supports_extension("auth")
        await client.sendmail("a@example.com", ["support@desk.example"], MAIL * 5000)
    [(raw, envelope)] = door.kept
    assert raw == MAIL * 5000
    assert envelope.tls.startswith("TLSv1.3 ")


async def test_commands_slipped_in_before_tls_are_not_heard_inside_it(open_door, certificate):
    door = await open_door(manner=Manner(certificate=Certificate(certificate)))
    wire = await door.wire()
    wire.writer.write(b"STARTTLS\r\nMAIL FROM:<evil@example.com>\r\n")
    await wire.writer.drain()
    assert (await wire.hear()).startswith("220")
    await asyncio.sleep(0.05)
    trusted = ssl.create_default_context(cafile=str(certificate))
    await wire.writer.start_tls(trusted, server_hostname="localhost")
    assert (await wire.say("RCPT TO:<support@desk.example>")).startswith("503")


async def test_customers_addresses_stay_out_of_the_log(door, caplog):
    caplog.set_level(logging.INFO)
    wire = await door.wire()
    await wire.deliver(MAIL + END)
    assert "carla@example.com" not in caplog.text
