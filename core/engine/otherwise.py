"""How somebody is told something important where Slack cannot be reached: in Telegram, else by mail; once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple, Protocol

from core.desk import Desk
from core.desk.escalating import Pinged
from core.desk.showing import Card
from core.engine.hands import Backoff, GiveUp, Hand, Hands, Later, Record
from core.phrases import Phrase, phrase
from core.rulebook import Agent
from core.storage.ledger import Lease
from core.templates.locales import translate

SLACK_IS_ON_IT = timedelta(seconds=5)
PATIENCE = Backoff(first=timedelta(seconds=2), most=timedelta(minutes=2), tries=30)


class Letter(NamedTuple):
    """What somebody is told, by a number that is the same however often it is sent."""

    id: int
    ticket: int
    door: str  # our address that speaks, where there is one
    subject: str
    text: str


class Way(Protocol):
    """Another way to somebody. Raises Later where it does not go now, and GiveUp where it never does."""

    def reaches(self, agent: Agent) -> bool: ...

    async def tell(self, agent: Agent, letter: Letter) -> None: ...


class Otherwise:
    """The hand that tells them. `ways` by name, those that are to be tried first in front."""

    def __init__(self, desk: Desk, ways: Mapping[str, Way]):
        self.desk, self.ways = desk, ways

    @property
    def hands(self) -> Hands:
        return {"ping-otherwise": Hand(self.tell, self.lost, PATIENCE)}

    async def tell(self, lease: Lease) -> Record | None:
        id = lease.facts["ping"]
        pinged = await self.desk.pinged.soon(id)
        if pinged is None:
            return None
        if not pinged.stands:
            return self.desk.ping_moot.step(id)
        agent = pinged.agent
        found = [name for name, way in self.ways.items() if agent and way.reaches(agent)]
        if agent is None or not found:
            raise GiveUp("Slack does not take it, and no other way is known: no mail address, no chat")
        name = found[min(lease.attempts - 1, len(found) - 1)]
        if not await self.desk.begin_ping.soon(id, name):
            raise Later("Slack may be taking it at this moment", SLACK_IS_ON_IT, counts=False)
        card = await self.desk.card.soon(pinged.ping.ticket)
        try:
            await self.ways[name].tell(agent, _letter(pinged, card, lease.uncertain))
        except Later as later:
            later.record = self.desk.ping_failed.step(id, name, later.reason)
            raise
        return self.desk.ping_sent.step(id, name, lease.uncertain)

    def lost(self, lease: Lease, reason: str) -> Record | None:
        return self.desk.ping_lost.step(lease.facts["ping"], reason)


def _letter(pinged: Pinged, card: Card, repeated: bool) -> Letter:
    """In the desk's language: how somebody reads is known to Slack, which is away. No word of the customer's but what
    it is about."""
    number = card.ticket.number
    said: list[Phrase] = [
        phrase("Ticket #{number} in {queue} waits, and nobody has taken it on.", number=number, queue=card.queue.title),
        phrase("It is about: {subject}", subject=" ".join(card.subject.split())[:200]),
        phrase(
            "You get this here because Slack could not be reached. As soon as it can: /desk show {number}",
            number=number,
        ),
    ]
    if pinged.ping.late:
        said.append(phrase("This is late: it was due {at}.", at=pinged.ping.due))
    if repeated:
        said.append(phrase("You may have been told this already."))
    subject = phrase("#{number} waits in {queue}", number=number, queue=card.queue.title)
    text = "\n\n".join(translate(one, card.locale) for one in said)
    return Letter(pinged.ping.id, number, card.ticket.door, translate(subject, card.locale), text)
