"""Which work outside each event calls for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum
from typing import Any, NamedTuple
from zlib import crc32

from core.rulebook.kinds import normal_address
from core.tickets import events as e
from core.tickets import sources
from core.tickets.model import Status, Ticket


class Priority(IntEnum):
    """Between lanes; within a lane the order is that of asking."""

    CUSTOMER = 0  # a customer waits for it
    AGENT = 1
    CARD = 2
    LATER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work to be done outside a transaction, by whoever has hands for its kind."""

    kind: str
    destination: str  # what is drained together, by one worker at a time
    lane: str  # what must keep order
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])  # ids only
    key: str | None = None  # unique among waiting jobs of its kind: asked for twice, done once
    paces: tuple[str, ...] = ()  # what must keep to a limit
    priority: Priority = Priority.AGENT
    after: timedelta = timedelta(0)


_DOMAIN = re.compile(r"[a-z0-9._-]{1,253}")
_CHAT = re.compile(r"-?[0-9]{1,20}")
_THREAD = re.compile(r"([0-9]{1,18})/[0-9.]{1,40}")

RECEIVERS = 4
"""How many destinations intake is spread over, so that as many workers can understand mail side by side."""


def receive(channel: str, inbox: int, lane: str, after: timedelta = timedelta(0)) -> Job:
    """Understand what came in. The lane is the sender: what one person wrote is heard in order."""
    return Job(
        kind=f"receive:{channel}",
        destination=f"in:{channel}:{hash_of(lane) % RECEIVERS}",
        lane=f"in:{channel}:{lane}",
        facts={"inbox": inbox},
        priority=Priority.CUSTOMER,
        after=after,
    )


def recover(act: int, after: timedelta) -> Job:
    """Do an agent's act again, unless it is done by then: the one who took it may have died over it."""
    return Job(kind="act", destination="acts", lane=f"act:{act}", key=f"act:{act}", facts={"act": act}, after=after)


def show_card(ticket: int, queue: str) -> Job:
    """Bring the ticket's card up to date; rendered when it is done, so asking twice is asking once."""
    return Job(
        kind="show",
        destination=f"slack:{queue}",
        lane=f"slack:{ticket}",
        key=f"card:{ticket}",
        facts={"ticket": ticket},
        paces=("slack-update",),
        priority=Priority.CARD,
    )


def post_card(ticket: int, queue: str) -> Job:
    """Put the ticket's card into its queue's room for the first time."""
    return Job(
        kind="show",
        destination=f"slack:{queue}",
        lane=f"slack:{ticket}",
        key=f"card:{ticket}",
        facts={"ticket": ticket},
        paces=("slack-post", f"slack-room:{queue}"),
        priority=Priority.CARD,
    )


def post_message(ticket: int, queue: str, message: int) -> Job:
    """Put a message into the ticket's thread."""
    return Job(
        kind="show",
        destination=f"slack:{queue}",
        lane=f"slack:{ticket}",
        key=f"message:{message}",
        facts={"ticket": ticket, "message": message},
        paces=("slack-post", f"slack-room:{queue}"),
    )


def show_message(ticket: int, queue: str, message: int) -> Job:
    """Bring a message in the thread up to date: its delivery has come further."""
    return Job(
        kind="show",
        destination=f"slack:{queue}",
        lane=f"slack:{ticket}",
        key=f"message:{message}",
        facts={"ticket": ticket, "message": message},
        paces=("slack-update",),
    )


def show_stranger(ticket: int, queue: str, person: int) -> Job:
    """Put a stranger's card into the ticket's thread, or bring it up to date."""
    return Job(
        kind="show",
        destination=f"slack:{queue}",
        lane=f"slack:{ticket}",
        key=f"stranger:{ticket}:{person}",
        facts={"ticket": ticket, "stranger": person},
        paces=("slack-post", f"slack-room:{queue}"),
    )


def attach(ticket: int, queue: str, message: int, after: int = 0) -> Job:
    """Put the first files of a message into the ticket's thread, or those that follow the first `after`.

    They have their own lane: words do not wait for files.
    """
    return Job(
        kind="attach",
        destination=f"slack:{queue}",
        lane=f"files:{ticket}",
        key=f"files:{message}:{after}",
        facts={"ticket": ticket, "message": message, "after": after},
        paces=("slack-post", f"slack-room:{queue}"),
    )


def tell_failure(ticket: int, queue: str, message: int) -> Job:
    """Tell whoever wrote an answer, in the ticket's thread, that it did not arrive."""
    return Job(
        kind="tell-failure",
        destination=f"slack:{queue}",
        lane=f"slack:{ticket}",
        key=f"failure:{message}",
        facts={"ticket": ticket, "message": message},
        paces=("slack-post", f"slack-room:{queue}"),
    )


def tell_due(ticket: int, queue: str, clock: str, share: int) -> Job:
    """Post into the thread, for the room to see, how much of a promise's time is used."""
    return Job(
        kind="tell-due",
        destination=f"slack:{queue}",
        lane=f"slack:{ticket}",
        key=f"due:{ticket}:{clock}",
        facts={"ticket": ticket, "clock": clock, "share": share},
        paces=("slack-post", f"slack-room:{queue}"),
    )


def tell_task(ticket: int, queue: str, work: int, seq: int) -> Job:
    """Tell in a ticket's thread what has happened to a task of it: `seq` of the events of the ticket that it is."""
    return Job(
        kind="tell-task",
        destination=f"slack:{queue}",
        lane=f"slack:{ticket}",
        key=f"task:{work}:{seq}",
        facts={"ticket": ticket, "work": work, "seq": seq},
        paces=("slack-post", f"slack-room:{queue}"),
    )


def match(after: timedelta = timedelta(0)) -> Job:
    """Look who can be given what waits; asked for twice, once is enough. There is one lane of it: whoever decides sees
    everything that was decided before.
    """
    return Job(kind="match", destination="assigning", lane="assigning", key="match", after=after)


def recount(version: int, due: str | None = None, number: int = 0, after: timedelta = timedelta(0)) -> Job:
    """Let time look anew at the tickets behind this one, a few at a time: what it goes by has changed. `version` is the
    rulebook's for which that was begun; `due` None: at those about which it had nothing to say.
    """
    return Job(
        kind="recount",
        destination="recounting",
        lane="recounting",
        key="recount",
        facts={"version": version, "due": due, "number": number},
        priority=Priority.LATER,
        after=after,
    )


def tell_given(ticket: int, agent: str) -> Job:
    """Tell an agent that they have a ticket which they did not take."""
    return _tell("tell-given", ticket, agent)


def tell_offered(ticket: int, agent: str, offer: int) -> Job:
    """Ask an agent whether they take a ticket."""
    return _tell("tell-offered", ticket, agent, offer=offer)


def _tell(kind: str, ticket: int, agent: str, **more: int) -> Job:
    return Job(
        kind=kind,
        destination="agents",
        lane=f"agent:{agent}",
        key=f"{kind}:{ticket}:{agent}",
        facts={"ticket": ticket, "agent": agent, **more},
        paces=("slack-post", f"slack-agent:{hash_of(agent):08x}"),
    )


def ping(ticket: int, id: int) -> Job:
    """Tell somebody that a ticket waits for them."""
    return Job(
        kind="ping",
        destination="pings",
        lane=f"ping:{id}",
        key=f"ping:{id}",
        facts={"ticket": ticket, "ping": id},
        paces=("slack-post",),
        priority=Priority.CUSTOMER,
    )


OTHERWISE_AFTER = timedelta(seconds=40)
"""So long Slack has to tell somebody something important; then they are told another way."""


def ping_otherwise(ticket: int, id: int, after: timedelta = OTHERWISE_AFTER) -> Job:
    """Tell somebody another way than by Slack, where that has not come about. At nobody's pace: it is what there is
    where everything else waits.
    """
    return Job(
        kind="ping-otherwise",
        destination="pings-otherwise",
        lane=f"ping-otherwise:{id}",
        key=f"ping-otherwise:{id}",
        facts={"ticket": ticket, "ping": id},
        priority=Priority.CUSTOMER,
        after=after,
    )


def ping_hook(ticket: int, id: int) -> Job:
    """Tell a source's server that a ticket waits."""
    return Job(
        kind=f"ping:{sources.CHANNEL}",
        destination="pings-web",
        lane=f"ping:{id}",
        key=f"ping-web:{id}",
        facts={"ticket": ticket, "ping": id},
        priority=Priority.CUSTOMER,
    )


def tell_swap(swap: int) -> Job:
    """Ask somebody whether they take a duty; or tell whoever asked what they said."""
    return Job(
        kind="tell-swap",
        destination="agents",
        lane=f"swap:{swap}",
        key=f"swap:{swap}",
        facts={"swap": swap},
        paces=("slack-post",),
    )


def duty_changes(roster: str, has: str | None = None, after: timedelta = timedelta(0)) -> Job:
    """Look who has a duty, and tell whoever has it newly. `has`: who had it when it was last looked at."""
    return Job(
        kind="duty",
        destination="agents",
        lane=f"duty:{roster}",
        key=f"duty:{roster}",
        facts={"roster": roster, "has": has},
        paces=("slack-post",),
        after=after,
    )


def show_red(ticket: int) -> Job:
    """Put a ticket's red alert into the room for them, or bring it up to date there."""
    return Job(
        kind="show-red",
        destination="red",
        lane=f"red:{ticket}",
        key=f"red:{ticket}",
        facts={"ticket": ticket},
        paces=("slack-post",),
        priority=Priority.CUSTOMER,
    )


def show_gathering(gathering: int, queue: str, *, stands: bool = False) -> Job:
    """Put the proposal that some tickets are about one matter where agents see it, or bring it up to date there."""
    return Job(
        kind="show-gathering",
        destination=f"slack:{queue}",
        lane=f"gathering:{gathering}",
        key=f"gathering:{gathering}",
        facts={"gathering": gathering},
        paces=("slack-update",) if stands else ("slack-post", f"slack-room:{queue}"),
    )


def answer_one(circular: int, ticket: int, after: timedelta) -> Job:
    """Answer one of many tickets that get the same answer, when that can no longer be taken back."""
    return Job(
        kind="answer-one",
        destination="circulars",
        lane=f"answer-one:{ticket}",
        key=f"circular:{circular}:{ticket}",
        facts={"circular": circular, "ticket": ticket},
        priority=Priority.LATER,
        after=after,
    )


def show_circular(circular: int, queue: str, *, stands: bool = False) -> Job:
    """Say where agents see it how far an answer to many has come, or bring that up to date there."""
    return Job(
        kind="show-circular",
        destination=f"slack:{queue}",
        lane=f"circular:{circular}",
        key=f"circular:{circular}",
        facts={"circular": circular},
        paces=("slack-update",) if stands else ("slack-post", f"slack-room:{queue}"),
        priority=Priority.CARD,
    )


def warn(supervisor: str, after: timedelta = timedelta(0)) -> Job:
    """Tell a supervisor what went wrong; they are told everything since they were told last, so once is enough."""
    return Job(
        kind="warn",
        destination="supervisors",
        lane=f"warn:{supervisor}",
        key=f"warn:{supervisor}",
        facts={"supervisor": supervisor},
        paces=("slack-post", f"slack-warn:{hash_of(supervisor):08x}"),
        priority=Priority.LATER,
        after=after,
    )


def tell_opener(agent: str, channel: str, message: str, key: str) -> Job:
    """Tell an agent, who wanted a ticket of what a customer said, where its card is. `message` is the channel's id of
    it, `key` what it came in under.
    """
    return Job(
        kind="tell-opener",
        destination="openers",
        lane=f"opener:{agent}",
        key=f"opener:{agent}:{channel}:{message}",
        facts={"agent": agent, "channel": channel, "message": message, "key": key},
        paces=("slack-post",),
    )


def way_out(channel: str, outlet: str = "") -> str:
    """How what leaves by this server of ours is called: those behind another one do not wait for it."""
    return f"{channel}/{outlet}" if outlet else channel


def domain_paces(way: str, domain: str) -> tuple[str, ...]:
    """The pace of what leaves by this way for one domain; none where that is nothing that a pace can be called."""
    return (f"domain:{way}:{domain}",) if _DOMAIN.fullmatch(domain) else ()


def chat_paces(way: str, address: str) -> tuple[str, ...]:
    """The paces of what leaves for a chat: of the whole bot, and of the chat, of which groups bear less."""
    chat = address.partition("/")[0]
    kind = "group" if chat.startswith("-") else "chat"
    return (way, f"{way}-{kind}:{chat}") if _CHAT.fullmatch(chat) else (way,)


def thread_paces(_way: str, address: str) -> tuple[str, ...]:
    """The paces of what leaves for a thread of a customers' room in Slack: the workspace's, and the room's own."""
    thread = _THREAD.fullmatch(address)
    return ("slack-post", f"slack-room:customers-{thread[1]}") if thread else ("slack-post",)


def mail_paces(way: str, address: str) -> tuple[str, ...]:
    """The paces of what leaves by a relay: its own, and that of the domain behind it."""
    return (f"relay:{way}", *domain_paces(way, normal_address(address).rpartition("@")[2]))


def source_paces(way: str, _address: str) -> tuple[str, ...]:
    """The pace of what leaves for a source."""
    return (f"{sources.CHANNEL}:{way.partition('/')[2]}",)


_PACES: Mapping[str, Callable[[str, str], tuple[str, ...]]] = {
    "email": mail_paces,
    "telegram": chat_paces,
    "slack": thread_paces,
    sources.CHANNEL: source_paces,
}
"""What keeps to a limit when something leaves on a channel, by the way that it takes and the address it goes to."""


def deliver(ticket: Ticket, message: int, after: timedelta, outlet: str = "", to: str = "") -> Job:
    """Send a message to the customer at this address, by the server of this name."""
    way = way_out(ticket.thread.channel, sources.source_of(ticket.door) or outlet)
    kind, key = delivery(ticket.thread.channel, message)
    return Job(
        kind=kind,
        destination=f"out:{way}",
        lane=_lane_out(ticket.thread.channel, way, ticket.number),
        key=key,
        facts={"ticket": ticket.number, "message": message},
        paces=_PACES.get(ticket.thread.channel, mail_paces)(way, to),
        priority=Priority.CUSTOMER,
        after=after,
    )


def _lane_out(channel: str, way: str, number: int) -> str:
    """What keeps a ticket's messages in order on their way out. Sources are many on one channel, and a ticket may have
    been at several: none waits for another's server.
    """
    return f"out:{way if channel == sources.CHANNEL else channel}:{number}"


def tell_source(ticket: Ticket, name: str) -> Job:
    """Tell a source what happened to a ticket last. In one lane with what it is to deliver: it hears everything about a
    ticket in order.
    """
    way = way_out(sources.CHANNEL, name)
    return Job(
        kind=f"notify:{sources.CHANNEL}",
        destination=f"out:{way}",
        lane=_lane_out(sources.CHANNEL, way, ticket.number),
        key=f"notify:{ticket.number}:{ticket.version}:{name}",
        facts={"ticket": ticket.number, "seq": ticket.version, "source": name},
        paces=source_paces(way, ""),
        priority=Priority.LATER,
    )


class Look(NamedTuple):
    """Where to look what was said in a customers' room: in the room itself, up to the last of the times in `to`, and
    then up to the one before; or in a `thread` from `after` on, where what was said before `since` is heard no more; or
    at the message of `ts` alone. Times are Slack's.
    """

    seat: int
    to: str = ""
    thread: str = ""
    after: str = ""
    since: str = ""
    ts: str = ""


def catch_up(channel: str, look: Look) -> Job:
    """Look whether anything was said, changed or deleted that we were not told of. Each is one call. Asked twice, once
    is enough.
    """
    facts = {name: said for name, said in look._asdict().items() if said}
    return Job(
        kind=f"catch-up:{channel}",
        destination=f"in:{channel}:catch-up",
        lane=f"catch-up:{channel}:{look.seat}",
        key=f"catch-up:{look.seat}:{look.thread}:{look.ts}" if look.thread or look.ts else f"catch-up:{look.seat}",
        facts=facts,
        paces=(f"{channel}-history",),
        priority=Priority.LATER,
    )


def amend(ticket: int, channel: str, message: int, to: str) -> Job:
    """Let the customer's copy of a message that has left say what the message says now, or take it away. In one lane
    with what else leaves for them; asked twice, once is enough.
    """
    return Job(
        kind=f"amend:{channel}",
        destination=f"out:{channel}",
        lane=f"out:{channel}:{ticket}",
        key=f"amend:{message}",
        facts={"ticket": ticket, "message": message},
        paces=("slack-update",) if channel == "slack" else _PACES.get(channel, mail_paces)(channel, to),
        priority=Priority.CUSTOMER,
    )


def understand(ticket: int) -> Job:
    """Understand what the requester wrote so far. Nobody waits for it; asked for twice, once is enough."""
    return Job(
        kind="understand",
        destination="understanding",
        lane=f"understand:{ticket}",
        key=f"understand:{ticket}",
        facts={"ticket": ticket},
        priority=Priority.LATER,
    )


LEARNS_AFTER = timedelta(seconds=1)
"""So long after a correction it is learnt: often another one follows."""


def learn(after: timedelta = LEARNS_AFTER) -> Job:
    """Learn from everything that agents have said."""
    return Job(kind="learn", destination="learning", lane="learn", key="learn", priority=Priority.LATER, after=after)


def delivery(channel: str, message: int) -> tuple[str, str]:
    """By what the job is known that sends a message: kind and key."""
    return f"deliver:{channel}", f"deliver:{message}"


def greet(channel: str, person: int, to: str, ticket: int = 0) -> Job:
    """Say hello to somebody who opened a chat, to go on with a ticket or to begin; asked twice, once is enough."""
    return Job(
        kind=f"greet:{channel}",
        destination=f"out:{channel}",
        lane=f"greet:{channel}:{to}",
        key=f"greet:{to}:{ticket}" if ticket else f"greet:{to}",
        facts={"person": person, "to": to, "ticket": ticket},
        paces=_PACES.get(channel, mail_paces)(channel, to),
        priority=Priority.CUSTOMER,
    )


def show_typing(channel: str, to: str) -> Job:
    """Let it be seen at this address that somebody writes. It has a way of its own, so that no answer waits for it."""
    return Job(
        kind=f"typing:{channel}",
        destination=f"typing:{channel}",
        lane=f"typing:{channel}:{to}",
        key=f"typing:{to}",
        facts={"to": to},
        paces=(f"{channel}-typing",),
        priority=Priority.LATER,
    )


class Told(NamedTuple):
    """Who is told of a ticket's events beside agents, and what the ticket was before this one (None: it opened it)."""

    before: Ticket | None = None
    sources: Sequence[sources.Source] = ()

    def wanted_by(self, source: sources.Source, event: e.Event, after: Ticket) -> bool:
        return any(one.what in source.hears for one in sources.notices(self.before, event, after, source.name))


NOBODY = Told()


def effects(
    ticket: Ticket, event: e.Event, undo_for: timedelta, outlet: str = "", to: str = "", told: Told = NOBODY
) -> list[Job]:
    """The work that an event calls for. `ticket` is as it is after the event; `outlet` is where its answers leave by,
    and `to` where they go. A source is told of what it listens to, and of nothing else is there a job.
    """
    hear = [tell_source(ticket, one.name) for one in told.sources if told.wanted_by(one, event, ticket)]
    called = _called(ticket, event) if isinstance(event, CALLS) else []
    return [*_inside(ticket, event, undo_for, outlet, to), *_minded(ticket, event), *called, *hear]


CALLS = (e.StepTaken, e.SureAsked, e.Snoozed, e.Woken, e.Acknowledged, e.Sure)
"""What happens while nobody acts, and what ends that."""


def _called(ticket: Ticket, event: e.Event) -> list[Job]:
    """Who is told that a ticket waits for them; its card says how far that has come."""
    number, jobs = ticket.number, [show_card(ticket.number, ticket.queue)]
    if isinstance(event, e.StepTaken | e.SureAsked | e.Woken):
        jobs += [ping(number, id) for id in event.pings]
    if isinstance(event, e.StepTaken):
        jobs += [ping_otherwise(number, id) for id in event.pings if event.important]
        jobs += [ping_hook(number, id) for id in event.hooks]
    return jobs


CALL_FOR_A_MATCH = (
    e.Opened,
    e.Claimed,
    e.Released,
    e.Moved,
    e.Ranked,
    e.Replied,
    e.ReplyUndone,
    e.Closed,
    e.Reopened,
    e.Unmerged,
    e.LetGo,
    e.SplitOff,
)
"""What changes who could be given what: something waits, or somebody has more room or less."""


def _inside(ticket: Ticket, event: e.Event, undo_for: timedelta, outlet: str, to: str) -> list[Job]:
    """What is shown to agents, and sent to the customer."""
    number, queue = ticket.number, ticket.queue
    match event:
        case e.Opened() | e.Moved():  # a closed one's card moves when it is opened again
            return [] if ticket.status is Status.CLOSED else [post_card(number, queue)]
        case e.RequesterWrote(message=message) if ticket.version > 2:  # the first words stand on the card itself
            return [post_message(number, queue, message), show_card(number, queue)]
        case e.Replied(message=message):
            return [
                deliver(ticket, message, undo_for, outlet, to),
                post_message(number, queue, message),
                show_card(number, queue),
            ]
        case e.Announced(message=message):
            return [deliver(ticket, message, timedelta(0), outlet, to), post_message(number, queue, message)]
        case e.Revised(message=message) | e.ReplyChanged(message=message) | e.ReplyWithdrawn(message=message):
            return [show_message(number, queue, message), show_card(number, queue)]
        case e.Noted(message=message):
            return [post_message(number, queue, message)]
        case e.ReplyUndone() | e.DeliveryFailed() | e.Delivered():
            return _how_far(ticket, event)
        case e.StrangerWrote(person=person) | e.LetIn(person=person) | e.TurnedAway(person=person):
            return [show_stranger(number, queue, person), show_card(number, queue)]
        case _:
            return _on_the_card(ticket, event)


def _on_the_card(ticket: Ticket, event: e.Event) -> list[Job]:
    """What only the card shows; and who is told that they have a ticket which they did not take."""
    match event:
        case e.Claimed(given_by=str()):
            return [show_card(ticket.number, ticket.queue), tell_given(ticket.number, event.by)]
        case e.Claimed() | e.Released() | e.Ranked() | e.Closed() | e.Rated() | e.Reopened():
            return [show_card(ticket.number, ticket.queue)]
        case e.Promised() | e.Warned() | e.Breached() | e.PutOnHold() | e.TakenUp():
            return _on_time(ticket, event)
        case e.WentOver() | e.Merged() | e.Split() | e.Gathered() | e.Parted():
            return [show_card(ticket.number, ticket.queue)]
        case e.TasksPlanned() | e.TaskBegun() | e.TaskEnded() | e.TaskResumed():
            return [show_card(ticket.number, ticket.queue)]
        case e.MergedInto() | e.TookIn() | e.Unmerged() | e.LetGo() | e.SplitOff() | e.Related() | e.Unrelated():
            return [show_card(ticket.number, ticket.queue)]
        case _:
            return []


def _on_time(ticket: Ticket, event: e.Promised | e.Warned | e.Breached | e.PutOnHold | e.TakenUp) -> list[Job]:
    """What is shown of promises, and who is told of them."""
    shown = [show_card(ticket.number, ticket.queue)]
    if isinstance(event, e.Warned):
        shown.append(tell_due(ticket.number, ticket.queue, event.clock, event.share))
    return shown


def _minded(ticket: Ticket, event: e.Event) -> list[Job]:
    """What is to be understood and learnt, and shown again for that."""
    match event:
        case e.RequesterWrote() if event.nature.is_of_people or ticket.version <= 2:
            return [understand(ticket.number)]
        case e.Revised():
            return [understand(ticket.number)]
        case e.Understood() if ticket.status is not Status.CLOSED:
            return [show_card(ticket.number, ticket.queue)]
        case e.Corrected():
            return [show_card(ticket.number, ticket.queue), learn()]
        case _:
            return []


def _how_far(ticket: Ticket, event: e.ReplyUndone | e.DeliveryFailed | e.Delivered) -> list[Job]:
    """What is shown of a message on its way out, and who is told."""
    number, queue, message = ticket.number, ticket.queue, event.message
    shown = [show_message(number, queue, message)]
    if not isinstance(event, e.Delivered):
        shown.append(show_card(number, queue))
    if isinstance(event, e.DeliveryFailed) and event.by:
        shown.append(tell_failure(number, queue, message))
    return shown


def hash_of(text: str) -> int:
    """A hash that is the same in every process, unlike the built-in one."""
    return crc32(text.encode("utf-8", "surrogatepass"))
