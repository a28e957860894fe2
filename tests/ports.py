"""Ports for servers that must know theirs before they begin, or come back at the same one."""

from __future__ import annotations

import fcntl
import itertools
import os
import socket
import tempfile
from functools import cache
from pathlib import Path

_FIRST, _BEHIND = 10_000, 30_000


def free_port() -> int:
    """A port on loopback that nobody listens at, this process's own until it ends.

    It is none of those that systems give to whoever connects or binds to 0: such a one may be somebody's between its
    choice and its use. And whoever runs these tests beside us passes by it.
    """
    for port in _turns():
        if _taken_by_us(port) and _nobody_listens(port):
            return port
    raise AssertionError("itertools.cycle never ends")


@cache
def _turns() -> itertools.cycle[int]:
    """Beginning somewhere else in each process, so that few meet."""
    begin = os.getpid() * 97 % (_BEHIND - _FIRST)
    return itertools.cycle([*range(_FIRST + begin, _BEHIND), *range(_FIRST, _FIRST + begin)])


@cache
def _ledger() -> int:
    """A file whose n-th byte is locked by the process that has port n."""
    return os.open(Path(tempfile.gettempdir()) / f"deskbell-ports-{os.getuid()}", os.O_RDWR | os.O_CREAT, 0o600)


def _taken_by_us(port: int) -> bool:
    try:
        fcntl.lockf(_ledger(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:  # somebody else's
        return False
    return True


def _nobody_listens(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
