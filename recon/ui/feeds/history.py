"""The files of a feed, newest first, and beside them the one that is open: what it states, what was rejected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

import pandas as pd
import streamlit as st

from recon.model.people import Action
from recon.model.transactions import Side
from recon.queries.feeds import FeedFile
from recon.ui import states
from recon.ui.controls import Verdict, accounts_table, controls_badge, controls_table, verdict
from recon.ui.feeds.address import open_file, show_file
from recon.ui.feeds.strip import strip
from recon.ui.format import NONE, clip, count, counted, day, figure, md, size, when
from recon.ui.guard import Desk
from recon.ui.ledger.listing import grid
from recon.ui.links import RECONCILE, RUNS
from recon.ui.pager import pager
from recon.ui.people.allowed import guarded
from recon.workflows.feed_standings import FeedStanding
from recon.workflows.record_export import exported
from recon.workflows.report_rejects import report_rejects
from recon.workflows.take_in_file import set_file_aside

PAGE_SIZE: Final = 25
PAGE: Final = "files_page"


def history(desk: Desk, standing: FeedStanding) -> None:
    """Draw the strip, the list and the open file."""
    if not standing.files:
        states.empty("No file yet", "A file counts from the moment it is read on the Reconcile page.", height=240)
        return
    strip(standing)
    opened = next((file for file in standing.files if file.id == open_file()), standing.files[0])
    left, right = st.columns([15, 10], gap="small")
    with left:
        st.caption(f"{counted(len(standing.files), 'file')}, newest first · click one to open it")
        _list(standing.files, opened, now=desk.now)
    with right.container(border=True, gap="xsmall", key="feed_file"):
        _file(desk, standing, opened)


def _list(files: Sequence[FeedFile], opened: FeedFile, *, now: datetime) -> None:
    place = st.container()
    first = pager(len(files), key=PAGE, page_size=PAGE_SIZE)
    shown = files[first : first + PAGE_SIZE]
    with place:
        grid(
            files_frame(shown, now=now),
            [file.id for file in shown],
            name="files",
            opened=opened.id,
            on_open=show_file,
            config={
                "Rows": st.column_config.TextColumn(alignment="right", width=58),
                "Rejected": st.column_config.TextColumn(alignment="right", width=64),
                "Net": st.column_config.TextColumn(alignment="right", width=112),
                "Controls": st.column_config.TextColumn(width=66, help="Figures of the file that agree"),
                "Known": st.column_config.TextColumn(width=60, help="Rows that an earlier file had"),
                "Run": st.column_config.TextColumn(alignment="right", width=40),
            },
            alt="Files of the feed, newest first",
        )


def files_frame(files: Sequence[FeedFile], *, now: datetime) -> pd.DataFrame:
    """One line a file."""
    return pd.DataFrame(
        {
            "File": [clip(file.filename, 60) for file in files],
            "Came": [when(file.came_at, now=now) for file in files],
            "Days": [_days(file) for file in files],
            "Rows": [count(file.rows_accepted) for file in files],
            "Rejected": [count(file.rows_rejected) if file.rows_rejected else NONE for file in files],
            "Net": [_net(file) for file in files],
            "Controls": [_controls(file) for file in files],
            "Known": [_known(file) for file in files],
            "Run": [_runs(file) for file in files],
        }
    )


def _file(desk: Desk, standing: FeedStanding, file: FeedFile) -> None:
    aside = " :gray-badge[Set aside]" if file.is_set_aside else ""
    st.markdown(f":material/draft: **{md(clip(file.filename, 60))}**{aside} {controls_badge(file.controls)}")
    encoding = f", {md(file.encoding)}" if file.encoding else ""
    st.caption(
        f"{md(file.format)}{encoding} · {size(file.size_bytes)} · came {when(file.came_at, now=desk.now)} from "
        f"{md(clip(file.came_by, 24))}"
    )
    rejected = f"{count(file.rows_rejected)} rejected"
    st.markdown(
        f"{counted(file.rows_read, 'row')} read = {count(file.rows_accepted)} accepted + "
        f"{f':red[{rejected}]' if file.rows_rejected else rejected} + {count(file.rows_ignored)} ignored"
    )
    for total in file.totals:
        net = figure(total.credits - total.debits, total.currency)
        st.caption(
            f"{total.currency}: in {md(figure(total.credits, total.currency))}, out "
            f"{md(figure(total.debits, total.currency))}, net {md(net)}"
        )
    _told(file, now=desk.now)
    follows = [control for link, control in standing.links if control is not None and link.touches(file.upload_id)]
    if file.accounts:
        accounts_table(file.accounts, key="feed_file", at_most=4)
    if file.controls or follows:
        controls_table([*file.controls, *follows], key="feed_file", at_most=6)
    _actions(desk, standing, file)


def _told(file: FeedFile, *, now: datetime) -> None:
    """What was said about the file and by whom."""
    if file.shared is not None and file.shared.known_count:
        names = ", ".join(md(clip(one.filename, 40)) for one in file.shared.files)
        known = f"{count(file.shared.known_count)} of {counted(file.shared.row_count, 'row')}"
        st.caption(f":orange[:material/content_copy:] {known} came before, in {names}.")
    for one in file.accepted:
        st.caption(
            f":orange[:material/how_to_reg:] {md(one.says)} Accepted {when(one.at, now=now)} by {md(clip(one.by, 24))}."
        )
    if file.is_set_aside:
        st.caption(
            f":material/inventory_2: Set aside {when(file.set_aside_at, now=now)} by "
            f"{md(clip(file.set_aside_by or '', 24))}: it counts for nothing here."
        )


def _actions(desk: Desk, standing: FeedStanding, file: FeedFile) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        if file.rows_rejected:
            st.download_button(
                "Rejects (CSV)",
                data=partial(
                    exported,
                    desk.engine,
                    partial(report_rejects, desk.evidence, file.reading_key),
                    subject=f"upload {file.upload_id}",
                    file="rejects.csv",
                    actor=desk.actor,
                ),
                file_name=f"{clip(file.filename, 80)}.rejects.csv",
                mime="text/csv",
                key=f"rejects_{file.id}",
                icon=":material/download:",
                on_click="ignore",
            )
        if file.run_ids and st.button(f"Open run {file.run_ids[0]}", icon=":material/play_circle:", key="file_run"):
            st.switch_page(RUNS, query_params={"run": str(file.run_ids[0])})
        reconciliation, _, side = standing.feed.name.rpartition(" / ")
        if side in {*Side} and st.button("Reconcile it", icon=":material/compare_arrows:", key="file_reconcile"):
            st.switch_page(RECONCILE, query_params={"name": reconciliation, side: str(file.upload_id)})
        label, icon, hint = _PUT_BACK if file.is_set_aside else _SET_ASIDE
        st.button(
            label,
            icon=icon,
            key="file_aside",
            **guarded(desk, Action.IMPORT, help=hint),
            type="tertiary",
            on_click=set_file_aside,
            args=(desk.engine, file.id),
            kwargs={"is_aside": not file.is_set_aside, "actor": desk.actor},
        )


def _days(file: FeedFile) -> str:
    if not file.totals:
        return NONE
    first, last = min(t.first_date for t in file.totals), max(t.last_date for t in file.totals)
    if first == last:
        return day(first)
    return f"{first.day} {first:%b} – {day(last)}" if first.year == last.year else f"{day(first)} – {day(last)}"


def _net(file: FeedFile) -> str:
    """Of the only currency, or how many there are."""
    if len(file.totals) != 1:
        return f"{len(file.totals)} currencies" if file.totals else NONE
    total = file.totals[0]
    return f"{figure(total.credits - total.debits, total.currency)} {total.currency}"


def _controls(file: FeedFile) -> str:
    if not file.controls:
        return NONE
    agree = sum(verdict(control) is Verdict.AGREES for control in file.controls)
    accepted = sum(verdict(control) is Verdict.ACCEPTED for control in file.controls)
    return f"{agree} of {len(file.controls)}" + (f", {accepted} accepted" if accepted else "")


def _known(file: FeedFile) -> str:
    if file.is_set_aside:
        return "Set aside"
    return f"{count(file.shared.known_count)} rows" if file.shared and file.shared.known_count else NONE


def _runs(file: FeedFile) -> str:
    return str(file.run_ids[0]) if file.run_ids else NONE


_SET_ASIDE: Final = ("Set aside", ":material/inventory_2:", "It does not belong to this feed. It stays on record.")
_PUT_BACK: Final = ("Put back", ":material/undo:", "It belongs to this feed after all.")
