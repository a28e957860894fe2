"""One look at a folder: what is new is kept, and only then is its server told so. It may end anywhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Sequence
from datetime import datetime

from core.desk import Desk
from core.desk.fetching import Fetched, Holder
from core.phrases import Phrase, phrase
from core.rulebook import Rulebook
from core.storage.mailboxes import Cursor, Place
from core.templates.locales import translate
from gateways.email.imap.account import Account
from gateways.email.imap.line import Line, LineLost, No, Opened, Size
from gateways.email.imap.mail import fetched, stand_in

log = logging.getLogger(__name__)

AT_ONCE = 100
"""Mails asked for, kept and marked together."""

COMPARED = 10_000
"""The newest mails that a server's list is compared with."""

BREAKS = "the connection breaks over it"

BYTES_AT_ONCE = 8 * 1024 * 1024


class Suspect:
    """The mail over which a connection was last lost, so that it is not lost over it for ever."""

    def __init__(self) -> None:
        self.mails: tuple[int, ...] = ()
        self.times = 0

    def lost_over(self, uids: Sequence[int]) -> None:
        self.times = self.times + 1 if tuple(uids) == self.mails else 1
        self.mails = tuple(uids)


class Folder:
    """A folder, opened on a connection, read by whoever holds the mailbox."""

    def __init__(
        self, desk: Desk, line: Line, holder: Holder, folder: str, suspect: Suspect, reached: Callable[[str], None]
    ):
        self.desk, self.line, self.holder, self.folder = desk, line, holder, folder
        self.account: Account = line.account
        self.suspect = suspect
        self.reached = reached  # told where we are: after what a kill must do no harm
        self.unmarkable: Phrase | None = None
        self._opened: tuple[Place, Opened] | None = None
        self.book: Rulebook = desk.book()

    def look(self) -> int:
        """Read everything new. How many mails that were.

        Raises LineLost, No where the folder is gone, StoreDown, Fenced where somebody else reads it now.
        """
        opened = self.line.open(self.folder)
        place = Place(self.account.name, self.folder, opened.uidvalidity)
        cursor = self._cursor(place, opened)
        self._mark(place, self.desk.to_mark(place), opened)
        taken = self._again(place)
        for uids in _in_tens(self.line.numbers_behind(cursor.uid)):
            taken += self._take(place, uids, cursor)
            self._mark(place, self.desk.to_mark(place), opened)
        self.desk.looked(place)
        self._opened = place, opened
        return taken

    def left_behind(self) -> int:
        """After a look: read what lies there below our cursor and we know nothing of. How many mails that were.

        A server of many machines may show a mail later than one with a higher number. What was there before we began
        is none of ours.
        """
        if self._opened is None:
            return 0
        place, opened = self._opened
        cursor = self.desk.cursor(place.mailbox, place.folder)
        known = self.desk.newest_known(place, COMPARED)
        if cursor is None or not known:
            return 0
        there = self.line.numbers_behind(min(known) - 1)
        lacking = [uid for uid in there if uid <= cursor.uid and uid not in known]
        for uids in _in_tens(lacking):
            self._take(place, uids, cursor)
            self._mark(place, self.desk.to_mark(place), opened)
        return len(lacking)

    # Where to begin

    def _cursor(self, place: Place, opened: Opened) -> Cursor:
        cursor = self.desk.cursor(place.mailbox, place.folder)
        if cursor is None:
            self.desk.begin_folder(
                self.holder, place, self._end(opened, self.account.all_of_it), self.account.all_of_it
            )
        elif cursor.uidvalidity != place.uidvalidity:
            said = phrase(
                "The folder {folder} of the mailbox {name} was made anew by its server (UIDVALIDITY). "
                "All of its mails are looked at again; those that are known open nothing.",
                folder=self.folder,
                name=self.account.name,
            )
            self.desk.turn_folder(self.holder, place, self._end(opened, False), said)
        else:
            return cursor
        begun = self.desk.cursor(place.mailbox, place.folder)
        assert begun is not None
        return begun

    def _end(self, opened: Opened, all_of_it: bool) -> int:
        """The number of the last mail that is there now."""
        if all_of_it:
            return 0
        if opened.uidnext:
            return opened.uidnext - 1
        return max(self.line.numbers_behind(0), default=0)

    # Fetch, and keep

    def _take(self, place: Place, uids: Sequence[int], cursor: Cursor) -> int:
        sizes = self.line.sizes(uids)
        taken = 0
        for group in _by_bytes(uids, sizes):
            taken += self._take_group(place, group, sizes, cursor)
        return taken

    def _take_group(self, place: Place, uids: Sequence[int], sizes: dict[int, Size], cursor: Cursor) -> int:
        suspected = self.suspect.times > 0 and any(uid in self.suspect.mails for uid in uids)
        if len(uids) > 1 and suspected:  # one by one, to see which it is
            return sum(self._take_group(place, [uid], sizes, cursor) for uid in uids)
        if suspected and self.suspect.mails == tuple(uids) and self.suspect.times > 1:
            self.suspect.times = 0
            self._not_given(place, uids[0], 1, BREAKS)
            return 0
        raw, reason = self._ask(uids, sizes)
        if raw is None:
            return sum(self._take_group(place, [uid], sizes, cursor) for uid in uids)
        self.reached("fetched")
        mails = [self._understood(place, uid, raw[uid], sizes, cursor) for uid in uids if uid in raw]
        lacking = [uid for uid in uids if uid not in raw]
        for uid in self.line.are_there(lacking) if lacking else []:
            # Those before it first: the cursor goes behind a mail only when something is said of it.
            self._not_given_in_order(place, uid, reason, mails, cursor)
        new = self.desk.fetch(self.holder, place, mails, uids[-1], cursor.rescan_to)
        self.reached("kept")
        return new

    def _ask(self, uids: Sequence[int], sizes: dict[int, Size]) -> tuple[dict[int, bytes] | None, str]:
        """The mails that the server gives, and why it does not give the others. None: ask for each alone."""
        small = [uid for uid in uids if _size(sizes, uid) <= self.account.max_size]
        try:
            raw = self.line.bodies(small) if small else {}
            raw |= {uid: found for uid in uids if uid not in small and (found := self._large(uid, sizes[uid]))}
        except LineLost:
            self.suspect.lost_over(uids)
            raise
        except No as no:
            return (None, "") if len(uids) > 1 else ({}, str(no))
        self.suspect.times = 0
        return raw, "the server gives nothing"

    def _not_given_in_order(self, place: Place, uid: int, reason: str, mails: list[Fetched], cursor: Cursor) -> None:
        """Note a mail that the server did not give, after those before it are kept: nothing may be jumped over."""
        before = [mail for mail in mails if mail.uid < uid]
        if before:
            self.desk.fetch(self.holder, place, before, before[-1].uid, cursor.rescan_to)
            del mails[: len(before)]
        self._not_given(place, uid, 1, reason)

    def _again(self, place: Place) -> int:
        """Ask once more for what could not be given before, if its time has come. How many were new."""
        taken = 0
        waiting = self.desk.to_fetch(place)
        there = self.line.are_there(list(waiting)) if waiting else []
        if gone := [uid for uid in waiting if uid not in there]:
            self.desk.gone(self.holder, place, gone)
        for uid in there:
            sizes: dict[int, Size] = {}
            try:
                sizes = self.line.sizes([uid])
                too_large = _size(sizes, uid) > self.account.max_size
                raw = self._large(uid, sizes[uid]) if too_large else self.line.bodies([uid]).get(uid)
            except LineLost:
                self._not_given(place, uid, waiting[uid] + 1, BREAKS)
                raise
            except No:
                raw = None
            if raw is None:
                self._not_given(place, uid, waiting[uid] + 1, "the server gives nothing")
            else:
                taken += self.desk.fetch(self.holder, place, [self._plain(place, uid, raw, sizes)], uid, 0)
        return taken

    def _not_given(self, place: Place, uid: int, attempts: int, reason: str) -> None:
        said = phrase(
            "A mail in the mailbox {name} cannot be read: its server does not give it. Look at it there: "
            "folder {folder}, UID {uid}. The mails behind it have been read.",
            name=self.account.name,
            folder=self.folder,
            uid=str(uid),
        )
        log.warning("mailbox %s: mail %d of %s is not given: %s", self.account.name, uid, self.folder, reason)
        self.desk.not_given(self.holder, place, uid, attempts, reason, said)

    def _large(self, uid: int, size: Size) -> bytes | None:
        """A mail of its headers alone, where it is too large to be read."""
        head = self.line.head(uid)
        if head is None:
            return None
        said = phrase(
            "This mail has {megabytes} MB, which is more than the desk reads. It lies in the mailbox {name}, "
            "in the folder {folder}.",
            megabytes=size.size // 2**20,
            name=self.account.name,
            folder=self.folder,
        )
        return stand_in(head, size.size, translate(said, self.book.desk.locale))

    def _understood(self, place: Place, uid: int, raw: bytes, sizes: dict[int, Size], cursor: Cursor) -> Fetched:
        mail = self._plain(place, uid, raw, sizes)
        came_at = sizes[uid].came_at if uid in sizes else None
        is_old = cursor.began is not None and came_at is not None and came_at < cursor.began
        return mail._replace(is_old=is_old)

    def _plain(self, place: Place, uid: int, raw: bytes, sizes: dict[int, Size]) -> Fetched:
        now: datetime = self.desk.db.clock()
        mail = fetched(
            self.account,
            place,
            uid,
            raw,
            sizes.get(uid, Size(0, None)),
            now,
            lambda a: self.book.mailbox_for(a) is not None,
        )
        self.desk.shelve(raw, mail.digest)
        return mail

    # Mark

    def _mark(self, place: Place, uids: Sequence[int], opened: Opened) -> None:
        """Tell the server what we have. Where it does not do as it is told, the mails are flagged, or left."""
        if not uids or self.unmarkable is not None:
            return
        try:
            for some in _in_tens(uids):
                self._mark_some(some, opened)
                self.reached("marked")
                self.desk.marked(place, some)
        except No as no:
            # Not again before the next connection; what we have, we have.
            self.unmarkable = phrase(
                "Mails in the mailbox {name} cannot be marked as read, moved or deleted: {reason}. They are in the "
                "desk all the same.",
                name=self.account.name,
                reason=no.phrase.values["said"],
            )
            log.warning("mailbox %s: %s", self.account.name, no)

    def _mark_some(self, uids: Sequence[int], opened: Opened) -> None:
        after = self.account.after
        if after == "leave":
            return
        if after == "move" and can_move(self.line):
            self.line.flag(uids, opened.keeps_keyword)
            self.line.move(uids, self.account.move_to)
        elif after == "delete" and self.line.can("UIDPLUS"):
            self.line.delete(uids)
        else:
            self.line.flag(uids, opened.keeps_keyword)


def can_move(line: Line) -> bool:
    """Whether mails can be moved without an EXPUNGE that would take others' along."""
    return line.can("MOVE") or line.can("UIDPLUS")


def _size(sizes: dict[int, Size], uid: int) -> int:
    return sizes[uid].size if uid in sizes else 0


def _in_tens(uids: Sequence[int]) -> Generator[Sequence[int]]:
    for at in range(0, len(uids), AT_ONCE):
        yield uids[at : at + AT_ONCE]


def _by_bytes(uids: Sequence[int], sizes: dict[int, Size]) -> Generator[list[int]]:
    """In order, as many together as are not too many bytes."""
    group: list[int] = []
    room = BYTES_AT_ONCE
    for uid in uids:
        room -= _size(sizes, uid)
        if group and room < 0:
            yield group
            group, room = [], BYTES_AT_ONCE - _size(sizes, uid)
        group.append(uid)
    if group:
        yield group
