"""Fields that are known by their shape or their check digits alone: addresses, bank accounts, some parcels.

Everywhere here letters and digits end where ASCII ends: in Chinese, Japanese, Korean and Thai a word follows without
a blank, and Unicode's word boundary would not see it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import iban

from core.routing.fields.claims import Found

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+-]{1,40}(?:\.[A-Za-z0-9_%+-]{1,40}){0,5}"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,6}[A-Za-z]{2,24}(?![A-Za-z0-9-])"
)
_URL = re.compile(r"(?<![A-Za-z0-9])(?:https?://|www\.)[!-;=?-~]{3,2000}", re.IGNORECASE)
_AFTER = ".,;:!?'\")]}>*_"
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_UPS = re.compile(r"(?<![A-Za-z0-9])1Z[0-9A-Z]{16}(?![A-Za-z0-9])")
_POST = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2})(\d{8})(\d)([A-Z]{2})(?![A-Za-z0-9])")
_DHL = re.compile(r"(?<![A-Za-z0-9])(?:JJD|JVGL|JD)\d{14,22}(?![A-Za-z0-9])")


def addresses(text: str) -> Iterator[Found]:
    """Web addresses, then mail addresses."""
    for match in _URL.finditer(text):
        url = match.group().rstrip(_AFTER)
        yield Found(match.start(), match.start() + len(url), "url", url)
    for match in _EMAIL.finditer(text):
        yield Found(*match.span(), "email", match.group())


def ibans(text: str) -> Iterator[Found]:
    """Account numbers whose check digits are right; what follows one and could belong to it is tried without."""
    for match in _IBAN.finditer(text):
        parts = match.group().split(" ")
        for count in range(len(parts), 0, -1):
            written = " ".join(parts[:count])
            if iban.is_valid(written, check_country=False):
                yield Found(match.start(), match.start() + len(written), "iban", iban.compact(written))
                break


def parcels(text: str) -> Iterator[Found]:
    """Tracking numbers of UPS, of post offices (UPU S10, with its check digit) and of DHL."""
    for match in _UPS.finditer(text):
        yield Found(*match.span(), "tracking", match.group())
    for match in _POST.finditer(text):
        if _post_digit(match.group(2)) == int(match.group(3)):
            yield Found(*match.span(), "tracking", match.group())
    for match in _DHL.finditer(text):
        yield Found(*match.span(), "tracking", match.group())


def _post_digit(digits: str) -> int:
    """UPU S10 §4: weights 8 6 4 2 3 5 9 7, modulo 11."""
    left = 11 - sum(int(digit) * weight for digit, weight in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return {10: 0, 11: 5}.get(left, left)
