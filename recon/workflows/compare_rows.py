"""How many rows of a file were in other files before it, told by what the rows say and not by the files' bytes.

Files of many rows are compared in a process of their own, which gives its memory back.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from recon.errors import ReadingStopped
from recon.model.fingerprint import CONTENT, fingerprints
from recon.store import reading_files
from recon.store.evidence import Evidence, reading_name
from recon.workflows.child_process import die_with_parent, environment, limit_memory, module_command, without_pandas

MOST_ROWS_HERE: Final = 50_000
CHILD: Final = module_command("recon.workflows.compare_rows")
LONGEST_SECONDS: Final = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A reading to compare with. Without `has_same_zone` its times are of other clocks: they say nothing."""

    key: str
    has_same_zone: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Of a file's rows, how many others had: together, and each of them in the order asked."""

    known_count: int
    by_file: tuple[int, ...]


def compare_rows(evidence: Evidence, key: str, others: Sequence[Other], *, row_count: int, filename: str) -> Compared:
    """Hold the rows of the reading `key` against those of `others`; `row_count` is how many rows all of them have.

    Two rows that say the same are two: they are known when the other file has two as well. Raises `ReadingStopped`.
    """
    if not others:
        return Compared(known_count=0, by_file=())
    if row_count <= MOST_ROWS_HERE:
        return _compare(evidence, key, others)
    asked = [asdict(other) for other in others]
    request = {"evidence": evidence.url, "key": key, "others": asked, "parent": os.getpid()}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            CHILD,
            input=json.dumps(request).encode(),
            stdout=subprocess.PIPE,
            env=environment(),
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ReadingStopped(filename=filename, why="comparing its rows took too long") from None
    if done.returncode:
        raise ReadingStopped(filename=filename, why="comparing its rows needs more memory than there is")
    found = json.loads(done.stdout)
    return Compared(known_count=found["known_count"], by_file=tuple(found["by_file"]))


def main() -> int:
    """Compare what a request on stdin names. Returns the exit status."""
    request = json.load(sys.stdin)
    die_with_parent(request["parent"])
    limit_memory()
    without_pandas()
    others = [Other(**other) for other in request["others"]]
    found = _compare(Evidence(request["evidence"]), request["key"], others)
    sys.stdout.write(json.dumps({"known_count": found.known_count, "by_file": found.by_file}))
    return 0


def _compare(evidence: Evidence, key: str, others: Sequence[Other]) -> Compared:
    """One file after the other, so that two at most are in memory."""
    rows = {has_time: _fingerprints(evidence, key, has_time=has_time) for has_time in {o.has_same_zone for o in others}}
    known = pa.array([False] * len(next(iter(rows.values()))), pa.bool_())
    by_file = []
    for other in others:
        theirs = _fingerprints(evidence, other.key, has_time=other.has_same_zone)
        is_there = pc.is_in(rows[other.has_same_zone], value_set=theirs)
        by_file.append(_count(is_there))
        known = pc.or_(known, is_there)
    return Compared(known_count=_count(known), by_file=tuple(by_file))


def _fingerprints(evidence: Evidence, key: str, *, has_time: bool) -> pa.Array:
    table = evidence.read_table(reading_name(key, reading_files.TRANSACTIONS), columns=[*CONTENT, "fee"])
    if not has_time:
        place = table.schema.get_field_index("at")
        table = table.set_column(place, table.field(place), pa.nulls(len(table), table.field(place).type))
    found = fingerprints(table)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _count(flags: pa.Array) -> int:
    return int(pc.sum(flags).as_py() or 0)


if __name__ == "__main__":
    raise SystemExit(main())
