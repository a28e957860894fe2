"""What the bot does outside transactions: cards and messages into their rooms, lost acts again."""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.acts import Look, Passing
from bot.attaching import Attach, has_files
from bot.dispatch import Dispatcher
from bot.duties import Duties
from bot.gatherings import Gatherings
from bot.giving import hands as giving
from bot.many import Circulars
from bot.openers import TellOpener
from bot.payloads import read
from bot.pinging import Pinging
from bot.posting import NO_ROOM, Place, change, is_of_its_own, put, put_off, room_pace
from bot.promises import hands as promises
from bot.red import Red
from bot.strangers import Strangers
from bot.tasks import hands as tasks
from bot.views import card as card_view
from bot.views import message as message_view
from bot.views.calls import agent
from bot.views.shown import Shown
from bot.warning import Warn
from core.desk import Desk
from core.desk.joining import AT_ONCE
from core.desk.showing import Card, Spoken
from core.effects import Job, attach, post_message, show_stranger
from core.engine.hands import Hand, Hands, Later, Record
from core.storage.ledger import Lease
from core.storage.rooms import THEIRS, Post, Room
from core.tickets.model import Part
from gateways.slack.wire import Gone, Refused, Slack, SlackError, Unreachable

log = logging.getLogger("deskbell.bot")

_WHOLE = 3
"""So often a card is tried as it is, where Slack fails over it without saying why; then without customers' words."""


def hands(slack: Slack, desk: Desk, look: Look) -> Hands:
    """A hand for each kind of job that is done in Slack. `look` takes a stranger's mail apart."""
    showing = Showing(slack, desk)
    return {
        "show": Hand(showing.show),
        "tell-failure": Hand(showing.tell_failure),
        "attach": Hand(Attach(slack, desk).do),
        "tell-opener": Hand(TellOpener(slack, desk).do),
        "warn": Hand(Warn(slack, desk).do),
        **giving(slack, desk),
        **Gatherings(slack, desk).hands,
        **Circulars(slack, desk).hands,
        **Pinging(slack, desk).hands,
        **Duties(slack, desk).hands,
        **promises(slack, desk),
        **tasks(slack, desk),
        **showing.red.hands,
        "act": Hand(Again(Dispatcher(desk, slack, look)).do),
    }


class Showing:
    """Puts what agents see where they see it, as it is when it is put there."""

    def __init__(self, slack: Slack, desk: Desk):
        self.slack, self.desk = slack, desk
        self.red = Red(slack, desk)
        self.strangers = Strangers(slack, desk, self._put)

    async def show(self, lease: Lease) -> Record | None:
        """Bring a card, or what belongs into its thread, up to date, wherever it stands or should stand."""
        card = await self.desk.card.soon(lease.facts["ticket"])
        room = _room(card)
        try:
            if lease.facts.keys() == {"ticket"}:
                return await self._show_card(lease, card, room)
            if card.post is None or card.post.room != room.room:  # its job was given up, or the queue has moved
                raise Later("the card comes first", timedelta(0), record=await self._card(lease, card))
            if "stranger" in lease.facts:
                return await self.strangers.show(lease, card, room, card.post.ts)
            return await self._show_message(lease, await self.desk.spoken.soon(lease.facts["message"]), card.post)
        except SlackError as error:
            put_off(lease, error, card.ticket.queue, self.desk.db.clock())

    async def tell_failure(self, lease: Lease) -> Record | None:
        """Post into the thread that an answer did not arrive: its own post is only edited, which nobody hears."""
        spoken = await self.desk.spoken.soon(lease.facts["message"])
        shown = message_view.failure(spoken)
        if shown is None:
            return None
        room = _room(spoken)
        if spoken.card is None or spoken.card.room != room.room:
            raise Later("there is no thread yet", NO_ROOM)
        place = Place(room, spoken.card.ts, f"failure:{spoken.message.id}:{lease.id}", agent(spoken.concerns) is None)
        try:
            await self._put(lease, place, shown)
        except SlackError as error:
            put_off(lease, error, spoken.ticket.queue, self.desk.db.clock())
        return None

    # Cards

    async def _show_card(self, lease: Lease, card: Card, room: Room) -> Record | None:
        shown = card_view.show(card)
        if card.post is not None and card.post.room == room.room:
            if card.post.face == shown.face:
                return None
            await self.red.refresh(card)
            if await self._changed(lease, card, card.post, shown):
                return self.desk.posted.step(card.post._replace(face=shown.face))
        return await self._card(lease, card)

    async def _changed(self, lease: Lease, card: Card, post: Post, shown: Shown) -> bool:
        try:
            return await change(self.slack, post, shown)
        except (Refused, Unreachable) as no:
            return await change(self.slack, post, _barer(lease, card, no))

    async def _card(self, lease: Lease, card: Card) -> Record:
        """The card, posted for the first time or anew; what does not fit on it follows into its thread.

        Where it stood in another room, it says there where it is now, and is forgotten with the record of the new one.
        A repeat after a kill says the same once more, and finds the new one.
        """
        room, shown = _room(card), card_view.show(card)
        left = card.post if card.post is not None and card.post.room != room.room else None
        if left is not None:
            await self._left(card, left, room)
        place = Place(room, None, f"card:{card.ticket.number}")
        try:
            ts = await self._put(lease, place, card_view.calling_the_room(card, shown))
        except (Refused, Unreachable) as no:
            ts = await self._put(lease, place, card_view.calling_the_room(card, _barer(lease, card, no)))
        number, queue, first = card.ticket.number, card.ticket.queue, card.first
        then: list[Job] = []
        if first is not None and card_view.is_cut(first):
            then.append(post_message(number, queue, first.id))
        elif first is not None and has_files(first):
            then.append(attach(number, queue, first.id))
        then += [show_stranger(number, queue, person) for person in card.strangers[:AT_ONCE]]
        return self.desk.posted.step(Post(room.team, room.room, ts, number, 0, shown.face), then, left)

    async def _left(self, card: Card, left: Post, room: Room) -> None:
        """Say in a card's old room where it is now; where nothing can be changed any more, nobody is kept waiting."""
        try:
            await change(self.slack, left, card_view.moved(card, room.room))
        except (Gone, Refused) as no:
            log.warning("ticket %s: what it leaves behind stays as it was: %s", card.ticket.number, no)

    async def _put(self, lease: Lease, place: Place, shown: Shown) -> str:
        """Into the room; where we are not in it any more, we come in again."""
        try:
            return await put(self.slack, lease, place, shown)
        except Gone as gone:
            if gone.code != "not_in_channel":
                raise
            await self.slack.join(place.room.room)
            return await put(self.slack, lease, place, shown)

    # Messages

    async def _show_message(self, lease: Lease, spoken: Spoken, card: Post) -> Record | None:
        post, message = spoken.post, spoken.message
        if post is not None and post.face == THEIRS:
            return None
        shown = message_view.show(spoken)
        if post is not None:
            if post.face == shown.face:
                return None
            if await change(self.slack, post, shown):
                return self.desk.posted.step(post._replace(face=shown.face))
        place = Place(_room(spoken), card.ts, f"message:{message.id}", post is None and message_view.is_for_all(spoken))
        try:
            ts = await self._put(lease, place, message_view.first(spoken) if post is None else shown)
        except Gone as gone:
            if gone.code not in ("thread_not_found", "message_not_found"):
                raise
            fresh = await self._card(lease, await self.desk.card.soon(message.ticket))
            raise Later("its card was gone and is posted anew", timedelta(0), record=fresh) from gone
        has_more = message.part in (Part.REQUESTER, Part.NOTE) and (has_files(message) or message_view.is_cut(message))
        then = [attach(message.ticket, spoken.ticket.queue, message.id)] if has_more else []
        return self.desk.posted.step(
            Post(place.room.team, place.room.room, ts, message.ticket, message.id, shown.face), then
        )


class Again:
    """Does an act that was kept, and that nobody has finished: whoever took it may have died over it."""

    def __init__(self, dispatcher: Dispatcher):
        self.dispatcher = dispatcher

    async def do(self, lease: Lease) -> Record | None:
        found = await self.dispatcher.desk.piece.soon(lease.facts["act"])
        if found is None:
            return None
        piece, _ = found
        payload = read(piece.envelope)
        if payload is None:
            await self.dispatcher.desk.settle_act.soon(piece.id)
            return None
        try:
            await self.dispatcher.handle(payload, piece.id, late=True)
        except Passing as passing:
            raise Later(str(passing), _again_after(lease, self.dispatcher.desk), counts=False) from passing
        finally:
            await self.dispatcher.finish()
        return None


def _again_after(lease: Lease, desk: Desk) -> timedelta:
    return min(timedelta(minutes=2), max(timedelta(seconds=2), (desk.db.clock() - lease.created_at) / 4))


def _room(shown: Card | Spoken) -> Room:
    if shown.room is None:
        queue = shown.ticket.queue
        raise Later("the queue has no room in Slack yet", NO_ROOM, pace=room_pace(queue), counts=False)
    return shown.room


def _barer(lease: Lease, card: Card, no: SlackError) -> Shown:
    """The card without customers' words, where it is those that Slack does not take. Raises what is not about them."""
    if isinstance(no, Unreachable) and (lease.attempts < _WHOLE or not is_of_its_own(no)):
        raise no
    log.error("ticket %s: Slack does not take its card: %s", card.ticket.number, no)
    return card_view.bare(card, no.code)
