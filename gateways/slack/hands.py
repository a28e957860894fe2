"""The jobs done here: understand what customers said in Slack, put answers into their threads, catch up."""

from __future__ import annotations

from datetime import timedelta

from core.desk import Desk
from core.engine.amending import Amending
from core.engine.apart import Apart
from core.engine.hands import Backoff, Hand, Hands, Record
from core.storage.ledger import Lease
from gateways.slack.amending import Copies
from gateways.slack.catching_up import CatchingUp
from gateways.slack.hearing import Hearing
from gateways.slack.reading import (
    CHANNEL,
)
from gateways.slack.sending import Sending
from gateways.slack.wire import Slack
from gateways.slack.writing import split

READINGS = 8
"""How often something is read over which our reader fails."""

PATIENCE = Backoff(first=timedelta(seconds=2), most=timedelta(minutes=15), tries=60)
"""Half a day: people who chat want to know sooner than those who write letters."""


class Customers:
    """The hands of Slack as customers' channel."""

    def __init__(self, desk: Desk, slack: Slack, apart: Apart):
        self.desk = desk
        self._hearing, self._sending = Hearing(desk, slack, apart), Sending(desk, slack)
        self._amending = Amending(desk, Copies(desk, slack), lambda text: list(split(text)))
        self._catching_up = CatchingUp(desk, slack)

    @property
    def hands(self) -> Hands:
        hearing, sending = self._hearing.receive, self._sending.deliver
        return {
            f"receive:{CHANNEL}": Hand(hearing, self._unreadable, Backoff(tries=READINGS), at_once=8, refill=2),
            f"deliver:{CHANNEL}": Hand(sending, self._undeliverable, PATIENCE, at_once=8),
            f"amend:{CHANNEL}": Hand(self._amending.amend, self._amending.lost, PATIENCE),
            f"catch-up:{CHANNEL}": Hand(self._catching_up.look, backoff=Backoff(tries=READINGS), at_once=1),
        }

    def _unreadable(self, lease: Lease, reason: str) -> Record | None:
        return self.desk.keep_out.step(lease.facts["inbox"], "unreadable", reason)

    def _undeliverable(self, lease: Lease, reason: str) -> Record | None:
        return self.desk.undeliverable.step(lease.facts["message"], reason)
