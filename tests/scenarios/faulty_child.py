"""The child of a worker under test: the real one, with an accident at a chosen stage of a chosen run.

`faults.json` in RECON_HOME names, for a run's number, the stage, the attempts it strikes and what happens.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time

from recon.config import settings
from recon.worker import child
from recon.workflows.child_process import die_with_parent

NEVER = 600.0


def main() -> int:
    """Run the real child, unless its fault strikes before."""
    run_id, attempt = sys.argv[1], int(sys.argv[2])
    die_with_parent(int(sys.argv[3]))
    fault = json.loads((settings().home / "faults.json").read_text()).get(run_id)
    if fault is None or attempt > fault["attempts"]:
        return child.main(sys.argv[1:])

    def strike(stage: str, rows_done: int, rows_total: int) -> None:
        if stage == fault["stage"] and rows_done >= fault["rows_done"]:
            STRIKES[fault["what"]](run_id)

    strike("boot", 0, 0)
    return child.main(sys.argv[1:], strike)


def _kill_worker(_run_id: str) -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(NEVER)  # until the system ends us with our parent


def _kill_child(_run_id: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _hold(run_id: str) -> None:
    """Do not go on until the test says so; the file tells the test that we are here, and who we are."""
    (settings().home / f"held-{run_id}").write_text(str(os.getpid()))
    while not (settings().home / f"go-{run_id}").exists():
        time.sleep(0.02)


STRIKES = {"kill_worker": _kill_worker, "kill_child": _kill_child, "hold": _hold}

if __name__ == "__main__":
    raise SystemExit(main())
