"""The Integrity page as an operator works with it: the board, one check, what it found, and making checks now."""

from __future__ import annotations

import time
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from checks import CHECKS
from checks.check import CheckBook, ReconCheckResult
from checks.runner import run_check
from recon.config import Settings
from recon.model.books import Book
from recon.model.ledger import AccountType
from recon.queries.checks import history
from recon.ui import guard
from recon.ui.integrity.running import on_demand
from recon.ui.pager import fingerprint
from tests.fakes.broker import TOKEN, FakeBroker, status
from tests.ledger.builders import TODAY, Ledger
from tests.pages.conftest import Visit
from tests.pages.shown import buttons, metrics
from tests.pages.shown import text as told
from tests.workflows.test_tie_out_broker import THEIRS

GTN = ("gtn_ledger_recon", "uae")


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine)


@pytest.fixture
def accounts(ledger: Ledger) -> tuple[UUID, UUID]:
    """A float, and Alice with 500.00 USD of it."""
    bank = ledger.open(AccountType.LIABILITY, overdraft=True, metadata={"name": "Float"})
    alice = ledger.open(metadata={"name": "Alice"})
    ledger.transfer(bank, alice, "500", booked_on=date(2026, 3, 1), source_system="stripe", source_txn_id="ch_1")
    return bank, alice


@pytest.fixture
def child_finds_the_database(database_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process the page starts reads its settings from the environment."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("RECON_HOME", str(settings.home))
    on_demand.clear()


def made(engine: Engine, name: str, book: CheckBook = CheckBook.UAE) -> ReconCheckResult:
    check = next(check for check in CHECKS if check.name == name)
    return run_check(engine, check, book, as_of=TODAY, requested_by="ana")


def spoil(owner: Engine, account: UUID, by: int) -> None:
    """Change a stored balance behind the ledger's back."""
    with owner.begin() as conn:
        changed = text("update account_balance set balance = balance + :by where account_id = :account")
        conn.execute(changed, {"by": by, "account": account})


def grid(at: AppTest, column: str) -> Any:
    return next(frame.value for frame in at.dataframe if column in frame.value)


def cell(at: AppTest, name: str, book: str = "uae") -> str:
    """What the board says of a check."""
    return at.button(key=f"open_{name}_{book}").label


def live(at: AppTest) -> AppTest:
    """Look again, as the page does by itself, until nothing is under way."""
    deadline = time.monotonic() + 60
    while any(bar.type == "progress" for bar in at.main):
        assert time.monotonic() < deadline
        time.sleep(0.1)
        at = at.run()
    return at


def compared(at: AppTest) -> AppTest:
    """The same, until the broker has answered."""
    deadline = time.monotonic() + 60
    while "so far" in told(at):
        assert time.monotonic() < deadline
        time.sleep(0.1)
        at = at.run()
    return at


def test_before_anything_ran_the_board_is_calm(visit: Visit) -> None:
    at = visit("integrity")
    assert not at.exception
    assert "Not run yet" in cell(at, "trial_balance_zero")
    assert "Not applicable" in cell(at, "lrs_viewtrade_tie_out")
    assert metrics(at)["Checks that hold"] == "0 of 23"
    assert at.button(key="run_failed").disabled
    for title in ("A · Internal integrity", "B · Derivation", "C · External", "D · Lifecycle"):
        assert title in told(at)
    assert "The sidecar is down (never seen)" in told(at)


def test_the_board_says_where_each_check_stands(
    visit: Visit, engine: Engine, owner: Engine, accounts: tuple[UUID, UUID]
) -> None:
    made(engine, "trial_balance_zero")
    made(engine, "pending_flow_age")
    made(engine, *GTN[:1])
    spoil(owner, accounts[1], 7)
    made(engine, "account_totals")
    at = visit("integrity")
    assert "Holds" in cell(at, "trial_balance_zero")
    assert "Nothing to check" in cell(at, "pending_flow_age")
    assert ":red[" in cell(at, "account_totals")
    assert "Fails · 1" in cell(at, "account_totals")
    assert "Not set up" in cell(at, "gtn_ledger_recon")
    assert "RECON\\_GTN\\_URL" in at.button(key="open_gtn_ledger_recon_uae").help
    assert metrics(at)["Fail"] == "1"
    assert metrics(at)["Could not be made"] == "0"
    assert metrics(at)["Open variances"] == "1"
    assert not at.button(key="run_failed").disabled


def test_a_check_opens_with_what_it_found_and_leads_to_the_account(
    visit: Visit, engine: Engine, owner: Engine, accounts: tuple[UUID, UUID]
) -> None:
    made(engine, "account_totals")
    spoil(owner, accounts[1], 7)
    made(engine, "account_totals")
    at = visit("integrity")
    at = at.button(key="open_account_totals_uae").click().run()
    assert at.title[0].value == "Account totals, UAE"
    assert "A wallet" not in told(at)
    assert "What must hold" in told(at)
    assert "Since run 1: 1 new" in told(at)
    assert grid(at, "About").iloc[0].to_dict() == {
        "About": "Alice · USD",
        "Expected": "500.00",
        "Actual": "500.07",
        "Difference": "0.07",
        "On its way": "–",
        "Unit": "USD",
        "Note": "–",
    }
    found = made(engine, "account_totals").variances[0]
    at = visit("integrity", check="account_totals", book="uae", v=fingerprint(found.subject.key))
    assert at.subheader[0].value == "Alice · USD"
    links = {link.proto.label for link in at.get("page_link")}
    assert {"Account Alice", "Entries of Alice", "Classify or comment"} <= links


@pytest.mark.usefixtures("accounts")
def test_an_earlier_run_opens_by_its_number(visit: Visit, engine: Engine) -> None:
    first = made(engine, "trial_balance_zero")
    made(engine, "trial_balance_zero")
    at = visit("integrity", check="trial_balance_zero", book="uae", run=str(first.run_id))
    assert metrics(at)["This run"] == "Holds"
    at = at.button(key="back").click().run()
    assert at.title[0].value == "Integrity"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"check": "trial_balance_zero", "book": "uae"}, "Not run yet"),
        ({"check": "lrs_viewtrade_tie_out", "book": "uae"}, "Not applicable"),
        ({"check": "trial_balance_zero", "book": "mars", "run": "x"}, "Not run yet"),
        ({"check": "trial_balance_zero", "run": "99"}, "There is no run 99 of a check"),
        ({"check": "no_such_check"}, "15 checks of the books"),
    ],
)
def test_whatever_the_url_says_the_page_opens(visit: Visit, query: dict[str, str], said: str) -> None:
    at = visit("integrity", **query)
    assert not at.exception
    assert said in told(at).replace("\\", "")


@pytest.mark.usefixtures("child_finds_the_database")
def test_one_click_makes_what_failed_again(
    visit: Visit, engine: Engine, owner: Engine, accounts: tuple[UUID, UUID]
) -> None:
    spoil(owner, accounts[1], 7)
    made(engine, "account_totals")
    at = visit("integrity")
    spoil(owner, accounts[1], -7)
    at = live(at.button(key="run_failed").click().run())
    assert "Holds" in cell(at, "account_totals")
    latest, _ = history(engine, check_name="account_totals", book=CheckBook.UAE)
    assert latest.requested_by == "operator"
    assert "Run failed" in buttons(at)
    assert at.button(key="run_failed").disabled


def test_a_broker_that_is_not_set_up_says_what_to_set(visit: Visit) -> None:
    at = visit("integrity", view="Live brokers")
    assert "Not compared yet" in told(at)
    at = compared(at.button(key="compare_now").click().run())
    assert "Set RECON_VIEWTRADE_URL" in told(at).replace("\\", "")


def test_brokers_are_compared_customer_by_customer_and_whom_they_cannot_tell_of_has_a_row(
    visit: Visit, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    ledger.customer("ann", book=Book.INDIA)
    with FakeBroker(THEIRS) as broker:
        broker.faults.append(status(404, at="/v1/customers/bob/cash"))
        there = settings.model_copy(update={"viewtrade_url": broker.url, "viewtrade_token": SecretStr(TOKEN)})
        monkeypatch.setattr(guard, "read_settings", lambda: there)
        at = visit("integrity", view="Live brokers")
        at = compared(at.button(key="compare_now").click().run())
    rows = grid(at, "Result")
    found = {(row["Customer"], row["What"]): row["Result"][0] for _, row in rows.iterrows()}
    assert found["ann", "Cash"] == "Off"
    assert found["bob", "–"] == "Could not be read"
    assert len(rows[rows["Customer"] == "bob"]) == 1
    assert "could not be read" in told(at)
    at = at.toggle(key="live_only_off").set_value(True).run()
    assert not at.exception
