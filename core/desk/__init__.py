"""Everything the desk can do: one method, one transaction. A table of contents; the chapters are beside it."""

from __future__ import annotations

from core.desk.accounts import Accounts
from core.desk.amending import Amending
from core.desk.answering_many import AnsweringMany
from core.desk.at_pages import AtPages
from core.desk.auditing import Auditing
from core.desk.being_there import BeingThere
from core.desk.blocking import Blocking
from core.desk.bringing import Bringing
from core.desk.choosing import Choosing
from core.desk.connecting import Connecting
from core.desk.duties import Duties
from core.desk.editing import Editing
from core.desk.fetching import Fetching
from core.desk.following import Following
from core.desk.greeting import Greeting
from core.desk.house import House
from core.desk.joining import Joining
from core.desk.keeping_out import KeepingOut
from core.desk.measuring import Measuring
from core.desk.noting import Noting
from core.desk.pausing import Pausing
from core.desk.persons import Persons
from core.desk.previewing import Previewing
from core.desk.rating import Rating
from core.desk.showing import Showing
from core.desk.sourcing import Sourcing
from core.desk.splitting import Splitting
from core.desk.stubs import Stubs
from core.desk.timing import Timing
from core.desk.tracing import Tracing
from core.desk.understanding import Understanding
from core.desk.visiting import Visiting
from core.desk.welcoming import Welcoming
from core.desk.working import Working


class Desk(
    Stubs,
    Accounts,
    Visiting,
    Joining,
    Choosing,
    Rating,
    Connecting,
    Sourcing,
    Bringing,
    Fetching,
    Following,
    Greeting,
    KeepingOut,
    Blocking,
    Tracing,
    AnsweringMany,
    BeingThere,
    Amending,
    Noting,
    Pausing,
    Showing,
    Persons,
    AtPages,
    Auditing,
    Previewing,
    Duties,
    Welcoming,
    Timing,
    Editing,
    Measuring,
    Splitting,
    Understanding,
    Working,
    House,
):
    """The only door to the store.

    Intake: accept, receive · Joining: asked, let_in, turn_away, shut_out · Fetching: fetch, marked, turn_folder ·
    Visiting: seat, seat_customers, thread_of, answer_there, retract ·
    Accounts: account, account_by, know_account, owner_said, retract_all ·
    Following: follow, take, behind, shut_off, moved · Greeting: greet, hello · Choosing: which, asked_which, choose ·
    Rating: rate, rated ·
    Sourcing: add_source, revise_source, rotate_source, revoke_source, sources, source_with, happened · Bringing: bring,
    came, own_ticket, own_tickets, own_messages, own_file, set_own_status ·
    Keeping out: keep_out, kept_out, held, replay, admit, discard · Blocking: block, unblock, blocked · Tracing: why ·
    Giving: match, rematch · Assigning: assign, put_back, accept_offer, decline_offer, offer, why_whom,
    giver, assignable · Judging: retriage, would, dry_run, newest, red_posted ·
    Being there: set_presence, myself, propose, proposed, decide_proposal ·
    Answering: claim, release, reply, close, reopen, undo · Handing: handed, know_files, keep_file, largest_mail ·
     Pausing: hold, take_up · Amending: amend, withdraw, sent_answer, amendment, amended ·
    Noting: note, edit_note, delete_note · Persons: person, unite, keep_apart, split, add_address ·
    Linking: invite, invites, open_door · Going over: other_ways ·
    Splitting: split_into, not_possible, call_off, begin_task, close_despite, to_split, overseen, task_step ·
    Sending: outgoing, delivered, undeliverable · Showing: card, spoken, mine, waiting, posted, colleagues, rooms ·
    AtPages: bearer, visit, file_seen, write_down, as_inbound, close_at_page, link, take_links_back, links_taken_back ·
    Welcoming: welcome, open_since, may_write, write_first, as_first ·
    Suppressing: suppressed, unsuppress, unreachable · Connecting: grant, keep_grant, relay_says, relay_refuses ·
    Timing: coming, due_now, look_at, look_later, next_due · Escalating: acknowledge_call, snooze, wake_up, pinged,
    begin_ping, ping_sent, ping_moot, ping_failed, ping_refused, ping_lost · Auditing: audit ·
    Previewing: foresee, what_if ·
    Duties: duties, ask_swap, answer_swap, absent, swap, hand_over, handed_over, duty_looked_at, watch_duties,
    feed_path, feed, renew_feeds · Ruling: book, apply, strays, gather · Recounting: recount ·
    Editing: changes, begin_draft, drafted, write_draft, tried, settle_draft, drop_record, move_record, take_back ·
    Understanding: to_understand, now_understood, not_understood, known_of, correct, to_learn, learnt, learning,
    choose_mind · Gathering: together, put_together, keep_separate, take_apart ·
    Merging: merge, unmerge, would_merge · Splitting off: splittable, split_off · Relating: relate, unrelate ·
    Answering many: audience, answer_all, undo_all, answer_one, not_answered, progress, circular_posted, as_others ·
    Alarming: trouble, troubles, told · Measuring: figures · Working: the ledger, for engines and operators.
    """


__all__ = ["Desk"]
