"""The charts of the checks: a bar a run in the colour of its status, a bar a day and check, amounts named exactly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from recon.model.checks import CheckBook, CheckStatus
from recon.queries.variances import DayAmount
from recon.ui.integrity import charts
from recon.ui.integrity.charts import Measure
from recon.ui.integrity.look import BAR_COLORS
from tests.ui.integrity.test_look import RUN

RUNS = (
    RUN,
    replace(RUN, id=8, status=CheckStatus.FAIL, variance_count=2, variance_totals={"USD": Decimal(150)}, duration_ms=9),
    replace(RUN, id=9, status=CheckStatus.ERROR),
)


def amount(day: int, name: str, value: str, unit: str = "USD") -> DayAmount:
    return DayAmount(
        day=date(2026, 3, day),
        check_name=name,
        book=CheckBook.UAE,
        unit=unit,
        amount=Decimal(value),
        variance_count=1,
    )


def test_every_run_has_its_bar_and_its_status_below() -> None:
    bars, strip = charts.history(RUNS, Measure.VARIANCES, None, shown_id=9, height=100).data
    assert list(bars.y) == [0, 2, 0]
    assert list(strip.y) == [1, 1, 1]
    assert list(strip.marker.color) == [BAR_COLORS[run.status] for run in RUNS]
    assert [point[0] for point in bars.customdata] == [7, 8, 9]
    assert "1.50 USD" in bars.text[1]
    assert "(shown)" in bars.text[2]


def test_amounts_and_durations_have_axes_in_words() -> None:
    amounts = charts.history(RUNS, Measure.AMOUNT, "USD", shown_id=None, height=100)
    assert list(amounts.data[0].y) == [0, 150, 0]
    assert list(amounts.layout.yaxis.ticktext) == ["0.00", "0.75", "1.50"]
    durations = charts.history(RUNS, Measure.DURATION, None, shown_id=None, height=100)
    assert durations.layout.yaxis.ticktext[-1] == "9 ms"
    assert charts.units_of(RUNS) == ["USD"]


def test_no_run_is_a_chart_too() -> None:
    for measure in Measure:
        charts.history((), measure, None, shown_id=None, height=100)


def test_days_are_stacked_by_check_in_one_unit_and_the_largest_comes_first() -> None:
    found = [
        amount(1, "account_totals", "700"),
        amount(1, "gtn_ledger_recon", "150"),
        amount(2, "gtn_ledger_recon", "900"),
        amount(2, "viewtrade_holdings_recon", "0.1", "units"),
    ]
    since, until = date(2026, 3, 1), date(2026, 3, 2)
    chart = charts.days(found, "USD", since=since, until=until, height=100)
    assert [bar.name for bar in chart.data] == ["GTN ledger recon", "Account totals"]
    assert list(chart.data[0].y) == [150, 900]
    assert list(chart.layout.yaxis.ticktext) == ["0.00", "4.50", "9.00"]
    (units,) = charts.days(found, "units", since=since, until=until, height=100).data
    assert list(units.y) == [0.1]


def test_an_amount_beyond_what_a_browser_counts_is_drawn_all_the_same() -> None:
    huge = [amount(1, "account_totals", str(10**37))]
    (bar,) = charts.days(huge, "USD", since=date(2026, 3, 1), until=date(2026, 3, 1), height=100).data
    assert bar.y[0] < 2**53
