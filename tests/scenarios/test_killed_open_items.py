"""Open items change with the publication of a run or not at all, whenever its process is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from recon.store import runs
from recon.store.evidence import Evidence
from tests.scenarios.office import ROOT, until
from tests.workflows.pool import Pool, row

pytestmark = pytest.mark.crash

PLACES = (
    "recon.store.open_items.lock",
    "recon.store.open_items._clear",
    "recon.store.open_items.apply",
    "recon.store.carry.conclude",
    "recon.store.publication._pass_the_fence",
)
"""Where a publication is struck: before its items, among them, after them, after all that it writes."""


def test_open_items_are_whole_wherever_a_publication_is_killed(
    engine: Engine, database_url: str, evidence_url: str, home: Path
) -> None:
    pool = Pool(engine=engine, evidence=Evidence(evidence_url))
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "RECON_HOME": str(home),
        "RECON_EVIDENCE_URL": evidence_url,
    }
    pool.run([row("0", 100)], [row("X", 1)])
    for number, place in enumerate(PLACES):
        waiting = pool.submit([row(f"{number + 1}", 101 + number)], [row(f"{number}", 100 + number)]).run_id
        before = pool.items()
        command = [sys.executable, "-m", "tests.scenarios.killed_publication", str(waiting), place]
        killed = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=False)
        assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
        assert pool.items() == before, place
        until(lambda waiting=waiting: _done(pool, waiting), "nobody could go on with the run")
        assert pool.open() == sorted([f"{number + 1}", "X"]), place
        assert pool.item(f"{number}").cleared_run_id == waiting
        carried = pool.carry_of(waiting)
        assert (carried.number, carried.cleared_count, carried.opened_count) == (number + 2, 1, 1)


def _done(pool: Pool, run_id: int) -> bool:
    with pool.engine.connect() as conn:
        before = runs.get(conn, run_id)
    return before.status == "succeeded" or pool.execute(run_id).status == "succeeded"
