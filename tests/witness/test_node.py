"""Slack's own @slack/bolt for Node runs unmodified against the sandbox and finds nothing strange."""

import asyncio
import json
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox import Sandbox
from tests.patience import PATIENCE
from tests.witness.npm import node_project

ANN = "U0ANN"


@asynccontextmanager
async def node_app(sandbox: Sandbox) -> AsyncGenerator[str]:
    """The room of an app written in Node that is connected; what it complained of fails the test."""
    folder = await asyncio.to_thread(node_project, Path(__file__).parent / "node")
    environment = {
        "PATH": os.environ["PATH"],
        "SLACK_API_URL": sandbox.slack_api_url,
        "SLACK_BOT_TOKEN": sandbox.bot_token,
        "SLACK_APP_TOKEN": sandbox.app_token,
    }
    process = await asyncio.create_subprocess_exec(
        "node", "app.mjs", cwd=folder, env=environment, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            line = await process.stdout.readline()
        if not line:
            pytest.fail((await process.communicate())[1].decode())
        yield json.loads(line)["ready"]
    finally:
        complaints = await _stopped(process)
    assert complaints == ""


async def _stopped(process: Process) -> str:
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(PATIENCE):
            _, complaints = await process.communicate()
    except TimeoutError:
        process.kill()
        _, complaints = await process.communicate()
    return complaints.decode()


@pytest.mark.witness
async def test_slacks_own_node_sdk_plays_a_whole_story() -> None:
    async with Sandbox() as sandbox, node_app(sandbox) as room:
        await the_app_answers_and_its_button_works(sandbox, room)
        await a_form_is_sent_back_and_accepted(sandbox, room)
        await a_file_arrives(sandbox, room)
        await reactions_shortcuts_and_home_work(sandbox, room)
        refused = [call for call in sandbox.slack.calls if call.status != 200 or not call.answer["ok"]]
        assert refused == []
        assert [d.outcome for d in sandbox.slack.deliveries.log if d.kind != "events_api"] == ["acked"] * 6


async def the_app_answers_and_its_button_works(sandbox: Sandbox, room: str) -> None:
    root = (await sandbox.say(ANN, room, "hello there"))["ts"]
    answer = await sandbox.until(lambda: next((m for m in sandbox.spoken(room) if m.get("bot_id")), None))
    assert (answer["text"], answer["thread_ts"]) == (f"Hello <@{ANN}>", root)
    assert answer["metadata"]["event_payload"] == {"to": ANN}
    found = await sandbox.options(ANN, "who", "jo", room=room, ts=answer["ts"])
    assert found["options"][0]["text"]["text"] == "Found jo"
    await sandbox.click(ANN, "claim", room=room, ts=answer["ts"])
    await sandbox.until(lambda: sandbox.spoken(room)[-1]["text"] == "Claimed")
    await sandbox.until(lambda: [e["text"] for e in sandbox.ephemeral] == ["It is yours"])


async def a_form_is_sent_back_and_accepted(sandbox: Sandbox, room: str) -> None:
    await sandbox.slash(ANN, room, "/desk")
    (view,) = await sandbox.until(lambda: sandbox.views.get(ANN))
    answer = await sandbox.submit(ANN, view["id"], {"subject": {"typed": {"value": "ab"}}})
    assert answer["errors"] == {"subject": "Too short"}
    await sandbox.submit(ANN, view["id"], {"subject": {"typed": {"value": "Printer on fire"}}})
    assert sandbox.views == {}
    await sandbox.until(lambda: sandbox.spoken(room)[-1]["text"] == "ann opened: Printer on fire")


async def a_file_arrives(sandbox: Sandbox, room: str) -> None:
    asked = (await sandbox.say(ANN, room, "upload please"))["ts"]
    posted = await sandbox.until(lambda: next((m for m in sandbox.spoken(room) if m.get("files")), None))
    assert (posted["text"], posted["thread_ts"], posted["files"][0]["name"]) == ("The log", asked, "log.txt")
    assert posted["files"][0]["size"] == len("all is well")


async def reactions_shortcuts_and_home_work(sandbox: Sandbox, room: str) -> None:
    ts = sandbox.spoken(room)[0]["ts"]
    await sandbox.react(ANN, room, ts, "wave")
    await sandbox.until(lambda: {r["name"] for r in sandbox.spoken(room)[0]["reactions"]} == {"wave", "eyes"})
    await sandbox.message_shortcut(ANN, room, ts, "from_message")
    await sandbox.until(lambda: sandbox.ephemeral[-1]["text"] == "Took: hello there")
    await sandbox.open_home(ANN)
    home = await sandbox.until(lambda: sandbox.home(ANN))
    assert home["blocks"][0]["text"]["text"] == "Your desk"
