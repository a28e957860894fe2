"""How well words are read: languages of others' sentences (CORPORA), tones that we wrote, near-duplicates; and cost."""

from __future__ import annotations

import os
import time
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from bench.figures import Figure, at_least, at_most
from bench.scale import Scale
from core.routing.reader import understand
from core.routing.signals import language
from core.routing.signals.detectors import CANDIDATES
from core.routing.signals.shipped import primary


async def measure(scale: Scale) -> list[Figure]:
    """Without CORPORA only what we labelled; we wrote the lexica too, and tuned them on it, so it flatters."""
    figures = list(_tones())
    home = os.environ.get("CORPORA", "")
    if home:
        folder = Path(home) / "text"
        figures += _languages(folder / "tatoeba-langid")
        figures += _written_otherwise(folder / "tatoeba-langid")
        figures += _commands(folder / "xsid")
        figures += _neighbours(folder / "tatoeba-langid" / "neighbours")
    return [*figures, *_nothing_said()]


def _figure(name: str, value: float, bound: float | None, unit: str = "%") -> Figure:
    return Figure("words", name, unit, [value], goal=at_least(bound) if bound is not None else None)


def _languages(folder: Path) -> Iterator[Figure]:
    shares: list[float] = []
    for path in sorted(folder.glob("*.txt")):
        lines = path.read_text("utf-8").splitlines()
        guesses = [language(line) for line in lines]
        right = sum(guess is not None and primary(guess.language) == path.stem for guess in guesses)
        shares.append(100 * right / len(lines))
    if shares:
        yield _figure("language, macro of tatoeba", sum(shares) / len(shares), 99.5)
        yield _figure("language, the worst one", min(shares), 97)


def _written_otherwise(folder: Path) -> Iterator[Figure]:
    """The same sentences without accents and capitals, all in capitals, with numbers among them; and single words."""
    latin = ("de", "en", "es", "fr", "id", "it", "nl", "pl", "pt", "tr", "vi")
    told: list[tuple[str, float | None, Sequence[str], Callable[[str], str]]] = [
        ("language, Latin letters without accents and capitals", 97.5, latin, _bare),
        ("language, in capitals", 99, (), str.upper),
        (
            "language, among a number, an address and an emoji",
            99,
            (),
            lambda line: f"#48213-A {line} 📦 a@b.example",
        ),
        ("language, two words out of a sentence", None, (), lambda line: " ".join(_middle(line, 2))),
        ("language, one word out of a sentence", None, (), lambda line: " ".join(_middle(line, 1))),
    ]
    for name, bound, among, changed in told:
        shares: list[float] = []
        for path in sorted(folder.glob("*.txt")):
            if among and path.stem not in among:
                continue
            lines = [text for line in path.read_text("utf-8").splitlines() if (text := changed(line).strip())]
            shares.append(_share(lines, path.stem))
        if shares:
            yield _figure(name, sum(shares) / len(shares), bound)


def _bare(line: str) -> str:
    plain = unicodedata.normalize("NFD", line.lower().replace("ı", "i").replace("đ", "d").replace("ł", "l"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def _middle(line: str, count: int) -> list[str]:
    """Words from the middle of a sentence, of four letters at least; in scripts without blanks a few signs of it."""
    words = [word.strip(".,!?\"'«»“”„…-–()") for word in line.split()]
    words = [word for word in words if len(word) >= 4 and word.isalpha()]
    at = max(0, len(words) // 2 - count // 2)
    return words[at : at + count] if len(words) >= count else []


def _share(lines: Sequence[str], tag: str) -> float:
    guesses = [language(line) for line in lines]
    right = sum(guess is not None and primary(guess.language) == tag for guess in guesses)
    return 100 * right / max(len(lines), 1)


def _commands(folder: Path) -> Iterator[Figure]:
    """Short commands to an assistant, in those of its languages that the desk speaks."""
    shares: list[float] = []
    for path in sorted(folder.glob("*.valid.conll")):
        tag = path.name.partition(".")[0]
        said = [line for line in path.read_text("utf-8").splitlines() if line.startswith(("# text =", "# text:"))]
        lines = [line.partition("text")[2].lstrip(" =:") for line in said]
        if tag not in ("da", "sr"):  # those the desk does not speak
            shares.append(_share(lines, tag))
    if shares:
        yield _figure("language, xSID's commands", sum(shares) / len(shares), 97.5)


def _neighbours(folder: Path) -> Iterator[Figure]:
    """Languages that look like one of ours: how often one of ours is said with confidence."""
    wrong = total = 0
    for path in sorted(folder.glob("*.txt")):
        lines = path.read_text("utf-8").splitlines()
        guesses = [language(line) for line in lines]
        wrong += sum(g is not None and primary(g.language) in CANDIDATES and g.confidence >= 0.5 for g in guesses)
        total += len(lines)
    if total:
        yield Figure("words", "look-alike languages taken for ours with confidence", "%", [100 * wrong / total])


def _nothing_said() -> Iterator[Figure]:
    texts = [
        "",
        "   ",
        "12345",
        "+49 30 1234567",
        "😀😀😀",
        "👍",
        "A-48213907",
        "https://a.example/b",
        "a@b.example",
        "?!?",
        "1 2 3",
    ]
    right = sum(language(text) is None for text in texts)
    yield _figure("language, unknown where nothing is said", 100 * right / len(texts), 100)


def _tones() -> Iterator[Figure]:
    tables = tomllib.loads(files("bench.labelled").joinpath("tones.toml").read_text("utf-8"))
    angry: list[float] = []
    others: list[float] = []
    began, count = time.process_time(), 0
    for tag, kinds in tables.items():
        for kind, texts in kinds.items():
            found = [understand(text, prior=tag).anger for text in texts]
            (angry if kind == "angry" else others).extend(found)
            count += len(texts)
    cost = 1000 * (time.process_time() - began) / count
    yield _figure("anger, AUC by lexicon alone, 23 locales of ours", auc(angry, others), None, "")
    yield Figure("words", "CPU a message", "ms", [cost], goal=at_most(2))


def auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """How often one of the first is above one of the second; equal ones count half."""
    won = sum((one > other) + 0.5 * (one == other) for one in positive for other in negative)
    return won / (len(positive) * len(negative))
