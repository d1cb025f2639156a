"""The real sidecar with three quick checks, and the process that makes them, which stops at a check when it is told to.

`python -m tests.scenarios.faulty_sidecar` is the sidecar; with arguments, the child it starts. A file `hold` in
RECON_HOME names a check: its first attempts stop before they begin, and say so in `held`. One named in `kill` ends its
process in every attempt.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace

from sqlalchemy import Engine

from checks.schedule import TIMETABLE, run_slot
from recon.config import settings
from recon.model.checks import CheckBook
from recon.store.schedules import SlotClaim
from recon.worker import slots
from recon.worker.serve import serve

NAMES = ("trial_balance_zero", "journal_line_completeness", "source_txn_uniqueness")
NEVER = 600.0


def run_or_break(engine: Engine, claim: SlotClaim) -> None:
    hold = settings().home / "hold"
    if hold.exists() and claim.attempt == 1 and hold.read_text() == claim.check_name:
        (settings().home / "held").write_text(str(os.getpid()))
        time.sleep(NEVER)
    kill = settings().home / "kill"
    if kill.exists() and kill.read_text() == claim.check_name:
        os.kill(os.getpid(), signal.SIGKILL)
    run_slot(engine, claim)


if __name__ == "__main__":
    if sys.argv[1:]:
        raise SystemExit(slots.main(sys.argv[1:], run_or_break))
    chosen = [c for c in TIMETABLE.checks if c.check_name in NAMES and c.book is CheckBook.UAE]
    child = (sys.executable, "-m", "tests.scenarios.faulty_sidecar")
    serve(settings(), timetable=replace(TIMETABLE, checks=chosen, child=child))
