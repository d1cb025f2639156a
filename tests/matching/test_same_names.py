"""Names the rules hold for the same party: what they are found in, and what they change of a match."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.errors import RulesInvalid
from recon.matching import match
from recon.matching.explain import nearest
from recon.matching.why import reasons
from recon.model.aliases import MAX_ALIASES, MAX_NAME_LENGTH, Alias, aliases, reader
from recon.model.rules import Rules, Scoring
from recon.model.transactions import Side
from tests.matching.builders import pairs, table

KESTREL = aliases(["Kestrel Energy Ltd = KESTREL EN = Kestrel"])
NAMED = Rules(aliases=KESTREL)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("kestrel  en 4711", "Kestrel Energy Ltd 4711"),
        ("PAID/KESTREL-EN/4711", "PAID/Kestrel Energy Ltd/4711"),
        ("Kestrel, thanks", "Kestrel Energy Ltd, thanks"),
        ("Kestrel Energy Ltd", "Kestrel Energy Ltd"),
        ("KESTREL ENERGY", "Kestrel Energy Ltd ENERGY"),
        ("KESTRELEN", "KESTRELEN"),
        ("", ""),
    ],
)
def test_a_name_is_found_as_whole_words_in_any_case_and_the_longest_counts(said: str, read: str) -> None:
    assert reader(KESTREL).read(said) == read


@pytest.mark.parametrize(
    "lines",
    [
        ["Kestrel"],
        ["Kestrel = "],
        ["Kestrel = -"],
        ["Kestrel = KESTREL"],
        ["A = B", "b = C"],
        ["A = B|C"],
        ["A = B\x07C"],
        [f"A = {'b' * (MAX_NAME_LENGTH + 1)}"],
        [f"a{n} = b{n}" for n in range(MAX_ALIASES + 1)],
        "A = B",
        [3],
    ],
)
def test_an_alias_that_could_be_read_in_two_ways_is_refused(lines: object) -> None:
    with pytest.raises(RulesInvalid):
        aliases(lines)


def test_rows_whose_names_mean_the_same_are_matched_and_both_sides_are_read() -> None:
    source = table("S1  2026-03-02  50.00 USD  Kestrel Energy Ltd\nS2  2026-03-03  70.00 USD  KESTREL EN\n")
    reference = table("R1  2026-03-03  50.00 USD  KESTREL EN\nR2  2026-03-02  70.00 USD  kestrel\n")
    assert pairs(source, reference, Rules()) != ["S1=R1 scored", "S2=R2 scored"]
    assert pairs(source, reference, NAMED) == ["S1=R1 scored", "S2=R2 scored"]


def test_a_pair_made_by_a_name_says_so() -> None:
    source, reference = (
        table("S1  2026-03-02  50.00 USD  Kestrel Energy Ltd"),
        table("R1  2026-03-03  50.00 USD  KESTREL EN"),
    )
    (made,) = match(source, reference, NAMED).matches.to_pylist()
    told = [one.text for one in reasons(source.to_pylist()[0], reference.to_pylist()[0], made, NAMED)]
    assert "KESTREL EN was read as Kestrel Energy Ltd." in told
    assert made["similarity"] == 100
    free = match(source.slice(0, 0), reference, NAMED).matches
    (near,) = nearest(0, Side.REFERENCE, source, reference, free, NAMED)
    assert near.similarity == 100


NAMES = ("Kestrel Energy Ltd", "KESTREL EN", "Kestrel", "Marlow", "Kestrel Energy", None)
Row = tuple[str | None, int, int]
Rows = list[tuple[int, Row]]
SIDES = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(1, 2), st.integers(1, 3)), max_size=7)


@given(source=SIDES, reference=SIDES, seed=st.integers(), scoring=st.sampled_from(Scoring))
def test_rows_in_any_order_give_the_same_pairs_by_name(
    source: list[Row], reference: list[Row], seed: int, scoring: Scoring
) -> None:
    def drawn(rows: Rows) -> pa.Table:
        return table(
            "\n".join(f"{n}  2026-03-0{day}  {amount}.00 USD  {text or '-'}" for n, (text, amount, day) in rows)
        )

    def by_content(ours: Rows, theirs: Rows) -> list[tuple[object, ...]]:
        found = match(drawn(ours), drawn(theirs), Rules(aliases=KESTREL, scoring=scoring)).matches.to_pylist()
        ends = ((ours[one["source_row"]][1], theirs[one["reference_row"]][1], one["status"]) for one in found)
        return sorted(ends, key=repr)

    ours, theirs = list(enumerate(source)), list(enumerate(reference))
    draw = random.Random(seed)
    assert by_content(ours, theirs) == by_content(draw.sample(ours, len(ours)), draw.sample(theirs, len(theirs)))


def test_a_thousand_long_names_can_be_looked_for_at_once() -> None:
    many = aliases([f"Company number {n} of the valley = {'x' * 60} {n}" for n in range(MAX_ALIASES)])
    source = table("S1  2026-03-02  50.00 USD  Company number 7 of the valley")
    reference = table(f"R1  2026-03-03  50.00 USD  {'X' * 60} 7")
    assert pairs(source, reference, Rules(aliases=many)) == ["S1=R1 scored"]


def test_aliases_are_stored_and_read_again_as_they_are() -> None:
    rules = Rules(aliases=aliases(['Müller "Söhne" = M\\S', "A = B"]))
    assert Rules.from_dict(rules.as_dict()) == rules
    assert [str(one) for one in rules.aliases] == ["A = B", 'Müller "Söhne" = M\\S']
    assert Alias.parse(" A  =B ") == rules.aliases[0]
