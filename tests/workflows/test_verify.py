"""Verifying: whatever is changed after the fact, in a log, a file or a row of the database, is found and named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, select, text

from recon.errors import RunNotPublished
from recon.model.decisions import DecisionKind, Member
from recon.model.people import Person, PersonRole
from recon.model.people_refusals import NotAllowed
from recon.model.rules import Rules
from recon.model.settlement import Ask, SeenRow, SettleMove
from recon.model.transactions import Side
from recon.model.triage import Resolution
from recon.queries.audit import last_verified
from recon.queries.kept import kept_runs
from recon.store import audit, decisions, open_items, reading_files
from recon.store.evidence import Evidence, reading_name
from recon.workflows import replay_run as replaying
from recon.workflows.manage_people import list_person
from recon.workflows.prepare_workbench import prepare_workbench
from recon.workflows.receive_upload import receive_upload
from recon.workflows.save_rules import save_rules
from recon.workflows.seal_logs import seal_logs
from recon.workflows.settle_rows import settle_rows
from recon.workflows.submit_run import rerun
from recon.workflows.undo_settlement import undo_settlement
from recon.workflows.verify import LogUnknown, Verified, verify
from tests.server import TestServer
from tests.workflows.pool import Pool, row
from tests.workflows.sides import SOURCE, submit_both, table
from tests.workflows.test_execute_run import execute


@pytest.fixture
def desk(engine: Engine, evidence: Evidence) -> int:
    """One published run, everything sealed; its number."""
    run_id = submit_both(engine, evidence)
    execute(engine, evidence, run_id)
    seal_logs(engine)
    return run_id


def check(engine: Engine, evidence: Evidence, **asked: object) -> Verified:
    return verify(engine, evidence, actor="ana", **asked)  # type: ignore[arg-type]


def spoil(owner: Engine, table: str, statement: str) -> None:
    """Change history as only who owns the tables can."""
    with owner.begin() as conn:
        conn.execute(text(f"alter table {table} disable trigger user"))
        conn.execute(text(statement))


def test_what_nobody_touched_is_sound(engine: Engine, evidence: Evidence, desk: int) -> None:
    found = check(engine, evidence)
    assert found.problems == ()
    assert [one.run_id for one in found.replays if one.is_same] == [desk]
    assert found.evidence.file_count == 2 + 2 * 4 + 4
    assert set(found.heads) == {"audit_event"}


def test_what_was_found_is_itself_in_the_log(engine: Engine, evidence: Evidence, desk: int) -> None:
    heads = check(engine, evidence).heads
    event = last_verified(engine)
    assert event is not None
    assert (event.actor, event.detail["sound"], event.detail["heads"]) == ("ana", True, heads)


def test_an_empty_desk_is_sound_and_says_so(engine: Engine, evidence: Evidence) -> None:
    found = check(engine, evidence)
    assert (found.problems, found.replays, found.evidence.file_count) == ((), (), 0)


SPOILT: dict[str, tuple[str, str, str]] = {
    "an event's actor": ("audit_event", "update audit_event set actor = 'x' where id = 1", "audit_event: Rows were"),
    "an event removed": ("audit_event", "delete from audit_event where id = 2", "audit_event: Rows were removed"),
    "a result's digest": ("run", "update run set digest = repeat('0', 64)", "The digest of run 1 is not"),
    "the rules": (
        "run",
        "update run set rules = jsonb_set(rules, '{days_after}', '30')",
        "The manifest of run 1 and the database do not say the same",
    ),
    "the manifest": ("run", "update run set manifest = manifest - 'runs/1/1/matches.parquet'", "The manifest of run 1"),
    "a discrepancy's amount": (
        "discrepancy",
        "update discrepancy set amount = 0 where id = 1",
        "Discrepancy 1 of run 1 is not what its evidence says: its amount differs.",
    ),
    "a discrepancy hidden": (
        "discrepancy",
        "delete from discrepancy where id = 2",
        "Run 1 has 2 discrepancies in the database, and 3 in its evidence.",
    ),
    "a discrepancy's text": (
        "discrepancy",
        "update discrepancy set counterparty = null, description = 'nothing' where id = 3",
        "Discrepancy 3 of run 1 is not what its evidence says: its description differs.",
    ),
    "the proof": (
        "run_proof",
        "update run_proof set source_total = source_total + 1, unexplained = 0 where currency = 'EUR'",
        "The totals in the proof of run 1 are not those of its rows.",
    ),
    "a discrepancy resolved by nobody": (
        "discrepancy",
        "update discrepancy set status = 'resolved', resolution = 'timing', resolved_by = 'ana' where id = 1",
        "Discrepancy 1 of run 1 is not as its last event left it.",
    ),
    "a reading's rejects": (
        "reading",
        "update reading set rows_read = rows_read + 5, rows_rejected = 5 where id = 1",
        "The rows of reading",
    ),
    "somebody made an administrator": (
        "person",
        "insert into person (name, role) values ('ana', 'admin')",
        "What ana may do is not as the audit log has it.",
    ),
}


@pytest.mark.parametrize(("table", "statement", "said"), SPOILT.values(), ids=SPOILT)
def test_a_change_in_the_database_is_named(
    engine: Engine, owner: Engine, evidence: Evidence, desk: int, table: str, statement: str, said: str
) -> None:
    spoil(owner, table, statement)
    found = check(engine, evidence)
    assert found.problems[0].startswith(said)


def delete(path: Path) -> None:
    path.unlink()


def flip(path: Path) -> None:
    """One bit of one byte in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_decision_that_was_rewritten_is_named(engine: Engine, owner: Engine, evidence: Evidence) -> None:
    pool = Pool(engine=engine, evidence=evidence)
    pool.run([row("A", 100), row("G", 70)], [row("A", 100), row("H", 75)])
    with engine.begin() as conn:
        open_items.lock(conn, pool.id)
        members = [
            Member(side=Side(item.side), fingerprint=item.fingerprint, amount=item.amount, currency=item.currency)
            for item in pool.items()
        ]
        decisions.add(
            conn,
            reconciliation_id=pool.id,
            kind=DecisionKind.NEVER_PAIR,
            members=members,
            reason="different customers",
            actor="ana",
            action_key="k1",
        )
    seal_logs(engine)
    assert check(engine, evidence).is_sound
    spoil(owner, "decision_member", "update decision_member set amount = 71 where side = 'source'")
    assert check(engine, evidence).problems[0].startswith("decision: Rows were changed since they were sealed.")


def test_rules_and_names_of_files_that_were_rewritten_are_named(
    engine: Engine, owner: Engine, evidence: Evidence, desk: int, tmp_path: Path
) -> None:
    (tmp_path / "march.csv").write_text("date,amount,currency\n2026-03-02,1.00,EUR\n")
    number = receive_upload(engine, evidence, tmp_path / "march.csv", filename="march.csv", actor="ana").upload.id
    save_rules(
        engine, reconciliation="Bank vs ledger", rules=Rules(days_after=2), after=0, note="Slow bank", actor="ana"
    )
    assert check(engine, evidence).is_sound
    spoil(owner, "upload", "update upload set filename = 'april.csv'")
    spoil(
        owner, "reconciliation_rules", "update reconciliation_rules set rules = jsonb_set(rules, '{days_after}', '9')"
    )
    assert check(engine, evidence).problems == (
        "Version 1 of the rules of reconciliation 1 is not what was saved.",
        f"Upload {number} is not as the audit log has it.",
    )


def test_a_decision_taken_back_or_put_back_into_force_past_the_log_is_named(
    engine: Engine, owner: Engine, evidence: Evidence, desk: int
) -> None:
    prepare_workbench(engine, evidence, desk)
    ask = Ask(
        run_id=desk,
        move=SettleMove.IGNORE,
        rows=(SeenRow(side=Side.SOURCE, line=4, open_amount=4_200),),
        reason_code=Resolution.TIMING,
        reason="Next month.",
        action_key="i1",
    )
    number = settle_rows(engine, ask, actor="ana").decision_id
    spoil(owner, "decision", "update decision set revoked_at = at, revoked_by = 'ana'")
    assert f"Decision {number} was taken back, and the audit log does not say so." in check(engine, evidence).problems
    spoil(owner, "decision", "update decision set revoked_at = null, revoked_by = null")
    undo_settlement(engine, number, actor="ana")
    assert check(engine, evidence).is_sound
    spoil(owner, "decision", "update decision set revoked_at = null, revoked_by = null")
    assert f"Decision {number} stands, and was taken back by the audit log." in check(engine, evidence).problems


def test_an_older_backup_is_found_by_what_the_evidence_has_noted(
    engine: Engine, evidence: Evidence, desk: int, postgres: TestServer, database: URL
) -> None:
    """The database as it was when only run 1 was there, with a chain that is whole."""
    seal_logs(engine)
    with engine.connect() as conn:
        sealed = conn.execute(text("select count(*) from audit_seal")).scalar_one()
    list_person(engine, Person(name="ana", role=PersonRole.ADMIN), actor="ana")
    seal_logs(engine)
    execute(engine, evidence, rerun(engine, evidence, desk, actor="ana").run_id)
    with postgres.superuser(str(database.database)) as connection:
        connection.execute("set session_replication_role = replica")
        for table in ("audit_event", "audit_seal", "person", "run"):
            connection.execute(f"alter table {table} disable trigger all")
        connection.execute("delete from person")
        connection.execute("delete from run where id = 2")
        connection.execute("delete from audit_seal where log = 'audit_event' and id > %s", [sealed])
        connection.execute(
            "delete from audit_event where id > (select max(last_id) from audit_seal where log = 'audit_event')"
        )
    problems = check(engine, evidence).problems
    assert problems[0].startswith("audit_event: The newest seals are gone: the head recorded with run 2 is not in")
    assert any(one.startswith("The evidence store has run 2, which the database does not know") for one in problems)


@pytest.mark.parametrize("pattern", ["blobs/*", "readings/*/*.parquet", "readings/*/reading.json", "runs/*/*/*"])
@pytest.mark.parametrize("harm", [delete, flip])
def test_any_file_that_is_gone_or_changed_is_named(
    engine: Engine, evidence: Evidence, desk: int, pattern: str, harm: Callable[[Path], None]
) -> None:
    for path in sorted(Path(evidence.url).glob(pattern)):
        content = path.read_bytes()
        harm(path)
        found = check(engine, evidence)
        name = path.relative_to(evidence.url).as_posix()
        assert any(name in one or "manifest of run" in one for one in found.problems), name
        path.write_bytes(content)
    assert check(engine, evidence).is_sound


def test_files_changed_together_with_the_list_of_their_digests_are_found_by_what_the_run_noted(
    engine: Engine, evidence: Evidence, desk: int
) -> None:
    key = kept_runs(engine)[0].keys[Side.SOURCE]
    digests = reading_files.digests(evidence, key)
    changed = table((("INV-1", SOURCE[0][1], 999, "EUR", "Kestrel Energy"), *SOURCE[1:]))
    digest = evidence.write_table(reading_name(key, reading_files.TRANSACTIONS), changed)
    document = evidence.read_json(reading_name(key, reading_files.DOCUMENT))
    evidence.write_json(
        reading_name(key, reading_files.DOCUMENT),
        document | {"files": digests | {reading_files.TRANSACTIONS: digest}},
    )
    assert check(engine, evidence).problems == (
        *(
            f"{part} of the reading that run 1 used was changed since it was written ({reading_name(key, part)})."
            for part in (reading_files.DOCUMENT, reading_files.TRANSACTIONS)
        ),
        "The totals in the proof of run 1 are not those of its rows.",
        "Run 1 done again does not give the result it published.",
    )


def test_a_head_noted_elsewhere_must_still_be_there(engine: Engine, evidence: Evidence, desk: int) -> None:
    heads = check(engine, evidence).heads
    assert check(engine, evidence, anchors=heads).is_sound
    found = check(engine, evidence, anchors={"audit_event": "0" * 64})
    assert "The newest seals are gone" in found.problems[0]
    with pytest.raises(LogUnknown, match="There is no log audit"):
        check(engine, evidence, anchors={"audit": "0"})


def test_only_one_run_can_be_verified_and_only_a_published_one(engine: Engine, evidence: Evidence, desk: int) -> None:
    other = submit_both(engine, evidence, source=table(SOURCE[:2]))
    with pytest.raises(RunNotPublished):
        check(engine, evidence, run_id=other)
    execute(engine, evidence, other)
    again = rerun(engine, evidence, desk, actor="ana").run_id
    execute(engine, evidence, again)
    found = check(engine, evidence, run_id=desk)
    assert ([one.run_id for one in found.replays], found.evidence.file_count) == ([desk], 2 + 2 * 4 + 4)
    assert [one.run_id for one in check(engine, evidence).replays] == [again]
    everything = check(engine, evidence, all_runs=True)
    assert [one.run_id for one in everything.replays if one.is_same] == [again, other, desk]


def test_a_run_with_open_items_and_decisions_can_be_done_again_whatever_came_after(
    engine: Engine, evidence: Evidence
) -> None:
    pool = Pool(engine=engine, evidence=evidence, source_due_days=3)
    pool.run([row("A", 100), row("B", 200), row("G", 70)], [row("A", 100), row("H", 75)])
    items = {item.description: item for item in pool.items()}
    with engine.begin() as conn:
        open_items.lock(conn, pool.id)
        members = [
            Member(side=Side(item.side), fingerprint=item.fingerprint, amount=item.amount, currency=item.currency)
            for item in (items["G"], items["H"])
        ]
        taken = decisions.add(
            conn,
            reconciliation_id=pool.id,
            kind=DecisionKind.NEVER_PAIR,
            members=members,
            reason="different customers",
            actor="ana",
            action_key="k1",
        )
    pool.run([row("C", 300, 9), row("Z", 5, 31)], [row("B", 200, 3), row("C", 300, 9)])
    with engine.begin() as conn:
        decisions.revoke(conn, taken, actor="ben")
        audit.record(conn, actor="ben", action="decision_taken_back", subject="run 2", detail={"decision": taken})
    pool.run([row("D", 300, 10)], [row("Z", 5, 31)])
    found = check(engine, evidence, all_runs=True)
    assert found.problems == ()
    assert [one.is_same for one in found.replays] == [True, True, True]


def test_a_result_of_another_engine_is_not_called_spoilt(
    engine: Engine, evidence: Evidence, desk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "engine_version", lambda: "another")
    monkeypatch.setattr(replaying, "result_digest", lambda *_: "other")
    found = check(engine, evidence)
    assert found.is_sound
    assert found.document()["not_comparable"] == {str(desk): "another version of the engine made it"}


def test_only_who_may_read_the_log_verifies(engine: Engine, evidence: Evidence) -> None:
    for name, role in (("root", PersonRole.ADMIN), ("olga", PersonRole.OPERATOR), ("aud", PersonRole.AUDITOR)):
        list_person(engine, Person(name=name, role=role), actor="root")
    with pytest.raises(NotAllowed):
        verify(engine, evidence, actor="olga")
    assert verify(engine, evidence, actor="aud").is_sound


def test_the_log_names_the_manifest_of_every_run(engine: Engine, desk: int) -> None:
    with engine.connect() as conn:
        manifest = conn.execute(select(text("manifest ->> 'runs/1/1/manifest.json' from run"))).scalar_one()
    assert kept_runs(engine)[0].told["manifest"] == manifest
