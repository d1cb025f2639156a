"""The button that takes a booked match apart, beside the pair it is about."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from recon.model.people import Action
from recon.queries.settled_rows import taken_apart
from recon.ui.format import md, when
from recon.ui.guard import Desk
from recon.ui.people.allowed import guarded
from recon.ui.workbench import doing
from recon.workflows.propose_unmatch import propose_unmatch
from recon.workflows.unmatch_rows import unmatch_rows

WORKBENCH = "pages/workbench.py"


def take_apart(desk: Desk, run_id: int, *, source_line: int, reference_line: int) -> None:
    """Draw it, with what became of it; for a match that was taken apart, by whom, and the way back."""
    doing.show_answer(desk)
    may = guarded(desk, Action.MATCH)
    done = taken_apart(desk.engine, run_id, source_line=source_line, reference_line=reference_line)
    if done is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f":orange[:material/link_off:] Taken apart by {md(done.actor)}, {when(done.at, now=desk.now)}")
            st.button(
                "Undo",
                icon=":material/undo:",
                key="take_apart_undo",
                on_click=doing.undo,
                args=(desk, done.decision_id),
                **may,
            )
        _to_the_rows(run_id, source_line)
        return
    with st.popover("Take apart", icon=":material/link_off:", key="take_apart", width="content", **may):
        st.caption("Its rows are open again on the workbench, and are never paired with each other again.")
        st.text_input("Why", key=doing.note_key(), placeholder="Why they do not belong together", max_chars=500)
        st.button(
            "Take the match apart",
            type="primary",
            key="take_apart_now",
            on_click=partial(_unmatch, desk, run_id, source_line, reference_line),
        )


def _to_the_rows(run_id: int, source_line: int) -> None:
    """The way to its rows, which are open."""
    if st.button("Open the workbench", icon=":material/arrow_forward:", key="take_apart_open", type="tertiary"):
        query = {"run": str(run_id), "source": str(source_line), "near": f"source-{source_line}"}
        st.switch_page(WORKBENCH, query_params=query)


def _unmatch(desk: Desk, run_id: int, source_line: int, reference_line: int) -> None:
    key, note = doing.command_key(), doing.note()

    def asked(of: Callable[..., int]) -> int:
        return of(
            desk.engine,
            desk.evidence,
            run_id,
            source_line=source_line,
            reference_line=reference_line,
            reason=note,
            actor=desk.actor,
            action_key=key,
        )

    def act() -> str:
        number = asked(unmatch_rows)
        doing.remember(doing.Last(told=f"decision {number}", run_id=run_id, decision_id=number))
        return f"The match is taken apart. Decision {number}: its rows are on the workbench."

    doing.carry_out(act, propose_it=partial(asked, propose_unmatch))
