"""A mail with more files than are put into its thread at once: the others are named there, and come when asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.tickets.model import File
from sandbox.errors import Json
from tests.bot.office import ANN, ROOM, Office, buttons_of, key_of, words_of


def scans(many: int) -> tuple[File, ...]:
    return tuple(File(f"scan-{n:03}.pdf", "application/pdf", f"%PDF-1.4 {n}".encode()) for n in range(1, many + 1))


def shown(office: Office, number: int) -> list[str]:
    """The names of the files in the thread, in their order."""
    return [file["title"] for m in office.in_thread(number) for file in m.get("files") or ()]


def lines(office: Office, number: int) -> list[Json]:
    """What the thread says about files that are not in it."""
    return [m for m in office.in_thread(number) if (key_of(m) or "").startswith("files:")]


async def with_files(office: Office, files: tuple[File, ...]) -> int:
    number = await office.mail(files=files)
    await office.card_of(number)
    await office.quiet()
    return number


async def press(office: Office, number: int, user: str = ANN) -> None:
    [line] = lines(office, number)
    await office.sandbox.click(user, "files", room=office.room_of(line), ts=line["ts"])
    await office.quiet()


async def test_files_that_do_not_come_at_once_are_counted_and_named(office: Office) -> None:
    number = await with_files(office, (*scans(22), File("empty.txt", "text/plain", b"")))
    assert shown(office, number) == [f"scan-{n:03}.pdf" for n in range(1, 21)]
    [line] = lines(office, number)
    assert "2 more files came with this message: scan-021.pdf (1 kB), scan-022.pdf (1 kB)" in words_of(line).replace(
        "\n", ""
    )
    assert "Show the next 2 files" in words_of(line)


async def test_twenty_files_need_no_such_line(office: Office) -> None:
    number = await with_files(office, scans(20))
    assert len(shown(office, number)) == 20
    assert lines(office, number) == []


async def test_the_button_brings_the_others_twenty_at_a_time_until_all_are_there(office: Office) -> None:
    number = await with_files(office, scans(45))
    await press(office, number)
    assert len(shown(office, number)) == 40
    [line] = lines(office, number)
    assert "5 more files" in words_of(line)
    await press(office, number)
    assert shown(office, number) == [f"scan-{n:03}.pdf" for n in range(1, 46)]
    [line] = lines(office, number)
    assert words_of(line) == "📎 All files of this message are in the thread."
    assert buttons_of(line) == []


@pytest.mark.parametrize("lost", ["files.completeUploadExternal", "chat.postMessage", "chat.update"])
async def test_an_answer_lost_between_the_steps_doubles_no_file_and_no_line(office: Office, lost: str) -> None:
    number = await office.mail()
    await office.card_of(number)
    await office.quiet()
    await office.answer(ANN, number, "Please send the papers.")
    await office.later(31)
    asked = office.sent[-1].external_id
    if lost == "chat.postMessage":
        await office.sandbox.set_faults(lose_answers={lost: 2})  # the message, and the line
    assert await office.mail(answers=asked, files=scans(30)) == number
    await office.quiet()
    if lost != "chat.postMessage":
        await office.sandbox.set_faults(lose_answers={lost: 1})
    for _ in range(3):
        await office.later(60)
    await press(office, number)
    for _ in range(3):
        await office.later(60)
    assert shown(office, number) == [f"scan-{n:03}.pdf" for n in range(1, 31)]
    [line] = lines(office, number)
    assert buttons_of(line) == []


async def test_a_button_that_was_pressed_twice_brings_nothing_twice(office: Office) -> None:
    number = await with_files(office, scans(45))
    [line] = lines(office, number)
    for _ in range(2):
        await office.sandbox.click(ANN, "files", room=office.room_of(line), ts=line["ts"])
    await office.quiet()
    names = shown(office, number)
    assert len(names) == len(set(names))
    [line] = lines(office, number)
    assert len(names) + int(words_of(line).split()[1]) == 45


async def test_who_is_no_agent_gets_no_files(office: Office) -> None:
    number = await with_files(office, scans(21))
    stranger = (await office.sandbox.new_person("Mia Long", "mia@desk.example"))["user"]
    await office.sandbox.join(stranger, ROOM)
    await press(office, number, stranger)
    await office.told(stranger, "You are not an agent of this desk yet.")
    assert len(shown(office, number)) == 20


async def test_names_that_a_thread_cannot_hold_are_counted(office: Office) -> None:
    files = tuple(File(f"{n:03}-{'x' * 50}.pdf", "application/pdf", b"%PDF") for n in range(200))
    number = await with_files(office, files)
    [line] = lines(office, number)
    assert "180 more files came" in words_of(line)
    assert len(words_of(line)) < 7000
    assert "more files" in words_of(line).split("came with this message:")[1]


LOGO = File("image001.png", "image/png", b"logo", "logo@carla", folded=True)


async def test_pictures_of_signatures_and_quotations_come_only_when_they_are_asked_for(office: Office) -> None:
    number = await with_files(office, (LOGO, *scans(1), replace(LOGO, name="empty.png", content=b"")))
    card = await office.card_of(number)
    assert "scan-001.pdf (1 kB)" in words_of(card)
    assert "1 picture of the signature or of quoted text is not shown." in words_of(card)
    assert "image001.png" not in words_of(card)
    assert shown(office, number) == ["scan-001.pdf"]
    assert lines(office, number) == []
    await office.sandbox.click(ANN, "files", room=office.room_of(card), ts=card["ts"])
    await office.quiet()
    assert shown(office, number) == ["scan-001.pdf", "image001.png"]
    await office.sandbox.click(ANN, "files", room=office.room_of(card), ts=card["ts"])
    await office.quiet()
    assert shown(office, number) == ["scan-001.pdf", "image001.png"]


async def test_of_a_mail_whose_only_file_is_a_logo_nothing_comes_into_the_thread(office: Office) -> None:
    number = await with_files(office, (LOGO,))
    assert shown(office, number) == []
    card = await office.card_of(number)
    await office.sandbox.click(ANN, "files", room=office.room_of(card), ts=card["ts"])
    await office.quiet()
    assert shown(office, number) == ["image001.png"]


async def test_the_button_for_more_files_brings_no_folded_ones(office: Office) -> None:
    number = await with_files(office, (LOGO, *scans(22)))
    await press(office, number)
    assert "image001.png" not in shown(office, number)
    assert len(shown(office, number)) == 22
    [line] = lines(office, number)
    assert "All files of this message are in the thread." in words_of(line)
    card = await office.card_of(number)
    await office.sandbox.click(ANN, "files", room=office.room_of(card), ts=card["ts"])
    await office.quiet()
    assert shown(office, number)[-1] == "image001.png"
