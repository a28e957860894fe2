"""What every test may ask for: a world on each database, and servers that are real."""

from __future__ import annotations

import compileall
import gc
import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from core.desk.opening import open_desk
from tests.databases import Stock, fresh_database, migrated_sqlite, postgres_binaries, postgres_server, sqlite_copy
from tests.dovecot import Dovecot, dovecot_binary, dovecot_server
from tests.sandbox_page.browser import Chromium, installed
from tests.warm import ROOT
from tests.world import World

# Every worker, and every program that a test begins, loads the same thousand modules: they are compiled once, whatever
# the environment says of that.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Machines are shared and slow at times: that says nothing about the law. In CI the cases are the same every time.
# LAWS=1000 looks longer, for who has the time.
settings.register_profile(
    "desk",
    deadline=None,
    max_examples=int(os.environ.get("LAWS", "100")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("ci", settings.get_profile("desk"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two more than there are cores: tests of real processes spend most of their time waiting for them."""
    return (os.cpu_count() or 1) + 2


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile what is ours before several workers begin to do so, each for itself."""
    if session.config.getoption("numprocesses", None):
        for package in ("bot", "core", "deskbell", "gateways", "sandbox"):
            compileall.compile_dir(ROOT / package, quiet=2, workers=0)


def pytest_collection_finish() -> None:
    """Thousands of tests, and the models that understand words, stay to the end: they are not looked at again for
    garbage, which takes a second where it happens."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres() -> Generator[str]:
    """A PostgreSQL server; skipped where none is installed, but not in CI."""
    if postgres_binaries() is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed; .ci/run installs it")
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with postgres_server(syncs=False) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_file() -> Path:
    """An empty desk on SQLite, to copy."""
    return migrated_sqlite()


@pytest.fixture(scope="session")
def migrated_database(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The name of an empty desk's database on PostgreSQL, to copy."""
    with fresh_database(postgres) as url:
        open_desk(url, tmp_path_factory.mktemp("migrated-pg")).db.close()
        yield url.rpartition("/")[2]


@pytest.fixture(scope="session")
def stock(postgres: str, migrated_database: str) -> Generator[Stock]:
    """Empty desks' databases on PostgreSQL."""
    stock = Stock(postgres, migrated_database)
    yield stock
    stock.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[str]:
    """A new desk's database of each kind, up to date."""
    if request.param == "sqlite":
        yield sqlite_copy(request.getfixturevalue("migrated_file"), tmp_path)
    else:
        with request.getfixturevalue("stock").borrow() as url:
            yield url


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """A new desk's SQLite file, for what has nothing to do with the kind of database."""
    return sqlite_copy(migrated_file, tmp_path)


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Generator[World]:
    """A desk with its customers and agents, on each database."""
    with World(database_url, tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def dovecot() -> Generator[Dovecot]:
    """An IMAP server; skipped where none is installed, but not in CI."""
    need_dovecot()
    with dovecot_server() as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Generator[Chromium]:
    """A browser; skipped where none is installed, but not in CI."""
    program = installed()
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed; .ci/run installs it")
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    browser = Chromium(program)
    yield browser
    browser.close()


def need_dovecot() -> None:
    if dovecot_binary() is None:
        if os.environ.get("CI"):
            pytest.fail("Dovecot is not installed; .ci/run installs it")
        pytest.skip("Dovecot is not installed (Debian: apt-get install dovecot-imapd)")
