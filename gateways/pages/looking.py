"""What a form says to whoever looks at it before they let it in."""

from __future__ import annotations

from core.tickets.inspected import Enclosed, Inspected
from core.tickets.model import Address, Nature
from core.tickets.written import Written

SHOWN = 4000


def inspect(raw: bytes) -> Inspected | None:
    """A form as the inbox keeps it; None where it is something else."""
    try:
        written = Written.as_said(raw)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return Inspected(
        sender=Address("email", written.address, written.name),
        subject=written.subject,
        text=written.text[:SHOWN],
        left=max(0, len(written.text) - SHOWN),
        files=[Enclosed(file.name, file.type, file.size) for file in written.files],
        nature=Nature.HUMAN,
        signs=written.signs,
    )
