"""Every slot of every check has one result, and every alert arrives, with three sidecars and one of them killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Row, select, update

from recon.alerts import outbox
from recon.store.alert_tables import alert
from recon.store.check_tables import check_run
from recon.store.schedule_tables import check_slot
from tests.alerts.builders import answering, change, receiver
from tests.scenarios.faulty_sidecar import NAMES
from tests.scenarios.office import ROOT, Office, until

pytestmark = pytest.mark.crash

INTERVAL_SECONDS = 2
HELD = NAMES[0]


@contextmanager
def sidecars(office: Office, count: int, **more: str) -> Iterator[dict[int, subprocess.Popen[bytes]]]:
    """So many sidecars for the length of the block, by their process ids."""
    environment = {
        **os.environ,
        "DATABASE_URL": office.database_url,
        "RECON_HOME": str(office.home),
        "RECON_EVIDENCE_URL": office.evidence.url,
        "RECON_LEASE_SECONDS": "2",
        "RECON_INTERVAL_SECONDS": str(INTERVAL_SECONDS),
        "RECON_SCHEDULE_INITIAL_DELAY_SECONDS": "0",
        **more,
    }
    command = [sys.executable, "-m", "tests.scenarios.faulty_sidecar"]
    with (office.home / "sidecars.log").open("ab") as log:
        started = [subprocess.Popen(command, env=environment, cwd=ROOT, stderr=log) for _ in range(count)]
        try:
            yield {process.pid: process for process in started}
        finally:
            for process in started:
                process.kill()
                process.wait()


def slots(office: Office) -> list[Row]:
    with office.engine.connect() as conn:
        query = select(check_slot).order_by(check_slot.c.check_name, check_slot.c.slot_at)
        return list(conn.execute(query))


def done(office: Office, name: str) -> int:
    return sum(slot.status == "done" and slot.check_name == name for slot in slots(office))


def held(office: Office) -> int:
    """The process that is held at its check."""
    file = office.home / "held"
    until(lambda: file.exists() and file.read_text() != "", "no check was held")
    return int(file.read_text())


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks up the parent of a process in /proc")
def test_three_sidecars_make_each_slot_once_though_one_is_killed_at_work(office: Office) -> None:
    (office.home / "hold").write_text(HELD)
    with office.engine.begin() as conn:
        outbox.add(conn, change("ok", "fail"))
    with receiver(answering("200 OK")) as there:
        reached = {"ALERT_WEBHOOK_URL": there.url, "RECON_ALERT_ALLOW_LOOPBACK": "true"}
        with sidecars(office, 3, **reached) as running:
            killed = parent_of(held(office))
            running[killed].send_signal(signal.SIGKILL)
            (office.home / "hold").unlink()
            until(lambda: all(done(office, name) >= 2 for name in NAMES), "the others do not go on")
            until(lambda: len(there.requests) > 0, "the alert never came")
        assert len(there.requests) == 1
    _assert_once(office)
    first, *_ = (slot for slot in slots(office) if slot.check_name == HELD)
    assert (first.status, first.attempt, first.released_count) == ("done", 2, 0)
    with office.engine.connect() as conn:
        assert conn.execute(select(alert.c.state)).scalars().all() == ["delivered"]


def test_a_sidecar_told_to_stop_gives_its_slot_back_without_using_an_attempt(office: Office) -> None:
    (office.home / "hold").write_text(HELD)
    with sidecars(office, 1) as running:
        held(office)
        (sidecar,) = running.values()
        sidecar.terminate()
        assert sidecar.wait(timeout=30) == 0
    first, *_ = (slot for slot in slots(office) if slot.check_name == HELD)
    assert (first.status, first.attempt, first.released_count, first.worker) == ("waiting", 1, 1, None)


def test_a_check_that_always_kills_its_process_is_an_error_and_the_others_go_on(office: Office) -> None:
    poison, *others = NAMES
    (office.home / "kill").write_text(poison)

    def its_slot() -> Row:
        return next(slot for slot in slots(office) if slot.check_name == poison)

    def is_given_up() -> bool:
        with office.engine.begin() as conn:  # nobody has to wait for the next attempt
            conn.execute(update(check_slot).values(ready_at=check_slot.c.planned_at))
        return bool(slots(office)) and its_slot().status == "failed"

    with sidecars(office, 1, RECON_INTERVAL_SECONDS="86400"):
        until(is_given_up, "the check was never given up")
        until(lambda: all(done(office, name) == 1 for name in others), "the others do not go on")
    assert its_slot().attempt == 3
    with office.engine.connect() as conn:
        statuses = dict(conn.execute(select(check_run.c.check_name, check_run.c.status)).all())
        told = conn.execute(select(alert.c.payload["check"].astext)).scalars().all()
    assert statuses == {poison: "error", **dict.fromkeys(others, "ok")}
    assert told == [poison]


def _assert_once(office: Office) -> None:
    """Each slot that is done has one result; each that there was between two others is counted as missed."""
    with office.engine.connect() as conn:
        results = conn.execute(
            select(check_run.c.check_name, check_run.c.slot).where(check_run.c.finished_at.is_not(None))
        ).all()
    ended = [(slot.check_name, slot.slot_at) for slot in slots(office) if slot.status == "done"]
    assert len(results) == len(set(results))
    assert set(ended) <= {(row.check_name, row.slot) for row in results}
    for name in NAMES:
        its = [slot for slot in slots(office) if slot.check_name == name]
        for before, after in pairwise(its):
            apart = (after.slot_at - before.slot_at) / timedelta(seconds=INTERVAL_SECONDS)
            assert apart == after.missed_count + 1
