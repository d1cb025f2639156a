"""The corpus of hostile files: deterministic, made when needed. `python -m tests.hostile.make DIR` writes it out."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.hostile import containers, identity, structure, values
from tests.hostile.case import Case


def corpus() -> list[Case]:
    """Every case, by its number."""
    found = [case for group in (containers, structure, values, identity) for case in group.cases()]
    assert len({case.name for case in found}) == len(found)
    return sorted(found, key=lambda case: case.name)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for case in corpus():
        (folder / f"{case.name}{Path(case.filename).suffix}").write_bytes(case.data)
