"""What a desk is made of: its mailboxes, queues, agents, rules and templates, consistent with each other."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from core.calendars.calendar import ALWAYS, Calendar, weekly
from core.calendars.hours import Hours
from core.phrases import NotFound, phrase
from core.routing import clusters
from core.routing.assignment import Terms
from core.routing.clusters import LOOSEST
from core.routing.filters import Sign, sign_of
from core.routing.levels import Level, Skills, levels, listed
from core.routing.taxonomy import MOST as MOST_TOPICS
from core.routing.taxonomy import MOST_FIELDS, OwnField, Signals, Taxonomy, Topic, taxonomy
from core.routing.triage import Rule
from core.rulebook import ladders
from core.rulebook.faults import Fault, Path
from core.rulebook.kinds import (
    Address,
    Chat,
    Domain,
    Duration,
    Line,
    Member,
    Room,
    Server,
    Slug,
    SpamSign,
    Workspace,
    Zone,
    normal_address,
    normal_domain,
)
from core.rulebook.ladders import Ladder, Roster
from core.rulebook.tasks import TaskSet
from core.rulebook.tasks import faults as faults_of_sets
from core.rulebook.time_faults import unknown_calendars, unworkable
from core.rulebook.times import ROUND_THE_CLOCK, Policy, Timetable, calendars, patterns_of
from core.templates.macros import ByLanguage, Language, Library, Template, library, nothing_said
from core.templates.render import FOR_LETTERHEADS, placeholders
from core.templates.render import faults as faults_in
from core.tickets.shared_domains import SHARED

WRITTEN = {"written": True}
"""The context of validating what somebody writes now: more is asked of it than of what was put in force long ago,
which goes on working."""

_LONGEST_ADDRESS = 320
"""64 before the @ and 255 after it (RFC 5321 §4.5.3.1); what is longer is nobody's."""


Points = Annotated[int, Strict(), Field(ge=1, le=1000)]
Customers = Annotated[int, Strict(), Field(ge=0, le=1000)]
Likeness = Annotated[float, Field(ge=LOOSEST, le=0.99)]
Languages = Annotated[dict[Language, Level], BeforeValidator(levels), PlainSerializer(listed)]

SENDER = "{agent} · {mailbox}"
"""How an agent's answer names its sender where nothing else is said."""


class Role(StrEnum):
    """What somebody may do at the desk."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"  # an agent who also hears of what goes wrong, and may change the rulebook


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Desk(_Part):
    """The desk as customers know it. `locale` is its own language, `time_zone` where its day begins (IANA name).

    `red_room` is the Slack room of red alerts; there is one where a rule may raise one.
    """

    name: Line
    locale: Language = "en"
    time_zone: Zone = "UTC"
    red_room: Room = "desk-red"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Mailbox(_Part):
    """An address that customers write to. `name` is what they see as the sender; `locale` what they mostly speak.

    `sender` is how an agent's answer names its sender. `aliases` are other addresses whose mail reaches it: who writes
    to one of them has written to this mailbox.
    """

    address: Address
    name: Line
    queue: Slug
    sender: Line = SENDER
    locale: Language | None = None
    aliases: tuple[Address, ...] = ()


class Mode(StrEnum):
    """How tickets of a queue come to agents."""

    PULL = "pull"  # agents claim them
    PUSH = "push"  # the desk gives them to whom they suit
    OFFER = "offer"  # the desk asks whom they suit, then the next one


class Queue(_Part):
    """Where tickets wait, and what is promised to those who wait there.

    `languages`: which others will do, in this order, where nobody is there who speaks the customer's. `most_each`:
    points that one agent may be given of it. An agent who is gone for `give_back_after` loses what they have not begun,
    and who does nothing at all for `silent_after` is gone. Where `incident_from` customers (0: never) write the same
    `incident_within` this time, an incident is proposed; `incident_alike` is how near their meaning must be.
    """

    name: Slug
    title: Line
    room: Room = Field(default_factory=lambda known: f"desk-{known.get('name', '')}")
    acknowledge: Annotated[bool, Strict()] = True
    page: Annotated[bool, Strict()] = True  # acknowledgements name the requester's page, where there are pages at all
    contact: Annotated[bool, Strict()] = False  # our contact form leads into it, where there are pages at all
    rating: Annotated[bool, Strict()] = False  # who can choose where they read us is asked how it was, after a closing
    answers_within: Duration | None = None  # promised until real answering times are known
    remind_after: Duration | None = None  # since we began to wait for the requester
    close_after: Duration | None = None  # since the reminder
    reopen_within: Duration = timedelta(days=14)  # since closing; later an answer opens a new, linked ticket
    signature: ByLanguage = Field(default_factory=nothing_said)
    mode: Mode = Mode.PULL
    offer_for: Duration = timedelta(seconds=30)
    give_back_after: Duration = timedelta(minutes=2)
    silent_after: Duration = timedelta(hours=1)
    languages: tuple[Language, ...] = ()
    most_each: Points | None = None
    ladder: Slug | None = None  # what happens while nobody takes a ticket on
    backup: Slug | None = None  # the queue that steps in
    calendar: Slug | None = None  # when it works; policies count in it
    incident_from: Customers = 5
    incident_within: Duration = timedelta(minutes=30)
    incident_alike: Likeness = 0.5

    @property
    def incidents(self) -> clusters.Terms:
        """What is an incident here."""
        return clusters.Terms(self.incident_from, self.incident_within, self.incident_alike)

    @property
    def gives(self) -> bool:
        """Whether the desk brings its tickets to agents."""
        return self.mode is not Mode.PULL


class Mail(_Part):
    """What of a mail's headers is believed. `spam_headers`: what a filter of ours writes into spam; where another
    server is named, only above the line in which that one says that it received the mail.
    """

    spam_headers: tuple[SpamSign, ...] = ()
    spam_headers_above: Server | None = None

    @cached_property
    def signs(self) -> tuple[Sign, ...]:
        return tuple(sign for written in self.spam_headers if (sign := sign_of(written)) is not None)


class Agent(_Part):
    """Somebody who answers customers, known by the mail address of their Slack account or by their member id.

    Skills and languages have levels from 1 to 5. `capacity`: points that they carry before they are given no more.
    """

    name: Line
    email: Address | None = None
    slack: Member | None = None
    role: Role = Role.AGENT
    queues: tuple[Slug, ...] = ()  # none named: all
    languages: Languages = Field(default_factory=dict)
    skills: Skills = Field(default_factory=dict)
    capacity: Points = 10
    hours: tuple[Hours, ...] = ()  # none named: those of the calendar, or at any time
    time_zone: Zone | None = None  # of these hours, if not the calendar's or the desk's
    calendar: Slug | None = None  # its holidays and days are theirs, too
    manager: Line | None = None  # the agent who is told where a ladder says "manager"
    telegram: Chat | None = None  # their chat with the desk's bot: there they are reached where Slack is not


DIRECT = "slack:direct"
"""How the desk's own direct messages are called among the addresses that customers write to."""


class Opening(StrEnum):
    """When something said in a customers' room opens a ticket."""

    AT_ONCE = "at once"
    ASKED = "asked"  # first its writer is asked whether it shall


class CustomersRoom(_Part):
    """A Slack channel in which customers write, and are answered in threads. `group_within`: what one person says there
    outside threads, this soon after their last words, is about the same. `direct`: what people who are no agents write
    to the desk itself, in direct messages, is treated as if it were said there.
    """

    room: Room
    queue: Slug
    opens: Opening = Opening.AT_ONCE
    group_within: Duration = timedelta(minutes=10)
    locale: Language | None = None
    direct: Annotated[bool, Strict()] = False

    @property
    def door(self) -> str:
        """How it is called among the addresses that customers write to."""
        return f"#{self.room}"


class Organisation(_Part):
    """Customers who belong together: who writes from one of these domains takes part in tickets from any of them.

    `workspaces` are their Slack workspaces. `tier` is what agents read beside their name; `language` what they mostly
    speak; `time_zone` that in which they read when they are answered.
    """

    name: Line
    domains: tuple[Domain, ...] = ()
    workspaces: tuple[Workspace, ...] = ()
    tier: Line | None = None
    language: Language | None = None
    calendar: Slug | None = None  # in which what is promised to them counts, if not the queue's
    time_zone: Zone | None = None  # where they are


class Rulebook(_Part):
    """One version of everything decisions read. It cannot contradict itself: see `_consistent`."""

    desk: Desk
    mail: Mail = Mail()
    mailboxes: tuple[Mailbox, ...] = ()
    queues: tuple[Queue, ...] = ()
    agents: tuple[Agent, ...] = ()
    rules: tuple[Rule, ...] = ()
    templates: tuple[Template, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    customers_rooms: tuple[CustomersRoom, ...] = ()
    signals: Signals = Signals()
    topics: Annotated[tuple[Topic, ...], Field(max_length=MOST_TOPICS)] = ()
    fields: Annotated[tuple[OwnField, ...], Field(max_length=MOST_FIELDS)] = ()
    ladders: tuple[Ladder, ...] = ()
    rosters: tuple[Roster, ...] = ()
    calendars: tuple[Timetable, ...] = ()
    policies: tuple[Policy, ...] = ()
    task_sets: tuple[TaskSet, ...] = ()

    def queue(self, name: str) -> Queue:
        """Raises NotFound where no queue has this name (any more)."""
        found = self._queues.get(name)
        if found is None:
            raise NotFound(phrase("There is no queue “{name}”.", name=name))
        return found

    def queue_of(self, door: str) -> Queue:
        """The queue of tickets that come to this address; the first one where no mailbox has it (any more)."""
        place = self._place(door)
        return self.queues[0] if place is None else self._queues[place.queue]

    def queue_named(self, name: str | None) -> Queue | None:
        """The queue of this name; None where there is none (any more)."""
        return self._queues.get(name) if name else None

    @property
    def direct_room(self) -> CustomersRoom | None:
        """The customers' room as which direct messages count; None: these are for agents only."""
        return next((one for one in self.customers_rooms if one.direct), None)

    def locale_of(self, door: str) -> str | None:
        """What those who write to this address mostly speak, where the rulebook says so."""
        place = self._place(door)
        return place.locale if place else None

    def _place(self, door: str) -> CustomersRoom | Mailbox | None:
        """What the rulebook says of an address that customers write to."""
        if door == DIRECT:
            return self.direct_room
        return self.customers_room(door) if door.startswith("#") else self.mailbox_for(door)

    def queue_of_room(self, room: str) -> Queue | None:
        """The queue whose cards are shown in the Slack room of this name."""
        return next((queue for queue in self.queues if queue.room == room.removeprefix("#")), None)

    def customers_room(self, name: str) -> CustomersRoom | None:
        """The customers' room of this name, with or without its "#"; None: customers are not heard there."""
        return next((one for one in self.customers_rooms if one.room == name.removeprefix("#")), None)

    def mailbox_for(self, address: str) -> Mailbox | None:
        """The mailbox behind an address, letter case and "+tag"s aside (RFC 5233 §4); None: not ours."""
        if len(address) > _LONGEST_ADDRESS:
            return None
        local, at, domain = normal_address(address).rpartition("@")
        while at:
            found = self._mailboxes.get(f"{local}@{domain}")
            if found is not None:
                return found
            local, at, _ = local.rpartition("+")
        return None

    def mailbox_of(self, queue: str) -> Mailbox | None:
        """The first mailbox whose mail comes into a queue; None: no mail does by itself."""
        return next((mailbox for mailbox in self.mailboxes if mailbox.queue == queue), None)

    def agent_for(self, slack: str | None = None, email: str | None = None) -> Agent | None:
        """Who acts: by Slack id ("U…" or "TEAM:U…") first, else by the mail address of the Slack account."""
        if slack:
            team, _, member = slack.rpartition(":")
            for agent in self.agents:
                at, _, named = (agent.slack or "").rpartition(":")
                if named == member and (not at or not team or at == team):
                    return agent
        if email:
            return self._by_email.get(normal_address(email))
        return None

    @cached_property
    def rooms(self) -> tuple[Queue, ...]:
        """What has a room in Slack: the queues, and red alerts where a rule may raise one."""
        if not any(rule.then.red_alert for rule in self.rules):
            return self.queues
        return (*self.queues, Queue.model_construct(name=RED, title=f"#{self.desk.red_room}", room=self.desk.red_room))

    @cached_property
    def gives(self) -> bool:
        """Whether the desk brings any tickets to agents by itself."""
        return any(queue.gives for queue in self.queues)

    def terms_of(self, queue: str) -> Terms:
        """What a queue asks of those who get its tickets."""
        found = self._queues.get(queue)
        languages = found.languages if found else ()
        return Terms(languages=languages, own=self.desk.locale, most=found.most_each if found else None)

    def calendar(self, name: str | None) -> Calendar:
        """The calendar of this name; round the clock where none is named, or it is not there (any more)."""
        return self._calendars.get(name or ROUND_THE_CLOCK, ALWAYS)

    def calendar_of(self, agent: Agent) -> Calendar:
        """When an agent works: in their own hours, else in those of their calendar, whose holidays are theirs."""
        if agent.calendar is None or agent.calendar not in self._calendars:
            return weekly(agent.hours, ZoneInfo(agent.time_zone) if agent.time_zone else self.desk.zone)
        if not agent.hours and agent.time_zone is None:
            return self._calendars[agent.calendar]
        return self._own_calendars[agent.name]

    def on_duty(self, agent: Agent, now: datetime) -> bool:
        """Whether an agent works now. The one place that says so."""
        return self.calendar_of(agent).is_open(now)

    def duty_changes(self, agent: Agent, now: datetime) -> tuple[datetime | None, datetime | None]:
        """Since when an agent works, or does not, as they do now, and until when; None where that never changes."""
        calendar = self.calendar_of(agent)
        return calendar.changed(now), calendar.changes(now)

    def policy_for(self, queue: str, tier: str | None, channel: str, urgency: int) -> Policy | None:
        """What is promised for such a ticket."""
        return next((one for one in self.policies if one.fits(queue, tier, channel, urgency)), None)

    def counts_in(self, policy: Policy, queue: str, organisation: Organisation | None) -> str:
        """The calendar in which a policy's targets count for a queue's ticket of these customers."""
        own = self.queue_named(queue)
        theirs = organisation.calendar if organisation else None
        return policy.calendar or theirs or (own.calendar if own else None) or ROUND_THE_CLOCK

    def agents_of(self, queue: str) -> tuple[Agent, ...]:
        """Who works on a queue."""
        return tuple(agent for agent in self.agents if not agent.queues or queue in agent.queues or queue == RED)

    def ladder_of(self, queue: Queue) -> Ladder | None:
        """What happens to a queue's tickets while nobody takes them on."""
        return self.ladder_named(queue.ladder)

    def ladder_named(self, name: str | None) -> Ladder | None:
        return next((ladder for ladder in self.ladders if ladder.name == name), None) if name else None

    def task_set(self, name: str | None) -> TaskSet | None:
        """The task set of this name; None where there is none (any more)."""
        return next((one for one in self.task_sets if one.name == name), None)

    def roster_named(self, name: str) -> Roster | None:
        return next((roster for roster in self.rosters if roster.name == name), None)

    def managers_of(self, names: Iterable[str]) -> tuple[str, ...]:
        """The managers of agents, each once; of who has none, nobody."""
        found = (agent.manager for name in names if (agent := self.agent_named(name)) is not None)
        return tuple(dict.fromkeys(manager for manager in found if manager is not None))

    def agent_named(self, name: str) -> Agent | None:
        return next((agent for agent in self.agents if agent.name == name), None)

    def organisation_of(self, address: str) -> Organisation | None:
        """Whom somebody who writes from this address belongs to, where the rulebook says so."""
        if not self.organisations or len(address) > _LONGEST_ADDRESS:
            return None
        return self._by_domain.get(normal_address(address).rpartition("@")[2])

    def organisation_at(self, house: str) -> Organisation | None:
        """Whom those belong to whose address names this: a domain, a Slack workspace."""
        if not self.organisations or len(house) > _LONGEST_ADDRESS:
            return None
        return self._by_workspace.get(house.casefold()) or self._by_domain.get(normal_domain(house))

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """What messages may be about: the desk's own topics, or the usual ones."""
        return taxonomy(self.topics, self.signals, self.fields)

    @property
    def supervisors(self) -> tuple[Agent, ...]:
        return tuple(agent for agent in self.agents if agent.role is Role.SUPERVISOR)

    @cached_property
    def library(self) -> Library:
        """The shipped templates with this desk's own laid over them."""
        return library(self.templates, self.desk.locale)

    @cached_property
    def _calendars(self) -> Mapping[str, Calendar]:
        return {**calendars(self.calendars, self.desk.zone), ROUND_THE_CLOCK: ALWAYS}

    @cached_property
    def _own_calendars(self) -> Mapping[str, Calendar]:
        """Of agents who have hours of their own beside a calendar, by their names."""
        known = {one.name: one for one in self.calendars}
        return {
            agent.name: Calendar(
                patterns_of(
                    agent.calendar,
                    known,
                    lambda one, agent=agent: one.pattern(self.desk.zone, agent.hours, agent.time_zone),
                )
            )
            for agent in self.agents
            if agent.calendar is not None
        }

    @cached_property
    def _queues(self) -> Mapping[str, Queue]:
        return {queue.name: queue for queue in self.queues}

    @cached_property
    def _mailboxes(self) -> Mapping[str, Mailbox]:
        named = [(address, box) for box in self.mailboxes for address in (box.address, *box.aliases)]
        return {normal_address(address): mailbox for address, mailbox in named}

    @cached_property
    def _by_email(self) -> Mapping[str, Agent]:
        return {normal_address(agent.email): agent for agent in self.agents if agent.email}

    @cached_property
    def _by_domain(self) -> Mapping[str, Organisation]:
        return {normal_domain(domain): one for one in self.organisations for domain in one.domains}

    @cached_property
    def _by_workspace(self) -> Mapping[str, Organisation]:
        return {workspace.casefold(): one for one in self.organisations for workspace in one.workspaces}

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A rulebook like this one with other parts, checked like any other."""
        parts = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**{**parts, **(update or {})})

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Self:
        faults = [*_doubles(self), *_dangling(self), *_incomplete(self), *_mixed(self), *_unsendable(self)]
        faults += [*_exposed(self), *unknown_calendars(self), *faults_of_sets(self)]
        faults += [Fault(*found) for found in ladders.faults(self)]
        if info.context is WRITTEN:
            faults += [Fault(*found) for found in ladders.gaps(self)]
            faults += [*_unsure(self), *_unknown_in_rules(self), *unworkable(self)]
        if faults:
            raise PydanticCustomError("inconsistent", "the rulebook contradicts itself", {"faults": faults})
        return self


RED = "!red"
"""How red alerts are called among the queues, of which each has a room."""


def _doubles(book: Rulebook) -> Iterable[Fault]:
    """What must be there once."""
    told_apart: tuple[tuple[str, str, list[str | None]], ...] = (
        ("mailboxes", "address", [normal_address(mailbox.address) for mailbox in book.mailboxes]),
        ("queues", "name", [queue.name for queue in book.queues]),
        ("queues", "room", [queue.room for queue in book.queues]),
        ("agents", "name", [agent.name for agent in book.agents]),
        ("agents", "email", [agent.email and normal_address(agent.email) for agent in book.agents]),
        ("agents", "slack", [agent.slack for agent in book.agents]),
        ("rules", "name", [rule.name for rule in book.rules]),
        ("templates", "name", [template.name for template in book.templates]),
        ("organisations", "name", [one.name for one in book.organisations]),
        ("topics", "name", [one.name for one in book.topics]),
        ("fields", "name", [one.name for one in book.fields]),
        ("customers_rooms", "room", [one.room for one in book.customers_rooms]),
        ("ladders", "name", [one.name for one in book.ladders]),
        ("rosters", "name", [one.name for one in book.rosters]),
        ("calendars", "name", [one.name for one in book.calendars]),
        ("policies", "name", [one.name for one in book.policies]),
        ("task_sets", "name", [one.name for one in book.task_sets]),
    )
    for kind, key, values in told_apart:
        seen: Counter[str] = Counter()
        for place, value in enumerate(values):
            if value is None:
                continue
            if seen[value]:
                yield Fault((kind, place, key), "double", {"key": key, "value": value})
            seen[value] += 1
    addresses = Counter(normal_address(mailbox.address) for mailbox in book.mailboxes)
    for place, mailbox in enumerate(book.mailboxes):
        for n, alias in enumerate(mailbox.aliases):
            value = normal_address(alias)
            if addresses[value]:
                yield Fault(("mailboxes", place, "aliases", n), "double", {"key": "address", "value": value})
            addresses[value] += 1


def _dangling(book: Rulebook) -> Iterable[Fault]:
    """Queues and doors that are named and not there."""
    queues = [queue.name for queue in book.queues]
    named: list[tuple[Path, str]] = [
        *((("mailboxes", n, "queue"), mailbox.queue) for n, mailbox in enumerate(book.mailboxes)),
        *((("customers_rooms", n, "queue"), one.queue) for n, one in enumerate(book.customers_rooms)),
        *((("agents", n, "queues", m), q) for n, agent in enumerate(book.agents) for m, q in enumerate(agent.queues)),
        *((("rules", n, "then", "queue"), r.then.queue) for n, r in enumerate(book.rules) if r.then.queue is not None),
    ]
    named += [
        (("rules", n, "when", "queue", m), queue)
        for n, rule in enumerate(book.rules)
        for m, queue in enumerate(rule.when.queue)
    ]
    for path, queue in named:
        if queues and queue not in queues:
            yield Fault(path, "no_such_queue", {"value": queue, "known": queues})
    doors = {normal_address(mailbox.address): mailbox.address for mailbox in book.mailboxes}
    doors |= {normal_address(one.door): one.door for one in book.customers_rooms}
    for place, rule in enumerate(book.rules):
        if rule.when.door is not None and doors and normal_address(rule.when.door) not in doors:
            about = {"value": rule.when.door, "known": list(doors.values())}
            yield Fault(("rules", place, "when", "door"), "no_such_door", about)


def _unknown_in_rules(book: Rulebook) -> Iterable[Fault]:
    """People, organisations, tiers and templates that rules name and nobody knows."""
    known = {
        "organisation": [one.name for one in book.organisations],
        "tier": list(dict.fromkeys(one.tier for one in book.organisations if one.tier)),
        "assignee": [agent.name for agent in book.agents],
        "template": [macro.name for macro in book.library.macros],
    }
    for place, rule in enumerate(book.rules):
        named: list[tuple[Path, str, str]] = [
            *(
                (("rules", place, "when", "organisation", n), "organisation", o)
                for n, o in enumerate(rule.when.organisation)
            ),
            *((("rules", place, "when", "tier", n), "tier", tier) for n, tier in enumerate(rule.when.tier)),
        ]
        if rule.then.assignee is not None:
            named.append((("rules", place, "then", "assignee"), "assignee", rule.then.assignee))
        if rule.then.template is not None:
            named.append((("rules", place, "then", "template"), "template", rule.then.template))
        for path, kind, value in named:
            if value.casefold() not in {one.casefold() for one in known[kind]}:
                yield Fault(path, "not_known", {"value": value, "known": known[kind]})


def _incomplete(book: Rulebook) -> Iterable[Fault]:
    """What a desk cannot work without."""
    if not book.queues:
        yield Fault(("queues",), "no_queue", {})
    if not book.mailboxes:
        yield Fault(("mailboxes",), "no_mailbox", {})
    for place, queue in enumerate(book.queues):
        if queue.contact and book.mailboxes and book.mailbox_of(queue.name) is None:
            yield Fault(("queues", place, "contact"), "contact_without_mailbox", {"value": queue.name})
        if queue.close_after is not None and queue.remind_after is None:
            yield Fault(("queues", place, "close_after"), "close_without_reminder", {})
    for place, agent in enumerate(book.agents):
        if agent.email is None and agent.slack is None:
            yield Fault(("agents", place), "unknown_agent", {"name": agent.name})
    for place, rule in enumerate(book.rules):
        if rule.then.is_nothing:
            yield Fault(("rules", place, "then"), "no_outcome", {"name": rule.name})


def _mixed(book: Rulebook) -> Iterable[Fault]:
    """Organisations that nothing is known by, and what is named for several of them."""
    taken: set[str] = set()
    for place, one in enumerate(book.organisations):
        if not one.domains and not one.workspaces:
            yield Fault(("organisations", place, "domains"), "empty", {})
        named = [("domains", n, "domain", normal_domain(domain)) for n, domain in enumerate(one.domains)]
        named += [("workspaces", n, "workspace", workspace) for n, workspace in enumerate(one.workspaces)]
        for kind, n, key, value in named:
            if value in taken:
                yield Fault(("organisations", place, kind, n), "double", {"key": key, "value": value})
            taken.add(value)


def _exposed(book: Rulebook) -> Iterable[Fault]:
    """Rooms in which customers would read what agents say among themselves."""
    inside = {queue.room for queue in book.rooms}
    for place, one in enumerate(book.customers_rooms):
        if one.room in inside:
            yield Fault(("customers_rooms", place, "room"), "exposed", {"value": one.room})
        if one.direct and one is not book.direct_room:
            yield Fault(("customers_rooms", place, "direct"), "double", {"key": "direct", "value": "true"})


def _unsendable(book: Rulebook) -> Iterable[Fault]:
    """Templates that could not be filled."""
    for place, template in enumerate(book.templates):
        if not template.text:
            yield Fault(("templates", place), "no_text", {"name": template.name})
        for language, placeholder in template.faults():
            about = {"value": placeholder, "known": [f"{{{name}}}" for name in sorted(template.allowed)]}
            yield Fault(("templates", place, "text", language), "bad_placeholder", about)
    for place, mailbox in enumerate(book.mailboxes):
        yield from _unfillable(("mailboxes", place, "sender"), mailbox.sender)


def _unfillable(path: Path, text: str) -> Iterable[Fault]:
    """Placeholders that neither a sender's name nor a signature has."""
    for placeholder in faults_in(text, FOR_LETTERHEADS):
        about = {"value": placeholder, "known": [f"{{{name}}}" for name in sorted(FOR_LETTERHEADS)]}
        yield Fault(path, "bad_placeholder", about)


def _unsure(book: Rulebook) -> Iterable[Fault]:
    """What nobody should write any more, though a rulebook in use may have it.

    Templates of the desk's own letters and signatures that could not be filled for everybody; addresses that no mail
    reaches; domains at which anybody may have an address, as those of one organisation.
    """
    addresses: list[tuple[Path, str | None]] = [
        *((("mailboxes", n, "address"), mailbox.address) for n, mailbox in enumerate(book.mailboxes)),
        *(
            (("mailboxes", n, "aliases", m), a)
            for n, box in enumerate(book.mailboxes)
            for m, a in enumerate(box.aliases)
        ),
        *((("agents", n, "email"), agent.email) for n, agent in enumerate(book.agents)),
    ]
    for path, address in addresses:
        if address is not None and "." not in address.rpartition("@")[2]:
            yield Fault(path, "no_dot", {"value": address})
    for place, one in enumerate(book.organisations):
        for n, domain in enumerate(one.domains):
            if normal_domain(domain) in SHARED:
                yield Fault(("organisations", place, "domains", n), "shared_domain", {"value": domain})
    yield from _unsure_signatures(book)
    yield from _unreadable_fields(book)
    for place, template in enumerate(book.templates):
        for language, name in template.unsure():
            yield Fault(("templates", place, "text", language), "no_fallback", {"value": name})


def _unreadable_fields(book: Rulebook) -> Iterable[Fault]:
    """Patterns that the engine which reads messages does not take, though another one would: it is loaded for those
    who write them only.
    """
    if not book.fields:
        return
    engine = importlib.import_module("core.routing.fields.own")
    for place, one in enumerate(book.fields):
        if (said := engine.fault(one.pattern)) is not None:
            yield Fault(("fields", place, "pattern"), "bad_pattern", {"value": one.pattern, "said": said})


def _unsure_signatures(book: Rulebook) -> Iterable[Fault]:
    """They stand under what the desk writes by itself, too, where there is no agent."""
    for place, queue in enumerate(book.queues):
        for language, text in queue.signature.items():
            path: Path = ("queues", place, "signature", language)
            yield from _unfillable(path, text)
            if "agent" in placeholders(text):
                yield Fault(path, "no_fallback", {"value": "agent"})
