"""Category A on a real ledger: sound, empty, and broken in each way a check is there to find."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from checks.check import CheckBook, CheckStatus, Subject
from tests.checks.conftest import Run, Tamper
from tests.ledger.builders import TODAY, Ledger

NAMES = ("trial_balance_zero", "journal_line_completeness", "source_txn_uniqueness", "dr_cr_sign_convention")


@pytest.mark.parametrize("name", NAMES)
def test_a_sound_ledger_is_ok(run: Run, alice: UUID, name: str) -> None:
    result = run(name)
    assert (result.status, result.variances) == (CheckStatus.OK, ())
    assert result.metrics["examined_count"] > 0
    assert result.summary.endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_book_says_that_nothing_was_examined(run: Run, alice: UUID, name: str) -> None:
    result = run(name, CheckBook.INDIA)
    assert (result.status, result.metrics["examined_count"]) == (CheckStatus.OK, 0)
    assert result.summary.startswith("Nothing was examined")


def test_a_line_changed_makes_its_entry_and_nothing_else_a_variance(run: Run, alice: UUID, tamper: Tamper) -> None:
    tamper("update journal_line set amount = amount + 7 where amount = 10000")
    result = run("trial_balance_zero")
    (variance,) = result.variances
    assert result.status is CheckStatus.FAIL
    assert (variance.subject.source_system, variance.subject.source_txn_id) == ("app", "A1")
    assert (variance.expected, variance.actual, variance.difference, variance.unit) == (0, 7, 7, "USD")
    assert result.metrics["journal_difference"] == {"USD": "7"}


def test_a_stored_balance_changed_breaks_the_trial_balance_of_its_currency(
    run: Run, alice: UUID, tamper: Tamper
) -> None:
    tamper("update account_balance set balance = balance - 300 where protected_side = 0")
    (variance,) = run("trial_balance_zero").variances
    assert variance.subject == Subject(currency="USD", item="balances")
    assert variance.difference == -300


def test_entries_booked_after_the_day_do_not_count(run: Run, alice: UUID, tamper: Tamper) -> None:
    tamper("update journal_line set amount = amount + 7, booked_on = '2026-04-01' where amount = 10000")
    assert run("trial_balance_zero", as_of=TODAY).variances[0].actual == -100_00  # its other line is still on the day
    assert run("trial_balance_zero", as_of=TODAY + timedelta(days=1)).variances[0].actual == 7


INCOMPLETE = {
    "a line gone": ("delete from journal_line where amount = 10000", 2, 1),
    "both lines gone": ("delete from journal_line where abs(amount) = 10000", 2, 0),
    "a line on another day": ("update journal_line set booked_on = '2020-01-01' where amount = 10000", 2, 1),
    "a number skipped": ("update journal_line set line_no = 9 where amount = 10000", 2, 1),
    "a line too many": (
        """insert into journal_line select entry_id, 3, account_id, book, booked_on, currency, 1
           from journal_line where amount = 10000""",
        2,
        3,
    ),
    "an entry gone": (
        """with gone as (delete from journal_line where abs(amount) = 10000 returning entry_id)
           delete from journal_entry where id in (select entry_id from gone)""",
        2,
        0,
    ),
}


@pytest.mark.parametrize(("statement", "expected", "actual"), INCOMPLETE.values(), ids=INCOMPLETE)
def test_an_entry_that_is_not_whole_is_found(
    run: Run, alice: UUID, tamper: Tamper, statement: str, expected: int, actual: int
) -> None:
    tamper(statement)
    result = run("journal_line_completeness")
    (variance,) = result.variances
    assert result.status is CheckStatus.FAIL
    assert (variance.expected, variance.actual, variance.unit) == (expected, actual, "lines")
    assert variance.subject.source_txn_id == "A1"


def test_an_entry_nobody_posted_is_found(run: Run, alice: UUID, tamper: Tamper) -> None:
    tamper(
        """insert into journal_entry select max(id) + 1, 'uae', '2026-03-31', 'ghost', 'G1', null, '{}'
           from ledger_event""",
        """insert into journal_line select e.id, l.line_no, l.account_id, 'uae', e.booked_on, 'USD', l.amount
           from journal_entry e, journal_line l where e.source_system = 'ghost' and abs(l.amount) = 5000""",
    )
    (variance,) = run("journal_line_completeness").variances
    assert (variance.subject.source_system, variance.expected, variance.actual) == ("ghost", 0, 2)


@pytest.mark.parametrize(
    ("name", "status"), [("A1", CheckStatus.FAIL), ("a1", CheckStatus.WARN), (" A1", CheckStatus.WARN)]
)
def test_a_transaction_booked_twice_fails_and_one_that_looks_the_same_warns(
    run: Run, alice: UUID, tamper: Tamper, name: str, status: CheckStatus
) -> None:
    tamper(
        "alter table journal_entry drop constraint journal_entry_book_source_system_source_txn_id_key",
        f"update journal_entry set source_txn_id = '{name}' where source_txn_id = 'A2'",  # noqa: S608
    )
    result = run("source_txn_uniqueness")
    (variance,) = result.variances
    assert result.status is status
    assert (variance.expected, variance.actual, variance.unit) == (1, 2, "entries")
    assert variance.subject.source_system == "app"


def test_a_transaction_booked_twice_and_reversed_once_is_ok(run: Run, ledger: Ledger, alice: UUID) -> None:
    bob = ledger.open()
    again = ledger.transfer(alice, bob, "1.00", source_system="app", source_txn_id="a1")
    assert run("source_txn_uniqueness").status is CheckStatus.WARN
    ledger.reverse(again.id)
    assert run("source_txn_uniqueness").status is CheckStatus.OK


def test_a_transfer_turned_round_is_found_at_both_its_ends(run: Run, alice: UUID, tamper: Tamper) -> None:
    tamper("update journal_line set amount = -amount where abs(amount) = 5000")
    result = run("dr_cr_sign_convention")
    assert result.status is CheckStatus.FAIL
    assert sorted((v.expected, v.actual) for v in result.variances) == [(-50_00, 50_00), (50_00, -50_00)]
    assert {v.subject.source_txn_id for v in result.variances} == {"A2"}


def test_a_protected_balance_beyond_zero_fails(run: Run, alice: UUID, tamper: Tamper) -> None:
    tamper(
        "alter table account_balance drop constraint account_balance_overdraft_check",
        f"update account_balance set balance = -1 where account_id = '{alice}'",  # noqa: S608
    )
    (variance,) = run("dr_cr_sign_convention").variances
    assert (variance.subject.account_id, variance.difference) == (alice, -1)


def test_money_spent_on_a_day_before_it_came_warns(run: Run, ledger: Ledger, alice: UUID, float_account: UUID) -> None:
    early = ledger.open()
    ledger.transfer(float_account, early, "5.00", booked_on=TODAY + timedelta(days=2))
    ledger.transfer(early, alice, "5.00", booked_on=TODAY)
    result = run("dr_cr_sign_convention")
    assert result.status is CheckStatus.WARN
    assert [(v.subject.account_id, v.actual) for v in result.variances] == [(early, -5_00)]
    assert run("dr_cr_sign_convention", as_of=TODAY + timedelta(days=2)).status is CheckStatus.OK
