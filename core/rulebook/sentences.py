"""The sentence and the remedy for every kind of mistake a rulebook can have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from zoneinfo import available_timezones

from pydantic import BaseModel

from core.escalation.ladders import NAMED, Whom
from core.phrases import Phrase, phrase
from core.routing.patterns import LONGEST, MOST_TIMES
from core.routing.taxonomy import OwnField, Signals, Topic
from core.routing.triage import Conditions, Outcomes, Rule
from core.rulebook.faults import Fault, Path
from core.rulebook.ladders import Ladder, Override, Roster, Shift, Step
from core.rulebook.model import (
    Agent,
    CustomersRoom,
    Desk,
    Mail,
    Mailbox,
    Mode,
    Opening,
    Organisation,
    Queue,
    Role,
    Rulebook,
)
from core.rulebook.tasks import SetTask, TaskSet
from core.rulebook.times import Policy, Timetable
from core.templates.macros import Template

Said = tuple[Phrase, Phrase]


def in_words(fault: Fault) -> Said:
    """What is wrong, and what to do about it."""
    return _SAID.get(fault.code, _unreadable)(fault)


_TABLES: Mapping[Path, type[BaseModel]] = {
    (): Rulebook,
    ("desk",): Desk,
    ("mail",): Mail,
    ("mailboxes",): Mailbox,
    ("queues",): Queue,
    ("agents",): Agent,
    ("rules",): Rule,
    ("rules", "when"): Conditions,
    ("rules", "then"): Outcomes,
    ("templates",): Template,
    ("organisations",): Organisation,
    ("customers_rooms",): CustomersRoom,
    ("signals",): Signals,
    ("topics",): Topic,
    ("fields",): OwnField,
    ("ladders",): Ladder,
    ("ladders", "steps"): Step,
    ("rosters",): Roster,
    ("rosters", "shifts"): Shift,
    ("rosters", "overrides"): Override,
    ("calendars",): Timetable,
    ("policies",): Policy,
    ("task_sets",): TaskSet,
    ("task_sets", "tasks"): SetTask,
}
_EXAMPLES: Mapping[Path, str] = {
    ("desk",): '[desk] name = "Example"',
    ("desk", "name"): 'name = "Example"',
    ("desk", "locale"): 'locale = "en"',
    ("desk", "time_zone"): 'time_zone = "Europe/Berlin"',
    ("desk", "red_room"): 'red_room = "desk-red"',
    ("mail",): '[mail] spam_headers = ["X-Spam-Flag: YES"]',
    ("mail", "spam_headers"): 'spam_headers = ["X-Spam-Flag: YES", "X-Spam-Score >= 6.5"]',
    ("mail", "spam_headers_above"): 'spam_headers_above = "mx.example.com"',
    ("mailboxes",): '[[mailboxes]] address = "support@example.com" …',
    ("mailboxes", "address"): 'address = "support@example.com"',
    ("mailboxes", "name"): 'name = "Example Support"',
    ("mailboxes", "queue"): 'queue = "support"',
    ("mailboxes", "sender"): 'sender = "{agent} ({desk})"',
    ("mailboxes", "locale"): 'locale = "en"',
    ("mailboxes", "aliases"): 'aliases = ["info@example.com"]',
    ("queues",): '[[queues]] name = "support" …',
    ("queues", "name"): 'name = "support"',
    ("queues", "title"): 'title = "Support"',
    ("queues", "room"): 'room = "desk-support"',
    ("queues", "acknowledge"): "acknowledge = true",
    ("queues", "page"): "page = true",
    ("queues", "contact"): "contact = true",
    ("queues", "rating"): "rating = true",
    ("queues", "answers_within"): 'answers_within = "4h"',
    ("queues", "remind_after"): 'remind_after = "3d"',
    ("queues", "close_after"): 'close_after = "4d"',
    ("queues", "reopen_within"): 'reopen_within = "14d"',
    ("queues", "mode"): 'mode = "push"',
    ("queues", "offer_for"): 'offer_for = "30s"',
    ("queues", "give_back_after"): 'give_back_after = "2m"',
    ("queues", "silent_after"): 'silent_after = "1h"',
    ("queues", "languages"): 'languages = ["en", "de"]',
    ("queues", "most_each"): "most_each = 6",
    ("queues", "incident_from"): "incident_from = 5",
    ("queues", "incident_within"): 'incident_within = "30m"',
    ("queues", "incident_alike"): "incident_alike = 0.5",
    ("queues", "signature"): 'signature = { en = "Example Ltd" }',
    ("agents",): '[[agents]] name = "Ann" …',
    ("agents", "name"): 'name = "Ann"',
    ("agents", "email"): 'email = "ann@example.com"',
    ("agents", "slack"): 'slack = "U012ABCDEF"',
    ("agents", "role"): 'role = "agent"',
    ("agents", "queues"): 'queues = ["support"]',
    ("agents", "languages"): "languages = { en = 5, de = 3 }",
    ("agents", "skills"): "skills = { refunds = 4, hardware = 2 }",
    ("agents", "capacity"): "capacity = 10",
    ("agents", "hours"): 'hours = ["Mon-Fri 09:00-17:00", "Sat 10:00-14:00"]',
    ("agents", "telegram"): 'telegram = "123456789"',
    ("agents", "manager"): 'manager = "Sam Rivera"',
    ("agents", "time_zone"): 'time_zone = "Europe/Berlin"',
    ("agents", "calendar"): 'calendar = "office"',
    ("queues", "calendar"): 'calendar = "office"',
    ("ladders", "calendar"): 'calendar = "office"',
    ("organisations", "calendar"): 'calendar = "always"',
    ("organisations", "time_zone"): 'time_zone = "America/New_York"',
    ("calendars",): '[[calendars]] name = "office" hours = ["Mon-Fri 09:00-17:00"]',
    ("calendars", "name"): 'name = "office"',
    ("calendars", "time_zone"): 'time_zone = "Europe/Berlin"',
    ("calendars", "hours"): 'hours = ["Mon-Fri 09:00-12:00", "Mon-Fri 13:00-17:00"]',
    ("calendars", "holidays"): 'holidays = ["DE-BY"]',
    ("calendars", "days"): 'days = ["12-24 09:00-12:00", "2026-12-28/2026-12-31 closed", "2026-10-31 usual"]',
    ("calendars", "also"): 'also = ["new-york"]',
    ("policies",): '[[policies]] name = "gold" first_response = "1h" calendar = "always"',
    ("policies", "name"): 'name = "gold"',
    ("policies", "queue"): 'queue = ["support"]',
    ("policies", "tier"): 'tier = ["Gold"]',
    ("policies", "channel"): 'channel = ["telegram"]',
    ("policies", "urgency_at_least"): "urgency_at_least = 2",
    ("policies", "calendar"): 'calendar = "office"',
    ("policies", "first_response"): 'first_response = "1h"',
    ("policies", "next_response"): 'next_response = "4h"',
    ("policies", "resolution"): 'resolution = "3d"',
    ("policies", "pause_on_hold"): "pause_on_hold = true",
    ("policies", "warn_at"): "warn_at = [50, 80, 100]",
    ("rules",): '[[rules]] name = "refunds" …',
    ("rules", "name"): 'name = "refunds"',
    ("rules", "when"): 'when = { subject = ["refund"] }',
    ("rules", "when", "door"): 'door = "support@example.com"',
    ("rules", "when", "sender"): 'sender = "*@example.com"',
    ("rules", "when", "subject"): 'subject = ["refund"]',
    ("rules", "when", "text"): 'text = ["refund"]',
    ("rules", "then"): 'then = { queue = "support" }',
    ("rules", "when", "pattern"): "pattern = '\\bRMA-[0-9]{6}\\b'",
    ("rules", "when", "channel"): 'channel = ["telegram"]',
    ("rules", "when", "organisation"): 'organisation = ["Acme"]',
    ("rules", "when", "tier"): 'tier = ["Gold"]',
    ("rules", "when", "language"): 'language = ["es", "pt-BR"]',
    ("rules", "when", "topic"): 'topic = ["refunds"]',
    ("rules", "when", "product"): 'product = ["kettles"]',
    ("rules", "when", "scope"): 'scope = ["many", "everyone"]',
    ("rules", "when", "mood"): 'mood = ["angry"]',
    ("rules", "when", "anger_at_least"): "anger_at_least = 0.8",
    ("rules", "when", "urgency_at_least"): "urgency_at_least = 2",
    ("rules", "when", "fields"): 'fields = { order = "*" }',
    ("rules", "when", "queue"): 'queue = ["support"]',
    ("rules", "when", "tags"): 'tags = ["vip"]',
    ("rules", "when", "during"): 'during = ["Mon-Fri 09:00-17:00"]',
    ("rules", "when", "outside"): 'outside = ["Mon-Fri 09:00-17:00"]',
    ("rules", "then", "tags"): 'tags = ["vip"]',
    ("rules", "then", "assignee"): 'assignee = "Ann Walker"',
    ("rules", "then", "skills"): "skills = { refunds = 3 }",
    ("rules", "then", "suppress"): "suppress = true",
    ("rules", "then", "red_alert"): "red_alert = true",
    ("rules", "then", "template"): 'template = "more-information"',
    ("rules", "continue"): "continue = true",
    ("rules", "then", "tasks"): 'tasks = "refund"',
    ("task_sets",): '[[task_sets]] name = "refund" …',
    ("task_sets", "name"): 'name = "refund"',
    ("task_sets", "title"): 'title = "Refund"',
    ("task_sets", "tasks"): 'tasks = [ { name = "pay", title = "Pay the amount back", queue = "billing" } ]',
    ("task_sets", "tasks", "name"): 'name = "pay"',
    ("task_sets", "tasks", "title"): 'title = "Pay the amount back"',
    ("task_sets", "tasks", "queue"): 'queue = "billing"',
    ("task_sets", "tasks", "text"): 'text = "The amount is on the invoice."',
    ("task_sets", "tasks", "due"): 'due = "4h"',
    ("task_sets", "tasks", "after"): 'after = ["check"]',
    ("task_sets", "tasks", "blocks"): "blocks = false",
    ("rules", "then", "queue"): 'queue = "support"',
    ("rules", "then", "urgency"): "urgency = 2",
    ("templates",): '[[templates]] name = "delay" …',
    ("templates", "name"): 'name = "delay"',
    ("templates", "title"): 'title = { en = "Delay" }',
    ("templates", "text"): 'text = { en = "Hello {customer|}, …" }',
    ("customers_rooms",): '[[customers_rooms]] room = "acme-help" …',
    ("customers_rooms", "room"): 'room = "acme-help"',
    ("customers_rooms", "queue"): 'queue = "support"',
    ("customers_rooms", "opens"): 'opens = "at once"',
    ("customers_rooms", "group_within"): 'group_within = "10m"',
    ("customers_rooms", "locale"): 'locale = "en"',
    ("customers_rooms", "direct"): "direct = true",
    ("signals",): '[signals] products = ["Atlas"]',
    ("signals", "products"): 'products = ["Atlas", "Borea"]',
    ("signals", "sure"): "sure = 0.5",
    ("signals", "raise_urgency"): "raise_urgency = true",
    ("signals", "raise_to"): "raise_to = 2",
    ("signals", "swears"): 'swears = ["useless lot"]',
    ("fields",): '[[fields]] name = "contract" …',
    ("fields", "name"): 'name = "contract"',
    ("fields", "title"): 'title = "Contract"',
    ("fields", "pattern"): "pattern = 'CT-([0-9]{6})'",
    ("topics",): '[[topics]] name = "delivery" …',
    ("topics", "name"): 'name = "delivery"',
    ("topics", "title"): 'title = "Delivery"',
    ("topics", "description"): 'description = "Parcels on their way"',
    ("topics", "seeds"): 'seeds = ["Where is my parcel?"]',
    ("topics", "product"): 'product = "Atlas"',
    ("queues", "ladder"): 'ladder = "usual"',
    ("queues", "backup"): 'backup = "billing"',
    ("ladders",): '[[ladders]] name = "usual" …',
    ("ladders", "name"): 'name = "usual"',
    ("ladders", "steps"): 'steps = [ { after = "15m", notify = ["on duty"] } ]',
    ("ladders", "steps", "after"): 'after = "15m"',
    ("ladders", "steps", "clock"): 'clock = "wall"',
    ("ladders", "steps", "notify"): 'notify = ["on duty", "roster:night"]',
    ("ladders", "steps", "important"): "important = true",
    ("ladders", "steps", "raise_urgency"): "raise_urgency = true",
    ("ladders", "steps", "to_backup"): "to_backup = true",
    ("ladders", "steps", "during"): 'during = "closed"',
    ("ladders", "steps", "urgency_at_least"): "urgency_at_least = 2",
    ("ladders", "steps", "more_than"): "more_than = 10",
    ("ladders", "steps", "within"): 'within = "30m"',
    ("ladders", "repeat"): "repeat = 2",
    ("ladders", "repeat_after"): 'repeat_after = "30m"',
    ("ladders", "hours"): 'hours = ["Mon-Fri 09:00-17:00"]',
    ("ladders", "time_zone"): 'time_zone = "Europe/Berlin"',
    ("ladders", "still_on_it_after"): 'still_on_it_after = "4h"',
    ("ladders", "still_on_it_within"): 'still_on_it_within = "30m"',
    ("rosters",): '[[rosters]] name = "night" …',
    ("rosters", "name"): 'name = "night"',
    ("rosters", "title"): 'title = "Night watch"',
    ("rosters", "time_zone"): 'time_zone = "Europe/Berlin"',
    ("rosters", "shifts"): 'shifts = [ { people = ["Ann Walker", "Jonas Becker"], starts = "2026-11-30", days = 7 } ]',
    ("rosters", "shifts", "people"): 'people = ["Ann Walker", "Jonas Becker"]',
    ("rosters", "shifts", "starts"): 'starts = "2026-11-30"',
    ("rosters", "shifts", "days"): "days = 7",
    ("rosters", "shifts", "hand_over"): 'hand_over = "09:00"',
    ("rosters", "shifts", "hours"): 'hours = ["Mon-Fri 18:00-09:00"]',
    ("rosters", "shifts", "time_zone"): 'time_zone = "America/New_York"',
    (
        "rosters",
        "overrides",
    ): 'overrides = [ { person = "Ann Walker", begins = "2026-12-24 09:00", ends = "2026-12-27 09:00" } ]',
    ("rosters", "overrides", "person"): 'person = "Ann Walker"',
    ("rosters", "overrides", "begins"): 'begins = "2026-12-24 09:00"',
    ("rosters", "overrides", "ends"): 'ends = "2026-12-27 09:00"',
    ("rosters", "covers"): 'covers = ["Mon-Fri 18:00-09:00"]',
    ("organisations",): '[[organisations]] name = "Acme" …',
    ("organisations", "name"): 'name = "Acme"',
    ("organisations", "domains"): 'domains = ["acme.example", "acme.test"]',
    ("organisations", "workspaces"): 'workspaces = ["T012ABCDEF"]',
    ("organisations", "tier"): 'tier = "Gold"',
    ("organisations", "language"): 'language = "en"',
}


def _bare(fault: Fault) -> Path:
    return tuple(step for step in fault.path if isinstance(step, str))


def _key(fault: Fault) -> str:
    return str(_bare(fault)[-1]) if fault.path else "desk.toml"


def _value(fault: Fault) -> str:
    return str(fault.about.get("value", ""))


def _like(fault: Fault) -> Phrase:
    """How it is written rightly."""
    bare = _bare(fault)
    for end in range(len(bare), 0, -1):
        if bare[:end] in _EXAMPLES:
            return phrase("Write it like this: {example}", example=_EXAMPLES[bare[:end]])
    return phrase("desk.example.toml shows how it is written.")


def _meant(wrong: str, known: Iterable[str]) -> Phrase:
    """The remedy for a name that is not there: the nearest that is, or all of them."""
    names = {name.casefold(): name for name in known}
    near = get_close_matches(wrong.casefold(), names, n=1)
    if near:
        return phrase("Did you mean “{meant}”?", meant=names[near[0]])
    return phrase("There is: {names}.", names=tuple(names.values())[:20])


def _unknown_key(fault: Fault) -> Said:
    table = _TABLES.get(_bare(fault)[:-1])
    known = tuple(field.alias or name for name, field in table.model_fields.items()) if table else ()
    remedy = _meant(_key(fault), known) if known else phrase("Take it out.")
    return phrase("“{key}” is not known here.", key=_key(fault)), remedy


def _wrong_type(fault: Fault) -> Said:
    kind = _KINDS[fault.code]
    return phrase("“{key}” must be {kind}.", key=_key(fault), kind=kind), _like(fault)


_KINDS = {
    "string_type": phrase("a text in quotes"),
    "string_unicode": phrase("a text in quotes"),
    "bool_type": phrase("true or false, without quotes"),
    "float_type": phrase("a number, without quotes"),
    "int_type": phrase("a whole number, without quotes"),
    "int_from_float": phrase("a whole number, without quotes"),
    "tuple_type": phrase("a list in square brackets"),
    "list_type": phrase("a list in square brackets"),
    "mapping_type": phrase("a table: names and values in braces"),
    "dict_type": phrase("a table: names and values in braces"),
    "model_type": phrase("a table: names and values in braces"),
    "model_attributes_type": phrase("a table: names and values in braces"),
}


def _range(fault: Fault) -> Said:
    sentence = phrase("“{key}” cannot be {value}.", key=_key(fault), value=_value(fault))
    if _key(fault) in ("urgency", "urgency_at_least"):
        return sentence, phrase("Urgency goes from 0 (it can wait) to 3 (at once).")
    if {"skills", "languages"} & set(_bare(fault)):
        return sentence, phrase("Levels go from 1 (a beginning) to 5 (as good as it gets).")
    if _key(fault) == "incident_alike":
        return sentence, phrase("How near two meanings are goes from 0.4 (about the same) to 0.99 (the same).")
    least, most = fault.about.get("ge", 1), fault.about.get("le", 1000)
    return sentence, phrase("Use a whole number from {least} to {most}.", least=least, most=most)


def _zone(fault: Fault) -> Said:
    near = get_close_matches(_value(fault), available_timezones(), n=1)
    remedy = phrase("Did you mean “{meant}”?", meant=near[0]) if near else _like(fault)
    return phrase("There is no time zone “{value}”.", value=_value(fault)), remedy


def _placeholder(fault: Fault) -> Said:
    if _value(fault) in ("{", "}"):
        return phrase("A “{value}” stands alone in this text.", value=_value(fault)), phrase(
            "For a brace that the customer shall see, write it twice."
        )
    return phrase("{placeholder} is not a placeholder of this template.", placeholder=_value(fault)), _meant(
        _value(fault), fault.about["known"]
    )


def _slug(fault: Fault) -> Said:
    return phrase("“{value}” cannot be a short name.", value=_value(fault)), phrase(
        "Use small letters a-z, digits and single hyphens, at most 60: billing-eu"
    )


def _double(fault: Fault) -> Said:
    sentence = phrase("The {key} “{value}” is there twice.", key=fault.about["key"], value=_value(fault))
    return sentence, phrase("Change one of them, or take it out.")


def _no_choice(fault: Fault) -> Said:
    if _key(fault) == "opens":
        return phrase("A ticket cannot be opened “{value}”.", value=_value(fault)), _meant(
            _value(fault), [opening.value for opening in Opening]
        )
    if _key(fault) == "mode":
        return phrase("There is no mode “{value}”.", value=_value(fault)), _meant(
            _value(fault), [mode.value for mode in Mode]
        )
    return phrase("There is no role “{value}”.", value=_value(fault)), _meant(
        _value(fault), [role.value for role in Role]
    )


def _unreadable(fault: Fault) -> Said:
    reason = str(fault.about.get("said", fault.code))
    return phrase("“{key}” cannot be read ({reason}).", key=_key(fault), reason=reason), _like(fault)


def _bad_target(fault: Fault) -> Said:
    known = [*(whom.value for whom in Whom), *(f"{kind}:…" for kind in NAMED)]
    return phrase("“{value}” is nobody who can be notified.", value=_value(fault)), phrase(
        "There is: {names}.", names=tuple(known)
    )


_OF_TIME: Mapping[str, Callable[[Fault], Said]] = {
    "bad_target": _bad_target,
    "bad_moment": lambda fault: (phrase("“{value}” is not a moment.", value=_value(fault)), _like(fault)),
    "bad_date": lambda fault: (phrase("“{value}” is not a date.", value=_value(fault)), _like(fault)),
    "bad_time": lambda fault: (phrase("“{value}” is not a time of the day.", value=_value(fault)), _like(fault)),
    "endless": lambda fault: (
        phrase("The ladder “{name}” has no end: it would be repeated for ever.", name=_value(fault)),
        phrase(
            "Repeat it at most {most} times; its last step should notify whoever must know.", most=fault.about["most"]
        ),
    ),
    "at_once": lambda fault: (
        phrase("The ladder “{name}” would be repeated at once: nothing in it waits.", name=_value(fault)),
        phrase('Add repeat_after = "30m", or give its steps some time.'),
    ),
    "ends_with_nothing": lambda fault: (
        phrase("The ladder “{name}” ends with a step after which nobody knows.", name=_value(fault)),
        phrase('Let its last step notify somebody, for example notify = ["supervisors"], or go to_backup.'),
    ),
    "idle_step": lambda fault: (
        phrase("A step of the ladder “{name}” does nothing.", name=_value(fault)),
        phrase("Give it notify, raise_urgency or to_backup; how long it waits stands in the step that follows."),
    ),
    "gone_before": lambda fault: (
        phrase("The ladder “{name}” goes on after the ticket has gone to the backup queue.", name=_value(fault)),
        phrase("Make to_backup its last step, without repeat: from then on the backup's own ladder counts."),
    ),
    "no_backup": lambda fault: (
        phrase(
            "The ladder “{name}” needs a backup, and the queue “{queue}” has none.",
            name=_value(fault),
            queue=fault.about["queue"],
        ),
        phrase("Give the queue one: {example}", example=_EXAMPLES["queues", "backup"]),
    ),
    "circle": lambda fault: (
        phrase("Backups go in a circle: {path}.", path=" → ".join(fault.about["path"])),
        phrase("Take the backup of one of them out."),
    ),
    "no_supervisor": lambda _: (
        phrase("This step notifies supervisors, and nobody is one."),
        phrase('Give one of the agents role = "supervisor".'),
    ),
    "no_manager": lambda _: (
        phrase("This step notifies managers, and no agent has one."),
        phrase('Give agents one, like manager = "Sam Rivera".'),
    ),
    "own_manager": lambda fault: (
        phrase("“{name}” cannot be their own manager.", name=_value(fault)),
        phrase("Name another agent, or take it out."),
    ),
    "gap": lambda fault: (
        phrase(
            "By the roster “{name}” nobody is on duty from {begins} to {ends}.",
            name=_value(fault),
            begins=fault.about["begins"],
            ends=fault.about["ends"],
        ),
        phrase('Add a shift for that time, or say with covers = ["…"] in which hours there must be somebody.'),
    ),
    "overlap": lambda fault: (
        phrase(
            "Two overrides say who is on duty from {begins} to {ends}: {person} and {other}.",
            begins=fault.about["begins"],
            ends=fault.about["ends"],
            person=_value(fault),
            other=fault.about["other"],
        ),
        phrase("Let one end when the other begins."),
    ),
    "backwards": lambda fault: (
        phrase("It ends before it begins: {value}.", value=_value(fault)),
        phrase("Exchange begins and ends."),
    ),
}


def _region(fault: Fault) -> Said:
    sentence = phrase(
        "{country} has no region “{value}” with holidays of its own.",
        country=fault.about["country"],
        value=_value(fault),
    )
    if not fault.about["known"]:
        return sentence, phrase("Write the country alone: {country}", country=fault.about["country"])
    return sentence, _meant(f"{fault.about['country']}-{_value(fault)}", fault.about["known"])


_SAID: Mapping[str, Callable[[Fault], Said]] = {
    "missing": lambda fault: (phrase("“{key}” is missing.", key=_key(fault)), _like(fault)),
    "extra_forbidden": _unknown_key,
    **dict.fromkeys(_KINDS, _wrong_type),
    "enum": _no_choice,
    "greater_than_equal": _range,
    "less_than_equal": _range,
    "empty": lambda fault: (phrase("“{key}” is empty.", key=_key(fault)), _like(fault)),
    "string_too_short": lambda fault: (phrase("“{key}” is empty.", key=_key(fault)), _like(fault)),
    "too_long": lambda fault: (
        phrase("“{key}” is too long.", key=_key(fault)),
        phrase("Use at most {limit} characters.", limit=fault.about["limit"]),
    ),
    "string_too_long": lambda fault: (
        phrase("“{key}” is too long.", key=_key(fault)),
        phrase("Use at most {limit} characters.", limit=fault.about["max_length"]),
    ),
    "several_lines": lambda fault: (
        phrase("“{key}” must stand on one line.", key=_key(fault)),
        phrase("Take out line breaks and control characters."),
    ),
    "bad_duration": lambda fault: (
        phrase("“{value}” is not a length of time.", value=_value(fault)),
        phrase("Write for example “90s”, “15m”, “4h”, “3d”, “2w” or “1d12h”; ten years at most."),
    ),
    "bad_address": lambda fault: (
        phrase("“{value}” is not a mail address.", value=_value(fault)),
        phrase("Write only the address, without a name: support@example.com"),
    ),
    "no_dot": lambda fault: (
        phrase("“{value}” has no dot after the @, and no mail from outside reaches it.", value=_value(fault)),
        phrase("Write the whole domain: support@example.com"),
    ),
    "bad_domain": lambda fault: (
        phrase("“{value}” is not a domain.", value=_value(fault)),
        phrase("Write what stands behind the @ of its addresses: example.com"),
    ),
    "shared_domain": lambda fault: (
        phrase("At “{value}” anybody may have an address.", value=_value(fault)),
        phrase("Take it out: else strangers could write into each other's tickets."),
    ),
    "bad_slug": _slug,
    "string_pattern_mismatch": _slug,
    "bad_room": lambda fault: (
        phrase("“{value}” cannot be the name of a Slack channel.", value=_value(fault)),
        phrase("Use small letters, digits, hyphens and underscores, at most 80, without #: desk-support"),
    ),
    "bad_sign": lambda fault: (
        phrase("“{value}” is not what a filter writes into a header.", value=_value(fault)),
        phrase("Write the field and how it begins, or a number: “X-Spam-Flag: YES” or “X-Spam-Score >= 6.5”"),
    ),
    "bad_server": lambda fault: (
        phrase("“{value}” is not the name of a server.", value=_value(fault)),
        phrase("Write it as it stands behind “by” in the Received lines of your mail: mx.example.com"),
    ),
    "bad_member": lambda fault: (
        phrase("“{value}” is not a Slack member id.", value=_value(fault)),
        phrase("Copy it in Slack from the profile's menu; it looks like U012ABCDEF. Or give the email instead."),
    ),
    "bad_chat": lambda fault: (
        phrase("“{value}” is not the number of a person's chat in Telegram.", value=_value(fault)),
        phrase("Write to @userinfobot there: it says your number. Then open a chat with the desk's bot."),
    ),
    "bad_workspace": lambda fault: (
        phrase("“{value}” is not a Slack workspace's id.", value=_value(fault)),
        phrase("It stands in the workspace's address in a browser, behind /client/; it looks like T012ABCDEF."),
    ),
    "bad_hours": lambda fault: (
        phrase("“{value}” are not hours of a week.", value=_value(fault)),
        phrase("Write days and times, the days in English: “Mon-Fri 09:00-17:00”, “Sat 10:00-14:00”, “22:00-06:00”."),
    ),
    "bad_day": lambda fault: (
        phrase("“{value}” is not a day with its hours.", value=_value(fault)),
        phrase(
            "Write a date, or two with a slash between them, then “closed”, “usual” or times: "
            "“2026-12-24 09:00-12:00”, “12-24/12-26 closed”."
        ),
    ),
    "bad_place": lambda fault: (
        phrase("“{value}” is neither a country nor a region of one.", value=_value(fault)),
        phrase("Write the code of ISO 3166: “DE” for Germany, “DE-BY” for Bavaria, “US-CA” for California."),
    ),
    "no_such_country": lambda fault: (
        phrase("The public holidays of “{value}” are not known.", value=_value(fault)),
        _meant(_value(fault), fault.about["known"]),
    ),
    "no_such_region": _region,
    "days_overlap": lambda fault: (
        phrase("{value} is in two of this calendar's days.", value=_value(fault)),
        phrase("Take it out of one of them; a date with a year counts before the same date of each year."),
    ),
    "no_such_calendar": lambda fault: (
        phrase("There is no calendar “{name}”.", name=_value(fault)),
        _meant(_value(fault), fault.about["known"]),
    ),
    "calendar_circle": lambda fault: (
        phrase("This calendar names itself: {way}.", way=_value(fault)),
        phrase("Take one of them out of “also”: each counts once anyhow."),
    ),
    "task_circle": lambda fault: (
        phrase("These tasks wait for each other in a circle, so none of them could begin: {way}.", way=_value(fault)),
        phrase("Take one of them out of “after”."),
    ),
    "no_such_tasks": lambda fault: (
        phrase("There is no task set “{value}”.", value=_value(fault)),
        _meant(_value(fault), fault.about["known"])
        if fault.about["known"]
        else phrase("Write it like this: {example}", example=_EXAMPLES[("task_sets",)]),
    ),
    "never_open": lambda fault: (
        phrase("The calendar “{name}” has no working time.", name=_value(fault)),
        phrase('Give it hours, for example hours = ["Mon-Fri 09:00-17:00"], or take closed days out.'),
    ),
    "no_target": lambda fault: (
        phrase("The policy “{name}” promises nothing.", name=_value(fault)),
        phrase('Add for example first_response = "4h", next_response = "8h" or resolution = "3d".'),
    ),
    "no_calendar": lambda fault: (
        phrase(
            "Nothing says in which hours the targets of “{name}” count: neither it nor the queue “{queue}” has a "
            "calendar.",
            name=_value(fault),
            queue=fault.about["queue"],
        ),
        phrase('Add calendar = "…" to one of them; calendar = "always" counts round the clock.'),
    ),
    "bad_skill": lambda fault: (
        phrase("“{value}” cannot be the name of a skill.", value=_value(fault)),
        phrase("Use a word or a few, at most 60 characters: refunds, network cards"),
    ),
    "bad_zone": _zone,
    "unknown_locale": lambda fault: (
        phrase("“{tag}” is not a language we know.", tag=fault.about["tag"]),
        phrase("Write its code, with a country where it matters: “en”, “de”, “pt-BR”, “zh-Hant”."),
    ),
    "bad_placeholder": _placeholder,
    "no_fallback": lambda fault: (
        phrase(
            "The desk sends this text by itself, and {placeholder} is not always known.",
            placeholder=f"{{{_value(fault)}}}",
        ),
        phrase(
            "Write {nothing}, or what shall stand there instead: {instead}",
            nothing=f"{{{_value(fault)}|}}",
            instead=f"{{{_value(fault)}|…}}",
        ),
    ),
    "double": _double,
    "no_such_queue": lambda fault: (
        phrase("There is no queue “{name}”.", name=_value(fault)),
        _meant(_value(fault), fault.about["known"]),
    ),
    "no_such_door": lambda fault: (
        phrase("There is no mailbox “{value}”.", value=_value(fault)),
        _meant(_value(fault), fault.about["known"]),
    ),
    "exposed": lambda fault: (
        phrase("#{room} is a queue's room: customers would read what agents say there.", room=_value(fault)),
        phrase("Name another channel for the customers, or another room for the queue."),
    ),
    "not_known": lambda fault: (
        phrase("“{value}” is not known.", value=_value(fault)),
        _meant(_value(fault), fault.about["known"]) if fault.about["known"] else phrase("Take it out."),
    ),
    "bad_pattern": lambda fault: (
        phrase("The pattern {value} cannot be used ({reason}).", value=_value(fault), reason=str(fault.about["said"])),
        phrase(
            "Write a regular expression that neither looks around nor refers back, of at most {limit} characters, in "
            "which nothing is repeated more than {times} times.",
            limit=LONGEST,
            times=MOST_TIMES,
        ),
    ),
    "literal_error": lambda fault: (
        phrase("“{value}” is none of the words that can stand here.", value=_value(fault)),
        _like(fault),
    ),
    **_OF_TIME,
    "no_queue": lambda fault: (phrase("There is no queue, so no ticket could wait anywhere."), _like(fault)),
    "no_mailbox": lambda fault: (phrase("There is no mailbox, so no customer could write."), _like(fault)),
    "close_without_reminder": lambda _: (
        phrase("“close_after” counts from the reminder, and there is none."),
        phrase('Add remind_after = "3d", or take close_after out.'),
    ),
    "contact_without_mailbox": lambda fault: (
        phrase("The contact form cannot lead into “{value}”: no mailbox does.", value=_value(fault)),
        phrase("Its tickets are answered by mail. Give the queue a mailbox, or take contact out."),
    ),
    "unknown_agent": lambda fault: (
        phrase("Nothing says who “{name}” is in Slack.", name=fault.about["name"]),
        phrase("Add the email of the Slack account, or the member id as slack."),
    ),
    "no_outcome": lambda fault: (
        phrase("The rule “{name}” decides nothing.", name=fault.about["name"]),
        phrase("Say what it decides, a queue or an urgency or both: {example}", example=_EXAMPLES["rules", "then"]),
    ),
    "no_text": lambda fault: (
        phrase("The template “{name}” has no text.", name=fault.about["name"]),
        _like(Fault(("templates", "text"), "", {})),
    ),
}
