"""A process that works on a run and is killed while it publishes: `killed_publication <run> <module.function>`."""

from __future__ import annotations

import importlib
import os
import signal
import sys

from recon.config import settings
from recon.store import runs
from recon.store.engine import connect
from recon.store.evidence import Evidence
from recon.workflows.execute_run import execute_run

LEASE_SECONDS = 1.0


def main(run_id: int, place: str) -> None:
    """Work on the run; the moment the function at `place` has done its work, this process is no more."""
    module, _, name = place.rpartition(".")
    owner = importlib.import_module(module)
    real = getattr(owner, name)

    def last(*args: object, **named: object) -> None:
        real(*args, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, last)
    engine = connect(settings())
    with engine.begin() as conn:
        claim = runs.claim(conn, run_id, worker="doomed", lease_seconds=LEASE_SECONDS)
    assert claim is not None
    execute_run(engine, Evidence(settings().evidence_url), claim, lease_seconds=LEASE_SECONDS)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
