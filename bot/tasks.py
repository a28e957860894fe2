"""How a ticket's thread hears what happened to its tasks."""

from __future__ import annotations

from bot.posting import NO_ROOM, Place, place_of, put, put_off, room_pace
from bot.views import task_step
from core.desk import Desk
from core.engine.hands import Hand, Hands, Later, Record
from core.storage.ledger import Lease
from gateways.slack.wire import Slack, SlackError


def hands(slack: Slack, desk: Desk) -> Hands:
    """A hand for what is told of tasks."""
    return {"tell-task": Hand(Tasks(slack, desk).tell)}


class Tasks:
    """Tells of each step once, in the order in which they happened."""

    def __init__(self, slack: Slack, desk: Desk):
        self.slack, self.desk = slack, desk

    async def tell(self, lease: Lease) -> Record | None:
        number, work, seq = (int(lease.facts[name]) for name in ("ticket", "work", "seq"))
        step = await self.desk.task_step.soon(number, work, seq)
        if step is None:
            return None
        if step.room is None:
            raise Later("the queue has no room in Slack yet", NO_ROOM, pace=room_pace(step.ticket_queue), counts=False)
        if step.thread is None or step.thread.room != step.room.room:
            raise Later("there is no thread yet", NO_ROOM)
        place = Place(step.room, step.thread.ts, f"task:{work}:{seq}")
        try:
            workspace = (await self.slack.me()).url
            await put(self.slack, lease, place, task_step.show(step, lambda post: place_of(workspace, post)))
        except SlackError as error:
            put_off(lease, error, step.ticket_queue, self.desk.db.clock())
        return None
