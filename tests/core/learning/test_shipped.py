"""What encoders give for the sentences that come with us is kept."""

from __future__ import annotations

from core.routing.learning import shipped


def test_every_sentence_is_there_and_no_other() -> None:
    missing = [text for text in shipped.every() if shipped.known(text, ("use", "e5")) is None]
    assert not missing, "python -m core.routing.learning.shipped"
    assert shipped.known("something that nobody wrote down", ("use",)) is None
    assert shipped.known(shipped.every()[0], ()) is None
