"""The process that does the work of one attempt: `python -m recon.worker.child RUN ATTEMPT PARENT`.

It ends with status 0 when the run says how it ended, and with another one when that is to be read from the database.
"""

from __future__ import annotations

import sys

from recon.config import settings
from recon.model.progress import Progress, silent
from recon.store.runs import Claim
from recon.worker.logs import log_as_json
from recon.workflows.child_process import die_with_parent, limit_memory
from recon.workflows.execute_run import DATABASE_GONE, execute_run
from recon.workflows.open_stores import open_stores

DATABASE_WAS_GONE = 75


def main(arguments: list[str], on_progress: Progress = silent) -> int:
    """Work on the attempt the arguments name. Returns the exit status."""
    run_id, attempt, parent = map(int, arguments)
    die_with_parent(parent)
    limit_memory()
    log_as_json()
    engine, evidence = open_stores(settings())
    try:
        execute_run(
            engine,
            evidence,
            Claim(run_id=run_id, attempt=attempt),
            lease_seconds=settings().lease_seconds,
            dask_address=settings().dask_address,
            on_progress=on_progress,
        )
    except DATABASE_GONE:
        return DATABASE_WAS_GONE
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
