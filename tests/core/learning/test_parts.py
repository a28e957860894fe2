"""Parts of a text are read by the quick encoder alone, and mean then what that says."""

from __future__ import annotations

import numpy as np
import pytest

from core.routing.learning.encoders import encode, slow_of, width
from core.routing.learning.space import space_of

BOTH = ("use", "e5")


@pytest.mark.parametrize(
    ("encoders", "language", "slow"),
    [
        (BOTH, "de", ("e5",)),
        (BOTH, None, ("e5",)),
        (BOTH, "he", ()),  # only the slow one understands it
        (("e5",), "de", ()),
        (("use",), "de", ()),
        ((), "de", ()),
    ],
)
def test_a_slow_encoder_is_spared_where_a_quick_one_understands(
    encoders: tuple[str, ...], language: str | None, slow: tuple[str, ...]
) -> None:
    assert slow_of(encoders, language) == slow


def test_whom_nobody_asks_says_nothing_and_the_others_speak_as_loudly_as_alone() -> None:
    raw = np.random.default_rng(4).normal(size=(3, width(BOTH))).astype(np.float32)
    space = space_of(raw, BOTH)
    texts, languages = ["one", "two", "three"], ["en", "en", "de"]
    rows = space.rows(raw, texts, languages, silent=("e5",))
    first, second = rows[:, : width(("use",))], rows[:, width(("use",)) : width(BOTH)]
    assert np.allclose(np.linalg.norm(first, axis=1), 1, atol=1e-4)
    assert not second.any()
    assert not encode(texts, BOTH, silent=BOTH).any()
