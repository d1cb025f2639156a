"""Any account of the ledger is a table of transactions: what each entry moved it by, and nothing of other accounts."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from recon.connectors.ledger import NAME, LedgerAddress, fetch, period_of
from recon.model.account_period import AccountPeriod
from recon.model.ledger import AccountType, Book
from recon.model.transactions import TRANSACTION_SCHEMA
from tests.ledger.builders import TODAY, YESTERDAY, Ledger


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    """Float, Alice and Bob; Alice is funded yesterday, and pays Bob and a fee in one entry today."""
    made = Ledger(engine)
    bank = made.open(AccountType.LIABILITY, overdraft=True, metadata={"name": "Float"})
    alice, bob = (made.open(metadata={"name": name, "code": code}) for name, code in (("Alice", "A/1"), ("Bob", "B")))
    said = {"description": "Funding", "payment_ref": "PAY-1", "kind": "deposit", "group_id": "G", "counterparty": 7}
    made.transfer(bank, alice, "500", booked_on=YESTERDAY, source_system="bank", source_txn_id="T1", metadata=said)
    made.post(
        (alice, "-100", "USD"), (bob, "100", "USD"), (alice, "-1.50", "USD"), (bank, "1.50", "USD"), key="paid"
    )  # fmt: skip
    made.reverse(made.transfer(alice, bob, "7", key="wrong").id, key="undone")
    return made


def rows(ledger: Ledger, address: str) -> list[dict[str, Any]]:
    table = fetch(ledger.engine, address).table
    assert table.schema == TRANSACTION_SCHEMA
    return table.to_pylist()  # type: ignore[no-any-return]


def test_an_entry_is_a_row_of_what_it_moved_the_account_by(ledger: Ledger) -> None:
    found = rows(ledger, "uae/Alice")
    assert [(row["line"], row["txn_id"], row["date"], row["amount"], row["kind"]) for row in found] == [
        (1, "T1", YESTERDAY, 500_00, "deposit"),
        (2, "paid", TODAY, -101_50, "entry"),
        (3, "wrong", TODAY, -7_00, "transfer"),
        (4, "undone", TODAY, 7_00, "reversal"),
    ]
    assert {row["currency"] for row in found} == {"USD"}


def test_metadata_says_more_and_the_one_other_account_is_the_counterparty(ledger: Ledger) -> None:
    funded, paid, *_ = rows(ledger, "uae/Alice")
    told = ("description", "payment_ref", "group_id", "counterparty")
    assert [funded[name] for name in told] == ["Funding", "PAY-1", "G", "Float"]
    assert [paid[name] for name in told] == [None, None, None, None]


def test_days_are_included_and_accounts_added_up_to_a_table(ledger: Ledger) -> None:
    assert len(rows(ledger, f"uae/Alice?from={YESTERDAY}&to={YESTERDAY}")) == 1
    assert len(rows(ledger, f"uae/Alice?from={TODAY}")) == 3
    assert rows(ledger, "uae/Alice?to=2026-01-01") == []
    assert sum(row["amount"] for row in rows(ledger, "uae?account=Alice&account=Bob&account=Float")) == 0


def test_an_account_goes_by_id_code_or_name(ledger: Ledger) -> None:
    assert rows(ledger, "uae/A%2F1") == rows(ledger, "uae?account=A/1") == rows(ledger, "uae/Alice")
    carol = ledger.open()
    assert rows(ledger, f"uae/{str(carol).upper()}") == []


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("mars/Alice", "no book 'mars'"),
        ("uae", "names no account"),
        ("uae/Nobody", "no account 'Nobody'"),
        ("india/Alice", "no account 'Alice'"),
        ("uae/Alice?from=yesterday", "'yesterday' is no day"),
        ("uae/Alice?from=2026-03-02&to=2026-03-01", "2026-03-02 is after 2026-03-01"),
        ("uae/Alice?since=2026-01-01", "it says since"),
        ("uae/Twin", "2 accounts go by 'Twin'"),
        ("uae/' or true --", "no account"),
    ],
)
def test_an_address_that_leads_nowhere_is_told(ledger: Ledger, address: str, problem: str) -> None:
    for _ in range(2):
        ledger.open(metadata={"name": "Twin"})
    with pytest.raises(LedgerAddress, match=problem):
        fetch(ledger.engine, address)


def test_an_address_says_all_of_its_period() -> None:
    period = AccountPeriod(
        book=Book.INDIA,
        accounts=(str(UUID(int=7)), "Ü & co?"),
        first_on=date(2026, 3, 1),
        last_on=date(2026, 3, 31),
    )
    assert period_of(period.address.removeprefix(f"{NAME}:")) == period
