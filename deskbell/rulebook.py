"""`deskbell rulebook`: check a file, put it in force, write out the one in force, compare the two."""

from __future__ import annotations

import argparse
import getpass
from pathlib import Path

from core.desk import Desk
from core.desk.judged import Judged
from core.desk.judging import Difference
from core.phrases import NotFound, Phrase, Refused, phrase, phrases
from core.rulebook import Rulebook, check_toml, diff, to_toml
from core.settings import Settings
from deskbell.moving import gather, read_moves
from deskbell.opening import desk_at_hand, read_rulebook, read_settings
from deskbell.speaking import speak

AT_ONCE = 100
"""Tickets looked at in one reading."""


def main(options: argparse.Namespace) -> int:
    if options.move and options.what != "apply":
        raise Refused(phrase("--move goes with: deskbell rulebook apply"))
    settings = read_settings()
    path = Path(options.file) if options.file else settings.desk_file
    if options.file and options.what != "export" and not path.exists():
        raise NotFound(
            phrase(
                "There is no file {path}. Give the name of one that is there; without a name it is {usual}.",
                path=str(path),
                usual=str(settings.desk_file),
            )
        )
    match options.what:
        case "check":
            return _check(path)
        case "apply":
            return _apply(settings, path, options.move)
        case "export":
            with desk_at_hand(settings) as desk:
                written = to_toml(desk.book())
            if options.file:
                path.write_text(written, encoding="utf-8")
            else:
                print(written, end="")
            return 0
        case _:
            return _diff(settings, path, options.over)


def _check(path: Path) -> int:
    read_rulebook(path)
    checked = check_toml(path.read_text(encoding="utf-8"), str(path))
    for problem in checked.warnings:
        speak(problem.said(str(path)))
    speak(phrase("{path} can be applied.", path=str(path)))
    return 0


def _apply(settings: Settings, path: Path, moves: list[str]) -> int:
    """Put it in force, then move the tickets of queues that it has no more; what an earlier one left is moved too."""
    book, by = read_rulebook(path), f"cli:{getpass.getuser()}"
    with desk_at_hand(settings, may_be_new=True) as desk:
        edition = desk.edition()
        moved = read_moves(moves, book, edition.book if edition else None, desk)
        if edition is not None and edition.book == book:
            speak(phrase("Nothing has changed; version {version} stays in force.", version=edition.version))
        else:
            version = desk.apply(book, by)
            speak(phrase("Version {version} of the rulebook is in force.", version=version))
        gather(desk, moved, by)
    return 0


def _diff(settings: Settings, path: Path, over: int) -> int:
    book = read_rulebook(path)
    with desk_at_hand(settings) as desk:
        edition = desk.edition()
        if edition is None:
            raise NotFound(phrase("The desk has no rulebook yet. Write desk.toml and run: deskbell rulebook apply"))
        _show(edition.book, book)
        if over > 0:
            _dry_run(desk, book, over)
    return 0


def _dry_run(desk: Desk, book: Rulebook, over: int) -> None:
    """Which of the last tickets it would have treated otherwise, looked at a few at a time: a desk may be running."""
    numbers = desk.newest(over)
    found = 0
    for begin in range(0, len(numbers), AT_ONCE):
        for one in desk.dry_run(book, numbers[begin : begin + AT_ONCE]):
            found += 1
            speak(phrase("#{number}: {changes}", number=one.number, changes=_differences(one)))
    speak(
        phrases(
            "{count} of the last {looked} tickets would be treated otherwise.",
            "{count} of the last {looked} tickets would be treated otherwise.",
            found,
            looked=len(numbers),
        )
    )


def _differences(one: Difference) -> tuple[Phrase, ...]:
    """What would be different, and which rules say so. No word of customers."""
    before, after = one.before, one.after
    pairs = [
        (phrase("queue"), before.queue, after.queue),
        (phrase("urgency"), str(before.decision.urgency), str(after.decision.urgency)),
        *(
            (name, _shown(before.decision.outcome.get(key)), _shown(after.decision.outcome.get(key)))
            for key, name in _BESIDE.items()
        ),
        (phrase("rules"), _rules(before), _rules(after)),
    ]
    return tuple(
        phrase("{what} “{after}” instead of “{before}”", what=what, after=now or "–", before=then or "–")
        for what, then, now in pairs
        if then != now
    )


_BESIDE = {
    "tags": phrase("tags"),
    "assignee": phrase("agent"),
    "skills": phrase("skills"),
    "suppress": phrase("no acknowledgement"),
    "red_alert": phrase("red alert"),
    "template": phrase("template"),
}


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "✓" if value else ""
    return ", ".join(map(str, value)) if isinstance(value, list | dict) else str(value or "")


def _rules(judged: Judged) -> str:
    return ", ".join(fired.rule for fired in judged.decision.fired)


def _show(old: Rulebook, new: Rulebook) -> int:
    changes = diff(old, new)
    for change in changes:
        speak(change.sentence)
    speak(phrases("{count} change", "{count} changes", len(changes)))
    return 0
