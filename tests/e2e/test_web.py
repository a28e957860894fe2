"""The worked example of docs/adding-a-channel.md, as it stands there, beside a real desk."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tests import warm
from tests.e2e.play import ANN, Play
from tests.ports import free_port
from tests.running import RunningDesk, running, soon

DOCS = Path(__file__).parent.parent.parent / "docs"
EXAMPLE = DOCS / "examples" / "terminal.py"
HERE = "127.0.0.0/8"


@asynccontextmanager
async def terminal(desk: RunningDesk) -> AsyncGenerator[tuple[asyncio.StreamWriter, list[str]]]:
    """Somebody who sits at the example's terminal: what they type, and what they see."""
    port = free_port()
    made = await asyncio.to_thread(
        warm.run,
        "deskbell",
        ["sources", "add", "terminal", "--url", f"http://127.0.0.1:{port}/"],
        cwd=desk.folder,
        env=desk.env,
    )
    assert made.returncode == 0, made.stderr
    said = dict(line.split() for line in made.stdout.splitlines() if line.startswith(("token:", "secret:")))
    assert said["token:"] not in desk.said()
    env = {
        "PATH": desk.env["PATH"],
        "DESK": f"http://127.0.0.1:{desk.web_port}/api/v1",
        "TOKEN": said["token:"],
        "SECRET": said["secret:"],
        "PORT": str(port),
    }
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, str(EXAMPLE), stdin=pipe, stdout=pipe, env=env)
    assert process.stdin is not None
    assert process.stdout is not None
    seen: list[str] = []

    async def look() -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            seen.append(line.decode().rstrip())

    looking = asyncio.create_task(look())
    try:
        yield process.stdin, seen
    finally:
        process.stdin.close()
        await process.wait()
        await looking


async def test_the_example_is_a_channel(tmp_path: Path) -> None:
    async with running(tmp_path, WEB_HOOKS_NETWORKS=HERE) as desk, terminal(desk) as (keys, seen):
        play = Play(desk)

        async def sees(words: str) -> None:
            await soon(lambda: [line for line in seen if words in line], f"“{words}”: {seen}\n{desk.said()}")

        keys.write(b"My parcel is wet. <!channel> & I want a new one.\n")
        await sees("kept as 1")
        await sees("number 1")
        await play.sees(1, "My parcel is wet. <!channel> & I want a new one.")
        await play.sees(1, "terminal · Web API")
        await play.clicks(ANN, 1, "claim")
        await play.replies(ANN, 1, "A <b>new</b> one leaves today.", then="close")
        await sees("terminal < A <b>new</b> one leaves today.")
        await play.sees(1, "Closed")
        keys.write(b"And who pays for it?\n")
        await play.sees_in_thread(1, "And who pays for it?")
        assert "Traceback" not in desk.said(), desk.said()


def test_the_document_shows_the_example_as_it_is() -> None:
    text = (DOCS / "adding-a-channel.md").read_text(encoding="utf-8")
    example = EXAMPLE.read_text(encoding="utf-8")
    assert f"```python\n{example}```\n" in text
    lines = [line for line in example.splitlines() if line.strip() and not line.strip().startswith(('"""', "#"))]
    assert len(lines) <= 32, "a partner writes thirty lines"
