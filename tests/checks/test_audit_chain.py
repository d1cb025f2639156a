"""The check over the sealed logs: heads are recorded from run to run, so that a cut-off tail shows."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import URL, Engine

from checks import audit_chain
from checks.check import CheckBook, CheckStatus
from recon.workflows.seal_logs import seal_logs
from tests.checks.conftest import Run, Tamper
from tests.server import TestServer

NAME, ALL = "audit_chain_intact", CheckBook.ALL


def test_nothing_to_seal_says_so(run: Run) -> None:
    result = run(NAME, ALL)
    assert (result.status, result.metrics["examined_count"]) == (CheckStatus.OK, 0)
    assert result.summary.startswith("Nothing was examined")


def test_sealed_logs_are_ok_until_an_event_is_changed(run: Run, engine: Engine, alice: UUID, tamper: Tamper) -> None:
    seal_logs(engine)
    result = run(NAME, ALL)
    assert (result.status, result.metrics["sealed_count"], result.metrics["unsealed_count"]) == (CheckStatus.OK, 6, 0)
    tamper("update ledger_event set actor = 'nobody' where id = 4")
    result = run(NAME, ALL)
    (variance,) = result.variances
    assert (result.status, variance.subject.item) == (CheckStatus.FAIL, "ledger_event")
    assert variance.note == "Rows were changed since they were sealed. In doubt from row 1 on."


def test_a_tail_cut_off_after_a_run_fails_and_goes_on_failing(
    run: Run, engine: Engine, alice: UUID, tamper: Tamper, postgres: TestServer, database: URL
) -> None:
    seal_logs(engine)
    run(NAME, ALL)
    tamper("delete from journal_line", "delete from journal_entry", "delete from ledger_event where id > 3")
    with postgres.superuser(str(database.database)) as connection:
        connection.execute("alter table audit_seal disable trigger all")
        connection.execute("delete from audit_seal")
    seal_logs(engine)
    assert [run(NAME, ALL).status for _ in range(2)] == [CheckStatus.FAIL, CheckStatus.FAIL]


def test_rows_that_wait_for_a_seal_for_a_day_warn(run: Run, engine: Engine, alice: UUID) -> None:
    assert run(NAME, ALL).status is CheckStatus.OK
    with engine.connect() as conn:
        facts = audit_chain.gather(conn, None)  # type: ignore[arg-type]
    since = min(log.unsealed_since for log in facts.logs if log.unsealed_since)
    for late, status in ((timedelta(0), "ok"), (timedelta(microseconds=1), "warn")):
        now = since + audit_chain.SEALED_WITHIN + late
        judged = audit_chain.judge(audit_chain.Facts(now=now, logs=facts.logs, anchors={}))
        assert judged.status == status
    assert [v.subject.item for v in judged.variances] == ["ledger_event unsealed"]
