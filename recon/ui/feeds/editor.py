"""The mapping editor: which column means what, with a file as it stands and as it would be read beside each other."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from typing import Any, Final

import streamlit as st

from recon.errors import TieoutError
from recon.model.feed import SavedMapping
from recon.model.people import Action
from recon.model.reading import Mapping, Reading
from recon.queries.feeds import FeedFile
from recon.ui.format import NONE, clip, count, counted, md, when
from recon.ui.guard import Desk
from recon.ui.pager import ROW_HEIGHT, fingerprint, grid_height
from recon.ui.people.allowed import guarded
from recon.ui.reconcile.mapping import role_label
from recon.ui.reconcile.preview import parsed_frame, raw_frame
from recon.workflows.feed_standings import FeedStanding
from recon.workflows.read_upload import read_upload
from recon.workflows.save_mapping import ROLES, drafted, map_columns

ROWS_SHOWN: Final = 60
GRID_ROWS: Final = 12
FORM_COLUMNS: Final = 7
_BY_NAME: Final = "–"
_RIGHT: Final = ("Amount", "Fee")


def editor(desk: Desk, standing: FeedStanding, saved: SavedMapping | None) -> None:
    """Draw the editor over the newest file, or another one."""
    files = [file for file in standing.files if not file.is_set_aside]
    if not files:
        st.caption("No file of this feed was read yet: there is nothing to map.")
        return
    with st.container(border=True, key="mapping_editor", gap="small"):
        head = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center")
        head.markdown("**Columns** :gray[· tried on a file before they are saved]", width="content")
        with head:
            file = st.selectbox(
                "File to try them on",
                files,
                format_func=lambda one: f"{clip(one.filename, 40)} · {when(one.came_at, now=desk.now)}",
                key="editor_file",
                label_visibility="collapsed",
                width=320,
            )
        assert file is not None
        before = _read(desk, file, saved.mapping if saved else Mapping())
        if before is None:
            return
        if not before.columns or (before.format not in ("csv", "xlsx", "xls") and not before.mapping.roles):
            st.caption(f"{md(before.format)} says itself what each of its fields means: there is nothing to map.")
            _side_by_side(before, before, "As read")
            return
        _form(desk, standing, file, before, saved)


def _form(desk: Desk, standing: FeedStanding, file: FeedFile, before: Reading, saved: SavedMapping | None) -> None:
    known = saved.mapping.roles if saved else {}
    key = fingerprint((standing.feed.id, file.id, saved.version if saved else 0))
    with st.form(f"mapping_{key}", border=False):
        chosen = _choices(before.columns, known, before.mapping.roles, key)
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            tried = st.form_submit_button("Try", icon=":material/play_arrow:")
            may = guarded(desk, Action.IMPORT)
            pressed = st.form_submit_button("Save as next version", type="primary", icon=":material/save:", **may)
            st.caption("Empty: found by its name, or asked.", width="content")
    roles = {role: column for role, column in chosen.items() if column}
    if pressed:
        map_columns(desk.engine, feed=standing.feed.name, columns=before.columns, roles=roles, actor=desk.actor)
        st.toast("Saved: the feed's next file is read by it.", icon=":material/bookmark_check:")
        st.rerun()
    if tried or roles != dict(known):
        after = _read(desk, file, drafted(before.columns, roles))
        if after is not None:
            _side_by_side(before, after, "As the draft reads it")
    else:
        _side_by_side(before, before, "As read")


def _choices(
    columns: Sequence[str], known: MappingType[str, str], found: MappingType[str, str], key: str
) -> dict[str, str | None]:
    """One menu a role; an empty one shows the column that was `found` by its name."""
    places = st.columns(FORM_COLUMNS, gap="small")
    return {
        role: places[number % FORM_COLUMNS].selectbox(
            role_label(role),
            columns,
            index=columns.index(known[role]) if known.get(role) in columns else None,
            format_func=lambda name: clip(name, 40),
            placeholder=f"{clip(found[role], 20)} (found)" if role in found else _BY_NAME,
            key=f"{key}_{role}",
        )
        for number, role in enumerate(ROLES)
    }


def _read(desk: Desk, file: FeedFile, mapping: Mapping) -> Reading | None:
    try:
        with st.spinner("Reading the file …", show_time=True):
            return read_upload(desk.engine, desk.evidence, file.upload_id, mapping=mapping).preview
    except TieoutError as problem:
        st.error(md(str(problem)), icon=":material/error:")
        return None


def _side_by_side(before: Reading, after: Reading, title: str) -> None:
    """The file's own rows on the left; on the right the same rows as transactions, or why there are none."""
    left, right = st.columns(2, gap="small")
    with left:
        st.markdown("**As in the file**")
        raw = raw_frame(before.raw.slice(0, ROWS_SHOWN))
        _grid(raw, key=f"editor_raw_{fingerprint(before.columns)}", alt="First rows as they stand in the file")
    with right:
        rejected = f", :red[{count(after.rows_rejected)} rejected]" if after.rows_rejected else ""
        st.markdown(f"**{title}** :gray[· {counted(after.rows_accepted, 'row')}]{rejected}")
        if after.refused is not None:
            st.error(md(after.refused.problem), icon=":material/block:")
        for question in after.questions:
            st.warning(md(question.text), title="This would be asked", icon=":material/live_help:")
        if not after.questions and after.refused is None:
            parsed = parsed_frame(after.table.slice(0, ROWS_SHOWN))
            aligned = {name: st.column_config.TextColumn(alignment="right") for name in _RIGHT if name in parsed}
            _grid(
                parsed, key=f"editor_parsed_{fingerprint(after.mapping)}", alt="The same rows as read", config=aligned
            )


def _grid(frame: Any, *, key: str, alt: str, config: dict[str, Any] | None = None) -> None:
    st.dataframe(
        frame,
        key=key,
        hide_index=True,
        height=grid_height(len(frame), at_most=GRID_ROWS),
        row_height=ROW_HEIGHT,
        placeholder=NONE,
        alt=alt,
        column_config=config,
    )
