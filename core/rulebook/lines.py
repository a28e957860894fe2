"""On which line of a TOML text each of its keys and tables stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

Path = tuple[str | int, ...]

# TOML 1.0. The text is known to be right (tomllib has read it), so the patterns may be looser than the grammar.
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})' r"|'''.*?'''(?:'{0,2})" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'", re.DOTALL
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_OTHER_VALUE = re.compile(r"[^,\]}\r\n#]*")


def line_of(path: Path, lines: Mapping[Path, int]) -> int | None:
    """The line of the nearest thing around `path` that stands in the file; None for what has no file."""
    for end in range(len(path), 0, -1):
        if path[:end] in lines:
            return lines[path[:end]]
    return min(lines.values(), default=None)


def locate(text: str) -> dict[Path, int]:
    """The line (from 1) of every key, table, list item and item of an array of tables.

    `text` must be valid TOML. The standard library's parser says no places, so this walks the text beside it.
    """
    walk = _Walk(text)
    walk.document()
    return walk.lines


class _Walk:
    def __init__(self, text: str):
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self._items: dict[Path, int] = {}  # arrays of tables, and how many items each has so far
        self._counted = (0, 1)  # (position, its line): counting goes on from there

    def document(self) -> None:
        table: Path = ()
        while self._more():
            if self.text.startswith("[[", self.at):
                table = self._item()
            elif self.text.startswith("[", self.at):
                self.at += 1
                line = self._line()
                table = self._under((), self._keys(), line)
                self._past("]")
            else:
                self._pair(table)

    def _item(self) -> Path:
        line = self._line()
        self.at += 2
        keys = self._keys()
        self._past("]]")
        array = (*self._under((), keys[:-1], line), keys[-1])
        place = self._items.get(array, 0)
        self._items[array] = place + 1
        self.lines.setdefault(array, line)
        self.lines[(*array, place)] = line
        return (*array, place)

    def _pair(self, table: Path) -> None:
        line = self._line()
        path = self._under(table, self._keys(), line)
        self._past("=")
        self._value(path)

    def _value(self, path: Path) -> None:
        self._more()
        opened = self.text[self.at : self.at + 1]
        string = _STRING.match(self.text, self.at)
        if string:
            self.at = string.end()
        elif opened == "[":
            self._list(path)
        elif opened == "{":
            self._inline(path)
        else:
            self.at = self._match(_OTHER_VALUE).end()

    def _list(self, path: Path) -> None:
        self.at += 1
        place = 0
        while self._more() and self.text[self.at] != "]":
            self.lines[(*path, place)] = self._line()
            self._value((*path, place))
            place += 1
            self._past(",", needed=False)
        self.at += 1

    def _inline(self, path: Path) -> None:
        self.at += 1
        while self._more() and self.text[self.at] != "}":
            self._pair(path)
            self._past(",", needed=False)
        self.at += 1

    def _keys(self) -> list[str]:
        keys = [self._one_key()]
        while self._past(".", needed=False):
            keys.append(self._one_key())
        return keys

    def _one_key(self) -> str:
        self._more()
        quoted = _STRING.match(self.text, self.at)
        if quoted:
            self.at = quoted.end()
            return tomllib.loads(f"key = {quoted.group()}")["key"]
        bare = self._match(_BARE_KEY)
        self.at = bare.end()
        return bare.group()

    def _under(self, table: Path, keys: list[str], line: int) -> Path:
        """The path of dotted keys below a table; through an array of tables it goes by the last item."""
        path = table
        for key in keys:
            path = (*path, key)
            self.lines.setdefault(path, line)
            if path in self._items:
                path = (*path, self._items[path] - 1)
        return path

    def _more(self) -> bool:
        self.at = self._match(_SPACE).end()
        return self.at < len(self.text)

    def _past(self, sign: str, *, needed: bool = True) -> bool:
        self._more()
        if self.text.startswith(sign, self.at):
            self.at += len(sign)
            return True
        assert not needed, f"not the TOML that was read: no {sign} at {self.at}"
        return False

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self.text, self.at)
        assert found is not None, f"not the TOML that was read, at {self.at}"
        return found

    def _line(self) -> int:
        position, line = self._counted
        line += self.text.count("\n", position, self.at)
        self._counted = (self.at, line)
        return line
