"""Runs the sandbox alone: `python -m sandbox --port 8080`, and says how an app reaches it."""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from sandbox import Sandbox
from sandbox.telegram.flood import IN_ALL


def port(words: str) -> int:
    number = int(words)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{words} is no port: it must be between 0 and 65535")
    return number


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=port, default=0, help="of the page and the Web API; 0 takes a free one")
    parser.add_argument("--mail-port", type=port, default=0, help="where the desk's outgoing mail goes")
    parser.add_argument("--desk-mail", metavar="HOST:PORT", help="the desk's SMTP intake")
    parser.add_argument("--desk-address", default="support@desk.example", help="where customers write to")
    parser.add_argument("--state", type=Path, help="a folder that keeps everything")
    parser.add_argument("--manifest", type=Path, help="the app's manifest (JSON)")
    parser.add_argument("--request-url", help="where to deliver by signed HTTP while no socket is connected")
    parser.add_argument("--shares-a-room", action="store_true", help="with a company whose customer is in it")
    parser.add_argument("--telegram-rate", type=int, default=IN_ALL, help="messages a second that the bot may send")
    parser.add_argument("--no-tiers", action="store_true", help="no rate limits")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        asyncio.run(run(arguments))
    except OSError as error:
        sys.exit(f"The sandbox cannot start: {error}")


async def run(arguments: argparse.Namespace) -> None:
    """Until SIGINT or SIGTERM, also where whoever started us ignores SIGINT (a script's background job)."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stopped.set)
    host, _, number = (arguments.desk_mail or "").rpartition(":")
    sandbox = Sandbox(
        port=arguments.port,
        mail_port=arguments.mail_port,
        desk_mail=(host, int(number)) if host else None,
        desk_address=arguments.desk_address,
        state=arguments.state,
        request_url=arguments.request_url,
        tiers=not arguments.no_tiers,
        manifest=arguments.manifest,
        shares_a_room=arguments.shares_a_room,
        telegram_rate=arguments.telegram_rate,
    )
    async with sandbox:
        print(f"page            {sandbox.base_url}/")
        print(f"SLACK_API_URL   {sandbox.slack_api_url}")
        print(f"bot token       {sandbox.bot_token}")
        print(f"app token       {sandbox.app_token}")
        print(f"signing secret  {sandbox.signing_secret}")
        print(f"mail relay      127.0.0.1:{sandbox.mail_port}", flush=True)
        await stopped.wait()


if __name__ == "__main__":
    main()
