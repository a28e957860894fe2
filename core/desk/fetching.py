"""Use cases of mailboxes that we read on other servers: mails and how far we are, always in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from core.desk.alarming import Alarming
from core.effects import receive
from core.phrases import Phrase
from core.storage import inbox, leases, mailboxes
from core.storage.database import Fenced, Tx, question, use_case
from core.storage.mailboxes import Cursor, Fate, Place, Seen
from core.storage.troubles import Trouble

TRIES = 5
"""How often a mail is asked for that its server cannot give."""

_PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))


class Holder(NamedTuple):
    """Who reads a mailbox: nobody else commits anything of it while the lease is theirs."""

    mailbox: str
    owner: str
    fence: int


class Fetched(NamedTuple):
    """A mail as it lay in a mailbox. The same `key` is the same mail, also under another number."""

    uid: int
    key: str
    lane: str
    envelope: Mapping[str, Any]
    raw: bytes
    digest: str
    likeness: str
    is_old: bool = False  # it was there before we began; not taken unless we know it


class Fetching(Alarming):
    """What is fetched from mailboxes."""

    @use_case
    def hold_mailbox(self, tx: Tx, mailbox: str, owner: str, span: timedelta) -> Holder | None:
        """Be the one who reads a mailbox, for `span` from now. None: somebody else is."""
        fence = leases.take(tx, _lease(mailbox), owner, span)
        return Holder(mailbox, owner, fence) if fence is not None else None

    @use_case
    def let_mailbox_go(self, tx: Tx, mailbox: str, owner: str) -> None:
        leases.let_go(tx, _lease(mailbox), owner)

    @use_case
    def free_mailboxes(self, tx: Tx) -> None:
        """Nobody else is alive who could read one."""
        leases.free(tx, _lease(""))

    @question
    def cursor(self, tx: Tx, mailbox: str, folder: str) -> Cursor | None:
        return mailboxes.cursor(tx, mailbox, folder)

    @use_case
    def begin_folder(self, tx: Tx, holder: Holder, place: Place, uid: int, all_of_it: bool) -> None:
        """Read a folder for the first time, from behind `uid` on."""
        self._holds(tx, holder)
        mailboxes.begin(tx, place, uid, None if all_of_it else tx.now)

    @use_case
    def turn_folder(self, tx: Tx, holder: Holder, place: Place, rescan_to: int, said: Phrase) -> None:
        """The folder's mails have new numbers; supervisors hear of it, once."""
        self._holds(tx, holder)
        mailboxes.turn(tx, place, rescan_to)
        self.alarm(tx, Trouble(said))

    @use_case
    def fetch(self, tx: Tx, holder: Holder, place: Place, mails: Sequence[Fetched], upto: int, known_to: int) -> int:
        """Keep mails, ask for them to be understood, and move on to `upto`. How many were new.

        Those up to number `known_to` may be known by other numbers. Raises Fenced where somebody else reads it now.
        """
        self._holds(tx, holder)
        seen: list[Seen] = []
        new = 0
        for mail in mails:
            said = Seen(mail.uid, Fate.TO_MARK, mail.digest, mail.likeness)
            if mail.uid <= known_to:
                is_known = mailboxes.is_like_one_of_before(tx, place, mail.digest, mail.likeness)
                if is_known or mail.is_old:
                    seen.append(said if is_known else said._replace(fate=Fate.DONE))
                    continue
            lane = mail.lane
            id = inbox.take_in(
                tx,
                "email",
                mail.key,
                mail.envelope,
                mail.digest,
                mail.raw,
                lambda id, lane=lane: receive("email", id, lane),
            )
            new += id is not None
            seen.append(said._replace(inbox=id))
        mailboxes.note(tx, place, seen)
        mailboxes.advance(tx, place, upto)
        return new

    @use_case
    def not_given(
        self, tx: Tx, holder: Holder, place: Place, uid: int, attempts: int, reason: str, said: Phrase
    ) -> None:
        """The server could not give a mail: the others go on, it is tried again, and given up in the end, aloud."""
        self._holds(tx, holder)
        if attempts < TRIES:
            due = tx.now + _PAUSES[min(attempts, len(_PAUSES)) - 1]
            mailboxes.note(tx, place, [Seen(uid, Fate.TO_FETCH, attempts=attempts, due=due, reason=reason)])
        else:
            mailboxes.note(tx, place, [Seen(uid, Fate.GIVEN_UP, attempts=attempts, reason=reason)])
            self.alarm(tx, Trouble(said))
        mailboxes.advance(tx, place, uid)

    @use_case
    def gone(self, tx: Tx, holder: Holder, place: Place, uids: Sequence[int]) -> None:
        """Somebody took these mails out of the folder before the server could give them."""
        self._holds(tx, holder)
        mailboxes.note(tx, place, [Seen(uid, Fate.DONE, reason="it is not there any more") for uid in uids])

    @use_case
    def marked(self, tx: Tx, place: Place, uids: Sequence[int]) -> None:
        """The server knows that we have these."""
        mailboxes.settle(tx, place, uids)

    @use_case
    def looked(self, tx: Tx, place: Place) -> None:
        """The folder was read to its end."""
        mailboxes.looked(tx, place)

    @question
    def newest_known(self, tx: Tx, place: Place, most: int) -> set[int]:
        """The highest numbers that we have said something of."""
        return mailboxes.newest_known(tx, place, most)

    @question
    def to_mark(self, tx: Tx, place: Place) -> list[int]:
        return mailboxes.to_mark(tx, place)

    @question
    def to_fetch(self, tx: Tx, place: Place) -> dict[int, int]:
        """Mails to be asked for again now, with how often they were."""
        return mailboxes.to_fetch(tx, place, tx.now)

    @question
    def known(self, tx: Tx, place: Place, uids: Collection[int]) -> set[int]:
        return mailboxes.known(tx, place, uids)

    @question
    def never_given(self, tx: Tx, mailbox: str) -> int:
        return mailboxes.given_up(tx, mailbox)

    def _holds(self, tx: Tx, holder: Holder) -> None:
        if not leases.holds(tx, _lease(holder.mailbox), holder.owner, holder.fence):
            raise Fenced


def _lease(mailbox: str) -> str:
    return f"imap:{mailbox}"
