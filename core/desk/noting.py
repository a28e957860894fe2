"""Use cases of internal notes: write them, follow what becomes of them where they stand. They never go out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.desk.house import Change, House
from core.phrases import Refused, phrase
from core.storage import handed, messages, people, rooms
from core.storage.database import Tx, use_case
from core.storage.handed import Handed
from core.storage.rooms import THEIRS, Post
from core.tickets import conversation
from core.tickets.model import By, Message, Part


class Noting(House):
    """What colleagues say among themselves.

    What people do to a note in its thread is told twice, out of order, or before the note itself. Whoever hears of a
    note first keeps it; of its words the newest stand, and a deleted one stays deleted.
    """

    @use_case
    def note(
        self, tx: Tx, number: int, by: By, text: str, posted: Post | None = None, files: Sequence[Handed] = ()
    ) -> int | None:
        """Keep an internal note. `posted` is where its author wrote it already, `files` what they put there with it.

        The message's id; None where this act was done before, or the post is known already.
        """
        if not self.begin_act(tx, by):
            return None
        if not text.strip():
            raise Refused(phrase("A note needs words."))
        with self.changing(tx, number) as change:
            if posted is not None and _note_at(tx, posted):
                return None
            message = self._noted(tx, change, by, text, posted)
            handed.keep(tx, number, files, message)
            return message

    @use_case
    def edit_note(self, tx: Tx, number: int, by: By, text: str, posted: Post, at: datetime) -> None:
        """Its author changed the words of a note where it stands; `at` is when, on the clock there."""
        if not self.begin_act(tx, by) or not text.strip():
            return
        with self.changing(tx, number) as change:
            note = _note_at(tx, posted)
            if note is None:
                messages.set_message(tx, self._noted(tx, change, by, text, posted), edited_at=at)
                return
            if note.deleted_at is not None or (note.edited_at is not None and at <= note.edited_at):
                return
            if text != note.text:
                messages.keep_version(tx, note)
                change.happen(conversation.edit_note(note.id, by, tx.now))
            messages.set_message(tx, note.id, text=text, reply_text=text, edited_at=at)

    @use_case
    def delete_note(self, tx: Tx, number: int, by: By, posted: Post) -> None:
        """A note was deleted where it stood; `by` is its author. One that we never heard is kept without words."""
        if not self.begin_act(tx, by):
            return
        with self.changing(tx, number) as change:
            note = _note_at(tx, posted)
            if note is not None and note.deleted_at is not None:
                return
            message = note.id if note else self._noted(tx, change, by, "", posted)
            messages.set_message(tx, message, deleted_at=tx.now)
            handed.forget_note(tx, message)
            change.happen(conversation.delete_note(message, tx.now))

    def _noted(self, tx: Tx, change: Change, by: By, text: str, posted: Post | None) -> int:
        number = change.ticket.number
        message = messages.say(
            tx,
            {
                "ticket": number,
                "part": Part.NOTE,
                "at": tx.now,
                "text": text,
                "reply_text": text,
                "author": by.agent,
                "author_name": people.names(tx).get(by.agent, by.agent),
                "act": by.act,
            },
        )
        if posted is not None:
            rooms.keep_post(tx, posted._replace(ticket=number, message=message, face=THEIRS))
        change.happen(conversation.note(message, by, tx.now))
        return message


def _note_at(tx: Tx, place: Post) -> Message | None:
    """The note that somebody wrote there."""
    post = rooms.post_at(tx, place.team, place.room, place.ts)
    return messages.message(tx, post.message) if post and post.message else None
