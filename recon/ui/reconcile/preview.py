"""What was read of a file: its counts, totals, notes, and its first rows as parsed, as they stand, and as rejected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import streamlit as st

from recon.model.reading import Note, Reading, Reject
from recon.model.transactions import Side
from recon.ui.controls import accounts_table, controls_badge, controls_table
from recon.ui.format import NONE, clip, count, counted, day, figure, md
from recon.ui.guard import Desk
from recon.ui.pager import ROW_HEIGHT, fingerprint, grid_height
from recon.workflows.open_stores import Evidence
from recon.workflows.read_for_feed import FeedReading
from recon.workflows.read_upload import StoredReading
from recon.workflows.record_export import exported
from recon.workflows.report_rejects import report_rejects
from recon.workflows.totals import CurrencyTotal, reading_totals

ROWS_SHOWN: Final = 100
PREVIEW_ROWS: Final = 6
"""Rows a preview shows without scrolling."""

PARSED, RAW, REJECTED, CONTROLS = "As parsed", "As in the file", "Rejected", "Controls"
_HEADERS: Final[Mapping[str, str]] = {
    "line": "Line",
    "date": "Date",
    "amount": "Amount",
    "currency": "Ccy",
    "payment_ref": "Reference",
    "txn_id": "ID",
    "description": "Description",
    "counterparty": "Counterparty",
    "group_id": "Group",
    "fee": "Fee",
    "kind": "Type",
    "at": "At (UTC)",
}
_RIGHT: Final = ("Amount", "Fee", "Rows", "Credits", "Debits", "Net")


def facts(reading: Reading, said: str | None = None) -> None:
    """The sum no row may vanish from, the format, and below it what else is to be known; `said` is Markdown."""
    rejected = f"{count(reading.rows_rejected)} rejected"
    ignored = [note.text for note in reading.notes if note.code == "ROWS_IGNORED"]
    st.markdown(
        f"**{counted(reading.rows_read, 'row')} read** = {count(reading.rows_accepted)} accepted + "
        f"{f':red[{rejected}]' if reading.rows_rejected else rejected} + {count(reading.rows_ignored)} ignored "
        f":gray[· {md(_form(reading))}] {controls_badge(reading.controls)}",
        help=md("\n".join(ignored)) if ignored else None,
    )
    told = {"ROWS_IGNORED", *(["CONTROL_TOTAL"] if reading.controls else [])}
    others = [note for note in reading.notes if note.code not in told]
    lines = [f":material/info: {md(_note(note))}" for note in others]
    if said or lines:
        st.caption("  \n".join([*([said] if said else []), *lines]))


def totals(desk: Desk, key: str) -> None:
    """What the accepted rows come to in each currency: the figures to hold against the statement."""
    found = _totals(desk.evidence, key)
    if not found:
        st.caption("No row was accepted: there is nothing to match.")
        return
    frame = totals_frame(found)
    st.dataframe(
        frame,
        key=f"totals_{fingerprint((key, found))}",
        hide_index=True,
        height=grid_height(len(frame), at_most=6),
        row_height=ROW_HEIGHT,
        selection_mode="single-column",
        alt="Totals in each currency",
        column_config=_right_aligned(frame),
    )


def currencies_of(desk: Desk, found: Iterable[FeedReading | None]) -> tuple[str, ...]:
    """The currencies of what was read so far, both sides together."""
    keys = [one.stored.key for one in found if one is not None and one.stored.reading_id is not None]
    return tuple(sorted({total.currency for key in keys for total in _totals(desk.evidence, key)}))


def preview(desk: Desk, side: Side, stored: StoredReading) -> None:
    """The first rows in one of three views; rejects can be taken away, all of them."""
    reading = stored.preview
    rejected = f"{REJECTED} ({count(reading.rows_rejected)})"
    has_controls = bool(reading.controls or reading.accounts)
    views = [PARSED, RAW, *([rejected] if reading.rows_rejected else []), *([CONTROLS] if has_controls else [])]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        view = st.segmented_control(
            "View",
            views,
            default=views[0],
            required=True,
            key=f"{side}_view_{stored.key[:12]}",
            label_visibility="collapsed",
            width="content",
        )
        if view == rejected:
            st.download_button(
                "All rejects (CSV)",
                data=partial(
                    exported,
                    desk.engine,
                    partial(report_rejects, desk.evidence, stored.key),
                    subject=f"upload {stored.upload.id}",
                    file="rejects.csv",
                    actor=desk.actor,
                ),
                file_name=f"{clip(stored.upload.filename, 80)}.rejects.csv",
                mime="text/csv",
                key=f"{side}_rejects",
                icon=":material/download:",
                on_click="ignore",
                width="content",
            )
        elif view != CONTROLS:
            st.caption(_extent(reading), width="content")
    if view == CONTROLS:
        what_it_states(reading, key=side.value)
        return
    if view == rejected:
        frame = rejects_frame(reading.rejects[:ROWS_SHOWN])
    elif view == RAW:
        frame = raw_frame(reading.raw.slice(0, ROWS_SHOWN))
    else:
        frame = parsed_frame(reading.table.slice(0, ROWS_SHOWN))
    st.dataframe(
        frame,
        key=f"{side}_rows_{fingerprint((stored.key, view))}",
        hide_index=True,
        height=grid_height(len(frame), at_most=PREVIEW_ROWS),
        row_height=ROW_HEIGHT,
        placeholder=NONE,
        alt=f"First rows of the file, {str(view).lower()}",
        column_config=_right_aligned(frame) if view == PARSED else _rejects_columns() if view == rejected else None,
    )


def what_it_states(reading: Reading, *, key: str) -> None:
    """The accounts a file is about, and every figure it states held against what was read."""
    if reading.accounts:
        accounts_table(reading.accounts, key=key)
    if reading.controls:
        controls_table(reading.controls, key=key, at_most=PREVIEW_ROWS)


def parsed_frame(table: pa.Table) -> pd.DataFrame:
    """Transactions as they will be matched; columns that say nothing are left out."""
    rows = table.to_pylist()
    cells: dict[str, list[Any]] = {}
    for field, header in _HEADERS.items():
        values = [row[field] for row in rows]
        if field in ("amount", "fee"):
            values = [figure(row[field], row["currency"]) if row[field] is not None else None for row in rows]
        elif field == "date":
            values = [day(value) for value in values]
        elif field == "line":
            values = [str(value) for value in values]
        elif field == "at":
            values = [None if value is None else f"{value:%Y-%m-%d %H:%M:%S}" for value in values]
        if any(value is not None for value in values) or field in ("line", "date", "amount", "currency"):
            cells[header] = values
    return pd.DataFrame(cells)


def raw_frame(raw: pa.Table) -> pd.DataFrame:
    """The same rows as text, under the file's own column names."""
    frame: pd.DataFrame = raw.to_pandas()
    frame["line"] = frame["line"].astype(str)
    return frame.rename(columns={"line": "Line"})


def rejects_frame(rejects: Sequence[Reject]) -> pd.DataFrame:
    """What could not be read, where, and why."""
    return pd.DataFrame(
        {
            "Line": [str(reject.line) for reject in rejects],
            "Column": [reject.column for reject in rejects],
            "Value": [reject.value for reject in rejects],
            "Problem": [reject.problem for reject in rejects],
            "Code": [reject.code for reject in rejects],
        }
    )


def totals_frame(found: Sequence[CurrencyTotal]) -> pd.DataFrame:
    """One line a currency."""
    return pd.DataFrame(
        {
            "Ccy": [total.currency for total in found],
            "Rows": [count(total.transactions) for total in found],
            "Credits": [figure(total.credits, total.currency) for total in found],
            "Debits": [figure(total.debits, total.currency) for total in found],
            "Net": [figure(total.credits - total.debits, total.currency) for total in found],
            "Dates": [_days(total) for total in found],
        }
    )


@st.cache_data(show_spinner=False, max_entries=64)
def _totals(_evidence: Evidence, key: str) -> tuple[CurrencyTotal, ...]:
    """Of a stored reading, which never changes: summed once."""
    return reading_totals(_evidence, key)


def _days(total: CurrencyTotal) -> str:
    if total.first_date == total.last_date:
        return day(total.first_date)
    return f"{day(total.first_date)} – {day(total.last_date)}"


def _form(reading: Reading) -> str:
    return f"{reading.format}, {reading.encoding}" if reading.encoding else reading.format


def _note(note: Note) -> str:
    return f"{note.text} ({counted(note.count, 'row')})" if note.count > 1 else note.text


def _extent(reading: Reading) -> str:
    shown = min(reading.rows_accepted, ROWS_SHOWN)
    return f"{count(reading.rows_accepted)} rows" if shown == reading.rows_accepted else f"first {count(shown)} rows"


def _right_aligned(frame: pd.DataFrame) -> dict[str, Any]:
    return {name: st.column_config.TextColumn(alignment="right") for name in frame.columns if name in _RIGHT}


def _rejects_columns() -> dict[str, Any]:
    return {"Problem": st.column_config.TextColumn(width="large")}
