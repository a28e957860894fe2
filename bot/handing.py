"""How files that agents put into Slack come to the desk, before an answer takes them along to a customer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.acts import Act
from core.desk.handing import refuse_too_much
from core.phrases import Phrase, phrase
from core.phrases import Refused as NotDone
from core.storage.handed import Handed
from core.tickets.model import Ticket
from gateways.slack.wire import Gone, Stored, TokenWrong
from gateways.slack.wire import Refused as NotTaken
from gateways.slack.wire.text import set_apart

SCOPE = "files:read"
"""What the app must be allowed, for its windows to take files and for us to fetch them."""


def no_scope() -> Phrase:
    """What is missing where agents cannot attach files, and who can mend it."""
    return phrase(
        "Files cannot be attached: the Slack app lacks the permission {scope}. Whoever runs the desk updates the app "
        "from its manifest (deskbell manifest) and installs it again.",
        scope=SCOPE,
    )


def files_of(said: Iterable[Mapping[str, Any]], team: str) -> list[Handed]:
    """Files as Slack tells of them with a message or in a window; those of other workspaces it tells nothing of."""
    return [
        Handed(
            f"{team}:{file['id']}",
            str(file.get("name") or file.get("title") or ""),
            str(file.get("mimetype") or ""),
            int(file.get("size") or 0),
        )
        for file in said
        if file.get("id") and (file.get("name") or file.get("title"))
    ]


async def fetch(act: Act, ticket: Ticket, ids: Sequence[str]) -> None:
    """Have the bytes of these files here, so that an answer can take them along; done twice it is done once.

    Raises TooMuch where no mail can carry them, Refused where one cannot be had; SlackError where Slack is away.
    """
    known = await act.desk.these_files.soon(ticket.number, ids)
    largest = await act.desk.largest_mail.soon(ticket.door)
    refuse_too_much([file.size for file in known], largest)
    for file in known:
        if file.digest is None:
            await _fetch(act, ticket, file, largest)


async def _fetch(act: Act, ticket: Ticket, file: Handed, largest: int) -> None:
    name = set_apart(file.name, 100)
    try:
        found = await act.slack.file(file.id.rpartition(":")[2])
        if not found.url:
            raise NotDone(phrase("{name} is no file but a link to one; write the link instead.", name=name))
        refuse_too_much([found.size], largest)
        content = await act.slack.download(found, largest)
    except TokenWrong as wrong:
        if wrong.code != "missing_scope":
            raise
        raise NotDone(no_scope()) from wrong
    except (Gone, NotTaken) as gone:
        raise NotDone(phrase("{name} is not in Slack any more, or not for the desk to see.", name=name)) from gone
    refuse_too_much([len(content)], largest)
    await asyncio.to_thread(act.desk.shelve, content)
    await act.desk.keep_file.soon(ticket.number, _as_found(file, found), content)


def _as_found(file: Handed, found: Stored) -> Handed:
    return file._replace(name=found.name or file.name, type=found.type or file.type)
