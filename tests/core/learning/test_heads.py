"""What heads learn, how sure they are of it, and the figures by which one knows."""

from __future__ import annotations

import numpy as np
import pytest

from core.routing.learning import encoders, heads, mind, scoring
from core.routing.minds import MOOD, TOPIC, URGENCY, Taught

BOATS = ["my boat leaks", "the sail of the boat is torn", "our boat sinks", "a leak in the boat"]
TRAINS = ["the train is late", "I missed my train", "which train goes to Rome", "no seat in the train"]


def taught(*, urgency: int = 0) -> list[Taught]:
    rows = [Taught(text, "en", {TOPIC: "boats"}) for text in BOATS]
    rows += [Taught(text, "en", {TOPIC: "trains"}) for text in TRAINS]
    return rows + [Taught(f"word {n}", "en", {URGENCY: str(n % 2)}) for n in range(urgency)]


def topic_of(known: mind.Mind, text: str) -> mind.Answer:
    return known.answers(known.rows(encoders.encode([text], ()), [text], ["en"])[0])[TOPIC]


def test_what_is_like_examples_is_found_to_be_what_they_are() -> None:
    known, _ = mind.grown(taught(), ())
    assert topic_of(known, "the boat has a leak").said == "boats"
    assert topic_of(known, "my train was late").said == "trains"


def test_kept_and_read_again_it_says_the_same() -> None:
    known, _ = mind.grown(taught(), ())
    again = mind.unpacked(known.packed())
    for text in ("the boat has a leak", "my train was late"):
        before, after = topic_of(known, text), topic_of(again, text)
        assert before.said == after.said
        assert before.sure == pytest.approx(after.sure, abs=0.01)


def test_with_one_class_only_or_too_few_examples_nothing_is_said() -> None:
    known, _ = mind.grown(taught(urgency=4), ())
    assert URGENCY not in known.heads
    assert URGENCY in mind.grown(taught(urgency=20), ())[0].heads
    only, _ = mind.grown([Taught("a boat", None, {TOPIC: "boats"})], ())
    assert TOPIC not in only.heads


def test_a_rare_class_is_found_beside_a_frequent_one() -> None:
    rows = [Taught(f"where is my parcel number {n}", "en", {TOPIC: "delivery"}) for n in range(60)]
    rows += [Taught(text, "en", {TOPIC: "boats"}) for text in BOATS]
    known, _ = mind.grown(rows, ())
    assert topic_of(known, "the boat leaks").said == "boats"


def test_who_is_annoyed_counts_half_as_angry() -> None:
    rows = [Taught(text, "en", {MOOD: "annoyed"}) for text in BOATS]
    rows += [Taught(text, "en", {MOOD: "calm"}) for text in TRAINS]
    known, _ = mind.grown(rows, ())
    chance = known.chance_of_anger(known.rows(encoders.encode(BOATS[:1], ()), BOATS[:1], ["en"])[0])
    assert 0.25 < chance <= 0.5


def test_quality_is_of_examples_that_were_held_out() -> None:
    rows = [Taught(f"{text} {n}", "en", {TOPIC: "boats"}) for n in range(5) for text in BOATS]
    rows += [Taught(f"{text} {n}", "en", {TOPIC: "trains"}) for n in range(5) for text in TRAINS]
    _, quality = mind.grown(rows, ())
    assert quality[TOPIC]["of"] == 40
    assert quality[TOPIC]["of_examples"]
    assert quality[TOPIC]["right"] > 0.9


def test_chances_become_true_by_one_temperature() -> None:
    random = np.random.default_rng(7)
    labels = random.integers(0, 2, 2_000)
    said = np.where(random.random(2_000) < 0.8, labels, 1 - labels)  # right four times of five
    scores = np.where(said[:, None] == np.arange(2), 9.0, 0.0).astype(np.float32)  # and very sure always
    head = heads.Head(("a", "b"), np.eye(2, dtype=np.float32), np.zeros(2, np.float32))
    warm = heads.calibrated(head, scores, labels.astype(np.intp))
    chances = heads.softmax(scores / np.float32(warm.temperature)).max(axis=1)
    hits = (said == labels).tolist()
    assert scoring.calibration_error(chances.tolist(), hits) < 0.05
    assert scoring.calibration_error(heads.softmax(scores).max(axis=1).tolist(), hits) > 0.15


def test_what_is_learnt_of_narrowed_rows_is_what_is_learnt_of_rows_as_they_are() -> None:
    drawn = np.random.default_rng(7)
    labels = drawn.integers(0, 3, 40)
    rows = (drawn.normal(size=(40, 300)) + labels[:, None] * (np.arange(300) < 9)).astype(np.float32) / 20
    narrow, axes = heads.narrowed(rows)
    assert narrow.shape == (40, 40)
    whole = heads.fit(rows, labels, ("a", "b", "c"))
    found = heads.widened(heads.fit(narrow, labels, ("a", "b", "c")), axes)
    other = drawn.normal(size=(5, 300)).astype(np.float32)
    np.testing.assert_allclose(found.scores(other), whole.scores(other), atol=0.01)
    assert heads.narrowed(rows[:, :60])[1] is None, "it would not be far narrower"


def test_a_smooth_function_is_minimised() -> None:
    wanted = np.arange(50, dtype=np.float32)
    steep = np.linspace(0.1, 10, 50).astype(np.float32)
    found = heads.minimised(
        lambda at: (float((steep * (at - wanted) ** 2).sum()), 2 * steep * (at - wanted)), np.zeros(50, np.float32), 200
    )
    assert np.abs(found - wanted).max() < 0.2


@pytest.mark.parametrize("text", ["", " ", "🙂🙂", "a" * 2_000_000, "\ud800 \0", "你好，我的包裹还没有到"])
def test_whatever_is_written_has_a_row_of_length_one_or_nothing(text: str) -> None:
    [row] = encoders.hashed([text])
    assert np.isfinite(row).all()
    assert float(np.linalg.norm(row)) == pytest.approx(1, abs=1e-3) or not row.any()
    assert len(encoders.prepared(text, 300)) <= 300


def test_an_encoder_is_not_asked_in_a_language_that_it_only_makes_noise_of() -> None:
    assert not encoders.helps("use", "hi")
    assert encoders.helps("use", "pt-BR")
    assert encoders.helps("e5", "hi")


def test_figures_are_those_that_one_counts_by_hand() -> None:
    right, said = ["a", "a", "b", "b"], ["a", "b", "b", "b"]
    assert scoring.accuracy(said, right) == 0.75
    assert scoring.macro_f1(said, right) == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert scoring.top2(np.array([[0.5, 0.3, 0.2]]), ["a", "b", "c"], ["b"]) == 1
    assert scoring.coverage([0.9, 0.8, 0.7, 0.6], [True, True, False, True], 0.95) == 0.5
    assert scoring.auc([0.9, 0.4, 0.4, 0.1], [True, True, False, False]) == pytest.approx(0.875)
    assert scoring.calibration_error([0.75] * 4, [True, True, True, False]) == pytest.approx(0)
