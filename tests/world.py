"""The language that tests are written in: customers write, agents act, time passes, and one looks at the outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Self, TypeVar

from core.desk import Desk
from core.desk.escalating import Pinged
from core.desk.greeting import Chat
from core.desk.joining import Asked
from core.desk.opening import open_desk
from core.desk.splitting import Step
from core.engine.clock import look_at_due
from core.engine.drain import Drainer
from core.engine.giving import hands as giving
from core.engine.hands import GiveUp, Hand, Hands, Later, Record
from core.routing import signals
from core.rulebook import Rulebook, parse_toml
from core.storage import tickets
from core.storage.ledger import Lease
from core.storage.people import Colleague
from core.storage.rooms import Post, Room
from core.storage.strangers import Place
from core.storage.troubles import Untold
from core.tickets.model import Address, By, DeliveryReport, Inbound, Message, Nature, Outcome, Outgoing, Ticket

T = TypeVar("T")

RULEBOOK = """
[desk]
name = "Example Help"
locale = "en"
time_zone = "Europe/Berlin"

[[mailboxes]]
address = "support@desk.example"
name = "Example Support"
queue = "support"

[[queues]]
name = "support"
title = "Support"
remind_after = "3d"
close_after = "4d"
reopen_within = "14d"

[[queues]]
name = "billing"
title = "Billing"
acknowledge = false

[[agents]]
name = "Ann Walker"
email = "ann@desk.example"

[[agents]]
name = "Jonas Becker"
email = "jonas@desk.example"

[[agents]]
name = "Sam Rivera"
email = "sam@desk.example"
role = "supervisor"

[[rules]]
name = "invoices"
when = { subject = ["invoice"] }
then = { queue = "billing", urgency = 1 }
"""

BOT = "@example_help_bot"
ANN, JONAS, SAM = By("T1:ANN"), By("T1:JONAS"), By("T1:SAM")


def language_of(text: str) -> str | None:
    """What a gateway says that a text is written in."""
    guess = signals.language(text)
    return guess.language if guess else None


class World:
    """A desk whose outside is in memory: what would be mailed, what would be shown. Its clock stands still."""

    def __init__(self, url: str, var: Path, rulebook: str = RULEBOOK):
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
        self.desk: Desk = open_desk(url, var, clock=lambda: self.now)
        self.book: Rulebook = parse_toml(rulebook, "desk.toml")
        self.sent: list[Outgoing] = []
        self.shown: list[tuple[int, int]] = []  # (ticket, message; 0 for the card)
        self.asked: dict[tuple[int, int], Asked] = {}  # strangers' cards, by ticket and person
        self.deaf = False  # Slack takes nothing, and says that it never will
        self.warned: list[tuple[str, Untold]] = []  # (supervisor, what they were told went wrong)
        self.called: list[tuple[int, int]] = []  # (ticket, answer) whose author was told that it did not arrive
        self.greeted: list[tuple[str, str]] = []  # (chat, the greeting)
        self.given: list[tuple[str, int]] = []  # (agent, ticket) of which agents were told that they have it
        self.due: list[tuple[int, str, int]] = []  # (ticket, promise, share of its time) of which rooms were told
        self.steps: list[Step] = []  # what threads were told of tasks
        self.red: list[int] = []  # tickets of which red alerts were put up
        self.pinged: list[tuple[str, int, str]] = []  # (whom, ticket, as what) who were told that a ticket waits
        self.pings: list[Pinged] = []  # the same with all that was said
        self.silent = False  # Slack cannot be reached by those who tell somebody something
        self.offered: list[tuple[str, int]] = []  # (agent, ticket) whom a ticket was offered to
        self.refusing: dict[str, Outcome] = {}  # address -> what the next hop says of it
        self._ids = count(1)
        self._mailed: dict[int, Inbound] = {}  # what came in, understood, by its number in the inbox
        self.drainer = Drainer(self.desk, self._hands(), "the-test")
        self.desk.apply(self.book, "test")
        for user, name in (("ANN", "Ann Walker"), ("JONAS", "Jonas Becker"), ("SAM", "Sam Rivera")):
            mail = f"{name.split()[0].lower()}@desk.example"
            self.desk.remember_colleague(Colleague("T1", user, name, mail, "en-GB", "Europe/London", False, self.now))
        for queue in self.book.queues:
            self.desk.move_in(Room(queue.name, "T1", f"C-{queue.name}", queue.room))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.desk.db.close()

    # What happens

    def mail(self, text: str = "My order has not arrived.", **more: Any) -> int:
        """A mail comes in that goes to a ticket; its number. See `mail_at_all`."""
        number = self.mail_at_all(text, **more)
        assert number is not None
        return number

    def mail_at_all(
        self,
        text: str = "My order has not arrived.",
        *,
        sender: str = "carla@example.com",
        name: str = "Carla Gómez",
        subject: str = "Where is my order?",
        answers: str | None = None,
        to: str = "support@desk.example",
        nature: Nature = Nature.HUMAN,
        key: str | None = None,
        **more: Any,
    ) -> int | None:
        """A mail comes in and is understood; the ticket that it went to, if any. `answers` is the id it replies to."""
        id = more.pop("id", None) or f"<{next(self._ids)}@example.com>"
        inbound = Inbound(
            channel="email",
            sender=Address("email", sender, name),
            door=to,
            external_id=id,
            text=text,
            reply_text=text,
            subject=subject,
            nature=nature,
            report=more.pop("report", DeliveryReport(about=(answers,) if answers else ()))
            if nature.reports_delivery or nature is Nature.ARF
            else None,
            language=language_of(text),
            **{"in_reply_to": answers, "references": (answers,) if answers else (), **more},
        )
        piece = self.desk.accept("email", key or id, sender, {"mail_from": sender}, text.encode())
        if piece is None:
            return None
        self._mailed[piece] = inbound
        return self.desk.receive(piece, inbound)

    def chat(self, text: str, chat: int = 7001, name: str = "Carla", **more: Any) -> int:
        """Somebody writes to the desk's bot, alone with it; the number of the ticket that it goes to."""
        inbound = Inbound(
            channel="telegram",
            sender=Address("telegram", str(chat), name),
            door=BOT,
            external_id=f"1:{chat}:{next(self._ids)}",
            text=text,
            reply_text=text,
            reply_to=str(chat),
            thread=f"1:{chat}",
            language=language_of(text),
            **{"is_direct": True, **more},
        )
        piece = self.desk.accept("telegram", inbound.external_id, str(chat), {}, text.encode())
        assert piece is not None
        self._mailed[piece] = inbound
        number = self.desk.receive(piece, inbound)
        assert number is not None
        return number

    def starts(self, payload: str = "", chat: int = 7001, name: str = "Carla") -> None:
        """Somebody opens a chat with the bot, by a link where there is a payload."""
        piece = self.desk.accept("telegram", f"start:{next(self._ids)}", str(chat), {}, b"/start")
        assert piece is not None
        opened = Chat(BOT, f"1:{chat}", str(chat), payload)
        self.desk.greet(piece, Address("telegram", str(chat), name), opened, "en")

    def later(self, **span: float) -> None:
        """Time passes, and what it calls for is done."""
        self.now += timedelta(**span)
        self.settle()

    def settle(self) -> None:
        """Everything that is due is done, here and now."""
        self.run(look_at_due(self.desk))
        self.run(self.drain_all())
        if self.desk.due_now():  # by a rulebook that was put in force
            self.run(look_at_due(self.desk))
            self.run(self.drain_all())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(work)

    # What one sees

    def ticket(self, number: int) -> Ticket:
        found = self.desk.db.run(lambda tx: tickets.look(tx, number)[0])
        assert self.desk.db.run(lambda tx: tickets.unlike_their_history(tx, [number])) == []
        return found

    def said(self, number: int) -> list[Message]:
        return self.desk.conversation(number)

    def parts_sent(self) -> list[str]:
        return [out.part.value for out in self.sent]

    # The outside, in memory

    def _hands(self) -> Hands:
        async def receive(lease: Lease) -> Record | None:
            heard = self._mailed.get(lease.facts["inbox"])  # what did not come by mail() a test hears by itself
            return self.desk.receive.step(lease.facts["inbox"], heard) if heard else None

        async def deliver(lease: Lease) -> Record | None:
            out = await self.desk.outgoing.soon(lease.facts["message"])
            if out is None:
                return None
            outcomes = [self.refusing.get(one, Outcome(one, 250, "ok")) for one in out.recipients]
            record = self.desk.delivered.step(out.message, outcomes)
            if any(400 <= o.code < 500 for o in outcomes):
                raise Later("put off", record=record)
            if all(o.code < 400 for o in outcomes):
                self.sent.append(out)
            return record

        async def show(lease: Lease) -> Record | None:
            if self.deaf:
                raise GiveUp("invalid_blocks")
            ticket, message = lease.facts["ticket"], lease.facts.get("message", 0)
            card = await self.desk.card.soon(ticket)
            assert card.room is not None
            if stranger := lease.facts.get("stranger"):
                asked = await self.desk.asked.soon(ticket, stranger)
                if not (asked.is_in_turn or asked.place):
                    return None
                self.asked[ticket, stranger] = asked
                place = Place("T1", card.room.room, "0.1", f"{next(self._ids)}.0", "shown")
                return self.desk.asked_at.step(ticket, stranger, asked.place or place)
            self.shown.append((ticket, message))
            known = card.post if not message else (await self.desk.spoken.soon(message)).post
            ts = known.ts if known else f"{next(self._ids)}.0"
            return self.desk.posted.step(Post("T1", card.room.room, ts, ticket, message, "shown"))

        async def tell_failure(lease: Lease) -> Record | None:
            self.called.append((lease.facts["ticket"], lease.facts["message"]))
            return None

        async def warn(lease: Lease) -> Record | None:
            name = lease.facts["supervisor"]
            untold = (await self.desk.troubles.soon(name)).untold
            if untold.first:
                self.warned.append((name, untold))
            return self.desk.told.step(name, untold.end)

        async def act(lease: Lease) -> Record | None:
            return None

        async def greet(lease: Lease) -> Record | None:
            hello = await self.desk.hello.soon(lease.facts["person"], lease.facts["ticket"])
            self.greeted.append((lease.facts["to"], hello.text))
            return None

        async def tell_given(lease: Lease) -> Record | None:
            self.given.append((lease.facts["agent"], lease.facts["ticket"]))
            return None

        async def tell_due(lease: Lease) -> Record | None:
            self.due.append((lease.facts["ticket"], lease.facts["clock"], lease.facts["share"]))
            return None

        async def tell_task(lease: Lease) -> Record | None:
            facts = lease.facts
            step = await self.desk.task_step.soon(facts["ticket"], facts["work"], facts["seq"])
            if step is not None:
                self.steps.append(step)
            return None

        async def tell_offered(lease: Lease) -> Record | None:
            self.offered.append((lease.facts["agent"], lease.facts["ticket"]))
            return None

        async def show_red(lease: Lease) -> Record | None:
            self.red.append(lease.facts["ticket"])
            return self.desk.red_posted.step(lease.facts["ticket"], "C-red", "1.0")

        async def ping(lease: Lease) -> Record | None:
            return await self._told(lease, "slack")

        async def ping_otherwise(lease: Lease) -> Record | None:
            return await self._told(lease, "email")

        return {
            "show-red": Hand(show_red),
            "ping": Hand(ping),
            "ping-otherwise": Hand(ping_otherwise),
            "ping:web": Hand(ping),
            **giving(self.desk),
            "tell-given": Hand(tell_given),
            "tell-offered": Hand(tell_offered),
            "tell-due": Hand(tell_due),
            "tell-task": Hand(tell_task),
            "receive:email": Hand(receive),
            "deliver:email": Hand(deliver),
            "receive:telegram": Hand(receive),
            "deliver:telegram": Hand(deliver),
            "greet:telegram": Hand(greet),
            "show": Hand(show),
            "tell-failure": Hand(tell_failure),
            "warn": Hand(warn),
            "act": Hand(act),
        }

    async def _told(self, lease: Lease, way: str) -> Record | None:
        """Somebody is told that a ticket waits, where that is still so."""
        id = lease.facts["ping"]
        found = await self.desk.pinged.soon(id)
        if found is None:
            return None
        if not found.stands:
            return self.desk.ping_moot.step(id)
        if way == "slack" and self.silent:
            raise Later("Slack is away", timedelta(minutes=5), record=self.desk.ping_failed.step(id, way, "away"))
        if not await self.desk.begin_ping.soon(id, way):
            return None
        self.pinged.append((found.ping.target, found.ping.ticket, found.ping.why))
        self.pings.append(found)
        return self.desk.ping_sent.step(id, way, lease.uncertain)

    async def drain_all(self) -> None:
        """What is due in the ledger is done, on this event loop."""
        before: list[str] | None = None
        while True:
            due = await self.desk.waiting_destinations.soon(self.drainer.kinds)
            ready = [destination for destination, at in due.items() if at <= self.now]
            again = [await self.drainer.drain(destination) for destination in ready]
            heard = any(destination.startswith("in:") for destination in ready)  # which makes work elsewhere
            if not heard and ready == before and not any(at is not None and at <= self.now for at in again):
                return
            before = ready
