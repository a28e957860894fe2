"""`deskbell doctor`: in plain words what is configured, reachable, missing."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shlex
import shutil
import socket
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.setup import look, why
from core.desk import Desk
from core.desk.opening import REVISION, wall_clock
from core.desk.outlets import USUAL
from core.phrases import DeskError, Phrase, phrase, phrases
from core.rulebook import warnings
from core.settings import Settings
from core.storage.ledger import State
from core.templates.locales import translate
from deskbell import bots, customers_rooms, slips
from deskbell.doors import certificate_of
from deskbell.figures import findings
from deskbell.mailboxes import accounts_of
from deskbell.opening import desk_at_hand, differing, read_rulebook, read_settings
from deskbell.reaching import reaching
from deskbell.relays import outlets_of, relays_of
from deskbell.remedies import remedy
from deskbell.speaking import reader
from deskbell.standing import standing
from gateways.email.imap.account import Account
from gateways.email.imap.check import check
from gateways.email.outgoing.send import Relay, Sender
from gateways.slack.wire import Slack, SlackError
from gateways.web.posting import checked, networks_of

LITTLE = 500 * 1024 * 1024
"""Bytes of free disk below which mail may soon be refused."""


class Mark(StrEnum):
    """How it stands with one thing."""

    GOOD = "✓"
    WARN = "!"
    BAD = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    mark: Mark
    what: Phrase


def main(_options: argparse.Namespace) -> int:
    """Say everything; 1 where something keeps the desk from working."""
    settings = read_settings()
    findings = [*map(_warn, slips.misspelt()), *_store(settings), *asyncio.run(_outside(settings))]
    for finding in findings:
        print(f"{finding.mark} {translate(finding.what, reader())}")
    return int(any(finding.mark is Mark.BAD for finding in findings))


def _good(said: Phrase) -> Finding:
    return Finding(Mark.GOOD, said)


def _warn(said: Phrase) -> Finding:
    return Finding(Mark.WARN, said)


def _bad(said: Phrase) -> Finding:
    return Finding(Mark.BAD, said)


_MARKS = {"good": _good, "warn": _warn, "bad": _bad}


# Inside


def _store(settings: Settings) -> Generator[Finding]:
    if settings.database_file is not None and not settings.database_file.exists():
        yield _good(phrase("The database will be made at the first start: {path}", path=str(settings.database_file)))
        yield from _rulebook_file(settings)
        return
    try:
        with desk_at_hand(settings) as desk:
            kind = "SQLite" if settings.embedded else "PostgreSQL"
            yield _good(phrase("The database answers ({kind}, revision {revision}).", kind=kind, revision=REVISION))
            yield from _rulebook(desk, settings)
            yield from _left_over(desk)
            yield from _waiting(desk, settings)
            yield from _astray(desk)
            yield from _mailboxes_read(desk, settings)
            yield from _sources(desk, settings)
    except DeskError as error:
        yield _bad(error.phrase)
        if (help := remedy(error)) is not None:
            yield _warn(help)
    if settings.embedded:
        yield from _open_to_others(settings)
        yield from _disk(settings.var)


def _open_to_others(settings: Settings) -> Generator[Finding]:
    """What an older desk made was for every user of the machine to read."""
    assert settings.database_file is not None
    for kept in (settings.database_file, settings.var / "blobs"):
        if kept.exists() and kept.stat().st_mode & 0o077 and kept.parent.stat().st_mode & 0o077:
            yield _warn(
                phrase(
                    "Other users of this machine can read customers' mail in {path}. Keep it to the desk: {command}",
                    path=str(kept),
                    command=f"chmod -R go= {shlex.quote(str(kept.parent))}",
                )
            )


def _rulebook(desk: Desk, settings: Settings) -> Generator[Finding]:
    edition = desk.edition()
    if edition is None:
        yield from _rulebook_file(settings)
        return
    book = edition.book
    yield _good(
        phrase(
            "Rulebook version {version}: {queues}, {mailboxes}, {agents}.",
            version=edition.version,
            queues=phrases("{count} queue", "{count} queues", len(book.queues)),
            mailboxes=phrases("{count} mailbox", "{count} mailboxes", len(book.mailboxes)),
            agents=phrases("{count} agent", "{count} agents", len(book.agents)),
        )
    )
    if (said := differing(desk, settings)) is not None:
        yield _warn(said)
    for problem in warnings(book):
        yield _warn(problem.said("rulebook"))


def _rulebook_file(settings: Settings) -> Generator[Finding]:
    try:
        read_rulebook(settings.desk_file)
    except DeskError as error:
        yield _bad(error.phrase)
    else:
        yield _good(phrase("{path} is right and will be applied at the start.", path=str(settings.desk_file)))


def _left_over(desk: Desk) -> Generator[Finding]:
    given_up = desk.count_jobs(State.GIVEN_UP)
    if given_up:
        yield _warn(
            phrases(
                "{count} job was given up: deskbell jobs list --given-up",
                "{count} jobs were given up: deskbell jobs list --given-up",
                given_up,
            )
        )
    kept_out = desk.count_kept_out()
    if kept_out:
        yield _warn(
            phrases(
                "{count} message was kept out: deskbell inbox list",
                "{count} messages were kept out: deskbell inbox list",
                kept_out,
            )
        )


def _waiting(desk: Desk, settings: Settings) -> Generator[Finding]:
    if desk.edition() is not None:
        for mark, said in findings(desk.figures(), settings):
            yield _MARKS[mark](said)


def _astray(desk: Desk) -> Generator[Finding]:
    if desk.edition() is None:
        return
    astray = sum(stray.is_open for stray in desk.strays())
    if astray:
        yield _warn(
            phrases(
                "{count} open ticket is in a queue that is gone; to move it: deskbell rulebook apply",
                "{count} open tickets are in queues that are gone; to move them: deskbell rulebook apply",
                astray,
            )
        )


def _mailboxes_read(desk: Desk, settings: Settings) -> Generator[Finding]:
    """How far mailboxes on other servers are read, and whether their mail has somewhere to go."""
    edition = desk.edition()
    for account in _accounts(settings):
        if edition is not None and edition.book.mailbox_for(account.address) is None:
            yield _warn(
                phrase(
                    "Mail in the mailbox {name} is for {address}, which is no mailbox of the rulebook: it goes into "
                    "the first queue. Set IMAP__{setting}__ADDRESS.",
                    name=account.name,
                    address=account.address,
                    setting=account.name.upper(),
                )
            )
        cursors = [desk.cursor(account.name, folder) for folder in account.folders]
        looked_at = [cursor.looked_at for cursor in cursors if cursor is not None and cursor.looked_at is not None]
        if looked_at:
            yield _good(phrase("The mailbox {name} was last read at {at}.", name=account.name, at=min(looked_at)))
        if never := desk.never_given(account.name):
            yield _warn(
                phrases(
                    "{count} mail in the mailbox {name} could not be read: its server does not give it.",
                    "{count} mails in the mailbox {name} could not be read: its server does not give them.",
                    never,
                    name=account.name,
                )
            )


def _sources(desk: Desk, settings: Settings) -> Generator[Finding]:
    """Partners who bring messages, and whether their webhooks may go where they are to go."""
    allowed = networks_of(settings.web_hooks_networks)
    known = [one for one in desk.sources() if one.revoked_at is None]
    if known:
        said = {"names": [one.name for one in known], "host": settings.web_host, "port": settings.web_port}
        yield _good(phrase("Messages are brought by {names}, at port {port} of {host}.", **said))
    for one in known:
        try:
            checked(one.url or "https://desk.example", allowed)
        except DeskError as error:
            yield _bad(phrase("The webhooks of {name} cannot leave: {reason}", name=one.name, reason=error.phrase))
    edition = desk.edition()
    for one in known:
        if edition is not None and one.queue is not None and edition.book.queue_named(one.queue) is None:
            yield _warn(
                phrase(
                    "The queue {queue}, where tickets of {name} go, is not in the rulebook: they go to the first one. "
                    "Name another: deskbell sources set {name} --queue …",
                    queue=one.queue,
                    name=one.name,
                )
            )


def _disk(var: Path) -> Generator[Finding]:
    free = shutil.disk_usage(var if var.exists() else Path.cwd()).free
    if free < LITTLE:
        yield _bad(phrase("Only {megabytes} MB are free where the desk keeps its mail.", megabytes=free // 2**20))


# Outside


async def _outside(settings: Settings) -> list[Finding]:
    return [
        *[f async for f in _slack(settings)],
        *[_MARKS[mark](said) async for mark, said in bots.look(settings)],
        *[f async for f in _mail_out(settings)],
        *_mail_in(settings),
        *await asyncio.to_thread(lambda: list(_mailboxes(settings))),
        *[_MARKS[mark](said) async for mark, said in standing(settings, _domains(settings))],
        *[_MARKS[mark](said) async for mark, said in reaching(settings)],
    ]


def _domains(settings: Settings) -> list[str]:
    """Those that the desk writes from, by the rulebook in force; none where there is none, or the store is away."""
    if settings.database_file is not None and not settings.database_file.exists():
        return []
    try:
        with desk_at_hand(settings) as desk:
            edition = desk.edition()
    except DeskError:  # said above
        return []
    boxes = edition.book.mailboxes if edition else ()
    return sorted({box.address.rpartition("@")[2].lower() for box in boxes})


async def _slack(settings: Settings) -> AsyncGenerator[Finding]:
    by_socket = settings.slack_mode == "socket"
    wrong = [
        slips.token("SLACK_BOT_TOKEN", settings.slack_bot_token),
        slips.token("SLACK_APP_TOKEN", settings.slack_app_token) if by_socket else None,
        slips.supervisor(settings.slack_supervisor),
    ]
    for said in filter(None, wrong):
        yield _bad(said)
    if settings.slack_bot_token is None or wrong[0] is not None:
        return
    slack = Slack(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    try:
        facts = await look(slack)
        if facts.problem is not None:
            yield _bad(facts.problem)
            return
        yield _good(phrase("Slack knows us: {bot} in {team} ({url}).", bot=facts.bot, team=facts.team, url=facts.url))
        if facts.missing:
            yield _bad(
                phrase(
                    "The Slack app lacks permissions: {scopes}. Update it from the manifest and install it again.",
                    scopes=", ".join(facts.missing),
                )
            )
        if wrong[1] is None:
            yield await _way_in(settings, slack)
        if wrong[2] is None and settings.slack_supervisor:
            yield await _supervisor(settings.slack_supervisor, slack)
        for mark, said in await customers_rooms.look(settings, slack, facts.bot):
            yield _MARKS[mark](said)
    except SlackError as error:
        yield _bad(why(error))
    finally:
        await slack.close()


async def _way_in(settings: Settings, slack: Slack) -> Finding:
    if settings.slack_mode == "http":
        if settings.slack_signing_secret is None:
            return _bad(phrase("SLACK_SIGNING_SECRET is not set; without it nobody can tell what is from Slack."))
        return _good(phrase("Slack reaches us by signed HTTP at /slack/events on port {port}.", port=settings.web_port))
    assert settings.slack_app_token is not None
    try:
        await slack.socket_url(settings.slack_app_token.get_secret_value())
    except SlackError as error:
        return _bad(why(error))
    return _good(phrase("Slack opens a socket for us."))


async def _supervisor(address: str, slack: Slack) -> Finding:
    try:
        found = await slack.person_at(address)
    except SlackError as error:
        return _bad(why(error))
    if found is None:
        return _bad(
            phrase(
                "Nobody in Slack has the mail address {address}. Set SLACK_SUPERVISOR to that of the first "
                "supervisor's Slack account.",
                address=address,
            )
        )
    return _good(phrase("The first supervisor, {address}, is in Slack.", address=address))


async def _mail_out(settings: Settings) -> AsyncGenerator[Finding]:
    try:
        outlets = outlets_of(settings)
    except DeskError as error:
        yield _bad(error.phrase)
        return
    relays = relays_of(settings, wall_clock)
    if USUAL not in relays and not outlets.own:
        yield _bad(phrase("RELAY_HOST is missing: answers wait until there is a server to take them."))
    for relay in relays.values():
        yield await _relay(relay)


async def _relay(relay: Relay) -> Finding:
    sender = Sender(relay)
    where = f"{relay.host}:{relay.port}"
    try:
        await sender.greet()
    except DeskError as error:
        return _bad(error.phrase)
    else:
        return _good(phrase("The mail relay {where} takes our mail.", where=where))
    finally:
        await sender.close()


def _mail_in(settings: Settings) -> Generator[Finding]:
    try:
        certificate = certificate_of(settings)
    except DeskError as error:
        yield _bad(error.phrase)
    else:
        if certificate is not None:
            yield _good(phrase("STARTTLS is offered with the certificate {file}.", file=str(certificate.chain)))
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    with contextlib.closing(socket.socket()) as probe:
        probe.settimeout(2)
        if probe.connect_ex((settings.smtp_host, settings.smtp_port)) == 0:
            yield _good(phrase("Something takes mail at {where}: a running desk, it is to be hoped.", where=where))
        else:
            yield _good(phrase("Mail will be taken at {where} once the desk runs.", where=where))


def _accounts(settings: Settings) -> list[Account]:
    """The mailboxes; none where the settings name one that cannot be understood, which is said once."""
    with contextlib.suppress(DeskError):
        return accounts_of(settings, wall_clock)
    return []


def _mailboxes(settings: Settings) -> Generator[Finding]:
    """The mailboxes on other servers."""
    try:
        accounts_of(settings, wall_clock)
    except DeskError as error:
        yield _bad(error.phrase)
    for account in _accounts(settings):
        for mark, said in check(account):
            yield _MARKS[mark](said)
