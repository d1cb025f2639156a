"""A small ledger, a way to run one check on it, and a way to break it as only a superuser can."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import URL, Engine

from checks import CHECKS
from checks.check import CheckBook, ReconCheckResult
from checks.runner import run_check
from recon.model.ledger import AccountType
from tests.ledger.builders import TABLES, TODAY, Ledger
from tests.server import TestServer

Run = Callable[..., ReconCheckResult]
Tamper = Callable[..., None]


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine)


@pytest.fixture
def float_account(ledger: Ledger) -> UUID:
    return ledger.open(AccountType.LIABILITY, overdraft=True)


@pytest.fixture
def alice(ledger: Ledger, float_account: UUID) -> UUID:
    """An account with 450.00 USD: funded with 500, paid 100 to Bob, got 50 back."""
    alice, bob = ledger.open(), ledger.open()
    ledger.transfer(float_account, alice, "500.00", source_system="bank", source_txn_id="B1")
    ledger.transfer(alice, bob, "100.00", source_system="app", source_txn_id="A1")
    ledger.transfer(bob, alice, "50.00", source_system="app", source_txn_id="A2")
    return alice


@pytest.fixture
def run(engine: Engine) -> Run:
    """`run("trial_balance_zero")` runs that check on a book and records it."""

    def one(name: str, book: CheckBook = CheckBook.UAE, *, as_of: date = TODAY, **more: Any) -> ReconCheckResult:
        check = next(check for check in CHECKS if check.name == name)
        return run_check(engine, check, book, as_of=as_of, requested_by="ana", **more)

    return one


@pytest.fixture
def tamper(postgres: TestServer, database: URL) -> Tamper:
    """Statements that the database refuses everyone but a superuser who took its guards down."""

    def break_it(*statements: str) -> None:
        with postgres.superuser(str(database.database)) as connection:
            for table in TABLES:
                connection.execute(f"alter table {table} disable trigger all")
            for statement in statements:
                connection.execute(statement)

    return break_it
