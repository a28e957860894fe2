"""What of a ticket's conversation its requester may see: what they wrote, and what was sent to them."""

from __future__ import annotations

from collections.abc import Collection

from core.tickets.model import Delivery, Message, Part

_LEFT = (Delivery.QUEUED, Delivery.SENT, Delivery.PARTLY, Delivery.FAILED)
"""What can be taken back no more. What failed was meant for them, and here it reaches them."""


def is_seen(message: Message, requester: int, theirs: Collection[str], all_are_there: bool) -> bool:
    """Whether a message is the requester's to see. `theirs` are their addresses, in small letters; `all_are_there`:
    where it is said, everybody hears everybody.

    What others wrote who take part is shown where they sent it to the requester, too: who let them in has not thereby
    shown it to anybody else.
    """
    if message.deleted_at is not None:
        return False
    match message.part:
        case Part.REQUESTER:
            if message.nature.reports_delivery or message.nature.only_answers:
                return False
            copied = any(one.address.casefold() in theirs for one in message.copied)
            return message.person == requester or all_are_there or copied
        case Part.REPLY | Part.ACKNOWLEDGEMENT | Part.REMINDER | Part.CLOSING | Part.NOTICE | Part.RATING_WHY:
            return message.delivery in _LEFT
        case Part.NOTE | Part.STRANGER | Part.RATING:
            return False
