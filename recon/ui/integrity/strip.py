"""The strip of a check's last runs: a bar each, oldest first, its height and its colour by how the run came out.

Drawn as HTML of nothing but our own words and numbers; no text from outside ever comes near it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from recon.model.checks import CheckStatus
from recon.queries.checks import STRIP, Strip
from recon.ui.integrity.look import BAR_COLORS, STATUSES

WIDTH: Final = 140
"""Pixels of a whole strip."""

_HEIGHT: Final[Mapping[CheckStatus, int]] = {
    CheckStatus.OK: 6,
    CheckStatus.WARN: 11,
    CheckStatus.FAIL: 16,
    CheckStatus.ERROR: 16,
}
"""Pixels."""

_NO_RUN: Final = (2, "#94a3b855")


def strip(runs: Sequence[Strip]) -> None:
    """Draw it; runs that have not been yet are a faint line. Where it is narrow, the oldest are left out."""
    bars = [_NO_RUN] * (STRIP - len(runs)) + [(_HEIGHT[run.status], BAR_COLORS[run.status]) for run in runs]
    drawn = "".join(
        f"<span style='flex:none;width:5px;height:{height}px;background:{color};border-radius:1px'></span>"
        for height, color in bars
    )
    st.html(
        f"<div role='img' aria-label='{told(runs)}' title='{told(runs)}' style='display:flex;gap:2px;height:18px;"
        f"max-width:{WIDTH}px;align-items:flex-end;justify-content:flex-end;overflow:hidden'>{drawn}</div>"
    )


def told(runs: Sequence[Strip]) -> str:
    """`Last 20 runs: holds 18, fails 2`."""
    if not runs:
        return "No run yet"
    statuses = [run.status for run in runs]
    counts = [(statuses.count(status), look.label.lower()) for status, look in STATUSES.items()]
    return f"Last {len(runs)} runs: " + ", ".join(f"{label} {number}" for number, label in counts if number)
