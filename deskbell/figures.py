"""The desk's figures as they are shown: to a probe as JSON, to Prometheus as text, to an operator as sentences.

None of them has a word that anybody wrote, or anybody's address: counts, spans of time, and names of the settings and
the rulebook.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from core.phrases import Phrase, phrase, phrases
from core.settings import Settings
from core.storage.figures import Figures, Heap
from core.tickets.suppression import Verdict
from core.tickets.tallies import Tally

TEXT = "text/plain; version=0.0.4; charset=utf-8"

UNDERSTOOD_WITHIN = timedelta(minutes=5)
SENT_WITHIN = timedelta(minutes=30)
DONE_WITHIN = timedelta(minutes=5)
READ_WITHIN = timedelta(minutes=20)
"""What is longer calls for action (docs/operations.md)."""


class Mailbox(NamedTuple):
    """One that the settings name. `last_read`: of its folders the one that was not read for longest."""

    name: str
    is_read: bool
    last_read: datetime | None
    late: int


class Relay(NamedTuple):
    """One that the settings name."""

    name: str
    resting_until: datetime | None


def mailboxes(figures: Figures, settings: Settings) -> list[Mailbox]:
    return [_mailbox(figures, name) for name in sorted(settings.imap)]


def _mailbox(figures: Figures, name: str) -> Mailbox:
    folders = [folder for folder in figures.folders if folder.mailbox == name]
    looked_at = [folder.looked_at for folder in folders if folder.looked_at is not None]
    last = min(looked_at) if looked_at and len(looked_at) == len(folders) else None
    return Mailbox(name, name in figures.readers, last, sum(folder.late for folder in folders))


def bots(figures: Figures, settings: Settings) -> dict[str, bool]:
    """The Telegram bot that the settings name, by its number, and whether a process reads what comes to it."""
    token = settings.telegram_bot_token
    number = token.get_secret_value().partition(":")[0] if token else ""
    return {number: f"telegram:{number}" in figures.streams} if number.isdigit() else {}


def relays(figures: Figures, settings: Settings) -> list[Relay]:
    """Every one, the usual one as "usual"."""
    known = {relay.name: relay.resting_until for relay in figures.relays}
    named = [*([""] if settings.relay else []), *sorted(settings.smtp)]
    return [Relay(name or "usual", known.get(name)) for name in named]


def _age(figures: Figures, at: datetime | None) -> float:
    """Seconds; 0 where there is none, or its time is still to come."""
    return round(max((figures.at - at).total_seconds(), 0.0), 3) if at is not None else 0.0


# As JSON


def as_json(figures: Figures, settings: Settings) -> dict[str, Any]:
    return {
        "mail_not_understood_seconds": _age(figures, figures.not_understood),
        "mail_not_sent_seconds": _age(figures, figures.not_sent),
        "jobs": {
            one.destination: {
                "waiting": one.jobs,
                "failed_before": one.failed,
                "oldest_seconds": _age(figures, one.oldest),
                "overdue_seconds": _age(figures, one.due),
            }
            for one in figures.waiting
        },
        "jobs_given_up": figures.given_up,
        "kept_out": figures.kept_out,
        "strangers": _heap_as_json(figures, figures.strangers),
        "tickets_overdue": _heap_as_json(figures, figures.overdue),
        "supervisors_untold": _heap_as_json(figures, figures.untold),
        "suppressed_addresses": figures.suppressed,
        "mailboxes": {
            one.name: {
                "is_read": one.is_read,
                "last_read_seconds": None if one.last_read is None else _age(figures, one.last_read),
                "late": one.late,
            }
            for one in mailboxes(figures, settings)
        },
        "telegram": {name: {"is_read": is_read} for name, is_read in bots(figures, settings).items()},
        "relays": {one.name: {"is_resting": one.resting_until is not None} for one in relays(figures, settings)},
        "sources": {
            one.name: {
                "is_failing": one.failing_since is not None,
                "failing_seconds": _age(figures, one.failing_since),
            }
            for one in figures.sources
        },
        "since_it_began": {tally.value: _alone_or_each(many) for tally, many in figures.tallies.items()},
    }


def _alone_or_each(many: Mapping[str, int]) -> int | Mapping[str, int]:
    return many.get("", many)


def _heap_as_json(figures: Figures, heap: Heap) -> dict[str, float]:
    return {"count": heap.many, "oldest_seconds": _age(figures, heap.oldest)}


# As Prometheus reads it

Samples = Iterable[tuple[Mapping[str, str], float]]


def as_text(figures: Figures, settings: Settings) -> str:
    """Prometheus' text format: gauges, and counters of what happened since the desk began."""
    gauges = [_metric(name, help, "gauge", samples) for name, help, samples in _metrics(figures, settings)]
    return "".join([*gauges, *(_counter(tally, many) for tally, many in figures.tallies.items())])


def _metrics(figures: Figures, settings: Settings) -> Generator[tuple[str, str, Samples]]:
    def alone(value: float) -> Samples:
        return [({}, value)]

    def each(label: str, counted: Mapping[str, int]) -> Samples:
        return [({label: name}, count) for name, count in counted.items()]

    jobs = [({"destination": one.destination}, one) for one in figures.waiting]
    boxes = [({"mailbox": one.name}, one) for one in mailboxes(figures, settings)]
    yield (
        "mail_not_understood_seconds",
        "Age of the oldest mail nobody has understood yet.",
        alone(_age(figures, figures.not_understood)),
    )
    yield (
        "mail_not_sent_seconds",
        "Age of the oldest mail that has not left yet.",
        alone(_age(figures, figures.not_sent)),
    )
    yield "jobs_waiting", "Jobs waiting or at work.", [(to, one.jobs) for to, one in jobs]
    yield "jobs_failed_before", "Of those, tried in vain already.", [(to, one.failed) for to, one in jobs]
    yield (
        "jobs_oldest_seconds",
        "Since the oldest was asked for.",
        [(to, _age(figures, one.oldest)) for to, one in jobs],
    )
    yield "jobs_overdue_seconds", "Since one could be done.", [(to, _age(figures, one.due)) for to, one in jobs]
    yield "jobs_given_up", "Jobs that were given up.", each("kind", figures.given_up)
    yield "kept_out", "What came in and was not let in.", each("state", figures.kept_out)
    for name, help, heap in (
        ("strangers", "Tickets with words of strangers that nobody has decided about.", figures.strangers),
        ("tickets_overdue", "Tickets that the clock should have looked at.", figures.overdue),
        ("supervisors_untold", "What supervisors are to be told still.", figures.untold),
    ):
        yield name, help, alone(heap.many)
        yield f"{name}_oldest_seconds", f"The oldest. {help}", alone(_age(figures, heap.oldest))
    yield "suppressed_addresses", "Addresses that nothing is written to by itself.", each("kind", figures.suppressed)
    yield "mailbox_is_read", "Whether a process reads the mailbox.", [(at, float(one.is_read)) for at, one in boxes]
    yield (
        "mailbox_last_read_seconds",
        "Since its folders were read to their ends.",
        [(at, _age(figures, one.last_read)) for at, one in boxes if one.last_read is not None],
    )
    yield "mailbox_late", "Mails that its server could not give yet.", [(at, one.late) for at, one in boxes]
    read = [({"bot": name}, float(is_read)) for name, is_read in bots(figures, settings).items()]
    yield "telegram_is_read", "Whether a process reads what comes to the bot.", read
    resting = [({"relay": one.name}, float(one.resting_until is not None)) for one in relays(figures, settings)]
    failing = [({"source": one.name}, _age(figures, one.failing_since)) for one in figures.sources]
    yield "source_failing_seconds", "Since when the source does not take its webhooks; 0: it does.", failing
    yield "relay_is_resting", "Whether the relay is left alone for a while.", resting


_COUNTED = {
    Tally.BOUNCED: ("class", "Recipients that refused a message of ours, at once or by a report, by what that means."),
    Tally.BRAKED: ("reason", "Mail that went round, or seemed to, and was stopped."),
    Tally.HELD: ("reason", "Mail that was not let in."),
    Tally.UNREADABLE: ("", "Mail that could not be understood."),
}


def _counter(tally: Tally, many: Mapping[str, int]) -> str:
    label, help = _COUNTED[tally]
    samples = [({label: name} if label else {}, count) for name, count in many.items()]
    return _metric(f"{tally.value}_total", help, "counter", samples)


def _metric(name: str, help: str, kind: str, samples: Samples) -> str:
    said = [f"deskbell_{name}{_labels(labels)} {value:.15g}\n" for labels, value in samples]
    return f"# HELP deskbell_{name} {help}\n# TYPE deskbell_{name} {kind}\n{''.join(said)}" if said else ""


def _labels(labels: Mapping[str, str]) -> str:
    said = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{said}}}" if said else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


# As sentences

Said = tuple[Literal["good", "warn", "bad"], Phrase]


def findings(figures: Figures, settings: Settings) -> Generator[Said]:
    """What the doctor says of them: what calls for action, and how much waits for somebody."""
    late = [*_mail_late(figures), *_undone(figures), *_servers(figures, settings)]
    if not late:
        yield "good", phrase("Nothing waits for longer than it should.")
    for said in late:
        yield "warn", said
    kept = figures.kept_out
    if any((kept["suspended"], kept["unreadable"], kept["blocked"], figures.strangers.many)):
        yield (
            "good",
            phrase(
                "Mail that is held back: {suspended}; unreadable: {unreadable}; of blocked senders: {blocked}. "
                "Tickets with words of strangers that nobody has decided about: {strangers}.",
                suspended=kept["suspended"],
                unreadable=kept["unreadable"],
                blocked=kept["blocked"],
                strangers=figures.strangers.many,
            ),
        )
    yield from _so_far(figures)


def _so_far(figures: Figures) -> Generator[Said]:
    """What was counted since the desk began, where there is any of it."""
    bounced, braked = figures.tallies[Tally.BOUNCED], figures.tallies[Tally.BRAKED]
    if any(bounced.values()):
        yield (
            "good",
            phrase(
                "Recipients that refused the desk's mail so far: {gone} are not there, {failing} could take none just "
                "then, {policy} did not want it, {too_large} found it too large, {other} for other reasons.",
                **{verdict.value: bounced[verdict] for verdict in Verdict},
            ),
        )
    if any(braked.values()):
        yield (
            "good",
            phrases(
                "{count} time so far, mail that went round between machines was stopped.",
                "{count} times so far, mail that went round between machines was stopped.",
                sum(braked.values()),
            ),
        )


def _is_over(figures: Figures, at: datetime | None, span: timedelta) -> bool:
    return at is not None and figures.at - at > span


def _mail_late(figures: Figures) -> Generator[Phrase]:
    if (came := figures.not_understood) is not None and figures.at - came > UNDERSTOOD_WITHIN:
        yield phrase(
            "The oldest mail that nobody has understood yet came {ago}. What is in its way: deskbell jobs list",
            ago=came - figures.at,
        )
    if (written := figures.not_sent) is not None and figures.at - written > SENT_WITHIN:
        yield phrase(
            "The oldest mail that has not left yet was written {ago}. What is in its way: deskbell jobs list",
            ago=written - figures.at,
        )


def _undone(figures: Figures) -> Generator[Phrase]:
    """Jobs that could be done and are not: rooms in Slack take one message a second, everything else is at once."""
    stuck = [one for one in figures.waiting if _is_over(figures, one.due, DONE_WITHIN)]
    if stuck:
        yield phrase(
            "Jobs wait that could be done, the longest of them for {span} ({destinations}). Does the desk run, with "
            "deskbell run or with serve work and serve bot?",
            span=figures.at - min(one.due for one in stuck if one.due is not None),
            destinations=[one.destination for one in stuck][:5],
        )
    if _is_over(figures, figures.overdue.oldest, DONE_WITHIN):
        yield phrases(
            "{count} ticket should have been looked at by now, for a reminder or a closing. Does the desk run?",
            "{count} tickets should have been looked at by now, for a reminder or a closing. Does the desk run?",
            figures.overdue.many,
        )


def _servers(figures: Figures, settings: Settings) -> Generator[Phrase]:
    for box in mailboxes(figures, settings):
        if box.last_read is None or _is_over(
            figures, box.last_read, max(READ_WITHIN, 3 * settings.imap[box.name].poll)
        ):
            yield phrase(
                "The mailbox {name} was not read to its end lately. Whether it lets the desk in is said below; does "
                "the desk run?",
                name=box.name,
            )
    for source in figures.sources:
        if _is_over(figures, source.failing_since, SENT_WITHIN):
            yield phrase(
                "The source {name} has not taken its webhooks since {at}. What is in their way: deskbell sources list",
                name=source.name,
                at=source.failing_since,
            )
    for relay in relays(figures, settings):
        if relay.resting_until is not None:
            yield phrase(
                "The relay {name} refused the desk's mail, and is asked again at {at}. Whether it takes mail now is "
                "said below.",
                name=relay.name,
                at=relay.resting_until,
            )
