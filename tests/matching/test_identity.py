"""Rows that share an id."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from recon.model.rules import Rules
from recon.model.transactions import TRANSACTION_SCHEMA
from tests.matching.builders import pairs, table


def test_the_same_payment_ref_with_another_amount_date_and_text_is_one_match_with_a_delta() -> None:
    source = table("S1  2026-03-02  50.00 USD  Acme  ref=INV-1")
    reference = table("R1  2026-04-20  47.50 USD  wire 88  ref=INV-1")
    assert pairs(source, reference) == ["S1=R1 identity +250"]


def test_a_gateways_own_id_may_stand_in_the_ledgers_payment_ref() -> None:
    source = table("S1  2026-03-02  50.00 USD  Acme  id=ch_1")
    reference = table("R1  2026-03-05  50.00 USD  -  id=88 ref=ch_1")
    assert pairs(source, reference) == ["S1=R1 identity"]


def test_the_same_id_in_another_currency_is_nothing() -> None:
    source = table("S1  2026-03-02  50.00 USD  Acme  ref=INV-1")
    assert pairs(source, table("R1  2026-03-02  50.00 EUR  Acme  ref=INV-1")) == []


def test_a_payment_and_its_refund_under_one_id_are_told_apart() -> None:
    source = table("""
        S1  2026-03-02   50.00 USD  Acme  ref=INV-1
        S2  2026-03-04  -50.00 USD  Acme  ref=INV-1
    """)
    reference = table("""
        R1  2026-03-04  -50.00 USD  Acme  ref=INV-1
        R2  2026-03-02   50.00 USD  Acme  ref=INV-1
    """)
    assert pairs(source, reference) == ["S1=R2 identity", "S2=R1 identity"]


def test_net_of_fees_a_payment_still_meets_the_payment_and_the_refund_the_refund() -> None:
    source = table("""
        S1  2026-03-02   50.00 USD  Acme  ref=INV-1
        S2  2026-03-04  -50.00 USD  Acme  ref=INV-1
    """)
    reference = table("""
        R1  2026-03-02   48.25 USD  Acme  ref=INV-1
        R2  2026-03-04  -50.00 USD  Acme  ref=INV-1
    """)
    assert pairs(source, reference) == ["S1=R1 identity +175", "S2=R2 identity"]


def test_a_charge_whose_only_partner_is_a_refund_is_for_a_person() -> None:
    source = table("S1  2026-03-02  50.00 USD  Acme  ref=INV-1")
    assert pairs(source, table("R1  2026-03-02  -50.00 USD  Acme  ref=INV-1")) == ["S1?R1 identity +10000"]


def test_of_equal_amounts_under_one_id_the_nearest_date_wins() -> None:
    source = table("S1  2026-03-31  50.00 USD  rent  ref=A")
    reference = table("""
        R1  2026-03-03  50.00 USD  rent  ref=A
        R2  2026-04-01  50.00 USD  rent  ref=A
    """)
    assert pairs(source, reference) == ["S1=R2 identity"]


def test_of_equal_amounts_and_dates_under_one_id_the_text_decides() -> None:
    source = table("S1  2026-03-02  50.00 USD  seat two  ref=A")
    reference = table("""
        R1  2026-03-02  50.00 USD  seat one  ref=A
        R2  2026-03-02  50.00 USD  seat two  ref=A
    """)
    assert pairs(source, reference) == ["S1=R2 identity"]


def test_instalments_of_one_id_that_differ_in_one_amount_leave_one_mismatch() -> None:
    source = table("""
        S1  2026-03-02  50.00 USD  one  ref=A
        S2  2026-03-09  60.00 USD  two  ref=A
    """)
    reference = table("""
        R1  2026-03-02  50.00 USD  one  ref=A
        R2  2026-03-09  59.00 USD  two  ref=A
    """)
    assert pairs(source, reference) == ["S1=R1 identity", "S2=R2 identity +100"]


def test_instalments_of_one_id_that_all_differ_are_told_apart_by_date_then_text_then_amount() -> None:
    source = table("""
        S1  2026-03-02  50.00 USD  part   ref=A
        S2  2026-03-09  70.00 USD  part   ref=A
        S3  2026-03-02  10.00 USD  seats  ref=B
        S4  2026-03-02  11.00 USD  rent   ref=B
        S5  2026-03-02  90.00 USD  -      ref=C
        S6  2026-03-02  20.00 USD  -      ref=C
    """)
    reference = table("""
        R1  2026-03-09  49.00 USD  part   ref=A
        R2  2026-03-02  69.00 USD  part   ref=A
        R3  2026-03-02  10.90 USD  seats  ref=B
        R4  2026-03-02   9.90 USD  rent   ref=B
        R5  2026-03-02  19.00 USD  -      ref=C
        R6  2026-03-02  88.00 USD  -      ref=C
    """)
    assert pairs(source, reference) == [
        "S1=R2 identity -1900",
        "S2=R1 identity +2100",
        "S3=R3 identity -90",
        "S4=R4 identity +110",
        "S5=R6 identity +200",
        "S6=R5 identity +100",
    ]


def test_two_rows_against_three_of_other_amounts_under_one_id_are_suggested_together() -> None:
    source = table("S1  2026-03-02  50.00 USD  -  ref=A\nS2  2026-03-02  60.00 USD  -  ref=A")
    reference = table("""
        R1  2026-03-02  40.00 USD  -  ref=A
        R2  2026-03-02  30.00 USD  -  ref=A
        R3  2026-03-02  41.00 USD  -  ref=A
    """)
    assert len(pairs(source, reference)) == 6
    assert all("?" in pair for pair in pairs(source, reference))


def test_a_batch_key_books_nothing_and_is_suggested_as_a_whole() -> None:
    source = table("""
        S1  2026-03-02  50.00 USD  one    ref=po_1
        S2  2026-03-02  60.00 USD  two    ref=po_1
        S3  2026-03-02  70.00 USD  three  ref=po_1
    """)
    reference = table("R1  2026-03-04  174.78 USD  payout  ref=po_1")
    assert pairs(source, reference) == [
        "S1?R1 identity -12478",
        "S2?R1 identity -11478",
        "S3?R1 identity -10478",
    ]


def test_the_last_payment_left_of_a_batch_is_not_booked_against_the_payout() -> None:
    source = table("""
        S1  2026-03-02  50.00 USD  one  ref=po_1 id=a
        S2  2026-03-02  60.00 USD  two  ref=po_1 id=b
    """)
    reference = table("""
        R1  2026-03-02   50.00 USD  one     id=a
        R2  2026-03-04  107.30 USD  payout  ref=po_1
    """)
    assert pairs(source, reference) == ["S1=R1 identity", "S2?R2 identity -4730"]


def test_a_row_posted_twice_under_one_id_is_matched_once_even_without_a_text() -> None:
    source = table("S1  2026-03-02  50.00 USD  -  ref=A")
    reference = table("R1  2026-03-02  50.00 USD  -  ref=A\nR2  2026-03-02  50.00 USD  -  ref=A")
    assert pairs(source, reference) == ["S1=R1 identity"]


def test_two_ids_that_disagree_prefer_the_equal_amount() -> None:
    source = table("S1  2026-03-02  50.00 USD  Acme  ref=A id=X")
    reference = table("""
        R1  2026-03-02  40.00 USD  Acme  ref=A
        R2  2026-03-02  50.00 USD  Acme  id=X
    """)
    assert pairs(source, reference) == ["S1=R2 identity"]


def numbered(amounts: list[int], days: list[int], name: str) -> pa.Table:
    """Rows whose txn_id is their number."""
    return pa.Table.from_pylist(
        [
            {
                "line": number,
                "txn_id": str(number),
                "date": dt.date(2026, 1, 1) + dt.timedelta(days=day),
                "amount": amount,
                "currency": "EUR",
                "description": f"{name} {amount}",
                "kind": f"{name}{amount}",
            }
            for number, (amount, day) in enumerate(zip(amounts, days, strict=True), 1)
        ],
        schema=TRANSACTION_SCHEMA,
    )


def test_two_exports_that_number_their_rows_are_not_matched_by_number() -> None:
    amounts = [100 * 2**number for number in range(25)]
    source = numbered(amounts, list(range(25)), "x")
    reference = numbered(amounts[::-1], list(range(25))[::-1], "x")
    assert pairs(source, reference) == sorted(f"x{amount}=x{amount} exact" for amount in amounts)


def test_numbers_both_systems_share_are_ids_even_when_every_amount_is_net_of_a_fee() -> None:
    amounts = [1000 * 2**number for number in range(25)]
    source = numbered(amounts, [0] * 25, "gross")
    reference = numbered([amount - amount // 25 for amount in amounts], [20] * 25, "net")
    assert len(pairs(source, reference)) == 25
    assert all(" identity +" in pair for pair in pairs(source, reference))


def rows(drawing: str, numbers: range) -> pa.Table:
    """A table of one drawing for each number."""
    return table("\n".join(drawing.format(number=number) for number in numbers))


def test_a_word_in_an_id_column_is_no_id() -> None:
    source = rows("S{number}  2026-03-0{number}  {number}.00 USD  Acme  ref=N/A", range(1, 7))
    reference = rows("R{number}  2026-04-2{number}  {number}.00 USD  Beta  ref=N/A", range(1, 7))
    assert pairs(source, reference) == []


def test_thirty_refs_whose_amounts_all_differ_are_thirty_mismatches() -> None:
    source = rows("S{number}  2026-03-02  {number}.00 USD  Acme  ref=INV-{number}", range(1, 31))
    reference = rows("R{number}  2026-03-02  99.00 USD  Beta  ref=INV-{number}", range(1, 31))
    assert len(pairs(source, reference)) == 30
    assert all(" identity -" in pair for pair in pairs(source, reference))


def test_an_id_that_is_a_constant_is_no_id() -> None:
    source = numbered(list(range(100, 400)), [0] * 300, "s").set_column(
        2, TRANSACTION_SCHEMA.field("payment_ref"), pa.array(["N/A"] * 300)
    )
    reference = numbered(list(range(1000, 1300)), [0] * 300, "r").set_column(
        2, TRANSACTION_SCHEMA.field("payment_ref"), pa.array(["N/A"] * 300)
    )
    assert pairs(source.drop_columns(["txn_id"]).append_column("txn_id", pa.nulls(300, pa.string())), reference) == []


def test_ids_are_compared_letter_by_letter() -> None:
    source = table("S1  2026-03-02  50.00 USD  Acme  ref=INV-1")
    assert pairs(source, table("R1  2026-05-02  50.00 USD  Acme  ref=inv-1"), Rules()) == []
