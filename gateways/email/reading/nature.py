"""What sort of mail this is: a person's, or one of the many that machines write; with the evidence."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from core.tickets.model import Nature
from gateways.email.parts.headers import Headers
from gateways.email.parts.structure import Part
from gateways.email.reading import machine_fields as fields
from gateways.email.reading import machine_words as words
from gateways.email.reading.bounces import REPORTS, names_somebody, reports, returns_a_mail
from gateways.email.reading.quoting import says_away
from gateways.email.reading.receipts import is_receipt

_LINK = re.compile(r"https?://\S+")
_METHOD = re.compile(rb"(?im)^METHOD:[ \t]*([A-Z]+)")
_ANSWERS_TO_INVITATIONS = ("REPLY", "COUNTER", "REFRESH", "DECLINECOUNTER")
_PASSED_ON = re.compile(r"\s*(?:fwd?|wg|tr|rv|vs|vb|vl|enc|re|aw|sv|antw)\s*:", re.IGNORECASE)


class Verdict(NamedTuple):
    """The class of a mail and the signs that say so, strongest first."""

    nature: Nature
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signs:
    """What is looked at."""

    top: Part
    subject: str
    sender: str  # the address in From; empty if none
    sender_name: str
    text: str
    null_sender: bool  # the envelope's MAIL FROM is `<>`, or Return-Path says so

    @property
    def headers(self) -> Headers:
        return self.top.headers

    @property
    def local(self) -> str:
        return self.sender.rpartition("@")[0] or self.sender

    @property
    def from_daemon(self) -> bool:
        returns_to = (self.headers.first("return-path") or b"").decode("latin-1").partition("@")[0]
        return bool(
            words.DAEMON.search(self.local)
            or (not self.local and words.DAEMON.search(self.sender_name))
            or words.DAEMONS_NAME.fullmatch(self.sender_name)
            or words.DAEMON.search(returns_to)
        )

    @property
    def is_automatic(self) -> bool:
        """Whether the mail says of itself that nobody wrote it."""
        return self.headers.token("auto-submitted") not in ("", "no") or self.null_sender


def is_unattended(address: str) -> bool:
    """Whether nobody reads what is sent to an address, as far as it says so itself."""
    local = address.rpartition("@")[0]
    return bool(words.UNATTENDED.fullmatch(local) or words.LISTED.fullmatch(local) or words.DAEMON.search(local))


def classify(signs: Signs) -> Verdict:
    """The first class whose signs are there; a person's mail if none is. What is uncertain counts as a person's."""
    for look in _LOOKS:
        found = look(signs)
        if found:
            return found
    return Verdict(Nature.HUMAN, ())


def _report(signs: Signs) -> Verdict | None:
    """Reports by their type (RFC 6522), or by their parts where the type is lost."""
    kind = signs.top.parameters.get("report-type", "").lower() if signs.top.type == "multipart/report" else ""
    types = {part.type for part in signs.top.leaves()}
    if not kind and _PASSED_ON.match(signs.subject) and not (signs.is_automatic or signs.from_daemon):
        return None  # somebody asks what the report means
    if kind == "feedback-report" or "message/feedback-report" in types:
        return Verdict(Nature.ARF, ("feedback report",))
    if words.COMPLAINT.match(signs.subject) and "message/rfc822" in types:  # Hotmail's, from before there was a format
        return Verdict(Nature.ARF, ("subject of a complaint", "returns a mail"))
    for name in fields.COMPLAINTS:
        if name in signs.headers:
            return Verdict(Nature.ARF, (name,))
    if "x-apple-unsubscribe" in signs.headers and signs.is_automatic:
        return Verdict(Nature.ARF, ("X-Apple-Unsubscribe", "sent by a machine"))  # they want no more of it
    if kind == "disposition-notification" or "message/disposition-notification" in types:
        if signs.is_automatic and words.REFUSED.search(f"{signs.subject}\n{signs.text[:600]}"):  # RFC 5429 §2.1.1
            return Verdict(Nature.BOUNCE, ("disposition notification", "words of a refusal"))
        return Verdict(Nature.MDN, ("disposition notification",))
    if kind == "delivery-status" or not types.isdisjoint(REPORTS):
        return _delivery_report(signs)
    return None


def _delivery_report(signs: Signs) -> Verdict:
    told = reports(signs.top)
    actions = {report.action for report in told if report.action}
    if "failed" in actions:
        return Verdict(Nature.BOUNCE, ("delivery report: failed",))
    if "delayed" in actions:
        return Verdict(Nature.BOUNCE_DELAY, ("delivery report: delayed",))
    if actions & {"delivered", "relayed", "expanded"}:
        return Verdict(Nature.DSN_SUCCESS, ("delivery report: delivered",))
    if words.CHALLENGER.search(f"{signs.subject}\n{signs.text[:1500]}"):  # Boxbe's, who asks the sender to register
        evidence = ("delivery report without an action", "a filter that asks senders to confirm")
        return Verdict(Nature.CHALLENGE_RESPONSE, evidence)
    classes = {report.status[:1] for report in told if report.status}
    if classes == {"4"} or (not classes and words.DELAY.search(signs.subject)):
        return Verdict(Nature.BOUNCE_DELAY, ("delivery report without an action",))
    if classes == {"2"}:
        return Verdict(Nature.DSN_SUCCESS, ("delivery report without an action",))
    return Verdict(Nature.BOUNCE, ("delivery report without an action",))


def _answer_by_machine(signs: Signs) -> Verdict | None:
    headers = signs.headers
    automatic = headers.token("auto-submitted")
    if "x-failed-recipients" in headers:
        return None
    if automatic == "auto-replied" and not signs.from_daemon:
        return Verdict(Nature.AUTO_REPLY, ("Auto-Submitted: auto-replied",))
    if automatic == "auto-generated" and "in-reply-to" in headers and not signs.from_daemon:
        return Verdict(Nature.AUTO_REPLY, ("Auto-Submitted: auto-generated", "answers a mail"))
    if name := _field_of_an_answer(headers):
        return Verdict(Nature.AUTO_REPLY, (name,))
    for name, value in fields.ANSWER_VALUES:
        if name in headers and value.match(headers.text(name)):
            return Verdict(Nature.AUTO_REPLY, (f"{name}: {headers.text(name)[:80]}",))
    if "x-fc-machinegenerated" in headers and "in-reply-to" in headers:
        return Verdict(Nature.AUTO_REPLY, ("x-fc-machinegenerated", "answers a mail"))
    machine = automatic not in ("", "no") or "x-auto-response-suppress" in headers or signs.null_sender
    if (
        (machine or headers.token("precedence") in ("bulk", "junk"))
        and (says_away(signs.subject) or words.AWAY_WITHIN.search(signs.subject))
        and not signs.from_daemon
    ):
        return Verdict(Nature.AUTO_REPLY, ("subject of an automatic answer", "sent by a machine"))
    return _answer_by_subject(signs)


def _field_of_an_answer(headers: Headers) -> str:
    """The first field by which a program says that it answers by itself; empty if there is none."""
    for name, _ in headers.fields:
        says_so = name in fields.ODD_ANSWERS or (name.startswith("x-") and fields.ANSWERS.fullmatch(name))
        if says_so and headers.token(name) not in ("no", "none", "false"):
            return name
    return ""


def _answer_by_subject(signs: Signs) -> Verdict | None:
    """By the words that machines put before the subject of what they answer."""
    if words.OUT_OF_OFFICE.match(signs.subject):
        return Verdict(Nature.AUTO_REPLY, ("subject of Exchange's automatic answers",))
    answers = "in-reply-to" in signs.headers or "references" in signs.headers
    if answers and words.AUTOMATIC_PREFIX.match(signs.subject) and says_away(signs.subject):
        starts = not _PASSED_ON.match(signs.subject) and not signs.from_daemon
        return Verdict(Nature.AUTO_REPLY, ("subject of an automatic answer", "answers a mail")) if starts else None
    return None


def _bounce_of_old(signs: Signs) -> Verdict | None:
    """Bounces that are no RFC 3464 report: two signs together."""
    evidence = []
    if signs.null_sender:
        evidence.append("empty envelope sender")
    if signs.from_daemon:
        evidence.append("from a mail daemon")
    if "x-failed-recipients" in signs.headers:
        evidence.append("X-Failed-Recipients")
    if not evidence:
        return _bounce_by_words(signs)
    if words.SUCCESS.search(signs.subject) or (
        words.SUCCESS.search(signs.text[:600]) and not words.FAILURE.search(signs.subject)
    ):
        return Verdict(Nature.DSN_SUCCESS, (*evidence, "words of a delivery report"))
    said = words.FAILURE.search(signs.subject) or words.FAILURE.search(signs.text[:1500])
    late = words.DELAY.search(signs.subject) or words.DELAY.search(signs.text[:600])
    trying = words.STILL_TRYING.search(signs.text[:1500])
    # What a mailer writes of somebody to get no answer is a report, in whatever language.
    by_mailer = signs.null_sender and words.MAILER.search(signs.local)
    by_mailer = by_mailer and ("@" in signs.text or returns_a_mail(signs.top, signs.text))
    if said or late or by_mailer or "x-failed-recipients" in signs.headers:
        delayed = trying or (late and not words.FOR_GOOD.search(signs.subject))
        nature = Nature.BOUNCE_DELAY if delayed else Nature.BOUNCE
        return Verdict(nature, (*evidence, "words of a delivery report") if said or late else tuple(evidence))
    if signs.from_daemon and names_somebody(signs.text):
        return Verdict(Nature.BOUNCE, (*evidence, "names a recipient"))
    return None


def _bounce_by_words(signs: Signs) -> Verdict | None:
    """A gateway that reports under its own name: by its subject, whom it names, and how it begins or ends."""
    if not words.FAILED_SUBJECT.match(signs.subject) or not names_somebody(signs.text):
        return None
    trying = words.STILL_TRYING.search(signs.text[:1500])
    nature = Nature.BOUNCE_DELAY if trying else Nature.BOUNCE
    if returns_a_mail(signs.top, signs.text):
        return Verdict(nature, ("subject of a delivery report", "names a recipient", "returns a mail"))
    if "in-reply-to" not in signs.headers and words.REPORTING.search(signs.text[:600]):
        return Verdict(nature, ("subject of a delivery report", "names a recipient", "begins as a delivery report"))
    return None


def _calendar(signs: Signs) -> Verdict | None:
    for part in signs.top.leaves():
        if part.type not in ("text/calendar", "application/ics"):
            continue
        method = part.parameters.get("method", "").upper()
        if not method and (told := _METHOD.search(part.content()[:4096])):
            method = told[1].decode("ascii").upper()
        if method in _ANSWERS_TO_INVITATIONS:
            return Verdict(Nature.CALENDAR, (f"calendar {method.lower()}",))
    return None


def _challenge(signs: Signs) -> Verdict | None:
    """A filter that wants the sender to prove to be a person, and holds the mail back until then."""
    for name in fields.CHALLENGES:
        if name in signs.headers:
            return Verdict(Nature.CHALLENGE_RESPONSE, (name,))
    if not signs.is_automatic or signs.from_daemon:
        return None
    said = f"{signs.subject}\n{_LINK.sub('', signs.text[:1500])}"
    if words.CHALLENGER.search(said):
        return Verdict(Nature.CHALLENGE_RESPONSE, ("a filter that asks senders to confirm", "sent by a machine"))
    if words.ASKS_TO_CONFIRM.search(said) and words.HOLDS_BACK.search(said):
        return Verdict(Nature.CHALLENGE_RESPONSE, ("asks the sender to confirm", "holds the mail back"))
    return None


def _list(signs: Signs) -> Verdict | None:
    for name in fields.LISTS:
        if name in signs.headers:
            return Verdict(Nature.LIST, (name,))
    if signs.headers.token("precedence") == "list":
        return Verdict(Nature.LIST, ("Precedence: list",))
    sender = (signs.headers.first("sender") or b"").decode("latin-1").rpartition("<")[2].partition("@")[0]
    if words.LISTED.fullmatch(signs.local) or words.LISTED.fullmatch(sender) or words.OWNER.fullmatch(sender):
        return Verdict(Nature.LIST, ("address of a list",))
    return None


def _machine(signs: Signs) -> Verdict | None:
    headers = signs.headers
    automatic = headers.token("auto-submitted")
    if automatic not in ("", "no"):
        return Verdict(Nature.AUTO_GENERATED, (f"Auto-Submitted: {automatic}",))
    if words.SUPPRESS.search(headers.text("x-auto-response-suppress")):
        return Verdict(Nature.AUTO_GENERATED, ("X-Auto-Response-Suppress",))
    if headers.token("precedence") in ("bulk", "junk"):
        told = f"Precedence: {headers.token('precedence')}"
        if signs.null_sender and not signs.from_daemon and not is_unattended(signs.sender):
            return Verdict(Nature.AUTO_REPLY, ("empty envelope sender", told, "from a person's address"))
        return Verdict(Nature.AUTO_GENERATED, (told,))
    for name in fields.GENERATED:
        if name in headers:
            return Verdict(Nature.AUTO_GENERATED, (name,))
    return _by_address(signs)


def _by_address(signs: Signs) -> Verdict | None:
    """By where a mail says that it comes from, and where a report of its delivery would go."""
    headers = signs.headers
    if signs.null_sender and not signs.from_daemon and ("in-reply-to" in headers or "references" in headers):
        return Verdict(Nature.AUTO_REPLY, ("empty envelope sender", "answers a mail"))
    answers = signs.local.lower() == "postmaster" and "in-reply-to" in headers  # who has that address is a person, too
    if signs.null_sender or (signs.from_daemon and not answers):
        return Verdict(Nature.AUTO_GENERATED, ("from a mail daemon" if signs.from_daemon else "empty envelope sender",))
    if words.UNATTENDED.fullmatch(signs.local):
        return Verdict(Nature.AUTO_GENERATED, ("from an address nobody reads",))
    if words.PROGRAM.fullmatch(signs.local):
        return Verdict(Nature.AUTO_GENERATED, ("from a program's address",))
    if "x-ms-exchange-generated-message-source" in headers:
        return Verdict(Nature.AUTO_GENERATED, ("generated by Exchange",))
    return None


def _receipt(signs: Signs) -> Verdict | None:
    """Receipts without the part that says so; what reports of delivery write looks like them."""
    arrived = words.SUCCESS.search(signs.subject)
    reports_delivery = (
        signs.from_daemon
        or words.FAILURE.search(signs.subject)
        or words.DELAY.search(signs.subject)
        or (arrived and arrived[0].endswith((":", "：")))
    )
    if reports_delivery or not is_receipt(signs.subject, signs.text):
        return None
    return Verdict(Nature.MDN, ("words of a receipt",))


_LOOKS: tuple[Callable[[Signs], Verdict | None], ...] = (
    _report,
    _receipt,
    _calendar,
    _challenge,
    _answer_by_machine,
    _bounce_of_old,
    _list,
    _machine,
)
