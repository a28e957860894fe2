"""What customers said in Slack, understood: whose words they are, and which ticket they are about, if any."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from core.desk import Desk
from core.engine.apart import Apart, GaveOutError
from core.engine.hands import Later, Record, both
from core.routing import signals
from core.rulebook import Agent, CustomersRoom, Opening, Rulebook
from core.rulebook.model import DIRECT
from core.storage.customers_rooms import Seat
from core.storage.ledger import Lease
from core.storage.people import Colleague
from core.tickets.model import Address, By, File, Inbound
from gateways.slack.keeping import keep, lane_of, later, told
from gateways.slack.reading import (
    CHANNEL,
    Deleted,
    Nothing,
    Said,
    Wanted,
    deleted,
    external_id,
    read,
    said_at,
    said_when,
    thread_key,
)
from gateways.slack.wire import Gone, RateLimited, Refused, Slack, SlackError, Unreachable
from gateways.slack.wire.people import ask, is_stale
from gateways.slack.wire.plain import mentioned, spoken
from gateways.slack.writing import asking

log = logging.getLogger(__name__)

WITHOUT_FILES = 6
"""After so many attempts words come into their ticket without a file that Slack does not give."""

LARGEST = 20 * 1024 * 1024
"""Bytes of a file that is fetched: what customers in chats are told."""

OVERTAKING = 3
"""Attempts in which what was said before is heard first."""

USUAL_GROUP = timedelta(minutes=10)


class Speaker(NamedTuple):
    """Whoever said something: as the workspace has them, and the agent they are."""

    known: Colleague | None
    agent: Agent | None
    room: CustomersRoom | None
    """The room as the rulebook has it; None: customers open nothing there any more."""

    @property
    def is_inside(self) -> bool:
        """Whether they are of our own workspace, and no guest in it."""
        return self.known is not None and not self.known.outside


class Hearing:
    """Understands what came."""

    def __init__(self, desk: Desk, slack: Slack, apart: Apart):
        self.desk, self.slack = desk, slack
        self._apart = apart
        self._large = asyncio.Semaphore(2)  # how many messages with files are in memory at once

    async def receive(self, lease: Lease) -> Record | None:
        """Hear one thing. What was said before it and came after it is heard first; this one is tried again then."""
        first = await self._overtaken(lease)
        if first is None:
            return await self._receive(lease)
        record = await self._receive(replace(lease, facts={**lease.facts, "inbox": first}))
        raise Later("what was said before it comes first", timedelta(0), counts=False, record=record)

    async def _overtaken(self, lease: Lease) -> int | None:
        """What stands behind this and was said before it. Where that cannot be heard, it is not waited for."""
        if lease.attempts > OVERTAKING:
            return None
        behind = await self.desk.keys_behind.soon(lease.lane)
        if not behind:
            return None
        came = await self.desk.piece.soon(lease.facts["inbox"])
        mine = said_when(came[0].key) if came else None
        if mine is None:
            return None
        said = [(when, id) for id, key in behind if (when := said_when(key)) is not None and when < mine]
        return min(said)[1] if said else None

    async def _receive(self, lease: Lease) -> Record | None:
        id = lease.facts["inbox"]
        came = await self.desk.piece.soon(id)
        if came is None:
            return None
        piece, raw = came
        body = json.loads(raw)
        seat = await self.desk.seat_of.soon(body["seat"])
        assert seat is not None
        heard = read(body)
        match heard:
            case Said():
                return await self._said(lease, seat, heard, is_admitted=piece.state == "admitted")
            case Wanted():
                return await self._wanted(id, seat, heard)
            case Deleted(ts=ts):
                return self.desk.retract.step(id, CHANNEL, external_id(seat.number, ts))
            case Nothing(reason=reason):
                return self.desk.set_aside.step(id, reason)

    async def _said(self, lease: Lease, seat: Seat, heard: Said, *, is_admitted: bool) -> Record:
        """Words. `is_admitted`: somebody wants a ticket of them, whatever they are."""
        id = lease.facts["inbox"]
        own = external_id(seat.number, heard.ts)
        if await self.desk.has_come.soon(CHANNEL, deleted(seat.number, heard.ts)):
            return self.desk.set_aside.step(id, "it was deleted before it was understood")
        if heard.edited is None and await self.desk.was_said.soon(CHANNEL, own):
            return self.desk.set_aside.step(id, "it was heard with later words already")
        speaker = await self._speaker(seat, heard)
        going = await self._thread_of(seat, heard, speaker)
        if speaker.agent is not None or (seat.shared and speaker.is_inside and not is_admitted):
            return await self._ours_said(lease, seat, heard, speaker, going)
        inbound = await self._inbound(lease, seat, heard, speaker, going)
        if going is None and not is_admitted:
            if reason := self._opens_nothing(speaker, inbound):
                return self.desk.set_aside.step(id, reason)
            if speaker.room is not None and speaker.room.opens is Opening.ASKED:
                return await self._ask(id, seat, heard, inbound)
        return self.desk.receive.step(id, inbound)

    def _opens_nothing(self, speaker: Speaker, inbound: Inbound) -> str | None:
        """Why something that is about no ticket opens none; None where it does."""
        if speaker.room is None:
            return "customers are not heard in this room any more"
        if not inbound.text and not inbound.brings_files and not inbound.not_had:
            return "it says nothing"
        names = (inbound.sender.name,)
        if not inbound.brings_files and signals.pleasantry(inbound.text, names):
            return "it is a greeting or thanks, and about no ticket"
        return None

    async def _ours_said(self, lease: Lease, seat: Seat, heard: Said, speaker: Speaker, going: str | None) -> Record:
        """Words of one of us, where customers read them: an agent's are an answer, a colleague's are told to agents."""
        id = lease.facts["inbox"]
        if going is None or (speaker.agent is None and heard.edited is not None):
            return self.desk.set_aside.step(id, "one of us said it, about no ticket")
        inbound = await self._inbound(lease, seat, heard, speaker, going)
        if speaker.agent is None:
            return self.desk.note_there.step(id, By(heard.person), inbound)
        if inbound.edited:
            return self.desk.revise_there.step(id, inbound)
        return self.desk.answer_there.step(id, By(heard.person), inbound)

    async def _ask(self, id: int, seat: Seat, heard: Said, inbound: Inbound) -> Record:
        """Ask whoever said it whether it shall be a ticket, once, where nobody else sees it."""
        if heard.edited and await self.desk.has_come.soon(CHANNEL, said_at(seat.number, heard.ts)):
            return self.desk.set_aside.step(id, "its writer was asked about it before it was changed")
        text, blocks = asking(heard.ts, inbound.language)
        try:
            await self.slack.whisper(seat.room, heard.person.rpartition(":")[2], text, blocks, heard.thread)
        except (Gone, Refused) as deaf:
            log.warning("nobody could be asked whether to open a ticket: %s", deaf)
        except SlackError as error:
            raise later(error) from error
        return self.desk.ask_first.step(id)

    async def _wanted(self, id: int, seat: Seat, heard: Wanted) -> Record:
        """Somebody wants what was said to be a ticket, or not. An agent is told where it is."""
        await self._take_away(heard)
        if not heard.is_wanted:
            return self.desk.set_aside.step(id, "its writer wants no ticket of it")
        opening = await self._opening(id, seat, heard)
        _, agent, _ = await self._who(heard.person)
        if agent is None:
            return opening
        own, key = external_id(seat.number, heard.ts), said_at(seat.number, heard.ts)
        return both(opening, self.desk.tell_opener.step(heard.person, CHANNEL, own, key))

    async def _opening(self, id: int, seat: Seat, heard: Wanted) -> Record:
        if await self.desk.was_said.soon(CHANNEL, external_id(seat.number, heard.ts)):
            return self.desk.set_aside.step(id, "it is in a ticket already")
        key = said_at(seat.number, heard.ts)
        if not await self.desk.has_come.soon(CHANNEL, key) and not await self._fetched(seat, heard.ts):
            return self.desk.set_aside.step(id, "no person said it, or it is gone")
        return self.desk.open_after_all.step(id, CHANNEL, key, lane_of(seat), "somebody wants a ticket of it")

    async def _take_away(self, heard: Wanted) -> None:
        """The question is answered. That it goes away is a courtesy."""
        if heard.answer is not None:
            try:
                await self.slack.dismiss(heard.answer)
            except SlackError as error:
                log.info("a question that was answered stands there still: %s", error)

    async def _fetched(self, seat: Seat, ts: str) -> bool:
        """Keep what was said before we heard anything there; whether there is such a thing."""
        try:
            message = await self.slack.message_at(seat.room, ts)
        except SlackError as error:
            raise later(error) from error
        return message is not None and await keep(self.desk, seat, told(seat, message))

    async def _who(self, person: str) -> tuple[Colleague | None, Agent | None, Rulebook]:
        """Somebody as the workspace has them now, and the agent they are."""
        found = await self.desk.who.soon(person)
        if not is_stale(found[0], self.desk.db.clock()):
            return found
        try:
            await ask(self.desk, self.slack, person, found[0])
        except Refused as no:  # Slack shows not everybody to everybody; they speak to us all the same
            log.warning("who %s is cannot be asked: %s", person, no)
        except SlackError as error:
            raise later(error) from error
        return await self.desk.who.soon(person)

    async def _speaker(self, seat: Seat, heard: Said) -> Speaker:
        colleague, agent, book = await self._who(heard.person)
        room = book.customers_room(seat.name) if seat.name else book.direct_room
        return Speaker(colleague, agent, room)

    async def _thread_of(self, seat: Seat, heard: Said, speaker: Speaker) -> str | None:
        """The thread of the ticket that it is about."""
        groups = heard.thread is None and speaker.agent is None
        sender = Address(CHANNEL, heard.person) if groups else None
        within = speaker.room.group_within if speaker.room else USUAL_GROUP
        root = external_id(seat.number, heard.root)
        return await self.desk.thread_of.soon(CHANNEL, thread_key(seat.number, heard.root), root, sender, within)

    async def _inbound(self, lease: Lease, seat: Seat, heard: Said, speaker: Speaker, going: str | None) -> Inbound:
        thread = going or thread_key(seat.number, heard.root)
        text = await self._words(heard)
        files, too_large, elsewhere = await self._files(heard, lease.attempts)
        text = "\n".join([*filter(None, [text]), *(f"[{name}]" for name in elsewhere)])
        name = speaker.known.name if speaker.known else ""
        inbound = Inbound(
            channel=CHANNEL,
            sender=Address(CHANNEL, heard.person, name),
            door=f"#{seat.name}" if seat.name else DIRECT,
            external_id=external_id(seat.number, heard.ts),
            text=text,
            reply_text=text,
            zone=speaker.known.zone if speaker.known else None,
            reply_to=thread,
            thread=thread,
            sent_at=heard.at,
            edited=heard.edited is not None,
            files=tuple(files),
            not_had=tuple(too_large),
            profile_mail=(speaker.known.email or "") if speaker.known else "",
        )
        return replace(inbound, language=await self._language(inbound, speaker))

    async def _words(self, heard: Said) -> str:
        """What was typed, with people's names where they are mentioned; ours is left out where it begins with it."""
        user, name = await self._me()
        theirs = heard.person.partition(":")[0]
        names = {user: name}
        for id in mentioned(heard.message) - {user}:
            known = await self.desk.colleague.soon(f"{theirs}:{id}")
            names[id] = known.name if known else id
        said = spoken({**heard.message, "files": ()}, lambda id: names.get(id, id)).strip()
        called = f"@{name}"
        return said.removeprefix(called).lstrip(" ,:") if said.startswith(called) else said

    async def _files(self, heard: Said, attempts: int) -> tuple[list[File], list[str], list[str]]:
        """The files that came along; the names of those that are too large, and of those that cannot be had.

        Words do not wait for ever for a file that Slack does not give.
        """
        if not heard.files or heard.edited:
            return [], [], []
        files: list[File] = []
        too_large: list[str] = []
        elsewhere: list[str] = []
        async with self._large:
            for one in heard.files:
                name = str(one.get("name") or one.get("title") or "file")
                try:
                    stored = await self.slack.file(str(one["id"]))
                    name = stored.name or name
                    if stored.size > LARGEST:
                        too_large.append(name)
                    elif stored.url:
                        files.append(File(name, stored.type, await self.slack.download(stored, LARGEST)))
                    else:
                        elsewhere.append(name)
                except RateLimited as often:
                    raise later(often) from often
                except SlackError as error:
                    if isinstance(error, Unreachable) and attempts < WITHOUT_FILES:
                        raise Later(str(error)) from error
                    log.warning("a file cannot be had: %s", error)
                    elsewhere.append(name)
        return files, too_large, elsewhere

    async def _language(self, inbound: Inbound, speaker: Speaker) -> str | None:
        """What the words are in; where these are too few to tell, what their writer's Slack is in, if it says so."""
        hint = speaker.known.locale if speaker.known else None
        hint = hint or (speaker.room.locale if speaker.room else None)
        try:
            guess = await self._apart.call(signals.language, inbound.text, hint)
        except GaveOutError as error:
            log.warning("the language of %s cannot be told: %s", inbound.external_id, error)
            guess = None
        return guess.language if guess else hint

    async def _me(self) -> tuple[str, str]:
        """Our user's id and name."""
        try:
            me = await self.slack.me()
        except SlackError as error:
            raise later(error) from error
        return me.user, me.name
