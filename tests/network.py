"""Being cut off, for a child process; it loads nothing, so that its memory is its own."""

from __future__ import annotations

import sys
from typing import Any


def cut_off() -> None:
    """From now on this process reaches nobody by network."""

    def refuse(event: str, _arguments: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind"):
            raise PermissionError(event)

    sys.addaudithook(refuse)
