"""The real sidecar, whose children are the faulty ones: `python -m tests.scenarios.faulty_worker [--worker]`."""

from __future__ import annotations

import sys

from recon.config import settings
from recon.worker.serve import serve

if __name__ == "__main__":
    serve(
        settings(),
        role="worker" if "--worker" in sys.argv[1:] else "sidecar",
        child=(sys.executable, "-m", "tests.scenarios.faulty_child"),
    )
