"""By mail to an agent: that a ticket waits for them, where Slack cannot say it."""

from __future__ import annotations

from datetime import timedelta

from core.desk.outlets import USUAL
from core.engine.hands import GiveUp, Later
from core.engine.otherwise import Letter
from core.phrases import DeskError
from core.rulebook import Agent
from core.tickets.model import Address, Outgoing, Part
from gateways.email.hands import Mail
from gateways.email.outgoing.send import AuthFailed, Unreachable

AGAIN = timedelta(seconds=5)


class ByMail:
    """A way to an agent."""

    def __init__(self, mail: Mail):
        self.mail = mail

    def reaches(self, agent: Agent) -> bool:
        return bool(agent.email)

    async def tell(self, agent: Agent, letter: Letter) -> None:
        book = await self.mail.desk.book.soon()
        box = book.mailbox_for(letter.door) or book.mailboxes[0]
        out = Outgoing(
            message=0,
            ticket=letter.ticket,
            part=Part.REMINDER,
            external_id=f"<ping.{letter.id}@{box.address.rpartition('@')[2]}>",  # a repeat is known again
            at=self.mail.desk.db.clock(),
            door=box.address,
            door_name=book.desk.name,
            to=(Address("email", agent.email or "", agent.name),),
            subject=letter.subject,
            text=letter.text,
        )
        try:
            outcomes = await self.mail.send_plainly(out, self.mail.desk.outlets.of(box.address).name or USUAL)
        except (Unreachable, AuthFailed) as error:
            raise Later(str(error), AGAIN) from error
        except DeskError as error:
            raise GiveUp(str(error)) from error
        if any(one.code >= 500 for one in outcomes):
            raise GiveUp("; ".join(f"{one.address}: {one.code} {one.text}" for one in outcomes))
        if any(one.code >= 400 for one in outcomes):
            raise Later("; ".join(f"{one.address}: {one.code} {one.text}" for one in outcomes), AGAIN)
