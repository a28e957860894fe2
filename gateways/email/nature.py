"""What sort of mail this is: a person's, or one of the many that machines write; with the evidence."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from core.tickets.model import Nature
from gateways.email.bounces import REPORTS, names_somebody, reports, returns_a_mail
from gateways.email.headers import Headers
from gateways.email.quoting import says_away
from gateways.email.structure import Part

_DAEMON = re.compile(r"(?:mailer-?daemon|postmaster|mail-?daemon|mdaemon|mail delivery (?:sub)?system)", re.IGNORECASE)
_UNATTENDED = re.compile(
    r"(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|notifications?|bounces?|automat\w*|mailbot)(?:[+-].*)?", re.IGNORECASE
)
_LISTED = re.compile(r"(?:owner-.+|.+-(?:request|bounces|owner))", re.IGNORECASE)
_FAILURE = re.compile(
    r"""
    undeliver|undelivered|not[ ]delivered|non-?deliver
    |delivery[ ](?:status[ ]notification|failure|failed|report|problem|error|unsuccessful|notification)
    |mail[ ](?:delivery[ ])?(?:failed|failure|error|system[ ]error)|mail[ ]could[ ]not|failure[ ]notice|failed[ ]mail
    |return(?:ed|ing)[ ](?:mail|to[ ]sender|message)|could[ ]not[ ](?:be[ ])?(?:deliver|send)|couldn't[ ]be[ ]delivered
    |message[ ](?:not[ ]delivered|could[ ]not|delivery)|able[ ]to[ ]deliver|error[ ]sending
    |bounced?[ ](?:mail|message)
    |user[ ]unknown|rejected|warning:
    |unzustellbar|nicht[ ]zugestellt|nicht[ ]zustellbar|non[ ]remis|échec[ ]de[ ](?:la[ ])?(?:remise|distribution)
    |no[ ]se[ ](?:puede|pudo)[ ]entregar|non[ ]recapitabile|mancato[ ]recapito|niet[ ]bezorgd|onbestelbaar
    |недоставлен|не[ ]доставлено|配信不能|送信できません|退信
    """,
    re.IGNORECASE | re.VERBOSE,
)
_FAILED_SUBJECT = re.compile(
    r"""
    \W{0,3}(?:undeliver(?:ed|able)|non-?delivery|returned[ ]mail|mail[ ](?:could[ ]not|delivery|failure|system[ ]error)
    |delivery[ ](?:status[ ]notification|failure|failed|problem|error|unsuccessful|report)|failure[ ]notice
    |failed[ ]mail|message[ ](?:not[ ]delivered|could[ ]not)|bounced?[ ](?:mail|message)|unzustellbar|mail-?zustellung
    |non[ ]remis)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_DELAY = re.compile(
    r"""
    delay|not[ ]yet[ ]been[ ]delivered|still[ ]being[ ]retried|will[ ]be[ ]retried
    |could[ ]not[ ]send[ ]message[ ]for[ ]past|warning:[ ]message|temporarily|verzöger|retard|vertraag
    """,
    re.IGNORECASE | re.VERBOSE,
)
_FOR_GOOD = re.compile(r"fail|undeliver|returned|permanent|fatal", re.IGNORECASE)
_CHALLENGE = re.compile(
    r"""
    (?:confirm|verif)\w{0,10}.{0,40}(?:your[ ](?:e-?mail|message|address)|sender|delivery)|boxbe|spam[ ]?arrest
    |challenge.?response|please[ ]confirm[ ](?:your|that)|sender[ ]verification|action[ ]required.{0,20}waiting[ ]list
    """,
    re.IGNORECASE | re.VERBOSE,
)
_COMPLAINT = re.compile(r"\s*complaint about message from \d", re.IGNORECASE)
_SUPPRESS = re.compile(r"\b(?:all|dr|autoreply|oof)\b", re.IGNORECASE)
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
        return self.sender.rpartition("@")[0]

    @property
    def from_daemon(self) -> bool:
        return bool(_DAEMON.search(self.local) or (not self.local and _DAEMON.search(self.sender_name)))


def is_unattended(address: str) -> bool:
    """Whether nobody reads what is sent to an address, as far as it says so itself."""
    local = address.rpartition("@")[0]
    return bool(_UNATTENDED.fullmatch(local) or _LISTED.fullmatch(local) or _DAEMON.search(local))


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
    if _COMPLAINT.match(signs.subject) and "message/rfc822" in types:  # Hotmail's, from before there was a format
        return Verdict(Nature.ARF, ("subject of a complaint", "returns a mail"))
    if kind == "disposition-notification" or "message/disposition-notification" in types:
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
    if classes == {"4"} or (not classes and _DELAY.search(signs.subject)):
        return Verdict(Nature.BOUNCE_DELAY, ("delivery report without an action",))
    if classes == {"2"}:
        return Verdict(Nature.DSN_SUCCESS, ("delivery report without an action",))
    return Verdict(Nature.BOUNCE, ("delivery report without an action",))


def _answer_by_machine(signs: Signs) -> Verdict | None:
    headers = signs.headers
    automatic = headers.token("auto-submitted")
    if automatic == "auto-replied" and not signs.from_daemon:
        return Verdict(Nature.AUTO_REPLY, ("Auto-Submitted: auto-replied",))
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
    subject = _FAILURE.search(signs.subject)
    delay = _DELAY.search(signs.subject) or _DELAY.search(signs.text[:600])
    if subject or delay or _FAILURE.search(signs.text[:1500]) or "x-failed-recipients" in signs.headers:
        late = delay and not _FOR_GOOD.search(signs.subject)
        return Verdict(Nature.BOUNCE_DELAY if late else Nature.BOUNCE, (*evidence, "words of a delivery report"))
    return None


def _bounce_by_words(signs: Signs) -> Verdict | None:
    """A gateway that reports under its own name: by its subject, whom it names, and the mail that it returns."""
    if not _FAILED_SUBJECT.match(signs.subject):
        return None
    if names_somebody(signs.text) and returns_a_mail(signs.top, signs.text):
        return Verdict(Nature.BOUNCE, ("subject of a delivery report", "names a recipient", "returns a mail"))
    return None


def _calendar(signs: Signs) -> Verdict | None:
    for part in signs.top.leaves():
        method = part.parameters.get("method", "").upper()
        if part.type == "text/calendar" and method in ("REPLY", "COUNTER", "REFRESH", "DECLINECOUNTER"):
            return Verdict(Nature.CALENDAR, (f"calendar {method.lower()}",))
    return None


def _challenge(signs: Signs) -> Verdict | None:
    automatic = signs.headers.token("auto-submitted") not in ("", "no") or signs.null_sender
    if "x-tmda-fingerprint" in signs.headers or (automatic and _CHALLENGE.search(signs.subject)):
        return Verdict(Nature.CHALLENGE_RESPONSE, ("asks the sender to confirm",))
    return None


def _list(signs: Signs) -> Verdict | None:
    for name in _LIST_FIELDS:
        if name in signs.headers:
            return Verdict(Nature.LIST, (name,))
    if signs.headers.token("precedence") == "list":
        return Verdict(Nature.LIST, ("Precedence: list",))
    return Verdict(Nature.LIST, ("address of a list",)) if _LISTED.fullmatch(signs.local) else None


def _machine(signs: Signs) -> Verdict | None:
    headers = signs.headers
    automatic = headers.token("auto-submitted")
    if automatic not in ("", "no"):
        return Verdict(Nature.AUTO_GENERATED, (f"Auto-Submitted: {automatic}",))
    if _SUPPRESS.search(headers.text("x-auto-response-suppress")):
        return Verdict(Nature.AUTO_GENERATED, ("X-Auto-Response-Suppress",))
    if headers.token("precedence") in ("bulk", "junk"):
        return Verdict(Nature.AUTO_GENERATED, (f"Precedence: {headers.token('precedence')}",))
    if signs.from_daemon or signs.null_sender:
        return Verdict(Nature.AUTO_GENERATED, ("from a mail daemon" if signs.from_daemon else "empty envelope sender",))
    if _UNATTENDED.fullmatch(signs.local):
        return Verdict(Nature.AUTO_GENERATED, ("from an address nobody reads",))
    if "x-ms-exchange-generated-message-source" in headers:
        return Verdict(Nature.AUTO_GENERATED, ("generated by Exchange",))
    return None


_LOOKS: tuple[Callable[[Signs], Verdict | None], ...] = (
    _report,
    _answer_by_machine,
    _bounce_of_old,
    _calendar,
    _challenge,
    _list,
    _machine,
)
