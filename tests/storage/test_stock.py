"""Databases that tests lend each other: whoever gets one finds it new."""

from __future__ import annotations

from collections.abc import Generator

import psycopg
import pytest

from core.desk.opening import open_desk
from tests.databases import Stock, _contents
from tests.world import World


@pytest.fixture
def new(postgres: str, migrated_database: str):
    return _contents(f"{postgres}/{migrated_database}")


@pytest.fixture
def stock(postgres: str, migrated_database: str) -> Generator[Stock]:
    """One of which nothing was lent yet: the others' has had enough of one some time, and lends another."""
    made = Stock(postgres, migrated_database)
    yield made
    made.close()


def test_what_was_written_is_gone_and_numbers_begin_anew(stock: Stock, tmp_path, new) -> None:
    with stock.borrow() as url, World(url, tmp_path) as world:
        world.mail("Where is my order?")
    with stock.borrow() as again:
        assert again == url
        assert _contents(again) == new._replace(schema=_contents(again).schema)


def test_whoever_still_writes_is_cut_off(stock: Stock, tmp_path) -> None:
    with stock.borrow() as url:
        left_open = psycopg.connect(url)
        left_open.execute("select 1")
    with pytest.raises(psycopg.OperationalError):
        left_open.execute("select 1")


def test_one_whose_tables_were_changed_is_lent_no_more(stock: Stock, tmp_path) -> None:
    with stock.borrow() as url, psycopg.connect(url, autocommit=True) as changing:
        changing.execute("alter table tickets add column colour text")
    with stock.borrow() as another:
        assert another != url


def test_two_at_the_same_time_are_two(stock: Stock, tmp_path) -> None:
    with stock.borrow() as one, stock.borrow() as other:
        assert one != other
        open_desk(one, tmp_path).db.close()
