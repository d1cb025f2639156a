"""What is left over, what does not agree, and that it all adds up."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.discrepancies import classify, prove
from recon.matching import match
from recon.model.outcome import DISCREPANCY_SCHEMA, DiscrepancyKind, RowOutcome
from recon.model.rules import Rules
from recon.model.transactions import empty_transactions
from recon.money import MAX_MINOR
from recon.workflows.reconcile import reconcile_tables
from tests.matching.builders import table
from tests.matching.test_laws import Row, build, rules, side

RULES = Rules(amount_tolerance_minor=50)


def told(source: pa.Table, reference: pa.Table, given_rules: Rules = RULES) -> list[str]:
    """Each discrepancy as `kind row row amount`, rows by name."""
    names, others = source["kind"].to_pylist(), reference["kind"].to_pylist()
    found = []
    for row in reconcile_tables(source, reference, given_rules, threads=1).discrepancies.to_pylist():
        about = [names[row["source_row"]]] if row["source_row"] is not None else []
        about += [others[row["reference_row"]]] if row["reference_row"] is not None else []
        found.append(f"{row['kind']} {' '.join(about)} {row['amount']:+}")
    return found


def details(source: pa.Table, reference: pa.Table) -> list[str]:
    return reconcile_tables(source, reference, RULES, threads=1).discrepancies["detail"].to_pylist()


def test_every_kind_has_its_rows_and_its_part_of_the_difference() -> None:
    source = table("""
        S1  2026-03-02  50.00 USD  Acme seat
        S2  2026-03-02  70.00 USD  Beta rent
        S3  2026-03-02  70.00 USD  Beta rent
        S4  2026-03-05  12.00 USD  Gamma
        S5  2026-03-09  33.00 USD  INV 9
    """)
    reference = table("""
        R1  2026-03-02  49.80 USD  Acme seat
        R2  2026-03-02  70.00 USD  Beta rent
        R3  2026-03-20  80.00 USD  Delta
        R4  2026-03-09  33.00 USD  -
        R5  2026-03-09  33.00 USD  -
    """)
    assert told(source, reference) == [
        "amount_mismatch S1 R1 +20",
        "missing_in_reference S4 +1200",
        "missing_in_source R3 -8000",
        "duplicate S3 +7000",
        "suggestion S5 R4 -3300",
    ]


def test_the_details_are_plain_sentences_with_amounts_people_read() -> None:
    source = table("""
        S1  2026-03-02  1050.00 USD  Acme seat
        S2  2026-03-02    70.00 USD  Beta rent
        S3  2026-03-02    70.00 USD  Beta rent
        S4  2026-03-05   -12.00 USD  Gamma
        S5  2026-03-09    33.00 USD  INV 9
    """)
    reference = table("""
        R1  2026-03-02  1049.80 USD  Acme seat
        R2  2026-03-02    70.00 USD  Beta rent
        R3  2026-03-20    80.00 USD  Delta
        R4  2026-03-09    33.00 USD  -
        R5  2026-03-09    33.00 USD  -
    """)
    assert details(source, reference) == [
        "The source has 1,050.00 USD, the reference 1,049.80 USD: a difference of 0.20 USD.",
        "−12.00 USD on 2026-03-05 is in the source but not in the reference.",
        "80.00 USD on 2026-03-20 is in the reference but not in the source.",
        "70.00 USD on 2026-03-02 is an extra copy of line 2 of the source: same amount, date and description.",
        "1 source row and 2 reference rows may belong together in more than one way; their difference is −33.00 USD.",
    ]


def test_a_pair_tied_by_an_id_says_by_which_and_how_far_apart_it_is() -> None:
    source = table("""
        S1  2026-03-02  100.00 USD  Acme  ref=INV-1
        S2  2026-03-02   40.00 USD  Acme  ref=INV-2 id=ch_2
        S3  2026-03-02   30.00 USD  Acme  ref=INV-3
    """)
    reference = table("""
        R1  2026-03-04   97.10 USD  Zeta  ref=INV-1
        R2  2026-03-01   39.00 USD  Zeta  ref=ch_2
        R3  2026-03-02  -30.00 USD  Zeta  ref=INV-3
    """)
    assert details(source, reference) == [
        "The source has 100.00 USD, the reference 97.10 USD 2 days later, under the same payment_ref: a difference of"
        " 2.90 USD.",
        "The source has 40.00 USD, the reference 39.00 USD 1 day earlier, under a txn_id that is the other's"
        " payment_ref: a difference of 1.00 USD.",
        "1 source row and 1 reference row have the same payment_ref, but one is money in and the other money out;"
        " their difference is 60.00 USD. The amount is the same, with the opposite sign.",
    ]


def test_a_suggestion_says_what_agrees_and_what_does_not() -> None:
    source = table("""
        S1  2026-03-02   9.00 USD  Acme seat
        S2  2026-03-02  50.00 USD  Office rent
        S3  2026-03-02  70.00 USD  -
        S4  2026-03-02  10.00 USD  Aaa  ref=PO-1
        S5  2026-03-02  20.00 USD  Bbb  ref=PO-1
    """)
    reference = table("""
        R1  2026-03-02   9.00 USD  Acme seat
        R2  2026-03-02  50.00 USD  Metro fare
        R3  2026-03-01  70.00 USD  Gamma
        R4  2026-03-05  29.00 USD  Payout  ref=PO-1
    """)
    assert details(source, reference) == [
        "1 source row and 1 reference row have the same amount and date, but descriptions only 47 % alike;"
        " their difference is 0.00 USD.",
        "1 source row and 1 reference row have the same amount 1 day apart, but no description on both sides to"
        " compare; their difference is 0.00 USD.",
        "2 source rows and 1 reference row share an id; their difference is 1.00 USD.",
    ]


def test_a_pair_whose_figures_say_what_went_wrong_says_so() -> None:
    source = table("""
        S1  2026-03-02  123.40 USD  Acme  ref=INV-1
        S2  2026-03-02   12.00 USD  Acme  ref=INV-2
        S3  2026-03-02   30.00 USD  Acme  ref=INV-3
        S4  2026-03-04   40.00 USD  Acme  ref=INV-4
        S5  2026-03-04   50.00 USD  Acme  ref=INV-5
        S6  2026-03-04   60.00 USD  Acme  ref=INV-5
    """)
    reference = table("""
        R1  2026-03-02  132.40 USD  Zeta  ref=INV-1
        R2  2026-03-03 1200.00 USD  Zeta  ref=INV-2
        R3  2026-03-02  -30.00 USD  Zeta  ref=INV-3
        R4  2026-04-03   39.00 USD  Zeta  ref=INV-4
        R5  2026-04-03  500.00 USD  Zeta  ref=INV-5
    """)
    found = [text.partition("USD.")[2].strip() for text in details(source, reference)]
    assert found == [
        "The amounts are the same but for two neighbouring digits, which are swapped.",
        "The reference has exactly 100 times the amount: cents may have been read as units.",
        "The dates are the same with day and month swapped.",
        "The amount is the same, with the opposite sign.",
        "",
    ]


def test_a_difference_that_is_the_fee_says_so() -> None:
    source, reference = (
        table("S1  2026-03-02  97.10 USD  Acme  ref=A"),
        table("R1  2026-03-02  100.00 USD  Acme  ref=A"),
    )
    at = source.schema.get_field_index("fee")
    source = source.set_column(at, source.schema.field(at), pa.array([290]))
    assert details(source, reference) == [
        "The source has 97.10 USD, the reference 100.00 USD, under the same payment_ref: a difference of −2.90 USD."
        " The difference is exactly the fee of the source row."
    ]


def test_a_copy_with_an_id_of_its_own_says_so() -> None:
    source = table("S1  2026-03-02  9.00 USD  Seat  id=ch_1 ref=A-1\nS2  2026-03-02  9.00 USD  Seat  id=ch_2 ref=A-1")
    assert details(source, table("R1  2026-03-02  9.00 USD  Seat")) == [
        "9.00 USD on 2026-03-02 is an extra copy of line 1 of the source: same amount, date and description,"
        " but another txn_id."
    ]


def test_a_copy_of_a_matched_row_is_a_duplicate() -> None:
    source = table("S1  2026-03-02  9.00 USD  Seat\nS2  2026-03-02  9.00 USD  Seat")
    assert told(source, table("R1  2026-03-02  9.00 USD  Seat")) == ["duplicate S2 +900"]


def test_equal_rows_the_other_side_lacks_are_one_missing_and_its_copies() -> None:
    source = table("S1  2026-03-02  9.00 USD  Seat\nS2  2026-03-02  9.00 USD  Seat\nS3  2026-03-02  9.00 USD  Seat")
    assert told(source, empty_transactions()) == [
        "missing_in_reference S1 +900",
        "duplicate S2 +900",
        "duplicate S3 +900",
    ]


def test_equal_rows_that_both_sides_have_are_no_duplicates() -> None:
    both = table("A  2026-03-02  9.00 USD  Seat\nB  2026-03-02  9.00 USD  Seat")
    assert told(both, both) == []


@pytest.mark.parametrize(
    ("copy", "is_copy"),
    [
        ("2026-03-02  9.00 USD  other words  id=X1", True),
        ("2026-03-02  9.00 USD  other words  ref=P1", True),
        ("2026-03-02  9.00 USD  Seat", True),
        ("2026-03-02  9.00 USD  other words", False),
        ("2026-03-02  9.00 USD  -", False),
        ("2026-03-02  9.01 USD  Seat  id=X1 ref=P1", False),
        ("2026-03-03  9.00 USD  Seat  id=X1 ref=P1", False),
        ("2026-03-02  9.00 EUR  Seat  id=X1 ref=P1", False),
    ],
)
def test_a_copy_has_the_same_amount_date_currency_and_one_thing_more(copy: str, is_copy: bool) -> None:
    source = table(f"S1  2026-03-02  9.00 USD  Seat  id=X1 ref=P1\nS2  {copy}")
    kinds = [line.split()[0] for line in told(source, empty_transactions())]
    assert ("duplicate" in kinds) is is_copy


def test_a_word_in_an_id_column_makes_no_copies() -> None:
    source = table("S1  2026-03-02  9.00 USD  Seat  ref=N/A\nS2  2026-03-02  9.00 USD  Lamp  ref=N/A")
    assert told(source, empty_transactions()) == ["missing_in_reference S1 +900", "missing_in_reference S2 +900"]


def test_rows_without_a_text_are_not_copies_of_each_other() -> None:
    source = table("S1  2026-03-02  9.00 USD  -\nS2  2026-03-02  9.00 USD  -")
    assert told(source, empty_transactions()) == ["missing_in_reference S1 +900", "missing_in_reference S2 +900"]


def test_totals_name_every_outcome_of_every_side_and_currency() -> None:
    source = table("S1  2026-03-02  9.00 USD  Seat\nS2  2026-03-02  9.00 USD  Seat\nS3  2026-03-02  9.000 KWD  Seat")
    outcome = reconcile_tables(source, table("R1  2026-03-02  9.00 USD  Seat"), RULES)
    assert [(total.side, total.currency, total.outcome, total.row_count, total.amount) for total in outcome.totals] == [
        ("source", "KWD", RowOutcome.MISSING, 1, 9000),
        ("source", "USD", RowOutcome.MATCHED, 1, 900),
        ("source", "USD", RowOutcome.DUPLICATE, 1, 900),
        ("reference", "USD", RowOutcome.MATCHED, 1, 900),
    ]


def test_the_proof_of_a_currency_adds_up() -> None:
    source = table("S1  2026-03-02  9.00 USD  Seat\nS2  2026-03-02  9.00 USD  Seat")
    (line,) = reconcile_tables(source, table("R1  2026-03-02  8.80 USD  Seat"), RULES).proof
    assert (line.source_total, line.reference_total, line.unexplained) == (1800, 880, 0)
    assert line.by_kind == ((DiscrepancyKind.AMOUNT_MISMATCH, 1, 20), (DiscrepancyKind.DUPLICATE, 1, 900))


def test_a_proof_that_does_not_add_up_is_a_bug_and_stops() -> None:
    source, reference = table("S1  2026-03-02  9.00 USD  Seat"), empty_transactions()
    matching = match(source, reference, RULES)
    found, totals = classify(source, reference, matching)
    with pytest.raises(AssertionError, match="not explained"):
        prove(source, reference, found.slice(0, 0), totals)
    with pytest.raises(AssertionError):
        prove(source, reference, found, ())


def test_nothing_against_nothing_is_nothing() -> None:
    outcome = reconcile_tables(empty_transactions(), empty_transactions(), RULES)
    assert outcome.discrepancies.num_rows == 0
    assert outcome.discrepancies.schema == DISCREPANCY_SCHEMA
    assert (outcome.totals, outcome.proof) == ((), ())


def test_totals_beyond_64_bits_stay_exact() -> None:
    count = 9
    row: Row = {"date": dt.date(2026, 3, 2), "amount": MAX_MINOR, "currency": "EUR", "payment_ref": "batch"}
    source = build([row] * count)
    reference = build([{**row, "amount": 1 - MAX_MINOR}])
    outcome = reconcile_tables(source, reference, RULES)
    (line,) = outcome.proof
    assert (line.source_total, line.reference_total, line.unexplained) == (count * MAX_MINOR, 1 - MAX_MINOR, 0)
    assert sum(outcome.discrepancies["amount"].to_pylist()) == (count + 1) * MAX_MINOR - 1


@settings(max_examples=150, deadline=None)
@given(side, side, rules)
def test_every_row_ends_in_exactly_one_outcome(source: list[Row], reference: list[Row], given_rules: Rules) -> None:
    outcome = reconcile_tables(build(source), build(reference), given_rules, threads=1)
    matches, found = outcome.matches.to_pylist(), outcome.discrepancies.to_pylist()
    for name, rows in (("source", source), ("reference", reference)):
        tied = {row[f"{name}_row"] for row in matches}
        alone = Counter(row[f"{name}_row"] for row in found if row["side"] == name)
        assert all(count == 1 for count in alone.values())
        cancelled = {
            row
            for pair in outcome.netted.to_pylist()
            if pair["side"] == name
            for row in (pair["row"], pair["other_row"])
        }
        assert not tied & set(alone) | cancelled & (tied | set(alone))
        assert tied | set(alone) | cancelled == set(range(len(rows)))
        assert sum(total.row_count for total in outcome.totals if total.side == name) == len(rows)
    differing = [row for row in matches if row["status"] == "matched" and row["amount_delta"]]
    unexplained = [row for row in differing if "fee" not in row["evidence"]]
    told = {"amount_mismatch", "incomplete_group", "fee_variance"}
    assert len(unexplained) <= sum(row["kind"] in told for row in found)
    assert all(line.unexplained == 0 for line in outcome.proof)


@settings(max_examples=60, deadline=None)
@given(side, side, rules, st.randoms(use_true_random=False))
def test_shuffled_rows_give_the_same_discrepancies(
    source: list[Row], reference: list[Row], given_rules: Rules, random: object
) -> None:
    def lines(one: pa.Table, other: pa.Table) -> list[str]:
        found = reconcile_tables(one, other, given_rules, threads=1).discrepancies.to_pylist()
        return sorted(
            str(
                (
                    row["kind"],
                    row["source_row"] is not None and one["line"][row["source_row"]].as_py(),
                    row["reference_row"] is not None and other["line"][row["reference_row"]].as_py(),
                    row["amount"],
                    row["detail"],
                )
            )
            for row in found
        )

    one, other = build(source), build(reference)
    order = np.arange(len(source))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert lines(one.take(pa.array(order)), other) == lines(one, other)
