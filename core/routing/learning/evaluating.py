"""How well messages of known topics are recognised, learning from these seeds and examples only."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from core.routing.learning import mind, scoring
from core.routing.learning.encoders import encode
from core.routing.minds import TOPIC, Taught

_DIGITS = 4


class Labelled(NamedTuple):
    """A text, what it is about, and the language it is in, where that is known."""

    text: str
    label: str
    language: str | None = None


def evaluate(
    test: Sequence[Labelled], seeds: Mapping[str, Sequence[str]], train: Sequence[Labelled], encoders: Sequence[str]
) -> dict[str, Any]:
    """Figures of the answers to `test`. Times are of the processor; loading an encoder is not counted."""
    encode(["warm"], encoders)
    began = time.process_time()
    taught = mind.seeded({TOPIC: seeds})
    taught += [Taught(one.text, one.language, {TOPIC: one.label}) for one in train]
    known, quality = mind.grown(taught, encoders)
    trained = time.process_time() - began
    head = known.heads[TOPIC]
    began = time.process_time()
    texts, languages = [one.text for one in test], [one.language for one in test]
    one_by_one = [
        known.rows(encode([text], encoders), [text], [said]) for text, said in zip(texts, languages, strict=True)
    ]
    chances = head.chances(np.concatenate(one_by_one))
    asked = time.process_time() - began
    said = [head.classes[int(place)] for place in chances.argmax(axis=1)]
    right = [one.label for one in test]
    sure = [float(chance) for chance in chances.max(axis=1)]
    hits = [a == b for a, b in zip(said, right, strict=True)]
    return {
        "texts": len(test),
        "classes": len(head.classes),
        "learnt_from": len(taught),
        "encoders": list(encoders),
        "accuracy": round(scoring.accuracy(said, right), _DIGITS),
        "macro_f1": round(scoring.macro_f1(said, right), _DIGITS),
        "top2": round(scoring.top2(chances, head.classes, right), _DIGITS),
        "by_language": _by_language(test, said),
        "calibration_error": round(scoring.calibration_error(sure, hits), _DIGITS),
        "coverage_at_95_precision": round(scoring.coverage(sure, hits, 0.95), _DIGITS),
        "cpu_ms_a_text": round(1000 * asked / max(len(test), 1), 3),
        "training_seconds": round(trained, 3),
        "held_out": quality.get(TOPIC, {}),
    }


def _by_language(test: Sequence[Labelled], said: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for language in sorted({one.language for one in test if one.language}):
        places = [place for place, one in enumerate(test) if one.language == language]
        ours, theirs = [said[place] for place in places], [test[place].label for place in places]
        found[language] = {
            "texts": len(places),
            "accuracy": round(scoring.accuracy(ours, theirs), _DIGITS),
            "macro_f1": round(scoring.macro_f1(ours, theirs), _DIGITS),
        }
    return found
