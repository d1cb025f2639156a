"""`worker`: execute runs until told to stop; as many of them on as many machines as there is work for."""

from __future__ import annotations

from recon.cli.options import AsJson
from recon.cli.screen import emit
from recon.config import settings
from recon.worker.serve import serve


def worker(as_json: AsJson = False) -> None:
    """Execute waiting runs until interrupted. Needs the database of `up`, or DATABASE_URL."""
    serve(settings(), role="worker")
    if as_json:
        emit({"stopped": True})
