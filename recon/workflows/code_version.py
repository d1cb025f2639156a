"""Which state of the code decides: part of the keys of readings and runs, beside what it decides about.

So a stored result is given back only while the same code would come to it again: after any change to the reader or the
engine, released or not, files are read and matched anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

import recon

READER: Final = ("ingest", "model", "money.py")
ENGINE: Final = ("discrepancies", "matching", "model", "money.py", "workflows/reconcile.py")


@cache
def reader_version() -> str:
    """The state of the code that turns a file into a reading, as it was when this process first asked."""
    return source_digest(Path(recon.__file__).parent, READER)


@cache
def engine_version() -> str:
    """The state of the code that turns two readings into a result, as it was when this process first asked."""
    return source_digest(Path(recon.__file__).parent, ENGINE)


def source_digest(root: Path, parts: Iterable[str]) -> str:
    """sha256 over the names and bytes of the Python files under `root` that are, or are in, one of `parts`."""
    places = (root / part for part in parts)
    files = (path for place in places for path in (place.rglob("*.py") if place.is_dir() else [place]))
    digest = hashlib.sha256()
    for name, path in sorted((path.relative_to(root).as_posix(), path) for path in files):
        digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
