"""The sidecar as `make run` starts it: it is seen alive, does what waits, writes JSON, and leaves when told to."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from sqlalchemy import delete, select

from recon.store.tables import heartbeat
from tests.scenarios.office import ROOT, Office, until

pytestmark = pytest.mark.crash


def processes(office: Office) -> list[str]:
    with office.engine.connect() as conn:
        return list(conn.execute(select(heartbeat.c.role)).scalars())


def test_the_sidecar_is_seen_alive_works_and_leaves_in_order(office: Office) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": office.database_url,
        "RECON_HOME": str(office.home),
        "RECON_EVIDENCE_URL": office.evidence.url,
    }
    sidecar = subprocess.Popen(
        [sys.executable, str(ROOT / "sidecar.py")], env=environment, cwd=office.home, stderr=subprocess.PIPE, text=True
    )
    try:
        until(lambda: processes(office) == ["sidecar"], "no heartbeat")
        run_id = office.ask()
        office.ended(run_id)
        office.assert_published_once(run_id)
        with office.engine.begin() as conn:
            conn.execute(delete(heartbeat))
        until(lambda: processes(office) == ["sidecar"], "only one heartbeat")
    finally:
        sidecar.terminate()
        _, log = sidecar.communicate(timeout=30)
    assert sidecar.returncode == 0
    assert processes(office) == []
    lines = [json.loads(line) for line in log.splitlines()]
    assert {"started", "published", "stopped"} <= {line["event"] for line in lines}
