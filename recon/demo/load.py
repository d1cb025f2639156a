"""The sample company in the database: some weeks of its exports, each reconciled twice, by the same path as any file.

Loading twice in one week changes nothing: the same files under the same rules are the same runs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from recon.config import settings
from recon.demo.period import DEMO_RULES, DemoFiles, DemoPair, build_period, write_period
from recon.store.evidence import Evidence
from recon.workflows.read_upload import read_upload
from recon.workflows.receive_upload import receive_upload
from recon.workflows.run_in_foreground import finish_run
from recon.workflows.submit_run import submit_run

WEEKS: Final = 4
WEEK_COUNT: Final = 140
ANSWERS: Final = {"DAY_MONTH_ORDER": "DMY"}
"""What the files of a week early in a month leave open."""


def load_demo(
    engine: Engine, evidence: Evidence, *, actor: str, today: date | None = None, weeks: int = WEEKS
) -> tuple[int, ...]:
    """Upload, read and reconcile the last weeks before `today`, oldest first; returns the runs' numbers, two a week."""
    run_ids: list[int] = []
    with tempfile.TemporaryDirectory(prefix="tieout-demo-") as folder:
        written = list(_weeks(Path(folder), today or datetime.now(UTC).date(), weeks))
        paths = [path for files in written for path in (files.gateway, files.bank, files.billing)]
        with ThreadPoolExecutor(2) as pool:
            numbers = pool.map(lambda path: _read(engine, evidence, path, actor), paths)
        readings = dict(zip(paths, numbers, strict=True))
        for files in written:
            for pair in files.pairs():
                run_ids.append(_run(engine, evidence, pair, readings, actor))
    return tuple(run_ids)


def _weeks(folder: Path, today: date, weeks: int) -> Iterator[DemoFiles]:
    monday = today - timedelta(days=today.weekday())
    for weeks_ago in range(weeks, 0, -1):
        first_on = monday - timedelta(weeks=weeks_ago)
        made = build_period(first_on=first_on, days=7, count=WEEK_COUNT)
        yield write_period(folder, made, suffix=f"-{first_on:%G-W%V}")


def _read(engine: Engine, evidence: Evidence, path: Path, actor: str) -> int:
    receipt = receive_upload(engine, evidence, path, filename=path.name, actor=actor)
    stored = read_upload(engine, evidence, receipt.upload.id, answers=ANSWERS)
    assert stored.reading_id is not None, stored.preview.questions or stored.preview.refused
    return stored.reading_id


def _run(engine: Engine, evidence: Evidence, pair: DemoPair, readings: dict[Path, int], actor: str) -> int:
    submitted = submit_run(
        engine,
        evidence,
        reconciliation=pair.name,
        source_reading_id=readings[pair.source],
        reference_reading_id=readings[pair.reference],
        rules=DEMO_RULES,
        actor=actor,
    )
    finish_run(engine, evidence, submitted.run_id, lease_seconds=settings().lease_seconds)
    return submitted.run_id
