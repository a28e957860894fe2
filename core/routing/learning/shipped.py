"""What the encoders give for the sentences that come with us: made once, since making it takes seconds at every start.

`python -m core.routing.learning.shipped` writes seeds.npz anew after seeds.toml has changed; a check says so, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.routing.learning.encoders import ENCODERS, Matrix, encode
from core.routing.taxonomy import sentences, usual

_FILE = Path(__file__).with_name("seeds.npz")
_MARK = 8
"""Bytes by which a sentence is known."""


def known(text: str, encoders: Sequence[str]) -> Matrix | None:
    """What these encoders give for a sentence of ours; None for any other."""
    marks, rows = _kept()
    place = marks.get(_mark(text))
    if place is None or not encoders:
        return None
    return np.concatenate([rows[name][place] for name in encoders])


def every() -> list[str]:
    """All sentences that come with us, each once."""
    topics = (seed for topic in usual() for seed in topic.seeds)
    asked = (seed for answers in sentences().values() for seeds in answers.values() for seed in seeds)
    return list(dict.fromkeys([*topics, *asked]))


@lru_cache(maxsize=1)
def _kept() -> tuple[dict[bytes, int], dict[str, Matrix]]:
    """The places of sentences by their marks, and the rows of each encoder."""
    with np.load(_FILE, allow_pickle=False) as arrays:
        marks = arrays["marks"].tobytes()
        rows = {name: arrays[name].astype(np.float32) * arrays[f"{name}.scale"][:, None] for name in ENCODERS}
    return {marks[at : at + _MARK]: at // _MARK for at in range(0, len(marks), _MARK)}, rows


def _mark(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "ignore")).digest()[:_MARK]


def write(file: Path = _FILE) -> None:
    """Make the file: each row in whole numbers up to 127, with what they are to be multiplied by."""
    texts = every()
    arrays: dict[str, Matrix] = {"marks": np.frombuffer(b"".join(map(_mark, texts)), np.uint8)}
    for name in ENCODERS:
        rows = encode(texts, [name])
        scale = np.abs(rows).max(axis=1) / 127
        arrays[name] = np.rint(rows / scale[:, None]).astype(np.int8)
        arrays[f"{name}.scale"] = scale.astype(np.float32)
    np.savez_compressed(file, **arrays)  # pyright: ignore[reportArgumentType]


if __name__ == "__main__":
    write()
