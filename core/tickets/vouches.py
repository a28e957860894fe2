"""Whether a message comes from where it says, in one sentence for whoever has to decide about it."""

from __future__ import annotations

import re

from core.phrases import Phrase, phrase
from core.tickets.model import Vouch, Vouched

_RESULT = re.compile(r"(spf|dkim|arc|dmarc)=([a-z]{1,20})\b")
_BEST = ("pass", "fail", "softfail")
"""Of several results of one method the one that is told."""


def told(vouched: Vouched) -> Phrase | None:
    """Who vouches for it or does not, and what that was found by; None where nothing is known."""
    about = {"domain": vouched.domain, "results": results(vouched)}
    match vouched.verdict, vouched.asks:
        case Vouch.PASSED, _:
            return phrase("{domain} confirms that this mail comes from there ({results}).", **about)
        case Vouch.FAILED, "reject":
            return phrase(
                "{domain} does not confirm that this mail comes from there ({results}), and asks that such mail be "
                "refused.",
                **about,
            )
        case Vouch.FAILED, "quarantine":
            return phrase(
                "{domain} does not confirm that this mail comes from there ({results}), and asks that such mail be put "
                "aside.",
                **about,
            )
        case Vouch.FAILED, _:
            return phrase("{domain} does not confirm that this mail comes from there ({results}).", **about)
        case _:
            return None


def results(vouched: Vouched) -> list[str]:
    """What each method found, in its own words: "SPF fail", "DKIM none"."""
    found: dict[str, str] = {}
    for one in vouched.evidence:
        if said := _RESULT.match(one):
            method, result = said[1], said[2]
            known = found.get(method)
            if known is None or (result in _BEST and (known not in _BEST or _BEST.index(result) < _BEST.index(known))):
                found[method] = result
    if vouched.failed:
        found["dmarc"] = "fail"
    return [f"{method.upper()} {result}" for method, result in found.items()]
