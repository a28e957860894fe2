"""`deskbell triage evaluate`: how well topics are recognised in labelled texts, as JSON; stores nothing."""

from __future__ import annotations

import argparse
import importlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from core.phrases import Refused, phrase
from core.routing import signals
from core.routing.minds import installed
from core.routing.taxonomy import usual


def main(options: argparse.Namespace) -> int:
    """Learn from the seeds and examples given, and answer the test. Without either, by the usual topics' seeds."""
    try:
        learning = importlib.import_module("core.routing.learning.evaluating")
    except ModuleNotFoundError as error:
        raise Refused(
            phrase("Topics are learnt with the package {name}, which is not installed.", name=str(error.name))
        ) from error
    test = [learning.Labelled(*row) for row in _labelled(options.test)]
    train = [learning.Labelled(*row) for row in _labelled(options.train)] if options.train else []
    seeds = _seeds(options.seeds) if options.seeds else {}
    if not train and not seeds:
        seeds = {topic.name: topic.seeds for topic in usual()}
    if not test:
        raise Refused(phrase("{path} has no labelled text in it.", path=options.test))
    if len({*seeds, *(one.label for one in train)}) < 2:
        raise Refused(phrase("To tell topics apart, seeds or examples of two at least are needed."))
    print(
        json.dumps(learning.evaluate(test, seeds, train, encoders_in(options.encoders)), ensure_ascii=False, indent=2)
    )
    return 0


def encoders_in(written: str | None) -> tuple[str, ...]:
    """Encoders by their names, by commas; all that are installed where none is named. Raises Refused."""
    there = installed("use,e5")
    if written is None:
        return there
    named = tuple(filter(None, map(str.strip, written.split(","))))
    if missing := [name for name in named if name not in there]:
        raise Refused(
            phrase(
                "There is no encoder “{name}” here. Installed: {names}.",
                name=missing[0],
                names=", ".join(there) or phrase("none"),
            )
        )
    return named


def _seeds(path: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text, label, _ in _labelled(path):
        found.setdefault(label, []).append(text)
    return found


def _labelled(path: str) -> Iterator[tuple[str, str, str | None]]:
    """`{"text", "label", "lang"}` a line, `["text", "label"]` a line, or one JSON list of either. Raises Refused."""
    try:
        written = Path(path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise Refused(phrase("{path} cannot be read: {cause}", path=path, cause=cause)) from error
    for number, row in _rows(path, written):
        text, label, language = _parts(row)
        if not isinstance(text, str) or not isinstance(label, str | int):
            example = '{"text": "Where is my parcel?", "label": "delivery", "lang": "en"}'
            raise Refused(
                phrase("{path}, line {line}: write it like this: {example}", path=path, line=number, example=example)
            )
        yield text, str(label), language if isinstance(language, str) else _heard(text)


def _heard(text: str) -> str | None:
    guess = signals.language(text)
    return guess.language if guess else None


def _parts(row: Any) -> tuple[Any, Any, Any]:
    if isinstance(row, dict):
        return row.get("text"), row.get("label"), row.get("lang") or row.get("language")
    if isinstance(row, list) and len(row) >= 2:
        return row[0], row[1], row[2] if len(row) > 2 else None
    return None, None, None


def _rows(path: str, written: str) -> Iterable[tuple[int, Any]]:
    try:
        whole = json.loads(written)
    except (ValueError, RecursionError):
        whole = None
    if isinstance(whole, list) and all(isinstance(one, list | dict) for one in whole):
        yield from enumerate(whole, 1)
        return
    for number, line in enumerate(written.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError) as error:
            raise Refused(
                phrase("{path}, line {line}: this is not JSON: {cause}", path=path, line=number, cause=str(error))
            ) from error
