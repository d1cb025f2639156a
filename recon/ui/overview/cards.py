"""The cards of the overview: headline figures, two charts, where each reconciliation stands, what needs a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, assert_never

import pandas as pd
import streamlit as st

from recon.model.outcome import DiscrepancyKind
from recon.queries.headline import Headline
from recon.queries.overview import Attention, Concern, OpenGroup, Pulse, RunPoint, Standing
from recon.queries.timetable import CheckClock
from recon.ui import charts
from recon.ui.format import (
    RUN_STATUS,
    clip,
    compact_money,
    count,
    counted,
    figure,
    md,
    percent,
    when,
)
from recon.ui.header import figures as figures_row
from recon.ui.links import FEEDS, open_run, open_triage
from recon.ui.pulse import what_waits
from recon.workflows.feed_standings import MissingFile

MISSING_SHOWN: Final = 3
OLD_RUNS_SHOWN: Final = 4
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


def standings_table(standings: Sequence[Standing], open_counts: Mapping[str, int], *, now: datetime) -> int | None:
    """Where each reconciliation stands; the run of the line just clicked, if any."""
    labels = [look.label for look in RUN_STATUS.values()]
    frame = pd.DataFrame(
        {
            "Reconciliation": [clip(s.reconciliation, 60) for s in standings],
            "Last run": [[RUN_STATUS[s.last_status].label] for s in standings],
            "Published": [when(s.latest.finished_at, now=now) if s.latest else None for s in standings],
            "Rows": [s.latest.row_count if s.latest else None for s in standings],
            "Matched": [_matched(s) for s in standings],
            "Open": [open_counts.get(s.reconciliation, 0) for s in standings],
            "Last runs": [list(s.history) for s in standings],
        }
    )
    with st.container(border=True, height="stretch"):
        st.markdown("**Reconciliations** :gray[· click one to open its last result]")
        event: Any = st.dataframe(
            frame,
            key="standings",
            hide_index=True,
            on_select="rerun",
            selection_mode="single-cell",
            row_height=33,
            placeholder="–",
            alt="Where each reconciliation stands",
            column_config={
                "Reconciliation": st.column_config.TextColumn(width="medium"),
                "Last run": st.column_config.MultiselectColumn(
                    options=labels, color=[look.color for look in RUN_STATUS.values()], width=100
                ),
                "Rows": st.column_config.NumberColumn(format="localized"),
                "Open": st.column_config.NumberColumn(format="localized"),
                "Matched": st.column_config.TextColumn(alignment="right"),
                "Last runs": st.column_config.BarChartColumn(y_min=0, help="Discrepancies in the last runs"),
            },
        )
    cells: list[tuple[int, str]] = event.selection.cells
    if not cells:
        return None
    chosen = standings[cells[0][0]]
    return chosen.latest.run_id if chosen.latest else chosen.last_run_id


def attention_list(
    items: Sequence[Attention],
    pulse: Pulse,
    figures: Headline,
    *,
    overdue: Sequence[CheckClock] = (),
    missing: Sequence[MissingFile] = (),
    now: datetime,
) -> None:
    """What waits for a person, most pressing first, each with the place to go."""
    with st.container(border=True, key="attention", gap=None, height="stretch"):
        st.markdown("**Needs attention**")
        if not pulse.is_sidecar_up(now):
            seen = f"last seen {when(pulse.sidecar_seen_at, now=now)} UTC" if pulse.sidecar_seen_at else "never seen"
            st.markdown(f":small[:orange[:material/warning:] The sidecar is down ({seen}): {what_waits(pulse, now)}.]")
        if overdue:
            _overdue(overdue, now=now)
        for file in missing[:MISSING_SHOWN]:
            _missing(file, now=now)
        if len(missing) > MISSING_SHOWN:
            st.caption(f"and {counted(len(missing) - MISSING_SHOWN, 'more feed')} without its file")
        for item in items:
            _concern(item, now=now)
        for old in figures.old_runs[:OLD_RUNS_SHOWN]:
            label = f"{md(clip(old.reconciliation, 26))}, run {old.run_id}: {count(old.count)} older than 5 days"
            if st.button(label, icon=":material/hourglass_bottom:", type="tertiary", key=f"old_{old.run_id}"):
                open_triage(old.run_id)
        more = len(figures.old_runs) - OLD_RUNS_SHOWN
        if more > 0:
            st.caption(f"and {counted(more, 'more run')} with discrepancies older than 5 days")
        if not items and not overdue and not missing and not figures.old_runs and pulse.is_sidecar_up(now):
            st.caption(":material/check_circle: Nothing. Every last run succeeded and nothing old is open.")


def _overdue(checks: Sequence[CheckClock], *, now: datetime) -> None:
    first, *others = checks
    which = f"{md(first.check_name)} ({first.book})" + (f" and {counted(len(others), 'more check')}" if others else "")
    since = when(first.next_due_at, now=now)
    st.markdown(f":small[:orange[:material/alarm:] Overdue since {since} UTC: {which}.]")


def _missing(file: MissingFile, *, now: datetime) -> None:
    more = f", {counted(file.slot_count, 'file')} in all" if file.slot_count > 1 else ""
    label = f"{md(clip(file.feed, 28))}: file missing since {when(file.since, now=now)}{more}"
    if st.button(label, icon=":material/running_with_errors:", type="tertiary", key=f"missing_{file.feed}"):
        st.switch_page(FEEDS, query_params={"feed": file.feed})


def _concern(item: Attention, *, now: datetime) -> None:
    name = md(clip(item.reconciliation, 28))
    match item.concern:
        case Concern.FAILED_RUN:
            icon, text = ":material/error:", f"{name} failed {when(item.at, now=now)}"
        case Concern.STUCK_QUEUE:
            icon, text = ":material/schedule:", f"{name} waits since {when(item.at, now=now)}"
        case _:
            assert_never(item.concern)
    if st.button(
        text, icon=icon, help=md(item.text) if item.text else None, type="tertiary", key=f"concern_{item.run_id}"
    ):
        open_run(item.run_id)


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


def _matched(standing: Standing) -> str | None:
    latest = standing.latest
    return percent(latest.matched_row_count, latest.row_count) if latest else None
