"""A slot of a check has one result, however often it is begun; one that breaks every time is an error that is told."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine, select

from checks import CHECKS
from checks.schedule import TIMETABLE, record_given_up, run_slot
from recon.store.alert_tables import alert
from recon.store.check_tables import check_run
from recon.store.schedules import SlotClaim

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)


def slot(name: str = "trial_balance_zero", *, attempt: int = 1) -> SlotClaim:
    return SlotClaim(slot_id=1, attempt=attempt, check_name=name, book="uae", slot_at=AT)


def results(engine: Engine) -> list[tuple[object, ...]]:
    with engine.connect() as conn:
        query = select(check_run.c.check_name, check_run.c.slot, check_run.c.as_of, check_run.c.status)
        return [tuple(row) for row in conn.execute(query)]


def alerts(engine: Engine) -> list[str]:
    with engine.connect() as conn:
        return list(conn.execute(select(alert.c.payload["new_status"].astext)).scalars())


def test_the_timetable_has_every_check_in_each_of_its_books() -> None:
    expected = {(check.name, book) for check in CHECKS for book in check.line.books}
    assert {(check.check_name, check.book) for check in TIMETABLE.checks} == expected
    assert len(TIMETABLE.checks) == len(expected)


def test_a_slot_begun_twice_has_one_result(engine: Engine) -> None:
    run_slot(engine, slot())
    run_slot(engine, slot(attempt=2))
    assert results(engine) == [("trial_balance_zero", AT, AT.date(), "ok")]


def test_a_slot_given_up_is_an_error_and_raises_an_alert(engine: Engine) -> None:
    with engine.begin() as conn:
        record_given_up(conn, slot())
    assert [row[3] for row in results(engine)] == ["error"]
    assert alerts(engine) == ["error"]


def test_a_slot_that_was_made_and_then_given_up_keeps_its_result(engine: Engine) -> None:
    run_slot(engine, slot())
    with engine.begin() as conn:
        record_given_up(conn, slot())
    assert [row[3] for row in results(engine)] == ["ok"]
    assert alerts(engine) == []


def test_a_slot_of_a_check_of_an_earlier_version_is_passed_over(engine: Engine) -> None:
    run_slot(engine, slot("check_of_yore"))
    with engine.begin() as conn:
        record_given_up(conn, slot("check_of_yore"))
    assert results(engine) == []
