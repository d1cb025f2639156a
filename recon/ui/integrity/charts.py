"""The charts of the checks: one check's history, and what was unexplained day by day. Pure, as `recon.ui.charts`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

import plotly.graph_objects as go

from recon.model.checks import CheckStatus
from recon.money import exponents
from recon.queries.checks import CheckRunRow
from recon.queries.variances import DayAmount
from recon.ui.charts import BAR_GAP, SLOTS, frame, shrunk
from recon.ui.format import compact_money, count, counted, duration, instant, plain
from recon.ui.integrity.look import BAR_COLORS, BOOKS, STATUSES, title, with_unit

_BAR_MS: Final = 17 * 3600 * 1000
"""Of a day's bar: two thirds of the day."""

_STRIP: Final = [0.0, 0.09]
_BARS: Final = [0.17, 1.0]


class Measure(StrEnum):
    """What the history of a check shows of each run."""

    VARIANCES = "Variances"
    AMOUNT = "Amount"
    DURATION = "Duration"


def history(
    runs: Sequence[CheckRunRow], measure: Measure, unit: str | None, *, shown_id: int | None, height: int
) -> go.Figure:
    """A bar a run, oldest first, and under it a strip of statuses. `customdata`: (run id,). `unit` of the amount."""
    places = list(range(len(runs)))
    colors = [BAR_COLORS[run.status] for run in runs]
    hover = [_told(run, is_shown=run.id == shown_id) for run in runs]
    values, ticks = _values(runs, measure, unit)
    chart = go.Figure()
    for values_, axis in ((values, "y"), ([1] * len(runs), "y2")):
        chart.add_bar(
            x=places,
            y=values_,
            yaxis=axis,
            text=hover,
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
            customdata=[[run.id] for run in runs],
            marker={"color": colors, "line": {"width": 0}},
        )
    frame(chart, height=height, legend=False)
    chart.update_layout(
        bargap=BAR_GAP,
        yaxis={"domain": _BARS, "rangemode": "tozero", "nticks": 4, "tickformat": "~s", **ticks},
        yaxis2={"domain": _STRIP, "visible": False, "fixedrange": True, "range": [0, 1]},
    )
    step = max(1, -(-len(runs) // 8))
    chart.update_xaxes(
        tickvals=places[::step],
        ticktext=_run_names(runs)[::step],
        showgrid=False,
        tickangle=0,
        anchor="y2",
        range=[-0.6, max(len(runs), 20) - 0.4],
    )
    return chart


HISTORY_LEGEND: Final = " ".join(
    f":{look.color}[■] {look.label.lower()}" for look in (STATUSES[status] for status in CheckStatus)
)


def days(amounts: Sequence[DayAmount], unit: str, *, since: date, until: date, height: int) -> go.Figure:
    """Unexplained at the end of each day in one unit, stacked by check. `customdata` of a bar: (check name,)."""
    mine = [found for found in amounts if found.unit == unit and found.amount]
    by_day: dict[date, Decimal] = {}
    for found in mine:
        by_day[found.day] = by_day.get(found.day, Decimal(0)) + found.amount
    top = max(by_day.values(), default=Decimal(1))
    chart = go.Figure()
    for place, name in enumerate(ranked(mine)):
        bars = [found for found in mine if found.check_name == name]
        chart.add_bar(
            name=title(name),
            x=[found.day for found in bars],
            y=[_axis(found.amount, unit, top) for found in bars],
            text=[f"{title(name)}, {BOOKS[found.book]}<br>{_exact(found.amount, unit)}" for found in bars],
            textposition="none",
            hovertemplate="%{text}<br>%{x|%d %b %Y}<extra></extra>",
            customdata=[[name]] * len(bars),
            width=_BAR_MS,
            marker={"color": SLOTS[place % len(SLOTS)], "line": {"width": 0}},
        )
    frame(chart, height=height, legend=True)
    chart.update_layout(barmode="stack", bargap=BAR_GAP)
    chart.update_yaxes(rangemode="tozero", **_amount_ticks(top, unit))
    chart.update_xaxes(showgrid=False, tickformat="%d %b", nticks=8, range=[_noon(since, -1), _noon(until, 0)])
    return chart


def _noon(day: date, shift: int) -> datetime:
    """Bars stand on midnights: an axis begins and ends half a day beside them."""
    return datetime.combine(day + timedelta(days=shift), time(12))


def ranked(amounts: Sequence[DayAmount]) -> list[str]:
    """The checks with something unexplained, the most on any day first."""
    most: dict[str, Decimal] = {}
    for found in amounts:
        if found.amount:
            most[found.check_name] = max(most.get(found.check_name, Decimal(0)), found.amount)
    return sorted(most, key=lambda name: (-most[name], name))


def _values(
    runs: Sequence[CheckRunRow], measure: Measure, unit: str | None
) -> tuple[Sequence[int | float], dict[str, Any]]:
    match measure:
        case Measure.VARIANCES:
            return [run.variance_count for run in runs], {}
        case Measure.DURATION:
            most = max((run.duration_ms for run in runs), default=1) or 1
            ticks = [0, most // 2, most]
            return [run.duration_ms for run in runs], {
                "tickvals": ticks,
                "ticktext": [duration(tick / 1000) for tick in ticks],
            }
        case Measure.AMOUNT:
            totals = [run.variance_totals.get(unit or "", Decimal(0)) for run in runs]
            top = max(totals, default=Decimal(0))
            return [_axis(total, unit or "", top) for total in totals], _amount_ticks(top, unit or "")


def _amount_ticks(top: Decimal, unit: str) -> dict[str, Any]:
    """Three ticks on whole minor units; an axis of another unit names its own."""
    if unit not in exponents():
        return {"tickformat": "~g", "nticks": 4}
    ticks = sorted({0, int(top) // 2, int(top)})
    return {
        "tickvals": [shrunk(tick, 0, int(top)) for tick in ticks],
        "ticktext": [compact_money(tick, unit).removesuffix(f" {unit}") for tick in ticks],
    }


def _axis(amount: Decimal, unit: str, top: Decimal) -> int | float:
    """Whole minor units, cut to what a browser's numbers hold; quantities and counts as they are."""
    return shrunk(int(amount), 0, int(top)) if unit in exponents() else float(amount)


def _exact(amount: Decimal, unit: str) -> str:
    return with_unit(int(amount) if unit in exponents() else amount, unit)


def _told(run: CheckRunRow, *, is_shown: bool) -> str:
    totals = [_exact(total, unit) for unit, total in run.variance_totals.items() if total]
    sums = f"<br>Unexplained: {', '.join(totals)}" if totals else ""
    shown = " (shown)" if is_shown else ""
    return (
        f"Run {run.id}{shown} · {STATUSES[run.status].label}<br>{instant(run.finished_at)}<br>"
        f"{counted(run.variance_count, 'variance')} of {count(run.examined_count)} examined in "
        f"{duration(run.duration_ms / 1000)}{sums}<br>by {plain(run.requested_by)}"
    )


def _run_names(runs: Sequence[CheckRunRow]) -> list[str]:
    ends = [run.finished_at.astimezone(UTC) for run in runs]
    if len({at.date() for at in ends}) > 1:
        return [f"{at.day} {at:%b}" for at in ends]
    times = [f"{at:%H:%M}" for at in ends]
    return times if len(set(times)) == len(times) else [f"#{run.id}" for run in runs]


def point_of(event: Any) -> Any:
    """What the clicked bar stands for; None when none is."""
    chosen = [point["customdata"][0] for point in event.selection.points if point.get("customdata")]
    return chosen[0] if chosen else None


def units_of(runs: Sequence[CheckRunRow]) -> list[str]:
    """The units in which anything was unexplained, currencies first, then by how often."""
    seen: dict[str, int] = {}
    for run in runs:
        for unit, total in run.variance_totals.items():
            if total:
                seen[unit] = seen.get(unit, 0) + 1
    return sorted(seen, key=lambda unit: (unit not in exponents(), -seen[unit], unit))
