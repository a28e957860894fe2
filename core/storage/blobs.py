"""Bytes by their SHA-256: raw mail and attachments, kept once however often they come.

Small ones lie in the database, where they share the commit of what refers to them (one fsync, not three). Large ones
of the embedded form lie in a folder, written and synced before the row that names them.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import sqlalchemy as sa

from core.phrases import NotFound, phrase
from core.storage.schema import blob_parts, blobs
from core.storage.statements import Prepared, on_each

if TYPE_CHECKING:
    from core.storage.database import Tx

INLINE = 256 * 1024
"""Bytes up to which a blob lies in the database also when there is a folder."""


PART = 1024 * 1024
"""Bytes of a large blob that are in memory at once, where it came in a file or leaves piece by piece."""


def digest_of(content: bytes) -> str:
    return sha256(content).hexdigest()


@dataclass(slots=True)
class Draft:
    """Bytes that come piece by piece, in a file of their own until it is known which they are."""

    file: IO[bytes] = field(repr=False)
    size: int = 0
    _sum: Any = field(default_factory=sha256, repr=False)

    def write(self, piece: bytes) -> None:
        """Blocks."""
        self.file.write(piece)
        self._sum.update(piece)
        self.size += len(piece)

    @property
    def digest(self) -> str:
        return self._sum.hexdigest()

    def part(self, position: int) -> bytes:
        """A part of what was written."""
        self.file.seek(position * PART)
        return self.file.read(PART)


_PUT = Prepared(
    on_each(lambda insert: insert(blobs).on_conflict_do_nothing(index_elements=["digest"])),
    columns=("digest", "size", "content"),
)
_PUT_ANEW = Prepared(
    on_each(lambda insert: insert(blobs).on_conflict_do_nothing(index_elements=["digest"]).returning(blobs.c.digest)),
    columns=("digest", "size", "content"),
)
_PUT_PART = Prepared(blob_parts.insert(), columns=("digest", "position", "content"))
_GET = Prepared(sa.select(blobs.c.content).where(blobs.c.digest == sa.bindparam("wanted")))
_PARTS = Prepared(
    sa.select(blob_parts.c.content).where(blob_parts.c.digest == sa.bindparam("wanted")).order_by(blob_parts.c.position)
)
_GET_PART = Prepared(
    sa.select(
        blobs.c.size,
        sa.func.substr(
            blobs.c.content, sa.bindparam("begin", type_=sa.Integer), sa.literal_column(str(PART)), type_=sa.LargeBinary
        ).label("inline"),
        sa.select(blob_parts.c.content)
        .where(blob_parts.c.digest == blobs.c.digest, blob_parts.c.position == sa.bindparam("n", type_=sa.Integer))
        .scalar_subquery()
        .label("part"),
    ).where(blobs.c.digest == sa.bindparam("wanted"))
)


def _parts(size: int) -> int:
    return -(-size // PART)


class Blobs:
    """The blob store; `folder` None keeps everything in the database. `sync` has an open file's bytes on the disk."""

    def __init__(self, folder: Path | None, sync: Callable[[int], None] = os.fsync):
        self.folder = folder
        self._sync = sync

    def put(self, tx: Tx, content: bytes, digest: str | None = None) -> str:
        """Keep bytes, and say their digest. On disk before it returns when they go to the folder."""
        digest = digest or digest_of(content)
        inline = self.folder is None or len(content) <= INLINE
        if not inline:
            self._write(digest, content)
        _PUT.run(tx, {"digest": digest, "size": len(content), "content": content if inline else None})
        return digest

    def put_ahead(self, content: bytes, digest: str | None = None) -> None:
        """Write large bytes before the transaction that refers to them, which then needs not wait for the disk."""
        if self.folder is not None and len(content) > INLINE:
            self._write(digest or digest_of(content), content)

    @contextmanager
    def drafting(self) -> Generator[Draft]:
        """A draft, gone at the end with all that was not kept of it."""
        if self.folder is not None:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.folder, prefix=".draft.") as file:
            yield Draft(file)

    def shelve(self, draft: Draft) -> None:
        """Put a large draft where it is kept, before the transaction that refers to it. Blocks."""
        if self.folder is not None and draft.size > INLINE:
            self._write_parts(draft.digest, (draft.part(n) for n in range(_parts(draft.size))))

    def put_draft(self, tx: Tx, draft: Draft) -> None:
        """Keep what was drafted. Never in memory as a whole, unless it is small."""
        if draft.size <= INLINE:
            self.put(tx, draft.part(0), draft.digest)
            return
        self.shelve(draft)
        row = {"digest": draft.digest, "size": draft.size, "content": None}
        if _PUT_ANEW.first(tx, row) is not None and self.folder is None:
            for n in range(_parts(draft.size)):
                _PUT_PART.run(tx, {"digest": draft.digest, "position": n, "content": draft.part(n)})

    def part(self, tx: Tx, digest: str, position: int) -> bytes:
        """A part of the bytes of a digest: all are as long as the first, but the last; empty behind that one."""
        at = {"wanted": digest, "begin": position * PART + 1, "n": position}
        row = _GET_PART.first(tx, at)
        if row is None:
            raise NotFound(phrase("The bytes {digest} are not in the store.", digest=digest))
        if position * PART >= row.size:
            return b""
        if row.inline is not None:
            return row.inline
        if row.part is not None or self.folder is None:
            return row.part or b""
        try:
            with self._path(digest).open("rb") as file:
                file.seek(position * PART)
                return file.read(PART)
        except FileNotFoundError as error:
            raise NotFound(phrase("The bytes {digest} are not in the store.", digest=digest)) from error

    def get(self, tx: Tx, digest: str) -> bytes:
        """The bytes of a digest."""
        row = _GET.first(tx, {"wanted": digest})
        if row is None:
            raise NotFound(phrase("The bytes {digest} are not in the store.", digest=digest))
        if row.content is not None:
            return row.content
        if self.folder is None:
            return b"".join(part.content for part in _PARTS.rows(tx, {"wanted": digest}))
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError as error:
            raise NotFound(phrase("The bytes {digest} are not in the store.", digest=digest)) from error

    def _path(self, digest: str) -> Path:
        assert self.folder is not None
        return self.folder / digest[:2] / digest

    def _write(self, digest: str, content: bytes) -> None:
        self._write_parts(digest, (content,))

    def _write_parts(self, digest: str, parts: Iterable[bytes]) -> None:
        assert self.folder is not None
        path = self._path(digest)
        if not path.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            draft = path.with_name(f".{digest}.{os.getpid()}.{threading.get_ident()}")
            with open(draft, "wb", opener=_private) as out:
                out.writelines(parts)
                out.flush()
                self._sync(out.fileno())
            draft.replace(path)
        # A file is found after a power cut only if its folder is. Whoever wrote it may not have come so far yet.
        for folder in (path.parent, path.parent.parent):
            handle = os.open(folder, os.O_RDONLY)
            try:
                self._sync(handle)
            finally:
                os.close(handle)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
