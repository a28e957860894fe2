"""Everything the desk can do: one method, one transaction. A table of contents; the chapters are beside it."""

from __future__ import annotations

from core.desk.answering import Answering
from core.desk.connecting import Connecting
from core.desk.fetching import Fetching
from core.desk.house import House
from core.desk.intake import Intake
from core.desk.keeping_out import KeepingOut
from core.desk.noting import Noting
from core.desk.ruling import Ruling
from core.desk.showing import Showing
from core.desk.timing import Timing
from core.desk.working import Working


class Desk(Intake, Connecting, Fetching, KeepingOut, Answering, Noting, Showing, Timing, Ruling, Working, House):
    """The only door to the store.

    Intake: accept, receive · Fetching: fetch, marked, turn_folder · Keeping out: keep_out, kept_out, replay, admit ·
    Answering: claim, release, reply, close, reopen, undo · Handing: handed, know_files, keep_file, largest_mail ·
    Noting: note, edit_note, delete_note ·
    Sending: outgoing, delivered, undeliverable · Showing: card, spoken, mine, waiting, posted, colleagues, rooms ·
    Suppressing: suppressed, unsuppress, unreachable · Connecting: grant, keep_grant, relay_says, relay_refuses ·
    Timing: due_now, look_at, look_later, next_due · Ruling: book, apply, strays, gather ·
    Alarming: trouble, troubles, told · Working: the ledger, for engines and operators.
    """


__all__ = ["Desk"]
