"""Scoring by weights learned from the rows themselves."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from recon.bench.keyless import Keyless, keyless
from recon.errors import RulesInvalid
from recon.matching import match
from recon.matching.habits import Habits
from recon.matching.levels import SCALES, names_of
from recon.matching.waterfall import waterfall
from recon.model.rules import Rules, Scoring
from recon.model.transactions import empty_transactions
from tests.matching.builders import pairs, table

LEARNED = Rules(scoring=Scoring.LEARNED)


@pytest.fixture(scope="module")
def files() -> Keyless:
    return keyless(2_000, seed=11)


@pytest.fixture(scope="module")
def found(files: Keyless) -> pa.Table:
    return match(files.source, files.reference, LEARNED, threads=1).matches


def of_status(matches: pa.Table, status: str) -> pa.Table:
    return matches.filter(pc.equal(matches["status"], status))


def content(matches: pa.Table, source: pa.Table, reference: pa.Table) -> list[tuple[object, ...]]:
    """Every column of the matches, rows named by their ids."""
    ours, theirs = (side["txn_id"].take(matches[f"{name}_row"]) for name, side in _sides(source, reference))
    others = [matches[name].to_pylist() for name in matches.column_names[2:]]
    return sorted(zip(ours.to_pylist(), theirs.to_pylist(), *others, strict=True), key=str)


def _sides(source: pa.Table, reference: pa.Table) -> tuple[tuple[str, pa.Table], ...]:
    return (("source", source), ("reference", reference))


def test_without_ids_equal_dates_or_whole_texts_nearly_all_rows_find_their_own(files: Keyless, found: pa.Table) -> None:
    booked = of_status(found, "matched")
    precision, recall = files.score(booked["source_row"].to_numpy(), booked["reference_row"].to_numpy())
    assert precision >= 0.999
    assert recall >= 0.9


def test_a_row_is_booked_once_and_never_suggested_too(found: pa.Table) -> None:
    for side in ("source_row", "reference_row"):
        booked = of_status(found, "matched")[side].to_pylist()
        assert len(set(booked)) == len(booked)
        assert not set(booked) & set(of_status(found, "suggested")[side].to_pylist())


def test_each_pair_carries_the_steps_of_its_score(found: pa.Table) -> None:
    for text in of_status(found, "matched")["weights"].to_pylist()[:50]:
        steps = waterfall(text)
        assert [name for name, _, _ in steps][:3] == ["amount", "date", "description"]
        assert sum(weight for _, _, weight in steps) > 0


def test_a_comparison_with_nothing_to_compare_is_no_step(found: pa.Table) -> None:
    names = {name for text in found["weights"].to_pylist() for name, _, _ in waterfall(text)}
    assert names == {"amount", "date", "description", "number"}


def test_fees_that_many_pairs_have_become_levels_of_their_own(found: pa.Table) -> None:
    words = {level for text in found["weights"].to_pylist() for name, level, _ in waterfall(text) if name == "amount"}
    assert {"less by 1.4 % and 0.30, a usual fee", "less by 2.9 % and 0.30, a usual fee"} <= words


def test_a_lag_that_matches_have_weighs_more_than_one_they_never_have(found: pa.Table) -> None:
    weights = {words: weight for text in found["weights"].to_pylist() for _, words, weight in waterfall(text)}
    assert weights["2 days later"] > 0 > weights["20 days later"]
    assert not any("earlier" in words for words in weights)


def test_the_order_of_rows_and_the_number_of_threads_change_nothing(files: Keyless, found: pa.Table) -> None:
    rng = np.random.default_rng(5)
    source = files.source.take(pa.array(rng.permutation(len(files.source))))
    reference = files.reference.take(pa.array(rng.permutation(len(files.reference))))
    again = match(source, reference, LEARNED, threads=2).matches
    assert content(again, source, reference) == content(found, files.source, files.reference)


def test_swapping_the_sides_gives_the_same_pairs(files: Keyless, found: pa.Table) -> None:
    back = match(files.reference, files.source, LEARNED, threads=1).matches
    forth = set(zip(*(found[name].to_pylist() for name in ("source_row", "reference_row", "status")), strict=True))
    assert forth == set(
        zip(*(back[name].to_pylist() for name in ("reference_row", "source_row", "status")), strict=True)
    )


def test_days_run_by_working_days_where_those_tell_more() -> None:
    rng = np.random.default_rng(2)
    size = 400
    day = np.datetime64("2026-03-02") + rng.integers(0, 5, size) + 7 * rng.integers(0, 20, size)
    later = np.busday_offset(day, 2)
    texts = [f"payer {name} invoice" for name in rng.permutation(size)]
    cents = rng.integers(1_000, 90_000, size)
    rows = [f"{day[at]}  {cents[at] / 100:.2f} USD  {texts[at]}" for at in range(size)]
    paid = [f"{later[at]}  {(cents[at] - 17) / 100:.2f} USD  {texts[at].upper()}" for at in range(size)]
    source = table("\n".join(f"S{at}  {row}" for at, row in enumerate(rows)))
    reference = table("\n".join(f"R{at}  {row}" for at, row in enumerate(paid)))
    matches = match(source, reference, LEARNED).matches
    assert matches["source_row"].to_pylist() == matches["reference_row"].to_pylist() == list(range(size))
    steps = {step[:2] for text in matches["weights"].to_pylist() for step in waterfall(text)}
    assert {level for name, level in steps if name == "date"} == {"2 working days later"}
    assert {level for name, level in steps if name == "amount"} == {"less by 0.17, a usual fee"}


def test_a_counterparty_decides_where_nothing_else_does() -> None:
    source = table("""
        S1  2026-03-02  120.00 USD  transfer
        S2  2026-03-02  120.00 USD  transfer
    """)
    reference = table("""
        R1  2026-03-05  118.00 USD  transfer
        R2  2026-03-05  118.00 USD  transfer
    """)
    names = pa.array(["Okafor Ltd", "Zimmermann"])
    at = source.schema.get_field_index("counterparty")
    source, reference = (side.set_column(at, source.schema.field(at), [names]) for side in (source, reference))
    found = of_status(match(source, reference, LEARNED).matches, "suggested").sort_by([("confidence", "descending")])
    assert found.slice(0, 2).select(["source_row", "reference_row"]).to_pylist() == [
        {"source_row": 0, "reference_row": 0},
        {"source_row": 1, "reference_row": 1},
    ]


def test_earlier_passes_find_what_they_find_under_fixed_rules() -> None:
    source = table("""
        S1  2026-03-02   50.00 USD  Acme seat  ref=A
        S2  2026-03-02   70.00 USD  Beta rent
        S3  2026-03-02  120.00 USD  Gamma consulting services march
    """)
    reference = table("""
        R1  2026-03-09   40.00 USD  Other words  ref=A
        R2  2026-03-02   70.00 USD  Beta rent
        R3  2026-03-05  117.10 USD  GAMMA CONSULTING SERV
    """)
    assert pairs(source, reference, LEARNED)[:2] == ["S1=R1 identity +1000", "S2=R2 exact"]


def test_a_handful_of_rows_is_weighed_by_the_general_idea_and_only_suggested() -> None:
    source = table("""
        S1  2026-03-02  120.00 USD  Gamma consulting services march
        S2  2026-03-02  810.00 USD  Delta freight charges 4471
        S3  2026-03-03   33.50 USD  Monthly rent Okafor
    """)
    reference = table("""
        R1  2026-03-05  117.10 USD  GAMMA CONSULTING SERV
        R2  2026-03-06  786.10 USD  DELTA FREIGHT CHAR
        R3  2026-03-07   33.50 USD  MONTHLY RENT OKA
    """)
    assert {pair.split()[0] for pair in pairs(source, reference, LEARNED)} == {"S1?R1", "S2?R2", "S3?R3"}


def test_two_partners_as_good_as_each_other_are_a_question() -> None:
    source = table("S1  2026-03-02  120.00 USD  Gamma consulting services")
    reference = table("""
        R1  2026-03-05  117.00 USD  Gamma consulting serv A
        R2  2026-03-05  117.00 USD  Gamma consulting serv B
    """)
    assert {pair.split()[0] for pair in pairs(source, reference, LEARNED)} == {"S1?R1", "S1?R2"}


def test_a_refund_is_not_weighed_against_a_charge_nor_one_currency_against_another() -> None:
    source = table("S1  2026-03-02  120.00 USD  Gamma consulting")
    assert pairs(source, table("R1  2026-03-03  -120.00 USD  Gamma consulting"), LEARNED) == []
    assert pairs(source, table("R1  2026-03-03  120.00 EUR  Gamma consulting"), LEARNED) == []


def test_an_empty_side_matches_nothing() -> None:
    source = table("S1  2026-03-02  120.00 USD  Gamma consulting")
    assert match(source, empty_transactions(), LEARNED).matches.num_rows == 0


def test_every_level_has_a_name_and_a_share_of_the_general_idea() -> None:
    for habits in (Habits(), Habits(is_working_days=True)):
        for which, scale in enumerate(SCALES):
            names = names_of(which, habits)
            assert len(set(names)) == len(names) == len(scale)
            for idea in (scale.likely, scale.unlikely):
                assert idea.shape == (len(scale),)
                assert idea.sum() == pytest.approx(1)


def test_a_scoring_that_does_not_exist_is_refused() -> None:
    with pytest.raises(RulesInvalid, match="rules, learned"):
        Rules(scoring="guessed")  # type: ignore[arg-type]
