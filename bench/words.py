"""How well words are read: languages of others' sentences (CORPORA), tones that we wrote, near-duplicates; and cost."""

from __future__ import annotations

import os
import time
import tomllib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from bench.figures import Figure, at_least, at_most
from bench.scale import Scale
from core.routing.reader import understand
from core.routing.signals import language
from core.routing.signals.shipped import primary


async def measure(scale: Scale) -> list[Figure]:
    """Without CORPORA only what we labelled; we wrote the lexica too, and tuned them on it, so it flatters."""
    figures = list(_tones())
    home = os.environ.get("CORPORA", "")
    if home:
        figures += _languages(Path(home) / "text" / "tatoeba-langid")
    return figures


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
