"""One check on one book: what it is for, how its runs went, and what the last one (or another) found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from recon.model.checks import EXAMINED, CatalogueLine, CheckBook
from recon.money import exponents
from recon.queries.checks import CheckRunDetail, CheckRunRow, check_run_detail, history
from recon.queries.timetable import CheckClock
from recon.ui import states
from recon.ui.charts import CONFIG
from recon.ui.format import clip, compact_money, count, duration, md, when, words
from recon.ui.guard import Desk, problems_shown, require
from recon.ui.header import figures, header
from recon.ui.integrity import address, charts
from recon.ui.integrity.due import due_text
from recon.ui.integrity.found import found
from recon.ui.integrity.headline import figure
from recon.ui.integrity.look import BOOKS, STANDS, Stand, category_title, stand_of_run, title_in, with_unit
from recon.ui.integrity.running import asked, every, progress, run_button, sidecar_notice
from recon.ui.integrity.standing import Standing, standing
from recon.workflows.checks_on_demand import ChecksOnDemand

SHOWN: Final = 60
"""Runs in the chart."""

_CHART_HEIGHT: Final = 190
_METRICS_SHOWN: Final = 8


def check_page(desk: Desk, line: CatalogueLine, book: CheckBook, place: ChecksOnDemand) -> None:
    """Draw it."""
    now = standing(desk, [line], place.state())
    runs = history(desk.engine, check_name=line.name, book=book, limit=SHOWN)
    run_id = address.open_run() or (runs[0].id if runs else None)
    _header(desk, line, book, place, now)
    _watch(line, book, place, now)
    if run_id is None:
        _never(line, book)
        return
    shown = check_run_detail(desk.engine, run_id)
    _figures(desk, shown.run, now.stands[line.name, book], is_last=bool(runs) and run_id == runs[0].id)
    left, right = st.columns([5, 7], gap="small")
    with left.container(border=True, height="stretch", gap="xsmall", key="catalogue"):
        _catalogue(line, shown)
    with right.container(border=True, height="stretch", gap="small", key="history"):
        _history(runs, run_id)
    found(desk, shown.run)


def _header(desk: Desk, line: CatalogueLine, book: CheckBook, place: ChecksOnDemand, now: Standing) -> None:
    due = due_text(now.clocks.get((line.name, book)), now=desk.now)
    said = (f"`{line.name}`", category_title(line.category), _cadence(now.clocks.get((line.name, book))), due)
    with header(title_in(line.name, book), " · ".join(filter(None, said))):
        st.button("All checks", icon=":material/arrow_back:", key="back", on_click=address.show_board, width="content")
        if len(line.books) > 1:
            st.segmented_control(
                "Book",
                line.books,
                default=book,
                required=True,
                format_func=BOOKS.__getitem__,
                key=f"book_of_{line.name}_{book}",
                label_visibility="collapsed",
                on_change=lambda: address.show_check(line.name, st.session_state[f"book_of_{line.name}_{book}"]),
            )
        run_button("Run now", desk, place, asked([(line, book)]), key="run_now", type="primary")


def _cadence(clock: CheckClock | None) -> str:
    if clock is None or not clock.is_enabled:
        return "made by hand only"
    return f"every {duration(clock.interval).removesuffix(' 00 min')}"


def _watch(line: CatalogueLine, book: CheckBook, place: ChecksOnDemand, drawn: Standing) -> None:
    """How far a run asked for is; all is drawn again once there is something new."""
    st.fragment(_look_again, run_every=every(drawn.state))(line, book, place, _mark(drawn, line, book))


def _look_again(line: CatalogueLine, book: CheckBook, place: ChecksOnDemand, drawn: tuple[bool, int | None]) -> None:
    with problems_shown():
        desk = require()
        now = standing(desk, [line], place.state())
        if _mark(now, line, book) != drawn:
            st.rerun()
        progress(now.state)
        sidecar_notice(desk)


def _mark(now: Standing, line: CatalogueLine, book: CheckBook) -> tuple[bool, int | None]:
    last = now.cells[line.name, book].last
    return now.state.is_live, last.id if last else None


def _never(line: CatalogueLine, book: CheckBook) -> None:
    if not line.applies(book):
        states.empty_box(
            "Not applicable",
            f"The question does not arise in {BOOKS[book]}. {md(line.must_hold)}",
            icon=STANDS[Stand.NOT_APPLICABLE].icon,
            height=320,
        )
        return
    states.empty_box(
        "Not run yet",
        f"{md(line.must_hold)} Run it now, or let the sidecar make it when it is due.",
        icon=STANDS[Stand.NEVER].icon,
        height=320,
    )


def _figures(desk: Desk, run: CheckRunRow, stand: Stand, *, is_last: bool) -> None:
    look = STANDS[stand if is_last and stand is Stand.NOT_APPLICABLE else stand_of_run(run)]
    totals = [with_unit(figure_, unit) for unit, figure_ in _totals(run)]
    with figures(5):
        figure("This run" if not is_last else "Last run", look.label, None, icon=look.icon)
        figure(
            "Variances",
            count(run.variance_count),
            (_compact(*_totals(run)[0]), "unexplained") if totals else None,
            icon=":material/difference:",
            help=f"Unexplained: {'; '.join(totals)}." if totals else "",
        )
        figure("Examined", count(run.examined_count), None, icon=":material/search:")
        figure("Took", duration(run.duration_ms / 1000), None, icon=":material/timer:")
        by = "the timetable" if run.slot else md(clip(run.requested_by, 24))
        figure("Made", f"{when(run.finished_at, now=desk.now)} UTC", (by, ""), icon=":material/schedule:")


def _compact(unit: str, total: Any) -> str:
    return compact_money(total, unit) if unit in exponents() else with_unit(total, unit)


def _totals(run: CheckRunRow) -> list[tuple[str, Any]]:
    whole = ((unit, int(total) if total == int(total) else total) for unit, total in run.variance_totals.items())
    return [(unit, total) for unit, total in whole if total]


def _catalogue(line: CatalogueLine, shown: CheckRunDetail) -> None:
    lines = (
        ("What must hold", line.must_hold),
        ("Guards against", line.guards_against),
        ("Warns", line.warns_when),
        ("Fails", line.fails_when),
    )
    for label, text in lines:
        st.markdown(f":small[:gray[{label}]]  \n{md(text)}")
    metrics = list(_metrics(shown.metrics))
    if metrics:
        st.caption(" · ".join(f"{md(name)} **{md(value)}**" for name, value in metrics[:_METRICS_SHOWN]))


def _metrics(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What else the run counted, in words; nested figures have a place of their own or are for machines."""
    told = []
    for name, value in found.items():
        if name == EXAMINED or isinstance(value, dict | list | bool) or value is None:
            continue
        said = count(value) if isinstance(value, int) else clip(value, 40)
        told.append((words(name), said))
    return told


def _history(runs: Sequence[CheckRunRow], run_id: int) -> None:
    units = charts.units_of(runs)
    name, choice = st.columns([5, 4], vertical_alignment="center")
    name.markdown(f"**Last runs** :gray[· click one to open it]  \n:small[{charts.HISTORY_LEGEND}]")
    with choice.container(horizontal=True, horizontal_alignment="right"):
        measure = st.segmented_control(
            "Measure",
            list(charts.Measure),
            default=charts.Measure.VARIANCES,
            required=True,
            key="measure",
            label_visibility="collapsed",
        )
    oldest_first = tuple(reversed(runs))
    event: Any = st.plotly_chart(
        charts.history(
            oldest_first, charts.Measure(measure), units[0] if units else None, shown_id=run_id, height=_CHART_HEIGHT
        ),
        key="check_history",
        on_select="rerun",
        selection_mode="points",
        config=CONFIG,
        alt=f"{measure} of the last runs, by status",
    )
    clicked = charts.point_of(event)
    if clicked is not None and int(clicked) != run_id:
        address.show_run(None if int(clicked) == runs[0].id else int(clicked))
        st.rerun()
