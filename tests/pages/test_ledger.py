"""The Ledger page as a finance operator works with it: lists, what is opened beside them, and what is posted."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from recon.config import Settings
from recon.model.ledger import AccountType, LedgerEvent
from recon.queries.ledger import JournalFilter, entry, entry_page
from recon.store.evidence import Evidence
from tests.builders import matches, run_with_rows, transactions
from tests.ledger.builders import Ledger
from tests.pages.conftest import Visit
from tests.pages.shown import buttons, text
from tests.workflows.test_after_close import entries_after_a_close


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine)


@pytest.fixture
def bank(ledger: Ledger) -> UUID:
    return ledger.open(AccountType.LIABILITY, overdraft=True, metadata={"name": "Float"})


@pytest.fixture
def alice(ledger: Ledger) -> UUID:
    return ledger.open(metadata={"name": "Alice"})


@pytest.fixture
def entries(ledger: Ledger, bank: UUID, alice: UUID) -> list[LedgerEvent]:
    """500.00 and 20.00 from the float to Alice; the second is reversed."""
    first = ledger.transfer(
        bank, alice, "500", booked_on=date(2026, 3, 1), source_system="stripe", source_txn_id="ch_1"
    )
    second = ledger.transfer(bank, alice, "20", booked_on=date(2026, 3, 3), metadata={"why": "salary"})
    return [first, second, ledger.reverse(second.id, booked_on=date(2026, 3, 5))]


def rows(at: AppTest, place: int = 0) -> Any:
    """The cells of a grid."""
    return at.dataframe[place].value


def press(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label == label).click().run()


def fill(at: AppTest, label: str, value: object) -> None:
    """Set the field of that label."""
    kinds = (at.text_input, at.selectbox, at.date_input, at.toggle)
    next(field for kind in kinds for field in kind if field.label == label).set_value(value)


def warnings(at: AppTest) -> str:
    return "\n".join(str(warning.value) for warning in at.warning)


def test_empty_books_offer_the_first_account(visit: Visit, engine: Engine) -> None:
    at = visit("ledger")
    assert "The books are empty" in text(at)
    at = press(at, "Open an account")
    fill(at, "Name", "Float")
    at = press(at, "Open the account")
    assert not at.exception
    assert list(rows(at)["Account"]) == ["Float"]
    assert "Float" in at.subheader[0].value


def test_accounts_have_their_balance_now_or_at_the_end_of_a_day(visit: Visit, entries: list[LedgerEvent]) -> None:
    at = visit("ledger")
    assert not at.exception
    assert dict(zip(rows(at)["Account"], rows(at)["Balance"], strict=True)) == {"Float": "−500.00", "Alice": "500.00"}
    assert "debits equal credits" in text(at)
    then = visit("ledger", as_of="2026-03-04")
    assert list(rows(then)["Balance"]) == ["−520.00", "520.00"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"account_q": "ali"}, ["Alice"]),
        ({"types": "Liability"}, ["Float"]),
        ({"book": "UAE", "currency": "USD"}, ["Float", "Alice"]),
        ({"book": "Atlantis", "types": "x", "as_of": "soon", "account": "1", "entry": "x"}, ["Float", "Alice"]),
    ],
)
@pytest.mark.usefixtures("entries")
def test_accounts_are_filtered_by_the_url_and_nonsense_in_it_is_no_filter(
    visit: Visit, query: dict[str, str], names: list[str]
) -> None:
    at = visit("ledger", **query)
    assert not at.exception
    assert list(rows(at)["Account"]) == names


@pytest.mark.parametrize(("view", "what"), [("Journal", "entry"), ("Customers", "customer")])
@pytest.mark.usefixtures("alice")
def test_a_list_without_rows_says_so_and_offers_no_filter_to_clear(visit: Visit, view: str, what: str) -> None:
    at = visit("ledger", tab=view)
    assert f"No {what} yet" in text(at)
    assert "Clear filters" not in buttons(at)


@pytest.mark.usefixtures("entries")
def test_a_filter_that_leaves_nothing_offers_to_be_cleared(visit: Visit) -> None:
    at = visit("ledger", account_q="zzz")
    assert "No account fits these filters" in text(at)
    assert list(rows(press(at, "Clear filters"))["Account"]) == ["Float", "Alice"]


@pytest.mark.usefixtures("entries")
def test_an_account_opens_with_its_balance_and_its_entries(visit: Visit, alice: UUID) -> None:
    at = visit("ledger", account=str(alice))
    assert at.subheader[0].value == "Alice"
    assert "Balance 500.00 USD" in text(at)
    at = press(at, "All its entries")
    assert at.segmented_control(key="tab").value == "Journal"
    assert len(rows(at)) == 3


@pytest.mark.usefixtures("entries")
def test_the_trial_balance_proves_zero_and_says_so_when_it_does_not(visit: Visit, owner: Engine) -> None:
    at = visit("ledger", tab="Trial balance")
    assert rows(at).iloc[-1].to_dict() == {"Type": "Total", "Accounts": "2", "Debit": "500.00", "Credit": "500.00"}
    assert "Proves zero" in text(at)
    with owner.begin() as conn:
        conn.exec_driver_sql("update account_balance set balance = balance + 7 where balance > 0")
    assert "Out by 0\\.07" in text(visit("ledger", tab="Trial balance"))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"entry_q": "ch_1"}, 1),
        ({"entry_q": "salary"}, 1),
        ({"system": "stripe"}, 1),
        ({"booked_from": "2026-03-02", "booked_to": "2026-03-04"}, 1),
        ({"book": "India"}, 0),
        ({"of": "nobody"}, 3),
    ],
)
@pytest.mark.usefixtures("entries")
def test_the_journal_is_filtered_by_the_url(visit: Visit, query: dict[str, str], count: int) -> None:
    at = visit("ledger", tab="Journal", **query)
    assert not at.exception
    assert (len(rows(at)) if at.dataframe else 0) == count


def test_an_entry_is_found_by_its_number(visit: Visit, entries: list[LedgerEvent]) -> None:
    at = visit("ledger", tab="Journal", entry_q=str(entries[0].id))
    assert entries[0].id in list(rows(at)["Entry"])


def test_an_entry_opens_with_its_lines_its_events_and_its_reversal_both_ways(
    visit: Visit, entries: list[LedgerEvent]
) -> None:
    _, second, reversal = entries
    at = visit("ledger", tab="Journal", entry=str(second.id))
    assert at.subheader[0].value == f"\\#{second.id}"
    assert "Reversed" in text(at)
    assert list(rows(at, 1)["Account"]) == ["Float", "Alice"]
    assert f"Entry {second.id} was reversed" in text(at)
    assert "Reverse" not in buttons(at)
    at = press(at, f"Reversed by entry {reversal.id}")
    assert at.subheader[0].value == f"\\#{reversal.id}"
    assert f"Reverses entry {second.id}" in buttons(at)


@pytest.mark.parametrize("query", [{"entry": "999"}, {"event": "999"}, {"account": str(UUID(int=1))}])
@pytest.mark.usefixtures("entries")
def test_what_is_not_there_is_said(visit: Visit, query: dict[str, str]) -> None:
    at = visit("ledger", **query)
    assert not at.exception
    assert "There is no" in warnings(at)
    assert "There is no" not in warnings(press(at, "Close"))


def test_the_log_tells_every_event_in_a_sentence(visit: Visit, ledger: Ledger, entries: list[LedgerEvent]) -> None:
    customer = ledger.customer("C-7")
    account = ledger.wallet(customer)
    ledger.hold(customer, "GOLD", "12.50")
    ledger.snapshot(account)
    at = visit("ledger", tab="Events")
    told = list(rows(at)["What happened"])
    assert "12.5 GOLD to Customer C-7 at gtn" in told
    assert f"Entry {entries[1].id} was reversed" in told
    assert "500.00 USD from Float to Alice" in told
    opened = rows(at)["Event"][told.index("12.5 GOLD to Customer C-7 at gtn")]
    assert "Holding moved" in text(visit("ledger", tab="Events", event=str(opened)))
    assert len(rows(visit("ledger", tab="Events", events="Holding moved"))) == 1


def test_an_entry_leads_to_the_runs_that_have_its_source_transaction(
    visit: Visit, engine: Engine, ledger: Ledger, bank: UUID, alice: UUID, evidence_url: str
) -> None:
    rows = transactions({"amount": 7_000, "txn_id": "ch_9"})
    run_id = run_with_rows(engine, Evidence(evidence_url), rows, rows, matches({"source_row": 0, "reference_row": 0}))
    known = ledger.transfer(bank, alice, "70", source_system="stripe", source_txn_id="ch_9")
    unknown = ledger.transfer(bank, alice, "70", source_system="stripe", source_txn_id="ch_8")
    (link,) = visit("ledger", entry=str(known.id)).get("page_link")
    assert f"run {run_id}" in link.proto.label
    assert "matched_search=ch_9" in link.proto.query_string
    assert "In none of the newest" in text(visit("ledger", entry=str(unknown.id)))


def test_customers_have_cash_holdings_and_money_on_its_way(visit: Visit, ledger: Ledger, bank: UUID) -> None:
    rich, poor = ledger.customer("C-7"), ledger.customer("C-8")
    wallet = ledger.wallet(rich)
    entry = ledger.transfer(bank, wallet, "70")
    ledger.hold(rich, "GOLD", "12.50")
    ledger.settle(ledger.flow(rich, "70").id, entry_id=entry.id)
    ledger.flow(rich, "30")
    at = visit("ledger", tab="Customers")
    assert list(rows(at)["Cash"]) == ["70.00 USD", ""]
    assert list(rows(at)["On its way"]) == ["1", "–"]
    assert len(rows(visit("ledger", tab="Customers", on_its_way="true"))) == 1
    at = visit("ledger", tab="Customers", customer=str(rich))
    assert not at.exception
    shown = [frame.value for frame in at.dataframe]
    assert shown[1].to_dict("records") == [{"Instrument": "GOLD", "Broker": "GTN", "Quantity": "12.5"}]
    assert [state.split(",")[0] for state in shown[2]["State"]] == ["On its way", "Settled 31 Mar 2026"]
    at = press(at, "**70\\.00** USD")
    assert "Balance 70.00 USD" in text(at)
    assert "Customer C\\-7" in press(at, "Open the customer").subheader[0].value
    assert "Has no wallet yet" in text(visit("ledger", customer=str(poor)))
    found = visit("ledger", entry=str(entry.id))
    assert "Deposit of 70\\.00 USD for Customer C\\-7 is on its way" in text(found)


def test_an_entry_is_reversed_once_and_for_a_reason(visit: Visit, engine: Engine, entries: list[LedgerEvent]) -> None:
    first = entries[0]
    at = press(visit("ledger", tab="Journal", entry=str(first.id)), "Reverse")
    at = press(at, f"Reverse {first.id}")
    assert "Give the reason" in warnings(at)
    fill(at, "Reason", "Booked twice")
    at = press(at, f"Reverse {first.id}")
    assert not at.exception
    found = entry(engine, first.id)
    assert found is not None
    assert found.reversed_by is not None
    reversal = entry(engine, found.reversed_by)
    assert reversal is not None
    assert reversal.metadata == {"reason": "Booked twice"}
    assert at.subheader[0].value == f"\\#{reversal.id}"


def test_a_transfer_that_is_refused_says_why_by_name_and_changes_nothing(
    visit: Visit, engine: Engine, bank: UUID, alice: UUID, entries: list[LedgerEvent]
) -> None:
    at = press(visit("ledger"), "Transfer")
    fill(at, "From", alice)
    at.run()
    fill(at, "Into", bank)
    fill(at, "Amount, USD", "700")
    at = _submit(at.run(), "Transfer")
    assert "Account Alice has 500\\.00 USD" in warnings(at)
    assert len(entry_page(engine, JournalFilter(), limit=9, offset=0)) == 3
    fill(at, "Amount, USD", "70")
    at = _submit(at, "Transfer")
    assert not at.exception
    assert "Amount 70.00 USD" in text(at)
    assert len(entry_page(engine, JournalFilter(), limit=9, offset=0)) == 4


def test_an_entry_is_posted_by_hand(visit: Visit, engine: Engine, bank: UUID, alice: UUID) -> None:
    at = press(visit("ledger", tab="Journal"), "Post entry")
    fill(at, "Account of line 1", bank)
    fill(at, "Account of line 2", alice)
    fill(at, "Credit of line 1", "12.50")
    fill(at, "Debit of line 2", "12")
    at = at.run()
    assert "Left over: \\-0\\.50 USD" in text(at)
    at = press(at, "Post the entry")
    assert "do not sum to zero" in warnings(at)
    fill(at, "Debit of line 2", "12.50")
    fill(at, "Description", "Welcome money")
    at = press(at, "Post the entry")
    assert not at.exception
    (posted,) = entry_page(engine, JournalFilter(), limit=9, offset=0)
    assert [line.amount for line in posted.lines] == [-1250, 1250]
    assert posted.metadata == {"description": "Welcome money"}
    assert at.subheader[0].value == f"\\#{posted.id}"


def test_lines_by_hand_are_added_and_must_say_account_and_side(visit: Visit, bank: UUID, alice: UUID) -> None:
    at = press(visit("ledger", do="post", tab="Journal"), "Add a line")
    fill(at, "Debit of line 3", "1")
    at = press(at.run(), "Post the entry")
    assert "Choose the account of line 3" in warnings(at)
    fill(at, "Account of line 3", bank)
    fill(at, "Credit of line 3", "1")
    at = press(at.run(), "Post the entry")
    assert "either a debit or a credit" in warnings(at)


def test_hostile_names_and_metadata_are_shown_as_text(visit: Visit, ledger: Ledger, bank: UUID) -> None:
    evil = "![x](http://evil.example/p.png) :red[x]"
    account = ledger.open(metadata={"name": evil, evil: evil})
    posted = ledger.transfer(bank, account, "1", source_system=evil, source_txn_id=evil, metadata={evil: evil})
    for query in ({"account": str(account)}, {"entry": str(posted.id)}, {"tab": "Events", "event": str(posted.id)}):
        at = visit("ledger", **query)
        assert not at.exception
        assert "![x](http" not in text(at)
        assert "evil" in text(at)


def _submit(at: AppTest, label: str) -> AppTest:
    """Press the form's button, not the one of the same name that opened the form."""
    return next(b for b in at.button if b.label == label and str(b.key).startswith("submit_")).click().run()


def test_an_entry_booked_into_a_closed_period_says_so(visit: Visit, engine: Engine, settings: Settings) -> None:
    _, posted = entries_after_a_close(engine, Evidence(settings.evidence_location()))
    late = text(visit("ledger", tab="Journal", entry=str(posted["into March"])))
    assert "Booked into a closed period: ana signed 2026-03-01 to 2026-03-31 off" in late
    assert "After close" not in text(visit("ledger", tab="Journal", entry=str(posted["into April"])))
