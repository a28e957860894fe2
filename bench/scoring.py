"""What counts as right when a mail is read: the definitions, each a function of expectations and answers."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.tickets.model import Nature

KINDS = frozenset(Nature)
ENOUGH_WORDS = 0.97  # of those expected must be there
PLACEHOLDERS = {"no visible content"}  # what others write for a mail that says nothing: no text of the mail

_SIGNATURE = re.compile(
    r"(--+|__+|—|sent from|sent with|get outlook|envoyé|von meinem|gesendet|enviado|inviato|skickat"
    r"|regards|best|thanks|cheers|-\s?\w)",
    re.IGNORECASE,
)

Row = Mapping[str, Any]
Answers = Mapping[str, Row]
Miss = Callable[[str, str, Any, Any], None]


def share(right: float, of: float) -> float:
    """In percent; 0 of none."""
    return round(100 * right / of, 2) if of else 0.0


def same(said: str | None) -> str:
    """As it is compared: in NFKC, runs of blanks as one."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", said or "")).strip()


def words(said: str | None) -> Counter[str]:
    return Counter(re.findall(r"\w+", unicodedata.normalize("NFKC", said or "")))


def reply(rows: Sequence[Row], answers: Answers, miss: Miss) -> dict[str, float]:
    """Of texts and HTML each: nothing of the customer's lost, nothing quoted left over, both; in percent.

    A signature that is left on does no harm, nor one that is cut.
    """
    counts: dict[str, Counter[str]] = {"text": Counter(), "html": Counter()}
    for row in rows:
        got = answers.get(row["id"], {}).get("reply_text") or ""
        kept, clean = _html_reply(got, row["expected"]) if row["kind"] == "html" else _reply(got, row["expected"])
        counts[row["kind"]].update(n=1, kept=kept, clean=clean, both=kept and clean)
        if not (kept and clean):
            miss("reply", row["id"], row["expected"], got)
    return {
        f"{kind} {what}": share(count[what], count["n"])
        for kind, count in counts.items()
        if count["n"]
        for what in ("kept", "clean", "both")
    }


def _lines(said: str) -> list[str]:
    bare = (same(re.sub(r"^[>\s|]+", "", line)) for line in said.splitlines())
    return [line for line in bare if line]


def _reply(got: str, expected: str) -> tuple[bool, bool]:
    mine, theirs = _lines(got), _lines(expected)
    joined = " ".join(mine)
    kept = all(line in joined for line in theirs if not _SIGNATURE.match(line))
    extra = [line for line in mine if line not in theirs and not any(line in other for other in theirs)]
    while extra and mine and mine[-1] in extra and len(extra) <= 4 and any(map(_SIGNATURE.match, extra)):
        extra.pop()
        mine = mine[:-1]
    return kept, not extra


def _html_reply(got: str, expected: str) -> tuple[bool, bool]:
    mine, theirs = _without_tags(got), _without_tags(expected)
    return set(theirs.split()) <= set(mine.split()), len(mine) <= len(theirs) * 1.15 + 15


def _without_tags(markup: str) -> str:
    markup = re.sub(r"(?is)<(script|style|head)\b.*?</\1>", "", markup)
    markup = re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<!--.*?-->", "", markup))
    return same(html.unescape(markup).replace("\xa0", " "))


def decoded(rows: Sequence[Row], answers: Answers, miss: Miss) -> dict[str, float]:
    """Subject, sender's address and name as expected, and bodies with 97 % of the words; in percent.

    `text said` leaves out the bodies for which others only have a placeholder.
    """
    right: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for row in rows:
        answer = answers.get(row["path"], {})
        sender = answer.get("from") or {}
        pairs = (
            ("subject", answer.get("subject")),
            ("from_email", sender.get("address")),
            ("from_name", sender.get("name")),
        )
        for what, got in pairs:
            if row.get(what) is None:
                continue
            mine, theirs = same(got), same(row[what])
            ok = mine.casefold() == theirs.casefold() if what == "from_email" else mine == theirs
            of[what] += 1
            right[what] += ok
            if not ok:
                miss(what, row["path"], row[what], got)
        expected = words(row.get("text"))
        if expected:
            got = words(answer.get("text"))
            ok = (expected & got).total() >= ENOUGH_WORDS * expected.total()
            for what in ("text",) if same(row["text"]) in PLACEHOLDERS else ("text", "text said"):
                of[what] += 1
                right[what] += ok
            if not ok:
                miss("text", row["path"], row["text"][:300], (answer.get("text") or "")[:300])
    return {what: share(right[what], of[what]) for what in of}


def kinds(rows: Sequence[Row], answers: Answers, miss: Miss) -> dict[str, float]:
    """The mean of every class's F1 (0 to 1), and how many percent of people's mails are taken for a machine's."""
    hit: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    people = machines = 0
    for row in rows:
        label = row["label"]
        if label not in KINDS:
            continue
        got = answers.get(row["id"], {}).get("kind") or "nothing"
        if got == label:
            hit[label] += 1
        else:
            missed[label] += 1
            wrong[got] += 1
            miss("kind", row["id"], label, got)
        if label == "human":
            people += 1
            machines += got not in ("human", "list")
    f1 = [2 * hit[kind] / (2 * hit[kind] + wrong[kind] + missed[kind]) for kind in KINDS if hit[kind] + missed[kind]]
    return {"macro F1": round(sum(f1) / len(f1), 3) if f1 else 0.0, "human as machine": share(machines, people)}


def bounced(rows: Sequence[Row], answers: Answers, raw: Callable[[Row], bytes], miss: Miss) -> dict[str, float]:
    """Of the bounces that name somebody: in how many percent an address that is in the mail was found."""
    of = found = 0
    for row in rows:
        if row["label"] == "bounce" and row.get("recipients_n"):
            of += 1
            told = [one["address"].lower() for one in answers.get(row["id"], {}).get("bounced") or ()]
            ok = any("@" in address and address.encode() in raw(row).lower() for address in told)
            found += ok
            if not ok:
                miss("bounced", row["id"], "an address", told)
    return {"address found": share(found, of)}


def forwarded(rows: Sequence[Row], answers: Answers, miss: Miss) -> dict[str, float]:
    """The sender of what is forwarded, in percent, and where a forward is seen that is none, in percent."""
    of = right = none = false = 0
    for row in rows:
        expected = row["expect"]
        got = answers.get(row["id"], {}).get("forwarded")
        if expected.get("forwarded") is False:
            none += 1
            false += bool(got)
            if got:
                miss("forward", row["id"], None, got)
        elif wanted := expected.get("email.from.address"):
            of += 1
            mine = ((got or {}).get("from") or {}).get("address") or ""
            right += mine.casefold() == wanted.casefold()
            if mine.casefold() != wanted.casefold():
                miss("forward", row["id"], wanted, mine)
    return {"sender right": share(right, of), "seen in error": share(false, none)}
