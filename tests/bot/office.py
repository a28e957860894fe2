"""An office to test in: a Slack workspace on this machine, a desk on SQLite, and the bot between them, all real."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import SecretStr

from bot.app import Bot
from bot.hands import hands
from core.desk import Desk
from core.desk.opening import open_desk, wall_clock
from core.desk.outlets import Outlets
from core.engine.cron import Cron
from core.engine.drain import Drainer
from core.engine.embedded import Embedded
from core.engine.giving import hands as giving
from core.engine.hands import Hand, Hands, Record
from core.rulebook import Rulebook, parse_toml
from core.settings import Settings
from core.storage.ledger import Lease, State
from core.tickets.inspected import Inspected
from core.tickets.model import Address, DeliveryReport, File, Inbound, Nature, Outcome, Outgoing, Part, Ticket, Vouched
from gateways.email.envelope import Envelope
from gateways.email.reading.looking import inspect, inspect_head
from gateways.email.reading.parse import heard
from gateways.slack.wire import Slack
from gateways.slack.wire.manifest import PATH as MANIFEST
from sandbox import Sandbox
from sandbox.errors import Json
from tests.patience import PATIENCE, UNHURRIED
from tests.world import RULEBOOK, language_of

T = TypeVar("T")

ANN, JONAS, SAM = "U0ANN", "U0JONAS", "U0SAM"
ROOM = "desk-support"


class Office:
    """Leave it as you found it: `async with Office(url, folder) as office`. Pieces can be left out to test others."""

    def __init__(
        self,
        url: str,
        folder: Path,
        rulebook: str = RULEBOOK,
        *,
        undo_for: float = 30.0,
        outlets: Outlets | None = None,
        **slack: Any,
    ):
        self.ahead = timedelta(0)
        self.desk: Desk = open_desk(
            url,
            folder,
            clock=lambda: wall_clock() + self.ahead,
            undo_for=timedelta(seconds=undo_for),
            outlets=outlets,
        )
        self.book: Rulebook = parse_toml(rulebook, "desk.toml")
        self.sandbox = Sandbox(**{"manifest": MANIFEST, "tiers": False, **UNHURRIED, **slack})
        self.sent: list[Outgoing] = []
        self.refusing: dict[str, str] = {}  # address -> the other side's words
        self.may_look = asyncio.Event()
        self.may_look.set()
        self.vouched: dict[bytes, Vouched] = {}  # mails of which somebody knows where they come from
        self.unreadable: dict[bytes, str] = {}  # mails that cannot be read, and why
        self._ids = count(1)

    async def __aenter__(self) -> Self:
        await self.desk.apply.soon(self.book, "test")
        await self.sandbox.__aenter__()
        self.slack = Slack(self.sandbox.bot_token, self.sandbox.slack_api_url)
        self.settings = Settings(
            _env_file=None,  # pyright: ignore[reportCallIssue]
            slack_bot_token=SecretStr(self.sandbox.bot_token),
            slack_app_token=SecretStr(self.sandbox.app_token),
            slack_signing_secret=SecretStr(self.sandbox.signing_secret),
            slack_api_url=self.sandbox.slack_api_url,
        )
        self.bot = Bot(self.desk, self.slack, self.settings, self.look)
        self.runner = Embedded(self.desk, Drainer(self.desk, self.hands(), "office"), Cron(self.desk, {}))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.bot.stop()
        await self.runner.stop()
        await self.slack.close()
        await self.sandbox.__aexit__()
        self.desk.db.close()

    def hands(self) -> Hands:
        async def deliver(lease: Lease) -> Record | None:
            out = await self.desk.outgoing.soon(lease.facts["message"])
            if out is None:
                return None
            self.sent.append(out)
            outcomes = [
                Outcome(one, 550, self.refusing[one]) if one in self.refusing else Outcome(one, 250, "ok")
                for one in out.recipients
            ]
            return self.desk.delivered.step(out.message, outcomes)

        async def receive(lease: Lease) -> Record | None:
            found = await self.desk.piece.soon(lease.facts["inbox"])
            if found is None or not found[0].envelope:
                return None  # `mail` has understood it already
            piece, raw = found
            if raw in self.unreadable:
                return self.desk.keep_out.step(piece.id, "unreadable", self.unreadable[raw])
            inbound = heard(raw, Envelope.from_json(dict(piece.envelope)))
            known = piece.vouched if piece.state == "admitted" else self.vouched.get(raw, inbound.vouched)
            return self.desk.receive.step(piece.id, replace(inbound, vouched=known))

        async def leave(_lease: Lease) -> Record | None:
            """Nothing is understood or learnt here by itself: a test says what was."""
            return None

        return {
            **hands(self.slack, self.desk, self.look),
            **giving(self.desk),
            "understand": Hand(leave),
            "learn": Hand(leave),
            "deliver:email": Hand(deliver),
            "receive:email": Hand(receive),
        }

    async def look(self, raw: bytes, problem: str) -> Inspected:
        """As the desk does, but in this process; only while `may_look` is set."""
        await self.may_look.wait()
        return inspect_head(raw, problem) if problem else inspect(raw)

    async def open(self) -> Self:
        """Everything runs: rooms stand, the socket is connected, jobs are done."""
        await self.bot.start()
        await self.runner.start()
        await asyncio.wait_for(self.bot.connected.wait(), PATIENCE)
        await self.until(lambda: all(self._is_staffed(place.room) for place in self.book.rooms))
        await self.eventually(lambda: self._moved_in())
        return self

    def _is_staffed(self, name: str) -> bool:
        """Whether a room is there, with the desk's people in it."""
        staff = {"U0ANN", "U0JONAS", "U0SAM"}
        return any(room["name"] == name and staff <= set(room["members"]) for room in self.sandbox.rooms)

    async def _moved_in(self) -> bool:
        return len(await self.desk.rooms.soon()) == len(self.book.rooms)

    # What happens

    def is_left_waiting_for(self, seconds: float) -> None:
        """From now on Slack waits so long for an acknowledgement."""
        self.sandbox.slack.deliveries.ack_seconds = seconds

    async def mail(
        self,
        text: str = "My order has not arrived.",
        *,
        sender: str = "carla@example.com",
        name: str = "Carla Gómez",
        subject: str = "Where is my order?",
        answers: str | None = None,
        nature: Nature = Nature.HUMAN,
        reply_to: str | None = None,
        files: tuple[File, ...] = (),
        copied: tuple[Address, ...] = (),
        **more: Any,
    ) -> int:
        """A customer writes; the ticket."""
        id = f"<{next(self._ids)}@example.com>"
        inbound = Inbound(
            channel="email",
            sender=Address("email", sender, name),
            door="support@desk.example",
            external_id=id,
            text=text,
            reply_text=text,
            subject=subject,
            nature=nature,
            reply_to=reply_to,
            in_reply_to=answers,
            references=(answers,) if answers else (),
            report=DeliveryReport(about=(answers,) if answers else ()) if nature.reports_delivery else None,
            language=language_of(text),
            files=files,
            copied=copied,
            **more,
        )
        piece = await self.desk.accept.soon("email", id, sender, {}, text.encode("utf-8", "replace"))
        assert piece is not None
        number = await self.desk.receive.soon(piece, inbound)
        assert number is not None
        return number

    async def come_in(self, raw: bytes, sender: str) -> int:
        """A mail comes in as it is, and is understood; its number in the inbox."""
        envelope = Envelope(sender, ("support@desk.example",), "192.0.2.7", "mx", "", self.desk.db.clock())
        id = await self.desk.accept.soon("email", f"came {next(self._ids)}", sender, envelope.to_json(), raw)
        assert id is not None

        async def understood() -> bool:
            return await self.desk.piece.soon(id) is None

        await self.eventually(understood)
        return id

    async def card_of(self, number: int) -> Json:
        """A ticket's card, once it stands and the desk knows."""
        card = await self.until(lambda: self.find_card(number))
        await self.eventually(lambda: self._knows(number))
        return card

    async def _knows(self, number: int) -> bool:
        post = (await self.desk.card.soon(number)).post
        return post is not None and self.find_card(number) is not None

    async def click(self, user: str, number: int, action: str, **more: Any) -> None:
        """Click on a ticket's card, once that offers it."""
        await self.card_of(number)
        card = await self.until(lambda: self._offering(number, action))
        chosen: Json | str = {"action_id": action, **more} if more else action
        await self.sandbox.click(user, chosen, room=self.room_of(card), ts=card["ts"])

    def _offering(self, number: int, action: str) -> Json | None:
        card = self.find_card(number)
        return card if card and action in buttons_of(card) else None

    async def modal(self, user: str, callback: str | None = None) -> Json:
        """The window that somebody has open, once it is."""

        def topmost() -> Json | None:
            stack = self.sandbox.views.get(user) or []
            return stack[-1] if stack and (callback is None or stack[-1]["callback_id"] == callback) else None

        return await self.until(topmost)

    async def answer(self, user: str, number: int, text: str, then: str = "wait") -> None:
        """Answer a ticket's customer through the window."""
        await self.click(user, number, "reply")
        await self.submit(user, await self.modal(user, "reply"), text, then)

    async def submit(self, user: str, view: Json, text: str, then: str = "wait") -> Json:
        return await self.sandbox.submit(user, view["id"], filled(view, text, then))

    # What one sees

    @property
    def posts(self) -> list[Json]:
        """Everything that stands in the desk's rooms, oldest first."""
        rooms = [room["id"] for room in self.sandbox.rooms if room["name"].startswith("desk-")]
        return [message for room in rooms for message in self.sandbox.messages(room)]

    @property
    def answers(self) -> list[Outgoing]:
        """What agents' words went out, oldest first."""
        return [out for out in self.sent if out.part is Part.REPLY]

    def find_card(self, number: int) -> Json | None:
        """The newest card of a ticket."""
        return next((m for m in reversed(self.posts) if key_of(m) == f"card:{number}"), None)

    def in_thread(self, number: int) -> list[Json]:
        """What stands in the thread of a ticket's card."""
        card = self.find_card(number)
        return [m for m in self.posts if card and m.get("thread_ts") == card["ts"] and m["ts"] != card["ts"]]

    def room_of(self, message: Json) -> str:
        return next(
            room["id"]
            for room in self.sandbox.rooms
            if any(m["ts"] == message["ts"] for m in self.sandbox.messages(room["id"]))
        )

    def whispers(self, user: str) -> list[str]:
        """What only this person was told, newest last: ephemeral messages, then direct ones."""
        direct = [room["id"] for room in self.sandbox.rooms if room["is_im"] and user in room["members"]]
        said = [item for item in self.sandbox.ephemeral if item["user"] == user]
        written = [m for room in direct for m in self.sandbox.messages(room)]
        return [words_of(item) for item in (*said, *written)]

    async def ticket(self, number: int) -> Ticket:
        return (await self.desk.card.soon(number)).ticket

    # How one waits

    async def until(self, look: Callable[[], T | None], within: float = PATIENCE) -> T:
        return await self.sandbox.until(look, within)

    async def eventually(self, look: Callable[[], Coroutine[Any, Any, T]], within: float = PATIENCE) -> T:
        """Wait until something of the desk's is true, looking often."""
        async with asyncio.timeout(within):
            while not (found := await look()):  # noqa: ASYNC110 - the store rings no bell for onlookers
                await asyncio.sleep(0.01)
            return found

    async def told(self, user: str, words: str) -> str:
        """Wait until somebody was told this."""
        return await self.until(lambda: next((said for said in self.whispers(user) if words in said), None))

    async def quiet(self) -> None:
        """Wait until nothing is left to do now."""

        async def idle() -> bool:
            await self.bot.dispatcher.finish()
            now = self.desk.db.clock()
            heads = {job.lane: job for job in reversed(await self.desk.jobs.soon()) if job.state < State.GIVEN_UP}
            return all(job.due > now and job.state == State.WAITING for job in heads.values())

        try:
            await self.eventually(idle)
        except TimeoutError:
            raise AssertionError(f"still to be done: {await self.desk.jobs.soon()}") from None

    async def later(self, seconds: float) -> None:
        """Time passes."""
        self.ahead += timedelta(seconds=seconds)
        for job in await self.desk.jobs.soon():
            self.runner.wake(job.destination, self.desk.db.clock())
        await self.quiet()


def key_of(message: Json) -> str | None:
    return (message.get("metadata") or {}).get("event_payload", {}).get("key")


def words_of(item: Json) -> str:
    """Every word in a message or view, as one reads it."""
    found: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("text"), str):
                found.append(part["text"])
            if part.get("type") == "date":
                found.append(part["fallback"])
            for name, value in part.items():
                if name not in ("metadata", "state", "private_metadata"):
                    walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(item.get("blocks") or item.get("text"))
    return "\n".join(found) if found else str(item.get("text") or "")


def buttons_of(item: Json) -> list[str]:
    """The actions that something offers."""
    return [
        element["action_id"]
        for block in item.get("blocks", ())
        for element in (*block.get("elements", ()), block.get("accessory"))
        if isinstance(element, dict) and element.get("action_id")
    ]


def put_in(name: str, content: bytes, type: str = "application/octet-stream") -> Json:
    """A file from somebody's own machine, as a file input takes it."""
    return {"name": name, "type": type, "base64": base64.b64encode(content).decode()}


def filled(
    view: Json,
    text: str,
    then: str | None = None,
    copied: Collection[str] | None = None,
    files: Sequence[Json] = (),
    handed: Collection[str] | None = None,
) -> Json:
    """A window's inputs with something written into them, people picked who get copies, files put in.

    `handed` are the names of those picked that lie in Slack already.
    """
    values: Json = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        if element["action_id"] == "text":
            values[block["block_id"]] = {"text": {"value": text}}
        elif element["action_id"] == "copied":
            if copied is not None:
                picked = [o for o in element["options"] if o["value"] in copied]
                values[block["block_id"]] = {"copied": {"selected_options": picked}}
        elif element["action_id"] == "files":
            if files:
                values[block["block_id"]] = {"files": {"files": list(files)}}
        elif element["action_id"] == "handed":
            if handed is not None:
                picked = [o for o in element["options"] if o["text"]["text"].partition(" (")[0] in handed]
                values[block["block_id"]] = {"handed": {"selected_options": picked}}
        elif element["action_id"] == "then" and then is not None:
            chosen = next(o for o in element["options"] if o["value"] == then)
            values[block["block_id"]] = {"then": {"selected_option": chosen}}
    return values
