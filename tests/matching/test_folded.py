"""Ids that differ in case and leading zeros alone are evidence, not proof."""

from __future__ import annotations

import pyarrow as pa
import pytest

from recon.matching import match
from recon.matching.folded import fold
from recon.matching.why import reasons
from recon.model.rules import PassName, Rules
from tests.matching.builders import pairs, table


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("INV-0012", "inv-12"),
        ("000123", "123"),
        ("A-00-007b", "a-0-7b"),
        ("100200", "100200"),
        ("0", "0"),
        ("X0Y0", "x0y0"),
        ("", ""),
        (None, ""),
    ],
)
def test_an_id_is_folded_to_lower_case_without_leading_zeros(written: str | None, folded: str) -> None:
    assert fold(pa.array([written], pa.string())).to_pylist() == [folded]


SOURCE = "S1  2026-03-02  50.00 USD  Card payment  ref=INV-0012"


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("R1  2026-03-03  50.00 USD  Wholly unlike words  ref=inv-12", ["S1?R1 identity"]),
        ("R1  2026-03-03  50.00 USD  Wholly unlike words  id=Inv-12", ["S1?R1 identity"]),
        ("R1  2026-03-03  50.01 USD  Wholly unlike words  ref=inv-12", []),
        ("R1  2026-03-03  50.00 EUR  Wholly unlike words  ref=inv-12", []),
        ("R1  2026-03-04  50.00 USD  Wholly unlike words  ref=inv-12", []),
        ("R1  2026-03-03  50.00 USD  Wholly unlike words  ref=inv-120", []),
        ("R1  2026-03-03  50.00 USD  Payment, card  ref=inv-12", ["S1=R1 scored"]),
        ("R1  2026-03-03  50.00 USD  Unlike  ref=inv-12\nR2  2026-03-03  50.00 USD  Else  ref=INV-12", []),
    ],
)
def test_a_pair_is_suggested_where_amount_and_window_agree_too(reference: str, found: list[str]) -> None:
    assert pairs(table(SOURCE), table(reference)) == found


def test_a_word_in_an_id_column_names_nothing() -> None:
    source, reference = table("S1  2026-03-02  5.00 USD  a b  ref=CASH"), table("R1  2026-03-03  5.00 USD  x  ref=cash")
    assert pairs(source, reference) == []


def test_where_ids_are_not_looked_at_similar_ones_are_not_either() -> None:
    reference = table("R1  2026-03-03  50.00 USD  Wholly unlike words  ref=inv-12")
    passes = (PassName.EXACT, PassName.LEFTOVERS)
    assert pairs(table(SOURCE), reference, Rules(passes=passes)) == []


def test_the_pair_says_what_of_its_references_agrees() -> None:
    source, reference = table(SOURCE), table("R1  2026-03-03  50.00 USD  Wholly unlike words  ref=inv-12")
    (found,) = match(source, reference, Rules()).matches.to_pylist()
    told = reasons(source.to_pylist()[0], reference.to_pylist()[0], found, Rules())
    assert told[0].text == "The references are the same but for upper and lower case or leading zeros."
