"""The rows of the workbench: found by what a person types, sorted over all pages, the likeliest partner first."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from recon.model.settlement import SettleMove
from recon.model.transactions import Side
from recon.model.triage import Command, Move, Resolution, Seen
from recon.queries.open_rows import PaneFilter, PaneSort, chosen_rows, pane_rows, pane_sums, settled_by
from recon.store.evidence import Evidence
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.settle_rows import settle_rows
from tests.workflows.bench import ask, opened, row
from tests.workflows.sides import DAY, Row

NAMED: tuple[Row, ...] = (
    (None, DAY, 7_780, "EUR", "Kestrel Energy"),
    (None, DAY.replace(day=9), 7_785, "EUR", "Marlow and Sons"),
    (None, DAY.replace(month=4), -12_050, "EUR", "Zephyr 778"),
    (None, DAY, 778, "JPY", "Osaka Tools"),
)
"""Lines 2 to 5 of the reference; the source has one row, of 77.80 EUR."""


@pytest.fixture
def run_id(engine: Engine, evidence_url: str) -> int:
    source = [("S-1", DAY.replace(day=20), 7_780, "EUR", "Oryx")]
    return opened(engine, Evidence(evidence_url), source=source, reference=NAMED)


@pytest.mark.parametrize(
    ("search", "lines"),
    [
        ("77.80", [2]),
        ("77", [2, 3, 4]),  # without cents: all of it; and a word of one
        ("-120.50", [4]),  # a size: signs are left aside
        ("778", [4, 5]),  # a word of one row, the amount of another, in a currency without cents
        ("2026-03-09", [3]),
        ("2026-04", [4]),
        ("9 Mar", [3]),
        ("2 march 2026", [2, 5]),
        ("2 mar osaka", [5]),
        ("kestrel marlow", []),
        ("2026-13 77.80", []),
        ("100%", []),
    ],
)
def test_a_row_is_found_by_amount_day_or_words_and_every_part_must_fit(
    engine: Engine, run_id: int, search: str, lines: list[int]
) -> None:
    wanted = PaneFilter(run_id=run_id, side=Side.REFERENCE, search=search)
    assert sorted(one.line for one in pane_rows(engine, wanted)) == lines
    assert sum(one.count for one in pane_sums(engine, wanted)) == len(lines)


@pytest.mark.parametrize(
    ("sort", "lines"),
    [
        (PaneSort.DATE, [2, 5, 3, 4]),
        (PaneSort.AMOUNT, [4, 5, 2, 3]),
        (PaneSort.TEXT, [2, 3, 5, 4]),
        (PaneSort.LINE, [2, 3, 4, 5]),
    ],
)
def test_pages_follow_one_order_whichever_way_it_is_found(
    engine: Engine, run_id: int, sort: PaneSort, lines: list[int]
) -> None:
    wanted = PaneFilter(run_id=run_id, side=Side.REFERENCE)
    for is_descending, expected in ((False, lines), (True, lines[::-1])):
        pages = [
            pane_rows(engine, wanted, sort=sort, is_descending=is_descending, limit=3, offset=offset)
            for offset in (0, 3)
        ]
        assert [one.line for page in pages for one in page] == expected


def test_the_nearest_row_has_the_amount_then_the_day_and_never_another_currency(engine: Engine, run_id: int) -> None:
    near = row(engine, run_id, Side.SOURCE, 2)
    wanted = PaneFilter(run_id=run_id, side=Side.REFERENCE)
    assert [one.line for one in pane_rows(engine, wanted, near=near)] == [3, 2, 4, 5]  # 0.05 off and 11 days nearer


def test_who_settled_a_row_meanwhile_is_told_whether_on_the_workbench_or_on_triage(engine: Engine, run_id: int) -> None:
    settle_rows(engine, ask(engine, run_id, SettleMove.IGNORE, reference=[2], reason="Not ours."), actor="kim")
    number = row(engine, run_id, Side.REFERENCE, 3).discrepancy_id
    assert number is not None
    resolved = Command(move=Move.RESOLVE, resolution=Resolution.TIMING, comment="Comes tomorrow.", action_key="k")
    resolve_discrepancies(engine, resolved, [Seen(id=number, version=1)], actor="ana")
    asked = {Side.REFERENCE: [2, 3, 4]}
    assert settled_by(engine, run_id, asked) == ("ana", "kim")
    assert [one.line for one in chosen_rows(engine, run_id, asked)] == [4]
