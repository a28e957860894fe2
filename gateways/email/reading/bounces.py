"""Which of our mails did not arrive, for whom and why, as delivery reports say it (RFC 3464, RFC 6533)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from gateways.email.parts.addresses import normal, read_addresses
from gateways.email.parts.headers import Headers, decode_words, one_line, split_mail, split_part
from gateways.email.parts.structure import Part
from gateways.email.rewritten import as_it_was

REPORTS = ("message/delivery-status", "message/global-delivery-status")

_RETURNED_TYPES = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
_MOST = 200  # recipients of one report
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.])")
_LOCAL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,200}"
_DOMAIN = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_MAILBOX = f"{_LOCAL}@{_DOMAIN}"
_LISTED = re.compile(
    rf"^[ \t]*(?:To:?\s+)?(?:\"[^\"\n]{{0,80}}\"[ \t]*)?(?:<({_MAILBOX})>"
    rf"|[<\"']?({_MAILBOX})[>\"']?[ \t]*(?::|$|\.{{3}}|[(;]|,[ ]|[ ]\w{{1,4}}[ ]\d))",  # Exchange: `on 3/2/2026`
    re.I | re.M,
)
_NAMING = re.compile(  # what stands before an address, on the same line
    r"(?:(?:address(?:es)?|recipients?|user|mailbox|deliver(?:y|ed)? (?:the message )?to|message to|unknown|to"
    r"|empfängern?|destinat[a-zá]+|geadresseerden?|ontvangers?|mottagare|modtagere?|mottakere?|vastaanottaj\w+|odbiorc\w+|příjemc\w+|címzett\w*|alıcı\w*"
    r"|получател\w+|адресат\w*|одержувач\w*)\b|收件[人者]|收信人|받는 ?사람|수신자|宛先|送信先|あて先)[^\n@]{0,61}\Z",
    re.IGNORECASE,
)
_BACKWARDS, _ONWARDS = re.compile(_LOCAL), re.compile(_DOMAIN)
_LEAD = 100  # characters before an address in which what names it begins
_MOST_BYTES = 256 * 1024
_LONGEST_SAID = 300
_MESSAGE_ID = re.compile(r"^[ \t>]{0,8}Message-ID:\s{1,3}(<[^<>\s]{1,990}>)", re.IGNORECASE | re.MULTILINE)
_RETURNED = re.compile(
    r"^-{2,}+.{0,40}(?:copy of|original|returned|unsent|message (?:header|text|follows)|below this line).*$"
    r"|^(?:Received|Return-Path|Message-ID|From|Subject|Date):\s",
    re.IGNORECASE | re.MULTILINE,
)
_DAEMON = re.compile(r"(?i)^(?:mailer-daemon|postmaster|mail-daemon|abuse|no-?reply|mdaemon|bounces?)@")


class Bounced(NamedTuple):
    """One recipient that a report is about; the status is `5.1.1` and the like, empty where the report has none.

    `said` is what the other server told, in its words.
    """

    address: str
    status: str
    said: str = ""


class Report(NamedTuple):
    """What a delivery report says of one recipient."""

    address: str
    status: str
    action: str  # failed, delayed, delivered, relayed, expanded; empty where it is missing
    said: str = ""


def reports(top: Part) -> list[Report]:
    """What the machine-readable parts of a report say, one entry a recipient."""
    found: list[Report] = []
    for part in top.leaves():
        if part.type in REPORTS or part.type == "message/disposition-notification":
            found += [report for block in _blocks(part.content()) if (report := _report(block))]
    return found[:_MOST]


def bounced(top: Part, text: str) -> list[Bounced]:
    """Who was not reached: by the machine-readable part, else by X-Failed-Recipients, else by what the text says.

    Only for mails that are known as bounces by other signs: any text may name addresses.
    """
    told = reports(top)
    if told:
        failed = [report for report in told if report.action in ("failed", "")]
        return _once([Bounced(report.address, report.status, report.said) for report in failed or told])
    named = top.headers.text("x-failed-recipients")
    status = _status_in(text)
    if named:
        return _once([Bounced(normal(address), status) for _, address in _mailboxes(named)])
    return _once(
        _by_text(text, status)
        or _by_text(text, status, told_only=False)
        or _as_addressed(top, status)
        or _the_only_one(top, text, status)
    )


def returns_a_mail(top: Part, text: str) -> bool:
    """Whether a mail that was not delivered, or its head, comes back with this one."""
    return any(part.type in _RETURNED_TYPES for part in top.leaves()) or bool(_RETURNED.search(text[:20_000]))


def returned_id(top: Part, text: str) -> bytes | None:
    """The Message-ID field of the mail that comes back with a report, as it stands there."""
    for part in top.leaves():
        if part.type in _RETURNED_TYPES:
            found = split_mail(part.content()[:_MOST_BYTES].lstrip()).headers.first("message-id")
            if found:
                return found
    told = _MESSAGE_ID.findall(text[:_MOST_BYTES])
    return told[-1].encode("ascii", "replace") if told else None


def complained_of(top: Part) -> list[str]:
    """Who got the mail that a feedback report is about, where it says so (RFC 5965 §3.2)."""
    found = [
        _recipient(value)
        for part in top.leaves()
        if part.type == "message/feedback-report"
        for block in _blocks(part.content())
        for value in (raw.decode("utf-8", "replace") for raw in block.every("original-rcpt-to"))
    ]
    return list(dict.fromkeys(filter(None, found)))[:_MOST]


def names_somebody(text: str) -> bool:
    """Whether the text names a recipient as delivery reports do."""
    return bool(_by_text(text, ""))


def _blocks(content: bytes) -> list[Headers]:
    """The groups of fields in a report: one about the mail, then one a recipient, blank lines between."""
    blocks = []
    groups = re.split(rb"\n\n+", content[:_MOST_BYTES].replace(b"\r", b"").lstrip(b"\n"), maxsplit=_MOST + 1)
    for group in groups[: _MOST + 1]:
        lines = [line for line in group.split(b"\n") if line[:1] in (b" ", b"\t") or b":" in line]
        sound = b"\n".join(lines)
        blocks.append(split_part(sound, 0, len(sound)).headers)
    return blocks


def _report(block: Headers) -> Report | None:
    address = _recipient(block.text("original-recipient")) or _recipient(block.text("final-recipient"))
    if not address:
        return None
    status = _STATUS.search(block.text("status")) or _STATUS.search(block.text("diagnostic-code"))
    _, _, said = block.text("diagnostic-code").partition(";")
    return Report(address, status[0] if status else "", block.token("action"), one_line(said).strip()[:_LONGEST_SAID])


def _recipient(value: str) -> str:
    """`rfc822; ann@example.com` or `utf-8; …`: the address."""
    kind, semicolon, address = value.partition(";")
    address = (address if semicolon else kind).strip().strip("<>\"' ")
    if kind.strip().lower() == "utf-8":
        address = re.sub(r"\\x\{([0-9A-Fa-f]{1,6})\}", lambda code: _character(code[1]), address)  # RFC 6533 §3
    found = re.search(r"[^\s<>;,]+@[^\s<>;,]+", address)
    return normal(decode_words(found[0].encode("utf-8"))) if found else ""


def _character(code: str) -> str:
    number = int(code, 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 and number > 0x20 else "?"


def _as_addressed(top: Part, status: str) -> list[Bounced]:
    """The one to whom the mail that comes back was addressed, for a report that names nobody; none of several."""
    for part in top.leaves():
        if part.type in _RETURNED_TYPES:
            headers = split_mail(part.content()[:_MOST_BYTES].lstrip()).headers
            named = [one for name in ("to", "cc") for value in headers.every(name) for one in read_addresses(value)]
            return [Bounced(one.address, status) for one in named if "@" in one.address] if len(named) == 1 else []
    return []


def _the_only_one(top: Part, text: str, status: str) -> list[Bounced]:
    """The only one whom the text names, but for the one to whom the report itself goes, and daemons."""
    ours = {one.address.casefold() for value in top.headers.every("to") for one in read_addresses(value)}
    named = {normal(address.rstrip(".")).casefold(): address for _, address in _mailboxes(text[:20_000])}
    others = [key for key, address in named.items() if key not in ours and not _DAEMON.match(address)]
    return [Bounced(others[0], status)] if len(others) == 1 else []


def _by_text(text: str, status: str, *, told_only: bool = True) -> list[Bounced]:
    """By how mail servers have always said it, up to where they append the mail itself.

    Not `told_only`: where that names nobody, also by the head of the mail itself, and whoever it is.
    """
    text = text[:20_000]
    returned = _RETURNED.search(text) if told_only else None
    told = text[: returned.start()] if returned and text[: returned.start()].strip() else text
    listed = [bracketed or bare for bracketed, bare in _LISTED.findall(told)]
    for addresses in (listed, _named(told)):
        found = [address for address in addresses if not (told_only and _DAEMON.match(address))]
        if found:
            return [Bounced(normal(address.rstrip(".")), status) for address in found]
    return []


def _named(text: str) -> list[str]:
    """Addresses behind `user`, `delivered to` and the like."""
    found, after = [], 0
    for begin, address in _mailboxes(text):
        if _NAMING.search(text[max(after, begin - _LEAD) : begin]):
            found.append(address)
        after = begin + len(address)
    return found


def _mailboxes(text: str) -> Iterator[tuple[int, str]]:
    """Every address in a text and where it begins, found by its `@`: a pattern would look for that from each letter."""
    at, after = text.find("@"), 0
    while at >= 0:
        local = _BACKWARDS.match(text[max(after, at - 200) : at][::-1])
        domain = _ONWARDS.match(text, at + 1)
        if local and domain:
            begin, after = at - local.end(), domain.end()
            quoted = text[begin] == "'" and text[after : after + 1] == "'"
            yield begin, text[begin + quoted : after]
        at = text.find("@", at + 1)


def _status_in(text: str) -> str:
    found = _STATUS.search(text[:20_000])
    if found:
        return found[0]
    code = _CODE.search(text[:5_000])
    return f"{code[1][0]}.0.0" if code else ""


def _once(found: list[Bounced]) -> list[Bounced]:
    """Each recipient once, by the address that we had written to."""
    bare = [one._replace(address=as_it_was(one.address)) for one in found]
    return list({one.address.casefold(): one for one in reversed(bare)}.values())[::-1][:_MOST]
