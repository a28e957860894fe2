"""How a message's files come into its ticket's thread: some at a time, and a line that says which others there are."""

from __future__ import annotations

from itertools import islice

from bot.posting import LOOK_BACK, NO_ROOM, Place, put, put_off
from bot.views import message as message_view
from bot.views.words import fitting
from core.desk import Desk
from core.engine.hands import Later, Record
from core.storage.ledger import Lease
from core.storage.rooms import Post, Room
from core.tickets.model import Attachment, Message
from gateways.slack.wire import Slack, SlackError, Stream, Upload
from gateways.slack.wire.text import one_line

AT_ONCE = 1024 * 1024
"""Bytes of a file that are read at once; of a larger one part by part."""


class Attach:
    """Puts files of a message where its ticket's thread is, as far as they do not lie there already."""

    def __init__(self, slack: Slack, desk: Desk):
        self.slack, self.desk = slack, desk

    async def do(self, lease: Lease) -> Record | None:
        """The first files, or those that an agent asked for, and what is left of them.

        Given up, they are still named below the message.
        """
        card = await self.desk.card.soon(lease.facts["ticket"])
        if card.post is None:
            raise Later("there is no thread yet", NO_ROOM)
        spoken = await self.desk.spoken.soon(lease.facts["message"])
        message, after = spoken.message, lease.facts.get("after", 0)
        named, begin = _named(message, after)
        turn = dict(islice(named.items(), begin, begin + message_view.FILES_AT_ONCE))
        try:
            there: set[str] = set()
            if after or lease.uncertain or lease.attempts > 1:
                there = await self.slack.file_names(card.post.room, card.post.ts)
            await self._upload(card.post, message, turn, there, whole=not after)
            rest = [(n, file) for n, (name, file) in enumerate(named.items()) if name not in there | turn.keys()]
            if after or rest:
                room = Room(card.ticket.queue, card.post.team, card.post.room, card.queue.room)
                shown = message_view.rest(message, rest, spoken.locale)
                await self._say(lease, Place(room, card.post.ts, f"files:{message.id}"), message, shown, anew=not after)
        except SlackError as error:
            put_off(lease, error, card.ticket.queue, self.desk.db.clock())
        return None

    async def _upload(
        self, thread: Post, message: Message, turn: dict[str, Attachment], there: set[str], *, whole: bool
    ) -> None:
        """These files, and with the first ones the `whole` of words that the thread shows only the beginning of."""
        uploads = [
            Upload(name, await self._content(file), _title(file)) for name, file in turn.items() if name not in there
        ]
        words = f"{message.id}-ticket-{message.ticket}.txt"
        if whole and message_view.is_cut(message) and words not in there:
            uploads.append(Upload(words, message.text.encode(), f"ticket-{message.ticket}.txt"))
        if uploads:
            await self.slack.upload(thread.room, thread.ts, uploads)

    async def _content(self, file: Attachment) -> bytes | Stream:
        """Of what is large never more than a part is in memory."""
        if file.size > AT_ONCE:
            return Stream(file.size, lambda: self.desk.parts(file.digest))
        return await self.desk.blob.soon(file.digest)

    async def _say(
        self, lease: Lease, place: Place, message: Message, shown: message_view.Shown, *, anew: bool
    ) -> None:
        """Which files are left, in one post of the thread: what it said before is not so any more."""
        if not anew:
            since = (message.at - LOOK_BACK).timestamp()
            found = await self.slack.find(place.room.room, place.key, since, place.thread)
            if found is not None:
                await self.slack.update(place.room.room, found, shown.text, shown.blocks)
                return
        await put(self.slack, lease, place, shown)


def has_files(message: Message) -> bool:
    """Whether there is something to put into the thread."""
    return bool(fitting(message.files))


def _named(message: Message, after: int) -> tuple[dict[str, Attachment], int]:
    """The files that can be put into the thread, by what they are called there, and which of them is the next.

    Folded ones stand last, and are among them only where an agent has asked for them: as what is behind all files.
    Half of all mails have an "image001.png", and each is another one.
    """
    fit = fitting(message.attachments)
    own = len(fitting(message.files))
    wants_folded = bool(after) and after >= own
    chosen = fit if wants_folded else fit[:own]
    named = {f"{message.id}-{place}-{_title(file)}": file for place, file in enumerate(chosen, 1)}
    return named, own if wants_folded and after >= len(fit) else after


def _title(file: Attachment) -> str:
    return one_line(file.name).replace("/", "_")[:200] or "attachment"
