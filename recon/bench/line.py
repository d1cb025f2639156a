"""What one way to match one set of rows did, as a line of a table, and the clock it is measured with."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One way to match one set of rows: how long it took, on the clock and of all processors; how many rows of the
    smaller side it paired, and how right that is."""

    way: str
    rows: int
    seconds: float
    cpu_seconds: float
    share: float
    precision: float
    recall: float

    @property
    def rows_per_second(self) -> float:
        """Rows of both sides a second."""
        return self.rows / self.seconds


class Clock:
    """Seconds since it was made. Other work on the machine slows the clock, hardly the processor time."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        """(seconds, seconds of all processors of this process)."""
        return time.perf_counter() - self._wall, time.process_time() - self._cpu
