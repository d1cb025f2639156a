"""Running a check: recorded once with all it found, errors kept to themselves, variances followed from run to run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from checks import runner
from checks.check import (
    BOTH,
    Category,
    Check,
    CheckBook,
    CheckStatus,
    Judgement,
    ReconCheckResult,
    Scope,
    Subject,
    Variance,
)
from checks.runner import CheckSuperseded, run_check, run_checks, select
from recon.alerts import outbox
from recon.errors import TieoutError
from recon.model.checks import CatalogueLine
from recon.queries import checks as queries
from recon.queries.variances import VarianceFilter, variance_page
from recon.store import checks as store
from tests.checks.conftest import Run, Tamper
from tests.ledger.builders import TODAY

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
UAE = CheckBook.UAE
LINE = CatalogueLine(
    name="made_up",
    category=Category.INTERNAL,
    books=BOTH,
    must_hold="Whatever the test says.",
    guards_against="Nothing.",
    warns_when="Never.",
    fails_when="Never.",
    applies_to=(UAE,),
)


def cents(customer: str, actual: int, **more: Any) -> Variance:
    return Variance(subject=Subject(customer=customer), expected=0, actual=actual, unit="USD", **more)


def finding(*variances: Variance, status: CheckStatus = CheckStatus.FAIL, **unread: str) -> Judgement:
    return Judgement(status=status, summary="Found.", metrics={"examined_count": 3}, variances=variances, unread=unread)


def made_up(*answers: Judgement | Exception | str) -> Check[Any]:
    """A check that gives these answers, one a run: a judgement, an exception, or SQL to gather."""
    left = list(answers)

    def gather(conn: Connection, scope: Scope) -> object:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, str):
            conn.execute(text(answer))
        return answer

    return Check(line=LINE, gather=gather, judge=lambda facts: facts)


def go(engine: Engine, check: Check[Any], **more: Any) -> ReconCheckResult:
    return run_check(engine, check, **{"book": UAE, "as_of": TODAY, "requested_by": "ana"} | more)


def open_now(engine: Engine) -> dict[str | None, int]:
    return {row.subject.customer: row.actual for row in variance_page(engine, VarianceFilter())}


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    with capture_logs() as entries:
        yield entries


class Refused(TieoutError):
    pass


QUERY_FAILED = (
    "The check could not be carried out: its query to the database failed, or is out of reach. "
    "The log has the details, under error {}."
)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Refused("GTN is closed. Try later."), "GTN is closed. Try later."),
        (
            ZeroDivisionError("x"),
            "The check itself has a mistake (ZeroDivisionError). The log has the details, under error {}.",
        ),
        ("select * from no_such_table", QUERY_FAILED),
        ("delete from audit_event", QUERY_FAILED),  # a check may look and nothing else
    ],
)
def test_what_goes_wrong_is_an_error_of_that_check_alone(
    engine: Engine, logged: list[Any], answer: Exception | str, sentence: str
) -> None:
    ended = go(engine, made_up(answer))
    numbers = [entry["error_id"] for entry in logged]
    assert (ended.status, ended.summary) == (CheckStatus.ERROR, sentence.format(*numbers))
    assert ended.metrics == {"examined_count": 0}


def test_a_question_that_does_not_arise_in_a_book_is_ok_and_says_so(engine: Engine) -> None:
    ended = go(engine, made_up(), book=CheckBook.INDIA)
    assert ended.status is CheckStatus.OK
    assert ended.metrics == {"examined_count": 0, "not_applicable": True}
    assert ended.summary.startswith("Not applicable")


def test_a_variance_is_followed_from_new_to_fixed_and_opens_anew_when_it_comes_back(engine: Engine) -> None:
    check = made_up(
        finding(cents("ann", 5), cents("bob", 7)),
        finding(cents("bob", 8), cents("cy", -9)),
        finding(status=CheckStatus.OK),
        finding(cents("bob", 1)),
    )
    first, second = go(engine, check), go(engine, check)
    assert open_now(engine) == {"bob": 8, "cy": -9}
    since = queries.changes(engine, second.run_id)
    assert (since.previous_id, since.new_count, since.still_open_count, since.fixed_count) == (first.run_id, 1, 1, 1)
    assert [v.subject.customer for v in (*since.new, *since.fixed)] == ["cy", "ann"]
    bob = next(row for row in variance_page(engine, VarianceFilter()) if row.subject.customer == "bob")
    assert (bob.first_run_id, bob.last_run_id) == (first.run_id, second.run_id)
    go(engine, check)
    assert open_now(engine) == {}
    fourth = go(engine, check)
    again = variance_page(engine, VarianceFilter())
    assert [(row.id != bob.id, row.first_run_id) for row in again] == [(True, fourth.run_id)]
    assert len(variance_page(engine, VarianceFilter(is_fixed=True))) == 3


def test_an_error_and_a_customer_who_could_not_be_read_leave_variances_as_they_were(engine: Engine) -> None:
    check = made_up(
        finding(cents("ann", 5), cents("bob", 7)),
        ZeroDivisionError(),
        finding(status=CheckStatus.WARN, ann="Timed out."),
    )
    go(engine, check)
    go(engine, check)
    assert open_now(engine) == {"ann": 5, "bob": 7}
    last = go(engine, check)
    assert open_now(engine) == {"ann": 5}
    fixed = [queries.changes(engine, run_id).fixed for run_id in (last.run_id - 1, last.run_id)]
    assert [[v.subject.customer for v in found] for found in fixed] == [[], ["bob"]]
    metrics = queries.check_run_detail(engine, last.run_id).metrics
    assert (metrics["unread_count"], metrics["unread"]) == (1, {"ann": "Timed out."})


def test_a_run_for_an_earlier_day_and_one_that_ends_late_do_not_say_what_is_open_now(engine: Engine) -> None:
    check = made_up(finding(cents("ann", 5)), finding(status=CheckStatus.OK))
    go(engine, check)
    go(engine, check, as_of=TODAY - timedelta(days=1))
    assert open_now(engine) == {"ann": 5}
    with engine.begin() as conn:
        begun = [
            store.begin(conn, LINE, book=UAE, as_of=TODAY, requested_by="ana", slot=None) for _ in ("slow", "quick")
        ]
        for one, judgement in zip(reversed(begun), (finding(), finding(cents("bob", 7))), strict=True):
            assert one is not None
            store.finish(conn, one, judgement, duration_ms=1)
    assert open_now(engine) == {}


def test_a_slot_runs_once(engine: Engine) -> None:
    check = made_up(finding(cents("ann", 5)))
    first = go(engine, check, slot=NOON)
    assert go(engine, check, slot=NOON) == first  # it has no second answer to give
    assert len(queries.history(engine, check_name="made_up", book=UAE)) == 1


def test_a_run_that_was_taken_over_records_nothing(engine: Engine) -> None:
    def gather(conn: Connection, scope: Scope) -> Judgement:
        with engine.begin() as other:
            assert store.begin(other, LINE, book=UAE, as_of=TODAY, requested_by="bo", slot=NOON) is not None
        return finding(cents("ann", 5))

    check = Check(line=LINE, gather=gather, judge=lambda facts: facts)
    with pytest.raises(CheckSuperseded):
        go(engine, check, slot=NOON)
    assert open_now(engine) == {}
    assert queries.board(engine, [("made_up", UAE)])[0].at_work_since is not None


def test_a_changed_status_is_told_once(engine: Engine) -> None:
    fail, ok = finding(cents("ann", 5)), finding(status=CheckStatus.OK)
    told = []
    with engine.begin() as conn:
        for judgement in (ok, fail, fail, ok, finding(status=CheckStatus.ERROR)):
            begun = store.begin(conn, LINE, book=UAE, as_of=TODAY, requested_by="ana", slot=None)
            assert begun is not None
            told.append(store.finish(conn, begun, judgement, duration_ms=1))
    assert [change and (change.before, change.after, change.variance_count) for change in told] == [
        None,
        ("ok", "fail", 1),
        None,
        ("fail", "ok", 0),
        ("ok", "error", 0),
    ]


def test_a_changed_status_and_its_alert_are_written_together_or_not_at_all(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = made_up(finding(cents("ann", 5)), finding(status=CheckStatus.OK), finding(cents("bob", 5)))
    go(engine, check)
    go(engine, check)
    alerts = text("select kind, payload ->> 'new_status' from alert order by id")
    with engine.connect() as conn:
        assert conn.execute(alerts).all() == [("check.status_changed", "fail"), ("check.resolved", "ok")]

    def lose(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(outbox, "add", lose)
    with pytest.raises(ConnectionError):
        go(engine, check)
    assert open_now(engine) == {}
    assert len(queries.history(engine, check_name="made_up", book=UAE)) == 2


def test_a_query_that_takes_too_long_is_stopped(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "STATEMENT_TIMEOUT", "20ms")
    ended = go(engine, made_up("select pg_sleep(10)"))
    assert (ended.status, "took too long and was stopped" in ended.summary) == (CheckStatus.ERROR, True)


def test_the_same_subject_twice_is_a_mistake_of_the_check(engine: Engine) -> None:
    with pytest.raises(AssertionError):
        finding(cents("ann", 5), cents("ann", 6))


@pytest.mark.parametrize("statement", ["update check_run set status = 'ok'", "delete from check_run"])
def test_a_finished_run_stays_as_it_is(engine: Engine, statement: str) -> None:
    go(engine, made_up(finding(cents("ann", 5))))
    refusal = r"is finished and stays so|permission denied"
    with pytest.raises(DBAPIError, match=refusal), engine.begin() as conn:
        conn.execute(text(statement))


def test_a_broken_book_turns_one_cell_of_the_board_and_a_reversal_turns_it_back(
    engine: Engine, run: Run, alice: UUID, tamper: Tamper
) -> None:
    run("trial_balance_zero")
    tamper("update journal_line set amount = amount + 7 where amount = 10000")
    run("trial_balance_zero")
    cells = [("trial_balance_zero", UAE), ("trial_balance_zero", CheckBook.INDIA)]
    uae, india = queries.board(engine, cells)
    assert (uae.last and uae.last.status, uae.open_count, india.last) == ("fail", 1, None)
    assert [past.status for past in uae.strip] == ["ok", "fail"]
    tamper("update journal_line set amount = amount - 7 where amount = 10007")
    run("trial_balance_zero")
    assert [cell.open_count for cell in queries.board(engine, cells)] == [0, 0]


def test_many_checks_run_one_after_the_other_and_tell_where_they_are(engine: Engine) -> None:
    heard: list[tuple[str, int, int]] = []
    wanted = select(name="trial_balance_zero")
    results = run_checks(engine, wanted, as_of=TODAY, requested_by="ana", on_progress=lambda *said: heard.append(said))
    assert [result.book for result in results] == list(BOTH)
    assert heard == [
        ("trial_balance_zero, uae", 0, 2),
        ("trial_balance_zero, india", 1, 2),
        ("All checks", 2, 2),
    ]
