"""What waits for a person, most pressing first, each with the place to go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

import streamlit as st

from recon.model.checks import CheckStatus
from recon.queries.attention import Attention, Concern, FailingCheck, HeldUp, Overdue
from recon.queries.overview import Pulse
from recon.queries.timetable import CheckClock
from recon.ui.definition.address import open_definition
from recon.ui.format import clip, count, counted, day, md, when, words
from recon.ui.integrity.address import INTEGRITY, to_check
from recon.ui.links import FEEDS, open_run, open_triage
from recon.ui.pulse import what_waits
from recon.workflows.feed_standings import MissingFile

SHOWN: Final = 3
"""Lines of one sort; how many more there are is said."""
HEIGHT: Final = 192
"""Pixels of the list: as high as the chart beside it."""
_APPROVALS: Final = "pages/approvals.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """All that waits. `to_approve` counts proposals that this person may decide."""

    pulse: Pulse
    runs: Sequence[Attention] = ()
    held_up: Sequence[HeldUp] = ()
    checks: Sequence[FailingCheck] = ()
    late_checks: Sequence[CheckClock] = ()
    missing: Sequence[MissingFile] = ()
    to_approve: int = 0
    overdue: Sequence[Overdue] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One thing to do: Markdown, and where it leads."""

    text: str
    icon: str
    key: str
    go: Callable[[], None]
    help: str | None = None


def attention_card(waiting: Waiting, *, now: datetime) -> None:
    """Draw the list."""
    with st.container(border=True, key="attention", gap="xsmall", height="stretch"):
        st.markdown("**Needs attention**")
        with st.container(border=False, gap=None, height=HEIGHT, key="attention_lines"):
            pulse = waiting.pulse
            if not pulse.is_sidecar_up(now):
                seen_at = pulse.sidecar_seen_at
                seen = f"last seen {when(seen_at, now=now)} UTC" if seen_at else "never seen"
                down = f"The sidecar is down ({seen}): {what_waits(pulse, now)}."
                st.markdown(f":small[:orange[:material/warning:] {down}]")
            is_quiet = True
            for sort, more in _sorts(waiting, now):
                for line in sort[:SHOWN]:
                    is_quiet = False
                    if st.button(line.text, icon=line.icon, help=line.help, type="tertiary", key=line.key):
                        line.go()
                if len(sort) > SHOWN:
                    st.caption(f"and {counted(len(sort) - SHOWN, *more)}")
            if is_quiet and pulse.is_sidecar_up(now):
                st.caption(":material/check_circle: Nothing. Every last run succeeded and nothing is overdue.")


def _sorts(waiting: Waiting, now: datetime) -> Iterator[tuple[list[_Line], tuple[str, str]]]:
    """The lines of each sort, and what one and several more of it are called."""
    yield [_run(item, now) for item in waiting.runs], ("more run", "more runs")
    yield [_held_up(item, now) for item in waiting.held_up], ("more that did not run", "more that did not run")
    yield [_check(item, now) for item in waiting.checks], ("more check", "more checks that do not hold")
    yield _approvals(waiting.to_approve), ("", "")
    yield [_late(item, now) for item in waiting.late_checks], ("more overdue check", "more overdue checks")
    yield [_missing(item, now) for item in waiting.missing], ("more missing file", "more missing files")
    yield [_overdue(item) for item in waiting.overdue], ("more run with overdue ones", "more runs with overdue ones")


def _run(item: Attention, now: datetime) -> _Line:
    name = md(clip(item.reconciliation, 28))
    match item.concern:
        case Concern.FAILED_RUN:
            icon, text = ":material/error:", f"{name} failed {when(item.at, now=now)}"
        case Concern.STUCK_QUEUE:
            icon, text = ":material/schedule:", f"{name} waits since {when(item.at, now=now)}"
        case _:
            assert_never(item.concern)
    return _Line(
        text=text,
        icon=icon,
        key=f"concern_{item.run_id}",
        help=md(item.text) if item.text else None,
        go=lambda: open_run(item.run_id),
    )


def _held_up(item: HeldUp, now: datetime) -> _Line:
    return _Line(
        text=f"{md(clip(item.reconciliation, 28))} could not run by itself {when(item.at, now=now)}",
        icon=":material/front_hand:",
        key=f"held_up_{item.reconciliation}",
        help=md(clip(item.text, 300)),
        go=lambda: open_definition(item.reconciliation),
    )


def _check(item: FailingCheck, now: datetime) -> _Line:
    """`Trial balance zero (uae) fails since 06:04: 3 variances`."""
    says = {
        CheckStatus.ERROR: "could not be made",
        CheckStatus.FAIL: f"fails: {counted(item.variance_count, 'variance')}",
        CheckStatus.WARN: f"warns: {counted(item.variance_count, 'variance')}",
        CheckStatus.OK: "holds",
    }[item.status]
    return _Line(
        text=f"{md(words(item.check_name))} ({item.book}) {says}",
        icon=":material/rule:" if item.status is CheckStatus.WARN else ":material/dangerous:",
        key=f"check_{item.check_name}_{item.book}",
        help=f"Last made {when(item.finished_at, now=now)} UTC",
        go=lambda: st.switch_page(INTEGRITY, query_params=to_check(item.check_name, item.book)),
    )


def _late(item: CheckClock, now: datetime) -> _Line:
    return _Line(
        text=f"{md(words(item.check_name))} ({item.book}) overdue since {when(item.next_due_at, now=now)}",
        icon=":material/alarm:",
        key=f"late_{item.check_name}_{item.book}",
        go=lambda: st.switch_page(INTEGRITY, query_params=to_check(item.check_name, item.book)),
    )


def _approvals(number: int) -> list[_Line]:
    if not number:
        return []
    wait = "waits" if number == 1 else "wait"
    return [
        _Line(
            text=f"{counted(number, 'proposal')} {wait} for your approval",
            icon=":material/supervisor_account:",
            key="to_approve",
            go=lambda: st.switch_page(_APPROVALS),
        )
    ]


def _missing(item: MissingFile, now: datetime) -> _Line:
    more = f", {counted(item.slot_count, 'file')} in all" if item.slot_count > 1 else ""
    return _Line(
        text=f"{md(clip(item.feed, 32))}: file missing since {when(item.since, now=now)}{more}",
        icon=":material/running_with_errors:",
        key=f"missing_{item.feed}",
        go=lambda: st.switch_page(FEEDS, query_params={"feed": item.feed}),
    )


def _overdue(item: Overdue) -> _Line:
    number = "all" if item.mine == item.count else count(item.mine)
    yours = f", {number} yours" if item.mine else ""
    return _Line(
        text=f"{md(clip(item.reconciliation, 28))}, run {item.run_id}: {count(item.count)} overdue{yours}",
        icon=":material/hourglass_bottom:",
        key=f"overdue_{item.run_id}",
        help=f"The first was due on {day(item.due_since)}",
        go=lambda: _open_overdue(item.run_id),
    )


def _open_overdue(run_id: int) -> None:
    open_triage(run_id, is_overdue=True)
