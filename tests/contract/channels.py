"""The channels that customers write on, as the contract's questions see them: what differs is only here."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlsplit

import aiosmtplib
import sqlalchemy as sa
from aiohttp import web

from core.engine.apart import Apart
from core.engine.drain import Drainer
from core.engine.hands import Later
from core.storage.schema import tickets
from core.tickets.model import Message, Part
from gateways.email.doors.arrivals import Arrivals
from gateways.email.doors.smtp import Intake
from gateways.email.hands import Mail
from gateways.email.outgoing.send import Relay
from gateways.telegram.client import Client
from gateways.telegram.hands import Telegram
from gateways.telegram.polling import Polling
from gateways.telegram.webhook import Webhook
from gateways.web.hands import Web
from sandbox import Sandbox
from tests.gateways.slack.rooms import ROOM, Rooms, words
from tests.gateways.web.partner import HERE, Hook, Partner, partner_of
from tests.ports import free_port
from tests.world import ANN, World

A_WHILE = timedelta(days=2)
"""What is put off for longer is not waited for."""


SHORT = timedelta(milliseconds=20)
"""How long somebody who dies has a job: PostgreSQL measures it by its own clock."""


class Got(NamedTuple):
    """A message of ours as a customer has it. `id` is the same where the same was sent twice, if the channel can."""

    id: str
    text: str
    files: dict[str, bytes]


class Channel(ABC):
    """A desk that hears and answers on one channel, and customers there: "carla", who speaks English, and "max", who
    speaks German. The desk's clock stands still while nobody waits.
    """

    name: str
    recognises_repeats: bool
    """Whether a customer's own program shows a repeat as the one message that it is."""
    kind: str
    """Of the jobs that send."""

    @property
    def way(self) -> str:
        """The destination of these jobs."""
        return f"out:{self.name}"

    def __init__(self, world: World, box: Sandbox, apart: Apart):
        self.world, self.desk, self.box, self.apart = world, world.desk, box, apart
        self.drainer: Drainer

    async def __aenter__(self) -> Channel:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.apart.close()

    # What customers do and have

    @abstractmethod
    async def writes(
        self, text: str, *, who: str = "carla", answers: str | None = None, files: Sequence[tuple[str, bytes]] = ()
    ) -> None:
        """Say something; `answers` is the id of what was got."""

    @abstractmethod
    async def is_told_again(self) -> None:
        """The channel brings what it brought last once more."""

    @abstractmethod
    def got(self, who: str = "carla") -> list[Got]:
        """What reached a customer, oldest first."""

    @abstractmethod
    async def machine_writes(self, text: str) -> None:
        """Something that nobody wrote by hand comes in."""

    @abstractmethod
    def has_spoken(self) -> bool:
        """Whether anything of ours has reached anybody."""

    # What goes wrong

    @abstractmethod
    async def shuts_out(self, who: str = "carla") -> None:
        """Nothing reaches this customer any more, for good."""

    @abstractmethod
    async def is_busy(self) -> None:
        """The next thing that is sent is refused for now."""

    @abstractmethod
    async def loses_answers(self) -> None:
        """The next thing that is sent arrives, and we do not hear so."""

    # What the desk does

    @abstractmethod
    async def hears(self) -> None:
        """What came is kept."""

    async def works(self) -> None:
        """Hear what came, and do what is due, until nothing is for a while; time passes as far as something waits."""
        await self.hears()
        end = self.world.now + A_WHILE
        while True:
            again = await self.drains()
            if again is None or again > end:
                return
            self.world.now = max(self.world.now, again)

    async def drains(self) -> Any:
        """Do what is due now; when to come back."""
        again: list[Any] = []
        for _ in range(30):
            due = await self.desk.waiting_destinations.soon(self.drainer.kinds)
            ready = [destination for destination, at in due.items() if at <= self.world.now]
            again = [at for at in due.values() if at > self.world.now]
            back = [await self.drainer.drain(destination) for destination in ready]
            again += [at for at in back if at is not None and at > self.world.now]
            if not ready or all(at is not None and at > self.world.now for at in back):
                break
        return min(again, default=None)

    async def replies(self, number: int, text: str, **more: Any) -> None:
        """Ann answers, and it has left, unless something keeps it."""
        await self.desk.reply.soon(number, ANN, text, **more)
        await self.works()

    async def dies_after_sending(self, number: int, text: str) -> None:
        """Ann answers; whoever sends it dies when it has left and before that is written down."""
        await self.desk.reply.soon(number, ANN, text)
        await self.drains()  # what stands before it in its lane
        self.world.now += timedelta(seconds=10)
        hand = self.drainer.hands[self.kind]
        found = await self.desk.claim_jobs.soon(self.way, {self.kind: 1}, "who-dies", SHORT, frozenset())
        assert found.leases
        for lease in found.leases:
            with contextlib.suppress(Later):  # it dies before it could say so
                await hand.do(lease)
        await self.is_over()

    async def is_over(self) -> None:
        """The lease of whoever died is over, by whichever clock."""
        await asyncio.sleep(SHORT.total_seconds() * 2)
        self.world.now += timedelta(minutes=1)

    async def said(self, number: int, part: Part | None = None) -> list[Message]:
        return [one for one in await self.desk.conversation.soon(number) if part in (None, one.part)]

    async def heard(self, number: int) -> list[str]:
        return [one.reply_text for one in await self.said(number, Part.REQUESTER)]

    def tickets(self) -> int:
        """How many there are."""
        return self.desk.db.run(lambda tx: tx.sql.execute(sa.select(sa.func.count()).select_from(tickets)).scalar_one())


class ByMail(Channel):
    name, kind, recognises_repeats = "email", "deliver:email", True
    people: ClassVar = {"carla": "carla@example.com", "max": "max@example.org"}

    def __init__(self, world: World, box: Sandbox, apart: Apart):
        super().__init__(world, box, apart)
        arrivals = Arrivals(self.desk, 0)
        self.mail = Mail(self.desk, {"": Relay("127.0.0.1", box.mail_port, tls="none")}, apart, arrivals)
        self.drainer = Drainer(self.desk, {**world.drainer.hands, **self.mail.hands}, "the-contract")
        self.intake = Intake(
            address=("127.0.0.1", 0),
            hostname="desk.example",
            serves=arrivals.serves,
            accept=arrivals.keep,
            now=lambda: world.now,
        )
        self._last: bytes = b""

    async def __aenter__(self) -> ByMail:
        await self.intake.start()
        self.box.desk_mail = ("127.0.0.1", self.intake.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.intake.stop()
        await self.mail.close()
        await self.apart.close()

    async def writes(
        self, text: str, *, who: str = "carla", answers: str | None = None, files: Sequence[tuple[str, bytes]] = ()
    ) -> None:
        to, more = "support@desk.example", {}
        if answers is not None:
            ours = next(mail for mail in self.box.mails(self.people[who]) if mail["message_id"] == answers)
            to, more = ours["reply_to"] or ours["from"], {"in_reply_to": answers, "references": [answers]}
        packed = [{"name": name, "type": "application/pdf", "base64": _packed(data)} for name, data in files]
        sent = await self.box.mail(self.people[who], to, "A matter", text, attachments=packed, **more)
        assert sent["status"] == "accepted", sent
        self._last = self.box.mail_bytes(sent["id"])

    async def is_told_again(self) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=self.intake.port, start_tls=False) as client:
            await client.sendmail(self.people["carla"], ["support@desk.example"], self._last)

    def got(self, who: str = "carla") -> list[Got]:
        found = [mail for mail in self.box.mails(self.people[who]) if mail["direction"] == "received"]
        return [
            Got(
                mail["message_id"],
                mail["text"],
                {
                    part["name"]: self.box._mailboxes.part(mail["id"], n)[2]  # pyright: ignore[reportPrivateUsage]
                    for n, part in enumerate(mail["attachments"])
                },
            )
            for mail in found
        ]

    def has_spoken(self) -> bool:
        mailboxes = [box["address"] for box in self.box.state()["mailboxes"]]
        return any(mail["direction"] == "received" for box in mailboxes for mail in self.box.mails(box))

    async def machine_writes(self, text: str) -> None:
        raw = (
            "From: robot@example.com\r\nTo: support@desk.example\r\nSubject: Out of office\r\n"
            f"Message-ID: <1@robot>\r\nAuto-Submitted: auto-replied\r\n\r\n{text}\r\n"
        )
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=self.intake.port, start_tls=False) as client:
            await client.sendmail("robot@example.com", ["support@desk.example"], raw.encode())

    async def shuts_out(self, who: str = "carla") -> None:
        await self.box.set_faults(mail_refuse={self.people[who]: "550 5.1.1 No such user"})

    async def is_busy(self) -> None:
        await self.box.set_faults(mail_tempfail={self.people["carla"]: 1})

    async def loses_answers(self) -> None:
        await self.box.set_faults(mail_lose_replies=1)

    async def hears(self) -> None:
        """It is kept before its sender is told so."""


class ByTelegram(Channel):
    name, kind, recognises_repeats = "telegram", "deliver:telegram", False
    people: ClassVar = {"carla": 20000003, "max": 20000002}

    def __init__(self, world: World, box: Sandbox, apart: Apart):
        super().__init__(world, box, apart)
        self.client = Client(box.telegram_token, box.telegram_api_url)
        telegram = Telegram(self.desk, self.client, apart)
        self.polling = Polling(self.desk, self.client, "the-contract")
        self.drainer = Drainer(self.desk, {**world.drainer.hands, **telegram.hands}, "the-contract")
        self._last: dict[str, Any] = {}

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()
        await self.apart.close()

    async def writes(
        self, text: str, *, who: str = "carla", answers: str | None = None, files: Sequence[tuple[str, bytes]] = ()
    ) -> None:
        phone, to = self.people[who], int(answers) if answers else None
        if files:
            packed = [{"name": name, "type": "application/pdf", "base64": _packed(data)} for name, data in files]
            await self.box.phone_send(phone, packed, caption=text, reply_to=to)
        else:
            await self.box.phone_write(phone, text, reply_to=to)
        self._last = dict(self.box.telegram.updates)

    async def is_told_again(self) -> None:
        for key, update in self._last.items():
            self.box.telegram._journal.put("updates", key, update)  # pyright: ignore[reportPrivateUsage]

    def got(self, who: str = "carla") -> list[Got]:
        telegram = self.box.telegram
        found = [one for one in telegram.of(self.people[who]) if one["from"]["is_bot"]]
        return [Got(str(one["message_id"]), one.get("text", ""), self._files(one)) for one in found]

    def _files(self, message: dict[str, Any]) -> dict[str, bytes]:
        file = message.get("document")
        if file is None:
            return {}
        return {file["file_name"]: self.box.telegram.bytes_of(self.box.telegram.files[file["file_id"]])}

    def has_spoken(self) -> bool:
        us = self.box.telegram.bot["id"]
        return any(one["from"]["id"] == us for one in self.box.telegram.messages.values())

    async def machine_writes(self, text: str) -> None:
        robot = {"id": 99, "is_bot": True, "first_name": "Robot"}
        group = await self.box.new_group("Machines", [self.people["carla"]])
        message = self.box.telegram.said(group["chat"], robot, text=f"@{self.box.telegram.bot['username']} {text}")
        self.box.telegram.tell_bot(message=message)

    async def shuts_out(self, who: str = "carla") -> None:
        await self.box.phone_block(self.people[who], True)

    async def is_busy(self) -> None:
        await self.box.set_faults(telegram_limit_next=1, telegram_limit_seconds=30)

    async def loses_answers(self) -> None:
        await self.box.set_faults(telegram_lose_answers=1)

    async def hears(self) -> None:
        follower = await self.desk.follow.soon(f"telegram:{self.client.id}", "the-contract", timedelta(days=9))
        assert follower is not None
        while self.box.telegram.updates:
            await self.polling.ask(follower, wait=0)
            await asyncio.sleep(0)


class ByTelegramsWebhook(ByTelegram):
    """The same bot, to which Telegram brings what comes."""

    async def __aenter__(self) -> ByTelegramsWebhook:
        app = web.Application()
        self._served = web.AppRunner(app)
        url = f"http://127.0.0.1:{free_port()}"
        self.webhook = Webhook(self.desk, self.client, "the-contract", url)
        self.webhook.add_to(app)
        await self._served.setup()
        await web.TCPSite(self._served, "127.0.0.1", urlsplit(url).port).start()
        await self.webhook.look()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._served.cleanup()
        await super().__aexit__()

    async def is_told_again(self) -> None:
        await super().is_told_again()
        self.box.telegram.came.set()

    async def hears(self) -> None:
        await self.box.until(lambda: not self.box.telegram.updates)


class ByWeb(Channel):
    """A partner who brings what people write, each in a thread of their own, and takes webhooks for them."""

    name, kind, recognises_repeats = "web", "deliver:web", True
    partner: Partner

    @property
    def way(self) -> str:
        return "out:web/shop"

    def __init__(self, world: World, box: Sandbox, apart: Apart):
        super().__init__(world, box, apart)
        self.web = Web(self.desk, apart, HERE)
        self.drainer = Drainer(self.desk, {**world.drainer.hands, **self.web.hands}, "the-contract")
        self._around = contextlib.AsyncExitStack()
        self._last: dict[str, Any] = {}

    async def __aenter__(self) -> ByWeb:
        self.partner = await self._around.enter_async_context(partner_of(self.desk))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.web.close()
        await self._around.aclose()
        await self.apart.close()

    async def writes(
        self, text: str, *, who: str = "carla", answers: str | None = None, files: Sequence[tuple[str, bytes]] = ()
    ) -> None:
        said: dict[str, Any] = {"thread": who, "key": f"{who}-{next(self.partner.keys)}"}
        if answers is not None:
            said["in_reply_to"] = next(hook.data["message"]["id"] for hook in self.partner.hooks if hook.id == answers)
        if files:
            said["files"] = [
                {"name": name, "type": "application/pdf", "content": _packed(data)} for name, data in files
            ]
        self._last = {"text": text, **said}
        await self.partner.brings(**self._last)

    async def is_told_again(self) -> None:
        await self.partner.brings(**self._last)

    def got(self, who: str = "carla") -> list[Got]:
        mine = [hook for hook in self.partner.told() if hook.thread == who]
        return [Got(hook.id, hook.text, self._files(hook)) for hook in mine]

    def _files(self, hook: Hook) -> dict[str, bytes]:
        return {file["name"]: self.partner.files[file["href"]] for file in hook.data["message"]["files"]}

    def has_spoken(self) -> bool:
        return bool(self.partner.hooks)

    async def machine_writes(self, text: str) -> None:
        await self.partner.brings(text, written_by="autoresponder")

    async def shuts_out(self, who: str = "carla") -> None:
        self.partner.shut.add(who)

    async def is_busy(self) -> None:
        self.partner.answers.append(web.Response(status=429, headers={"Retry-After": "30"}))

    async def loses_answers(self) -> None:
        self.partner.answers.append("lost")

    async def hears(self) -> None:
        """It is kept before the partner is told so."""


class ByRoom(Channel):
    name, kind, recognises_repeats = "slack", "deliver:slack", True

    def __init__(self, world: World, box: Sandbox, apart: Apart):
        super().__init__(world, box, apart)
        self.rooms = Rooms(world, box, apart)
        self.drainer = self.rooms.drainer
        self._last: list[dict[str, Any]] = []

    async def __aenter__(self) -> ByRoom:
        await self.rooms.open()
        await self.rooms.comes("Max Weber")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.rooms.close()
        await self.apart.close()

    async def writes(
        self, text: str, *, who: str = "carla", answers: str | None = None, files: Sequence[tuple[str, bytes]] = ()
    ) -> None:
        packed = [{"name": name, "type": "application/pdf", "base64": _packed(data)} for name, data in files]
        thread = self._message(answers)["thread_ts"] if answers else None
        if packed:
            await self.rooms.says(text, who=who, thread=thread, files=packed)
        else:
            await self.rooms.types(text, who, thread)

    async def is_told_again(self) -> None:
        for one in self._last:
            await self.rooms.arriving.takes(one)

    def got(self, who: str = "carla") -> list[Got]:
        theirs = {one["ts"] for one in self.box.spoken(ROOM) if one.get("user") == self.rooms.people[who]}
        found = [one for one in self.rooms.ours() if one.get("thread_ts") in theirs]
        return [Got(one["ts"], words(one), self._files(one)) for one in found]

    def _files(self, message: dict[str, Any]) -> dict[str, bytes]:
        return {one["name"]: self.box.slack.files.data(one["id"]) for one in message.get("files", ())}

    def _message(self, ts: str) -> dict[str, Any]:
        return next(one for one in self.box.spoken(ROOM) if one["ts"] == ts)

    def has_spoken(self) -> bool:
        return bool(self.rooms.ours())

    async def machine_writes(self, text: str) -> None:
        robot = {"text": text, "bot_id": "B0ROBOT", "user": "U0ROBOT", "subtype": "bot_message"}
        self.box.slack.messages.post(self.box.room(ROOM), robot)

    async def shuts_out(self, who: str = "carla") -> None:
        self.box.slack.rooms.archive(self.box.room(ROOM), "U0SAM")

    async def is_busy(self) -> None:
        await self.box.set_faults(rate_limit_next=1, rate_limit_seconds=30)

    async def loses_answers(self) -> None:
        await self.box.set_faults(lose_answers={"chat.postMessage": 1})

    async def hears(self) -> None:
        told = self.rooms.told()
        self._last = [one for one in told if one["event"].get("type") == "message"] or self._last
        for one in told:
            await self.rooms.arriving.takes(one)


def _packed(data: bytes) -> str:
    return base64.b64encode(data).decode()


CHANNELS: dict[str, type[Channel]] = {
    "email": ByMail,
    "telegram": ByTelegram,
    "telegram-webhook": ByTelegramsWebhook,
    "web": ByWeb,
    "slack": ByRoom,
}
