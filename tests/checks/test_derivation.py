"""Categories B and D and the replay on a real ledger: sound, empty, and broken in each way a check is there to find."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from checks import pending_flow
from checks.check import CheckBook, CheckStatus, Subject
from tests.checks.conftest import Run, Tamper
from tests.ledger.builders import TODAY, YESTERDAY, Ledger

NAMES = ("wallet_derivation", "account_totals", "snapshot_reconcile", "pending_flow_age")


@pytest.fixture
def wallet(ledger: Ledger, float_account: UUID) -> UUID:
    """The wallet of customer C-1: 80.00 USD today, 100.00 yesterday, with a snapshot of that; 5.00 are on their way."""
    customer = ledger.customer("C-1")
    account = ledger.wallet(customer)
    ledger.transfer(float_account, account, "100.00", booked_on=YESTERDAY)
    ledger.transfer(account, float_account, "20.00", booked_on=TODAY)
    ledger.snapshot(account, YESTERDAY)
    ledger.flow(customer, "5.00")
    return account


@pytest.mark.parametrize("name", NAMES)
def test_a_sound_ledger_is_ok(run: Run, wallet: UUID, name: str) -> None:
    result = run(name)
    assert (result.status, result.variances) == (CheckStatus.OK, ())
    assert result.metrics["examined_count"] > 0


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_book_says_that_nothing_was_examined(run: Run, wallet: UUID, name: str) -> None:
    result = run(name, CheckBook.INDIA)
    assert (result.status, result.metrics["examined_count"]) == (CheckStatus.OK, 0)
    assert result.summary.startswith("Nothing was examined")


def test_a_wallet_credited_without_an_entry_fails(run: Run, wallet: UUID, tamper: Tamper) -> None:
    tamper("update wallet set balance = balance + 250")
    result = run("wallet_derivation")
    (variance,) = result.variances
    assert result.status is CheckStatus.FAIL
    assert variance.subject == Subject(account_id=wallet, customer="C-1", currency="USD")
    assert (variance.expected, variance.actual, variance.difference) == (80_00, 82_50, 2_50)


def test_a_wallet_in_an_account_that_is_no_customers_fails(run: Run, wallet: UUID, tamper: Tamper) -> None:
    tamper(f"update account set type = 'asset' where id = '{wallet}'")  # noqa: S608
    assert run("wallet_derivation").status is CheckStatus.FAIL


OFF = {
    "a balance changed": ("update account_balance set balance = balance + 1 where balance > 0", 80_00, 80_01, None),
    "a balance gone": (
        "delete from account_balance where balance > 0", 80_00, 0, "The account has no stored balance.",
    ),
    "lines lost": ("delete from journal_line where abs(amount) = 2000 and amount < 0", 100_00, 80_00, None),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "expected", "actual", "note"), OFF.values(), ids=OFF)
def test_an_account_that_is_not_the_sum_of_its_lines_fails(
    run: Run, wallet: UUID, tamper: Tamper, statement: str, expected: int, actual: int, note: str | None
) -> None:
    tamper(statement)
    result = run("account_totals")
    (variance,) = result.variances
    assert result.status is CheckStatus.FAIL
    assert variance.subject.account_id == wallet
    assert (variance.expected, variance.actual, variance.note) == (expected, actual, note)


def test_lines_of_an_account_that_does_not_exist_are_found(run: Run, wallet: UUID, tamper: Tamper) -> None:
    ghost = uuid4()
    tamper(f"update journal_line set account_id = '{ghost}' where amount = -2000")  # noqa: S608
    found = {v.subject.account_id: v.difference for v in run("account_totals").variances}
    assert found == {ghost: 20_00, wallet: -20_00}


def test_a_snapshot_that_nothing_explains_fails(run: Run, wallet: UUID, tamper: Tamper) -> None:
    tamper("update balance_snapshot set balance = balance - 1")
    result = run("snapshot_reconcile")
    (variance,) = result.variances
    assert result.status is CheckStatus.FAIL
    assert variance.subject == Subject(account_id=wallet, customer="C-1", currency="USD", on=YESTERDAY)
    assert (variance.expected, variance.actual, variance.explained, variance.unexplained) == (100_00, 99_99, 0, -1)


def test_entries_booked_back_after_the_snapshot_explain_it(
    run: Run, ledger: Ledger, wallet: UUID, float_account: UUID, tamper: Tamper
) -> None:
    late = ledger.transfer(float_account, wallet, "7.00", booked_on=YESTERDAY)
    result = run("snapshot_reconcile")
    (variance,) = result.variances
    assert result.status is CheckStatus.WARN
    assert (variance.difference, variance.explained, variance.unexplained) == (-7_00, -7_00, 0)
    assert variance.note == f"Booked on or before this day after the snapshot was taken: entry {late.id}."
    tamper("update balance_snapshot set balance = balance + 1")
    (variance,) = run("snapshot_reconcile").variances
    assert (variance.difference, variance.explained, variance.unexplained) == (-6_99, -7_00, 1)
    ledger.snapshot(wallet, YESTERDAY, replaces=True)
    assert run("snapshot_reconcile").status is CheckStatus.OK


def test_an_account_left_out_of_the_latest_snapshots_warns(run: Run, ledger: Ledger, wallet: UUID) -> None:
    other = ledger.open()
    ledger.snapshot(other, YESTERDAY - timedelta(days=3))
    result = run("snapshot_reconcile")
    assert result.status is CheckStatus.WARN
    assert [(v.subject.account_id, v.actual, v.unit) for v in result.variances] == [(other, 3, "days")]


def flow(opened_on: date) -> pending_flow.Flow:
    return pending_flow.Flow(
        id=7,
        customer="C-1",
        kind="deposit",
        amount=5_00,
        currency="USD",
        opened_on=opened_on,
        source_system="bank",
        source_txn_id="B1",
    )


@pytest.mark.parametrize(
    ("days", "status"),
    [(0, "ok"), (2, "ok"), (3, "warn"), (4, "warn"), (6, "warn"), (7, "fail"), (8, "fail")],
)
def test_a_pending_flow_warns_after_three_days_and_fails_after_seven(days: int, status: str) -> None:
    judged = pending_flow.judge(pending_flow.Facts(as_of=TODAY, flows=(flow(TODAY - timedelta(days=days)),)))
    assert judged.status == status
    assert [v.actual for v in judged.variances] == ([days] if status != "ok" else [])


def test_an_old_flow_is_named_with_its_source_until_it_ends(run: Run, ledger: Ledger, wallet: UUID) -> None:
    opened = ledger.flow(
        ledger.customer("C-2"),
        "9.50",
        opened_at=datetime(2026, 3, 23, 23, 59, tzinfo=UTC),
        source_system="bank",
        source_txn_id="B9",
    )
    result = run("pending_flow_age")
    (variance,) = result.variances
    assert (result.status, variance.actual, variance.unit) == (CheckStatus.FAIL, 8, "days")
    assert (variance.subject.customer, variance.subject.source_txn_id) == ("C-2", "B9")
    assert variance.note == "A deposit of 9.50 USD, open for 8 days."
    ledger.settle(opened.id)
    assert run("pending_flow_age").status is CheckStatus.OK
    assert run("pending_flow_age", as_of=YESTERDAY).status is CheckStatus.FAIL


def test_a_replay_finds_what_no_event_says(run: Run, wallet: UUID, tamper: Tamper) -> None:
    sound = run("projection_replay", CheckBook.ALL)
    assert (sound.status, sound.metrics["entry_count"]) == (CheckStatus.OK, 2)
    tamper("update wallet set balance = balance + 1")
    result = run("projection_replay", CheckBook.ALL)
    (variance,) = result.variances
    assert result.status is CheckStatus.FAIL
    assert (variance.subject.item, variance.actual, variance.unit) == ("wallet", 2, "rows")
    assert str(wallet) in str(variance.note)
