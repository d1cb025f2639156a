"""The two rows side by side."""

from __future__ import annotations

from datetime import date
from typing import Any

from recon.ui.comparison import comparison

ROW: dict[str, Any] = {
    "line": 2,
    "txn_id": "A-1",
    "payment_ref": "INV-1",
    "date": date(2026, 3, 2),
    "amount": 10_000,
    "description": "Order 17",
    "counterparty": "Kestrel",
    "fee": None,
}


def cells(source: dict[str, Any] | None, reference: dict[str, Any] | None) -> dict[str, tuple[str, str]]:
    return {
        row[""]: (row["Source"], row["Reference"]) for row in comparison(source, reference, "EUR").to_dict("records")
    }


def emphasised(table: dict[str, tuple[str, str]]) -> set[str]:
    return {label for label, pair in table.items() if any(":orange[" in cell for cell in pair)}


def test_what_differs_between_two_rows_is_emphasised_and_nothing_else() -> None:
    other = ROW | {"amount": 10_050, "date": date(2026, 3, 3), "line": 9, "txn_id": "B-9", "description": "ORDER 17"}
    table = cells(ROW, other)
    assert emphasised(table) == {"Amount", "Date"}
    assert table["Date"] == (":orange[**2 Mar 2026**]", ":orange[**3 Mar 2026**]")


def test_a_field_that_only_one_row_has_is_emphasised() -> None:
    assert "Party" in emphasised(cells(ROW, ROW | {"counterparty": None}))


def test_a_row_without_a_partner_is_shown_plainly_and_empty_fields_are_left_out() -> None:
    table = cells(ROW, None)
    assert emphasised(table) == set()
    assert table["Amount"] == ("100\\.00", ":gray[–]")
    assert "Fee" not in table


def test_text_from_files_cannot_become_markup() -> None:
    table = cells(ROW | {"counterparty": "![x](http://evil/p.png)", "payment_ref": "a`b"}, None)
    assert "![x](" not in table["Party"][0]
    assert table["Reference"][0].count("`") == 2


def test_rows_in_two_currencies_are_told_in_their_own() -> None:
    table = cells(ROW | {"currency": "EUR"}, ROW | {"currency": "JPY"})
    assert table["Currency"] == (":orange[**EUR**]", ":orange[**JPY**]")
    assert table["Amount"] == ("100\\.00", "10,000")
