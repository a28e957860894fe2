"""What can be chosen in the fields of the rulebook: what there is of each kind, and how that is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.views.words import CHANNELS
from core.escalation.ladders import Whom
from core.phrases import Phrase, phrase
from core.rulebook import Rulebook
from core.rulebook.times import ROUND_THE_CLOCK

Choice = tuple[str, Phrase | str]
"""What the rulebook says where something is chosen, and how that is called."""
Choices = Callable[[Rulebook], Sequence[Choice]]


def calendars(book: Rulebook) -> list[Choice]:
    return [(ROUND_THE_CLOCK, phrase("always")), *((one.name, one.name) for one in book.calendars)]


def own_calendars(book: Rulebook) -> list[Choice]:
    return [(one.name, one.name) for one in book.calendars]


def queues(book: Rulebook) -> list[Choice]:
    return [(one.name, one.title) for one in book.queues]


def agents(book: Rulebook) -> list[Choice]:
    return [(one.name, one.name) for one in book.agents]


def ladders(book: Rulebook) -> list[Choice]:
    return [(one.name, one.name) for one in book.ladders]


def tiers(book: Rulebook) -> list[Choice]:
    return [(tier, tier) for tier in dict.fromkeys(one.tier for one in book.organisations if one.tier)]


def channels(_: Rulebook) -> list[Choice]:
    return list(CHANNELS.items())


def urgencies(_: Rulebook) -> list[Choice]:
    names = (phrase("any"), phrase("🟡 and more"), phrase("🟠 and more"), phrase("🔴 only"))
    return [(str(n), name) for n, name in enumerate(names)]


WHOM: Mapping[Whom, Phrase] = {
    Whom.ON_DUTY: phrase("Who is on duty in the queue"),
    Whom.ASSIGNEE: phrase("Who has the ticket"),
    Whom.MANAGER: phrase("The manager of who has it, else of who is on duty"),
    Whom.BACKUP: phrase("Who is on duty in the queue that steps in"),
    Whom.SUPERVISORS: phrase("Supervisors"),
}


def targets(book: Rulebook) -> list[Choice]:
    rosters = [(f"roster:{one.name}", phrase("Duty: {name}", name=one.title or one.name)) for one in book.rosters]
    agents = [(f"agent:{one.name}", one.name) for one in book.agents]
    return [*((one.value, name) for one, name in WHOM.items()), *rosters, *agents]
