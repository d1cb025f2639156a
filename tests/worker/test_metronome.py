"""The metronome goes on whatever a beat does, and stops when told to."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy.exc import OperationalError

from recon.worker.metronome import Metronome


@pytest.mark.parametrize("problem", [OperationalError("select 1", {}, Exception()), KeyError("a bug")])
def test_a_beat_that_fails_is_made_again(problem: Exception) -> None:
    enough = threading.Semaphore(0)

    def fails() -> None:
        enough.release()
        raise problem

    metronome = Metronome({fails: 0.001})
    metronome.start()
    for _ in range(3):
        assert enough.acquire(timeout=10)
    metronome.stop()


def test_a_beat_that_hangs_delays_no_other() -> None:
    hang, enough = threading.Event(), threading.Semaphore(0)
    metronome = Metronome({lambda: hang.wait(10): 1, enough.release: 0.001})
    metronome.start()
    for _ in range(3):
        assert enough.acquire(timeout=10)
    hang.set()
    metronome.stop()


def test_no_beat_begins_after_the_stop() -> None:
    enough = threading.Semaphore(0)
    metronome = Metronome({enough.release: 0.001})
    metronome.start()
    assert enough.acquire(timeout=10)
    metronome.stop()
    time.sleep(0.02)
    while enough.acquire(blocking=False):
        pass
    assert not enough.acquire(timeout=0.05)


def test_a_clock_that_is_set_back_has_every_beat_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    enough = threading.Semaphore(0)
    metronome = Metronome({enough.release: 3600}, watch_seconds=0.001)
    metronome.start()
    assert enough.acquire(timeout=10)
    told = time.time
    monkeypatch.setattr(time, "time", lambda: told() - 600)
    assert enough.acquire(timeout=10)
    metronome.stop()
