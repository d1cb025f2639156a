"""Amazon's flat file: the settlement's own row, its total over the parts, and the marketplace's way of writing."""

from __future__ import annotations

from datetime import date

from recon.model.reading import Reading
from tests.ingest.files import column, only_question, read_bytes

NAMES = (
    *("settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date", "total-amount", "currency"),
    *("transaction-type", "order-id", "amount-type", "amount-description", "amount", "posted-date"),
)


def read(total: str, *parts: tuple[str, str, str], currency: str = "USD") -> Reading:
    rows = [("111", "2026-01-01", "2026-01-14", "2026-01-16", total, currency, "", "", "", "", "", "")]
    rows += [
        ("111", "", "", "", "", "", "Order", order, "ItemPrice", "Principal", amount, on) for order, amount, on in parts
    ]
    return read_bytes("\n".join("\t".join(row) for row in (NAMES, *rows)).encode(), filename="settlement.txt")


def test_the_parts_of_an_order_are_rows_in_the_currency_of_the_settlement() -> None:
    reading = read("17.00", ("A-1", "20.00", "2026-01-05"), ("A-1", "-3.00", "2026-01-05"))
    assert column(reading, "amount") == [2000, -300]
    assert column(reading, "currency") == ["USD", "USD"]
    assert column(reading, "payment_ref") == ["A-1", "A-1"]
    assert column(reading, "group_id") == ["111", "111"]
    assert column(reading, "description") == ["ItemPrice Principal"] * 2
    assert [control.agrees for control in reading.controls] == [True]


def test_a_european_file_has_decimal_commas_and_days_first() -> None:
    reading = read("1.017,00", ("A-1", "1.020,00", "13.01.2026"), ("A-1", "-3,00", "14.01.2026"), currency="EUR")
    assert column(reading, "amount") == [102000, -300]
    assert column(reading, "date") == [date(2026, 1, 13), date(2026, 1, 14)]


def test_a_lost_part_shows_in_the_total() -> None:
    assert only_question(read("17.00", ("A-1", "20.00", "2026-01-05"))).code == "CONTROL_TOTAL"
