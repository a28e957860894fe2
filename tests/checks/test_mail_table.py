"""docs/mail.md says where each rule is kept and which test holds it: what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "mail.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in TABLE.splitlines() if line.startswith("| ")]
TESTS = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
CODE = "\n".join(
    path.read_text("utf-8")
    for folder in ("core", "gateways", "deskbell", "bot")
    for path in (ROOT / folder).rglob("*.py")
)
DOERS = {name for row in ROWS for name in re.findall(r"`(?!test_)[\w/]+\.(_?[A-Za-z]\w+)`", row[1])} - {"py", "toml"}


def named(pattern: str) -> list[str]:
    """What the table names so, each once."""
    return sorted({"".join(found) for found in re.findall(pattern, TABLE)})


@pytest.mark.parametrize("name", named(r"`(test_[a-z0-9_]+)(…?)`"))
def test_a_test_that_the_table_names_is_there(name: str) -> None:
    whole = name.removesuffix("…")
    assert re.search(rf"def {whole}" + ("" if whole != name else r"\b"), TESTS)


@pytest.mark.parametrize("name", named(r"`((?:\w+/)*test_[a-z0-9_]+\.py)`"))
def test_a_file_of_tests_that_the_table_names_is_there(name: str) -> None:
    folder = ROOT if name.startswith("tests/") else ROOT / "tests" / "gateways" / "email"
    assert (folder / name).exists()


@pytest.mark.parametrize("name", named(r"`((?:\w+/)+\w+\.py)`"))
def test_a_place_that_the_table_names_is_there(name: str) -> None:
    assert any((folder / name).exists() for folder in (ROOT, ROOT / "gateways" / "email"))


@pytest.mark.parametrize("name", sorted(DOERS))
def test_what_does_it_is_there(name: str) -> None:
    assert re.search(rf"(?:def|class) {name}\b|\b{name}\b\s*[:=]", CODE)


def test_no_row_leaves_out_where_or_why() -> None:
    assert [row for row in ROWS if len(row) < 2 or not row[1].strip("| ")] == []
