"""How a command line that has written wakes a desk that runs: a local socket beside the embedded database."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import tempfile
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from core.settings import Settings

Wake = Callable[[str, datetime], None]


_LONGEST = 100
"""Bytes of a socket's path that every system takes (sun_path is 104 on macOS, 108 on Linux)."""


def path_of(settings: Settings) -> Path:
    path = settings.var.absolute() / "deskbell.sock"
    if len(bytes(path)) <= _LONGEST:
        return path
    return Path(tempfile.gettempdir()) / f"deskbell-{sha256(bytes(path)).hexdigest()[:16]}.sock"


@contextlib.asynccontextmanager
async def listen(settings: Settings, wake: Wake) -> AsyncGenerator[None]:
    """While this is open, rings on the socket are passed to `wake`. Only this system user may ring."""
    path = path_of(settings)
    path.unlink(missing_ok=True)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ValueError, KeyError, ConnectionError):
            for line in (await reader.read(64 * 1024)).splitlines():
                ring = json.loads(line)
                wake(str(ring["destination"]), datetime.fromtimestamp(float(ring["due"]), UTC))
        writer.close()

    server = await asyncio.start_unix_server(answer, path)
    path.chmod(0o600)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


def ring(settings: Settings, woken: dict[str, datetime]) -> None:
    """Wake whoever has hands for these destinations. Nobody there is no fault: whoever comes finds the work."""
    if not woken:
        return
    if not settings.embedded:
        from core.engine.distributed import wake_from_outside  # a fifth of the time that a command takes to start

        wake_from_outside(settings.database_url, sorted(woken))
        return
    lines = [json.dumps({"destination": d, "due": due.timestamp()}) for d, due in woken.items()]
    with contextlib.suppress(FileNotFoundError, ConnectionRefusedError), socket.socket(socket.AF_UNIX) as bell:
        bell.connect(str(path_of(settings)))
        bell.sendall("\n".join(lines).encode())
