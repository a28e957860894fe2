"""How well mails are understood: other people's mails with their expectations, and mails labelled by us."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from bench import labelled, scoring, topics
from bench.corpus import corpus
from bench.figures import Figure, Goal, at_least, at_most
from bench.scale import Scale
from gateways.email.explain import explain_html, explain_raw, explain_text
from gateways.email.parts.addresses import read_addresses
from gateways.email.parts.structure import read
from gateways.email.reading.body import read_body
from gateways.email.reading.parse import understand

_NO_MAIL = re.compile(r"(\.(json|jsonl|md|yml|html|patch|png|py)|LICENSE[^/]*|INDEX[^/]*)$")
_WORST = 2.0  # seconds that one mail may take
_DELAYED = re.compile(
    rb"(?im)^action:[ \t]*delayed|^subject:.*(?:delay|not yet been delivered|warning: could not send)"
)
_FAILED = re.compile(rb"(?im)^action:[ \t]*failed")

_READ = {"text": explain_text, "html": explain_html}
_REPLY_GOALS = (("text kept", 99.5), ("text both", 92), ("html both", 88))

Row = dict[str, Any]


async def measure(scale: Scale) -> list[Figure]:
    """Figures of the mails at hand: without CORPORA (a folder with others' mails) only of those that we labelled."""
    misses: list[tuple[str, str, Any, Any]] = []
    figures = list(_own(misses))
    home = os.environ.get("CORPORA", "")
    if home:
        figures += _others(Path(home) / "mail", misses)
        figures += topics.measure(Path(home) / "text")
    figures += _cost(scale)
    _write(misses)
    return figures


def _write(misses: list[tuple[str, str, Any, Any]]) -> None:
    if file := os.environ.get("MISSES"):
        Path(file).write_text("".join(json.dumps(miss, ensure_ascii=False) + "\n" for miss in misses), "utf-8")


def _figure(group: str, name: str, value: float, goal: Goal | None, unit: str = "%") -> Figure:
    return Figure(group, name, unit, [value], goal=goal)


def _own(misses: list[Any]) -> Iterator[Figure]:
    def miss(*what: Any) -> None:
        misses.append(what)

    mails = {str(number): one for number, one in enumerate(labelled.kinds())}
    rows = [{"id": number, "label": one.kind, "recipients_n": bool(one.bounced)} for number, one in mails.items()]
    read = {number: explain_raw(one.raw) for number, one in mails.items()}
    found = scoring.kinds(rows, read, miss)
    yield _figure("labelled by us", "class, macro F1", found["macro F1"], at_least(0.97), "")
    yield _figure("labelled by us", "human taken for machine", found["human as machine"], at_most(0.3))
    found = scoring.bounced(rows, read, lambda row: mails[row["id"]].bounced.encode(), miss)
    yield _figure("labelled by us", "bounced address found", found["address found"], at_least(92))
    bodies = [
        {"id": str(number), "kind": one.kind, "input": one.body, "expected": one.shown}
        for number, one in enumerate(labelled.answers())
    ]
    found = scoring.reply(bodies, {row["id"]: _READ[row["kind"]](row["input"]) for row in bodies}, miss)
    for name, goal in _REPLY_GOALS:
        yield _figure("labelled by us", f"reply text, {name}", found[name], at_least(goal))
    passed_on = list(enumerate(labelled.forwards()))
    rows = [
        {"id": str(number), "expect": {"email.from.address": one.sender} if one.sender else {"forwarded": False}}
        for number, one in passed_on
    ]
    found = scoring.forwarded(rows, {str(number): explain_raw(one.raw) for number, one in passed_on}, miss)
    yield _figure("labelled by us", "forwards, sender right", found["sender right"], at_least(97))
    yield _figure("labelled by us", "forwards, seen where there is none", found["seen in error"], at_most(1))


def _others(home: Path, misses: list[Any]) -> Iterator[Figure]:
    def rows(name: str) -> list[Row]:
        path = home / "_unified" / f"{name}.jsonl"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []

    def miss(*what: Any) -> None:
        misses.append(what)

    yield from _every_mail(home, miss)
    replies = rows("reply_extraction")
    found = scoring.reply(replies, {row["id"]: _READ[row["kind"]](row["input"]) for row in replies}, miss)
    for name, goal in _REPLY_GOALS:
        yield _figure("reply text", name, found.get(name, 0), at_least(goal))
    decode = [row for row in rows("decode") if (home / row["path"]).exists()]
    answers = {row["path"]: explain_raw((home / row["path"]).read_bytes()) for row in decode}
    found = scoring.decoded(decode, answers, miss)
    for name, title, goal in (
        ("subject", "subject", 98),
        ("from_email", "From, address", 98),
        ("from_name", "From, name", None),
        ("text", "body, 97 % of words", 95),
        ("text said", "the same, where a text is expected", 95),
    ):
        yield _figure("reading", title, found.get(name, 0), at_least(goal) if goal else None)
    yield from _classes(home, rows("classify"), miss)
    yield from _forwards(home / "crisp_email_forward_parser", rows("forward"), miss)


def _forwards(home: Path, rows: list[Row], miss: Callable[..., None]) -> Iterator[Figure]:
    """By the text alone, as which Outlook's answers look like its forwards; and with the subject that came with it."""
    rows = [row for row in rows if (home / row["file"]).exists()]
    alone, whole = {}, {}
    for row in rows:
        text = (home / row["file"]).read_text("utf-8", "replace")
        subject = home / (row.get("subject_file") or "-")
        alone[row["id"]] = explain_text(text)
        mail = f"Subject: {subject.read_text('utf-8').strip() if subject.exists() else ''}\n"
        whole[row["id"]] = explain_raw(f"{mail}Content-Type: text/plain; charset=utf-8\n\n{text}".encode())
    for title, answers in (("text alone", alone), ("with the subject", whole)):
        found = scoring.forwarded(rows, answers, miss)
        yield _figure("forwards", f"sender right, {title}", found["sender right"], at_least(97))
        yield _figure("forwards", f"seen where there is none, {title}", found["seen in error"], at_most(1))


def _classes(home: Path, rows: list[Row], miss: Callable[..., None]) -> Iterator[Figure]:
    def raw(row: scoring.Row) -> bytes:
        return (home / row["corpus"] / row["file"]).read_bytes()

    rows = [row | {"id": f"{row['corpus']}/{row['file']}"} for row in rows]
    rows = [row for row in rows if (home / row["id"]).exists()]
    answers = {row["id"]: explain_raw(raw(row)) for row in rows}
    found = scoring.kinds(rows, answers, miss)
    yield _figure("class of mail", "macro F1, labels as given", found["macro F1"], at_least(0.97), "")
    yield _figure("class of mail", "human taken for machine, as given", found["human as machine"], at_most(0.3))
    # Two of the corpora call every delivery report a bounce, also where the report itself says that it is a delay.
    told = [row | {"label": _as_the_report_says(row["label"], raw(row))} for row in rows]
    found = scoring.kinds(told, answers, lambda *_: None)
    yield _figure("class of mail", "macro F1, delays called delays", found["macro F1"], at_least(0.97), "")
    found = scoring.bounced(rows, answers, raw, miss)
    yield _figure("class of mail", "bounced address found", found["address found"], at_least(92))


def _as_the_report_says(label: str, raw: bytes) -> str:
    return "bounce_delay" if label == "bounce" and _DELAYED.search(raw) and not _FAILED.search(raw) else label


def _every_mail(home: Path, miss: Callable[..., None]) -> Iterator[Figure]:
    failed, slowest, count = 0, 0.0, 0
    for path in mails_below(home):
        raw = path.read_bytes()
        began = time.process_time()
        try:
            json.dumps(explain_raw(raw), ensure_ascii=False).encode()
        except Exception as error:
            failed += 1
            miss("failed", str(path), None, repr(error))
        slowest = max(slowest, time.process_time() - began)
        count += 1
    yield _figure("every mail", "read", count, None, "mails")
    yield _figure("every mail", "that raise", failed, at_most(0), "mails")
    yield _figure("every mail", "slowest", slowest, at_most(_WORST), "s of CPU")


def mails_below(home: Path) -> Iterable[Path]:
    """Every file in a folder that may be a mail."""
    for path in sorted(home.rglob("*")):
        if path.is_file() and "_unified" not in path.parts and not _NO_MAIL.search(str(path)):
            yield path


def _cost(scale: Scale) -> Iterator[Figure]:
    """The same fields by our reader and by the standard library's with its default policy, round by round."""
    mails = [one.raw for one in corpus(scale.mails)]
    for name, ours in (("the fields that both read", _our_fields), ("everything, with class and reply", understand)):
        for raw in mails[:20]:
            ours(raw)
            _their_fields(raw)
        mine, theirs = [], []
        for _ in range(scale.rounds * 2 + 1):
            mine.append(_cpu(ours, mails))
            theirs.append(_cpu(_their_fields, mails))
        ratios = [a / b for a, b in zip(mine, theirs, strict=True)]
        per_mail = [1000 * a / len(mails) for a in mine]
        yield Figure("CPU", name, "ms", per_mail, ratios, "email.policy.default", at_most(0.2))


def _cpu(read_one: Callable[[bytes], object], mails: list[bytes]) -> float:
    gc.collect()
    began = time.process_time()
    for raw in mails:
        read_one(raw)
    return time.process_time() - began


def _our_fields(raw: bytes) -> object:
    top = read(raw)
    body, headers = read_body(top), top.headers
    found: list[object] = [body, headers.text("subject", body.codec)]
    for name in ("from", "reply-to", "to", "cc"):
        found += [read_addresses(value, body.codec) for value in headers.every(name)]
    for name in ("message-id", "in-reply-to", "references", "date"):
        found += headers.every(name)
    return found


def _their_fields(raw: bytes) -> object:
    message = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
    found: list[object] = []
    with contextlib.suppress(Exception):  # it raises at some mails; those then cost it less
        for name in ("subject", "from", "reply-to", "to", "cc", "message-id", "in-reply-to", "references", "date"):
            found += [str(value) for value in message.get_all(name, [])]
        for part in message.walk():
            if not part.is_multipart():
                found.append(part.get_filename())
                found.append(part.get_content())
    return found
