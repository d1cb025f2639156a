"""Seals: they hold over what was written, whoever writes meanwhile, and break on whatever is done to it after."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import URL, Engine, text

from recon.store import audit, audit_seal
from recon.store.audit_seal import LogState
from recon.workflows.seal_logs import seal_logs, verify_logs
from tests.server import TestServer


@pytest.fixture
def sealed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Nine audit rows under three seals, and a tenth without one."""
    monkeypatch.setattr(audit_seal, "SEAL_ROWS", 4)
    monkeypatch.setattr(audit_seal, "BATCH", 3)
    write(engine, 9)
    assert [seal.row_count for seal in seal_logs(engine)] == [4, 4, 1]
    write(engine, 1)
    return engine


def write(engine: Engine, count: int) -> None:
    for number in range(count):
        with engine.begin() as conn:
            audit.record(
                conn,
                actor='O"Hara\n',
                action="upload_received",
                subject=f"upload {number}",
                detail={"b": 1.5, "a": "é"},
            )


def state(engine: Engine, **anchors: str) -> LogState:
    noted = {log: {head: "earlier"} for log, head in anchors.items()}
    return next(log for log in verify_logs(engine, anchors=noted) if log.log == "audit_event")


def test_seals_hold_over_what_was_written(sealed: Engine) -> None:
    found = state(sealed)
    assert (found.problem, found.sealed_count, found.unsealed_count, found.seal_count) == (None, 9, 1, 3)
    assert found.unsealed_since is not None


def test_an_empty_log_is_not_sealed(engine: Engine) -> None:
    assert seal_logs(engine) == ()
    assert {(log.problem, log.head, log.sealed_count) for log in verify_logs(engine)} == {(None, None, 0)}


def test_sealing_again_seals_only_what_is_new(sealed: Engine) -> None:
    assert [seal.row_count for seal in seal_logs(sealed)] == [1]
    assert seal_logs(sealed) == ()


TAMPERED = {
    "a row changed": (["update audit_event set actor = 'someone else' where id = 6"], "Rows were changed", 5, 0),
    "a byte of its detail": (
        ['update audit_event set detail = \'{"a": "e", "b": 1.5}\' where id = 9'],
        "changed",
        9,
        0,
    ),
    "a time moved": (["update audit_event set at = at + interval '1 microsecond' where id = 1"], "changed", 1, 0),
    "a row removed": (["delete from audit_event where id = 2"], "removed or slipped in", 1, -1),
    "a row removed between": (["delete from audit_event where id = 5"], "removed or slipped in", 5, -1),
    "two rows swapped": (
        ["update audit_event set subject = case id when 1 then 'upload 1' else 'upload 0' end where id in (1, 2)"],
        "Rows were changed",
        1,
        0,
    ),
    "a seal removed": (["delete from audit_seal where first_id = 5"], "A seal is missing", 5, 0),
    "a seal and its rows removed": (
        ["delete from audit_seal where first_id = 5", "delete from audit_event where id between 5 and 8"],
        "A seal is missing",
        5,
        0,
    ),
    "a row slipped in before the first": (
        [
            "insert into audit_event (id, actor, action, subject) overriding system value"
            " values (-3, 'x', 'upload_received', 'upload 0')"
        ],
        "Rows appeared between two seals",
        -3,
        1,
    ),
    "two seals swapped": (
        [
            "update audit_seal set first_id = first_id + 100, last_id = last_id + 100 where first_id = 1",
            "update audit_seal set first_id = 1, last_id = 4 where first_id = 5",
            "update audit_seal set first_id = 5, last_id = 8 where first_id = 101",
        ],
        "A seal is missing",
        1,
        0,
    ),
    "the log emptied": (["truncate audit_event"], "Rows were removed or slipped in", 1, -4),
    "a seal made to fit": (
        [
            "update audit_event set actor = 'x' where id = 1",
            "update audit_seal set digest = repeat('0', 64) where id = 1",
        ],
        "Rows were changed",
        1,
        0,
    ),
}


@pytest.mark.parametrize(("statements", "problem", "broken_from", "difference"), TAMPERED.values(), ids=TAMPERED)
def test_tampering_is_found_and_placed(
    sealed: Engine,
    postgres: TestServer,
    database: URL,
    statements: list[str],
    problem: str,
    broken_from: int,
    difference: int,
) -> None:
    _force(postgres, database, statements)
    found = state(sealed)
    assert problem in str(found.problem)
    assert (found.broken_from, found.row_difference) == (broken_from, difference)


def test_a_tail_that_was_cut_off_with_its_seals_is_found_by_the_head_recorded_elsewhere(
    sealed: Engine, postgres: TestServer, database: URL
) -> None:
    head = state(sealed).head
    assert head is not None
    _force(postgres, database, ["delete from audit_seal where first_id = 9", "delete from audit_event where id >= 9"])
    assert state(sealed).problem is None  # by itself the chain is whole
    found = state(sealed, audit_event=head)
    assert (str(found.problem), found.broken_from) == (
        "The newest seals are gone: the head recorded earlier is not in the chain.",
        9,
    )


def test_those_who_write_while_logs_are_sealed_lose_nothing_and_many_may_seal(engine: Engine) -> None:
    with ThreadPoolExecutor(5) as pool:
        writing = [pool.submit(write, engine, 30) for _ in range(3)]
        sealing = [pool.submit(seal_logs, engine) for _ in range(12)]
        for task in (*writing, *sealing):
            task.result()
    seal_logs(engine)
    found = state(engine)
    assert (found.problem, found.sealed_count, found.unsealed_count) == (None, 90, 0)


def test_a_row_that_is_not_committed_yet_is_never_behind_a_seal(engine: Engine) -> None:
    write(engine, 1)
    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as slow:
            audit.record(slow, actor="slow", action="upload_received", subject="upload 1")
            write(engine, 1)  # has a larger id, and is committed first
            sealing = pool.submit(seal_logs, engine)
            slow.execute(text("select pg_sleep(0.05)"))
        sealing.result()
    found = state(engine)
    assert (found.problem, found.sealed_count) == (None, 3)


def _force(postgres: TestServer, database: URL, statements: list[str]) -> None:
    with postgres.superuser(str(database.database)) as connection:
        for table in ("audit_event", "audit_seal"):
            connection.execute(f"alter table {table} disable trigger all")
        for statement in statements:
            connection.execute(statement)
