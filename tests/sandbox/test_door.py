"""The sandbox as a whole: what the page sees and does, who may ask, what is kept over a restart."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox import Sandbox, SandboxError
from tests.patience import PATIENCE
from tests.sandbox.bots import Bot
from tests.sandbox.kit import Json, actions, button, home, modal, section, told

ROOT = Path(__file__).parents[2]


async def act(sandbox: Sandbox, action: str, body: Any, **headers: str) -> Json:
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{sandbox.base_url}/_sandbox/{action}", json=body) as answer,
    ):
        return await answer.json()


async def test_a_new_workspace_has_its_people_and_customers(sandbox: Sandbox) -> None:
    state = sandbox.state()
    assert state["personas"] == ["U0ANN", "U0JONAS", "U0SAM"]
    people = {u["id"]: (u["real_name"], u["locale"], u["tz"]) for u in state["users"] if not u["is_bot"]}
    assert people.pop("USLACKBOT")[0] == "Slackbot"
    assert people == {
        "U0ANN": ("Ann Walker", "en-GB", "Europe/London"),
        "U0JONAS": ("Jonas Becker", "de-DE", "Europe/Berlin"),
        "U0SAM": ("Sam Rivera", "en-US", "Europe/Berlin"),
    }
    assert [room["name"] for room in state["rooms"]] == ["general"]
    assert [box["name"] for box in state["mailboxes"]] == ["Carla Gómez", "Max Mustermann", "Priya Nair"]
    assert state["desk_address"] == "support@desk.example"
    assert json.loads(json.dumps(state)) == state


async def test_the_page_acts_by_http(sandbox: Sandbox) -> None:
    said = await act(sandbox, "say", {"user": "U0ANN", "room": "C0GENERAL", "text": "hello"})
    assert said["ok"]
    ts = said["result"]["ts"]
    assert (await act(sandbox, "react", {"user": "U0SAM", "room": "C0GENERAL", "ts": ts, "name": "wave", "add": True}))[
        "ok"
    ]
    dm = await act(sandbox, "open_dm", {"user": "U0ANN", "with": "U0JONAS"})
    assert dm["result"]["room"].startswith("D")
    assert await act(
        sandbox, "mail", {"from": "carla@example.com", "to": "x@y.example", "subject": "s", "text": "t"}
    ) == {
        "ok": False,
        "error": "no_desk",
    }
    assert (await act(sandbox, "faults", {"slow_ms": 3}))["result"]["slow_ms"] == 3
    assert (await act(sandbox, "tiers", {"on": False}))["ok"]
    assert not sandbox.state()["tiers"]


@pytest.mark.parametrize(
    ("action", "body", "error"),
    [
        ("say", {"user": "U0ANN"}, "invalid_arguments"),
        ("say", {"user": "U0ANN", "room": "C0GENERAL", "text": "x", "colour": "red"}, "invalid_arguments"),
        ("say", ["U0ANN"], "invalid_arguments"),
        ("say", {"user": "U0ANN", "room": "C0NONE", "text": "x"}, "channel_not_found"),
        ("state_of_the_nation", {}, "unknown_action"),
        ("until", {"look": 1}, "unknown_action"),
        ("faults", {"no_such_fault": 1}, "invalid_fault"),
    ],
)
async def test_an_action_that_cannot_be_done_says_why(sandbox: Sandbox, action: str, body: Any, error: str) -> None:
    answer = await act(sandbox, action, body)
    assert (answer["ok"], answer["error"]) == (False, error)


async def test_foreign_pages_and_names_are_refused(sandbox: Sandbox) -> None:
    body = {"user": "U0ANN", "room": "C0GENERAL", "text": "forged"}
    assert (await act(sandbox, "say", body, Origin="https://evil.example"))["error"] == "foreign_origin"
    assert (await act(sandbox, "say", body, Origin="null"))["error"] == "foreign_origin"
    assert (await act(sandbox, "say", body, Host="evil.example"))["error"] == "foreign_origin"
    async with aiohttp.ClientSession(headers={"Host": "rebound.example"}) as session:
        for path in ("/_sandbox/state", "/", "/api/auth.test", "/link/"):
            async with session.get(sandbox.base_url + path) as answer:
                assert answer.status == 403
    assert sandbox.spoken("general") == []
    own = sandbox.base_url.replace("127.0.0.1", "localhost")
    assert (await act(sandbox, "say", body, Origin=own, Host=own.removeprefix("http://")))["ok"]


class Stream:
    """What a page reads from /_sandbox/stream."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._lines = response.content

    async def next(self, name: str) -> Json:
        """The next event of that name."""
        seen, ids = "", 0
        async with asyncio.timeout(PATIENCE):
            async for raw in self._lines:
                line = raw.decode().rstrip("\n")
                if line.startswith("id: "):
                    assert int(line[4:]) > ids
                    ids = int(line[4:])
                elif line.startswith("event: "):
                    seen = line[7:]
                elif line.startswith("data: ") and seen == name:
                    return json.loads(line[6:])
        raise AssertionError(f"the stream ended before {name}")


async def test_a_page_that_goes_away_is_no_error(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    host, port = sandbox.base_url.removeprefix("http://").split(":")
    for _ in range(3):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"GET /_sandbox/stream HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        await reader.readuntil(b"retry:")
        writer.transport.abort()
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET /_sandbox/stream HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    writer.transport.abort()  # before there was an answer
    for n in range(5):
        await sandbox.say("U0ANN", "general", f"nobody looks {n}")
        await asyncio.sleep(0.02)
    assert [record.getMessage() for record in caplog.records if record.name.startswith("aiohttp")] == []


async def test_the_page_sees_everything_as_it_happens(sandbox: Sandbox, socket_bot: Bot) -> None:
    @socket_bot.app.action("open")
    async def open_form(ack: Any, body: Json, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal(section("Hello")))

    @socket_bot.app.view("form")
    async def sent(ack: Any) -> None:
        await ack()

    async with aiohttp.ClientSession() as session, session.get(f"{sandbox.base_url}/_sandbox/stream") as response:
        assert response.content_type == "text/event-stream"
        stream = Stream(response)
        room = await socket_bot.room()
        assert (await stream.next("room"))["room"]["name"] == "support"
        client = socket_bot.client
        card = told(await client.chat_postMessage(channel=room, text="Card", blocks=[actions(button("open"))]))
        while (await stream.next("message"))["message"]["text"] != "Card":
            pass  # who joined
        await client.chat_postEphemeral(channel=room, user="U0ANN", text="psst")
        assert (await stream.next("ephemeral"))["item"]["text"] == "psst"
        await client.views_publish(user_id="U0ANN", view=home())
        assert (await stream.next("home"))["user"] == "U0ANN"
        await sandbox.click("U0ANN", "open", room=room, ts=card["ts"])
        (view,) = (await stream.next("views"))["stack"]
        await sandbox.submit("U0ANN", view["id"])
        assert (await stream.next("views"))["stack"] == []
        await client.chat_delete(channel=room, ts=card["ts"])
        assert await stream.next("message_deleted") == {"room": room, "ts": card["ts"]}
        await sandbox.new_mailbox("new@example.com")
        assert (await stream.next("mailbox"))["mailbox"]["address"] == "new@example.com"
        await sandbox.set_faults(drop_acks=1)
        assert (await stream.next("faults"))["faults"]["drop_acks"] == 1
        await sandbox.set_faults(disconnect_now="refresh_requested")
        assert (await stream.next("connected"))["n"] == 0
        await sandbox.reset()
        await stream.next("reset")
    assert [r["name"] for r in sandbox.rooms] == ["general"]


async def test_everything_but_open_modals_is_there_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state"
    async with Sandbox(state=state) as before, Bot(before, "socket mode") as bot:

        @bot.app.command("/desk")
        async def desk(ack: Any, body: Json, client: Any) -> None:
            await client.views_open(trigger_id=body["trigger_id"], view=modal())
            await ack("hello")

        room = await bot.room()
        ts = told(await bot.client.chat_postMessage(channel=room, text="Card ✓"))["ts"]
        gone = told(await bot.client.chat_postMessage(channel=room, text="Gone"))["ts"]
        await bot.client.chat_delete(channel=room, ts=gone)
        await bot.client.views_publish(user_id="U0ANN", view=home())
        picture = {"name": "a.png", "type": "image/png", "base64": "iVBORw0KGgo="}
        await before.say("U0ANN", room, "look", files=[picture])
        await before.slash("U0ANN", room, "/desk")
        await before.mail_raw("carla@example.com", ["max@example.org"], b"Subject: Hi\r\n\r\nbody\r\n")
        await before.react("U0ANN", room, ts, "eyes")
        kept = before.state()
        assert kept["views"]
        assert kept["ephemeral"]

    async with Sandbox(state=state) as after:
        assert (after.bot_token, after.signing_secret) == (before.bot_token, before.signing_secret)
        now = after.state()
        for name in ("rooms", "messages", "homes", "mailboxes", "mails", "personas"):
            here, there = json.dumps(now[name]), json.dumps(kept[name])
            assert here == there, name
        assert (now["views"], now["ephemeral"]) == ({}, [])
        (mail,) = after.mails("max@example.org")
        assert after.mail_bytes(mail["id"]) == b"Subject: Hi\r\n\r\nbody\r\n"
        file = after.spoken(room)[1]["files"][0]
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{after.base_url}/_sandbox/file/{file['id']}") as answer,
        ):
            assert await answer.read() == b"\x89PNG\r\n\x1a\n"


async def test_a_half_written_last_line_is_forgotten(tmp_path: Path) -> None:
    async with Sandbox(state=tmp_path) as before:
        await before.say("U0ANN", "general", "kept")
    with (tmp_path / "journal.jsonl").open("a") as file:
        file.write('["messages C0GENERAL", "17')
    async with Sandbox(state=tmp_path) as after:
        assert [m["text"] for m in after.spoken("general")] == ["kept"]
        await after.reset()
    async with Sandbox(state=tmp_path) as again:
        assert again.messages("general") == []


async def test_a_folder_belongs_to_one_sandbox_at_a_time(tmp_path: Path) -> None:
    async with Sandbox(state=tmp_path) as first:
        with pytest.raises(BlockingIOError, match="in use by another sandbox"):
            Sandbox(state=tmp_path)
        await first.say("U0ANN", "general", "still mine")
    async with Sandbox(state=tmp_path) as second:
        assert [m["text"] for m in second.spoken("general")] == ["still mine"]


async def test_a_port_that_is_taken_is_an_error(sandbox: Sandbox) -> None:
    port = int(sandbox.base_url.rpartition(":")[2])
    with pytest.raises(OSError, match="address already in use"):
        async with Sandbox(port=port):
            pass
    with pytest.raises(OSError, match="address already in use"):
        async with Sandbox(mail_port=sandbox.mail_port):
            pass


async def test_pictures_of_people_are_drawn(sandbox: Sandbox) -> None:
    async with aiohttp.ClientSession() as session:
        ann = next(u for u in sandbox.state()["users"] if u["id"] == "U0ANN")
        async with session.get(ann["profile"]["image_48"]) as answer:
            assert answer.content_type == "image/svg+xml"
            assert "AW" in await answer.text()


async def test_waiting_in_vain_ends(sandbox: Sandbox) -> None:
    with pytest.raises(TimeoutError):
        await sandbox.until(lambda: sandbox.spoken("general"), within=0.05)


async def test_an_action_of_nobody_is_refused(sandbox: Sandbox) -> None:
    for attempt in (
        sandbox.open_home("U0NOBODY"),
        sandbox.open_dm("U0ANN", "U0NOBODY"),
        sandbox.join("U0NOBODY", "general"),
    ):
        with pytest.raises(SandboxError, match="user_not_found"):
            await attempt


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_alone_and_says_where(tmp_path: Path, sign: signal.Signals) -> None:
    command = [sys.executable, "-m", "sandbox", "--state", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        lines = dict(process.stdout.readline().strip().split(maxsplit=1) for _ in range(2))
        os.kill(process.pid, sign)
        process.communicate(timeout=PATIENCE)
    assert lines["SLACK_API_URL"] == lines["page"] + "api/"
    assert process.returncode == 0


@pytest.mark.parametrize("words", ["taken", "70000", "telnet"])
def test_it_says_what_is_wrong_with_a_port(words: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1]) if words == "taken" else words
        command = [sys.executable, "-m", "sandbox", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE, check=False)
    assert done.returncode != 0
    said = {"taken": "address already in use", "70000": "between 0 and 65535", "telnet": "invalid port value"}
    assert said[words] in done.stderr
    assert "Traceback" not in done.stderr
