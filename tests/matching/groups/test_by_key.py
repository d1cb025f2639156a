"""Payouts and their payments: what shares a number adds up, or says what is missing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.matching import match
from recon.model.rules import PassName, Rules
from recon.model.transactions import TRANSACTION_SCHEMA
from tests.matching.builders import pairs, table


def test_a_payout_meets_its_payments_less_refunds() -> None:
    source = table("""
        S1  2026-03-01  100.00 USD  Ann   group=po_1
        S2  2026-03-02   50.00 USD  Bob   group=po_1
        S3  2026-03-02  -20.00 USD  Bob   group=po_1
    """)
    reference = table("R1  2026-03-04  130.00 USD  STRIPE  ref=po_1")
    assert pairs(source, reference) == ["S1=R1 groups", "S2=R1 groups", "S3=R1 groups"]


def test_a_negative_payout_is_a_payout() -> None:
    source = table("R1  2026-03-04  -30.00 USD  STRIPE  id=po_1")
    reference = table("""
        S1  2026-03-01   20.00 USD  Ann   group=po_1
        S2  2026-03-02  -50.00 USD  Bob   group=po_1
    """)
    assert pairs(source, reference) == ["R1=S1 groups", "R1=S2 groups"]


def test_two_payouts_of_one_batch_meet_its_payments() -> None:
    source = table("""
        S1  2026-03-01  100.00 USD  Ann   group=b7
        S2  2026-03-01   50.00 USD  Bob   group=b7
        S3  2026-03-01   25.00 USD  Cid   group=b7
    """)
    reference = table("""
        R1  2026-03-02  130.00 USD  BANK  group=b7
        R2  2026-03-02   45.00 USD  BANK  group=b7
    """)
    assert len({line.split("=")[0] for line in pairs(source, reference)}) == 3
    assert match(source, reference, Rules()).matches["group"].to_pylist() == [1, 1, 1]


def test_the_same_amounts_on_both_sides_of_a_batch_are_pairs() -> None:
    source = table("""
        S1  2026-03-01  100.00 USD  Ann   group=b7
        S2  2026-03-01   50.00 USD  Bob   group=b7
    """)
    reference = table("""
        R1  2026-03-01  100.00 USD  Ann   group=b7
        R2  2026-03-01   50.00 USD  Bob   group=b7
    """)
    assert pairs(source, reference) == ["S1=R1 exact", "S2=R2 exact"]


def test_fees_may_have_been_kept_from_the_payout() -> None:
    source = table("""
        S1  2026-03-01  100.00 USD  Ann   group=po_1  fee=320
        S2  2026-03-02   50.00 USD  Bob   group=po_1  fee=175
    """)
    reference = table("R1  2026-03-04  145.05 USD  STRIPE  ref=po_1")
    assert pairs(source, reference) == ["S1=R1 groups +495", "S2=R1 groups"]
    found = match(source, reference, Rules()).matches.to_pylist()
    assert {line["evidence"] for line in found} == {"group_id=payment_ref+fee"}
    assert {line["confidence"] for line in found} == {1.0}


def test_a_payout_that_does_not_add_up_is_one_match_with_its_difference() -> None:
    source = table("""
        S1  2026-03-01  100.00 USD  Ann   group=po_1
        S2  2026-03-02   50.00 USD  Bob   group=po_1
    """)
    reference = table("R1  2026-03-04  175.00 USD  STRIPE  ref=po_1")
    assert pairs(source, reference) == ["S1=R1 groups -2500", "S2=R1 groups"]


def test_instalments_under_one_invoice_are_one_match() -> None:
    source = table("S1  2026-03-01  90.00 EUR  -  ref=INV-9")
    reference = table("""
        R1  2026-03-05  40.00 EUR  -  ref=INV-9
        R2  2026-04-05  50.00 EUR  -  ref=INV-9
    """)
    assert pairs(source, reference) == ["S1=R1 groups", "S1=R2 groups"]


def test_a_shared_reference_that_does_not_add_up_is_only_suggested() -> None:
    source = table("S1  2026-03-01  95.00 EUR  -  ref=INV-9")
    reference = table("""
        R1  2026-03-05  40.00 EUR  -  ref=INV-9
        R2  2026-04-05  50.00 EUR  -  ref=INV-9
    """)
    assert pairs(source, reference) == ["S1?R1 identity +5500", "S1?R2 identity +4500"]


def test_a_group_in_two_currencies_is_two_groups() -> None:
    source = table("""
        S1  2026-03-01  100.00 USD  Ann   group=po_1
        S2  2026-03-02   50.00 EUR  Bob   group=po_1
        S3  2026-03-02   20.00 EUR  Cid   group=po_1
    """)
    reference = table("""
        R1  2026-03-04  100.00 USD  STRIPE  ref=po_1
        R2  2026-03-04   70.00 EUR  STRIPE  ref=po_1
    """)
    assert pairs(source, reference) == ["S1=R1 groups", "S2=R2 groups", "S3=R2 groups"]
    assert match(source, reference, Rules()).matches["group"].to_pylist() == [None, 1, 1]


def test_a_group_with_a_row_matched_elsewhere_is_not_called_incomplete() -> None:
    source = table("""
        S1  2026-03-01  100.00 USD  Ann   group=po_1  ref=A1
        S2  2026-03-02   50.00 USD  Bob   group=po_1
    """)
    reference = table("""
        R1  2026-03-01  100.00 USD  Ann   ref=A1
        R2  2026-03-04  175.00 USD  STRIPE  ref=po_1
    """)
    assert pairs(source, reference) == ["S1=R1 identity"]


def test_two_systems_that_count_from_one_share_no_groups() -> None:
    source = table("\n".join(f"S{n}  2026-03-01  {n}.00 USD  text{n}  group={n}" for n in range(1, 9)))
    reference = table("\n".join(f"R{n}  2026-05-01  {n * 7}.30 USD  other{n}  id={n}" for n in range(1, 9)))
    assert pairs(source, reference) == []


def test_a_word_on_every_row_is_no_group() -> None:
    source = table("\n".join(f"S{n}  2026-03-01  {n}.00 USD  text{n}  group=CARD" for n in range(1, 9)))
    reference = table("R1  2026-03-05  36.00 USD  other  ref=CARD")
    assert pairs(source, reference) == []


def test_sums_beyond_what_64_bits_hold_are_not_taken_for_equal() -> None:
    huge = 2**61
    source = table("S1  2026-03-01  1.00 JPY  -  group=po_1\nS2  2026-03-01  1.00 JPY  -  group=po_1")
    source = source.set_column(5, source.schema.field("amount"), [[huge, huge]])
    reference = table("R1  2026-03-01  0 JPY  -  ref=po_1")
    assert all("=" not in line.split()[0] for line in pairs(source, reference))


keyed = st.fixed_dictionaries(
    {
        "amount": st.sampled_from([-3, -1, 1, 2, 3, 4, 5]),
        "group_id": st.sampled_from([None, "g1", "g2"]),
        "payment_ref": st.sampled_from([None, "g1", "g2"]),
    }
)


@settings(max_examples=200, deadline=None)
@given(st.lists(keyed, max_size=5), st.lists(keyed, max_size=5))
def test_no_group_that_adds_up_is_left_and_every_match_holds(
    ours: list[dict[str, Any]], theirs: list[dict[str, Any]]
) -> None:
    """Against all groups of one row with several, found by trying every key."""
    source, reference = (
        pa.Table.from_pylist(
            [{"line": place, "date": dt.date(2026, 3, 1), "currency": "EUR", **row} for place, row in enumerate(rows)],
            schema=TRANSACTION_SCHEMA,
        )
        for rows in (ours, theirs)
    )
    found = match(source, reference, Rules(passes=(PassName.GROUPS,))).matches.to_pylist()
    rows = {True: set(range(len(ours))), False: set(range(len(theirs)))}
    for number in {line["group"] if line["group"] else -1 - place for place, line in enumerate(found)}:
        lines = [found[-1 - number]] if number < 0 else [line for line in found if line["group"] == number]
        mine, other = {line["source_row"] for line in lines}, {line["reference_row"] for line in lines}
        gap = sum(ours[row]["amount"] for row in mine) - sum(theirs[row]["amount"] for row in other)
        assert gap == sum(line["amount_delta"] for line in lines)
        assert ("amount" in lines[0]["evidence"]) == (gap == 0)
        rows[True] -= mine
        rows[False] -= other
    for key in ("g1", "g2"):
        many = [row for row in rows[True] if ours[row]["group_id"] == key]
        ones = [row for row in rows[False] if theirs[row]["payment_ref"] == key]
        crossed = [row for row in rows[True] if ours[row]["payment_ref"] == key]
        if len(ones) == 1 and many and not crossed and theirs[ones[0]]["group_id"] is None:
            assert sum(ours[row]["amount"] for row in many) != theirs[ones[0]]["amount"]
