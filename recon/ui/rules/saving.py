"""What can be done with the draft: keep it as the next version, or carry it as a file."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recon.errors import TieoutError
from recon.model.people import Action
from recon.model.people_refusals import SecondPersonNeeded
from recon.model.rules import Rules
from recon.model.saved_rules import SavedRules
from recon.queries.runs import RunDetail
from recon.ui.approvals.offer import offer, show_offer
from recon.ui.format import md
from recon.ui.guard import Desk
from recon.ui.links import RULES
from recon.ui.pager import fingerprint
from recon.ui.people.allowed import guarded
from recon.ui.rules.differences import differences_text
from recon.ui.rules.draft import PREFIX
from recon.ui.rules.file import rules_file
from recon.ui.rules.inputs import Base, start_from
from recon.ui.rules.try_out import is_tried
from recon.workflows.propose_rules import propose_rules
from recon.workflows.save_rules import NOTE_LIMIT, save_rules

_SAVED: Final = "rules_saved"
_PLACE: Final = "rules"


def draft_actions(desk: Desk, place: DeltaGenerator, base: Base, draft: Rules | None, detail: RunDetail | None) -> None:
    """Draw the page's actions. `detail`: the run the draft can be tried out on, if there is one."""
    _told()
    is_changed = draft is not None and draft != base.rules
    with place:
        if draft is not None:
            with st.popover("Rules file", icon=":material/description:", width="content", key="rules_menu"):
                name = f"rules-v{base.version}{'-draft' if is_changed else ''}.toml"
                rules_file(desk, draft, desk.settings.default_rules(), filename=name, prefix=PREFIX)
        with st.popover(
            f"Save as version {base.version + 1}",
            icon=":material/save:",
            type="primary",
            width="content",
            key=f"save_v{base.version + 1}",
            **guarded(desk, Action.RULES, disabled=not is_changed),
        ):
            if draft is not None and is_changed:
                _save_form(desk, base, draft, detail)


def overtaken(base: Base, newest: Base, saved: SavedRules | None) -> None:
    """Say so when someone saved a newer version than the draft was made from."""
    if saved is None or base.version == newest.version:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="overtaken"):
        changed = differences_text(base.rules, newest.rules)
        st.markdown(
            f":orange[:material/history:] {md(saved.created_by)} saved version {saved.version} since this draft was "
            f"begun: {changed}. The draft is untouched.",
            width="stretch",
        )
        st.button(
            f"Hold it against version {saved.version}",
            key="rules_rebase",
            on_click=start_from,
            args=(newest,),
            kwargs={"prefix": PREFIX, "is_shown": True},
        )


def _save_form(desk: Desk, base: Base, draft: Rules, detail: RunDetail | None) -> None:
    assert base.reconciliation is not None
    st.markdown(differences_text(base.rules, draft))
    note = st.text_area(
        "Why",
        max_chars=NOTE_LIMIT,
        height=90,
        placeholder="The bank books card payments up to three days later",
        key="rules_note",
    )
    st.caption("New runs start from this version. Earlier runs keep the rules they were made with.")
    is_seen = detail is None or is_tried(desk, detail, draft)
    if not is_seen:
        is_seen = st.checkbox(
            "Save without trying it out",
            key=f"untried_{fingerprint(draft.as_dict())}",
            help="Nobody has seen yet what these rules make of a past run. Try them out below, or tick this.",
        )
    if st.button(
        "Save", icon=":material/save:", type="primary", key="rules_save", width="stretch", disabled=not is_seen
    ):
        try:
            saved = save_rules(
                desk.engine,
                reconciliation=base.reconciliation,
                rules=draft,
                after=base.version,
                note=note,
                actor=desk.actor,
            )
        except SecondPersonNeeded as problem:
            offer(_PLACE, problem, _proposal(desk, base, draft, note))
        except TieoutError as problem:
            st.error(md(str(problem)), icon=":material/error:")
            return
        else:
            start_from(Base.of(base.reconciliation, saved, draft), prefix=PREFIX, is_shown=True)
            st.session_state[_SAVED] = saved.version
            st.switch_page(RULES, query_params={"for": base.reconciliation})  # what is saved need not be in the URL
    show_offer(_PLACE)


def _proposal(desk: Desk, base: Base, draft: Rules, note: str) -> Callable[[], int]:
    assert base.reconciliation is not None
    return partial(
        propose_rules,
        desk.engine,
        reconciliation=base.reconciliation,
        wanted=draft,
        after=base.version,
        note=note,
        actor=desk.actor,
        action_key=uuid.uuid4().hex,
    )


def _told() -> None:
    version = st.session_state.pop(_SAVED, None)
    if version is not None:
        st.toast(f"Version {version} is saved. New runs start from it.", icon=":material/check_circle:")
