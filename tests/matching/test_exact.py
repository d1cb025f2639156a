"""The same amount, date and currency."""

from __future__ import annotations

import pytest

from recon.bench.generate import RULES, generate_tables
from recon.matching import exact, match
from recon.model.rules import Rules
from tests.matching.builders import pairs, table


def test_one_row_a_side_is_a_match_whatever_the_words_are_in() -> None:
    source = table("S1  2026-03-02  50.00 USD  INV-9 Acme")
    assert pairs(source, table("R1  2026-03-02  50.00 USD  ACME inv 9")) == ["S1=R1 exact"]


def test_a_missing_text_does_not_speak_against_a_match() -> None:
    source = table("S1  2026-03-02  50.00 USD  INV-9 Acme")
    assert pairs(source, table("R1  2026-03-02  50.00 USD  -")) == ["S1=R1 exact"]


def test_a_name_in_a_longer_text_is_alike() -> None:
    assert pairs(
        table("S1  2026-03-02  50.00 USD  Uber\nS2  2026-03-03  9.00 USD  Rent"),
        table("R1  2026-03-02  50.00 USD  UBER *TRIP HELP.UBER.COM\nR2  2026-03-03  9.00 USD  rent"),
    ) == ["S1=R1 exact", "S2=R2 exact"]


def test_among_texts_that_agree_an_unrelated_one_leaves_a_suggestion() -> None:
    source = table("S1  2026-03-02  50.00 USD  Office rent March\nS2  2026-03-03  9.00 USD  Acme seat")
    reference = table("R1  2026-03-02  50.00 USD  Zebra 4471\nR2  2026-03-03  9.00 USD  Acme seat")
    assert pairs(source, reference) == ["S1?R1 scored", "S2=R2 exact"]


def test_among_texts_that_agree_an_unrelated_one_yields_to_a_better_partner_next_day() -> None:
    source = table("S1  2026-03-02  50.00 USD  Office rent March\nS2  2026-03-03  9.00 USD  Acme seat")
    reference = table("""
        R1  2026-03-02  50.00 USD  Zebra 4471
        R2  2026-03-03  50.00 USD  Office rent March
        R3  2026-03-03   9.00 USD  Acme seat
    """)
    assert pairs(source, reference) == ["S1=R2 scored", "S2=R3 exact"]


def test_where_the_systems_word_everything_differently_the_key_decides() -> None:
    source = table("""
        S1  2026-03-02  50.00 USD  Office rent March
        S2  2026-03-03  12.00 USD  Team lunch
        S3  2026-03-03   9.00 USD  Seats
        S4  2026-03-03   9.00 USD  Seats
        S5  2026-03-04   0.00 USD  Card check
    """)
    reference = table("""
        R1  2026-03-02  50.00 USD  TRF 00447112
        R2  2026-03-03  12.00 USD  POS 88120
        R3  2026-03-03   9.00 USD  KIOSK 12
        R4  2026-03-03   9.00 USD  KIOSK 12
        R5  2026-03-04   0.00 USD  Zebra
    """)
    assert pairs(source, reference) == ["S1=R1 exact", "S2=R2 exact", "S3=R3 exact", "S4=R4 exact"]


def test_keys_that_meet_by_chance_do_not_decide_against_the_texts() -> None:
    source = "\n".join(f"S{n}  2026-03-{n + 1:02}  9.99 USD  Seat {n}" for n in range(1, 21))
    reference = "\n".join(f"R{n}  2026-03-{n + 1:02}  9.99 USD  Zebra" for n in range(20, 28))
    assert pairs(table(source), table(reference)) == ["S20?R20 scored"]


def test_rows_of_one_key_are_told_apart_by_their_texts() -> None:
    source = table("""
        S1  2026-03-02  50.00 USD  Acme seat
        S2  2026-03-02  50.00 USD  Beta 10441 seat
        S3  2026-03-02  50.00 USD  Gamma seat
        S4  2026-03-02  50.00 USD  Delta Limited
    """)
    reference = table("""
        R1  2026-03-02  50.00 USD  Delta Limted
        R2  2026-03-02  50.00 USD  Seat, Gamma
        R3  2026-03-02  50.00 USD  card 10441
        R4  2026-03-02  50.00 USD  Acme seat
    """)
    assert pairs(source, reference) == ["S1=R4 exact", "S2=R3 exact", "S3=R2 exact", "S4=R1 exact"]


def test_as_many_equal_rows_on_both_sides_all_match() -> None:
    source = table("S1  2026-03-02  9.99 USD  Seat\nS2  2026-03-02  9.99 USD  Seat")
    reference = table("R1  2026-03-02  9.99 USD  Seat\nR2  2026-03-02  9.99 USD  Seat")
    assert pairs(source, reference) == ["S1=R1 exact", "S2=R2 exact"]


def test_one_equal_row_too_many_stays_free_and_it_is_the_last() -> None:
    source = table("S1  2026-03-02  9.99 USD  Seat\nS2  2026-03-02  9.99 USD  Seat")
    assert pairs(source, table("R1  2026-03-02  9.99 USD  Seat")) == ["S1=R1 exact"]


def test_two_equal_payments_on_one_day_are_a_suggestion() -> None:
    source = table("S1  2026-03-02  50.00 USD  INV-9")
    reference = table("""
        R1  2026-03-02  50.00 USD  -
        R2  2026-03-02  50.00 USD  -
    """)
    assert pairs(source, reference) == ["S1?R1 scored", "S1?R2 scored"]


def test_as_many_rows_without_text_on_both_sides_all_match() -> None:
    source = table("S1  2026-03-02  50.00 USD  -\nS2  2026-03-02  50.00 USD  -")
    reference = table("R1  2026-03-02  50.00 USD  -\nR2  2026-03-02  50.00 USD  -")
    assert pairs(source, reference) == ["S1=R1 exact", "S2=R2 exact"]


def test_zero_pairs_with_zero_only_if_the_texts_agree() -> None:
    reference = table("R1  2026-03-02  0.00 USD  Card check")
    assert pairs(table("S1  2026-03-02  0.00 USD  -"), reference) == []
    assert pairs(table("S1  2026-03-02  0.00 USD  -"), table("R1  2026-03-02  0.00 USD  -")) == []
    assert pairs(table("S1  2026-03-02  0.00 USD  Tax note"), reference) == []
    assert pairs(table("S1  2026-03-02  0.00 USD  card check"), reference) == ["S1=R1 exact"]
    assert pairs(table("S1  2026-03-02  0.00 USD  -"), reference, Rules(description_threshold=0)) == []


def test_a_charge_is_not_its_refund() -> None:
    source = table("S1  2026-03-02  50.00 USD  Acme")
    rules = Rules(amount_tolerance_minor=100_000)
    assert pairs(source, table("R1  2026-03-02  -50.00 USD  Acme"), rules) == []


@pytest.mark.parametrize("lot", [1, 7, 500])
def test_the_keys_may_be_done_in_lots_of_any_size(monkeypatch: pytest.MonkeyPatch, lot: int) -> None:
    source, reference, _ = generate_tables(1_500)
    whole = match(source, reference, RULES, threads=1).matches
    monkeypatch.setattr(exact, "_LOT", lot)
    assert match(source, reference, RULES, threads=2).matches.equals(whole)
