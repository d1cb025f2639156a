"""Why two rows are a pair, drawn: how the learned weights add up, or what agreed; and what figures hint at."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from recon.model.outcome import MatchStatus, Pass
from recon.ui import charts
from recon.ui.format import PASSES, md
from recon.workflows.explain_pair import ExplainedPair


def why(pair: ExplainedPair, *, key: str) -> None:
    """Draw why this pair was made."""
    st.markdown(f"**{paired_title(pair)}** :gray[· {paired_by(pair)}]")
    if pair.steps:
        st.plotly_chart(
            charts.waterfall(pair.steps), key=key, config=charts.CONFIG, alt="How the weights of this pair add up"
        )
    else:
        st.caption("  \n".join(_line(reason.text, is_for=reason.is_for) for reason in pair.reasons))


def hints(sentences: Iterable[str]) -> None:
    """Draw what the figures hint at, if anything."""
    for sentence in sentences:
        st.markdown(f":orange[:material/lightbulb:] {md(sentence)}")


def paired_title(pair: ExplainedPair) -> str:
    """`Why they match`, or `Why they are suggested`."""
    return "Why they match" if pair.status == MatchStatus.MATCHED else "Why they are suggested"


def paired_by(pair: ExplainedPair) -> str:
    """`best score, confidence 0.93`."""
    name = PASSES[Pass(pair.match_pass)] if pair.match_pass in {*Pass} else md(pair.match_pass)
    return f"{name.lower()}, confidence {pair.confidence:.2f}"


def _line(text: str, *, is_for: bool) -> str:
    mark = ":green[:material/check:]" if is_for else ":orange[:material/priority_high:]"
    return f"{mark} {md(text)}"
