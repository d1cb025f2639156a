"""The first rows of a large file, as they stand, while the whole of it is read: something to look at, nothing to go by.

Format, encoding, delimiter and header are found in the head alone here, so they may turn out otherwise; what counts is
the whole file's reading.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping as MappingType
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from recon.ingest.answers import Answers
from recon.ingest.detect import Kind, open_content
from recon.ingest.stop import Asked, Refused
from recon.ingest.text_file import read_text
from recon.model.reading import Mapping

HEAD_BYTES: Final = 1 << 17
LINES_SHOWN: Final = 100
_GZIP: Final = b"\x1f\x8b"
_PACKED: Final = (b"PK", b"PAR1", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """First rows as text beside their `line`; without columns of its own where the head is no table."""

    raw: pa.Table
    columns: tuple[str, ...]
    encoding: str | None


def read_head(
    path: Path, *, filename: str, mapping: Mapping | None = None, answers: MappingType[str, str] | None = None
) -> Head | None:
    """The head of a text file, also in a gzip; None of what shows only as a whole: workbooks, Parquet, zips."""
    with path.open("rb") as file:
        data = file.read(HEAD_BYTES)
    if data.startswith(_GZIP):
        with suppress(zlib.error):
            data = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, HEAD_BYTES)
    if data.startswith((_GZIP, *_PACKED)) or b"\x00" in data:
        return None
    whole, newline, _ = data.rpartition(b"\n")
    return _table(whole + newline, filename, mapping or Mapping(), answers or {}) or _lines(data)


def _table(data: bytes, filename: str, mapping: Mapping, answers: MappingType[str, str]) -> Head | None:
    given = Answers(given=answers, saved=mapping.answers)
    with suppress(Refused, Asked):
        content = open_content(data, filename.removesuffix(".gz"))
        if content.kind is Kind.TEXT:
            source = read_text(content.data, given, mapping)
            return Head(raw=source.grid.preview(source.names), columns=source.names, encoding=source.encoding)
    return None


def _lines(data: bytes) -> Head:
    """Of a statement, or of a table whose head leaves something open: its lines."""
    lines = data.decode("utf-8", errors="replace").splitlines()[:LINES_SHOWN]
    raw = pa.table({"line": pa.array(range(1, len(lines) + 1), pa.int64()), "Text": pa.array(lines, pa.string())})
    return Head(raw=raw, columns=(), encoding=None)
