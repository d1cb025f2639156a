"""How a file stands to those that came before it for its feed: told before a run, and accepted where it must be."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recon.model.feed import SharedRows
from recon.model.transactions import Side
from recon.ui.format import clip, count, counted, day, md, money, when
from recon.ui.guard import Desk
from recon.workflows.take_in_file import FileStanding, accept_controls

FILES_NAMED = 2


def file_standing(desk: Desk, side: Side, standing: FileStanding) -> None:
    """Draw what there is to say: a balance that does not follow, days covered again, rows that came before."""
    _balances(desk, side, standing)
    said = [*_rows_known(desk, standing.shared), *_days_again(standing)]
    if said:
        st.warning("  \n".join(said), icon=":material/content_copy:")
    good = sum(control.agrees for control in standing.controls)
    if good and not standing.open_controls:
        st.caption(f":green[:material/link:] {_follows(good)}")


def _balances(desk: Desk, side: Side, standing: FileStanding) -> None:
    wrong = standing.open_controls
    if not wrong:
        for control in standing.controls:
            if control.is_accepted:
                st.caption(f":orange[:material/how_to_reg:] {md(control.says)} It was accepted.")
        return
    first = wrong[0]
    more = f" {counted(len(wrong) - 1, 'more balance does', 'more balances do')} not follow." if len(wrong) > 1 else ""
    moved = money(first.found - first.stated, first.currency or "")
    st.warning(
        f"{md(first.says)}{more} A file may be missing in between: send it too, or accept the difference of "
        f"{md(moved)}.",
        title="It does not follow from the file before it",
        icon=":material/link_off:",
    )
    if st.button("Accept anyway", icon=":material/how_to_reg:", key=f"{side}_accept_continuity", width="content"):
        accept_controls(desk.engine, standing, actor=desk.actor)
        st.rerun()


def _follows(good: int) -> str:
    if good == 1:
        return "Its balance follows from the file beside it."
    return f"{count(good)} balances follow from the files beside it."


def _rows_known(desk: Desk, shared: SharedRows) -> Sequence[str]:
    """`All 812 rows were in bank_march.csv, received 2 Mar 06:04.`"""
    if not shared.known_count:
        return ()
    files = [
        f"{md(clip(file.filename, 48))}, received {when(file.came_at, now=desk.now)}"
        for file in sorted(shared.files, key=lambda file: -file.row_count)
    ]
    named = " and in ".join(files[:FILES_NAMED])
    if len(files) > FILES_NAMED:
        named += f" and in {counted(len(files) - FILES_NAMED, 'more file')}"
    if shared.known_count == shared.row_count:
        which = f"All {count(shared.row_count)} rows" if shared.row_count > 1 else "Its row"
        return (f"**{which} came before**, in {named}.",)
    return (f"**{count(shared.known_count)} of {count(shared.row_count)} rows came before**, in {named}.",)


def _days_again(standing: FileStanding) -> Sequence[str]:
    said = []
    for link in standing.overlaps[:FILES_NAMED]:
        other = link.before if link.after.upload_id == standing.file.upload_id else link.after
        first, last = max(link.before.first_on, link.after.first_on), min(link.before.last_on, link.after.last_on)
        days = day(first) if first == last else f"{day(first)} to {day(last)}"
        said.append(f"It covers {days} again, as {md(clip(other.filename, 48))} does.")
    return said
