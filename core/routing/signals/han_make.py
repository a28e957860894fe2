"""Write han.txt: python -m core.routing.signals.han_make FOLDER, with OpenCC's STCharacters.txt and TSCharacters.txt.

They lie in https://github.com/BYVoid/OpenCC, data/dictionary (Apache-2.0), and in the package
opencc-python-reimplemented.
"""

from __future__ import annotations

import sys
from pathlib import Path

HEAD = """\
# Characters that only one of the two scripts of Chinese has: first those of simplified, then those of traditional.
# Made by core.routing.signals.han_make from OpenCC's tables (https://github.com/BYVoid/OpenCC, Apache-2.0).
"""


def telling(folder: Path) -> tuple[list[str], list[str]]:
    """Simplified characters that are never traditional, and traditional ones that are never simplified."""
    to_traditional, to_simplified = (_table(folder / f"{name}Characters.txt") for name in ("ST", "TS"))
    simplified = {one for one, others in to_traditional.items() if one not in others} - set(to_simplified)
    traditional = {one for one, others in to_simplified.items() if one not in others} - set(to_traditional)
    return sorted(simplified), sorted(traditional)


def _table(path: Path) -> dict[str, list[str]]:
    """A line each: the character, a tabulator, what it may become."""
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines() if "\t" in line)
    return {row[0]: row[1].split() for row in rows if len(row[0]) == 1}


def main(folder: Path, out: Path) -> None:
    simplified, traditional = telling(folder)
    out.write_text(HEAD + "".join(simplified) + "\n" + "".join(traditional) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).with_name("han.txt"))
