"""Real workers as processes, real runs to work on, and ways to wait for what must come true."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import OperationalError

from recon.model.rules import Rules
from recon.store import runs
from recon.store.evidence import Evidence
from recon.store.runs import Run
from recon.store.tables import audit_event, discrepancy, run_proof, run_total
from recon.workflows.submit_run import rerun, submit_run
from tests.workflows.sides import store_both

ROOT = Path(__file__).parents[2]
LEASE_SECONDS = 3
PATIENCE_SECONDS = 60.0


@dataclass
class Office:
    """One database, one evidence store, and the workers of one test."""

    engine: Engine
    evidence: Evidence
    database_url: str
    home: Path
    faults: dict[str, dict[str, object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._write_faults()

    def ask(self, *, stage: str | None = None, what: str = "", attempts: int = 1, rows_done: int = 0) -> int:
        """A new run of the same two files, and the accident that is to strike it."""
        sides = store_both(self.engine, self.evidence)
        submitted = submit_run(
            self.engine,
            self.evidence,
            reconciliation="Bank vs ledger",
            source_reading_id=sides[0],
            reference_reading_id=sides[1],
            rules=Rules(days_after=len(self.faults) + 1),  # other rules, another run
            actor="ana",
        )
        assert not submitted.cached
        self.faults[str(submitted.run_id)] = {
            "stage": stage,
            "what": what,
            "attempts": attempts,
            "rows_done": rows_done,
        }
        self._write_faults()
        return submitted.run_id

    def ask_again(self, run_id: int) -> int:
        return rerun(self.engine, self.evidence, run_id, actor="ana").run_id

    def run(self, run_id: int) -> Run:
        with self.engine.connect() as conn:
            return runs.get(conn, run_id)

    def actions(self, run_id: int) -> list[str]:
        """What the audit log says of the run, in order."""
        query = select(audit_event.c.action).where(audit_event.c.subject == f"run {run_id}").order_by(audit_event.c.id)
        with self.engine.connect() as conn:
            return list(conn.execute(query).scalars())

    def published(self, run_id: int) -> dict[str, list[int]]:
        """The attempts that left rows in each table of results."""
        tables = (discrepancy, run_total, run_proof)
        with self.engine.connect() as conn:
            return {
                table.name: list(
                    conn.execute(select(table.c.attempt).where(table.c.run_id == run_id).distinct()).scalars()
                )
                for table in tables
            }

    def assert_published_once(self, run_id: int) -> None:
        """The run has exactly one result, whole, of the attempt it names; nothing is left of others, nothing waits."""
        done = self.run(run_id)
        assert done.status == "succeeded", done
        only = [done.published_attempt]
        assert self.published(run_id) == {"discrepancy": only, "run_total": only, "run_proof": only}
        assert self.actions(run_id).count("run_published") == 1
        with self.engine.connect() as conn:
            found = conn.execute(
                select(func.count()).select_from(discrepancy).where(discrepancy.c.run_id == run_id)
            ).scalar_one()
        assert found == 3

    def held(self, run_id: int) -> int:
        """Wait until the run's child is held at its stage; returns the child's process id."""
        file = self.home / f"held-{run_id}"
        until(lambda: file.exists() and file.read_text() != "", "the child never came to its stage")
        return int(file.read_text())

    def let_go(self, run_id: int) -> None:
        (self.home / f"go-{run_id}").touch()

    def ended(self, run_id: int) -> Run:
        """Wait until the run has ended; the database may be away for a while."""
        until(lambda: self._has_ended(run_id), f"run {run_id} never ended")
        return self.run(run_id)

    def _has_ended(self, run_id: int) -> bool:
        try:
            return self.run(run_id).status in ("succeeded", "failed", "cancelled")
        except OperationalError:
            return False

    def unfinished_jobs(self) -> int:
        with self.engine.connect() as conn:
            return int(conn.execute(text("select count(*) from procrastinate_jobs")).scalar_one())

    def start(self, *, only_worker: bool = False) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "DATABASE_URL": self.database_url,
            "RECON_HOME": str(self.home),
            "RECON_EVIDENCE_URL": self.evidence.url,
            "RECON_LEASE_SECONDS": str(LEASE_SECONDS),
        }
        command = [sys.executable, "-m", "tests.scenarios.faulty_worker", *(["--worker"] if only_worker else [])]
        with (self.home / "workers.log").open("ab") as log:
            return subprocess.Popen(command, env=environment, cwd=ROOT, stderr=log)

    @contextmanager
    def worker(self, *, only_worker: bool = False) -> Iterator[subprocess.Popen[bytes]]:
        """A worker for the length of the block."""
        process = self.start(only_worker=only_worker)
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()

    def log(self) -> str:
        return (self.home / "workers.log").read_text()

    def _write_faults(self) -> None:
        (self.home / "faults.json").write_text(json.dumps(self.faults))


def until(holds: Callable[[], bool], else_say: str) -> None:
    """Wait for what must come true soon."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, else_say
        time.sleep(0.05)
