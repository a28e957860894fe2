"""Use cases of streams that one process of all reads: what came in them, and who is there no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

from core.desk.going_over import GoingOver
from core.desk.writing import remark
from core.effects import receive
from core.phrases import phrase
from core.storage import inbox, leases, ledger, messages, suppressed, tickets
from core.storage.blobs import digest_of
from core.storage.database import Fenced, Tx, question, use_case
from core.storage.suppressed import Suppressed
from core.tickets.model import Letterhead
from core.tickets.refusals import IN_WORDS, Refusal
from core.tickets.suppression import Kind, Standing

MOST_BEHIND = 20
"""Pieces that may belong to one message."""


MOST_OVERTAKEN = 50
"""What stands behind one message and may have been said before it."""


class Follower(NamedTuple):
    """Who reads a stream: nobody else commits anything of it while the lease is theirs."""

    stream: str
    owner: str
    fence: int


class Arrived(NamedTuple):
    """Something that came in a stream. The same `key` is the same thing; a `lane` keeps its order."""

    key: str
    lane: str
    envelope: Mapping[str, Any]
    raw: bytes


class Following(GoingOver):
    """What is read from streams."""

    @use_case
    def follow(self, tx: Tx, stream: str, owner: str, span: timedelta) -> Follower | None:
        """Be the one who reads a stream, for `span` from now. None: somebody else is."""
        fence = leases.take(tx, _lease(stream), owner, span)
        return Follower(stream, owner, fence) if fence is not None else None

    @use_case
    def let_stream_go(self, tx: Tx, stream: str, owner: str) -> None:
        leases.let_go(tx, _lease(stream), owner)

    @use_case
    def free_streams(self, tx: Tx) -> None:
        """Nobody else is alive who could read one."""
        leases.free(tx, _lease(""))

    @use_case
    def take(self, tx: Tx, follower: Follower, channel: str, arrived: Sequence[Arrived]) -> int:
        """Keep what came, and ask for it to be understood. How many were new: the same `key` is kept once.

        Raises Fenced where somebody else reads the stream now.
        """
        if not leases.holds(tx, _lease(follower.stream), follower.owner, follower.fence):
            raise Fenced
        new = 0
        for one in arrived:
            id = inbox.take_in(
                tx,
                channel,
                one.key,
                one.envelope,
                digest_of(one.raw),
                one.raw,
                lambda id, lane=one.lane: receive(channel, id, lane),
            )
            new += id is not None
        return new

    @question
    def behind(self, tx: Tx, lane: str) -> list[tuple[inbox.Piece, bytes]]:
        """What waits behind the head of a lane to be understood, in order, with its bytes."""
        found: list[tuple[inbox.Piece, bytes]] = []
        for id in ledger.waiting_in(tx, lane, MOST_BEHIND):
            piece = inbox.get(tx, id)
            if piece is not None and piece.state in inbox.OPEN and piece.digest:
                found.append((piece, tx.blobs.get(tx, piece.digest)))
        return found

    @question
    def keys_behind(self, tx: Tx, lane: str) -> list[tuple[int, str]]:
        """What waits behind the head of a lane to be understood: numbers in the inbox, and the channel's own keys."""
        waiting = ledger.waiting_in(tx, lane, MOST_OVERTAKEN)
        return inbox.keys(tx, waiting) if waiting else []

    @use_case
    def set_aside(self, tx: Tx, id: int, reason: str) -> None:
        """What came in is understood, and says nothing to a desk."""
        inbox.settle(tx, id, "done", reason)

    @use_case
    def shut_off(self, tx: Tx, id: int, channel: str, address: str, why: Refusal | None) -> None:
        """Somebody let nothing of ours in any more, or (None) does again. Their open tickets say so."""
        if not inbox.settle(tx, id, "done"):
            return
        if why is None:
            suppressed.forget(tx, channel, address, but=Kind.COMPLAINT)
            return
        said = IN_WORDS[why]
        suppressed.keep(tx, Suppressed(channel, address, Standing(Kind.GONE, 0.0, tx.now), said.text, None))
        for number in tickets.answered_at(tx, channel, address):
            with self.changing(tx, number) as change:
                remark(self, tx, change, "unreachable", said)
                if other := self.elsewhere(tx, change.ticket, change.words):
                    remark(self, tx, change, "elsewhere", other)

    @use_case
    def moved(self, tx: Tx, channel: str, before: str, after: str, message: int | None = None) -> None:
        """A chat has another address now: answers go there, and so does this message."""
        if message is not None:
            said = messages.raw(tx, message)
            head = Letterhead.as_said(said.head)
            if head.to.address == before:
                there = replace(head, to=replace(head.to, address=after))
                messages.set_message(tx, message, head=there.as_kept())
        for number in tickets.answered_at(tx, channel, before):
            with self.changing(tx, number) as change:
                change.words = change.words._replace(answer_to=after)
                tickets.set_words(tx, number, change.words)
                said = phrase("The group has been made a supergroup and has another address; answers go there now.")
                remark(self, tx, change, "moved", said)


def _lease(stream: str) -> str:
    return f"stream:{stream}"
