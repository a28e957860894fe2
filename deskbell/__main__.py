"""The command line: which command does what, and how its answers and refusals reach the person who typed it."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from core.phrases import DeskError
from core.rulebook import RulebookError
from deskbell.speaking import speak

Command = Callable[[Any], int]

INBOX = ("list", "raw", "replay", "admit", "discard", "block", "unblock", "blocked")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0: done; 1: refused, with a sentence; 2: the words typed were no command."""
    try:
        try:
            return _done(arguments)
        finally:  # here and not when Python ends, where nobody could catch it
            sys.stdout.flush()
    except BrokenPipeError:  # who read our output has seen enough
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())
        return 141


def _done(arguments: Sequence[str] | None) -> int:
    options = _parser().parse_args(arguments)
    os.umask(os.umask(0o077) | 0o077)  # what the desk writes is customers' mail, and nobody else's on this machine
    try:
        return options.command(options)
    except RulebookError as error:
        for problem in error.problems:
            speak(problem.said(error.filename), to_stderr=True)
        return 1
    except DeskError as error:
        return importlib.import_module("deskbell.remedies").complain(error)
    except KeyboardInterrupt:
        return 130


def _lazily(module: str, function: str = "main") -> Command:
    """A command whose code is loaded when it is called: `deskbell --help` needs none of it."""

    def command(options: Any) -> int:
        return getattr(importlib.import_module(f"deskbell.{module}"), function)(options)

    return command


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="deskbell", description="A help desk that lives in Slack.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="the whole desk in one process")
    run.set_defaults(command=_lazily("run", "run"))
    sandbox = run.add_mutually_exclusive_group()
    sandbox.add_argument("--sandbox", action="store_true", help="with a Slack and mailboxes of its own, on loopback")
    sandbox.add_argument(
        "--sandbox-if-unconfigured", action="store_true", help="the same, unless a Slack token is configured"
    )
    run.add_argument("--port", type=int, default=None, help="the sandbox page's port (default: SANDBOX_PORT, 8026)")

    serve = commands.add_parser("serve", help="one part of the desk, beside others on one DATABASE_URL")
    serve.add_argument("part", choices=("mail", "bot", "web", "work"))
    serve.set_defaults(command=_lazily("run", "serve"))

    migrate = commands.add_parser("migrate", help="bring the database up to date")
    migrate.set_defaults(command=_lazily("migrate"))

    jobs = commands.add_parser("jobs", help="the ledger: what is to be done outside, and what was given up")
    jobs.set_defaults(command=_lazily("jobs"))
    jobs.add_argument("what", choices=("list", "show", "retry", "drop"), nargs="?", default="list")
    jobs.add_argument("id", type=int, nargs="?")
    jobs.add_argument("--given-up", action="store_true", help="only those")

    _about_mail(commands)

    _suppressed(commands)

    _sources(commands)
    _pages(commands)

    _rules(commands)

    doctor = commands.add_parser("doctor", help="what is configured, reachable, missing")
    doctor.set_defaults(command=_lazily("doctor"))

    manifest = commands.add_parser("manifest", help="the Slack app's manifest, to paste at api.slack.com")
    manifest.set_defaults(command=_lazily("manifest"))
    manifest.add_argument("--url", help="for signed HTTP: where Slack reaches serve web, https://desk.example.org")

    explain = commands.add_parser("explain", help="what the desk understands of a mail, as JSON; stores nothing")
    explain.set_defaults(command=_lazily("explain"))
    explain.add_argument("files", nargs="*", metavar="FILE.eml")
    what = explain.add_mutually_exclusive_group()
    what.add_argument("--jsonl", action="store_true", help="requests from standard input, one JSON object a line")
    what.add_argument("--vouch", action="store_true", help="and who vouches for its sender, as the settings say")
    explain.add_argument("--topics", action="store_true", help="and what it is about, by topics that nobody taught yet")
    explain.add_argument(
        "--peer", default="127.0.0.1", metavar="IP", help="where it came from; default: our own server"
    )
    explain.add_argument("--sender", default="", metavar="ADDRESS", help="the sender that the envelope named")

    dkim = commands.add_parser("dkim", help="keys that sign what the desk sends")
    dkim.set_defaults(command=_lazily("dkim"))
    dkim.add_argument("what", choices=("new", "show"), help="make a key; say what stands in DNS for those set")
    dkim.add_argument("domain", nargs="?")
    dkim.add_argument("--selector", help="the key's name in DNS (default: desk and the month)")
    dkim.add_argument("--ed25519", action="store_true", help="a short key beside the RSA one, which all understand")
    dkim.add_argument("--file", help="where it is kept (default: dkim/ in VAR)")

    _triage(commands)
    _escalate(commands)
    _locales(commands)
    return parser


def _triage(commands: Any) -> None:
    triage = commands.add_parser("triage", help="how well topics are recognised in labelled texts, as JSON")
    triage.set_defaults(command=_lazily("triage"))
    triage.add_argument("what", choices=("evaluate",))
    triage.add_argument("--test", required=True, metavar="FILE.jsonl", help='{"text", "label", "lang"} a line')
    triage.add_argument("--seeds", metavar="FILE.jsonl", help="typical sentences of each label")
    triage.add_argument("--train", metavar="FILE.jsonl", help="labelled texts to learn from")
    triage.add_argument("--encoders", metavar="NAMES", help="use,e5, or one of them, or '' (default: all installed)")


def _escalate(commands: Any) -> None:
    escalate = commands.add_parser("escalate", help="who would be told, when and why, if nobody took a ticket on")
    escalate.set_defaults(command=_lazily("escalate"))
    escalate.add_argument("what", choices=("preview", "feed", "renew-feeds"))
    escalate.add_argument("queue", nargs="?", help="preview: a queue (default: the first one); feed: a roster")
    escalate.add_argument("--at", metavar="TIME", help="when the ticket comes, like 2026-12-24T16:30 (default: now)")
    escalate.add_argument("--urgency", type=int, choices=range(4), help="default: as the rules have it, else 0")
    escalate.add_argument("--text", default="", help="what a customer writes: the rules say where it goes")
    escalate.add_argument("--subject", default="")
    escalate.add_argument("--sender", default="", metavar="ADDRESS")
    escalate.add_argument("--ticket", type=int, metavar="NUMBER", help="what happens to this one from now on")


def _rules(commands: Any) -> None:
    """The commands about the rulebook and what it makes of messages."""
    rulebook = commands.add_parser("rulebook", help="queues, agents, rules: check, apply, export, compare")
    rulebook.set_defaults(command=_lazily("rulebook"))
    rulebook.add_argument(
        "--over", type=int, default=0, metavar="N", help="diff: which of the last N tickets it would treat otherwise"
    )
    rulebook.add_argument("what", choices=("check", "apply", "export", "diff"))
    rulebook.add_argument("file", nargs="?", help="default: desk.toml (export: standard output)")
    rulebook.add_argument(
        "--move",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="apply: where the tickets of a queue go that is gone (default: into the first queue)",
    )

    calendars = commands.add_parser("calendars", help="when there is work: a year of it before it counts; iCalendar")
    calendars.set_defaults(command=_lazily("calendars"))
    calendars.add_argument("what", choices=("list", "show", "export", "import"), nargs="?", default="list")
    calendars.add_argument("name", nargs="?", metavar="NAME")
    calendars.add_argument("file", nargs="?", metavar="FILE.ics", help="import, export (default: standard output)")
    calendars.add_argument("--year", type=int, choices=range(1970, 2200), metavar="YEAR", help="default: this one")
    calendars.add_argument("--rulebook", metavar="FILE", help="of this rulebook (default: the one in force)")
    calendars.add_argument("--apply", action="store_true", help="import: put the days in force")

    rules = commands.add_parser("rules", help="what the rules would make of texts and mails; stores nothing")
    rules.set_defaults(command=_lazily("rules"))
    rules.add_argument("what", choices=("test",))
    rules.add_argument("files", nargs="+", metavar="FILE", help="a mail (.eml), messages (.jsonl), or a text")
    rules.add_argument("--rulebook", metavar="FILE", help="by this rulebook (default: the one in force)")
    rules.add_argument("--door", default="", metavar="ADDRESS", help="the mailbox that it came to")
    rules.add_argument("--sender", default="", metavar="ADDRESS", help="who sent it")


def _locales(commands: Any) -> None:
    locales = commands.add_parser("locales", help="the catalogues: bring up to date, check")
    locales.add_argument("what", choices=("update", "check"))
    locales.set_defaults(command=lambda options: _lazily("locales")([options.what]))


def _pages(commands: Any) -> None:
    pages = commands.add_parser("pages", help="links to requesters' pages: make some, take them back")
    pages.set_defaults(command=_lazily("pages"))
    pages.add_argument("what", choices=("link", "revoke"))
    pages.add_argument("number", type=int, nargs="?", metavar="TICKET")
    pages.add_argument("--all", action="store_true", help="revoke: every link of every ticket")


def _suppressed(commands: Any) -> None:
    suppressed = commands.add_parser("suppressed", help="addresses that mail does not reach, or is not wanted at")
    suppressed.set_defaults(command=_lazily("suppressed"))
    suppressed.add_argument("what", choices=("list", "remove"), nargs="?", default="list")
    suppressed.add_argument("addresses", nargs="*", metavar="ADDRESS")


def _sources(commands: Any) -> None:
    sources = commands.add_parser("sources", help="partners who bring messages by the web API: shop, WhatsApp, phone")
    sources.set_defaults(command=_lazily("sources"))
    sources.add_argument("what", choices=("list", "add", "set", "rotate", "revoke"), nargs="?", default="list")
    sources.add_argument("name", nargs="?", metavar="NAME")
    usual = "messages:write,tickets:read,tickets:write"
    sources.add_argument("--scopes", help=f"{usual} (default of add); messages:urgency; or all")
    sources.add_argument("--url", help="where its webhooks go; empty: it asks by itself")
    sources.add_argument("--queue", help="where its tickets go, unless a rule says otherwise; empty: as rules have it")
    sources.add_argument("--events", help="what it is told beside messages: ticket.opened,… or all")
    signed = sources.add_mutually_exclusive_group()
    signed.add_argument("--signed", action="store_true", default=None, help="what it asks has to be signed")
    signed.add_argument("--unsigned", dest="signed", action="store_false", help="its token is enough")
    sources.add_argument("--overlap", type=int, default=24, metavar="HOURS", help="rotate: so long the old ones count")


def _about_mail(commands: Any) -> None:
    """The commands about what came in."""
    inbox = commands.add_parser("inbox", help="what came in and was kept out, with its reasons")
    inbox.set_defaults(command=_lazily("inbox"))
    inbox.add_argument("what", choices=INBOX, nargs="?", default="list")
    inbox.add_argument("ids", nargs="*", metavar="N|ADDRESS|DOMAIN")
    inbox.add_argument("--why", default="", help="block: the reason, which colleagues see")
    inbox.add_argument("--yes", action="store_true", help="block: also a domain where very many people are")
    inbox.add_argument("--all", action="store_true", help="list: also what was discarded, and mail of blocked senders")

    dry = "say what would be read now and was not, and change nothing"
    inbox.add_argument("--dry-run", type=int, nargs="*", metavar="N", help=f"replay: {dry}")

    replay = commands.add_parser("replay", help="the same as inbox replay")
    replay.set_defaults(command=_lazily("inbox"), what="replay", all=False)
    replay.add_argument("ids", type=int, nargs="*", metavar="N")
    replay.add_argument("--dry-run", type=int, nargs="*", metavar="N", help=dry)

    why = commands.add_parser("why", help="why a mail, or what was said in a chat, became a ticket or did not")
    why.set_defaults(command=_lazily("why"))
    why.add_argument("what", metavar="MESSAGE-ID|ADDRESS|N")


if __name__ == "__main__":
    sys.exit(main())
