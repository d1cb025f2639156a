"""The process that tries rules out: takes a request as JSON on stdin, says on stdout how far it is, leaves two files.

It reads the evidence store and writes to the folder it is given; it knows no database.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Final

from recon.errors import TieoutError
from recon.model.progress import Progress
from recon.workflows.child_process import die_with_parent, limit_memory, without_pandas
from recon.workflows.try_rules_request import OUT_OF_MEMORY, REFUSED_BY_US

BEAT_SECONDS: Final = 0.3
NICENESS: Final = 5
"""Pages and runs come first."""


def main() -> int:
    """Try out what a request on stdin asks. Returns the exit status."""
    request = json.load(sys.stdin)
    die_with_parent(request["parent"])
    limit_memory()
    without_pandas()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    from recon.workflows.tried_rules import try_rules  # loads pyarrow and the engine

    try:
        try_rules(request, on_progress=_told())
    except TieoutError as error:
        _say({"code": error.code, "text": str(error)})
        return REFUSED_BY_US
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def _told() -> Progress:
    """Progress as lines on stdout: each stage at once, within a stage no more than a few a second."""
    last: tuple[str, float] = ("", 0.0)

    def tell(stage: str, rows_done: int, rows_total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if stage != last[0] or now - last[1] > BEAT_SECONDS:
            last = (stage, now)
            _say({"stage": stage, "rows_done": rows_done, "rows_total": rows_total})

    return tell


def _say(line: dict[str, object]) -> None:
    sys.stdout.write("\n" + json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
