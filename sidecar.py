"""The sidecar: `python sidecar.py` makes the checks that are due, delivers alerts and executes runs.

With `--worker` it only executes runs: one more worker beside a sidecar.
"""

from __future__ import annotations

import argparse

from checks.schedule import TIMETABLE
from recon.config import settings
from recon.worker.serve import serve

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Makes the checks that are due and executes the runs that wait.")
    parser.add_argument("--worker", action="store_true", help="only execute runs")
    serve(settings(), role="worker" if parser.parse_args().worker else "sidecar", timetable=TIMETABLE)
