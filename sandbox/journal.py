"""What the sandbox remembers: tables of JSON documents and blobs, in memory and, given a folder, on disk as well."""

import fcntl
import json
import os
from collections import defaultdict
from pathlib import Path
from typing import TextIO

from sandbox.errors import Json


def _locked(path: Path) -> TextIO:
    """Raises BlockingIOError where another process holds it; it is free again when the file is closed."""
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise BlockingIOError(f"{path.parent} is in use by another sandbox") from None
    return lock


class Journal:
    """Every change is one line of `journal.jsonl`, written before it is seen.

    A folder belongs to one sandbox at a time (BlockingIOError). A line that a crash left half-written is the last one
    and is dropped; opening rewrites the file without history.
    """

    def __init__(self, folder: Path | None) -> None:
        self._tables: dict[str, dict[str, Json]] = defaultdict(dict)
        self._blobs: dict[str, bytes] = {}
        self._folder = folder
        self._file = None
        self._lock = None
        if folder is not None:
            (folder / "blobs").mkdir(parents=True, exist_ok=True)
            self._lock = _locked(folder / "lock")
            self._read(folder / "journal.jsonl")
            self._rewrite()

    def table(self, name: str) -> dict[str, Json]:
        """The documents by key, oldest first; change them only through `put` and `drop`."""
        return self._tables[name]

    def put(self, table: str, key: str, document: Json) -> None:
        self._tables[table][key] = document
        self._append([table, key, document])

    def drop(self, table: str, key: str) -> None:
        if self._tables[table].pop(key, None) is not None:
            self._append([table, key])

    def put_blob(self, name: str, data: bytes) -> None:
        """`name` is an id the sandbox made itself, never a name that came from outside."""
        if self._folder is None:
            self._blobs[name] = data
        else:
            (self._folder / "blobs" / name).write_bytes(data)

    def blob(self, name: str) -> bytes:
        """Raises FileNotFoundError for a name that was never put."""
        if self._folder is not None:
            return (self._folder / "blobs" / name).read_bytes()
        if name not in self._blobs:
            raise FileNotFoundError(name)
        return self._blobs[name]

    def clear(self, keep: frozenset[str] = frozenset()) -> None:
        """Forget every table but those named in `keep`, and all blobs."""
        for name in [n for n in self._tables if n not in keep]:
            self._tables[name].clear()
        self._blobs.clear()
        if self._folder is not None:
            for path in (self._folder / "blobs").iterdir():
                path.unlink()
            self._rewrite()

    def close(self) -> None:
        self._stop_writing()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _stop_writing(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _append(self, record: list[object]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
            self._file.flush()

    def _read(self, path: Path) -> None:
        if not path.exists():
            return
        lines = path.read_text("utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, 1):
            try:
                table, key, *document = json.loads(line)
            except ValueError:
                if number < len(lines):
                    raise
                break  # the last line: the process died while it wrote
            if document:
                self._tables[table][key] = document[0]
            else:
                self._tables[table].pop(key, None)

    def _rewrite(self) -> None:
        assert self._folder is not None
        self._stop_writing()
        path, fresh = self._folder / "journal.jsonl", self._folder / "journal.new"
        with fresh.open("w", encoding="utf-8") as file:
            for table, documents in self._tables.items():
                file.writelines(json.dumps([table, k, d], ensure_ascii=False) + "\n" for k, d in documents.items())
        os.replace(fresh, path)
        self._file = path.open("a", encoding="utf-8")
