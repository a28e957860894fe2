"""Opening the desk for a command, and saying in a sentence why that is not possible."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Generator
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, SecretStr, ValidationError

from core.desk import Desk
from core.desk.opening import open_desk, wall_clock
from core.desk.pages import Pages
from core.pacing import grant
from core.phrases import DeskError, NotFound, Phrase, Refused, phrase
from core.rulebook import Rulebook, parse_toml
from core.settings import ImapSettings, RelaySettings, Settings
from core.storage.database import Clock
from core.storage.engines import make_private
from deskbell.bell import ring
from deskbell.relays import outlets_of


def read_settings() -> Settings:
    """From the environment and .env. Raises Refused with what is wrong, and never with a secret's value."""
    try:
        return Settings()  # pyright: ignore[reportCallIssue]
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors(include_input=False)
        )
        raise Refused(phrase("The settings are not right: {faults}", faults=faults)) from error


def forget_secrets() -> None:
    """Take the settings' secrets out of the environment, once they are read.

    The child that reads strangers' mail needs none of them. Bolt takes SLACK_BOT_TOKEN from there by itself, and warns
    of a token that goes unused beside the client it is given.
    """
    own = _secrets_of(Settings) | {"DATABASE_URL"}  # which may have a password in it
    named = {"IMAP": _secrets_of(ImapSettings), "SMTP": _secrets_of(RelaySettings)}
    for name in list(os.environ):
        first, *rest = name.upper().split("__")
        if first in own or (rest and rest[-1] in named.get(first, ())):
            del os.environ[name]


def _secrets_of(settings: type[BaseModel]) -> set[str]:
    return {name.upper() for name, field in settings.model_fields.items() if SecretStr in get_args(field.annotation)}


def open_with(settings: Settings, clock: Clock = wall_clock) -> Desk:
    """The desk, up to date, as these settings say. Raises Refused where its folder cannot be made."""
    for name, a_second in settings.pace.items():
        grant(name.replace("_", "-"), a_second)
    try:
        make_private(settings.var)
        undo_for = timedelta(seconds=settings.undo_seconds)
        return open_desk(
            settings.database_url,
            settings.var,
            clock=clock,
            undo_for=undo_for,
            outlets=outlets_of(settings),
            pages=pages_of(settings),
        )
    except OSError as error:
        where = error.filename or settings.var
        raise Refused(
            phrase("{path} cannot be used: {cause}", path=str(where), cause=error.strerror or str(error))
        ) from error


def pages_of(settings: Settings) -> Pages | None:
    """Where customers reach our pages; None where there are none."""
    return Pages(settings.web_url, timedelta(days=settings.web_link_days)) if settings.web_url else None


def has_desk(settings: Settings) -> bool:
    """Whether there is a database with a rulebook in it; none is made by asking."""
    if settings.database_file is not None and not settings.database_file.exists():
        return False
    desk = open_with(settings)
    try:
        return desk.edition() is not None
    finally:
        desk.db.close()


@contextlib.contextmanager
def desk_at_hand(settings: Settings, *, may_be_new: bool = False) -> Generator[Desk]:
    """The desk for a command that looks or writes once, beside a desk that may be running; that one is woken.

    Raises NotFound where there is none yet: none is made by asking, but where it `may_be_new`.
    """
    file = settings.database_file
    if file is not None and not file.exists() and not may_be_new:
        raise NotFound(
            phrase(
                "There is no desk here yet: its database, {path}, is made at the first start. To begin: deskbell run "
                "(with desk.toml and .env), or without either: deskbell run --sandbox",
                path=str(file),
            )
        )
    desk = open_with(settings)
    woken: dict[str, datetime] = {}
    desk.db.on_wake = lambda destination, due: woken.update({destination: due})
    try:
        yield desk
    finally:
        desk.db.close()
        ring(settings, woken)


def read_rulebook(path: Path) -> Rulebook:
    """A rulebook's file. Raises RulebookError with line and remedy, Refused where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise Refused(
            phrase(
                "There is no {path}. Copy desk.example.toml to {path}, put in your addresses, and start again.",
                path=str(path),
            )
        ) from error
    except OSError as error:
        cause = error.strerror or str(error)
        raise Refused(phrase("{path} cannot be read: {cause}", path=str(path), cause=cause)) from error
    except UnicodeDecodeError as error:
        raise Refused(phrase("{path} is not written in UTF-8. Save it as UTF-8.", path=str(path))) from error
    return parse_toml(text, str(path))


def ensure_rulebook(desk: Desk, settings: Settings) -> None:
    """A new database takes its rulebook from the file; an old one has its own."""
    if desk.edition() is None:
        desk.apply(read_rulebook(settings.desk_file), f"file:{settings.desk_file}")


def differing(desk: Desk, settings: Settings) -> Phrase | None:
    """That the file is not the rulebook in use, and which commands help; None where both are equal or one is missing.

    The file is read once, when the database is new: an edit of it changes nothing by itself.
    """
    edition, path = desk.edition(), settings.desk_file
    if edition is None or not path.exists():
        return None
    named = shlex.quote(str(path))
    try:
        book = read_rulebook(path)
    except DeskError:
        return phrase(
            "{path} has mistakes; version {version} of the rulebook stays in use. What they are: {check}",
            path=str(path),
            version=edition.version,
            check=f"deskbell rulebook check {named}",
        )
    if book == edition.book:
        return None
    return phrase(
        "{path} is not the rulebook in use (version {version}): what was changed there counts only once it is applied. "
        "What differs: {diff}. To apply it: {apply}",
        path=str(path),
        version=edition.version,
        diff=f"deskbell rulebook diff {named}",
        apply=f"deskbell rulebook apply {named}",
    )
