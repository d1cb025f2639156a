"""What was unexplained at the end of each day, by check: one unit at a time, a click narrows the list to the check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import streamlit as st

from recon.money import exponents
from recon.queries.variances import DayAmount, amounts_by_day
from recon.ui.charts import CONFIG
from recon.ui.guard import Desk
from recon.ui.integrity import charts
from recon.ui.variances.filters import show_only

DAYS: Final = 30
_HEIGHT: Final = 140
_KEY: Final = "amounts_by_day"


def days_card(desk: Desk, check_names: Sequence[str]) -> None:
    """Draw it, of these checks (none: of all)."""
    since = desk.now - timedelta(days=DAYS)
    amounts = amounts_by_day(desk.engine, since=since, check_names=check_names)
    units = _units(amounts)
    with st.container(border=True, gap="small", key="days"):
        title, choice = st.columns([6, 4], vertical_alignment="center")
        title.markdown(f"**Unexplained by day and check** :gray[· last {DAYS} days · click a bar to narrow the list]")
        if not units:
            st.caption(":material/check_circle: No check found anything unexplained.")
            return
        with choice.container(horizontal=True, horizontal_alignment="right"):
            unit = st.segmented_control(
                "Unit", units, default=units[0], required=True, key="day_unit", label_visibility="collapsed"
            )
        st.plotly_chart(
            charts.days(amounts, str(unit), since=since.date(), until=desk.now.date(), height=_HEIGHT),
            key=_KEY,
            on_select=_narrow,
            selection_mode="points",
            config=CONFIG,
            alt=f"Unexplained {unit} by day and check",
        )


def _units(amounts: Sequence[DayAmount]) -> list[str]:
    """Currencies first, then other units, those with the most days first."""
    counts: dict[str, int] = {}
    for found in amounts:
        if found.amount:
            counts[found.unit] = counts.get(found.unit, 0) + 1
    return sorted(counts, key=lambda unit: (unit not in exponents(), -counts[unit], unit))


def _narrow() -> None:
    clicked = charts.point_of(st.session_state[_KEY])
    if clicked is not None:
        show_only(str(clicked))
