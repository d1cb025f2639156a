"""The learned scoring against every one-to-one choice there is, on files small enough to list them all."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest

from recon.bench.keyless import keyless
from recon.matching import learned, match
from recon.matching.board import Board
from recon.matching.columns import read_sides
from recon.matching.learned import weigh
from recon.model.progress import silent
from recon.model.rules import PassName, Rules, Scoring

LEARNED = Rules(scoring=Scoring.LEARNED, passes=(PassName.SCORED,))
Pair = tuple[int, int]


def gains(source: pa.Table, reference: pa.Table) -> dict[Pair, int]:
    """Pairs of rows that are worth more than no partner, and how much."""
    board = Board(read_sides(source, reference, 1, lambda _: None), LEARNED, threads=1, on_progress=silent)
    weighed = weigh(board)
    if weighed is None:
        return {}
    rows = board.source.row[weighed.pairs.source], board.reference.row[weighed.pairs.reference]
    worth = zip(*(row.tolist() for row in rows), weighed.gain.tolist(), strict=True)
    return {(one, other): gain for one, other, gain in worth if gain > 0}


def best_choices(graph: dict[Pair, int]) -> list[frozenset[Pair]]:
    """Every one-to-one choice with the greatest total."""
    choices = [
        frozenset(chosen)
        for size in range(len(graph) + 1)
        for chosen in combinations(graph, size)
        if len({one for one, _ in chosen}) == len({other for _, other in chosen}) == size
    ]
    best = max(sum(graph[pair] for pair in chosen) for chosen in choices)
    return [chosen for chosen in choices if sum(graph[pair] for pair in chosen) == best]


def small(seed: int) -> tuple[pa.Table, pa.Table]:
    """A few movements drawn close together, so that rows have rivals."""
    rng = np.random.default_rng(seed)
    texts = ["kwame gomes rent 4411", "kwame gomes freight 91", "rosa botha rent 77", "rosa botha invoice 4417"]
    cut = [text[: int(width)].upper() for text, width in zip(texts, rng.integers(13, 17, 4), strict=True)]
    sides = []
    for begin, late in ((0, 0), (4, 3)):
        table = keyless(40, seed=1).source.slice(begin, 4)
        days = [int(np.datetime64("2026-03-02").astype(int)) + late + int(day) for day in rng.integers(0, 3, 4)]
        columns = {
            "date": pa.array(days, pa.int32()).cast(pa.date32()),
            "amount": pa.array(10_000 - rng.integers(0, 4, 4) * 100),
            "description": pa.array(cut if late else texts),
        }
        for name, column in columns.items():
            table = table.set_column(table.schema.get_field_index(name), table.schema.field(name), column)
        sides.append(table)
    return sides[0], sides[1]


@pytest.mark.parametrize("seed", range(12))
def test_what_every_best_choice_has_is_decided_and_nothing_else_is_booked(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learned, "FEWEST", 0)  # so few rows are only suggested otherwise
    monkeypatch.setattr(learned, "TARGET_ERROR", 0.1)
    source, reference = small(seed)
    graph = gains(source, reference)
    assert graph
    always = frozenset.intersection(*best_choices(graph))
    matches = match(source, reference, LEARNED).matches
    rows = list(zip(matches["source_row"].to_pylist(), matches["reference_row"].to_pylist(), strict=True))
    booked = {pair for pair, status in zip(rows, matches["status"].to_pylist(), strict=True) if status == "matched"}
    assert always <= set(rows)
    assert booked <= always
