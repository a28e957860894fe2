"""Which addresses mail does not reach: what a refusal means, and how long what was refused stays in mind."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """What is to be done about a refusal (RFC 3463, and what servers say without its codes)."""

    GONE = "gone"  # there is no such address
    FAILING = "failing"  # it is full, or does not answer: that may pass
    POLICY = "policy"  # they do not want mail from us: whoever runs the desk must look
    TOO_LARGE = "too_large"
    UNWRITABLE = "unwritable"  # a server on the way cannot be told the address, for its letters
    OTHER = "other"


class Kind(StrEnum):
    """Why an address gets no automatic mail."""

    GONE = "gone"
    FAILING = "failing"
    COMPLAINT = "complaint"  # whoever reads there said that our mail is spam


class Standing(NamedTuple):
    """What is known against an address. `score` is what it was at `at`."""

    kind: Kind
    score: float
    at: datetime


HALF_LIFE = timedelta(days=7)
"""So long a failure takes to count for half."""

FORGIVEN = 2.0
"""Failures that may pass: of more within days, an address counts as one that mail does not reach."""

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.])")
_GONE = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10"})
_UNKNOWN = re.compile(
    r"(?i)(?:user|mailbox|recipient|address|account)[^.;]{0,40}"
    r"(?:unknown|not found|does(?: not|n't) exist|no longer|invalid|unavailable)"
    r"|(?:no such|unknown|invalid) (?:user|mailbox|recipient|address|account|person)|no mailbox here"
)
_POLICY = re.compile(
    r"(?i)spam|block(?:ed|list)|black ?list|dnsbl|rbl\b|reputation|policy|not authorized|access denied"
    r"|dmarc|\bspf\b|dkim"
)
_LARGE = re.compile(r"(?i)too (?:large|big)|size (?:limit|exceed)|exceed\w* [^.;]{0,30}size|message size")
_FULL = re.compile(
    r"(?i)quota|(?:mailbox|inbox|storage) [^.;]{0,20}full|full mailbox|insufficient [^.;]{0,20}(?:storage|space)"
)


def verdict(said: str) -> Verdict:
    """What a refusal means: `550 5.1.1 <ann@example.com>: User unknown` and the like, in the other server's words.

    The status counts before the words, for whatever it covers: words are in any language, and quote anything.
    """
    if found := _STATUS.search(said):
        family, subject, detail = found.groups()
        code = f"{int(subject)}.{int(detail)}"
        if family == "4":
            return Verdict.FAILING
        if code in _GONE:
            return Verdict.GONE
        if code in ("3.4", "2.3") or (code == "2.2" and _LARGE.search(said)):
            return Verdict.TOO_LARGE
        if code == "6.7":
            return Verdict.UNWRITABLE
        if code in ("2.1", "2.2", "4.7") or subject == "4":
            return Verdict.FAILING
        if subject == "7" or code == "1.8":
            return Verdict.GONE if _is_unknown(said) and code == "7.0" else Verdict.POLICY
        if (subject, detail) != ("0", "0"):
            return Verdict.OTHER
    return _by_words(said)


def _by_words(said: str) -> Verdict:
    code = _CODE.search(said)
    number = code[1] if code else ""
    if number.startswith("4"):
        return Verdict.FAILING
    if _FULL.search(said):
        return Verdict.FAILING
    if number == "552" or _LARGE.search(said):
        return Verdict.TOO_LARGE
    if _is_unknown(said):
        return Verdict.GONE
    return Verdict.POLICY if _POLICY.search(said) else Verdict.OTHER


def _is_unknown(said: str) -> bool:
    return bool(_UNKNOWN.search(said)) and not _POLICY.search(said)


def after(before: Standing | None, found: Verdict, now: datetime) -> Standing | None:
    """What is known against an address after a refusal; None where that says nothing about the address."""
    if before is not None and before.kind is Kind.COMPLAINT:
        return before
    match found:
        case Verdict.GONE:
            return Standing(Kind.GONE, 0.0, now)
        case Verdict.FAILING if before is None or before.kind is Kind.FAILING:
            return Standing(Kind.FAILING, 1.0 + (score(before, now) if before else 0.0), now)
        case _:
            return before


def score(standing: Standing, now: datetime) -> float:
    """What it has come down to by now."""
    return standing.score * 0.5 ** ((now - standing.at) / HALF_LIFE)


def is_suppressed(standing: Standing, now: datetime) -> bool:
    """Whether the desk sends nothing there by itself. Only what may pass is forgotten by itself."""
    return standing.kind is not Kind.FAILING or score(standing, now) > FORGIVEN
