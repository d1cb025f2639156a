"""A table opens and closes with what rows of it, or its running balances, say: the link to the feed's other files."""

from __future__ import annotations

import pytest

from recon.model.reading import Account
from tests.ingest.files import read_lines

ROWS = (
    "2026-03-02,10.00,110.00",
    "2026-03-03,-4.00,106.00",
    "2026-03-04,1.50,107.50",
    "2026-03-05,2.00,109.50",
)


def account(*, opening: int, closing: int, rows: int = 4, total: int = 950) -> tuple[Account, ...]:
    return (Account(number=None, currency="EUR", row_count=rows, total=total, opening=opening, closing=closing),)


@pytest.mark.parametrize("rows", [ROWS, ROWS[::-1]], ids=["oldest first", "newest first"])
def test_running_balances_give_the_balance_before_the_oldest_row_and_after_the_newest(rows: tuple[str, ...]) -> None:
    reading = read_lines("date,amount,balance\n" + "\n".join(rows), currency="EUR")
    assert reading.accounts == account(opening=10000, closing=10950)


def test_a_balance_stated_on_some_rows_reaches_over_those_without() -> None:
    first, second, third, last = ROWS
    rows = (first.rsplit(",", 1)[0] + ",", second, third, "2026-03-05,1.00,108.50", last.rsplit(",", 1)[0] + ",")
    reading = read_lines("date,amount,balance\n" + "\n".join(rows), currency="EUR")
    assert reading.accounts == account(opening=10000, closing=11050, rows=5, total=1050)


def test_rows_that_state_the_balances_count() -> None:
    reading = read_lines(
        """
        date,description,amount
        ,Opening balance,100.00
        2026-03-02,Coffee,10.00
        2026-03-03,Tea,-4.00
        ,Closing balance,106.00
    """,
        currency="EUR",
    )
    assert reading.accounts == account(opening=10000, closing=10600, rows=2, total=600)


def test_without_balances_there_is_no_account() -> None:
    assert read_lines("date,amount\n2026-03-02,10.00\n", currency="EUR").accounts == ()
