"""Keys that sign: made by a command, looked at by the doctor, used by a running desk."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dkim as dkimpy
import pytest

from core.phrases import Phrase, Refused
from core.settings import Settings
from deskbell.__main__ import main
from deskbell.signing import keys_of
from deskbell.standing import standing
from tests.e2e.play import Play
from tests.names import Names, name_server
from tests.running import running, soon


@pytest.fixture
def names() -> Iterator[Names]:
    with name_server() as server:
        yield server


@pytest.fixture
def made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any], str]:
    """The settings that the command says to make, and the record that it says to put into DNS."""
    file = tmp_path / "key.pem"
    assert main(["dkim", "new", "Desk.example", "--selector", "Desk-1", "--file", str(file)]) == 0
    said = capsys.readouterr().out.splitlines()
    record = next(line for line in said if " TXT " in line)
    assert record.startswith('desk-1._domainkey.desk.example. TXT "v=DKIM1; k=rsa; p=')
    text = "".join(record.partition(" TXT ")[2].strip('"').split('" "'))
    stated = dict(line.split("=", 1) for line in said if line.startswith("DKIM__"))
    assert set(stated) == {"DKIM__DESK_1__DOMAIN", "DKIM__DESK_1__SELECTOR", "DKIM__DESK_1__KEY_FILE"}
    return stated, text


def settings_of(stated: dict[str, str], names: Names) -> Settings:
    key = {name.rpartition("__")[2].lower(): value for name, value in stated.items()}
    return Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        dkim={"main": key},  # type: ignore[arg-type]
        dns_server=f"{names.address[0]}:{names.address[1]}",
    )


async def found(settings: Settings) -> list[tuple[str, str]]:
    return [(mark, said.text if isinstance(said, Phrase) else "") async for mark, said in standing(settings)]


def test_a_new_key_is_for_the_desk_alone_and_is_never_written_over(
    made: tuple[dict[str, Any], str], capsys: pytest.CaptureFixture[str]
) -> None:
    file = Path(made[0]["DKIM__DESK_1__KEY_FILE"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    assert main(["dkim", "new", "desk.example", "--selector", "desk-1", "--file", str(file)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert file.read_bytes() == before


@pytest.mark.parametrize("words", [["new"], ["new", "desk"], ["new", "desk.example", "--selector", "a b"]])
def test_what_cannot_be_a_key_is_not_made(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dkim", *words, "--file", str(tmp_path / "key.pem")]) == 1
    assert capsys.readouterr().err
    assert not (tmp_path / "key.pem").exists()


async def test_the_doctor_compares_what_stands_in_dns_with_the_key(
    made: tuple[dict[str, Any], str], names: Names
) -> None:
    stated, record = made
    settings, name = settings_of(stated, names), "desk-1._domainkey.desk.example"
    assert (await found(settings))[-1] == (
        "bad",
        "The key {name} is not in DNS, so nobody believes our signatures: deskbell dkim show",
    )
    names.text(name, record)
    mark, said = (await found(settings))[-1]
    assert (mark, "is signed" in said) == ("good", True)
    names.text(name, record.replace("k=rsa", "k=ed25519"))
    assert (await found(settings))[-1][0] == "bad"
    names.text(name, record, "v=DKIM1; p=")
    assert "where there may be one" in (await found(settings))[-1][1]
    names.broken.add(name)
    assert (await found(settings))[-1][0] == "warn"


def test_the_doctor_minds_a_key_that_others_can_read(made: tuple[dict[str, Any], str], names: Names) -> None:
    Path(made[0]["DKIM__DESK_1__KEY_FILE"]).chmod(0o644)
    assert any("Other users" in said for _, said in asyncio.run(found(settings_of(made[0], names))))


def test_a_key_that_is_gone_is_said_by_its_setting(tmp_path: Path, names: Names) -> None:
    stated = {"DKIM__X__DOMAIN": "desk.example", "DKIM__X__SELECTOR": "s", "DKIM__X__KEY_FILE": str(tmp_path / "gone")}
    with pytest.raises(Refused, match="KEY_FILE"):
        keys_of(settings_of(stated, names))
    (tmp_path / "gone").write_text("no key")
    with pytest.raises(Refused, match=r"deskbell dkim new desk\.example"):
        keys_of(settings_of(stated, names))


async def test_what_a_running_desk_sends_is_signed(tmp_path: Path, made: tuple[dict[str, Any], str]) -> None:
    stated, record = made
    async with running(tmp_path, **stated) as desk:
        await Play(desk).writes("Where is it?", "It has not come.")
        mail = await soon(lambda: next(iter(Play(desk).received()), None), "the acknowledgement")
        raw = desk.box.mail_bytes(mail["id"])
        assert dkimpy.verify(raw, dnsfunc=lambda name, timeout=5: record.encode())
