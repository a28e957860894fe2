"""What is done in a child process in tests: things that end well, and things that do not."""

from __future__ import annotations

import os
import signal
import time


def double(n: int) -> int:
    return 2 * n


def refuse(why: str) -> None:
    raise ValueError(why)


def who() -> int:
    return os.getpid()


def niceness() -> int:
    return os.nice(0)


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def swell(size: int) -> int:
    return len(bytearray(size))


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def outlive() -> None:
    """Say that it is at work, and be so until whoever asked is gone."""
    asked = os.getppid()
    print("at work", flush=True)
    while os.getppid() == asked:
        time.sleep(0.01)
