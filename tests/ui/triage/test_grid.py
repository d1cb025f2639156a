"""The queue's grid: what its cells say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from recon.model.triage import DiscrepancyStatus
from recon.queries.discrepancies import DiscrepancyRow, Order, Sort
from recon.ui.triage.grid import HEADERS, accounting, frame, sort_caption


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (123_456, "EUR", "1,234.56"),
        (-123_456, "EUR", "(1,234.56)"),
        (-5, "EUR", "(0.05)"),
        (0, "EUR", "0.00"),
        (-815, "JPY", "(815)"),
        (1_005, "KWD", "1.005"),
        (-(2**62), "USD", "(46,116,860,184,273,879.04)"),
    ],
)
def test_accounting_is_exact_in_every_currency(amount: int, currency: str, text: str) -> None:
    assert accounting(amount, currency) == text


def test_every_order_has_its_header() -> None:
    assert set(HEADERS.values()) == set(Sort)
    assert sort_caption(Order()) == "date ↓"
    assert sort_caption(Order(by=Sort.ID, is_descending=False)) == "ID ↑"


ROW = DiscrepancyRow(
    id=7,
    version=1,
    kind="a_later_kind",
    status=DiscrepancyStatus.OPEN,
    side=None,
    currency="EUR",
    amount=-100,
    gross=100,
    date=date(2026, 3, 2),
    txn_id="TXN-1",
    payment_ref=None,
    description="payment\u202e 7",
    counterparty=None,
    resolution=None,
    assignee=None,
    due_on=date(2026, 3, 9),
)


def test_a_line_shows_what_there_is_and_a_dash_where_there_is_nothing() -> None:
    (line,) = frame([ROW], waiting=(), today=date(2026, 3, 5)).to_dict("records")
    assert line["Reference"] == "TXN-1"
    assert line["Counterparty"] == "payment  7"
    assert line["Kind"] == ["A later kind"]
    assert (line["Difference"], line["Ccy"], line["Assigned"]) == ("(1.00)", "EUR", "–")
    assert "Status" not in line


def test_a_status_is_told_where_there_is_more_than_one() -> None:
    rows = [replace(ROW, id=number) for number in (1, 2)]
    assert list(frame(rows, waiting=(2,), today=date(2026, 3, 5))["Status"]) == [["Open"], ["Waits"]]
