"""What reading a file of any kind gives, before its columns are understood."""

from __future__ import annotations

from dataclasses import dataclass

from recon.ingest.grid import Grid
from recon.model.reading import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file of one table: the names of its columns, the rows below them, and the text encoding it had."""

    names: tuple[str, ...]
    grid: Grid
    encoding: str | None = None
    notes: tuple[Note, ...] = ()
