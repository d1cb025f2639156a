"""How fast files are read: a CSV beside pandas reading it as exactly, and statements beside other readers."""

from __future__ import annotations

import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pandas as pd

from recon.bench.compare import BenchFailed
from recon.bench.generate import generate
from recon.bench.other_readers import OTHER_READERS, is_installed
from recon.bench.statements import WRITERS, Movement
from recon.ingest import read_file
from recon.workflows.child_process import environment

REPEATS: Final = 3
PANDAS: Final = "pandas: columns as text, then to_datetime and Decimal"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLine:
    """One format at one size: median seconds of ours and of the other reader, None where it is not installed."""

    format: str
    rows: int
    other: str
    seconds: float
    other_seconds: float | None

    @property
    def ratio(self) -> float | None:
        return None if self.other_seconds is None else self.other_seconds / self.seconds

    def document(self) -> dict[str, Any]:
        ratio = self.ratio
        return {
            "format": self.format,
            "rows": self.rows,
            "seconds": round(self.seconds, 3),
            "rows_per_second": round(self.rows / self.seconds),
            "other": self.other,
            "other_seconds": None if self.other_seconds is None else round(self.other_seconds, 3),
            "ratio": None if ratio is None else round(ratio, 2),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseBench:
    """Every format, and the memory a process of its own took for the CSV, in bytes at its peak."""

    lines: tuple[ReadLine, ...]
    peak_memory_bytes: int


def bench_parse(row_count: int, statement_count: int, *, seed: int = 7) -> ParseBench:
    """Write the files, read each in turn by us and by the other, several times over."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as name:
        folder = Path(name)
        generate(folder, row_count, seed=seed)
        table = folder / "reference.csv"
        peak = json.loads(_in_child(table))["peak_memory_bytes"]
        lines = [_line("csv", PANDAS, table, lambda: _by_pandas(table))]
        movements = _movements(statement_count, seed)
        for form, (package, read) in OTHER_READERS.items():
            data = WRITERS[form](movements, "EUR")
            path = folder / f"statement.{form}"
            path.write_bytes(data)
            other = (lambda read=read, data=data: read(data)) if is_installed(package) else None
            lines.append(_line(form, package, path, other))
    return ParseBench(lines=tuple(lines), peak_memory_bytes=peak)


def _line(form: str, other: str, path: Path, read_otherwise: Callable[[], object] | None) -> ReadLine:
    ours: list[float] = []
    theirs: list[float] = []
    row_count = 0
    for _ in range(REPEATS):
        begun = time.perf_counter()
        reading = read_file(path, currency="EUR" if form == "qif" else None)
        ours.append(time.perf_counter() - begun)
        if reading.questions or reading.refused:
            raise BenchFailed(f"reading {form}")
        row_count = len(reading.table)
        if read_otherwise is not None:
            begun = time.perf_counter()
            read_otherwise()
            theirs.append(time.perf_counter() - begun)
    return ReadLine(
        format=form,
        rows=row_count,
        other=other,
        seconds=statistics.median(ours),
        other_seconds=statistics.median(theirs) if theirs else None,
    )


def _by_pandas(path: Path) -> pd.DataFrame:
    """What a careful person writes: exact text first, then days in the order they know, and exact amounts."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame["date"] = pd.to_datetime(frame["date"], format="%d/%m/%Y")
    frame["amount"] = frame["amount"].str.replace(",", "").map(Decimal)
    return frame


def _movements(count: int, seed: int) -> list[Movement]:
    rng = random.Random(seed)  # noqa: S311 - a sample, not a secret
    return [
        Movement(
            date=date(2026, 1, 13) + timedelta(days=rng.randrange(15)),
            amount=rng.choice((-1, 1)) * rng.randrange(1, 10**7),
            reference=f"R{i}",
            text=f"invoice {i} of a customer",
        )
        for i in range(count)
    ]


def _in_child(path: Path) -> str:
    command = [sys.executable, "-m", "recon.bench.parse", str(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment(), check=False)  # noqa: S603 - ours
    if done.returncode:
        raise BenchFailed("reading the CSV")
    return done.stdout


if __name__ == "__main__":
    read_file(Path(sys.argv[1]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    sys.stdout.write(json.dumps({"peak_memory_bytes": peak}))
