"""The draft tried out on a past run: which one, how far the try-out is, and what it found beside what the run found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recon.model.rules import Rules
from recon.queries.rulings import people_decided, people_mark
from recon.queries.runs import RunDetail, RunFilter, RunRow, run_detail, run_page
from recon.ui import states
from recon.ui.format import count, counted, duration, md, when
from recon.ui.guard import Desk, problems_shown, require
from recon.ui.links import RECONCILE
from recon.ui.pass_words import stage_words
from recon.ui.rules.before_after import before_after
from recon.ui.rules.changed import changed
from recon.ui.rules.differences import differences_text
from recon.ui.rules.inputs import Base
from recon.ui.rules.judged import judged
from recon.workflows.try_rules import Phase, Standing, TryOut, TryOuts, engine_has_changed, rules_used

RUNS_OFFERED: Final = 100
_HEIGHT: Final = 260
EVERY: Final = "0.5s"
_ON: Final = "on"
_MINE: Final = "try_out_key"


def try_outs(desk: Desk) -> TryOuts:
    """The process's one place for try-outs."""
    return _try_outs(desk.settings.evidence_location(), desk.settings.home.absolute() / "tryouts")


@st.cache_resource(show_spinner=False)
def _try_outs(evidence_url: str, folder: Path) -> TryOuts:
    return TryOuts(evidence_url, folder)


def is_tried(desk: Desk, detail: RunDetail, draft: Rules) -> bool:
    """Whether it is known what these rules make of that run."""
    return draft == rules_used(detail) or try_outs(desk).result(TryOut.of(detail, draft).key) is not None


def run_to_try(desk: Desk, reconciliation: str) -> RunDetail | None:
    """The published run the URL asks for, else the newest; None when there is none."""
    runs = _published(desk, reconciliation)
    if not runs:
        return None
    asked = st.query_params.get(_ON, "")
    known = {str(run.id): run.id for run in runs}
    return run_detail(desk.engine, known.get(asked, runs[0].id))


def try_out(
    desk: Desk, reconciliation: str, detail: RunDetail | None, draft: Rules | None, base: Base, *, bar: DeltaGenerator
) -> None:
    """Draw the choice of the run into `bar`, and the try-out in whatever state it is."""
    if detail is None:
        if states.empty(
            "No run to try it on",
            "Once this reconciliation has a result, changed rules can be tried out on it before they are saved.",
            icon=":material/science:",
            action="Reconcile two files",
            key="try_nothing",
            height=_HEIGHT,
        ):
            st.switch_page(RECONCILE)
        return
    with bar:
        _run_choice(desk, _published(desk, reconciliation), detail)
    if draft is None:
        st.caption("Put the rules right first.")
        return
    outs = try_outs(desk)
    has_changed = engine_has_changed(desk.engine, detail)
    if _state(desk, outs, detail, draft, base, has_changed=has_changed):
        _result(desk, outs, detail, TryOut.of(detail, draft))


def _state(desk: Desk, outs: TryOuts, detail: RunDetail, draft: Rules, base: Base, *, has_changed: bool) -> bool:
    """Draw where the try-out of this draft is; whether it is done."""
    wanted = TryOut.of(detail, draft)
    _let_go_of_another(outs, wanted)
    used, standing = rules_used(detail), outs.standing(wanted.key)
    if draft == used and not has_changed:
        states.empty_box(
            f"The draft is what run {detail.run.id} was made with",
            "It would give the same result. Change a rule above to see what that does.",
            icon=":material/science:",
            key="try_same",
            height=_HEIGHT,
        )
        return False
    _cautions(detail, draft, base, used, has_changed=has_changed)
    if standing is not None and standing.is_live:
        st.fragment(_progress, run_every=EVERY)(wanted.key)
        return False
    if standing is not None and standing.phase is Phase.DONE:
        return True
    if _asked_for(detail, standing):
        begin(desk, outs, wanted)
    return False


def begin(desk: Desk, outs: TryOuts, wanted: TryOut, *, anew: bool = False) -> NoReturn:
    """Try it out, with what people have decided by now."""
    outs.start(replace(wanted, people=people_decided(desk.engine, wanted.run_id)), anew=anew)
    st.session_state[_MINE] = wanted.key
    st.rerun()


def _cautions(detail: RunDetail, draft: Rules, base: Base, used: Rules, *, has_changed: bool) -> None:
    """What else than the draft's own changes is between the run and the try-out."""
    said = []
    if has_changed:
        said.append(
            f":orange[:material/info:] Matching itself has changed since run {detail.run.id} was made: some of what "
            "differs may be its doing."
        )
    if used not in (base.rules, draft):
        said.append(
            f":material/info: Run {detail.run.id} was made under other rules than {base.name}. "
            f"The draft against those: {differences_text(used, draft)}"
        )
    if said:
        st.caption(" ".join(said))


def _asked_for(detail: RunDetail, standing: Standing | None) -> bool:
    """Draw what there is before a result; whether the button was clicked."""
    if standing is not None and standing.phase is Phase.FAILED:
        st.error(md(standing.problem or ""), title="The try-out failed", icon=":material/error:")
    rows = counted(detail.run.row_count or 0, "row")
    return states.empty(
        "Cancelled" if standing is not None and standing.phase is Phase.CANCELLED else "Not tried out yet",
        f"Matches the {rows} of run {detail.run.id} again under the draft, and shows what that changes. "
        "Nothing is stored; the run stays as it is.",
        icon=":material/science:",
        action="Try it out" if standing is None else "Try again",
        key="try_button",
        height=_HEIGHT,
    )


def _let_go_of_another(outs: TryOuts, wanted: TryOut) -> None:
    """End what this session tried out before: the draft has moved on, and nobody waits for it."""
    mine = st.session_state.get(_MINE)
    if mine is not None and mine != wanted.key:
        outs.cancel(mine)
        del st.session_state[_MINE]


def _progress(key: str) -> None:
    with problems_shown():
        outs = try_outs(require())
        standing = outs.standing(key)
        if standing is None or not standing.is_live:
            st.rerun()
        bar, cancel = st.columns([8, 1.1], vertical_alignment="center", gap="small")
        bar.progress(_share(standing), text=progress_text(standing))
        if cancel.button("Cancel", key="try_cancel", icon=":material/close:", width="stretch"):
            outs.cancel(key)
            st.rerun()


def progress_text(standing: Standing) -> str:
    """`Scoring near matches · 400 of 1,000 rows · 3.2 s`."""
    if standing.phase is Phase.WAITING:
        return f"Waiting for another try-out · {duration(standing.seconds)}"
    parts = [stage_words(standing.stage)]
    if standing.rows_total:
        parts.append(f"{count(standing.rows_done)} of {counted(standing.rows_total, 'row')}")
    return " · ".join([*parts, duration(standing.seconds)])


def _share(standing: Standing) -> float:
    return min(standing.rows_done / standing.rows_total, 1.0) if standing.rows_total else 0.0


def _result(desk: Desk, outs: TryOuts, detail: RunDetail, tried: TryOut) -> None:
    result = outs.result(tried.key)
    if result is None:  # put away since: it can be tried again
        st.rerun()
    before_after(detail, result)
    if judged(detail.run.id, result.judged, mark=people_mark(desk.engine, detail.run.id)):
        begin(desk, outs, tried, anew=True)
    changed(outs.changes_path(tried.key), result, tried.key)


def _published(desk: Desk, reconciliation: str) -> Sequence[RunRow]:
    wanted = RunFilter(reconciliation=reconciliation, statuses=("succeeded",))
    return run_page(desk.engine, wanted, limit=RUNS_OFFERED)


def _run_choice(desk: Desk, runs: Sequence[RunRow], detail: RunDetail) -> None:
    names = {
        run.id: f"Run {run.id} · {when(run.finished_at, now=desk.now)} · {counted(run.row_count or 0, 'row')}"
        for run in (*runs, detail.run)
    }
    key = f"try_on_{detail.run.id}"
    st.selectbox(
        "Run",
        list(names),
        index=list(names).index(detail.run.id),
        format_func=lambda run_id: names.get(run_id, f"Run {run_id}"),
        key=key,
        label_visibility="collapsed",
        width=280,
        on_change=lambda: st.query_params.update({_ON: str(st.session_state[key])}),
    )
