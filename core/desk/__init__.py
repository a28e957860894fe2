"""Everything the desk can do: one method, one transaction. A table of contents; the chapters are beside it."""

from __future__ import annotations

from core.desk.answering import Answering
from core.desk.blocking import Blocking
from core.desk.choosing import Choosing
from core.desk.connecting import Connecting
from core.desk.fetching import Fetching
from core.desk.following import Following
from core.desk.greeting import Greeting
from core.desk.house import House
from core.desk.joining import Joining
from core.desk.keeping_out import KeepingOut
from core.desk.measuring import Measuring
from core.desk.noting import Noting
from core.desk.ruling import Ruling
from core.desk.showing import Showing
from core.desk.stubs import Stubs
from core.desk.timing import Timing
from core.desk.tracing import Tracing
from core.desk.at_pages import AtPages
from core.desk.welcoming import Welcoming
from core.desk.working import Working


class Desk(
    Stubs,
    Joining,
    Choosing,
    Connecting,
    Fetching,
    Following,
    Greeting,
    KeepingOut,
    Blocking,
    Tracing,
    Answering,
    Noting,
    Showing,
    AtPages,
    Welcoming,
    Timing,
    Ruling,
    Measuring,
    Working,
    House,
):
    """The only door to the store.

    Intake: accept, receive · Joining: asked, let_in, turn_away, shut_out · Fetching: fetch, marked, turn_folder ·
    Following: follow, take, behind, shut_off, moved · Greeting: greet, hello · Choosing: which, asked_which, choose ·
    Keeping out: keep_out, kept_out, held, replay, admit, discard · Blocking: block, unblock, blocked · Tracing: why ·
    Answering: claim, release, reply, close, reopen, undo · Handing: handed, know_files, keep_file, largest_mail ·
    Noting: note, edit_note, delete_note ·
    Sending: outgoing, delivered, undeliverable · Showing: card, spoken, mine, waiting, posted, colleagues, rooms ·
    AtPages: bearer, visit, file_seen, write_down, as_inbound, close_at_page, link, take_links_back ·
    Welcoming: welcome, open_since, may_write, write_first, as_first ·
    Suppressing: suppressed, unsuppress, unreachable · Connecting: grant, keep_grant, relay_says, relay_refuses ·
    Timing: due_now, look_at, look_later, next_due · Ruling: book, apply, strays, gather ·
    Alarming: trouble, troubles, told · Measuring: figures · Working: the ledger, for engines and operators.
    """


__all__ = ["Desk"]
