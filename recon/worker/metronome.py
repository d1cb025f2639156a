"""What is done every so many seconds, each in a thread of its own, so that one that takes long delays only itself.

APScheduler keeps the time, by the system's clock. When somebody sets that clock back ten minutes it would be silent for
ten minutes; so a watch compares it with the monotonic clock and has every beat made at once when it was set back. When
something is due is not decided here; that is a question to the database's clock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

WATCH_SECONDS: Final = 1.0
SET_BACK_SECONDS: Final = 1.0
"""How far behind the monotonic clock the system's may fall between two looks before it counts as set back."""

Beat = Callable[[], object]

log = structlog.get_logger(__name__)


class Metronome:
    """Does each beat at once when started, and again every so many seconds, one at a time, until stopped."""

    def __init__(self, beats: Mapping[Beat, float], *, watch_seconds: float = WATCH_SECONDS) -> None:
        self._is_over = threading.Event()
        self._watch = threading.Thread(target=self._keep_watch, args=(watch_seconds,), name="clock-watch", daemon=True)
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(len(beats))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for beat, seconds in beats.items():
            self._scheduler.add_job(_guarded(beat), "interval", seconds=seconds, next_run_time=datetime.now(UTC))

    def start(self) -> None:
        self._scheduler.start()
        self._watch.start()

    def stop(self) -> None:
        """No beat begins any more; those under way end with the process."""
        self._is_over.set()
        self._scheduler.shutdown(wait=False)
        self._watch.join()

    def _keep_watch(self, seconds: float) -> None:
        lead = time.time() - time.monotonic()
        while not self._is_over.wait(seconds):
            now = time.time() - time.monotonic()
            if now < lead - SET_BACK_SECONDS:
                log.warning("clock_set_back", seconds=round(lead - now))
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=datetime.now(UTC))
            lead = now


def _guarded(beat: Beat) -> Callable[[], None]:
    def guarded() -> None:
        try:
            beat()
        except SQLAlchemyError as error:
            log.warning("beat_missed", error=type(error).__name__)  # the database is away
        except Exception:
            log.exception("beat_failed")

    return guarded
