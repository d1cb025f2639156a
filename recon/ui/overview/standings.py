"""Where each reconciliation stands, one's own first: how its last run went, what is open, and one click to run it.

A click on a line opens the last run; on a figure, what it counts; on the name, the definition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from recon.model.people import Action
from recon.queries.attention import Overdue
from recon.queries.headline import open_per_reconciliation
from recon.queries.item_list import Stage
from recon.queries.open_ages import OpenAges
from recon.queries.overview import OpenGroup, RunPoint, Standing
from recon.ui.definition.address import open_definition
from recon.ui.format import RUN_STATUS, clip, first_of, percent, when
from recon.ui.guard import Desk
from recon.ui.links import OPEN_ITEMS, open_run, open_triage
from recon.ui.newest import run_newest_files
from recon.ui.open_items.address import to_items
from recon.ui.pager import ROW_HEIGHT, fingerprint
from recon.ui.people.allowed import why_not

NAME: Final = "Reconciliation"
RUN: Final = "Run"
_NEWEST: Final = "Newest files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One reconciliation, and what is open of its current runs: of which the newest has something open or overdue."""

    standing: Standing
    owners: Sequence[str] = ()
    is_mine: bool = False
    opened: int = 0
    open_run_id: int | None = None
    overdue: int = 0
    overdue_run_id: int | None = None
    ages: OpenAges | None = None

    @property
    def name(self) -> str:
        return self.standing.reconciliation


def lines_of(
    standings: Sequence[Standing],
    current: Sequence[RunPoint],
    groups: Sequence[OpenGroup],
    *,
    owners: Mapping[str, Sequence[str]],
    actor: str,
    overdue: Sequence[Overdue],
    ages: Sequence[OpenAges],
) -> tuple[Line, ...]:
    """The lines, one's own first, each part by name. `groups` and `overdue` are what is open of the current runs."""
    opened = open_per_reconciliation(current, groups)
    has_open = {group.run_id for group in groups}
    newest_open: dict[str, int] = {}
    for point in current:  # newest first
        if point.run_id in has_open:
            newest_open.setdefault(point.reconciliation, point.run_id)
    late: Counter[str] = Counter()
    newest_late: dict[str, int] = {}
    for one in overdue:
        late[one.reconciliation] += one.count
        newest_late[one.reconciliation] = max(one.run_id, newest_late.get(one.reconciliation, 0))
    by_name = {one.reconciliation: one for one in ages}
    found = []
    for standing in standings:
        name = standing.reconciliation
        found.append(
            Line(
                standing=standing,
                owners=owners.get(name, ()),
                is_mine=actor in owners.get(name, ()),
                opened=opened.get(name, 0),
                open_run_id=newest_open.get(name),
                overdue=late[name],
                overdue_run_id=newest_late.get(name),
                ages=by_name.get(name),
            )
        )
    return tuple(sorted(found, key=lambda line: (not line.is_mine, line.name)))


def standings_table(desk: Desk, lines: Sequence[Line]) -> None:
    """Draw the table; a click leads on."""
    frame = standings_frame(lines, desk)
    if why_not(desk, Action.RUN) is not None:
        frame = frame.drop(columns=RUN)
    mark = fingerprint([line.name for line in lines])
    pressed = f"run_newest_{mark}"
    labels = [look.label for look in RUN_STATUS.values()]
    with st.container(border=True, key="standings_card"):
        yours = " · yours first" if any(line.is_mine for line in lines) else ""
        st.markdown(f"**Reconciliations** :gray[· click a figure to work on it, a name for its definition{yours}]")
        event: Any = st.dataframe(
            frame,
            key=f"standings_{mark}",
            hide_index=True,
            on_select="rerun",
            selection_mode="single-cell",
            row_height=ROW_HEIGHT,
            placeholder="–",
            alt="Where each reconciliation stands",
            column_config={
                NAME: st.column_config.TextColumn(width=200),
                "Owners": st.column_config.TextColumn(width=124),
                "Last run": st.column_config.MultiselectColumn(
                    options=labels, color=[look.color for look in RUN_STATUS.values()], width=96
                ),
                "Ended": st.column_config.TextColumn(width=92),
                "Matched": st.column_config.TextColumn(alignment="right", width=76),
                "Open": st.column_config.NumberColumn(format="localized", width=66),
                "Overdue": st.column_config.NumberColumn(format="localized", width=72),
                "In transit": st.column_config.NumberColumn(
                    format="localized", width=76, help="Open items whose counterpart is not due yet"
                ),
                "Missing": st.column_config.NumberColumn(
                    format="localized", width=72, help="Open items whose counterpart should be there by now"
                ),
                "Last runs": st.column_config.BarChartColumn(y_min=0, help="Discrepancies in the last runs", width=110),
                RUN: st.column_config.ButtonColumn(
                    "", key=pressed, width=126, help="Run with the newest file of each side"
                ),
            },
        )
    click = st.session_state.get(pressed)
    if click is not None and click["row"] < len(lines):
        run_newest_files(desk, lines[click["row"]].name)
    cells: list[tuple[int, str]] = event.selection.cells
    if cells:
        _follow(lines[cells[0][0]], cells[0][1])


def standings_frame(lines: Sequence[Line], desk: Desk) -> pd.DataFrame:
    """The table's cells. What no reconciliation has is no column."""
    frame = pd.DataFrame(
        {
            NAME: [clip(line.name, 60) for line in lines],
            "Owners": [first_of(line.owners) if line.owners else None for line in lines],
            "Last run": [[RUN_STATUS[line.standing.last_status].label] for line in lines],
            "Ended": [_ended(line, desk) for line in lines],
            "Matched": [_matched(line) for line in lines],
            "Open": [line.opened for line in lines],
            "Overdue": [line.overdue for line in lines],
            "In transit": pd.array([line.ages and line.ages.in_transit for line in lines], dtype="Int64"),
            "Missing": pd.array([line.ages and line.ages.missing_count for line in lines], dtype="Int64"),
            "Last runs": [list(line.standing.history) for line in lines],
            RUN: [f":material/fast_forward: {_NEWEST}"] * len(lines),
        }
    )
    unused = [] if any(line.owners for line in lines) else ["Owners"]
    return frame.drop(columns=unused + ([] if any(line.ages for line in lines) else ["In transit", "Missing"]))


def _ended(line: Line, desk: Desk) -> str | None:
    latest = line.standing.latest
    return when(latest.finished_at, now=desk.now) if latest else None


def _matched(line: Line) -> str | None:
    latest = line.standing.latest
    return percent(latest.matched_row_count, latest.row_count) if latest else None


def _follow(line: Line, column: str) -> None:
    """Where a click on a cell leads."""
    latest = line.standing.latest
    match column:
        case "Reconciliation" | "Owners":
            open_definition(line.name)
        case "Open" if line.open_run_id is not None:
            open_triage(line.open_run_id)
        case "Overdue" if line.overdue_run_id is not None:
            open_triage(line.overdue_run_id, is_overdue=True)
        case "In transit" | "Missing" if line.ages is not None:
            stage = Stage.MISSING if column == "Missing" else Stage.IN_TRANSIT
            st.switch_page(OPEN_ITEMS, query_params=to_items(line.name, stage=stage))
        case "Run":
            return  # its button says so itself
        case _:
            open_run(latest.run_id if latest else line.standing.last_run_id)
