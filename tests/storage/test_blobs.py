"""Bytes are kept once, are there when their row is, and may be there without one."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.phrases import NotFound
from core.storage.blobs import INLINE, PART, Blobs, digest_of
from core.storage.database import Database, Tx
from tests.storage.conftest import Books

SMALL = b"small " * 10
LARGE = b"large " * INLINE


def put(db: Database, content: bytes) -> str:
    return db.run(lambda tx: tx.blobs.put(tx, content))


def get(db: Database, digest: str) -> bytes:
    return db.look(lambda tx: tx.blobs.get(tx, digest)).result()


def files(folder: Path) -> list[Path]:
    return [path for path in (folder / "blobs").rglob("*") if path.is_file()]


def rows(db: Database) -> int:
    return db.run(lambda tx: tx.sql.exec_driver_sql("select count(*) from blobs").scalar_one())


@pytest.fixture(autouse=True)
def _nothing_kept(books: Books) -> None:
    for table in ("blobs", "blob_parts"):
        books.db.run(lambda tx, table=table: tx.sql.exec_driver_sql(f"delete from {table}"))


@pytest.mark.parametrize("content", [b"", SMALL, LARGE[:INLINE], LARGE[: INLINE + 1], LARGE])
def test_what_was_put_is_got_by_its_digest(books: Books, tmp_path: Path, content: bytes) -> None:
    digest = put(books.db, content)
    assert digest == digest_of(content)
    assert get(books.db, digest) == content
    in_folder = books.db.embedded and len(content) > INLINE
    assert len(files(tmp_path)) == in_folder


@pytest.mark.parametrize("content", [SMALL, LARGE])
def test_put_twice_is_kept_once(books: Books, tmp_path: Path, content: bytes) -> None:
    assert put(books.db, content) == put(books.db, content)
    assert rows(books.db) == 1
    assert len(files(tmp_path)) <= 1


def test_a_transaction_that_fails_leaves_at_most_a_file_that_nobody_misses(books: Books, tmp_path: Path) -> None:
    def fails(tx: Tx) -> None:
        tx.blobs.put(tx, LARGE)
        raise ValueError("died between file and commit")

    with pytest.raises(ValueError, match="died"):
        books.db.run(fails)
    assert rows(books.db) == 0
    with pytest.raises(NotFound):
        get(books.db, digest_of(LARGE))
    assert len(files(tmp_path)) == books.db.embedded
    put(books.db, LARGE)
    assert get(books.db, digest_of(LARGE)) == LARGE


def test_a_draft_that_a_crash_left_behind_is_in_nobodys_way(books: Books, tmp_path: Path) -> None:
    digest = digest_of(LARGE)
    shelf = tmp_path / "blobs" / digest[:2]
    shelf.mkdir(parents=True)
    (shelf / f".{digest}.1").write_bytes(LARGE[:100])
    assert get(books.db, put(books.db, LARGE)) == LARGE


def test_what_was_never_put_is_not_found(books: Books) -> None:
    with pytest.raises(NotFound):
        get(books.db, digest_of(b"never put"))


# What comes and leaves piece by piece


@pytest.mark.parametrize("content", [b"", SMALL, LARGE[:INLINE], LARGE, LARGE[: PART + 1], bytes(PART), LARGE * 2])
def test_what_was_drafted_is_kept_as_if_it_had_been_put(books: Books, tmp_path: Path, content: bytes) -> None:
    with books.db.blobs.drafting() as draft:
        for begin in range(0, len(content), 100_000):
            draft.write(content[begin : begin + 100_000])
        assert (draft.size, draft.digest) == (len(content), digest_of(content))
        for _ in range(2):
            books.db.run(lambda tx: tx.blobs.put_draft(tx, draft))
    assert get(books.db, digest_of(content)) == content
    assert put(books.db, content) == digest_of(content)
    assert rows(books.db) == 1
    assert len(files(tmp_path)) == (books.db.embedded and len(content) > INLINE)
    assert parts(books.db, content) == content


@pytest.mark.parametrize("content", [SMALL, LARGE])
def test_what_was_put_whole_leaves_in_parts_too(books: Books, content: bytes) -> None:
    put(books.db, content)
    assert parts(books.db, content) == content
    with pytest.raises(NotFound):
        books.db.look(lambda tx: tx.blobs.part(tx, digest_of(b"never put"), 0)).result()


def parts(db: Database, content: bytes) -> bytes:
    """A blob, part by part; none is longer than it may be."""
    found: list[bytes] = []
    while part := db.look(lambda tx: tx.blobs.part(tx, digest_of(content), len(found))).result():
        assert len(part) <= PART
        found.append(part)
    return b"".join(found)


def test_a_draft_that_nobody_kept_is_gone(books: Books, tmp_path: Path) -> None:
    with books.db.blobs.drafting() as draft:
        draft.write(LARGE)
    assert files(tmp_path) == []


# On the disk before anybody is told


@dataclass
class Disk:
    """What was brought to the disk, in order: each as its number there and its size at that time."""

    fails_at: int | None = None
    synced: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def sync(self, handle: int) -> None:
        if len(self.synced) == self.fails_at:
            raise OSError("the disk is gone")
        known = os.fstat(handle)
        self.synced.append((known.st_ino, known.st_size))

    def has(self, shelf: Path) -> bool:
        """Whether a file, its folder and the folder of that are there after a power cut, each after what is in it."""
        whole = [(shelf.stat().st_ino, len(LARGE)), *((one.stat().st_ino, one.stat().st_size) for one in _above(shelf))]
        return self.synced[-3:] == whole


def _above(path: Path) -> tuple[Path, Path]:
    return path.parent, path.parent.parent


def place(folder: Path) -> Path:
    return folder / digest_of(LARGE)[:2] / digest_of(LARGE)


def test_a_large_blob_is_on_the_disk_with_its_folders_before_its_row_is_written(books: Books, tmp_path: Path) -> None:
    folder, disk = tmp_path / "kept", Disk()
    rows_when_synced: list[int] = []

    def step(tx: Tx) -> None:
        def sync(handle: int) -> None:
            rows_when_synced.append(tx.sql.exec_driver_sql("select count(*) from blobs").scalar_one())
            disk.sync(handle)

        Blobs(folder, sync).put(tx, LARGE)

    books.db.run(step)
    assert disk.has(place(folder))
    assert (rows_when_synced, rows(books.db)) == ([0, 0, 0], 1)


def test_a_blob_that_is_not_wholly_on_the_disk_yet_is_not_in_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with pytest.raises(OSError, match="gone"):
        Blobs(folder, Disk(fails_at=0).sync).put_ahead(LARGE)
    assert not place(folder).exists()
    disk = Disk()
    Blobs(folder, disk.sync).put_ahead(LARGE)
    assert disk.has(place(folder))


@pytest.mark.parametrize("came_to", [1, 2])
def test_where_somebody_else_wrote_a_blob_its_folders_are_brought_to_the_disk_all_the_same(
    tmp_path: Path, came_to: int
) -> None:
    folder = tmp_path / "kept"
    with pytest.raises(OSError, match="gone"):
        Blobs(folder, Disk(fails_at=came_to).sync).put_ahead(LARGE)
    assert place(folder).exists()
    disk = Disk()
    Blobs(folder, disk.sync).put_ahead(LARGE)
    assert [number for number, _ in disk.synced] == [one.stat().st_ino for one in _above(place(folder))]
