"""The views people save: chosen, kept, changed and taken away in one menu. One may be what the queue opens with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Any, Final

import streamlit as st

from recon.errors import TieoutError
from recon.model.outcome import DiscrepancyKind
from recon.model.people import Action
from recon.model.saved_view import VIEW_NAME_LIMIT, SavedView
from recon.model.triage import DiscrepancyStatus
from recon.queries.saved_views import saved_views
from recon.ui import states
from recon.ui.format import clip, md
from recon.ui.guard import Desk
from recon.ui.people.allowed import guarded
from recon.ui.triage.filters import EMPTY, asked, show
from recon.ui.triage.opened import enter_by_url
from recon.workflows.save_view import begin_with_view, change_view, drop_view, save_view

_PROBLEM: Final = "view_problem"
_CHANGED: Final = "view_changed"
_ELSEWHERE: Final = ("d", "sort")
"""What else of the URL says that somebody asked for more than the queue."""


def enter_page(desk: Desk) -> None:
    """Where the page is entered: what the URL asks for, and where it asks for nothing, the person's own default."""
    if any(key in st.session_state for key in EMPTY):
        return
    enter_by_url()
    if not {*EMPTY, *_ELSEWHERE} & {*st.query_params}:
        default = next((view for view in saved_views(desk.engine, desk.actor) if view.is_default), None)
        if default:
            _show(default)


def saved_menu(desk: Desk, *, is_quick: bool) -> None:
    """The menu; it is called as the view that is shown, unless that is one everybody has (`is_quick`)."""
    views = saved_views(desk.engine, desk.actor)
    lit = None if is_quick else next((view for view in views if asked() and _restored(view.query) == asked()), None)
    with st.popover(
        md(clip(lit.name, 14)) if lit else "",
        icon=":material/bookmarks:",
        help="Saved views",
        key="saved_views",
        width="content",
    ):
        problem: TieoutError | None = st.session_state.pop(_PROBLEM, None)
        if problem:
            states.failure(problem)
        for view in views:
            if view.id == st.session_state.get(_CHANGED):
                _change_form(desk, view)
            else:
                _line(desk, view)
        if not views:
            st.caption("No view is saved yet. Set filters and a sort, then keep them here under a name.")
        _save_form(desk)


def _line(desk: Desk, view: SavedView) -> None:
    """Its name, which opens it, and what may be done with it."""
    is_own = view.owner == desk.actor
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        whose = "" if is_own else f" :gray[· {md(clip(view.owner, 24))}]"
        st.button(
            f"{md(clip(view.name, VIEW_NAME_LIMIT))}{whose}",
            icon=":material/group:" if view.is_shared else ":material/person:",
            type="tertiary",
            key=f"view_{view.id}",
            on_click=_open,
            args=(view,),
        )
        with st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
            _default_button(desk, view)
            if is_own:
                _action(desk, "edit", view, "Rename or share", _begin_change, view.id)
                _action(desk, "delete", view, "Take this view away", _try, partial(_drop, desk, view))


def _default_button(desk: Desk, view: SavedView) -> None:
    begin = partial(begin_with_view, desk.engine, None if view.is_default else view.id, actor=desk.actor)
    label = "The queue opens with it: not any more" if view.is_default else "Open the queue with this view"
    _action(desk, "star" if view.is_default else "star_border", view, label, _try, begin)


def _action(desk: Desk, icon: str, view: SavedView, help: str, do: Callable[..., None], argument: object) -> None:
    st.button(
        "",
        icon=f":material/{icon}:",
        type="tertiary",
        key=f"{icon}_view_{view.id}",
        **guarded(desk, Action.TRIAGE, help=help),
        on_click=do,
        args=(argument,),
    )


def _change_form(desk: Desk, view: SavedView) -> None:
    with st.form(f"change_view_{view.id}", border=False):
        name, is_shared = (f"{part}_of_view_{view.id}" for part in ("name", "share"))
        st.text_input("Name", value=view.name, key=name, max_chars=VIEW_NAME_LIMIT, label_visibility="collapsed")
        st.checkbox("Everybody may use it", value=view.is_shared, key=is_shared)

        def change() -> None:
            told = {"name": st.session_state[name], "is_shared": st.session_state[is_shared]}
            _try(partial(change_view, desk.engine, view.id, **told, actor=desk.actor))
            st.session_state.pop(_CHANGED, None)

        st.form_submit_button("Save changes", key=f"save_change_{view.id}", on_click=change, width="stretch")


def _save_form(desk: Desk) -> None:
    with st.form("save_view", border=False, clear_on_submit=True):
        st.text_input(
            "Keep these filters as",
            key="view_name",
            max_chars=VIEW_NAME_LIMIT,
            placeholder="Large euro fees",
        )
        st.checkbox("Everybody may use it", key="view_shared")
        st.form_submit_button(
            "Save view",
            key="save_view_button",
            on_click=_save,
            args=(desk,),
            width="stretch",
            **guarded(desk, Action.TRIAGE),
        )


def _open(view: SavedView) -> None:
    _show(view)
    st.rerun()  # the filters it sets stand outside of what is drawn again by itself


def _show(view: SavedView) -> None:
    sort = view.query.get("sort")
    show(_restored(view.query), sort=str(sort) if sort else None)


def _begin_change(view_id: int) -> None:
    st.session_state[_CHANGED] = view_id


def _drop(desk: Desk, view: SavedView) -> None:
    drop_view(desk.engine, view.id, actor=desk.actor)


def _save(desk: Desk) -> None:
    query = {key: _stored(value) for key, value in asked().items()}
    if sort := st.query_params.get("sort"):
        query["sort"] = sort
    name, is_shared = st.session_state["view_name"], st.session_state["view_shared"]
    _try(partial(save_view, desk.engine, name, query, is_shared=is_shared, actor=desk.actor))


def _try(change: Callable[[], object]) -> None:
    try:
        change()
    except TieoutError as problem:
        st.session_state[_PROBLEM] = problem


def _stored(value: Any) -> Any:
    """As JSON holds it."""
    if isinstance(value, date):
        return value.isoformat()
    return [str(part) for part in value] if isinstance(value, list | tuple) else value


def _restored(query: Mapping[str, Any]) -> dict[str, Any]:
    """The filters of a stored view; what a later version would not know any more is left out."""
    found: dict[str, Any] = {}
    for key, value in query.items():
        with suppress(ValueError, TypeError):
            match key:
                case "status":
                    found[key] = [DiscrepancyStatus(part) for part in value]
                case "kinds":
                    found[key] = [DiscrepancyKind(part) for part in value]
                case "from" | "to":
                    found[key] = date.fromisoformat(value)
                case "due":
                    found[key] = bool(value)
                case _ if key in EMPTY:
                    found[key] = str(value)
    return found
