"""A seeded, deterministic corpus of help-desk mail: the same seed gives the same bytes everywhere.

About 60 % new mails, 38 % replies with the quoted text below, 2 % automatic; ten languages in the charsets their mail
programs use, 72 % with an HTML part, 10 % with attachments, 1 % malformed on purpose.
`python -m bench.corpus --eml DIR` writes them as files.
"""

from __future__ import annotations

import argparse
import base64
import quopri
import random
import statistics
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import format_datetime
from functools import partial
from html import escape
from math import log
from pathlib import Path

TAG = b"TAG00000"
"""Stands in every Message-ID and once in every trace; replaced, the same corpus can be sent to the same desk again."""

RECIPIENTS = ("support@desk.example",) * 3 + ("billing@desk.example",)
DOMAINS = ("example.com", "example.org", "mail.example.net", "kunde.example", "shop.example", "school.example")
PROGRAMS = ("Microsoft Outlook 16.0", "Apple Mail (2.3731)", "Mozilla Thunderbird 128", "iPhone Mail (21F90)")
FILES = (
    ("image/png", "screenshot.png"),
    ("image/jpeg", "IMG_2041.jpg"),
    ("application/pdf", "Rechnung März.pdf"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "отчёт.xlsx"),
    ("text/csv", "export.csv"),
)
BEGAN = datetime(2026, 1, 5, 8, tzinfo=UTC)
STYLE = (
    '<style type="text/css">p.MsoNormal,li.MsoNormal,div.MsoNormal{margin:0cm;font-size:11.0pt;font-family:"Calibri",'
    "sans-serif;}a:link,span.MsoHyperlink{color:#0563C1;text-decoration:underline;}span.EmailStyle17{font-family:"
    '"Calibri",sans-serif;color:windowtext;}@page WordSection1{size:612.0pt 792.0pt;margin:70.85pt 70.85pt 2.0cm '
    "70.85pt;}div.WordSection1{page:WordSection1;}</style>"
)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it goes through SMTP, CRLF and all, without dot stuffing."""

    sender: str
    recipient: str
    raw: bytes
    kind: str  # new, reply, automatic
    parent: int | None  # the index of the mail that it answers
    malformed: bool


@dataclass(frozen=True, slots=True)
class Language:
    """What people who write it say, and in which charsets."""

    charsets: Sequence[str]
    names: Sequence[str]
    greetings: Sequence[str]
    goodbyes: Sequence[str]
    wrote: str
    subjects: Sequence[str]
    sentences: Sequence[str]


@dataclass(frozen=True, slots=True)
class Letter:
    """What a later mail quotes of an earlier one."""

    index: int
    language: Language
    name: str
    address: str
    recipient: str
    subject: str
    message_id: str
    references: tuple[str, ...]
    text: str
    date: datetime


def corpus(n: int, seed: int = 7, tag: str | None = None) -> list[Mail]:
    """The first `n` mails of a seed's corpus. `tag`: eight letters for their Message-IDs."""
    mails = list(_Writer(seed).write(n))
    return mails if tag is None else tagged(mails, tag)


def tagged(mails: Iterable[Mail], tag: str) -> list[Mail]:
    """The same mails with Message-IDs of their own, answering each other and nobody else."""
    mark = tag.encode("ascii")
    if len(mark) != len(TAG):
        raise ValueError(f"a tag has {len(TAG)} letters: {tag}")
    return [replace(mail, raw=mail.raw.replace(TAG, mark)) for mail in mails]


class _Writer:
    """Writes mails one after the other; each may answer one of those before it."""

    def __init__(self, seed: int):
        self.chance = random.Random(seed)
        spoken = tomllib.loads((Path(__file__).parent / "sentences.toml").read_text(encoding="utf-8"))
        shares = {code: words.pop("share") for code, words in spoken.items()}
        self.languages = {code: Language(**words) for code, words in spoken.items()}
        self.pick_language = partial(self.chance.choices, list(spoken), weights=list(shares.values()))
        self.letters: list[Letter] = []

    def write(self, n: int) -> Iterable[Mail]:
        for index in range(n):
            yield self.mail(index)

    def mail(self, index: int) -> Mail:
        chance = self.chance
        roll = chance.random()
        kind = "reply" if roll < 0.38 and self.letters else "automatic" if roll < 0.40 else "new"
        malformed = chance.random() < 0.01
        # People answer what is fresh: mostly one of the last sixty letters.
        answered = self.letters[-1 - int(chance.expovariate(1 / 60)) % len(self.letters)] if kind == "reply" else None
        letter = self._reply(index, answered) if answered else self._letter(index)
        if kind == "automatic":
            letter = replace(letter, subject=f"Automatic reply: {letter.subject}")
        charset = self._charset(letter)
        body = self._with_files(self._body(letter, charset, malformed))
        head = self._head(letter, kind, answered, charset, malformed)
        raw = head + body
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
        self.letters.append(letter)
        parent = answered.index if answered else None
        return Mail(letter.address, letter.recipient, raw.rstrip(b"\r\n") + b"\r\n", kind, parent, malformed)

    # What is said

    def _letter(self, index: int) -> Letter:
        chance = self.chance
        language = self.languages[self.pick_language()[0]]
        return Letter(
            index=index,
            language=language,
            name=chance.choice(language.names),
            # Few write often, most write once.
            address=f"customer{int(chance.paretovariate(0.6)) % 20000}@{chance.choice(DOMAINS)}",
            recipient=chance.choice(RECIPIENTS),
            subject=chance.choice(language.subjects) + chance.choice(("", f" ({chance.randint(10000, 99999)})")),
            message_id=self._message_id(index),
            references=(),
            text=self._words(language),
            date=BEGAN + timedelta(seconds=37 * index),
        )

    def _reply(self, index: int, to: Letter) -> Letter:
        quoted = "\n".join(f"> {line}" for line in to.text.split("\n")[:80])
        wrote = to.language.wrote.format(date=to.date.strftime("%d.%m.%Y %H:%M"), name=to.name)
        return replace(
            to,
            index=index,
            subject=to.subject if to.subject.startswith("Re:") else f"Re: {to.subject}",
            message_id=self._message_id(index),
            references=(*to.references, to.message_id)[-12:],
            text=f"{self._words(to.language)}\n\n{wrote}\n\n{quoted}",
            date=BEGAN + timedelta(seconds=37 * index),
        )

    def _message_id(self, index: int) -> str:
        chance = self.chance
        prefix = chance.choice(("CA", "DB7PR", "msg", "JavaMail"))
        return f"<{prefix}.{index}.{chance.getrandbits(48):012x}.{TAG.decode()}@{chance.choice(DOMAINS)}>"

    def _words(self, language: Language) -> str:
        chance = self.chance
        wanted = min(60_000, int(chance.lognormvariate(log(900), 0.9)))
        said: list[str] = [chance.choice(language.greetings), ""]
        size = 0
        while size < wanted:
            paragraph = " ".join(chance.choices(language.sentences, k=chance.randint(1, 4)))
            size += len(paragraph.encode())
            said += [*_wrapped(paragraph), ""]
        name = chance.choice(language.names)
        return "\n".join(
            [*said, chance.choice(language.goodbyes), name, "-- ", f"Tel. +49 30 {chance.randint(0, 9999999):07}"]
        )

    # How it is written

    def _charset(self, letter: Letter) -> str:
        charset = "utf-8" if self.chance.random() < 0.6 else self.chance.choice(letter.language.charsets)
        try:
            (letter.subject + letter.name + letter.text).encode(charset)
        except UnicodeEncodeError:
            return "utf-8"
        return charset

    def _head(self, letter: Letter, kind: str, answered: Letter | None, charset: str, malformed: bool) -> bytes:
        chance, sender = self.chance, letter.address.partition("@")[2]
        date = format_datetime(letter.date)
        lines = [
            f"Received: from mx{hop}.{sender} (mx{hop}.{sender} [192.0.2.{chance.randint(1, 254)}])\n"
            f"\tby in{hop}.desk.example (Postfix)"
            f" with ESMTPS id {chance.getrandbits(48):012X}{TAG.decode()}\n\tfor <{letter.recipient}>; {date}"
            for hop in range(chance.randint(2, 4))
        ]
        lines += [
            f"Authentication-Results: in0.desk.example;\n\tdkim=pass header.d={sender};"
            f" spf=pass smtp.mailfrom={letter.address}",
            f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={sender}; s=s{chance.randint(1, 9)};\n"
            f"\th=from:to:subject:date:message-id;\n\tbh={self._noise(32)};\n\tb={_folded(self._noise(256))}",
        ]
        if chance.random() < 0.5:  # what Exchange puts in front of everything
            lines.append(f"X-MS-Exchange-AntiSpam-MessageData: {_folded(self._noise(chance.randint(150, 900)))}")
            lines.append(f"Thread-Index: {self._noise(22)}")
        subject = _encoded(letter.subject, charset)
        broken = chance.random() if malformed else 1.0
        lines += [
            f"Date: {'not a date' if broken < 0.4 else date}",
            f"From: {_encoded(letter.name, charset)} <{letter.address}>",
            f"To: Support <{letter.recipient}>",
            f"Subject: {'=?utf-9?B?!!!?= ' if broken < 0.7 else ''}{subject}",
            f"Message-ID: {letter.message_id}",
        ]
        if chance.random() < 0.15:
            others = [f"colleague{chance.randint(1, 500)}@{sender}" for _ in range(chance.randint(1, 4))]
            lines.append("Cc: " + ",\n\t".join(others))
        if answered:
            lines += [f"In-Reply-To: {answered.message_id}", "References: " + "\n\t".join(letter.references)]
        if kind == "automatic":
            lines += ["Auto-Submitted: auto-replied", "Precedence: bulk", "X-Auto-Response-Suppress: All"]
        lines += [f"X-Mailer: {chance.choice(PROGRAMS)}", "MIME-Version: 1.0"]
        return "\n".join(lines).encode() + b"\n"

    def _body(self, letter: Letter, charset: str, malformed: bool) -> bytes:
        plain = self._part("text/plain", letter.text, charset)
        if malformed:
            plain = plain.replace(f'charset="{charset}"'.encode(), b'charset="x-unknown"', 1)
        if self.chance.random() >= 0.72:
            return plain
        return self._joined("alternative", [plain, self._part("text/html", self._html(letter.text), "utf-8")])

    def _with_files(self, body: bytes) -> bytes:
        chance = self.chance
        if chance.random() >= 0.10:
            return body
        files: list[bytes] = []
        for type, name in chance.choices(FILES, k=chance.choice((1, 1, 1, 2, 3))):
            content = chance.randbytes(min(900_000, int(chance.lognormvariate(log(56_000), 1.15))))
            shown = _encoded(name, "utf-8")
            files.append(
                f'Content-Type: {type};\n\tname="{shown}"\nContent-Disposition: attachment;\n\tfilename="{shown}"\n'
                "Content-Transfer-Encoding: base64\n\n".encode()
                + base64.encodebytes(content)
            )
        return self._joined("mixed", [body, *files])

    def _part(self, type: str, text: str, charset: str) -> bytes:
        content = text.encode(charset)
        roll = self.chance.random()
        if charset.startswith("iso-2022") or charset == "us-ascii":
            encoding = "7bit"
        elif roll < 0.55:
            encoding, content = "quoted-printable", quopri.encodestring(content)
        elif roll < 0.85:
            encoding, content = "base64", base64.encodebytes(content)
        else:
            encoding = "8bit"
        head = f'Content-Type: {type}; charset="{charset}"\nContent-Transfer-Encoding: {encoding}\n\n'
        return head.encode() + content

    def _html(self, text: str) -> str:
        lines = "".join(
            f'<p class="MsoNormal"><span lang="EN-US" style="font-size:11.0pt;color:#1F497D">{escape(line) or "&nbsp;"}'
            "</span><o:p></o:p></p>\n"
            for line in text.split("\n")
        )
        style = STYLE if self.chance.random() < 0.6 else ""
        return (
            '<html xmlns:o="urn:schemas-microsoft-com:office:office">\n<head>\n<meta http-equiv="Content-Type" '
            f'content="text/html; charset=utf-8">\n{style}</head>\n<body lang="EN-US" link="#0563C1">\n'
            f'<div class="WordSection1">\n{lines}</div></body></html>\n'
        )

    def _joined(self, how: str, parts: Sequence[bytes]) -> bytes:
        boundary = f"=_{how}_{self.chance.getrandbits(64):016x}"
        pieces = b"".join(b"--%s\n%s\n" % (boundary.encode(), part.rstrip(b"\n")) for part in parts)
        return (
            f'Content-Type: multipart/{how};\n\tboundary="{boundary}"\n\n'.encode()
            + pieces
            + f"--{boundary}--\n".encode()
        )

    def _noise(self, size: int) -> str:
        return base64.b64encode(self.chance.randbytes(size)).decode()


def _encoded(text: str, charset: str) -> str:
    return text if text.isascii() else Header(text, charset, maxlinelen=70).encode()


def _folded(text: str) -> str:
    return "\n\t".join(text[at : at + 72] for at in range(0, len(text), 72))


def _wrapped(paragraph: str, width: int = 76) -> list[str]:
    lines = [""]
    for word in paragraph.split(" "):
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.corpus", description="Say what the corpus is made of.")
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--eml", type=Path, help="a folder to write them to, one file each")
    options = parser.parse_args()
    mails = corpus(options.n, options.seed)
    sizes = sorted(len(mail.raw) for mail in mails)
    print(
        f"{len(mails)} mails, {sum(sizes) / 1e6:.1f} MB; median {statistics.median(sizes) / 1e3:.1f} KB,"
        f" mean {statistics.mean(sizes) / 1e3:.1f} KB, p99 {sizes[int(0.99 * len(sizes))] / 1e3:.0f} KB"
    )
    if options.eml:
        options.eml.mkdir(parents=True, exist_ok=True)
        for index, mail in enumerate(mails):
            (options.eml / f"{index:06}.eml").write_bytes(mail.raw)


if __name__ == "__main__":
    main()
