"""How results come back to whoever asked: those of one commit wake an event loop once.

Waking a loop is a system call, after which both threads want the interpreter: for each of a group's transactions it
would cost more than the transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

Waiter = Future[Any] | asyncio.Future[Any]


class Answer(NamedTuple):
    """What came of something asked for: a result, or why there is none."""

    to: Waiter
    result: Any
    error: BaseException | None


def tell(answers: Sequence[Answer]) -> None:
    """From any thread. Who does not wait any more is not told."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Answer]] = {}
    for answer in answers:
        if isinstance(answer.to, asyncio.Future):
            by_loop.setdefault(answer.to.get_loop(), []).append(answer)
        elif not answer.to.done() and answer.to.set_running_or_notify_cancel():
            _settle(answer)
    for loop, told in by_loop.items():
        with contextlib.suppress(RuntimeError):  # it is closed: nobody waits there any more
            loop.call_soon_threadsafe(_settle_each, told)


def _settle_each(answers: Sequence[Answer]) -> None:
    for answer in answers:
        if not answer.to.done():
            _settle(answer)


def _settle(answer: Answer) -> None:
    if answer.error is not None:
        answer.to.set_exception(answer.error)
    else:
        answer.to.set_result(answer.result)
