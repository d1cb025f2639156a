"""What a run found, beside what the tried rules would have: five figures, then counts and amounts of a currency."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import pandas as pd
import streamlit as st

from recon.model.outcome import OutcomeTotal, ProofLine, matched_row_count
from recon.model.transactions import Side
from recon.model.tryout import PairChange, TryResult
from recon.queries.runs import RunDetail
from recon.ui.format import KINDS, NONE, OUTCOMES, SIDES, count, counted, duration, figure, percent
from recon.ui.header import figures
from recon.ui.pager import ROW_HEIGHT, grid_height

_NUMBERS: Final = ("Before", "After", "Change", "Amount before", "Amount after")
_WIDTHS: Final = {"": 160, "Before": 60, "After": 60, "Change": 60, "Amount before": 112, "Amount after": 112}


def before_after(detail: RunDetail, result: TryResult) -> None:
    """Draw the comparison."""
    _figures_row(detail, result)
    before, after = ({line.currency: line for line in proof} for proof in (detail.proof, result.proof))
    currencies = sorted(before.keys() | after.keys())
    if not currencies:
        return
    chosen = currencies[0]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if len(currencies) > 1:
            most = max(currencies, key=lambda one: _moved(before.get(one), after.get(one)))
            chosen = (
                st.segmented_control(
                    "Currency",
                    currencies,
                    default=most,
                    required=True,
                    key=f"try_currency_{detail.run.id}",
                    label_visibility="collapsed",
                )
                or most
            )
        tried = f":gray[· tried in {duration(result.seconds)}]"
        st.markdown(f"**Run {detail.run.id} and the draft, side by side** {tried}", width="content")
    left, right = st.columns(2, gap="small")
    with left:
        _table(kinds_frame(before.get(chosen), after.get(chosen)), "Discrepancies before and after")
    with right:
        _table(outcomes_frame(detail.totals, result.totals, chosen), "Rows before and after")


def kinds_frame(before: ProofLine | None, after: ProofLine | None) -> pd.DataFrame:
    """One line a kind of discrepancy in one currency, then what no discrepancy explains, which is to be 0."""
    currency = next(line.currency for line in (before, after) if line is not None)
    ours, theirs = (_by_kind(line) for line in (before, after))
    lines = [
        _line(KINDS[kind].label, ours.get(kind, (0, 0)), theirs.get(kind, (0, 0)), currency)
        for kind in KINDS
        if kind in ours or kind in theirs
    ]
    everything = [tuple(map(sum, zip((0, 0), *found.values(), strict=True))) for found in (ours, theirs)]
    lines.append(_line("All discrepancies", everything[0], everything[1], currency))
    unexplained = [line.unexplained if line else 0 for line in (before, after)]
    lines.append(
        {
            "": "Unexplained",
            **dict.fromkeys(_NUMBERS, ""),
            "Amount before": figure(unexplained[0], currency),
            "Amount after": figure(unexplained[1], currency),
        }
    )
    return pd.DataFrame(lines)


def outcomes_frame(before: Iterable[OutcomeTotal], after: Iterable[OutcomeTotal], currency: str) -> pd.DataFrame:
    """One line a side and outcome of one currency; those no row had before or after are left out."""
    ours, theirs = (
        {(total.side, total.outcome): (total.row_count, total.amount) for total in totals if total.currency == currency}
        for totals in (before, after)
    )
    lines = []
    for side in Side:
        for outcome, label in OUTCOMES.items():
            was, now = (found.get((side.value, outcome), (0, 0)) for found in (ours, theirs))
            if was[0] or now[0]:
                lines.append(_line(f"{SIDES[side]}: {label.lower()}", was, now, currency))
    return pd.DataFrame(lines, columns=["", *_NUMBERS])


def change_of(before: int, after: int, *, noun: str = "", nothing: str = "no change") -> str:
    """`+3 rows`, `−12 rows`, or `nothing`."""
    if after == before:
        return nothing
    moved = f"{'+' if after > before else ''}{count(after - before)}"
    return f"{moved} {noun}{'' if abs(after - before) == 1 else 's'}" if noun else moved


def _figures_row(detail: RunDetail, result: TryResult) -> None:
    run, row = detail.run, figures(5)
    matched_rows = matched_row_count(result.totals)
    row.metric(
        "Rows matched",
        percent(matched_rows, run.row_count),
        delta=change_of(run.matched_row_count or 0, matched_rows, noun="row"),
        delta_color="off",
        delta_arrow="off",
        delta_description=f"was {percent(run.matched_row_count, run.row_count)}",
        icon=":material/join_inner:",
        border=True,
    )
    was = run.discrepancy_count or 0
    row.metric(
        "Discrepancies",
        count(result.discrepancy_count),
        delta=change_of(was, result.discrepancy_count),
        delta_color=_judged(was, result.discrepancy_count),
        delta_arrow="off",
        delta_description=f"was {count(was)}",
        icon=":material/error:",
        border=True,
    )
    row.metric(
        "Suggested pairs",
        count(result.suggested_count),
        delta=change_of(run.suggested_count or 0, result.suggested_count),
        delta_color="off",
        delta_arrow="off",
        delta_description=f"was {count(run.suggested_count)}",
        icon=":material/live_help:",
        border=True,
    )
    row.metric(
        "Paired otherwise",
        counted(sum(result.changes.values()), "row"),
        delta=f"{count(result.changes[PairChange.NEWLY_MATCHED])} new",
        delta_color="off",
        delta_arrow="off",
        delta_description=f"{count(result.changes[PairChange.NO_LONGER_MATCHED])} gone",
        icon=":material/swap_horiz:",
        border=True,
    )
    open_currencies = [line for line in result.proof if line.unexplained]
    row.metric(
        "Unexplained",
        counted(len(open_currencies), "currency", "currencies") if open_currencies else "0",
        delta="do not tie out" if open_currencies else _ties_out(len(result.proof)),
        delta_color="red" if open_currencies else "green",
        delta_arrow="off",
        icon=":material/balance:",
        border=True,
        help="Source total − reference total − the sum of all discrepancies, in each currency. It must be 0.",
    )


def _ties_out(currencies: int) -> str:
    return "1 currency ties out" if currencies == 1 else f"{count(currencies)} currencies tie out"


def _judged(before: int, after: int) -> Any:
    if after == before:
        return "off"
    return "green" if after < before else "red"


def _by_kind(line: ProofLine | None) -> dict[str, tuple[int, int]]:
    return {kind: (number, amount) for kind, number, amount in line.by_kind if number} if line else {}


def _moved(before: ProofLine | None, after: ProofLine | None) -> tuple[int, int]:
    """How much there is to see in a currency: kinds whose counts differ first, then how many discrepancies it has."""
    ours, theirs = _by_kind(before), _by_kind(after)
    kinds = ours.keys() | theirs.keys()
    moved = sum(abs(ours.get(kind, (0, 0))[0] - theirs.get(kind, (0, 0))[0]) for kind in kinds)
    return moved, sum(number for number, _ in ours.values())


def _line(name: str, was: tuple[int, ...], now: tuple[int, ...], currency: str) -> dict[str, str]:
    return {
        "": name,
        "Before": count(was[0]),
        "After": count(now[0]),
        "Change": change_of(was[0], now[0], nothing=NONE),
        "Amount before": figure(was[1], currency),
        "Amount after": figure(now[1], currency),
    }


def _table(frame: pd.DataFrame, alt: str) -> None:
    text = st.column_config.TextColumn
    st.dataframe(
        frame,
        hide_index=True,
        height=grid_height(len(frame)),
        row_height=ROW_HEIGHT,
        alt=alt,
        column_config={
            "": text(width=_WIDTHS[""]),
            **{name: text(alignment="right", width=_WIDTHS[name]) for name in _NUMBERS},
        },
    )
