"""The nouns of the desk: frozen values without words, so that history survives erasure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class Status(StrEnum):
    """Where a ticket stands."""

    NEW = "new"  # nobody has taken it
    OPEN = "open"  # somebody works on it
    PENDING = "pending"  # we wait for the requester
    ON_HOLD = "on_hold"  # we wait for somebody else
    CLOSED = "closed"


class Nature(StrEnum):
    """What sort of mail or message came in; only `human` ones reopen tickets and are acknowledged.

    The names are those that `deskbell explain` prints as `kind`.
    """

    HUMAN = "human"
    LIST = "list"
    AUTO_REPLY = "auto_reply"
    AUTO_GENERATED = "auto_generated"
    BOUNCE = "bounce"
    BOUNCE_DELAY = "bounce_delay"
    DSN_SUCCESS = "dsn_success"
    ARF = "arf"
    CHALLENGE_RESPONSE = "challenge_response"
    CALENDAR = "calendar"
    MDN = "mdn"

    @property
    def is_of_people(self) -> bool:
        """Somebody wrote it, directly or through a list: it waits for an answer."""
        return self in (Nature.HUMAN, Nature.LIST)

    @property
    def reports_delivery(self) -> bool:
        """A mail system says what became of a message; it comes from its own address, not from the recipient's."""
        return self in (Nature.BOUNCE, Nature.BOUNCE_DELAY, Nature.DSN_SUCCESS)

    @property
    def only_answers(self) -> bool:
        """A machine's answer to something: where it belongs to no ticket of ours, it is nothing to us."""
        return self.reports_delivery or self in (Nature.AUTO_REPLY, Nature.MDN, Nature.CHALLENGE_RESPONSE)


class Part(StrEnum):
    """What part a message plays in a ticket's conversation."""

    REQUESTER = "requester"  # what the customer wrote
    STRANGER = "stranger"  # what somebody wrote who does not take part: held until an agent decides
    REPLY = "reply"  # what an agent answered; goes out
    NOTE = "note"  # internal; never goes out
    ACKNOWLEDGEMENT = "acknowledgement"  # "we have it, number 42"; goes out by itself
    REMINDER = "reminder"  # "are you still there?"; goes out by itself
    CLOSING = "closing"  # "we close this, write to reopen"; goes out by itself
    NOTICE = "notice"  # "your film is too large for us"; goes out by itself, about what the requester has just sent
    RATING = "rating"  # "how did we do?"; goes out by itself, with something to choose
    RATING_WHY = "rating-why"  # "what was wrong?"; goes out by itself, to who chose few

    @property
    def goes_out(self) -> bool:
        return self not in (Part.REQUESTER, Part.STRANGER, Part.NOTE)


class Delivery(StrEnum):
    """How far an outgoing message has come."""

    HELD = "held"  # within the seconds in which it can be taken back
    QUEUED = "queued"
    SENT = "sent"  # taken by the next hop for every recipient
    PARTLY = "partly"  # some recipients were refused
    FAILED = "failed"
    UNDONE = "undone"  # taken back before it left


class Thread(NamedTuple):
    """Where a conversation lives outside: the channel, and the channel's own key for it."""

    channel: str
    key: str


class By(NamedTuple):
    """Who acts: an agent's id ("TEAM:USER"), or "rule:NAME" for the desk's own rules.

    `act` is the inbox row of the click or command that asks for it. An act is done once: asked again (redelivery,
    a crash between the acknowledgement and the work), the same use case is a no-op.
    """

    agent: str
    act: int | None = None

    @property
    def is_rule(self) -> bool:
        return self.agent.startswith("rule:")

    @property
    def is_requester(self) -> bool:
        """Whether it is the ticket's own requester, at a page of ours."""
        return self == REQUESTER


REQUESTER = By("rule:requester")
"""The requester, who acts at their page: for everything that asks about agents, nobody."""


MERGING = By("rule:merge")
"""Who closes what goes on in another ticket: that settles nothing, so nobody is asked how it was."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message. `digest` names its bytes in the blob store.

    `folded`: a picture of a signature or of what is quoted, which nobody sent.
    """

    name: str
    type: str
    size: int
    digest: str
    cid: str | None = None
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """A way to reach a person: on which channel, by which address, and the name that came with it."""

    channel: str
    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """An attachment before it is kept: its bytes are still in hand."""

    name: str
    type: str
    content: bytes
    cid: str | None = None
    folded: bool = False  # see Attachment


class DeliveryReport(NamedTuple):
    """What another server says became of a message of ours, by any of the signs that it left.

    `about`: the channel's ids of what it may be about, the likeliest first; `failures` only where they are told apart.
    """

    tokens: tuple[str, ...] = ()  # signed ones, found where it was sent to
    about: tuple[str, ...] = ()
    failures: tuple[Outcome, ...] = ()


class Trail(NamedTuple):
    """What tells a message that goes round: marks of desks that sent it, servers it passed, what it says at bottom."""

    marks: tuple[str, ...] = ()
    hops: int = 0
    gist: str = ""  # see core.tickets.brakes


NO_TRAIL = Trail()


class Vouch(StrEnum):
    """Whether a message comes from where its sender's address says."""

    PASSED = "pass"  # the address's domain vouches for it
    FAILED = "fail"  # the domain says how its mail is known, and this one is not
    NONE = "none"  # the domain says nothing
    UNKNOWN = "unknown"  # nobody has asked, or nobody has answered


class Vouched(NamedTuple):
    """What is known of where a message comes from. `asks` is what the domain wants done with what fails."""

    verdict: Vouch = Vouch.UNKNOWN
    domain: str = ""  # of the sender's address
    asks: str = "none"  # or "quarantine", "reject"
    evidence: tuple[str, ...] = ()  # how that was found, for those who look after the desk

    @property
    def failed(self) -> bool:
        return self.verdict is Vouch.FAILED

    @property
    def keeps_out(self) -> bool:
        """Whether the domain itself asks that it be kept out."""
        return self.failed and self.asks in ("quarantine", "reject")

    @property
    def as_kept(self) -> list[Any] | None:
        """As its row has it; nothing where nothing is known."""
        return list(self) if self != UNVOUCHED else None

    @classmethod
    def as_said(cls, kept: Sequence[Any] | None) -> Vouched:
        """Back from `as_kept`."""
        if kept is None:
            return UNVOUCHED
        verdict, domain, asks, evidence = kept
        return cls(Vouch(verdict), domain, asks, tuple(evidence))


WITHDRAWN = "withdrawn"
"""The mark of an answer that an agent took from where the customer reads it."""

PIECES = "pieces"
"""The mark of a message that came in several pieces with the id and the words of each: any of them can be edited."""

FOLDED = "folded"
"""The mark of a message with the positions of its files that are folded."""

ENCRYPTED = "encrypted"
"""The note of a message in which something can be read with a key only."""

SIGNED = "signed"
"""The note of a message with a signature of its writer's, which nobody has checked."""

UNVOUCHED = Vouched()
"""Nothing is known."""


class Carried(NamedTuple):
    """What some mail programs keep a conversation together by, beside its ids: an answer carries it on."""

    topic: str = ""
    thread: str = ""  # an id with a block for each answer


NOTHING_CARRIED = Carried()


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A mail that somebody passes on and says to be a customer's. Anybody can write such lines: nothing is proven."""

    sender: Address
    subject: str
    text: str
    reply_text: str
    above: str  # what was written above it
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message from outside, understood by its gateway and not yet by the desk."""

    channel: str
    sender: Address
    door: str  # our address that it came to: a mailbox, a bot, a room
    external_id: str  # the channel's id of the message (Message-ID with its brackets)
    text: str  # what the person wrote, whole, as plain text
    reply_text: str  # what of it is new: quotes folded away; never empty when `text` is not
    subject: str = ""
    nature: Nature = Nature.HUMAN
    is_own_name: bool = True  # the sender's name came with the sender's address, not with another one
    reply_to: str | None = None  # answers go here when it is not the sender's address
    answerable: bool = True  # whether its channel can write to whoever sent it
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()  # oldest first, with brackets
    carried: Carried = NOTHING_CARRIED
    reply_tokens: tuple[str, ...] = ()  # signed tokens found in the addresses it was sent to
    copied: tuple[Address, ...] = ()  # who else it was sent to, our own addresses among them
    report: DeliveryReport | None = None  # there where `nature` says that it is about a mail of ours
    sent_at: datetime | None = None
    language: str | None = None  # of the new words, as a BCP 47 tag; None where that cannot be said honestly
    zone: str | None = None  # where its writer's day begins (IANA name), where a profile of theirs says so
    files: tuple[File, ...] = ()
    kept: tuple[Attachment, ...] = ()  # files whose bytes are in the store already
    left_out: int = 0  # files beyond these, which only what came in has
    notes: tuple[str, ...] = ()  # what was guessed or repaired on the way in
    signs: tuple[str, ...] = ()  # by what its nature is known; none where it seems a person's
    spam: tuple[str, ...] = ()  # the words of a filter that we believe, by which it is spam
    admitted: bool = False  # by somebody of ours, whatever it is
    by_form: bool = False  # a form of ours brought it: that the sender's address is theirs, they only say
    also_to: tuple[str, ...] = ()  # other addresses of ours that it came to
    by_name: bool = True  # it names our address as a recipient: not a blind copy, nor what a list sends on
    trail: Trail = NO_TRAIL
    vouched: Vouched = UNVOUCHED
    thread: str = ""  # the conversation as the channel knows it, in which messages go on without naming any; or none
    goes_to: int | None = None  # the ticket that its writer chose; 0: a new one
    queue: str | None = None  # where a new ticket goes, as whoever brought it has been set to; rules win
    urgency: int = 0  # of a new ticket, as whoever brought it says; rules win
    edited: bool = False  # other words of a message that was sent before, under its id
    not_had: tuple[str, ...] = ()  # names of files that were sent, and are too large for the channel to give them to us
    likeness: str = ""  # the same in every delivery of one message; empty where it cannot be told from others
    passed_on: PassedOn | None = None  # where it says that it is for the desk to look after that mail
    profile_mail: str = ""  # the mail address that the channel has of its writer, who confirmed it there
    is_direct: bool = False  # in a chat that nobody but its writer is in, beside us
    pieces: tuple[tuple[str, str], ...] = ()  # ids and words, where the channel brought it as several

    @property
    def is_encrypted(self) -> bool:
        """Whether there is something in it that the desk cannot read."""
        return ENCRYPTED in self.notes

    @property
    def is_signed(self) -> bool:
        """Whether its writer put a signature to it. It proves nothing: the desk knows nobody's key."""
        return SIGNED in self.notes

    @property
    def brings_files(self) -> bool:
        """Whether its writer sent a file: pictures of a signature or a quotation are none."""
        return bool(self.kept) or any(not file.folded for file in self.files)

    @property
    def heard_as(self) -> Nature:
        """What it counts as in a ticket: what somebody of ours let in, as a person's words."""
        return Nature.HUMAN if self.admitted else self.nature


@dataclass(frozen=True, slots=True)
class Ticket:
    """One matter that a requester wants settled. A fold of its events; no words in it."""

    number: int
    thread: Thread
    requester: int
    door: str
    queue: str
    status: Status = Status.NEW
    assignee: str | None = None
    urgency: int = 0
    language: str | None = None
    opened_at: datetime | None = None
    heard_at: datetime | None = None  # when the requester last wrote
    first_replied_at: datetime | None = None
    replied_at: datetime | None = None  # when an agent last answered; a reply taken back does not count
    claimed_at: datetime | None = None
    pending_at: datetime | None = None  # since when the requester has what we wait for an answer to; not on its way
    reminded_at: datetime | None = None
    closed_at: datetime | None = None
    follows: int | None = None  # the ticket that this one continues
    held_at: datetime | None = None  # since when a stranger's words wait for an agent to decide
    overlooked_at: datetime | None = None  # when supervisors were told that they still do
    to_rate_at: datetime | None = None  # since when it is closed by somebody and nobody was asked how it was
    rating: int | None = None  # from one to five, what the requester said last
    comment_until: datetime | None = None  # until when what the requester writes says why they chose so few
    ladder: str | None = None  # what happens while nobody takes it on: the ladder that it climbs, or climbed last
    ladder_of: int | None = None  # the version of the rulebook in which that stands: a later edit changes nothing
    rung: int = 0  # how many of its steps were done, or passed over
    rung_at: datetime | None = None  # when the next one is due; None: somebody took it on, or there is no more
    active_at: datetime | None = None  # when whoever has it last did something on it
    sure_until: datetime | None = None  # asked whether they are still on it, they have until then to say so
    snoozed_at: datetime | None = None
    snoozed_until: datetime | None = None
    policy: str | None = None  # by which something is promised
    part_of: int | None = None  # it is a task: the ticket of which it is one. Nobody outside knows of it
    target: int | None = None  # seconds of working time that a task has, where somebody said so
    tasks: int = 0  # how many it was split into
    blocked: int = 0  # how many of these have to end before it is closed
    merged_into: int | None = None  # the ticket that it goes on in: what is written to this one arrives there
    version: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said in a ticket, with its words."""

    id: int
    ticket: int
    part: Part
    text: str
    at: datetime
    author: str = ""  # an agent's id; empty when the requester or the desk wrote
    author_name: str = ""
    reply_text: str = ""
    nature: Nature = Nature.HUMAN
    external_id: str | None = None
    delivery: Delivery | None = None
    reason: str | None = None  # why it failed, in the other side's words
    template: str | None = None
    language: str | None = None
    send_at: datetime | None = None  # when a held reply leaves
    edited_at: datetime | None = None  # when a note, or what somebody wrote to us, got these words
    deleted_at: datetime | None = None
    attachments: tuple[Attachment, ...] = ()
    person: int | None = None  # who wrote it, of those outside
    copied: tuple[Address, ...] = ()  # who else it was sent to by its writer, or is sent to by us
    vouched: Vouched = UNVOUCHED
    marks: Mapping[str, Any] = field(default_factory=dict[str, Any])
    channel: str | None = None  # by which it came or goes out

    @property
    def files(self) -> tuple[Attachment, ...]:
        """What its writer sent."""
        return tuple(file for file in self.attachments if not file.folded)

    @property
    def is_by_mail(self) -> bool:
        """Of a note: a colleague wrote it outside, and it came in."""
        return self.part is Part.NOTE and self.external_id is not None

    @property
    def is_encrypted(self) -> bool:
        """Whether there is something in it that the desk cannot read."""
        return bool(self.marks.get(ENCRYPTED))

    @property
    def is_signed(self) -> bool:
        """Whether its writer put a signature to it, which nobody has checked."""
        return bool(self.marks.get(SIGNED))

    @property
    def is_withdrawn(self) -> bool:
        """Of an answer: an agent took it from where the customer reads it."""
        return bool(self.marks.get(WITHDRAWN))


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands above our words, frozen when they are written: sent again, a mail has the same bytes.

    `generation` is of the key that signs its addresses; `despite` are those that no mail reached when it was written.
    `door` is our address that it leaves from; what was written by an older desk leaves from its ticket's.
    """

    door_name: str
    to: Address
    generation: int
    despite: tuple[str, ...] = ()
    carried: Carried = NOTHING_CARRIED  # of the mail that is answered
    door: str = ""

    def as_kept(self) -> dict[str, Any]:
        """As its row has it."""
        to = [self.to.channel, self.to.address, self.to.name]
        kept: dict[str, Any] = {"from": self.door_name, "to": to, "key": self.generation}
        if self.despite:
            kept["despite"] = list(self.despite)
        if self.door:
            kept["door"] = self.door
        return {**kept, "carried": list(self.carried)} if self.carried != NOTHING_CARRIED else kept

    @classmethod
    def as_said(cls, kept: Mapping[str, Any]) -> Letterhead:
        """Back from `as_kept`."""
        carried = Carried(*kept.get("carried") or ())
        despite, door = tuple(kept.get("despite") or ()), kept.get("door", "")
        return cls(kept["from"], Address(*kept["to"]), kept["key"], despite, carried, door)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way to a customer, frozen when it was decided: composing it twice gives the same bytes."""

    message: int
    ticket: int
    part: Part
    external_id: str  # the id it goes out under (Message-ID with its brackets)
    at: datetime
    door: str  # our address it is sent from
    door_name: str  # "Ann via Example Support"
    to: tuple[Address, ...]
    subject: str
    text: str
    copied: tuple[Address, ...] = ()
    reply_token: str | None = None  # signed; lets an answer find its ticket
    report_token: str | None = None  # signed; lets a report of delivery find this message
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()  # oldest first
    carried: Carried = NOTHING_CARRIED  # of the mail that it answers
    language: str | None = None
    mark: str | None = None  # known again should it come round
    files: tuple[Attachment, ...] = ()  # what goes along with it; their bytes are in the store
    recipients_done: tuple[str, ...] = ()  # addresses already settled by an earlier attempt
    sent: tuple[str, ...] = ()  # the channel's ids of its pieces that have left, where it leaves in pieces
    begun: bool = False  # whether another piece was begun and it is not known whether that has left

    @property
    def recipients(self) -> tuple[str, ...]:
        """Every address that it goes to, each once."""
        return tuple(dict.fromkeys(one.address for one in (*self.to, *self.copied)))


class Outcome(NamedTuple):
    """What the next hop said about one recipient: `code` 2xx taken, 4xx try again, 5xx refused for good."""

    address: str
    code: int
    text: str
