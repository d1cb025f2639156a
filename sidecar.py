"""The sidecar: `python sidecar.py` keeps time and executes runs; with `--worker` it only executes runs."""

from __future__ import annotations

import argparse

from recon.config import settings
from recon.worker.serve import serve

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Executes the runs that wait, and sees that none is forgotten.")
    parser.add_argument("--worker", action="store_true", help="only execute runs: one more worker beside a sidecar")
    serve(settings(), role="worker" if parser.parse_args().worker else "sidecar")
