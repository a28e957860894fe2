"""Mailboxes on other servers, each read by a thread of its own, and by one process of all: the others stand by."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from core.desk import Desk
from core.desk.fetching import Holder
from core.phrases import DeskError, Phrase, phrase
from core.storage.database import Fenced, StoreDown
from gateways.email.imap.account import USUAL, Account, Times
from gateways.email.imap.folder import Folder, Suspect
from gateways.email.imap.line import Line, LoginRefused, No

log = logging.getLogger(__name__)


def _nothing(_: str) -> None: ...


class Reader(threading.Thread):
    """Reads one mailbox, for as long as the lease for it is ours; whatever goes wrong, it begins again."""

    def __init__(
        self,
        desk: Desk,
        account: Account,
        owner: str,
        times: Times = USUAL,
        reached: Callable[[str], None] = _nothing,
        line: Callable[[Account, Times], Line] = Line,
    ):
        super().__init__(name=f"imap-{account.name}", daemon=True)
        self.desk, self.account, self.owner, self.times = desk, account, owner, times
        self.holder: Holder | None = None
        self.line: Line | None = None
        self._reached = reached
        self._new_line = line
        self._stopping = threading.Event()
        self._suspect = Suspect()
        self._failures = 0
        self._down_since: float | None = None
        self._compared: dict[str, float] = {}  # when each folder was compared with its server's list
        self._told: set[str] = set()  # what supervisors know of and has not been mended

    # From other threads

    def halt(self) -> None:
        """Hang up and end; what is under way is done again by whoever reads next."""
        self._stopping.set()
        self.cut()

    def cut(self) -> None:
        line = self.line
        if line is not None:
            line.cut()

    def watch(self) -> None:
        """Keep the lease, and hang up where it is lost, or where an answer is overdue."""
        line, holder = self.line, self.holder
        if line is not None and line.is_overdue():
            log.warning("mailbox %s: the server is silent; the connection is ended", self.account.name)
            line.cut()
        if holder is not None and not self._stopping.is_set():
            again = self.desk.hold_mailbox(self.account.name, self.owner, self.times.lease)
            if again != holder:
                self.holder = None
                self.cut()

    # Its life

    def run(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(self._turn().total_seconds())
        try:
            self.desk.let_mailbox_go(self.account.name, self.owner)
        except StoreDown as error:
            log.info("mailbox %s: its lease runs out by itself: %s", self.account.name, error)

    def _turn(self) -> timedelta:
        """Read for as long as it goes well; how long to wait then."""
        try:
            self.holder = self.desk.hold_mailbox(self.account.name, self.owner, self.times.lease)
            if self.holder is None:
                return self.times.lease / 4
            self._read(self.holder)
        except Fenced:
            log.warning("mailbox %s: another process reads it now", self.account.name)
            return self.times.lease / 4
        except LoginRefused as error:
            self._says(error)
            self._tell("login", error.phrase)
            return self.times.refused_pause * random.uniform(1, 1.2)  # noqa: S311 - so that not all come at once
        except DeskError as error:
            return self._lost(error)
        except Exception:
            # A fault of ours must not end the reading of a mailbox unseen.
            log.exception("mailbox %s: reading it went wrong", self.account.name)
            said = phrase("Reading the mailbox {name} went wrong; the log says how.", name=self.account.name)
            return self._lost(DeskError(said))
        finally:
            self.holder = None
        return timedelta(0)

    def _lost(self, error: DeskError) -> timedelta:
        """How long to wait after a failure: each time twice as long, and never all at once."""
        if self._stopping.is_set():
            return timedelta(0)
        self._says(error)
        now = time.monotonic()
        self._down_since = self._down_since or now
        if now - self._down_since >= self.times.silent_for.total_seconds() and not isinstance(error, StoreDown):
            self._tell("lost", error.phrase)
        self._failures += 1
        longest = min(self.times.most_pause, self.times.first_pause * 2 ** min(self._failures - 1, 20))
        return longest * random.uniform(0.5, 1)  # noqa: S311 - jitter

    def _says(self, error: DeskError) -> None:
        if not self._stopping.is_set():
            log.warning("mailbox %s: %s", self.account.name, error)

    def _read(self, holder: Holder) -> None:
        line = self.line = self._new_line(self.account, self.times)
        try:
            line.connect()
            log.info("mailbox %s is read at %s", self.account.name, self.account.host)
            while not self._stopping.is_set() and self.holder == holder:
                listens = self._look(line, holder)
                if listens and line.has_heard():
                    continue  # what came while we read would not be said again while we listen
                if not (listens and line.can("IDLE") and self._listen(line)):
                    self._stopping.wait(self.account.poll.total_seconds())
        finally:
            self.line = None
            line.close()

    def _listen(self, line: Line) -> bool:
        """Wait for news. False where the server does not let us, though it says that it can."""
        try:
            line.idle(min(self.times.idle, self.account.poll))
        except No as no:
            log.info("mailbox %s: %s", self.account.name, no)
            return False
        return True

    def _look(self, line: Line, holder: Holder) -> bool:
        """Look into every folder, the one that is listened to last. Whether that one can be."""
        opened = False
        for name in reversed(self.account.folders):
            folder = Folder(self.desk, line, holder, name, self._suspect, self._reached)
            try:
                taken = folder.look()
                if self._is_to_be_compared(name) and (left := folder.left_behind()):
                    self._tell_of_left(name, left)
                opened = name == self.account.folders[0]
            except No as no:
                log.warning("mailbox %s: folder %s: %s", self.account.name, name, no)
                self._tell(f"folder {name}", _no_folder(self.account, name, no))
                continue
            self._told.discard(f"folder {name}")
            if folder.unmarkable is not None:
                self._tell("mark", folder.unmarkable)
            if taken:
                log.info("mailbox %s: %d mails from %s", self.account.name, taken, name)
        self._failures, self._down_since = 0, None
        self._told -= {"lost", "login"}
        return opened

    def _is_to_be_compared(self, folder: str) -> bool:
        now = time.monotonic()
        if now - self._compared.get(folder, -self.times.compare.total_seconds()) < self.times.compare.total_seconds():
            return False
        self._compared[folder] = now
        return True

    def _tell_of_left(self, folder: str, left: int) -> None:
        """Each time anew: what was passed over once may be passed over again."""
        self._told.discard(f"left {folder}")
        self._tell(
            f"left {folder}",
            phrase(
                "In the folder {folder} of the mailbox {name} mails had been passed over: {count}. Its server showed "
                "them late. They have been read now.",
                count=left,
                name=self.account.name,
                folder=folder,
            ),
        )

    def _tell(self, what: str, said: Phrase) -> None:
        """Supervisors hear of it once, until it is mended."""
        if what in self._told or self._stopping.is_set():
            return
        try:
            self.desk.trouble(said)
        except StoreDown as error:
            log.warning("mailbox %s: nobody could be told: %s", self.account.name, error)
        else:
            self._told.add(what)


def _no_folder(account: Account, folder: str, no: No) -> Phrase:
    return phrase(
        "The folder {folder} of the mailbox {name} cannot be read: {reason}. Make it again there, or name another "
        "one in .env.",
        folder=folder,
        name=account.name,
        reason=no.phrase.values["said"],
    )


class Mailboxes:
    """All of them. `start` and `stop` block."""

    def __init__(
        self,
        desk: Desk,
        accounts: Sequence[Account],
        owner: str,
        times: Times = USUAL,
        reached: Callable[[str], None] = _nothing,
    ):
        self.desk, self.times = desk, times
        self.readers = [Reader(desk, account, owner, times, reached) for account in accounts]
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._watching, name="imap-watch", daemon=True)

    def start(self, alone: bool) -> None:
        """Begin. Where no other process can be alive (`alone`), whoever held a lease is dead."""
        if not self.readers:
            return
        if alone:
            self.desk.free_mailboxes()
        for reader in self.readers:
            reader.start()
        self._watch.start()

    def stop(self) -> None:
        """Hang up everywhere. A mail that is being kept now is kept or not: nothing in between."""
        self._stopping.set()
        for reader in self.readers:
            reader.halt()
        for thread in (*self.readers, self._watch):
            if thread.ident is not None:
                thread.join(timeout=30)

    def _watching(self) -> None:
        while not self._stopping.wait(self.times.lease.total_seconds() / 4):
            for reader in self.readers:
                try:
                    reader.watch()
                except StoreDown as error:
                    log.warning("mailbox %s: its lease was not renewed: %s", reader.account.name, error)
