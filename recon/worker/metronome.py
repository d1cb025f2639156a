"""What is done every so many seconds, each in a thread of its own, so that one that takes long delays only itself.

Seconds are those of the monotonic clock: when somebody sets the system's clock back ten minutes, the heart goes on
beating. When something is due is not decided here; that is a question to the database's clock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

STOP_SECONDS: Final = 10.0
"""How long a beat that is under way gets to end; after that it ends with the process."""

Beat = Callable[[], object]

log = structlog.get_logger(__name__)


class Metronome:
    """Does each beat at once when started, and again so many seconds after it ended, until stopped."""

    def __init__(self, beats: Mapping[Beat, float]) -> None:
        self._is_over = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep, args=(beat, seconds), name=f"beat-{place}", daemon=True)
            for place, (beat, seconds) in enumerate(beats.items())
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """No beat begins any more; those under way get a while to end."""
        self._is_over.set()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _keep(self, beat: Beat, seconds: float) -> None:
        while not self._is_over.is_set():
            try:
                beat()
            except SQLAlchemyError as error:
                log.warning("beat_missed", error=type(error).__name__)  # the database is away
            except Exception:
                log.exception("beat_failed")
            self._is_over.wait(seconds)
