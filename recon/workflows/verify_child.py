"""The process that verifies when somebody clicked: takes a request as JSON on stdin, says on stdout how far it is."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from typing import Final

import structlog

from recon.config import settings
from recon.errors import TieoutError
from recon.model.progress import Progress
from recon.workflows.child_process import die_with_parent, limit_memory
from recon.workflows.verify_on_demand import REFUSED

BEAT_SECONDS: Final = 0.3
NICENESS: Final = 5
"""Pages and runs come first."""


def main() -> int:
    """Verify everything, and the newest run. Returns the exit status: 0 whatever was found, for that is recorded."""
    request = json.load(sys.stdin)
    die_with_parent(request["parent"])
    limit_memory()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    from recon.workflows.open_stores import open_stores  # loads the database driver
    from recon.workflows.verify import verify

    engine, evidence = open_stores(settings())
    try:
        verify(engine, evidence, actor=request["actor"], on_progress=_told())
    except TieoutError as error:
        _say({"text": str(error)})
        return REFUSED
    finally:
        engine.dispose()
    return 0


def _told() -> Progress:
    """Progress as lines on stdout: each stage at once, within a stage no more than a few a second."""
    last: tuple[str, float] = ("", 0.0)

    def tell(stage: str, done_count: int, total_count: int) -> None:
        nonlocal last
        now = time.monotonic()
        if stage != last[0] or now - last[1] > BEAT_SECONDS:
            last = (stage, now)
            _say({"stage": stage, "done": done_count, "total": total_count})

    return tell


def _say(line: dict[str, object]) -> None:
    sys.stdout.write("\n" + json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
