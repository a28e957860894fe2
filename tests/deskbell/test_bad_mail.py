"""Mail as nobody should send it, to a running desk: refused with a sentence, or taken and seen; the desk goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.desk.opening import open_desk
from core.phrases import Refused
from tests.deskbell.by_smtp import deliver
from tests.e2e.play import Play
from tests.running import RunningDesk, running, soon
from tests.world import ANN, World

NAMELESS = b"Subject: Nobody wrote this\r\n\r\nI have no name.\r\n"
GARBAGE = bytes(range(256)).replace(b"\r", b"").replace(b"\n", b"") * 8 + b"\r\n"
BROKEN = (
    b"From: \xff\xfe<<broken@@example.com>\r\nContent-Type: multipart/mixed; boundary=\r\nSubject: =?x?q?=?=\r\n\r\n--"
)


async def test_what_is_refused_is_refused_with_a_reason_and_what_is_taken_is_seen(tmp_path: Path) -> None:
    async with running(tmp_path, SMTP_MAX_SIZE="20000") as desk:
        port, play = desk.smtp_port, Play(desk)
        assert (await deliver(port, NAMELESS, to="nobody@desk.example"))[0] == 550
        assert (await deliver(port, NAMELESS, to="support@elsewhere.example"))[0] == 550
        code, said = await deliver(port, NAMELESS + b"x" * 30_000)
        assert (code, "20000 bytes" in said) == (552, True)
        assert await slipped_past_the_declared_size(port) == 552
        assert (await deliver(port, NAMELESS, sender=""))[0] == 250
        await play.sees(1, "I have no name.")
        assert (await deliver(port, GARBAGE))[0] == 250
        await play.sees(2)
        assert (await deliver(port, BROKEN))[0] == 250
        await play.sees(3)
        await play.writes("A mail", "as it should be")
        await play.sees(4, "as it should be")
        assert kept_out(desk) == []
        assert "Traceback" not in desk.said(), desk.said()


async def slipped_past_the_declared_size(port: int) -> int:
    """A mail that says nothing of its size, and is too large."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for line in (b"HELO x", b"MAIL FROM:<>", b"RCPT TO:<support@desk.example>", b"DATA"):
        writer.write(line + b"\r\n")
    writer.write(b"Subject: large\r\n\r\n" + b"x" * 30_000 + b"\r\n.\r\nQUIT\r\n")
    said = (await reader.read()).decode().splitlines()
    writer.close()
    return int(said[-2][:3])


def kept_out(desk: RunningDesk) -> list[str | None]:
    beside = open_desk(desk.env["DATABASE_URL"], desk.folder)
    try:
        return [piece.reason for piece in beside.kept_out()]
    finally:
        beside.db.close()


async def test_bytes_thrown_at_the_door_end_nothing_but_their_connection(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        for thrown in (
            GARBAGE,
            b"\0" * 100_000,
            b"\r\n" * 50_000,
            b"GET / HTTP/1.1\r\n\r\n",
            b"\x16\x03\x01\x02\x00" * 9,
        ):
            _, writer = await asyncio.open_connection("127.0.0.1", desk.smtp_port)
            writer.write(thrown)
            writer.close()
        assert (await deliver(desk.smtp_port, NAMELESS))[0] == 250
        await soon(lambda: Play(desk).cards(1), "the card")
        assert "Traceback" not in desk.said(), desk.said()


def test_who_left_no_address_cannot_be_answered_and_the_agent_is_told_at_once(world: World) -> None:
    number = world.mail(sender="", name="")
    with pytest.raises(Refused, match="gave no address"):
        world.desk.reply(number, ANN, "Who are you?")
    world.desk.note(number, ANN, "Nobody to answer.")
    world.desk.close(number, ANN)
    world.settle()
    assert world.sent == []
