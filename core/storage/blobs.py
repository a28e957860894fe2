"""Bytes by their SHA-256: raw mail and attachments, kept once however often they come.

Small ones lie in the database, where they share the commit of what refers to them (one fsync, not three). Large ones
of the embedded form lie in a folder, written and synced before the row that names them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.phrases import NotFound, phrase
from core.storage.schema import blobs
from core.storage.statements import Prepared, on_each

if TYPE_CHECKING:
    from core.storage.database import Tx

INLINE = 256 * 1024
"""Bytes up to which a blob lies in the database also when there is a folder."""


def digest_of(content: bytes) -> str:
    return sha256(content).hexdigest()


_PUT = Prepared(
    on_each(lambda insert: insert(blobs).on_conflict_do_nothing(index_elements=["digest"])),
    columns=("digest", "size", "content"),
)
_GET = Prepared(sa.select(blobs.c.content).where(blobs.c.digest == sa.bindparam("wanted")))


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

    def get(self, tx: Tx, digest: str) -> bytes:
        """The bytes of a digest."""
        row = _GET.first(tx, {"wanted": digest})
        if row is None:
            raise NotFound(phrase("The bytes {digest} are not in the store.", digest=digest))
        if row.content is not None:
            return row.content
        assert self.folder is not None
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError as error:
            raise NotFound(phrase("The bytes {digest} are not in the store.", digest=digest)) from error

    def _path(self, digest: str) -> Path:
        assert self.folder is not None
        return self.folder / digest[:2] / digest

    def _write(self, digest: str, content: bytes) -> None:
        assert self.folder is not None
        path = self._path(digest)
        if not path.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            draft = path.with_name(f".{digest}.{os.getpid()}.{threading.get_ident()}")
            with open(draft, "wb", opener=_private) as out:
                out.write(content)
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
