"""How well topics and anger are recognised, learning from few examples: other people's texts (CORPORA/text)."""

from __future__ import annotations

import csv
import json
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path

from bench import unseen
from bench.figures import Figure, Goal, at_least, at_most
from core.routing.learning import mind, scoring
from core.routing.learning.encoders import encode
from core.routing.learning.evaluating import Labelled, evaluate
from core.routing.minds import MOOD, Asked, Taught, installed, read
from core.routing.taxonomy import Signals, taxonomy, usual

_LANGUAGES = ("ar", "de", "en", "id", "it", "ja", "nl", "tr", "zh")
_TESTED, _SIZES = 1_000, (50, 200, 1_000)
_GOALS: dict[tuple[str, str, int], float] = {
    ("bitext", "macro_f1", 200): 0.85,
    ("bitext", "macro_f1", 1_000): 0.97,
    ("banking77", "macro_f1", 200): 0.42,
    ("banking77", "macro_f1", 1_000): 0.77,
    ("xsid", "accuracy", 200): 0.86,
    ("xsid", "accuracy", 1_000): 0.92,
}
"""reference/languages.md, Goals."""
_EACH = {"bitext": "macro_f1", "banking77": "macro_f1", "xsid": "accuracy"}


def measure(home: Path) -> Iterator[Figure]:
    """By each set of encoders that is here, and by n-grams alone."""
    if not home.is_dir():
        return
    there = installed("use,e5")
    sets = [("use",), ("use", "e5"), ()] if len(there) == 2 else [there, ()]
    corpora = {"bitext": _bitext(home), "banking77": _banking(home), "xsid": _xsid(home, _LANGUAGES)}
    for encoders in sets:
        by = " + ".join(encoders) or "n-grams alone"
        if "e5" not in encoders:  # forty times as slow, and no better where the first encoder knows the language
            for name, rows in corpora.items():
                yield from _curve(name, rows, encoders, by)
            yield from _across(home, encoders, by)
        if encoders:
            yield from _unseen(encoders, by)
            yield from unseen.measure(encoders, by, _no_miss)
            yield from _cold(home, encoders, by)
            yield from _anger(home, encoders, by)


def _curve(name: str, rows: list[Labelled], encoders: tuple[str, ...], by: str) -> Iterator[Figure]:
    random.Random(1).shuffle(rows)
    test, train = rows[:_TESTED], rows[_TESTED:]
    for size in _SIZES:
        found = evaluate(test, {}, train[:size], encoders)
        what = _EACH[name]
        wanted = _GOALS.get((name, what, size)) if encoders else None
        title = f"{name}, {size} labels: {what.replace('_', ' ')}"
        yield _figure(by, title, found[what], at_least(wanted) if wanted else None)
        if size == _SIZES[-1]:
            goal = at_most(0.08) if encoders else None
            yield _figure(by, f"{name}, {size} labels: calibration error", found["calibration_error"], goal)
            yield _figure(by, f"{name}, {size} labels: training", found["training_seconds"], at_most(5), "s of CPU")
            yield _figure(by, f"{name}: a text", found["cpu_ms_a_text"], None, "ms of CPU")


def _across(home: Path, encoders: tuple[str, ...], by: str) -> Iterator[Figure]:
    """Taught in English only, asked in eight other languages."""
    others = tuple(one for one in _LANGUAGES if one != "en")
    found = evaluate(_xsid(home, others), {}, _xsid(home, ("en",)), encoders)
    goal = at_least(0.87) if encoders else None
    yield _figure(by, "xsid, taught in English: accuracy in 8 other languages", found["accuracy"], goal)


def _cold(home: Path, encoders: tuple[str, ...], by: str) -> Iterator[Figure]:
    """By the usual topics' English seeds, in whatever language; the sample has only some of them."""
    rows = _helpdesk(home)
    if not rows:
        return
    seeds = {topic.name: topic.seeds for topic in usual()}
    test = [Labelled(row["text"], row["category"], row["lang"]) for row in rows]
    found = evaluate(test, seeds, [], encoders)
    goal = at_least(0.9) if "e5" in encoders else None
    yield _figure(by, f"before anything was taught, {len(test)} messages in 21 languages", found["accuracy"], goal)
    worst = min(found["by_language"].values(), key=lambda one: one["accuracy"])
    yield _figure(by, "the same, worst language", worst["accuracy"], at_least(0.8) if "e5" in encoders else None)


def _unseen(encoders: tuple[str, ...], by: str) -> Iterator[Figure]:
    """The same of messages that nobody looked at before they were measured, of all topics in all languages."""
    seeds = {topic.name: topic.seeds for topic in usual()}
    both = "e5" in encoders
    later = [Labelled(row.text, row.topic, row.language) for row in unseen.rows("unseen_later")]
    accuracy = evaluate(later, seeds, [], encoders)["accuracy"]
    yield _figure(
        by, f"{len(later)} messages of ours, 8 topics in 10 languages, untaught, never looked at", accuracy, None
    )
    found = evaluate([Labelled(row.text, row.topic, row.language) for row in unseen.rows()], seeds, [], encoders)
    title = f"{found['texts']} messages of ours, 15 topics in 21 languages, untaught"
    yield _figure(by, title, found["accuracy"], at_least(0.9) if both else None)
    yield _figure(by, "the same, right one among the first two", found["top2"], at_least(0.97) if both else None)
    worst = min(found["by_language"].values(), key=lambda one: one["accuracy"])
    yield _figure(by, "the same, worst language", worst["accuracy"], at_least(0.8) if both else None)


def _no_miss(*_: object) -> None:
    """Nobody wants to see them here."""


def _anger(home: Path, encoders: tuple[str, ...], by: str) -> Iterator[Figure]:
    """Before anything was taught, of messages that we wrote; and of social texts, learning from others like them."""
    ours = tomllib.loads(Path(__file__).with_name("labelled").joinpath("moods.toml").read_text("utf-8"))
    tx = taxonomy((), Signals())
    rows = [(text, mood == "angry") for mood, texts in ours.items() for text in texts]
    found = [read(Asked(text, "", tx, encoders)) for text, _ in rows]
    area = scoring.auc([one.understood.anger if one else 0.0 for one in found], [is_so for _, is_so in rows])
    goal = at_least(0.98 if "e5" in encoders else 0.95)
    yield _figure(by, f"anger, {len(rows)} messages of ours in 12 languages, untaught: AUC", area, goal)
    if "e5" in encoders:
        return
    taught = [
        Taught(text, tag, {MOOD: "angry" if is_so else "calm"})
        for code, tag in _SOCIAL.items()
        for text, is_so in _social(home, f"train_{code}", 700)
    ]
    known, _ = mind.grown(taught, encoders)
    areas: list[float] = []
    for code, tag in _SOCIAL.items():
        texts, so = zip(*_social(home, f"dev_{code}", 400), strict=True)
        rows_of = known.rows(encode(texts, encoders), texts, [tag] * len(texts))
        areas.append(scoring.auc([known.chance_of_anger(row) for row in rows_of], so))
    mean = sum(areas) / len(areas)
    title = f"anger in social texts, {len(areas)} languages, {len(taught)} labels: mean AUC"
    yield _figure(by, title, mean, at_least(0.83))


_SOCIAL = {"chn": "zh", "deu": "de", "eng": "en", "esp": "es", "ptbr": "pt", "rus": "ru"}


def _social(home: Path, name: str, most: int) -> list[tuple[str, bool]]:
    with (home / "brighter" / f"{name}.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row.get("anger") in ("0", "1")][:most]
    return [(row["text"], row["anger"] == "1") for row in rows]


def _figure(by: str, name: str, value: float, goal: Goal | None, unit: str = "") -> Figure:
    return Figure(f"topics, {by}", name, unit, [value], goal=goal)


def _bitext(home: Path) -> list[Labelled]:
    rows: dict[tuple[str, str], None] = {}
    for path in sorted((home / "bitext-cs").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            rows |= {(row["utterance"], row["intent"]): None for row in csv.DictReader(file)}
    return [Labelled(text, label, "en") for text, label in rows]


def _banking(home: Path) -> list[Labelled]:
    with (home / "banking77" / "train.csv").open(encoding="utf-8") as file:
        return [Labelled(row["text"], row["category"], "en") for row in csv.DictReader(file)]


def _xsid(home: Path, languages: tuple[str, ...]) -> list[Labelled]:
    found: list[Labelled] = []
    for language in languages:
        text = ""
        for line in (home / "xsid" / f"{language}.valid.conll").read_text("utf-8").splitlines():
            name, _, said = line.partition("=" if line.startswith("# text =") else ":")
            if line.startswith(("# text =", "# text:")):
                text = said.strip()
            elif line.startswith("# intent"):
                found.append(Labelled(text, (said or name.partition("=")[2]).strip(), language))
    return found


def _helpdesk(home: Path) -> list[dict[str, str]]:
    path = home / "helpdesk21" / "sample.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
