"""The lease of an attempt: a thread renews it and writes the progress, and the work hears from it when to stop.

The rule it keeps: work goes on only while the database says that this attempt has the run. A process that was frozen,
or cut off from the database for a lease's length, finds out at its next step.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Final, Self

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from recon.errors import RunCancelled, RunSuperseded
from recon.store import runs
from recon.store.runs import Claim, Progress

BEAT_SECONDS: Final = 0.5
"""Between two renewals; so progress is written at most twice a second and a cancel is heard in half a second."""

log = structlog.get_logger(__name__)


class Lease:
    """Keeps a claim for the length of a `with` block."""

    def __init__(self, engine: Engine, claim: Claim, *, lease_seconds: float) -> None:
        self.claim = claim
        self._engine = engine
        self._lease_seconds = lease_seconds
        self._progress = Progress(stage=runs.STARTING, rows_done=0, rows_total=0)
        self._is_cancelled = False
        self._is_lost = False
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"lease-{claim.run_id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._is_over.set()
        self._thread.join()

    def report(self, stage: str, rows_done: int, rows_total: int) -> None:
        """Say where the work is. Raises `RunCancelled` or `RunSuperseded` when it is to stop."""
        self._progress = Progress(stage=stage, rows_done=rows_done, rows_total=rows_total)
        if self._is_cancelled:
            raise RunCancelled(self.claim.run_id)
        if self._is_lost:
            raise RunSuperseded(self.claim.run_id, self.claim.attempt)

    def _keep(self) -> None:
        renewed_at = time.monotonic()
        while not self._is_over.wait(min(BEAT_SECONDS, self._lease_seconds / 4)):
            try:
                self._renew()
                renewed_at = time.monotonic()
            except SQLAlchemyError as error:
                log.warning("lease_not_renewed", run_id=self.claim.run_id, error=type(error).__name__)
                self._is_lost = self._is_lost or time.monotonic() - renewed_at > self._lease_seconds

    def _renew(self) -> None:
        with self._engine.begin() as conn:
            is_cancelled = runs.renew(conn, self.claim, self._progress, lease_seconds=self._lease_seconds)
        self._is_lost = is_cancelled is None
        self._is_cancelled = self._is_cancelled or bool(is_cancelled)
