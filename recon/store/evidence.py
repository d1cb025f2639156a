"""The evidence store: what was received and what was concluded, as files that never change, in a folder or a bucket.

    blobs/<sha256>                      a file as received, named by its content
    readings/<key>/<part>.parquet|json  what reading it gave
    runs/<run>/<attempt>/<part>...      what one attempt of a run concluded

Rules it keeps: a name is made here and never by a user; a file is there whole or not at all (written beside the store
under a random name, flushed, renamed); a name that exists is never changed, so a copy of it can be kept for ever.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from recon.errors import EvidenceMissing

CHUNK_BYTES: Final = 1 << 20
ROW_GROUP_ROWS: Final = 1 << 17
"""Small enough that a filter skips most of a file, large enough to compress."""

REPEATING: Final = frozenset({"kind", "side", "currency", "status", "pass", "evidence", "code", "column"})
"""Columns of few values, written as dictionaries; for any other a dictionary is begun, outgrown and thrown away."""

_NAME = re.compile(
    r"blobs/[0-9a-f]{64}|(readings/[0-9a-f]{64}|runs/[0-9]{1,19}/[0-9]{1,5})/[a-z_]{1,40}\.(parquet|json)", re.ASCII
)


class Evidence:
    """Files under one fsspec URL: a local folder (`/srv/tieout`, `file:///...`) or a bucket (`s3://bucket/prefix`)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._fs, self._root = fsspec.core.url_to_fs(url)
        self._local = Path(self._root) if "file" in _protocols(self._fs) else None
        self._own_tmp = None if self._local else tempfile.TemporaryDirectory(prefix="tieout-")
        self._tmp = Path(self._own_tmp.name) if self._own_tmp else Path(self._root) / "tmp"
        self._tmp.mkdir(mode=0o700, parents=True, exist_ok=True)

    # Files as received -----------------------------------------------------------------------------------------------

    def put_file(self, file: Path | BinaryIO) -> str:
        """Keep these bytes and return their sha256; the same bytes again are the same blob."""
        with self._new_file() as path:
            with path.open("wb") as target, file.open("rb") if isinstance(file, Path) else nullcontext(file) as opened:
                digest = _copy(opened, target)
                _flush(target)
            self._commit(path, blob_name(digest))
        return digest

    # Tables and small documents --------------------------------------------------------------------------------------

    def write_table(self, name: str, table: pa.Table) -> str:
        """Write a table as Parquet (zstd), whole or not at all; returns the file's sha256."""
        return self._write(name, lambda target: _write_parquet(target, table))

    def write_json(self, name: str, value: object) -> str:
        """Write a small document; keys sorted, so that equal values are equal files. Returns its sha256."""
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return self._write(name, lambda target: target.write(text.encode()))

    def read_table(self, name: str, columns: Sequence[str] | None = None, filters: Any = None) -> pa.Table:
        """Read a table, all of it or some columns, or the rows a `pyarrow.parquet` filter keeps.

        Without a filter each column comes in one piece, as what works on whole columns wants it.
        """
        path = self.local_path(name)
        wanted = None if columns is None else list(columns)
        if filters is not None:
            return pq.read_table(path, columns=wanted, filters=filters)
        with pq.ParquetFile(path) as file:
            found = file.read(columns=wanted)
        return found if wanted is None else found.select(wanted)

    def read_json(self, name: str) -> Any:
        with self.open(name) as opened:
            return json.load(opened)

    # Access ----------------------------------------------------------------------------------------------------------

    def exists(self, name: str) -> bool:
        return bool(self._fs.exists(self._path(name)))

    def size(self, name: str) -> int:
        """Bytes of a file that is there."""
        return int(self._fs.size(self._path(name)))

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """The file's bytes, to read. Raises `EvidenceMissing`."""
        try:
            opened = self._fs.open(self._path(name), "rb")
        except FileNotFoundError:
            raise EvidenceMissing(name) from None
        with opened:
            yield opened

    def local_path(self, name: str) -> Path:
        """Where DuckDB and pyarrow find the file: itself in a local store, else a copy fetched once and kept."""
        place = self._path(name)
        path = Path(place) if self._local else self._tmp / name.replace("/", "-")
        if path.exists():
            return path
        if self._local:
            raise EvidenceMissing(name)
        with self._new_file() as fetched:
            with fetched.open("wb") as target, self.open(name) as opened:
                shutil.copyfileobj(opened, target, CHUNK_BYTES)
            fetched.replace(path)
        return path

    def runs(self) -> tuple[int, ...]:
        """The numbers of all runs that have files here."""
        return self._numbers(f"{self._root}/runs")

    # What an attempt left that was never published -------------------------------------------------------------------

    def attempts(self, run_id: int) -> tuple[int, ...]:
        """The attempts of a run that left files here."""
        return self._numbers(f"{self._root}/runs/{int(run_id)}")

    def _numbers(self, folder: str) -> tuple[int, ...]:
        """What in a folder has a number for a name."""
        with suppress(FileNotFoundError):
            names = [str(entry).rstrip("/").rpartition("/")[2] for entry in self._fs.ls(folder, detail=False)]
            return tuple(sorted(int(name) for name in names if name.isdecimal()))
        return ()

    def remove_attempt(self, run_id: int, attempt: int) -> None:
        """Remove the files of an attempt that was not published; the only removal there is."""
        with suppress(FileNotFoundError):
            self._fs.rm(f"{self._root}/runs/{int(run_id)}/{int(attempt)}", recursive=True)

    def sweep(self, *, older_than_seconds: float) -> int:
        """Remove half-written files that a killed process left behind; returns how many."""
        limit = time.time() - older_than_seconds
        left = [path for path in self._tmp.glob("new-*") if path.stat().st_mtime < limit]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    # How a file becomes part of the store ----------------------------------------------------------------------------

    def _write(self, name: str, fill: Callable[[BinaryIO], object]) -> str:
        with self._new_file() as path:
            with path.open("w+b") as target:
                fill(target)
                _flush(target)
                target.seek(0)
                digest = hashlib.file_digest(target, "sha256").hexdigest()
            self._commit(path, name)
        return digest

    @contextmanager
    def _new_file(self) -> Iterator[Path]:
        handle, name = tempfile.mkstemp(prefix="new-", dir=self._tmp)  # 0600, in the store's own file system
        os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def _commit(self, path: Path, name: str) -> None:
        place = self._path(name)
        if self._local is None:
            self._fs.put_file(str(path), place)  # an object appears whole or not at all
            return
        Path(place).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.replace(place)
        _flush_folder(Path(place).parent)

    def _path(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a name of the evidence store: {name!r}")
        return f"{self._root}/{name}"


def blob_name(sha256: str) -> str:
    """Where the bytes of that sha256 are."""
    return f"blobs/{sha256}"


def reading_name(key: str, part: str) -> str:
    """`part` of a reading: `transactions.parquet`, `rejects.parquet`, `raw.parquet`, `reading.json`."""
    return f"readings/{key}/{part}"


def run_name(run_id: int, attempt: int, part: str) -> str:
    """`part` of an attempt of a run: `matches.parquet`, `discrepancies.parquet`, `manifest.json`."""
    return f"runs/{run_id}/{attempt}/{part}"


def _protocols(fs: Any) -> tuple[str, ...]:
    return (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)


def _copy(source: BinaryIO, target: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK_BYTES):
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()


def _write_parquet(target: BinaryIO, table: pa.Table) -> None:
    numbers = [field.name for field in table.schema if pa.types.is_integer(field.type)]
    pq.write_table(
        table,
        target,
        compression="zstd",
        use_dictionary=[name for name in table.column_names if name in REPEATING],
        column_encoding=dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
        row_group_size=ROW_GROUP_ROWS,
    )


def _flush(target: BinaryIO) -> None:
    target.flush()
    os.fsync(target.fileno())


def _flush_folder(folder: Path) -> None:
    """Make a rename last through a power cut; Windows has no handle for a folder."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
