"""What sort of mail this is: a person's, or one of the many that machines write; with the evidence."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from core.tickets.model import Nature
from gateways.email.parts.headers import Headers
from gateways.email.parts.structure import Part
from gateways.email.reading import machine_words as words
from gateways.email.reading.bounces import REPORTS, names_somebody, reports, returns_a_mail
from gateways.email.reading.quoting import says_away

_LINK = re.compile(r"https?://\S+")
_METHOD = re.compile(rb"(?im)^METHOD:[ \t]*([A-Z]+)")
_ANSWERS_TO_INVITATIONS = ("REPLY", "COUNTER", "REFRESH", "DECLINECOUNTER")
_AUTO_REPLY_FIELDS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-autoreply-from",
    "x-auto-reply",
    "x-mail-autoreply",
    "x-ms-exchange-inbox-rules-loop",
)
_LIST_FIELDS = (
    "list-id",
    "list-post",
    "mailing-list",
    "x-mailing-list",
    "list-unsubscribe",
    "x-mailman-version",
    "list-help",
)


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
    if kind == "feedback-report" or "message/feedback-report" in types:
        return Verdict(Nature.ARF, ("feedback report",))
    if words.COMPLAINT.match(signs.subject) and "message/rfc822" in types:  # Hotmail's, from before there was a format
        return Verdict(Nature.ARF, ("subject of a complaint", "returns a mail"))
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
    for name in _AUTO_REPLY_FIELDS:
        if name in headers and headers.token(name) not in ("no", "none", "false"):
            return Verdict(Nature.AUTO_REPLY, (name,))
    if headers.token("precedence") in ("auto_reply", "auto-reply") or headers.token("x-precedence") == "auto_reply":
        return Verdict(Nature.AUTO_REPLY, ("Precedence: auto_reply",))
    away = says_away(signs.subject)
    machine = automatic not in ("", "no") or "x-auto-response-suppress" in headers or signs.null_sender
    if away and (machine or headers.token("precedence") in ("bulk", "junk")) and not signs.from_daemon:
        return Verdict(Nature.AUTO_REPLY, ("subject of an automatic answer", "sent by a machine"))
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
    # What a mailer writes to get no answer is a report, in whatever language.
    by_mailer = signs.null_sender and words.MAILER.search(signs.local)
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
        if part.type != "text/calendar":
            continue
        method = part.parameters.get("method", "").upper()
        if not method and (told := _METHOD.search(part.content()[:4096])):
            method = told[1].decode("ascii").upper()
        if method in _ANSWERS_TO_INVITATIONS:
            return Verdict(Nature.CALENDAR, (f"calendar {method.lower()}",))
    return None


def _challenge(signs: Signs) -> Verdict | None:
    """A filter that wants the sender to prove to be a person, and holds the mail back until then."""
    if "x-tmda-fingerprint" in signs.headers:
        return Verdict(Nature.CHALLENGE_RESPONSE, ("X-TMDA-Fingerprint",))
    if not signs.is_automatic or signs.from_daemon:
        return None
    said = f"{signs.subject}\n{_LINK.sub('', signs.text[:1500])}"
    if words.CHALLENGER.search(said):
        return Verdict(Nature.CHALLENGE_RESPONSE, ("a filter that asks senders to confirm", "sent by a machine"))
    if words.ASKS_TO_CONFIRM.search(said) and words.HOLDS_BACK.search(said):
        return Verdict(Nature.CHALLENGE_RESPONSE, ("asks the sender to confirm", "holds the mail back"))
    return None


def _list(signs: Signs) -> Verdict | None:
    for name in _LIST_FIELDS:
        if name in signs.headers:
            return Verdict(Nature.LIST, (name,))
    if signs.headers.token("precedence") == "list":
        return Verdict(Nature.LIST, ("Precedence: list",))
    return Verdict(Nature.LIST, ("address of a list",)) if words.LISTED.fullmatch(signs.local) else None


def _machine(signs: Signs) -> Verdict | None:
    headers = signs.headers
    automatic = headers.token("auto-submitted")
    if automatic not in ("", "no"):
        return Verdict(Nature.AUTO_GENERATED, (f"Auto-Submitted: {automatic}",))
    if words.SUPPRESS.search(headers.text("x-auto-response-suppress")):
        return Verdict(Nature.AUTO_GENERATED, ("X-Auto-Response-Suppress",))
    if headers.token("precedence") in ("bulk", "junk"):
        return Verdict(Nature.AUTO_GENERATED, (f"Precedence: {headers.token('precedence')}",))
    if signs.from_daemon or signs.null_sender:
        return Verdict(Nature.AUTO_GENERATED, ("from a mail daemon" if signs.from_daemon else "empty envelope sender",))
    if words.UNATTENDED.fullmatch(signs.local):
        return Verdict(Nature.AUTO_GENERATED, ("from an address nobody reads",))
    if "x-ms-exchange-generated-message-source" in headers:
        return Verdict(Nature.AUTO_GENERATED, ("generated by Exchange",))
    return None


_LOOKS: tuple[Callable[[Signs], Verdict | None], ...] = (
    _report,
    _calendar,
    _challenge,
    _answer_by_machine,
    _bounce_of_old,
    _list,
    _machine,
)
