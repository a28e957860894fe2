"""What of the rulebook is set up in Slack: the kinds of things, their fields, and how each field is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel

from bot.views.rulebook import choices
from bot.views.rulebook.choices import Choices
from core.phrases import Phrase, phrase
from core.rulebook import Agent, Organisation, Queue
from core.rulebook.ladders import Ladder, Override, Roster, Shift, Step
from core.rulebook.times import Policy, Timetable


class Shape(StrEnum):
    """How a field is asked for."""

    LINE = "line"
    LINES = "lines"  # a list, one a line
    NUMBER = "number"
    NUMBERS = "numbers"  # a list, with commas between
    YES = "yes"
    CHOICE = "choice"
    SEVERAL = "several"
    TARGETS = "targets"  # several that are known, and others that are typed
    ITEMS = "items"  # things with fields of their own, each in a window over this one


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `new`: it is asked only of what is new, for it is what a thing is known by."""

    key: str
    shape: Shape
    label: Phrase
    hint: Phrase | None = None
    choices: Choices = lambda _: ()
    items: Form | None = None
    new: bool = False
    needed: bool = False
    whole: bool = False  # what is chosen is a number


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of things. `kind`: as the rulebook calls the list. `grows`: whether there can be more or fewer of them;
    `ordered`: whether it matters which comes first.
    """

    kind: str
    model: type[BaseModel]
    title: Phrase
    one: Phrase
    fields: tuple[Field, ...]
    grows: bool = True
    ordered: bool = False
    about: Phrase | None = None
    shows: Literal["year", "steps", "turns"] | None = None  # what can be looked at before it counts

    def field(self, key: str) -> Field | None:
        return next((one for one in self.fields if one.key == key), None)


_LENGTH = phrase("Like 15m, 4h, 3d or 1d12h")
_HOURS = phrase("One a line, days in English, like Mon-Fri 09:00-12:00; none: at any time")
_ZONE = phrase("Like Europe/Berlin; empty: the desk's")
_MOMENT = phrase("In the zone of the duty, like 2026-12-24 09:00")
_NAME = Field(
    "name",
    Shape.LINE,
    phrase("Short name"),
    phrase("Small letters, digits and hyphens, like office; it stays as it is"),
    new=True,
    needed=True,
)
_TIME_ZONE = Field("time_zone", Shape.LINE, phrase("Time zone"), _ZONE)
_HOURS_FIELD = Field("hours", Shape.LINES, phrase("Hours"), _HOURS)
_CALENDAR = Field("calendar", Shape.CHOICE, phrase("Calendar"), choices=choices.calendars)

_STEP = Form(
    "steps",
    Step,
    phrase("Steps"),
    phrase("Step"),
    (
        Field(
            "after",
            Shape.LINE,
            phrase("After"),
            phrase("So long after the step before it: 15m, 4h, 1d; empty: at once"),
        ),
        Field(
            "clock",
            Shape.CHOICE,
            phrase("Counted"),
            choices=lambda _: [("working", phrase("in working time")), ("wall", phrase("by the clock"))],
            needed=True,
        ),
        Field(
            "notify",
            Shape.TARGETS,
            phrase("Whom it tells"),
            phrase("Others, one a line: group:S012ABC (a Slack user group), webhook:NAME (a source's server)"),
            choices=choices.targets,
        ),
        Field("important", Shape.YES, phrase("Important: they are told at any hour")),
        Field("raise_urgency", Shape.YES, phrase("The ticket becomes more urgent")),
        Field("to_backup", Shape.YES, phrase("The ticket goes to the queue that steps in")),
        Field(
            "during",
            Shape.CHOICE,
            phrase("Only"),
            choices=lambda _: [("open", phrase("in working hours")), ("closed", phrase("outside working hours"))],
        ),
        Field(
            "urgency_at_least",
            Shape.CHOICE,
            phrase("Only for urgency"),
            choices=choices.urgencies,
            needed=True,
            whole=True,
        ),
        Field(
            "more_than",
            Shape.NUMBER,
            phrase("Only if more tickets came than"),
            phrase("A number; empty: however many came"),
        ),
        Field("within", Shape.LINE, phrase("… within"), _LENGTH),
    ),
    ordered=True,
)

_SHIFT = Form(
    "shifts",
    Shift,
    phrase("Turns"),
    phrase("Turn"),
    (
        Field(
            "people",
            Shape.LINES,
            phrase("Who takes turns"),
            phrase("Agents' names, one a line, in their order"),
            needed=True,
        ),
        Field("starts", Shape.LINE, phrase("First day"), phrase("Like 2026-11-30"), needed=True),
        Field("days", Shape.NUMBER, phrase("Days of each turn"), phrase("Like 1 or 7")),
        Field("hand_over", Shape.LINE, phrase("Handed over at"), phrase("Like 09:00")),
        _HOURS_FIELD,
        Field("time_zone", Shape.LINE, phrase("Time zone"), phrase("Like Asia/Tokyo; empty: that of the duty")),
    ),
    ordered=True,
)

_OVERRIDE = Form(
    "overrides",
    Override,
    phrase("Exceptions"),
    phrase("Exception"),
    (
        Field("person", Shape.CHOICE, phrase("Who has the duty then"), choices=choices.agents, needed=True),
        Field("begins", Shape.LINE, phrase("From"), _MOMENT, needed=True),
        Field("ends", Shape.LINE, phrase("Until"), _MOMENT, needed=True),
    ),
)

_OFFICE = Form(
    "calendars",
    Timetable,
    phrase("Calendars"),
    phrase("Calendar"),
    (
        _NAME,
        _HOURS_FIELD,
        _TIME_ZONE,
        Field(
            "holidays",
            Shape.LINES,
            phrase("Public holidays"),
            phrase("Countries or regions by ISO 3166, one a line, like DE-BY or US-CA"),
        ),
        Field(
            "days",
            Shape.LINES,
            phrase("Days that are otherwise"),
            phrase(
                "One a line: 2026-12-24 09:00-12:00 Christmas Eve; 12-31 closed; 2026-12-28/2026-12-30 closed; … usual"
            ),
        ),
        Field("also", Shape.SEVERAL, phrase("There is work in these, too"), choices=choices.own_calendars),
    ),
    about=phrase("When there is work: hours, holidays, days of the company's own."),
    shows="year",
)

_PROMISE = Form(
    "policies",
    Policy,
    phrase("Promises"),
    phrase("Promise"),
    (
        _NAME,
        Field("queue", Shape.SEVERAL, phrase("For tickets of"), phrase("None: of any queue"), choices=choices.queues),
        Field("tier", Shape.SEVERAL, phrase("For customers of"), phrase("None: of any"), choices=choices.tiers),
        Field(
            "channel", Shape.SEVERAL, phrase("That came by"), phrase("None: by any channel"), choices=choices.channels
        ),
        Field(
            "urgency_at_least", Shape.CHOICE, phrase("For urgency"), choices=choices.urgencies, needed=True, whole=True
        ),
        Field(
            "calendar",
            Shape.CHOICE,
            phrase("Counted in the calendar"),
            phrase("None: the customer's, else the queue's"),
            choices=choices.calendars,
        ),
        Field("first_response", Shape.LINE, phrase("First answer within"), _LENGTH),
        Field("next_response", Shape.LINE, phrase("Each further answer within"), _LENGTH),
        Field("resolution", Shape.LINE, phrase("Solution within"), _LENGTH),
        Field("pause_on_hold", Shape.YES, phrase("Nothing counts while a ticket is on hold")),
        Field(
            "warn_at",
            Shape.NUMBERS,
            phrase("Warnings"),
            phrase("At which hundredths of the time, with commas between: 50, 80, 100"),
        ),
    ),
    ordered=True,
    about=phrase("How soon customers are answered. Of several that fit a ticket, the first one counts."),
)

_LADDER = Form(
    "ladders",
    Ladder,
    phrase("Ladders"),
    phrase("Ladder"),
    (
        _NAME,
        Field("steps", Shape.ITEMS, _STEP.title, items=_STEP),
        Field("repeat", Shape.NUMBER, phrase("How often it is repeated"), phrase("0: not at all")),
        Field("repeat_after", Shape.LINE, phrase("Repeated after"), _LENGTH),
        Field(
            "calendar",
            Shape.CHOICE,
            phrase("Working time by the calendar"),
            phrase("None: by the hours below; without those, always"),
            choices=choices.calendars,
        ),
        _HOURS_FIELD,
        _TIME_ZONE,
        Field(
            "still_on_it_after",
            Shape.LINE,
            phrase("“Still on it?” is asked after"),
            phrase("Working time in which nothing happens, like 4h; empty: nobody is asked"),
        ),
        Field("still_on_it_within", Shape.LINE, phrase("… and has to be answered within"), _LENGTH),
    ),
    about=phrase("What happens, step by step, while nobody takes a ticket on. Tickets under way keep theirs."),
    shows="steps",
)

_DUTY = Form(
    "rosters",
    Roster,
    phrase("Duties"),
    phrase("Duty"),
    (
        _NAME,
        Field("title", Shape.LINE, phrase("How it is called"), phrase("Like Night watch")),
        _TIME_ZONE,
        Field("shifts", Shape.ITEMS, _SHIFT.title, items=_SHIFT),
        Field("overrides", Shape.ITEMS, _OVERRIDE.title, items=_OVERRIDE),
        Field(
            "covers",
            Shape.LINES,
            phrase("Hours in which somebody must have it"),
            phrase("One a line, like Mon-Fri 18:00-09:00; none: always"),
        ),
    ),
    about=phrase("Who is called when, in turns. Swaps and absences are said with /desk oncall."),
    shows="turns",
)

_WAITING = Form(
    "queues",
    Queue,
    phrase("Queues"),
    phrase("Queue"),
    (
        _CALENDAR,
        Field("ladder", Shape.CHOICE, phrase("Ladder"), choices=choices.ladders),
        Field("backup", Shape.CHOICE, phrase("Which queue steps in"), choices=choices.queues),
        Field("answers_within", Shape.LINE, phrase("Answers within, as customers are told"), _LENGTH),
        Field("remind_after", Shape.LINE, phrase("Customers are reminded after"), _LENGTH),
        Field("close_after", Shape.LINE, phrase("… and their tickets are closed after"), _LENGTH),
        Field("reopen_within", Shape.LINE, phrase("What they write opens it again within"), _LENGTH),
    ),
    grows=False,
    about=phrase("When each queue works, and what happens while nobody acts."),
)

_PERSON = Form(
    "agents",
    Agent,
    phrase("Agents"),
    phrase("Agent"),
    (
        _HOURS_FIELD,
        _TIME_ZONE,
        _CALENDAR,
        Field(
            "manager", Shape.CHOICE, phrase("Manager"), phrase("Told where a ladder says so"), choices=choices.agents
        ),
    ),
    grows=False,
    about=phrase("When each agent works. Without hours of their own, those of the calendar count."),
)

_CUSTOMER = Form(
    "organisations",
    Organisation,
    phrase("Customers"),
    phrase("Customer"),
    (
        _CALENDAR,
        Field("time_zone", Shape.LINE, phrase("Time zone"), phrase("In which they read when they are answered")),
    ),
    grows=False,
    about=phrase("In which calendar the time of these customers counts."),
)

FORMS: Mapping[str, Form] = {
    form.kind: form for form in (_OFFICE, _PROMISE, _LADDER, _DUTY, _WAITING, _PERSON, _CUSTOMER)
}
"""By what the rulebook calls each list, in the order in which they are shown."""


def form_of(kind: str) -> Form:
    """A form; the first one where there is no such kind (any more)."""
    return FORMS.get(kind) or next(iter(FORMS.values()))
