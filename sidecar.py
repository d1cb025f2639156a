"""The sidecar: `python sidecar.py` keeps time and executes runs; with `--worker` it only executes runs."""

from __future__ import annotations

import sys

from recon.config import settings
from recon.worker.serve import serve

if __name__ == "__main__":
    serve(settings(), role="worker" if "--worker" in sys.argv[1:] else "sidecar")
