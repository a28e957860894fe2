"""The catalogues of every locale: brought up to date with the phrases in the code, and checked."""

from __future__ import annotations

import ast
import io
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.plurals import get_plural
from babel.messages.pofile import PoFileError, read_po, write_po

from core.templates.locales import SOURCE, blanks
from core.templates.macros import ANNOUNCEMENTS
from core.templates.render import FOR_AGENTS, NAMES, faults

ROOT = Path(__file__).resolve().parents[1]
SPEAKING = ("core", "bot", "gateways", "dashboard", "deskbell")
"""The packages whose sentences people read."""
KEYWORDS: Mapping[str, tuple[int, ...] | None] = {"phrase": None, "phrases": (1, 2)}
_CALENDAR_LINES = re.compile(
    r'^"(?:POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By|Report-Msgid-Bugs-To).*\n',
    re.M,
)
_PO_LINE = re.compile(r'(?:#.*|(?:#~ )?(?:(?:msgid|msgid_plural|msgctxt|msgstr(?:\[\d\])?) )?"(?:[^"\\]|\\.)*"|)')
_BLANK = re.compile(r"\{\w+\}|\{\{|\}\}")


def extract(root: Path = ROOT) -> Catalog:
    """Every phrase in the code, with the files it stands in."""
    found = _empty("# The sentences of Deskbell. Made by: deskbell locales update")
    for package in SPEAKING:
        messages = extract_from_dir(
            str(root / package), [("**.py", "python")], {}, KEYWORDS, ("translators:",), strip_comment_tags=True
        )
        for name, _, message, comments, _ in messages:
            found.add(message, None, [(f"{package}/{name}", 0)], auto_comments=comments)
    return found


def update(root: Path = ROOT) -> list[Path]:
    """Bring desk.pot and every desk.po up to date; the files that have changed.

    Translations stay with their message; new ones are empty (in English: the message itself); what the code no
    longer says is dropped. Nothing is guessed, so nothing is ever fuzzy.
    """
    template = extract(root)
    changed = [path for path in [root / "locales" / "desk.pot"] if _write(path, template)]
    for path in _catalogues(root):
        locale = _locale(path)
        with path.open("rb") as file:
            old = read_po(file, locale=_babel(locale))
        new = _empty(old.header_comment, _babel(locale))
        for message in template:
            if message.id:
                kept = old.get(message.id)
                string = kept.string if kept is not None and not kept.fuzzy else ""
                comments = [] if kept is None else kept.user_comments
                _add(new, message, message.id if locale == SOURCE else string, comments)
        if _write(path, new):
            changed.append(path)
    return changed


def check(root: Path = ROOT) -> list[str]:
    """Everything that keeps a locale from being complete and right, each with the file it is in; empty when all is."""
    template = extract(root)
    return [
        *_careless(root),
        *_stale(root / "locales" / "desk.pot", template, root),
        *(problem for path in _catalogues(root) for problem in _in_catalogue(path, template, root)),
        *_in_templates(root),
        *_in_signals(root),
    ]


# --- The code


def _careless(root: Path) -> Iterator[str]:
    """Phrases that could not be extracted, and blanks that are not filled where the phrase is made."""
    for package in SPEAKING:
        for path in sorted((root / package).rglob("*.py")):
            if path == root / "core" / "phrases.py":
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
                    for problem in _in_call(node, node.func.id):
                        yield f"{path.relative_to(root)}:{node.lineno}: {problem}"


def _in_call(call: ast.Call, name: str) -> Iterator[str]:
    wanted = 2 if name == "phrases" else 1
    texts = [arg.value for arg in call.args[:wanted] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    if len(texts) < wanted:
        yield f"{name}() needs the text itself, not a variable or an f-string: it could not be translated"
        return
    given = {keyword.arg for keyword in call.keywords}
    if None in given:  # ** : what it fills cannot be read here
        return
    for text in texts:
        yield from (f"stray brace in “{text}”" for _ in _stray(text))
    asked = frozenset[str]().union(*map(blanks, texts)) - ({"count"} if name == "phrases" else set())
    for blank in sorted(asked - given):
        yield f"nothing fills {{{blank}}} in “{texts[0]}”"
    for extra in sorted(filter(None, given - asked)):
        yield f"“{texts[0]}” has no {{{extra}}}"


# --- Catalogues


def _stale(path: Path, template: Catalog, root: Path) -> Iterator[str]:
    if not path.exists() or path.read_text(encoding="utf-8") != _text(template):
        yield f"{path.relative_to(root)}: out of date; run: deskbell locales update"


def _in_catalogue(path: Path, template: Catalog, root: Path) -> Iterator[str]:
    locale, name = _locale(path), path.relative_to(root)
    for line, written in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not _PO_LINE.fullmatch(written):  # Babel reads over them
            yield f"{name}:{line}: malformed: {written}"
    with path.open("rb") as file:
        try:
            read = read_po(file, locale=_babel(locale), abort_invalid=True)
        except (PoFileError, ValueError) as error:
            yield f"{name}: malformed: {error}"
            return
    forms = get_plural(_babel(locale))
    if (read.num_plurals, read.plural_expr) != (forms.num_plurals, forms.plural_expr):
        yield f"{name}: plural forms are not those of CLDR: {forms}"
    same = _same(path)
    for message in template:
        if message.id:
            for problem in _in_message(message, read.get(message.id), locale, forms.num_plurals, same):
                yield f"{name}: “{_first(message)}”: {problem}"
    said = [message for message in read if message.id and message.id in template]
    for message in [*read, *read.obsolete.values()]:
        if message.id and message not in said:
            yield f"{name}: “{_first(message)}”: obsolete, nothing in the code says it"
    yield from _in_same(path.parents[1].relative_to(root) / "same.toml", same, template)


def _in_same(name: Path, same: Mapping[str, str], template: Catalog) -> Iterator[str]:
    for text, reason in same.items():
        if not reason.strip():
            yield f"{name}: “{text}” has no reason"
        if template.get(text) is None:
            yield f"{name}: nothing in the code says “{text}”"


def _in_message(
    message: Message, found: Message | None, locale: str, forms: int, same: Mapping[str, str]
) -> Iterator[str]:
    if found is None:
        yield "missing"
        return
    if found.fuzzy:
        yield "fuzzy"
    strings = found.string if isinstance(found.string, (tuple, list)) else [found.string or ""]
    plural = not isinstance(message.id, str)
    if len(strings) != (forms if plural else 1):
        yield f"has {len(strings)} plural forms, needs {forms if plural else 1}"
    if not all(strings):
        yield "empty"
        return
    sources = list(message.id) if isinstance(message.id, (tuple, list)) else [message.id]
    asked = frozenset[str]().union(*map(blanks, sources))
    for string in strings:
        missing = asked - blanks(string) - ({"count"} if plural else set())
        yield from (f"{{{blank}}} is missing in “{string}”" for blank in sorted(missing))
        yield from (f"{{{blank}}} is not in the phrase" for blank in sorted(blanks(string) - asked))
        yield from (f"stray brace in “{string}”" for _ in _stray(string))
        if _edges(string) != _edges(sources[0]):
            yield f"begins or ends with other space than the phrase: “{string}”"
        if locale != SOURCE and string in sources and _has_words(string) and string not in same:
            yield "the same as in English; translate it, or give the reason in same.toml"


def _same(path: Path) -> Mapping[str, str]:
    """What rightly reads as in English, with the reason."""
    file = path.parents[1] / "same.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


# --- Templates and signals


class _Entry(NamedTuple):
    title: str
    text: str


def _in_templates(root: Path) -> Iterator[str]:
    """Every locale has every shipped template, with the placeholders that it has in English."""
    source = _entries(root / "locales" / SOURCE / "templates.toml")
    for name in sorted(set(ANNOUNCEMENTS) - set(source)):
        yield f"locales/{SOURCE}/templates.toml: “{name}” is missing, and the desk sends it by itself"
    for path in sorted((root / "locales").glob("*/LC_MESSAGES")):
        file = path.parent / "templates.toml"
        entries = _entries(file)
        where = file.relative_to(root)
        yield from (f"{where}: “{name}” is missing" for name in source if name not in entries)
        for name, entry in entries.items():
            allowed = NAMES if name in ANNOUNCEMENTS else FOR_AGENTS
            yield from (f"{where}: “{name}”: {bad} cannot be filled" for bad in faults(entry.text, allowed))
            if name not in source:
                yield f"{where}: “{name}” is not in English"
            elif _named(entry.text) != _named(source[name].text):
                yield f"{where}: “{name}”: other placeholders than in English"
            if not entry.text.strip() or (not entry.title and name not in ANNOUNCEMENTS):
                yield f"{where}: “{name}” needs a text, and a title where agents pick it"


def _in_signals(root: Path) -> Iterator[str]:
    for path in sorted((root / "locales").glob("*/LC_MESSAGES")):
        file = path.parent / "signals.toml"
        thanks = tomllib.loads(file.read_text(encoding="utf-8"))["thanks"] if file.exists() else {}
        for kind in ("enough", "beside", "farewells"):
            if not thanks.get(kind):
                yield f"{file.relative_to(root)}: nothing under thanks.{kind}"


def _entries(path: Path) -> Mapping[str, _Entry]:
    if not path.exists():
        return {}
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: _Entry(table.get("title", ""), table.get("text", "")) for name, table in tables.items()}


def _named(text: str) -> set[str]:
    return set(re.findall(r"\{([a-z_]+)", text))


# --- Files and texts


def _catalogues(root: Path) -> list[Path]:
    return sorted((root / "locales").glob("*/LC_MESSAGES/desk.po"))


def _locale(path: Path) -> str:
    return path.parents[1].name


def _babel(locale: str) -> str:
    return locale.replace("-", "_")


def _empty(comment: str, locale: str | None = None) -> Catalog:
    return Catalog(locale, project="deskbell", version="1", header_comment=comment, charset="utf-8", fuzzy=False)


def _add(catalogue: Catalog, message: Message, string: object, comments: Iterable[str]) -> None:
    catalogue.add(
        message.id,
        string,  # pyright: ignore[reportArgumentType]  # as in the message: one text, or a tuple of forms
        message.locations,
        auto_comments=message.auto_comments,
        user_comments=comments,
    )


def _write(path: Path, catalogue: Catalog) -> bool:
    """Write it where it differs. Dates are left out: they would differ each time."""
    text = _text(catalogue)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8")
    return True


def _text(catalogue: Catalog) -> str:
    """In the order of the messages themselves, so that moving code moves nothing here."""
    out = io.BytesIO()
    write_po(out, catalogue, width=110, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return _CALENDAR_LINES.sub("", out.getvalue().decode())


def _first(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _stray(text: str) -> list[str]:
    return re.findall(r"[{}]", _BLANK.sub("", text))


def _edges(text: str) -> tuple[int, int]:
    return len(text) - len(text.lstrip()), len(text) - len(text.rstrip())


def _has_words(text: str) -> bool:
    return any(map(str.isalpha, _BLANK.sub("", text)))


def main(arguments: list[str]) -> int:
    """`update` or `check`; the exit code."""
    match arguments:
        case ["update"]:
            for path in update():
                print(f"{path.relative_to(ROOT)} updated")
            return 0
        case ["check"]:
            problems = check()
            print("\n".join(problems) or "Every locale is complete.")
            return 1 if problems else 0
        case _:
            print("python -m deskbell.locales update | check")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
