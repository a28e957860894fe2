"""`deskbell run` and `deskbell serve`: the whole desk in one process, or one part of it beside others."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from pydantic import SecretStr

from core.desk import Desk
from core.desk.opening import wall_clock
from core.phrases import Refused, phrase
from core.settings import Settings
from core.storage.database import Clock, is_held
from deskbell.opening import differing, ensure_rulebook, forget_secrets, has_desk, open_with, read_settings
from deskbell.parts import House, port_free
from deskbell.speaking import speak

ALL = frozenset({"mail", "bot", "web", "work"})
YIELDS = 10
"""Niceness of `serve work`: where the parts share a machine, senders and Slack wait for the others."""

TURN = 0.001
"""Seconds after which a thread that computes lets others compute (Python's default: five times as long). Slack and
Telegram wait for the event loop, which wants the interpreter back after each look at the network, from threads that
read and write the database."""


def run(options: argparse.Namespace) -> int:
    """The whole desk; with the sandbox where that was asked for."""
    settings = read_settings()
    forget_secrets()
    sandboxed = options.sandbox or (options.sandbox_if_unconfigured and _is_unconfigured(settings))
    if not sandboxed and settings.slack_bot_token is None:
        raise Refused(
            phrase(
                "SLACK_BOT_TOKEN is missing. Put it into .env (README: connect your Slack), "
                "or try the desk without Slack: deskbell run --sandbox"
            )
        )
    if sandboxed:
        return _until_stopped(_with_sandbox(settings, settings.sandbox_port if options.port is None else options.port))
    return _until_stopped(_serve(settings, ALL))


def serve(options: argparse.Namespace) -> int:
    """One part of the desk."""
    settings = read_settings()
    forget_secrets()
    if settings.embedded:
        raise Refused(
            phrase(
                "Parts of a desk run beside each other on PostgreSQL only. "
                "Set DATABASE_URL=postgresql://… or use: deskbell run"
            )
        )
    if options.part == "bot" and settings.slack_bot_token is None:
        raise Refused(phrase("SLACK_BOT_TOKEN is missing. Put it into .env (README: connect your Slack)."))
    if options.part == "work":
        os.nice(YIELDS)
    return _until_stopped(_serve(settings, frozenset({options.part})))


def _is_unconfigured(settings: Settings) -> bool:
    """No token, and no desk that had one: a desk that lost its token must not turn into a sandbox."""
    if settings.slack_bot_token is not None:
        return False
    if settings.database_file is not None and not has_desk(settings):
        return True
    raise Refused(
        phrase(
            "There is a desk here, and SLACK_BOT_TOKEN is missing. Put the token back into .env; "
            "to try things out beside it: deskbell run --sandbox"
        )
    )


@asynccontextmanager
async def _serve(
    settings: Settings,
    parts: frozenset[str],
    *,
    introduce: Callable[[Desk], Awaitable[None]] | None = None,
    clock: Clock = wall_clock,
) -> AsyncGenerator[None]:
    """These parts. A sandbox makes itself known to the desk before (`introduce`); its rulebook is not its user's file,
    so that nobody is told to apply it.
    """
    desk = await asyncio.to_thread(open_with, settings, clock)
    try:
        await asyncio.to_thread(ensure_rulebook, desk, settings)
        if introduce is not None:
            await introduce(desk)
        elif (said := await asyncio.to_thread(differing, desk, settings)) is not None:
            speak(said, to_stderr=True)
        async with House(settings, desk).serving(parts):
            yield
    finally:
        await asyncio.to_thread(desk.db.close)


@asynccontextmanager
async def _with_sandbox(settings: Settings, port: int) -> AsyncGenerator[None]:
    """The desk, connected by its ordinary settings to a Slack, mailboxes and a Telegram that we bring along."""
    from deskbell.introducing import introduce
    from deskbell.timing import keep, kept_clock, watch
    from gateways.slack.wire.manifest import PATH as MANIFEST
    from gateways.web.showing import BASE
    from sandbox import Sandbox
    from sandbox.example import RULEBOOK, SUPERVISOR

    var = settings.var / "sandbox"
    mail = ("127.0.0.1", settings.smtp_port)
    address = var / "address"
    if is_held(var / "deskbell.lock") and address.exists():
        raise Refused(
            phrase(
                "The sandbox is running already: {url} "
                "Open that page, or stop the sandbox where it was started (Ctrl-C).",
                url=address.read_text(encoding="utf-8"),
            )
        )
    async with contextlib.AsyncExitStack() as stack:
        clock = kept_clock(var / "clock")
        stack.callback(keep, clock, var / "clock")
        with port_free("127.0.0.1", port, "SANDBOX_PORT"):
            box = Sandbox(
                port=port, desk_mail=mail, state=var / "slack", manifest=MANIFEST, shares_a_room=True, time=clock
            )
            await stack.enter_async_context(box)
        inside = settings.model_copy(
            update={
                "database_url": f"sqlite:///{var}/deskbell.db",
                "var": var,
                "desk_file": RULEBOOK,
                "slack_bot_token": SecretStr(box.bot_token),
                "slack_app_token": SecretStr(box.app_token),
                "slack_signing_secret": SecretStr(box.signing_secret),
                "slack_mode": "socket",
                "slack_api_url": box.slack_api_url,
                "slack_supervisor": SUPERVISOR,
                "telegram_bot_token": SecretStr(box.telegram_token),
                "telegram_api_url": box.telegram_api_url,
                "smtp_host": "127.0.0.1",
                "web_host": "127.0.0.1",
                "web_hooks_networks": "127.0.0.0/8, ::1",  # whoever tries a channel out has it on this machine
                "web_url": f"http://127.0.0.1:{settings.web_port}" if settings.web_port else None,
                "imap": {},  # what is tried out must not take customers' real mail
                "mail_verify": "off",  # its people have no domains
                "dkim": {},
                "relay_host": "127.0.0.1",
                "relay_port": box.mail_port,
                "relay_tls": "none",
                "relay_user": None,
                "relay_password": None,
            }
        )
        api = f"http://127.0.0.1:{settings.web_port}{BASE}"

        async def known(desk: Desk) -> None:
            watch(clock, desk, var / "clock")
            if settings.web_port:
                await introduce(desk, box.shop, api, box.hooks_url)

        await stack.enter_async_context(_serve(inside, ALL, introduce=known, clock=clock))
        address.write_text(f"{box.base_url}/", encoding="utf-8")
        speak(phrase("The sandbox is open: {url}", url=f"{box.base_url}/"))
        speak(phrase("Write as a customer: by mail, on a phone, in a shop; answer as an agent. Ctrl-C stops it."))
        yield


def _until_stopped(desk: contextlib.AbstractAsyncContextManager[None]) -> int:
    """Run until SIGINT or SIGTERM, then stop without losing what is under way."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    for noisy in ("procrastinate", "httpx", "slack_bolt", "slack_sdk", "aiohttp.access", "mail.log"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

    async def main() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(sign, stopped.set)
        async with desk:
            be_prompt()
            await stopped.wait()

    asyncio.run(main())
    return 0


def be_prompt() -> None:
    """What is there now stays: it is not looked through for cycles again and again, each time a tenth of a second in
    which nobody is answered. And whoever waits for the interpreter gets it soon.
    """
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(TURN)
