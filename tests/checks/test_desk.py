"""The desk is put together from many classes: none of them takes a name from another."""

from __future__ import annotations

from collections import Counter

from core.desk import Desk


def test_each_name_of_the_desk_is_said_by_one_class() -> None:
    said = Counter(name for part in Desk.__mro__[:-1] for name in vars(part) if not name.startswith("__"))
    assert {name for name, times in said.items() if times > 1} == set()
