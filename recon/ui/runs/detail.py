"""One run: its figures, the proof of each currency, how sure its matches are, its files, rules and timing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from recon.model.outcome import OutcomeTotal, ProofLine, RowOutcome
from recon.model.transactions import Side
from recon.queries.runs import RunDetail, RunFile
from recon.queries.settled_rows import DecidedSum
from recon.ui import charts
from recon.ui.controls import accounts_table, controls_badge, controls_table
from recon.ui.format import (
    KINDS,
    NONE,
    OUTCOMES,
    SIDES,
    count,
    counted,
    figure,
    instant,
    md,
    percent,
    size,
)
from recon.ui.header import figures
from recon.ui.pager import ROW_HEIGHT, grid_height
from recon.ui.rules.text import rules_sentences
from recon.ui.runs.history import took

RIGHT: Final = "right"


def figures_row(detail: RunDetail) -> None:
    """The five figures of a published run."""
    run, proof = detail.run, detail.proof
    unexplained = [line for line in proof if line.unexplained]
    row = figures(5)
    row.metric(
        "Rows matched",
        percent(run.matched_row_count, run.row_count),
        delta=counted(run.matched_count or 0, "match", "matches"),
        delta_color="off",
        delta_arrow="off",
        delta_description=f"of {count(run.row_count)} rows",
        icon=":material/join_inner:",
        border=True,
    )
    row.metric(
        "Discrepancies",
        count(run.discrepancy_count),
        delta=f"{count(detail.open_count)} open",
        delta_color="red" if detail.open_count else "green",
        delta_arrow="off",
        icon=":material/error:",
        border=True,
    )
    row.metric(
        "Suggested pairs",
        count(run.suggested_count),
        delta="for a person to decide" if run.suggested_count else "nothing to decide",
        delta_color="off",
        delta_arrow="off",
        icon=":material/live_help:",
        border=True,
    )
    row.metric(
        "Unexplained",
        "0" if not unexplained else counted(len(unexplained), "currency", "currencies"),
        delta=f"{counted(len(proof), 'currency ties', 'currencies tie')} out" if not unexplained else "do not tie out",
        delta_color="green" if not unexplained else "red",
        delta_arrow="off",
        icon=":material/balance:",
        border=True,
        help="Source total − reference total − the sum of all discrepancies, in each currency. It must be 0.",
    )
    row.metric(
        "Took",
        took(run),
        delta=f"attempt {detail.attempt}",
        delta_color="off",
        delta_arrow="off",
        icon=":material/timer:",
        border=True,
    )


def replayed(detail: RunDetail) -> None:
    """Say that earlier decisions of people were replayed before the rest was matched, if any were."""
    if number := detail.decision_count:
        which = "1 earlier decision was" if number == 1 else f"{count(number)} earlier decisions were"
        st.markdown(f":violet-badge[:material/how_to_reg: Decided before] {which} replayed before the rest was matched")


def summary(detail: RunDetail, decided: Sequence[DecidedSum] = ()) -> None:
    """Proof, what people settled since, confidence, and where every row ended."""
    left, right = st.columns([7, 5], gap="small")
    with left.container(border=True, height="stretch"):
        _bridge(detail.proof)
    with right.container(border=True, height="stretch"):
        st.markdown("**Matches by confidence**")
        if any(detail.confidence):
            st.plotly_chart(
                charts.confidence(detail.confidence),
                key="confidence",
                config=charts.CONFIG,
                alt="Matches by confidence",
            )
        else:
            st.caption("Nothing was matched.")
    st.markdown("**Proof** :gray[· source − reference = sum of discrepancies + unexplained]")
    proof = proof_frame(detail.proof)
    st.dataframe(
        proof,
        key="proof",
        height=grid_height(len(proof)),
        hide_index=True,
        row_height=ROW_HEIGHT,
        alt="Proof for each currency",
        column_config=_right_aligned(proof, but=("Currency",)),
    )
    if decided:
        st.caption(f"Decided since: {md(_decided_text(decided))}.")
    st.markdown("**Where every row ended**")
    totals = totals_frame(detail.totals)
    st.dataframe(
        totals,
        key="totals",
        hide_index=True,
        height=grid_height(len(totals)),
        row_height=ROW_HEIGHT,
        placeholder="–",
        alt="Rows and amounts by outcome, side and currency",
        column_config=_right_aligned(totals, but=("Currency", "Side")),
    )


def _decided_text(decided: Sequence[DecidedSum]) -> str:
    """Rows, and source less reference, of each currency; the proof itself stays as it was published."""
    rows: Counter[str] = Counter()
    amounts: Counter[str] = Counter()
    for one in decided:
        rows[one.currency] += one.row_count
        amounts[one.currency] += one.amount
    return "; ".join(
        f"{counted(rows[currency], 'row')}, {figure(amounts[currency], currency)} {currency}"
        for currency in sorted(rows)
    )


def proof_frame(proof: Sequence[ProofLine]) -> pd.DataFrame:
    """One line a currency; amounts as exact text, a dash where there is none. UNEXPLAINED is always a figure."""
    kinds = [kind for kind in KINDS if any(kind == found and n for line in proof for found, n, _ in line.by_kind)]
    rows = []
    for line in proof:
        amounts = {kind: amount for kind, number, amount in line.by_kind if number}
        rows.append(
            {
                "Currency": line.currency,
                "Source": figure(line.source_total, line.currency),
                "Reference": figure(line.reference_total, line.currency),
                "Difference": figure(line.source_total - line.reference_total, line.currency),
                **{KINDS[kind].label: figure(amounts.get(kind), line.currency) for kind in kinds},
                "Unexplained": figure(line.unexplained, line.currency),
            }
        )
    return pd.DataFrame(rows)


def totals_frame(totals: Sequence[OutcomeTotal]) -> pd.DataFrame:
    """One line a currency and side: rows and amount of each outcome, and all together."""
    rows: list[dict[str, Any]] = []
    rare = (RowOutcome.IN_TRANSIT, RowOutcome.SET_ASIDE)
    outcomes = [name for name in OUTCOMES if name not in rare or any(t.outcome is name for t in totals)]
    for currency in sorted({total.currency for total in totals}):
        for side in Side:
            own = {t.outcome: t for t in totals if t.currency == currency and t.side == side}
            row: dict[str, Any] = {"Currency": currency, "Side": SIDES[side]}
            for outcome in outcomes:
                label, found = OUTCOMES[outcome], own.get(outcome)
                shown = found if found and found.row_count else None
                row[label] = count(shown.row_count) if shown else NONE
                row[f"{label} amount"] = figure(shown.amount, currency) if shown else NONE
            row["All rows"] = count(sum(t.row_count for t in own.values()))
            row["All amounts"] = figure(sum(t.amount for t in own.values()), currency)
            rows.append(row)
    return pd.DataFrame(rows)


def files_and_rules(detail: RunDetail) -> None:
    """What went in, under which rules, and how long each stage took."""
    columns = st.columns(2, gap="small")
    for column, file in zip(columns, detail.files, strict=True):
        with column.container(border=True, height="stretch"):
            _file(file)
    left, right = st.columns(2, gap="small")
    with left.container(border=True, height="stretch"):
        st.markdown("**Rules**")
        st.markdown(
            "\n".join(
                f"- {md(sentence)}"
                for sentence in rules_sentences(detail.rules, [line.currency for line in detail.proof])
            )
        )
    if detail.seconds:
        with right.container(border=True, height="stretch"):
            st.markdown("**Time per stage** :gray[· storing and publishing go on at the same time]")
            st.plotly_chart(charts.stages(detail.seconds), key="stages", config=charts.CONFIG, alt="Seconds per stage")
    if detail.digest:
        st.caption("Digest of the result: equal runs have equal digests")
        st.code(detail.digest, language=None)


def _bridge(proof: Sequence[ProofLine]) -> None:
    """The bridge of one currency, first of the one with most discrepancies."""
    lines = {line.currency: line for line in proof}
    if not lines:
        st.markdown("**What the difference is made of**")
        st.caption("Both files were empty: there is nothing to prove.")
        return
    busiest = max(lines.values(), key=lambda line: sum(number for _, number, _ in line.by_kind)).currency
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown("**What the difference is made of**", width="content")
        chosen = st.segmented_control(
            "Currency",
            list(lines),
            default=busiest,
            required=True,
            key="proof_currency",
            label_visibility="collapsed",
        )
    line = lines[chosen or busiest]
    if not any(number for _, number, _ in line.by_kind) and not line.unexplained:
        st.markdown(f":green[:material/check_circle:] {line.currency} ties out: no discrepancy, nothing unexplained.")
        return
    st.plotly_chart(
        charts.proof_bridge(line),
        key="bridge",
        config=charts.CONFIG,
        alt=f"How the difference in {line.currency} is made up of discrepancies",
    )


def _file(file: RunFile) -> None:
    st.markdown(f"**{SIDES[Side(file.side)]}** :gray[· {md(file.filename)}]")
    read = f"{count(file.rows_read)} rows read = {count(file.rows_accepted)} accepted"
    rejected = f"{count(file.rows_rejected)} rejected"
    st.markdown(
        f"{read} + {f':red[{rejected}]' if file.rows_rejected else rejected} + {count(file.rows_ignored)} ignored "
        f"{controls_badge(file.controls)}"
    )
    encoding = f", {md(file.encoding)}" if file.encoding else ""
    st.caption(
        f"{md(file.format)}{encoding} · {size(file.size_bytes)} · received {instant(file.received_at)} "
        f"from {md(file.received_by)}"
    )
    if file.accounts:
        accounts_table(file.accounts, key=file.side)
    if file.controls:
        controls_table(file.controls, key=file.side, at_most=6)
    st.code(file.sha256, language=None)


def _right_aligned(frame: pd.DataFrame, *, but: Sequence[str]) -> dict[str, Any]:
    """Text columns of figures line up at the right."""
    return {name: st.column_config.TextColumn(alignment=RIGHT) for name in frame.columns if name not in but}
