"""Plotly figures, each a pure function of small rows: no reading, no Streamlit, no sums that a page must tie out.

Colours are slots of the theme's palette, which the browser fills in for light or dark, so a kind has one colour in
every chart, badge and grid. Amounts on an axis are whole minor units; their text is made exactly, by `format`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date
from itertools import accumulate
from typing import Any, Final

import plotly.graph_objects as go

from recon.model.outcome import WORK, DiscrepancyKind, ProofLine
from recon.queries.overview import AGE_BUCKETS, OpenGroup, RunPoint
from recon.ui.format import KINDS, MINUS, clip, compact_money, count, duration, figure, instant, percent, plain, words

SLOTS: Final = tuple(f"#{n:06d}" for n in range(1, 11))
"""What Streamlit's Plotly theme replaces by the ten `chartCategoricalColors`."""

CONFIG: Final = {"displayModeBar": False}
STAGES: Final = (
    "load", "columns", "identity", "groups", "exact", "fees", "scored", "netting", "sums", "leftovers", "evidence",
    "classify", "prove", "store", "publish",
)  # fmt: skip
"""The order stages run in; the database keeps their names in an order of its own."""

_ROW_HEIGHT: Final = 22
_LEGEND_LINE: Final = 19
_AXIS_HEIGHT: Final = 36
BAR_GAP: Final = 0.32
_FONT_SIZE: Final = 12
TICK_SIZE: Final = 11
INK: Final = "#000037"
"""Streamlit's stand-in for the strong grey of the theme; its own axis grey is too pale to read at this size."""
_FONT: Final = "Plex, 'Source Sans', sans-serif"
_STEP_HEIGHT: Final = 40
_LEVEL_LENGTH: Final = 50
"""Characters of a level that fit into the panel; all of it is shown where the pointer rests."""
_FOR_SLOT: Final = 1
_AGAINST_SLOT: Final = 5
_DIFFERENCE_SLOT: Final = 9
_EXACT_DIGITS: Final = 15


def ageing(groups: Sequence[OpenGroup], *, height: int = 186) -> go.Figure:
    """Open discrepancies by age, one bar an age, stacked by kind. `customdata` of a point: (kind, bucket).

    The legend names the most frequent kinds, as many as stand beside the bars; the others say theirs at the pointer.
    """
    counts: dict[tuple[str, int], int] = {}
    sizes: Counter[str] = Counter()
    for group in groups:
        counts[group.kind, group.bucket] = counts.get((group.kind, group.bucket), 0) + group.count
        sizes[group.kind] += group.count
    named = {kind for kind, _ in sizes.most_common(max(1, (height - _AXIS_HEIGHT) // _LEGEND_LINE))}
    labels = [label for label, _, _ in AGE_BUCKETS]
    chart = go.Figure()
    for kind, look in ((kind, KINDS[kind]) for kind in WORK):
        chart.add_bar(
            name=look.label,
            showlegend=kind in named,
            orientation="h",
            y=labels,
            x=[counts.get((kind, bucket), 0) for bucket in range(len(labels))],
            customdata=[[kind.value, bucket] for bucket in range(len(labels))],
            marker={"color": SLOTS[look.slot], "line": {"width": 0}},
            hovertemplate=f"{look.label}, %{{y}}: %{{x:,}}<extra></extra>",
        )
    frame(chart, height=height, legend=True)
    chart.update_layout(barmode="stack", bargap=BAR_GAP)
    chart.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=6)
    chart.update_xaxes(tickformat="~s", rangemode="tozero", nticks=5)
    return chart


RUN_HISTORY_LEGEND: Final = ":blue[■] **Discrepancies per run** :green[**━━**] **Rows matched**"


def run_history(points: Sequence[RunPoint], *, height: int = 186) -> go.Figure:
    """Discrepancies per run as bars, rows matched as a line. `customdata` of a bar: (run id,)."""
    places = list(range(len(points)))
    hover = [
        f"Run {p.run_id} · {plain(p.reconciliation)}<br>{instant(p.finished_at)}<br>"
        f"{count(p.discrepancy_count)} discrepancies · {percent(p.matched_row_count, p.row_count)} matched"
        for p in points
    ]
    chart = go.Figure()
    chart.add_bar(
        name="Discrepancies",
        x=places,
        y=[p.discrepancy_count for p in points],
        customdata=[[p.run_id] for p in points],
        text=hover,
        textposition="none",
        hovertemplate="%{text}<extra></extra>",
        marker={"color": SLOTS[0], "line": {"width": 0}},
    )
    chart.add_scatter(
        name="Rows matched",
        x=places,
        y=[_hundredths(p.matched_row_count, p.row_count) for p in points],
        yaxis="y2",
        mode="lines" if len(points) > 1 else "markers",
        line={"color": SLOTS[1], "width": 2},
        hoverinfo="skip",
    )
    frame(chart, height=height, legend=False)
    step = max(1, -(-len(points) // 6))
    ticks = places[::step]
    chart.update_layout(
        bargap=BAR_GAP,
        yaxis={"tickformat": "~s", "rangemode": "tozero", "nticks": 4},
        yaxis2=_rate_axis(points),
    )
    chart.update_xaxes(
        tickvals=ticks,
        ticktext=_run_names([points[i] for i in ticks]),
        showgrid=False,
        range=[-0.6, max(len(points), 12) - 0.4],
    )
    return chart


def proof_bridge(line: ProofLine, *, height: int = 230) -> go.Figure:
    """How the difference of one currency is made up: a step for each kind, UNEXPLAINED, and the difference itself.

    Bars run in minor units from where the last ended, cut to the digits a browser's numbers hold; labels are exact.
    """
    found = {kind: amount for kind, _, amount in line.by_kind}
    steps = [(look.label, found[kind], look.slot) for kind, look in KINDS.items() if kind in found]
    steps.append(("Unexplained", line.unexplained, 5))
    names, bases, amounts, slots = [], [], [], []
    reached = 0
    for name, amount, slot in steps:
        names.append(name)
        bases.append(reached)
        amounts.append(amount)
        slots.append(SLOTS[slot])
        reached += amount
    difference = line.source_total - line.reference_total
    low, high = _reach(bases, amounts, difference)
    shrink = 10 ** max(0, len(str(max(high, -low))) - _EXACT_DIGITS)
    chart = go.Figure(
        go.Bar(
            orientation="h",
            y=[*names, "Source − reference"],
            x=[amount // shrink for amount in (*amounts, difference)],
            base=[base // shrink for base in (*bases, 0)],
            text=[figure(amount, line.currency) for amount in (*amounts, difference)],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text} " + line.currency + "<extra></extra>",
            marker={"color": [*slots, SLOTS[_DIFFERENCE_SLOT]], "line": {"width": 0}},
        )
    )
    frame(chart, height=height, legend=False)
    chart.update_layout(bargap=BAR_GAP)
    chart.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=6)
    chart.update_xaxes(range=[low // shrink, high // shrink], showticklabels=False, showgrid=False, zeroline=True)
    return chart


def waterfall(steps: Sequence[tuple[str, str, float]]) -> go.Figure:
    """How the weights of a pair's levels add up to its score: (comparison, level in words, weight) a step.

    Weights are natural logarithms: what speaks for the pair goes right, what speaks against it left. The words stand
    above the bars, where they have the whole width.
    """
    weights = [weight for _, _, weight in steps]
    score = sum(weights)
    bases = [0.0, *accumulate(weights)]
    colors = [SLOTS[_FOR_SLOT if weight >= 0 else _AGAINST_SLOT] for weight in weights]
    titles = [*(f"<b>{words(name)}</b> {clip(level, _LEVEL_LENGTH)}" for name, level, _ in steps), "<b>Score</b>"]
    full = [*(level for _, level, _ in steps), "all weights together"]
    chart = go.Figure(
        go.Bar(
            orientation="h",
            y=list(range(len(titles))),
            x=[*weights, score],
            base=[*bases[:-1], 0.0],
            text=[signed(weight) for weight in (*weights, score)],
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
            marker={"color": [*colors, SLOTS[_DIFFERENCE_SLOT]], "line": {"width": 0}},
        )
    )
    frame(chart, height=_STEP_HEIGHT * len(titles) + 12, legend=False)
    for place, (title, level) in enumerate(zip(titles, full, strict=True)):
        chart.add_annotation(text=title, hovertext=level, x=0, xref="paper", xanchor="left", y=place - 0.5)
    chart.update_annotations(showarrow=False, font={"size": TICK_SIZE, "color": INK})
    low, high = min(bases), max(bases)
    room = max(high - low, 1.0) * 0.16
    chart.update_layout(bargap=0.62)
    chart.update_yaxes(range=[len(titles) - 0.6, -0.8], showgrid=False, showticklabels=False, zeroline=False)
    chart.update_xaxes(
        range=[low - (room if min(weights, default=0) < 0 else 0), high + room],
        showticklabels=False,
        showgrid=False,
        zeroline=False,
    )
    return chart


def signed(weight: float) -> str:
    """`+3.12`, `−0.40`."""
    return f"{weight:+.2f}".replace("-", MINUS)


def confidence(bins: Sequence[int], *, height: int = 226) -> go.Figure:
    """Matches by confidence, twenty bins of 0.05; counts on a log axis, since nearly all lie in the last bin."""
    edges = [f"{n / 20:.2f}–{(n + 1) / 20:.2f}" for n in range(len(bins))]
    first = next((place for place, number in enumerate(bins) if number), 0)
    first = min(first, max(len(bins) - 8, 0))
    chart = go.Figure(
        go.Bar(
            x=edges[first:],
            y=list(bins[first:]),
            marker={"color": SLOTS[0], "line": {"width": 0}},
            hovertemplate="%{x}: %{y:,} matches<extra></extra>",
        )
    )
    frame(chart, height=height, legend=False)
    chart.update_layout(bargap=0.12)
    chart.update_yaxes(type="log", dtick=1, tickformat="~s", rangemode="tozero")
    chart.update_xaxes(showgrid=False, nticks=6, tickangle=0)
    return chart


def stages(seconds: Mapping[str, float]) -> go.Figure:
    """Seconds per stage of a run, in the order they run."""
    ordered = sorted(seconds, key=lambda stage: (STAGES.index(stage) if stage in STAGES else len(STAGES), stage))
    seconds = {stage: seconds[stage] for stage in ordered}
    chart = go.Figure(
        go.Bar(
            orientation="h",
            y=[words(stage) for stage in seconds],
            x=list(seconds.values()),
            text=[duration(value) for value in seconds.values()],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
            marker={"color": SLOTS[4], "line": {"width": 0}},
        )
    )
    frame(chart, height=_ROW_HEIGHT * len(seconds) + 8, legend=False)
    chart.update_layout(bargap=BAR_GAP)
    chart.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=6)
    chart.update_xaxes(showticklabels=False, showgrid=False, range=[0, max(seconds.values(), default=1) * 1.25])
    return chart


def balance_history(points: Sequence[tuple[date, int]], currency: str, *, until: date, height: int = 150) -> go.Figure:
    """The balance at the end of each day, as steps; the last reaches to `until`. Labels are exact."""
    days = [day for day, _ in points] + [until]
    balances = [balance for _, balance in points] + [points[-1][1]]
    low, high = min(0, *balances), max(0, *balances)
    chart = go.Figure(
        go.Scatter(
            x=days,
            y=[shrunk(balance, low, high) for balance in balances],
            text=[figure(balance, currency) for balance in balances],
            mode="lines",
            line={"color": SLOTS[0], "width": 2, "shape": "hv"},
            fill="tozeroy",
            hovertemplate="%{x|%d %b %Y}: %{text} " + currency + "<extra></extra>",
        )
    )
    frame(chart, height=height, legend=False)
    ticks = sorted({low, high, 0})
    chart.update_layout(hovermode="x")
    chart.update_yaxes(
        tickvals=[shrunk(tick, low, high) for tick in ticks],
        ticktext=[compact_money(tick, currency).removesuffix(f" {currency}") for tick in ticks],
        zeroline=True,
    )
    chart.update_xaxes(showgrid=False, tickformat="%d %b", nticks=5)
    return chart


def shrunk(amount: int, low: int, high: int) -> int:
    """Cut to the digits that a browser's numbers hold on an axis from `low` to `high`."""
    surplus = len(str(max(high, -low))) - _EXACT_DIGITS
    return amount // int("1" + "0" * max(0, surplus))


def kind_of(point: Mapping[str, Any]) -> tuple[DiscrepancyKind, int]:
    """The kind and age bucket of a clicked point of `ageing`."""
    kind, bucket = point["customdata"]
    return DiscrepancyKind(kind), int(bucket)


def frame(chart: go.Figure, *, height: int, legend: bool) -> None:
    """What every chart has in common; call it once all traces are there."""
    chart.update_layout(
        height=height,
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
        font={"size": _FONT_SIZE, "family": _FONT, "color": INK},
        showlegend=legend,
        legend={
            "font": {"size": TICK_SIZE, "color": INK},
            "orientation": "v",
            "x": 1.02,
            "y": 0.5,
            "yanchor": "middle",
            "traceorder": "normal",
            "title": None,
        },
        dragmode=False,
        hovermode="closest",
    )
    ticks = {"size": TICK_SIZE, "color": INK}
    chart.update_xaxes(automargin=True, title=None, fixedrange=True, tickfont=ticks)
    chart.update_yaxes(automargin=True, title=None, fixedrange=True, tickfont=ticks)
    chart.update_traces(textfont=ticks, selector={"type": "bar"})


def _rate_axis(points: Sequence[RunPoint]) -> dict[str, Any]:
    """The axis of rows matched, in hundredths of a percent: from a round figure under the lowest to 100 %."""
    lowest = min((_hundredths(p.matched_row_count, p.row_count) for p in points), default=9_000)
    floor = next((f for f in (9_900, 9_800, 9_500, 9_000, 8_000, 5_000) if lowest >= f), 0)
    middle = (floor + 10_000) // 2
    ticks = [floor, middle, 10_000] if middle % 100 == 0 else [floor, 10_000]
    return {
        "overlaying": "y",
        "side": "right",
        "showgrid": False,
        "range": [floor - (10_000 - floor) // 4, 10_000 + (10_000 - floor) // 20],
        "tickvals": ticks,
        "ticktext": [f"{t / 100:g} %" for t in ticks],
        "fixedrange": True,
        "zeroline": False,
        "tickfont": {"size": TICK_SIZE, "color": INK},
    }


def _run_names(points: Sequence[RunPoint]) -> list[str]:
    """What these runs are called below their bars: by day; of one day by time; of one minute by number."""
    ends = [point.finished_at.astimezone(UTC) for point in points]
    if len({at.date() for at in ends}) > 1:
        return [f"{at.day} {at:%b}" for at in ends]
    times = [f"{at:%H:%M}" for at in ends]
    return times if len(set(times)) == len(times) else [f"#{point.run_id}" for point in points]


def _hundredths(part: int, whole: int) -> int:
    return part * 10_000 // whole if whole else 10_000


def _reach(bases: Sequence[int], amounts: Sequence[int], difference: int) -> tuple[int, int]:
    """The axis from the lowest to the highest end, with room for a label at both sides."""
    ends = [0, difference, *bases, *(base + amount for base, amount in zip(bases, amounts, strict=True))]
    room = max((max(ends) - min(ends)) // 4, 1)
    return min(ends) - room, max(ends) + room
