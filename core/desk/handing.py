"""Use cases of files that agents hand over: known when they are seen, kept when fetched, attached to an answer."""

from __future__ import annotations

from collections.abc import Sequence

from core.desk.house import House
from core.phrases import Refused, phrase, phrases
from core.storage import handed, relays
from core.storage.database import Tx, question, use_case
from core.storage.handed import Handed
from core.tickets.carrying import MOST_FILES, carried, room_for_files
from core.tickets.model import Attachment, Ticket


class TooMuch(Refused):
    """Files that no mail can take along, or more of them than one answer has."""


class Handing(House):
    """Files on their way to customers."""

    @question
    def handed(self, tx: Tx, number: int) -> list[Handed]:
        """The last files that agents handed over in a ticket, newest first."""
        return handed.of_ticket(tx, number, MOST_FILES)

    @question
    def these_files(self, tx: Tx, number: int, ids: Sequence[str]) -> list[Handed]:
        """Those of them that a ticket knows, in their order."""
        return handed.these(tx, number, ids)

    @use_case
    def know_files(self, tx: Tx, number: int, files: Sequence[Handed]) -> None:
        """An agent handed these over; their bytes are still where they were."""
        handed.keep(tx, number, files)

    @use_case
    def keep_file(self, tx: Tx, number: int, file: Handed, content: bytes) -> None:
        """A file's bytes were fetched. Large ones are shelved before (`shelve`)."""
        digest = tx.blobs.put(tx, content)
        handed.keep(tx, number, [file._replace(digest=digest, size=len(content))])

    @question
    def largest_mail(self, tx: Tx, door: str) -> int:
        """Bytes of the largest mail that can leave from this address of ours."""
        return self._largest(tx, door)

    def taken_along(self, tx: Tx, ticket: Ticket, ids: Sequence[str]) -> list[Attachment]:
        """The files with these ids, as they go out. Raises TooMuch, or Refused where one is not here."""
        if not ids:
            return []
        found = handed.these(tx, ticket.number, ids)
        missing = [file.name for file in found if file.digest is None]
        if missing or len(found) < len(set(ids)):
            raise Refused(
                phrase(
                    "A file is not here yet: {name}. Send again in a moment, or without it.",
                    name=missing[0] if missing else "?",
                )
            )
        files = [Attachment(file.name, file.type, file.size, file.digest or "") for file in found]
        once = list({(file.name, file.digest): file for file in files}.values())
        refuse_too_much([file.size for file in once], self._largest(tx, ticket.door))
        return once

    def _largest(self, tx: Tx, door: str) -> int:
        outlet = self.outlets.of(door)
        said = relays.largest(tx, outlet.name)
        return min(outlet.largest, said) if said else outlet.largest


def refuse_too_much(sizes: Sequence[int], largest: int) -> None:
    """Raises TooMuch where files of these sizes do not fit into a mail of at most so many bytes."""
    if len(sizes) > MOST_FILES:
        raise TooMuch(
            phrases(
                "An answer takes {most} files along, and this is {count}.",
                "An answer takes {most} files along, and these are {count}.",
                len(sizes),
                most=MOST_FILES,
            )
        )
    if sizes and carried(sizes) > largest:
        raise TooMuch(
            phrase(
                "These files are {size} MB, and a mail takes {room} MB of them. Leave some out, or send a link.",
                size=_megabytes(sum(sizes), up=True),
                room=_megabytes(room_for_files(largest)),
            )
        )


def _megabytes(size: int, *, up: bool = False) -> float:
    """With one digit, never more than it is; `up`: never less."""
    return (-(-size // 100_000) if up else size // 100_000) / 10
