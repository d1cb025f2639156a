"""The whole path, measured: files -> received -> read -> matched -> evidence -> published in PostgreSQL.

Run as a process of its own (`python -m recon.bench.path FOLDER`), so that its peak memory is that of the path alone;
prints one JSON document. The path is what the product does: the same workflows, the embedded PostgreSQL of a temporary
home (or DATABASE_URL's), both files read at the same time in child processes, what stays open kept for the next run.
Starting PostgreSQL is not counted.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy import Engine

from recon.bench.generate import HEADER_LINES, RULES, Truth
from recon.bench.memory import peak_bytes
from recon.config import Settings, settings
from recon.model.outcome import MatchStatus
from recon.queries.runs import run_detail
from recon.store import reading_files
from recon.store.carry import OF_NEW
from recon.store.embedded import serving
from recon.store.evidence import Evidence, reading_name, run_name
from recon.store.migrate import migrate
from recon.store.uploads import Upload
from recon.workflows.open_stores import open_stores
from recon.workflows.read_upload import StoredReading, read_upload
from recon.workflows.receive_upload import receive_upload
from recon.workflows.run_in_foreground import finish_run
from recon.workflows.submit_run import submit_run

ACTOR: Final = "bench"
STAGES: Final = (
    *("load", "columns", "identity", "exact", "scored", "leftovers", "evidence"),  # load, then the matching engine's
    *("classify", "prove", "publish"),
)
MEANWHILE: Final = frozenset({"store", "digest"})
"""Stages at work while the database copies; publishing waits for them, so their time is in its own."""


def measure(folder: Path, chosen: Settings) -> dict[str, Any]:
    """Take `source.csv` and `reference.csv` down the whole path and hold what was matched against `truth.npz`."""
    with serving(chosen):
        engine, evidence = open_stores(chosen)
        try:
            migrate(engine)
            return _measure(engine, evidence, folder, chosen.lease_seconds)
        finally:
            engine.dispose()


def _measure(engine: Engine, evidence: Evidence, folder: Path, lease_seconds: float) -> dict[str, Any]:
    started = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        sides = list(pool.map(lambda name: _receive(engine, evidence, folder / name), ("source.csv", "reference.csv")))
        received = time.perf_counter()
        readings = list(pool.map(lambda side: read_upload(engine, evidence, side.id), sides))
    read = time.perf_counter()
    run_id = _submit(engine, evidence, readings)
    run = finish_run(engine, evidence, run_id, lease_seconds=lease_seconds)
    done = time.perf_counter()
    assert run.status == "succeeded", f"the run {run.status}: {run.error_text}"
    detail = run_detail(engine, run_id)
    stages = {"receive": received - started, "read": read - received, **_in_order(detail.seconds)}
    stages["other"] = done - started - sum(stages.values())
    assert run.published_attempt is not None
    rows = [stored.preview.rows_read for stored in readings]
    return {
        "rows": sum(rows),
        "seconds": done - started,
        "stages": stages,
        "peak_memory_bytes": peak_bytes(),
        **_score(evidence, readings, run_name(run_id, run.published_attempt, "matches.parquet"), folder),
    }


def _receive(engine: Engine, evidence: Evidence, path: Path) -> Upload:
    return receive_upload(engine, evidence, path, filename=path.name, actor=ACTOR).upload


def _submit(engine: Engine, evidence: Evidence, readings: list[StoredReading]) -> int:
    numbers = [stored.reading_id for stored in readings]
    assert numbers[0] is not None, readings[0].preview.questions
    assert numbers[1] is not None, readings[1].preview.questions
    submitted = submit_run(
        engine,
        evidence,
        reconciliation="bench",
        source_reading_id=numbers[0],
        reference_reading_id=numbers[1],
        rules=RULES,
        actor=ACTOR,
        carries=OF_NEW.is_on,
    )
    return submitted.run_id


def _in_order(seconds: Mapping[str, float]) -> dict[str, float]:
    """A run's stages as they follow each other; a new one that has no place yet stands last."""
    known = [stage for stage in STAGES if stage in seconds]
    return {stage: seconds[stage] for stage in (*known, *sorted(set(seconds) - set(known) - MEANWHILE))}


def _score(evidence: Evidence, readings: list[StoredReading], matches_name: str, folder: Path) -> dict[str, float]:
    """Precision and recall of the booked pairs; either copy of a duplicated row is a right partner."""
    truth = Truth.load(folder / "truth.npz")
    matches = evidence.read_table(matches_name, columns=["source_row", "reference_row", "status"])
    booked = matches.filter(np.asarray(matches["status"]) == MatchStatus.MATCHED.value)
    movements = [
        told[_data_rows(evidence, stored)[booked[column].to_numpy()]]
        for told, stored, column in (
            (truth.source_movement, readings[0], "source_row"),
            (truth.reference_movement, readings[1], "reference_row"),
        )
    ]
    precision, recall = truth.score(movements[0], movements[1])
    return {"precision": precision, "recall": recall}


def _data_rows(evidence: Evidence, stored: StoredReading) -> NDArray[np.int64]:
    """0-based data row in the file of each row of the stored table."""
    name = reading_name(stored.key, reading_files.TRANSACTIONS)
    lines: NDArray[np.int64] = evidence.read_table(name, columns=["line"])["line"].to_numpy()
    return lines - HEADER_LINES - 1


def _main(folder: Path) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is the document
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as home:
        chosen = settings().model_copy(update={"home": Path(home), "evidence_url": None})
        sys.stdout.write(json.dumps(measure(folder, chosen)))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
