"""Mails that are broken at random, from those at hand: none may raise, hang or vanish.

`CORPORA=DIR python -m bench mutations` breaks others' mails, too; `MUTATIONS` says how many, `SEED` which.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench import labelled
from bench.accuracy import mails_below
from bench.figures import Figure, at_most
from bench.scale import Scale
from gateways.email.explain import explain_raw

_LARGEST = 30_000  # bytes of a mail that is broken: what is large is slow to break, and no more is learnt
_WORST = 2.0  # seconds of CPU that one may take
_SEED = 20261128
_TOKENS = (
    b"\r\n", b"\n\n", b"\r", b"\0", b"\x1b$B", b"\x1b(B", b"+2AA-", b"=?", b"?=", b"=?utf-8?q?=0A=0D=00?=",
    b"=?iso-2022-jp?b?GyRC?=", b"=?x\0?b?!!!!?=", b"<", b">", b"@", b"\"", b"(", b")", b"((((", b";", b",", b":", b"[",
    b"--", b"--bb", b"begin 644 x\n", b"\nend\n", b"-----BEGIN PGP SIGNED MESSAGE-----\n", b"> ", b">>> ", b"On Monday",
    b" wrote:\n", b"From: ", b"Content-Type: multipart/mixed; boundary=x\n\n--x\n", b"Content-Type: message/rfc822\n\n",
    b"Content-Transfer-Encoding: base64\n", b"Content-Type: text/html; charset=utf-7\n\n", b"charset=rot13",
    b"<div><table><td><a href='x'>", b"<!--", b"<style>", b"&#55296;", b"&#x110000;", b"\xff\xfe", b"\xef\xbb\xbf",
    b"\xf0\x9f\x98\x80", b"\xed\xa0\x80", b"filename*0*=utf-8''%", b"BEGIN:VCALENDAR\nMETHOD:REPLY\n",
    b"\x78\x9f\x3e\x22", b"\xe2\x80\xae",
    b"Auto-Submitted: auto-replied\n", b"Return-Path: <>\n", b"Final-Recipient: rfc822;\nAction: failed\n",
)  # fmt: skip

Break = Callable[[random.Random, bytes, Sequence[bytes]], bytes]


async def measure(scale: Scale) -> list[Figure]:
    """How many were broken, how many of them raised or gave nothing, and the slowest."""
    count = int(os.environ.get("MUTATIONS", 20 * scale.mails))
    seed = int(os.environ.get("SEED", _SEED))
    failed: list[str] = []
    slowest = 0.0
    for number, raw in enumerate(broken(at_hand(), count, seed)):
        began = time.process_time()
        said = trouble(raw)
        took = time.process_time() - began
        slowest = max(slowest, took)
        if said or took > _WORST:
            failed.append(f"{number}: {said or f'{took:.1f} s'}")
            _keep(number, raw)
    for line in failed[:20]:
        print(line)
    return [
        Figure("mutations", "mails, broken at random", "mails", [count]),
        Figure("mutations", "that raise, hang or vanish", "mails", [len(failed)], goal=at_most(0)),
        Figure("mutations", "slowest", "s of CPU", [slowest], goal=at_most(_WORST)),
    ]


def at_hand() -> list[bytes]:
    """The mails that we labelled, and with CORPORA others' that are not large."""
    mails = [one.raw for one in (*labelled.kinds(), *labelled.forwards())]
    if home := os.environ.get("CORPORA"):
        mails += [path.read_bytes() for path in mails_below(Path(home) / "mail") if path.stat().st_size <= _LARGEST]
    return mails


def broken(mails: Sequence[bytes], count: int, seed: int) -> Iterator[bytes]:
    """Mails with one to five faults each; the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        raw = chance.choice(mails)
        for _ in range(chance.randint(1, 5)):
            raw = chance.choice(_BREAKS)(chance, raw, mails)[: 4 * _LARGEST]
        yield raw


def trouble(raw: bytes) -> str:
    """What is wrong with how a mail is read; empty where all is well."""
    try:
        found = explain_raw(raw)
        json.dumps(found, ensure_ascii=False).encode()
    except Exception as error:
        return repr(error)
    if not found["kind"] or not found["message_id"]:
        return "no kind or no id"
    return "nothing is shown of its text" if found["text"].strip() and not found["reply_text"].strip() else ""


def _keep(number: int, raw: bytes) -> None:
    if folder := os.environ.get("MISSES"):
        Path(f"{folder}.{number}.eml").write_bytes(raw)


def _part(chance: random.Random, raw: bytes, longest: int = 400) -> tuple[int, int]:
    begin = chance.randrange(len(raw) + 1)
    return begin, min(len(raw), begin + chance.randint(1, longest))


def _flip(chance: random.Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    data = bytearray(raw)
    for _ in range(min(len(data), chance.randint(1, 20))):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def _cut(chance: random.Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    begin, end = _part(chance, raw)
    return raw[:begin] + raw[end:]


def _repeat(chance: random.Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    begin, end = _part(chance, raw, 80)
    return raw[:begin] + raw[begin:end] * chance.choice((2, 10, 300)) + raw[end:]


def _insert(chance: random.Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    at, _ = _part(chance, raw)
    return raw[:at] + chance.choice(_TOKENS) * chance.choice((1, 1, 1, 3, 500)) + raw[at:]


def _end_early(chance: random.Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    return raw[: chance.randrange(len(raw) + 1)]


def _join(chance: random.Random, raw: bytes, others: Sequence[bytes]) -> bytes:
    other = chance.choice(others)
    return raw[: chance.randrange(len(raw) + 1)] + other[chance.randrange(len(other) + 1) :]


def _swap_lines(chance: random.Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    lines = raw.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _end_lines_otherwise(chance: random.Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\n", chance.choice((b"\r\n", b"\r", b"\n\n", b"\r\r\n")))


def _lie_about_encoding(chance: random.Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    was, becomes = chance.choice(
        (
            (b"utf-8", chance.choice((b"utf-7", b"iso-2022-jp", b"hz", b"utf-16", b"big5", b"base64", b"x"))),
            (b"7bit", chance.choice((b"base64", b"quoted-printable", b"x-uuencode"))),
            (b"text/plain", chance.choice((b"text/html", b"multipart/mixed", b"application/ms-tnef", b"text/rtf"))),
            (b"multipart/", b"message/"),
        )
    )
    return raw.replace(was, becomes)


_BREAKS: tuple[Break, ...] = (
    _flip,
    _cut,
    _repeat,
    _insert,
    _insert,
    _end_early,
    _join,
    _swap_lines,
    _end_lines_otherwise,
    _lie_about_encoding,
)
