"""The headline of the overview and its two charts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import streamlit as st

from recon.model.outcome import DiscrepancyKind
from recon.queries.headline import Headline
from recon.queries.overview import OpenGroup, Pulse, RunPoint
from recon.ui import charts
from recon.ui.format import (
    compact_money,
    count,
    counted,
    figure,
    md,
    percent,
    when,
)
from recon.ui.header import figures as figures_row

_CLICKED: Final = "ageing_clicked"
_BARS: Final = "The bars are the last runs."


def headline_row(
    figures: Headline,
    pulse: Pulse,
    *,
    resolved: int,
    open_by_day: Sequence[int],
    runs_per_day: Sequence[int],
    now: datetime,
) -> None:
    """Five figures, each with its recent course."""
    opened = figures.open_count
    with figures_row(5):
        _figure(
            "Open discrepancies",
            count(opened),
            (f"{count(resolved)} resolved", f"of {count(opened + resolved)}"),
            icon=":material/error:",
            bars=figures.open_by_run,
            help=f"Of all runs, where a repeat on the same files replaces the run before. {_BARS}",
        )
        _amount_open(figures)
        _figure(
            "Auto-match rate",
            percent(figures.matched_rows, figures.rows),
            (count(figures.rows - figures.matched_rows), f"of {count(figures.rows)} rows left"),
            icon=":material/join_inner:",
            line=figures.match_history,
            help="Rows of both sides that were matched without a person, in the latest run of each reconciliation.",
        )
        _figure(
            "Older than 5 days",
            count(figures.old_count),
            (percent(figures.old_count, opened), "of what is open") if opened else None,
            icon=":material/hourglass_bottom:",
            bars=open_by_day if any(open_by_day) else (),
            help=f"By the date of the transaction. The bars: what is open of each of the last {len(open_by_day)} days.",
        )
        _figure(
            "Runs today",
            count(pulse.today_count),
            (f"last {when(pulse.last_run_at, now=now)} UTC", None) if pulse.last_run_at else None,
            icon=":material/play_circle:",
            bars=runs_per_day,
            help=f"Runs asked for on each of the last {len(runs_per_day)} days.",
        )


def ageing_card(groups: Sequence[OpenGroup]) -> tuple[DiscrepancyKind, int] | None:
    """What is open by age and kind; the kind and age bucket just clicked, told once a click."""
    with st.container(border=True, height="stretch"):
        st.markdown("**Open by age and kind** :gray[· click a bar to work on it]")
        if not groups:
            st.caption(":material/check_circle: Nothing is open.")
            return None
        event: Any = st.plotly_chart(
            charts.ageing(groups),
            key="ageing",
            on_select="rerun",
            selection_mode="points",
            config=charts.CONFIG,
            alt="Open discrepancies by age and kind",
        )
    points = event.selection.points
    clicked = charts.kind_of(points[0]) if points else None
    is_new = clicked != st.session_state.get(_CLICKED)
    st.session_state[_CLICKED] = clicked
    return clicked if is_new else None


def history_card(points: Sequence[RunPoint]) -> int | None:
    """Discrepancies per run, and how many rows were matched; the run just clicked, if any."""
    with st.container(border=True, height="stretch"):
        st.markdown(f"{charts.RUN_HISTORY_LEGEND} :gray[· last {counted(len(points), 'run')} · click one to open it]")
        event: Any = st.plotly_chart(
            charts.run_history(points),
            key="run_history",
            on_select="rerun",
            selection_mode="points",
            config=charts.CONFIG,
            alt="Discrepancies per run and rows matched",
        )
    chosen = [point["customdata"][0] for point in event.selection.points if point.get("customdata")]
    return int(chosen[0]) if chosen else None


def _amount_open(figures: Headline) -> None:
    main, *others = figures.amounts or (None,)
    more = (f"{len(others)} more", "currency" if len(others) == 1 else "currencies") if others else None
    _figure(
        "Amount open",
        compact_money(main.gross, main.currency) if main else "0",
        more,
        icon=":material/account_balance_wallet:",
        bars=figures.gross_by_run,
        help=_all_amounts(figures),
    )


def _figure(
    label: str,
    value: str,
    beside: tuple[str, str | None] | None,
    *,
    icon: str,
    help: str,
    bars: Sequence[int] = (),
    line: Sequence[int] = (),
) -> None:
    """One headline figure; its course is drawn from two points on. `beside`: a chip and the words after it."""
    course = line or bars
    st.metric(
        label,
        value,
        delta=beside[0] if beside else None,
        delta_color="off",
        delta_arrow="off",
        delta_description=beside[1] if beside else None,
        icon=icon,
        chart_data=list(course) if len(course) > 1 else None,
        chart_type="line" if line else "bar",
        border=True,
        height="stretch",
        help=help,
    )


def _all_amounts(figures: Headline) -> str:
    lines = [f"{md(figure(a.gross, a.currency))} {a.currency} in {count(a.count)}" for a in figures.amounts]
    return f"Sizes of what is open: {'; '.join(lines)}. {_BARS}" if lines else "Nothing is open."
