"""Numbers that a word or their beginning says the nature of: of orders, invoices, parcels and devices."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.routing.fields.claims import Claims, Found
from core.routing.fields.cues import Cues

_TOKEN = re.compile(r"(?<![0-9A-Za-z./_-])#?([0-9A-Za-z](?:[0-9A-Za-z]|[-_/.](?=[0-9A-Za-z])){2,39})(?![0-9A-Za-z])")
_PREFIXES = re.compile(
    r"(?:(?P<invoice>INV|INVOICE|RE|RG|RECH|FAC|FACT|FV|FVS|FAK|FA|FT|NF|FS|VF|BILL)"
    r"|(?P<order>ORD|ORDER|ORDEN|SO|PO|BST|AUF|CMD|PED|ZAM|OBJ|ZAK|SIP|PSN|DH|BO)"
    r"|(?P<serial>SN|S/N|SER)"
    r"|(?P<tracking>TRK|TRACK|TRACKING|RESI|TN))[-_/#:.]?\d",
    re.IGNORECASE,
)
_NEAR = 32  # signs from a word to its number: "order, which I placed in May, number 4711" is another sentence
_BEHIND = 18
_BREAK = re.compile(r"[!?;。！？\n]|\.\s+(?=[A-ZÀ-Þ\u0400-\u042f])|,\s|، |、")
_NUMBER_SIGN = re.compile(r"(?:\bn[ro°ºú]\w{0,4}|№|č|#|:)\.?\s*$", re.IGNORECASE)
_LETTERS_BETWEEN = 22


def named(text: str, language: str | None, claims: Claims) -> Iterator[Found]:
    """What begins like one, or stands by a word for one; the nearer word decides, the one before it first."""
    cues = Cues(text, language)
    for match in _TOKEN.finditer(text):
        token = match.group(1)
        digits = sum(map(str.isdecimal, token))
        if digits < 2 or not claims.free(*match.span()):
            continue
        kind = _by_beginning(token) or _by_word(text, match, cues)
        if kind is not None:
            yield Found(match.start(1), match.end(1), kind, token)


def _by_beginning(token: str) -> str | None:
    found = _PREFIXES.match(token)
    return found.lastgroup if found and len(token) >= 5 else None


def _by_word(text: str, match: re.Match[str], cues: Cues) -> str | None:
    before = cues.named_before(match.start())
    if before is not None and match.start() - before.end <= _NEAR:
        between = text[before.end : match.start()]
        if not _BREAK.search(between) or _NUMBER_SIGN.search(between[-8:]):
            return before.kind if _is_number(match.group(1), between) else None
    after = cues.named_after(match.end())
    if after is not None and after.start - match.end() <= _BEHIND:
        between = text[match.end() : after.start]
        # "4711 numaralı sipariş", 4711番の注文; in other languages it is a new thought that begins there.
        if not _BREAK.search(between) and _POSTPOSED.match(between):
            return after.kind
    return None


_POSTPOSED = re.compile(r"\s*(?:numaral|nolu|no'lu|nr'?lu|番|号|號|번|호|की|के|का|नंबर|वाले|वाला|หมายเลข)")


def _is_number(token: str, between: str) -> bool:
    """Whether it is a name for a thing and not an amount of things: "order 3 chairs", "paket 2 kg"."""
    return len(token) >= 4 or bool(_NUMBER_SIGN.search(between[-8:])) or (len(token) >= 3 and token.isdecimal())
