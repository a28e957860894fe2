"""What a partner is shown of tickets and messages."""

from __future__ import annotations

from core.desk.bringing import Came
from core.desk.owned import Owned
from core.tickets.model import Message, Part
from core.tickets.sources import key_of
from gateways.web.bodies import Accepted, FileNow, MessageNow, TicketNow

BASE = "/api/v1"


def ticket_now(owned: Owned) -> TicketNow:
    ticket = owned.ticket
    return TicketNow(
        number=ticket.number,
        thread=key_of(owned.answer_to),
        status=ticket.status.value,
        goes_on="here" if owned.is_here else "elsewhere",
        subject=owned.subject,
        language=ticket.language,
        opened_at=ticket.opened_at,
        closed_at=ticket.closed_at,
    )


def message_now(said: Message) -> MessageNow:
    """A message; of ours with the name that our rulebook lets customers see."""
    return MessageNow(
        id=said.id,
        ticket=said.ticket,
        part=said.part.value,  # pyright: ignore[reportArgumentType] - nobody is shown the others
        author=said.author_name if said.part is Part.REQUESTER else said.marks.get("from", ""),
        text=said.text,
        language=said.language,
        at=said.at,
        edited_at=said.edited_at,
        files=[
            FileNow(name=file.name, type=file.type, size=file.size, href=f"{BASE}/messages/{said.id}/files/{n}")
            for n, file in enumerate(said.attachments)
        ],
    )


def accepted(came: Came) -> Accepted:
    """How far something has come that was brought."""
    state = came.piece.state
    return Accepted(
        id=came.piece.id,
        state="received" if state in ("received", "admitted") else "heard" if state == "done" else "kept_out",
        ticket=came.message.ticket if came.message else None,
        message=came.message.id if came.message else None,
    )
