"""Bytes are kept once, are there when their row is, and may be there without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.phrases import NotFound
from core.storage.blobs import INLINE, digest_of
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
    books.db.run(lambda tx: tx.sql.exec_driver_sql("delete from blobs"))


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
