from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from recon.model.outcome import WORK, DiscrepancyKind, ProofLine
from recon.queries.overview import AGE_BUCKETS, OpenGroup, RunPoint
from recon.ui import charts
from recon.ui.format import KINDS
from tests.builders import NOON


def proof(*by_kind: tuple[DiscrepancyKind, int, int], source: int, reference: int, unexplained: int = 0) -> ProofLine:
    return ProofLine(
        currency="EUR",
        source_count=10,
        source_total=source,
        reference_count=9,
        reference_total=reference,
        by_kind=by_kind,
        unexplained=unexplained,
    )


def point(run_id: int, *, matched: int = 98, rows: int = 200, days: int = 0) -> RunPoint:
    return RunPoint(
        run_id=run_id,
        reconciliation="Bank vs ledger",
        finished_at=NOON + timedelta(days=days),
        matched_row_count=2 * matched,
        row_count=rows,
        discrepancy_count=rows - 2 * matched,
    )


def test_a_kind_has_its_own_colour_even_where_others_are_missing() -> None:
    groups = [OpenGroup(run_id=1, kind="duplicate", currency="EUR", bucket=3, count=7, gross=100)]
    chart = charts.ageing(groups)
    colours = {trace.name: trace.marker.color for trace in chart.data}
    assert colours == {look.label: charts.SLOTS[look.slot] for look in (KINDS[kind] for kind in WORK)}
    assert len(set(colours.values())) == len(WORK) - 1  # fees and conversions are explained sums both, and share one


def test_ageing_adds_currencies_as_counts_and_a_click_names_kind_and_age() -> None:
    groups = [
        OpenGroup(run_id=run_id, kind="duplicate", currency=currency, bucket=2, count=5, gross=1)
        for run_id, currency in ((1, "EUR"), (2, "USD"))
    ]
    trace = next(trace for trace in charts.ageing(groups).data if trace.name == "Duplicate")
    assert list(trace.x) == [0, 0, 10, 0, 0]
    assert list(trace.y) == [label for label, _, _ in AGE_BUCKETS]
    assert charts.kind_of({"customdata": trace.customdata[2]}) == (DiscrepancyKind.DUPLICATE, 2)


def test_every_step_of_the_bridge_begins_where_the_last_one_ended() -> None:
    line = proof(
        (DiscrepancyKind.AMOUNT_MISMATCH, 1, -250),
        (DiscrepancyKind.MISSING_IN_REFERENCE, 2, 10_000),
        (DiscrepancyKind.MISSING_IN_SOURCE, 1, -4_000),
        source=105_750,
        reference=100_000,
    )
    (bars,) = charts.proof_bridge(line).data
    assert list(bars.y)[-2:] == ["Unexplained", "Source − reference"]
    assert list(bars.x) == [-250, 10_000, -4_000, 0, 5_750]
    assert list(bars.base) == [0, -250, 9_750, 5_750, 0]
    assert list(bars.text) == ["−2.50", "100.00", "−40.00", "0.00", "57.50"]


def test_a_bridge_of_more_digits_than_a_browser_counts_still_tells_them_exactly() -> None:
    huge = 12_345_678_901_234_567_890_123
    (bars,) = charts.proof_bridge(proof((DiscrepancyKind.MISSING_IN_REFERENCE, 1, huge), source=huge, reference=0)).data
    assert bars.text[0] == "123,456,789,012,345,678,901.23"
    assert max(abs(value) for value in bars.x) < 2**53
    json.dumps(list(bars.x))


def test_the_axis_of_rows_matched_begins_at_a_round_figure_below_the_worst_run() -> None:
    good = charts.run_history([point(1, matched=99), point(2, matched=100, days=1)])
    assert list(good.layout.yaxis2.tickvals) == [9_900, 10_000]
    poor = charts.run_history([point(1, matched=10), point(2, matched=100, days=1)])
    assert min(poor.layout.yaxis2.tickvals) == 0


@pytest.mark.parametrize(
    ("apart", "names"),
    [
        (timedelta(days=1), ["2 Mar", "3 Mar"]),
        (timedelta(minutes=1), ["12:00", "12:01"]),
        (timedelta(seconds=1), ["#1", "#2"]),
    ],
)
def test_runs_are_told_apart_by_day_of_one_day_by_time_of_one_minute_by_number(
    apart: timedelta, names: list[str]
) -> None:
    later = replace(point(2), finished_at=NOON + apart)
    assert list(charts.run_history([point(1), later]).layout.xaxis.ticktext) == names


def test_stages_come_in_the_order_they_run_whatever_order_they_are_stored_in() -> None:
    (bars,) = charts.stages({"publish": 0.4, "tally": 1.0, "exact": 0.02, "load": 2.0}).data
    assert list(bars.y) == ["Load", "Exact", "Publish", "Tally"]
    assert list(bars.text) == ["2.0 s", "20 ms", "400 ms", "1.0 s"]


def test_confidence_shows_at_least_the_eight_highest_steps() -> None:
    (bars,) = charts.confidence([0] * 19 + [100]).data
    assert len(bars.x) == 8
    (bars,) = charts.confidence([0, 0, 0, 1] + [0] * 15 + [100]).data
    assert bars.x[0] == "0.15–0.20"


def test_a_waterfall_ends_at_the_sum_of_its_steps() -> None:
    steps = (("amount", "3-4 % less", -0.93), ("date", "2 days later", 2.31), ("description", "words " * 20, 8.57))
    figure = charts.waterfall(steps)
    (bars,) = figure.data
    assert list(bars.base) == pytest.approx([0, -0.93, 1.38, 0])
    assert list(bars.x) == pytest.approx([-0.93, 2.31, 8.57, 9.95])
    assert list(bars.text) == ["−0.93", "+2.31", "+8.57", "+9.95"]
    assert len(set(bars.marker.color)) == 3
    titles = [note.text for note in figure.layout.annotations]
    assert titles[0] == "<b>Amount</b> 3-4 % less"
    assert titles[2].endswith("…")
    assert figure.layout.annotations[2].hovertext == "words " * 20


def test_the_legend_names_as_many_kinds_as_stand_beside_the_bars_the_most_frequent_first() -> None:
    groups = [
        OpenGroup(run_id=1, kind=kind.value, currency="EUR", bucket=2, count=10 + place, gross=1)
        for place, kind in enumerate(WORK)
    ]
    low, high = ({t.name for t in charts.ageing(groups, height=h).data if t.showlegend} for h in (100, 400))
    assert low == {KINDS[kind].label for kind in WORK[-3:]}
    assert high == {KINDS[kind].label for kind in WORK}
