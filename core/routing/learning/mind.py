"""What is known of a desk's messages at one time: the space they lie in, and a head for each question about them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.routing.learning import scoring, shipped
from core.routing.learning.encoders import Matrix, encode, slow_of, width
from core.routing.learning.heads import Head, calibrated, fit, held_out, narrowed, widened
from core.routing.learning.space import Space, space_of
from core.routing.minds import MOOD, MOST, PRODUCT, QUESTIONS, URGENCY, Taught

_ENOUGH = {PRODUCT: 4, URGENCY: 12}
"""So many examples a question without seeds needs before it is answered at all."""
_SEEDED = 0.5
"""What a seed weighs beside an example: it is what somebody thought up."""
_FEW_STEPS = 40
_FEW = 20
_UNTESTED = 1.3
"""The temperature of a head of which hardly anything is known."""
_FOLDS = ((400, 5), (2_000, 2), (MOST * 2, 1))
"""Up to so many that could be asked about, how often the head is learnt again without some of them: it takes time."""
_FOLDED = 400
"""So many are asked about at most."""
_ALIKE = 0.85
"""From this likeness on (a cosine) two messages say the same."""


class Answer(NamedTuple):
    """The likeliest class, and how sure that is."""

    said: str
    sure: float


@dataclass(frozen=True, slots=True)
class Mind:
    """Heads by question, in one space."""

    space: Space
    heads: Mapping[str, Head]

    def rows(self, raw: Matrix, texts: Sequence[str], languages: Sequence[str | None]) -> Matrix:
        return self.space.rows(raw, texts, languages)

    def rows_of_parts(self, parts: Sequence[str], language: str | None) -> Matrix:
        """Rows of parts of one text, of which there are many: a slow encoder has read the whole, and is not asked for
        each of them where another understands the language.
        """
        silent = slow_of(self.space.encoders, language)
        raw = encode(parts, self.space.encoders, silent)
        return self.space.rows(raw, parts, [language] * len(parts), silent)

    def answers(self, row: Matrix) -> dict[str, Answer]:
        """What each head says of a text."""
        found: dict[str, Answer] = {}
        for question, head in self.heads.items():
            chances = head.chances(row[None, :])[0]
            best = int(chances.argmax())
            found[question] = Answer(head.classes[best], float(chances[best]))
        return found

    def chance_of_anger(self, row: Matrix) -> float:
        """How likely somebody is angry who wrote this; who is annoyed is half so."""
        head = self.heads[MOOD]
        chances = dict(zip(head.classes, head.chances(row[None, :])[0].tolist(), strict=True))
        return chances.get("angry", 0.0) + chances.get("annoyed", 0.0) / 2

    def packed(self) -> bytes:
        """As it is kept."""
        about = {
            "encoders": self.space.encoders,
            "heads": {name: [head.classes, head.temperature] for name, head in self.heads.items()},
        }
        arrays: dict[str, Any] = {"middle": self.space.middle}
        for name, head in self.heads.items():
            arrays[f"{name}.weights"], arrays[f"{name}.bias"] = head.weights.astype(np.float16), head.bias
        file = io.BytesIO()
        np.savez_compressed(file, about=np.frombuffer(json.dumps(about).encode(), np.uint8), **arrays)
        return file.getvalue()


def unpacked(kept: bytes) -> Mind:
    """Back from `packed`."""
    with np.load(io.BytesIO(kept), allow_pickle=False) as arrays:
        about = json.loads(arrays["about"].tobytes())
        heads = {
            name: Head(tuple(classes), arrays[f"{name}.weights"].astype(np.float32), arrays[f"{name}.bias"], warm)
            for name, (classes, warm) in about["heads"].items()
        }
        return Mind(Space(tuple(about["encoders"]), arrays["middle"]), heads)


def seeded(asked: Mapping[str, Mapping[str, Sequence[str]]]) -> list[Taught]:
    """Seeds as examples, by question and answer."""
    return [
        Taught(seed, None, {question: said}, _SEEDED)
        for question, answers in asked.items()
        for said, seeds in answers.items()
        for seed in seeds
    ]


def read_raw(taught: Sequence[Taught], encoders: Sequence[str]) -> Matrix:
    """What encoders give for each, where it is not known yet."""
    rows = np.zeros((len(taught), width(encoders)), np.float32)
    size = 2 * width(encoders)
    new: list[int] = []
    for place, one in enumerate(taught):
        if one.raw is not None and len(one.raw) == size:
            rows[place] = np.frombuffer(one.raw, np.float16)
        elif (ours := shipped.known(one.text, encoders)) is not None:
            rows[place] = ours
        else:
            new.append(place)
    rows[new] = encode([taught[place].text for place in new], encoders)
    return rows


def as_raw(row: Matrix) -> bytes:
    """As `Taught.raw` has it."""
    return row.astype(np.float16).tobytes()


def grown(taught: Sequence[Taught], encoders: Sequence[str]) -> tuple[Mind, dict[str, Any]]:
    """What is learnt from all of these, and how good it is: by examples that it had not seen when it was asked."""
    raw = read_raw(taught, encoders)
    space = space_of(raw, encoders)
    rows = space.rows(raw, [one.text for one in taught], [one.language for one in taught])
    heads: dict[str, Head] = {}
    quality: dict[str, Any] = {}
    for question in QUESTIONS:
        told = [place for place, one in enumerate(taught) if question in one.answers]
        found = _head(question, rows[told], [taught[place] for place in told])
        if found is not None:
            heads[question], quality[question] = found
    return Mind(space, heads), quality


def _head(question: str, wide: Matrix, taught: Sequence[Taught]) -> tuple[Head, dict[str, Any]] | None:
    right = [one.answers[question] for one in taught]
    classes = sorted(set(right))
    if len(classes) < 2 or len(taught) < _ENOUGH.get(question, 0):
        return None
    labels = np.array([classes.index(name) for name in right], np.intp)
    rows, axes = narrowed(wide)
    weights = np.array([one.weight for one in taught], np.float32)
    examples = np.array([one.weight >= 1 for one in taught], np.bool_)
    asked = _asked(examples)
    folds = next(folds for most, folds in _FOLDS if len(taught) <= most)
    if folds == 1:  # so many that the few which are held out are not missed: it is learnt once only
        head = fit(rows[~asked], labels[~asked], classes, weights[~asked], _FEW_STEPS)
        scores = head.scores(rows[asked])
    else:
        head = fit(rows, labels, classes, weights)
        scores = held_out(rows, labels, classes, weights, asked, folds)
    if len(scores) < _FEW:
        untested = replace(head, temperature=_UNTESTED)
        return widened(untested, axes), _quality(head, scores, labels[asked], False)
    head = calibrated(head, scores, labels[asked])
    return widened(head, axes), _quality(head, scores, labels[asked], bool(examples.sum() >= _FEW))


def _asked(examples: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which of them are held out in turn: agents' examples where there are enough, else seeds, too."""
    asked = examples if examples.sum() >= _FEW else np.ones_like(examples)
    every = -(-int(asked.sum()) // _FOLDED)
    few = np.zeros_like(asked)
    few[np.flatnonzero(asked)[::every]] = True
    return few


def _quality(head: Head, scores: Matrix, labels: npt.NDArray[np.intp], of_examples: bool) -> dict[str, Any]:
    """`right` of how many, how often it was sure enough, and how far its certainty is off."""
    if not len(scores):
        return {"of": 0, "of_examples": False}
    hits = [bool(one) for one in scores.argmax(axis=1) == labels]
    spread = np.exp(scores / head.temperature - (scores / head.temperature).max(axis=1, keepdims=True))
    sure = [float(one) for one in (spread / spread.sum(axis=1, keepdims=True)).max(axis=1)]
    return {
        "of": len(hits),
        "of_examples": of_examples,
        "right": round(sum(hits) / len(hits), 4),
        "calibration_error": round(scoring.calibration_error(sure, hits), 4),
        "coverage_at_95": round(scoring.coverage(sure, hits, 0.95), 4),
    }


def likest(row: Matrix, others: Matrix) -> int | None:
    """Which of the others says the same, if any."""
    if not len(others):
        return None
    long = np.linalg.norm(others, axis=1) * max(float(np.linalg.norm(row)), 1e-6)
    alike = (others @ row) / np.maximum(long, 1e-6)
    best = int(alike.argmax())
    return best if alike[best] >= _ALIKE else None
