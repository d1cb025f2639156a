"""The nearest rows of the other side, and what each lacks."""

from __future__ import annotations

import pyarrow as pa

from recon.matching import match
from recon.matching.explain import COLUMNS, nearest, nearest_among
from recon.model.candidate import Candidate
from recon.model.rules import Rules, Scoring
from recon.model.transactions import Side
from tests.matching.builders import table

RULES = Rules(amount_tolerance_minor=20, days_before=1, days_after=2, description_threshold=80)


def ask(source: str, reference: str, row: int = 0, side: Side = Side.SOURCE, limit: int = 3) -> tuple[Candidate, ...]:
    one, other = table(source), table(reference)
    return nearest(row, side, one, other, match(one, other, RULES).matches, RULES, limit)


SOURCE = "S1  2026-03-10  100.00 USD  Acme 10234  ref=A"


def test_a_candidate_says_by_how_much_each_rule_was_missed() -> None:
    found = ask(SOURCE, "R1  2026-03-15  99.00 USD  Acme payroll 77")
    assert len(found) == 1
    assert (found[0].line, found[0].amount_delta, found[0].days) == (1, 100, 5)
    assert found[0].failed == (
        "The amounts differ by 1.00 USD; the rules allow 0.20 USD.",
        "The reference is 5 days after the source; the rules allow 2 days.",
        f"The descriptions are {found[0].similarity} % alike; the rules ask for 80 %.",
    )
    assert found[0].agreed == ("currency",)


def test_asking_from_the_reference_keeps_the_signs_of_source_minus_reference() -> None:
    found = ask(SOURCE, "R1  2026-03-08  99.00 USD  Acme 10234", side=Side.REFERENCE)
    assert (found[0].amount_delta, found[0].days) == (100, -2)
    assert "The reference is 2 days before the source; the rules allow 1 day." in found[0].failed
    assert found[0].agreed == ("currency", "description")


def test_a_partner_that_is_taken_says_so_and_by_whom() -> None:
    source = SOURCE + "\nS2  2026-03-10  100.00 USD  Acme 10234"
    found = ask(source, "R1  2026-03-10  100.00 USD  Acme 10234  id=A", row=1)
    assert found[0].failed == ("It is already matched with another row of the source.",)
    assert found[0].taken_by == (0,)


def test_the_nearest_come_first_and_a_shared_id_before_all() -> None:
    found = ask(
        SOURCE,
        """
        R1  2026-03-12   90.00 USD  Zeta
        R2  2026-03-10   99.00 USD  Acme 10234
        R3  2026-01-01    7.00 EUR  Other  ref=A
        R4  2026-03-10  100.00 GBP  Acme 10234
        R5  2025-03-10    1.00 USD  Unrelated words
        """,
    )
    assert [candidate.line for candidate in found] == [3, 2, 1]
    assert found[0].failed[0] == "The currencies differ: USD and EUR."
    assert found[0].agreed == ("payment_ref",)


def test_a_similarity_just_under_the_threshold_is_not_shown_as_reaching_it() -> None:
    text = "abcdefghijklmnopqrstuvwxyz" * 2
    source = f"S1  2026-03-10  100.00 USD  {text[:49]}"
    found = ask(source, f"R1  2026-03-11  100.00 USD  {text[:39]}XXXXXXXXXX")  # 39 of 49 letters: 79.59
    assert (found[0].similarity, found[0].failed) == (79, ("The descriptions are 79 % alike; the rules ask for 80 %.",))


def test_opposite_signs_are_named() -> None:
    found = ask(SOURCE, "R1  2026-03-10  -100.00 USD  Acme 10234")
    assert found[0].failed == ("The signs are opposite: one is money in, the other money out.",)


def test_a_missing_text_is_named() -> None:
    found = ask(SOURCE, "R1  2026-03-11  99.00 USD  -")
    assert found[0].similarity is None
    assert found[0].failed[1] == "There is no description on both sides to compare."


def test_the_row_it_is_matched_with_is_not_among_them() -> None:
    found = ask(SOURCE, "R1  2026-03-10  100.00 USD  Acme 10234\nR2  2026-03-10  101.00 USD  Acme 10234")
    assert [candidate.line for candidate in found] == [2]


def test_a_selection_names_its_rows() -> None:
    one, other = table(SOURCE), table("R1  2026-05-11  9.00 USD  x\nR2  2026-03-11  99.00 USD  Acme")
    selection = other.slice(1).append_column("row", pa.array([1]))
    matches = match(one, other, RULES).matches
    found = nearest_among(one, 0, Side.SOURCE, selection, matches, RULES)
    assert found == nearest(0, Side.SOURCE, one, other, matches, RULES)[:1]


def test_an_empty_side_has_no_candidates() -> None:
    one = table(SOURCE)
    assert nearest(0, Side.SOURCE, one, one.slice(0, 0), match(one, one.slice(0, 0), RULES).matches, RULES) == ()


def test_the_named_columns_are_enough() -> None:
    one, other = table(SOURCE), table("R1  2026-03-11  99.00 USD  Acme")
    matches = match(one, other, RULES).matches
    whole = nearest(0, Side.SOURCE, one, other, matches, RULES)
    columns = list(COLUMNS)
    assert nearest(0, Side.SOURCE, one.select(columns), other.select(columns), matches, RULES) == whole


def test_a_thousand_rows_of_one_price_still_show_the_likeliest() -> None:
    crowd = "\n".join(f"R{number}  2026-03-10  101.00 USD  word{number} text" for number in range(1000))
    found = ask(SOURCE, crowd + "\nX  2026-03-10  101.00 USD  Acme 10243")
    assert found[0].line == 1001


def test_under_learned_scoring_only_what_it_does_not_look_at_has_failed() -> None:
    one = table(SOURCE)
    other = table("R1  2026-03-30  90.00 USD  Zoo\nR2  2026-04-20  80.00 USD  Zoo")
    rules = Rules(scoring=Scoring.LEARNED)
    near, far = nearest(0, Side.SOURCE, one, other, match(one, other, rules).matches, rules)
    assert near.failed == ()
    assert far.failed == (
        "The amounts differ by 20.00 USD; the rules allow 15.00 USD.",
        "The reference is 41 days after the source; the rules allow 31 days.",
    )
