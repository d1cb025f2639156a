"""A side of a reconciliation taken from the ledger, as an operator does it."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from recon.model.ledger import AccountType
from recon.workflows import read_upload
from recon.workflows.store_reading import store_reading
from tests.ledger.builders import TODAY, YESTERDAY, Ledger
from tests.pages.conftest import Visit
from tests.pages.shown import text


@pytest.fixture(autouse=True)
def files_are_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_upload, "_read_in_child", store_reading)


def test_without_accounts_nothing_is_offered(visit: Visit) -> None:
    at = visit("reconcile")
    assert not at.exception
    assert "reference_ledger_use" not in [button.key for button in at.button]


def test_an_accounts_entries_are_a_side(visit: Visit, engine: Engine) -> None:
    ledger = Ledger(engine)
    bank, alice = ledger.open(AccountType.LIABILITY, overdraft=True), ledger.open(metadata={"name": "Alice"})
    for day in (YESTERDAY, TODAY):
        ledger.transfer(bank, alice, "5.00", booked_on=day)
    at = visit("reconcile")
    assert at.button(key="reference_ledger_use").disabled
    at.selectbox(key="reference_ledger_account").set_value(alice).run()
    at.date_input(key="reference_ledger_from").set_value(TODAY).run()
    at.button(key="reference_ledger_use").click().run()
    assert not at.exception
    assert at.query_params["reference"] == "1"
    assert "Ledger uae Alice from 2026\\-03\\-31\\.parquet" in text(at)
    assert "**1 row read** = 1 accepted" in text(at)


def test_days_in_the_wrong_order_are_told(visit: Visit, engine: Engine) -> None:
    alice = Ledger(engine).open(metadata={"name": "Alice"})
    at = visit("reconcile")
    at.selectbox(key="source_ledger_account").set_value(alice).run()
    at.date_input(key="source_ledger_from").set_value(TODAY).run()
    at.date_input(key="source_ledger_to").set_value(YESTERDAY).run()
    at.button(key="source_ledger_use").click().run()
    assert not at.exception
    assert "is after" in text(at)
