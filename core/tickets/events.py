"""What can happen to a ticket: past tense, ids and facts, never people's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.tickets.model import Nature, Part, Status, Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. `v` is the version of its shape, raised when a field changes its meaning."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Event):
    thread: Thread
    requester: int
    door: str
    queue: str
    urgency: int = 0
    language: str | None = None
    follows: int | None = None
    part_of: int | None = None  # it is a task of that ticket
    target: int | None = None  # seconds that it has, where somebody said so


@dataclass(frozen=True, slots=True, kw_only=True)
class RequesterWrote(Event):
    message: int
    nature: Nature
    thanks: bool = False  # nothing but a thank-you: does not reopen what is closed
    comment: bool = False  # says why they rated us so: does not reopen it either


@dataclass(frozen=True, slots=True, kw_only=True)
class StrangerWrote(Event):
    """Somebody who does not take part. It changes nothing until an agent decides."""

    message: int
    person: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LetIn(Event):
    """Somebody takes part from now on. `held_at`: since when another stranger's words still wait."""

    person: int
    by: str
    held_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnedAway(Event):
    """Somebody does not take part, for good. Their words, where any were held, went into a ticket of their own."""

    person: int
    by: str
    own: int | None = None
    held_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlooked(Event):
    """A stranger's words have waited for so long that supervisors were told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed(Event):
    """Somebody has it from now on. `given_by`: who gave it to them, a colleague or a rule; None: they took it."""

    by: str
    given_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Released(Event):
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Event):
    """Into another queue."""

    queue: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked(Event):
    """It is as urgent as this from now on."""

    urgency: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied(Event):
    message: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyUndone(Event):
    """A reply was taken back before it left. The facts are those the ticket goes back to."""

    message: int
    by: str
    status: Status
    first_replied_at: datetime | None = None
    replied_at: datetime | None = None
    pending_at: datetime | None = None
    reminded_at: datetime | None = None
    closed_at: datetime | None = None
    thread: Thread | None = None  # where it went over with the reply, the one that it goes back to
    door: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyChanged(Event):
    """A reply that had left has other words. What it said before is kept in a row of its own."""

    message: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyWithdrawn(Event):
    """A reply that had left is taken from where the customer reads it. The ticket stays as it is."""

    message: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Event):
    message: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised(Event):
    """Whoever wrote a message from outside has changed its words. What it said before is kept in a row of its own."""

    message: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteEdited(Event):
    """A note has other words now. What it said before is kept in a row of its own, which can be erased."""

    message: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteDeleted(Event):
    message: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced(Event):
    """The desk wrote by itself: an acknowledgement, a reminder, a closing word, a notice."""

    message: int
    part: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld(Event):
    """The desk would have written by itself, and did not: mail does not arrive there, or is not wanted."""

    part: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered(Event):
    """The next hop has taken it, for every recipient. `part` is None in what was kept before it was told."""

    message: int
    part: Part | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed(Event):
    """Some or all recipients were refused for good. The other side's words are kept on the delivery.

    `by` is whose answer it was; None: nobody's, the desk wrote by itself.
    """

    message: int
    recipients: int
    refused: int
    by: str | None = None
    part: Part | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WentOver(Event):
    """It goes on in another thread: answers go there from now on.

    `by` is the agent who wants it so; None: the requester wrote there. Or what was found of them was taken back.
    """

    thread: Thread
    door: str
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged(Event):
    """Two who are known to us were found to be one person. `by` None: they followed a link that we signed."""

    union: int
    one: int
    other: int
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Split(Event):
    """That they are one person was taken back, or not found to be so."""

    union: int
    one: int
    other: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood(Event):
    """What the requester wrote, up to this message, was understood. `raised`: what the ticket's urgency is by that."""

    message: int
    language: str | None = None
    urgency: int = 0
    mood: str = "calm"
    scope: str = "one"
    topic: str | None = None
    product: str | None = None
    raised: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected(Event):
    """An agent said how it is, where it was not understood rightly; None: nothing was said of that."""

    by: str
    topic: str | None = None
    product: str | None = None
    urgency: int | None = None
    mood: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered(Event):
    """It is about the same as others: they are gathered under `lead`. `by` None: it came when an agent had said so of
    the others.
    """

    gathering: int
    lead: int
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted(Event):
    """That it is about the same as others was taken back."""

    gathering: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksPlanned(Event):
    """It was split into tasks for other queues, whose rows have the words; `blocking` of them must end before it."""

    tasks: tuple[int, ...]
    blocking: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskBegun(Event):
    """A task waits for nothing any more: it is a ticket of its own, `work`, in its queue. `by`: who did not let it wait
    on; None: what it waited for has ended.
    """

    task: int
    work: int
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEnded(Event):
    """A task is done, or is not possible, or was called off."""

    task: int
    outcome: str
    blocks: bool
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedInto(Event):
    """It is about the same as another ticket of the same person: it goes on there, and what is written to this one
    arrives there.
    """

    into: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResumed(Event):
    """A task that had ended is open again."""

    task: int
    blocks: bool
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TookIn(Event):
    """Another ticket goes on in this one. `thread`: what is said there belongs to this one because of that."""

    ticket: int
    by: str
    thread: Thread | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmerged(Event):
    """That it goes on in another ticket was taken back. The facts are those that it goes back to."""

    into: int
    by: str
    status: Status
    heard_at: datetime | None = None
    pending_at: datetime | None = None
    reminded_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGo(Event):
    """Another ticket goes on by itself again. The facts are those that this one goes back to."""

    ticket: int
    by: str
    status: Status
    heard_at: datetime | None = None
    pending_at: datetime | None = None
    reminded_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitOff(Event):
    """Some of its messages are in a ticket of their own now. The facts are those that it goes back to."""

    into: int
    messages: tuple[int, ...]
    by: str
    status: Status
    heard_at: datetime | None = None
    pending_at: datetime | None = None
    reminded_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Related(Event):
    """One ticket has to do with another: `kinship` is what `one` is to `other`. Both tell of it."""

    one: int
    other: int
    kinship: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrelated(Event):
    """That one ticket has to do with another was taken back."""

    one: int
    other: int
    kinship: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised(Event):
    """What is promised from now on: by which policy, in which calendar of which version of the rulebook, with which
    targets in seconds. No policy: nothing any more.
    """

    policy: str | None = None
    calendar: str = ""
    edition: int = 0
    first: int | None = None
    next: int | None = None
    resolution: int | None = None
    pause_on_hold: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned(Event):
    """So many hundredths of a target are used, and those who can act were told."""

    clock: str
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Breached(Event):
    """What was promised had to happen by `due`, and did not."""

    clock: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOnHold(Event):
    """We wait for somebody who is neither the requester nor one of us."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenUp(Event):
    """Nobody else is waited for any more."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(Event):
    """`outcome`: how a task ended, where it was not done. `why`: the note with the reason, where one was asked for."""

    by: str
    outcome: str | None = None
    why: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated(Event):
    """The requester said how they found what we did, from one to five; the last word counts."""

    score: int
    person: int
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened(Event):
    """Open again: because the requester wrote, an agent asked for it, or an answer could not be delivered."""

    by: str | None = None
    message: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderBegun(Event):
    """Nobody has taken it on: its queue's ladder begins, as it stands in this version of the rulebook.

    `due`: when the first step is.
    """

    ladder: str
    book: int
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken(Event):
    """A step of its ladder was done when it had come due, or passed over (`skipped`: why).

    `pings`: the rows of those who are told, `hooks`: of webhooks; `next_due`: when the next step is, None: never.
    """

    rung: int
    due: datetime
    next_due: datetime | None = None
    pings: tuple[int, ...] = ()
    hooks: tuple[int, ...] = ()
    important: bool = False
    late: bool = False
    skipped: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged(Event):
    """Somebody has said that they look after it, without taking it from whoever has it."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SureAsked(Event):
    """Whoever has it was asked whether they are still on it, and has until then to say so."""

    due: datetime
    until: datetime
    pings: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sure(Event):
    """They are still on it."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snoozed(Event):
    """It rests until then. Why stands in a note, `message`."""

    by: str
    until: datetime
    message: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Woken(Event):
    """It rests no more: its time is over, somebody woke it, or the requester wrote. `due`: when its next step is."""

    by: str
    due: datetime | None = None
    pings: tuple[int, ...] = ()


HAPPENINGS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        Opened,
        RequesterWrote,
        StrangerWrote,
        LetIn,
        TurnedAway,
        Overlooked,
        Claimed,
        Released,
        Moved,
        Ranked,
        Replied,
        ReplyUndone,
        ReplyChanged,
        ReplyWithdrawn,
        Noted,
        Revised,
        NoteEdited,
        NoteDeleted,
        Announced,
        Withheld,
        Delivered,
        DeliveryFailed,
        WentOver,
        Merged,
        Split,
        Understood,
        Corrected,
        Gathered,
        Parted,
        TasksPlanned,
        TaskBegun,
        TaskEnded,
        TaskResumed,
        MergedInto,
        TookIn,
        Unmerged,
        LetGo,
        SplitOff,
        Related,
        Unrelated,
        Promised,
        Warned,
        Breached,
        PutOnHold,
        TakenUp,
        Closed,
        Rated,
        Reopened,
        LadderBegun,
        StepTaken,
        Acknowledged,
        SureAsked,
        Sure,
        Snoozed,
        Woken,
    )
}
