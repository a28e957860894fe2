"""Answers into customers' threads: each piece one call, known again where it was interrupted."""

from __future__ import annotations

import logging
from datetime import timedelta

from core.desk import Desk
from core.effects import thread_paces
from core.engine.hands import Later, Record, both
from core.storage.customers_rooms import Seat
from core.storage.ledger import Lease
from core.tickets.model import Outcome, Outgoing
from core.tickets.refusals import Refusal
from gateways.slack.keeping import TOKEN
from gateways.slack.reading import CHANNEL, external_id
from gateways.slack.wire import Gone, RateLimited, Refused, Slack, SlackError, TokenWrong, TooLate, Upload
from gateways.slack.writing import Piece, Place, pieces, place, shown

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(minutes=5)
"""How much earlier than it was written an answer may stand there, by another clock."""


class Sending:
    """Puts answers where customers read them."""

    def __init__(self, desk: Desk, slack: Slack):
        self.desk, self.slack = desk, slack

    async def deliver(self, lease: Lease) -> Record | None:
        message = lease.facts["message"]
        out = await self.desk.outgoing.soon(message)
        if out is None:
            return None
        address = out.to[0].address
        plan, at = pieces(out.text, out.files), len(out.sent)
        done = self.desk.delivered.step(message, [Outcome(address, 250, "sent")])
        if at >= len(plan):
            return done
        where = place(address)
        seat = await self.desk.seat_of.soon(where.seat) if where else None
        if where is None or seat is None:
            return self._refuse(message, address, f"there is no thread {address}", Refusal.NO_THREAD)
        await self.desk.begin_piece.soon(message, at)
        try:
            id = await self._put(seat, where, out, plan[at], at)
        except SlackError as error:
            return self._failed(message, address, error)
        left = self.desk.piece_left.step(message, at, [id])
        if at + 1 < len(plan):
            raise Later("more of it is to come", timedelta(0), counts=False, record=left)
        return both(left, done)

    async def _put(self, seat: Seat, where: Place, out: Outgoing, piece: Piece, at: int) -> str:
        """Into the thread; where we are not in a public room any more, we come in again."""
        try:
            return await self._send(seat, where, out, piece, at)
        except Gone as gone:
            if gone.code != "not_in_channel":
                raise
            try:
                await self.slack.join(seat.room)
            except (Refused, TokenWrong) as no:
                raise gone from no
            return await self._send(seat, where, out, piece, at)

    async def _send(self, seat: Seat, where: Place, out: Outgoing, piece: Piece, at: int) -> str:
        """The id by which it is known. Where it was begun before, it is looked for first: it may stand there."""
        if piece.file is not None:
            upload = Upload(piece.file.name, await self.desk.blob.soon(piece.file.digest))
            before = {id.rpartition(":")[2] for id in out.sent}
            found = await self.slack.find_file(seat.room, where.thread, upload, before) if out.begun else None
            if found is None:
                [found] = await self.slack.upload(seat.room, where.thread, [upload])
            return f"{seat.number}:file:{found}"
        key, since = f"answer:{out.message}:{at}", (out.at - LOOK_BACK).timestamp()
        ts = await self.slack.find(seat.room, key, since, where.thread) if out.begun else None
        if ts is None:
            text, blocks = shown(piece.text)
            ts = await self.slack.post(seat.room, text, blocks, key, where.thread, username=out.door_name)
        return external_id(seat.number, ts)

    def _failed(self, message: int, address: str, error: SlackError) -> Record:
        """What to record of a piece that was not sent, or of which that is not known. Raises Later."""
        why = str(error)
        told = self.desk.piece_refused.step(message, why)
        *_, pace = thread_paces(CHANNEL, address)
        match error:
            case RateLimited():
                raise Later(why, error.retry_after, pace=pace, counts=False, record=told) from error
            case TokenWrong():
                raise Later(why, TOKEN, pace=pace, counts=False, record=told) from error
            case Gone() if error.is_room:
                return self._refuse(message, address, why, Refusal.NOT_IN_ROOM)
            case Gone():
                return self._refuse(message, address, why, Refusal.NO_THREAD)
            case Refused() | TooLate():
                return self._refuse(message, address, why, Refusal.OTHER)
            case _:  # it may be there: it is looked for the next time
                raise Later(why, record=self.desk.delayed.step(message, why)) from error

    def _refuse(self, message: int, address: str, why: str, kind: Refusal) -> Record:
        status = "" if kind is Refusal.OTHER else "5.1.1 "
        return self.desk.refused.step(message, Outcome(address, 550, f"{status}{why}"), kind)
