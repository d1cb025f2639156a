"""What a file states about itself beside what was read of it: the accounts it is about, and its controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import pandas as pd
import streamlit as st

from recon.model.reading import Account, Control, ControlKind
from recon.ui.format import NONE, Look, clip, count, counted, day, figure
from recon.ui.pager import ROW_HEIGHT, fingerprint, grid_height


class Verdict(StrEnum):
    """What became of a control."""

    AGREES = "agrees"
    ACCEPTED = "accepted"
    DIFFERS = "differs"


VERDICTS: Final[Mapping[Verdict, Look]] = {
    Verdict.AGREES: Look(label="Agrees", color="green", icon=":material/check_circle:", slot=1),
    Verdict.ACCEPTED: Look(label="Accepted", color="orange", icon=":material/how_to_reg:", slot=2),
    Verdict.DIFFERS: Look(label="Differs", color="red", icon=":material/error:", slot=5),
}

KINDS: Final[Mapping[ControlKind, str]] = {
    ControlKind.BALANCE: "Closing balance",
    ControlKind.RUNNING_BALANCE: "Running balance",
    ControlKind.TOTAL: "Total",
    ControlKind.COUNT: "Row count",
    ControlKind.CONTINUITY: "Follows",
}


def verdict(control: Control) -> Verdict:
    """Whether it agrees, or was accepted all the same."""
    if control.agrees:
        return Verdict.AGREES
    return Verdict.ACCEPTED if control.is_accepted else Verdict.DIFFERS


def controls_badge(controls: Sequence[Control]) -> str:
    """`3 controls agree`, or how many differ or were accepted, as Markdown; nothing where there is none."""
    if not controls:
        return ""
    found = [verdict(control) for control in controls]
    worst = [(each, found.count(each)) for each in (Verdict.DIFFERS, Verdict.ACCEPTED) if each in found]
    if not worst:
        return f":green-badge[:material/check: {counted(len(found), 'control agrees', 'controls agree')}]"
    texts = {
        Verdict.DIFFERS: ("control differs", "controls differ"),
        Verdict.ACCEPTED: ("control accepted", "controls accepted"),
    }
    return " ".join(f":{VERDICTS[each].color}-badge[{counted(number, *texts[each])}]" for each, number in worst)


def controls_table(controls: Sequence[Control], *, key: str, at_most: int = 8) -> None:
    """One line a control, those that differ first."""
    order = [Verdict.DIFFERS, Verdict.ACCEPTED, Verdict.AGREES]
    shown = sorted(controls, key=lambda control: order.index(verdict(control)))
    frame = _without_empty(controls_frame(shown), "Difference", "Ccy", "Account")
    _grid(
        frame,
        key=f"{key}_controls_{fingerprint(shown)}",
        at_most=at_most,
        alt="Figures the file states, against what was read",
        config={
            "Result": st.column_config.MultiselectColumn(
                options=[look.label for look in VERDICTS.values()],
                color=[look.color for look in VERDICTS.values()],
                width=86,
            ),
            "In words": st.column_config.TextColumn(width="large"),
        },
        right=("Stated", "Read", "Difference"),
    )


def accounts_table(accounts: Sequence[Account], *, key: str, at_most: int = 6) -> None:
    """One line an account and currency: from its opening balance to its closing one."""
    frame = _without_empty(accounts_frame(accounts), "Account", "Opened", "Closed")
    _grid(
        frame,
        key=f"{key}_accounts_{fingerprint(accounts)}",
        at_most=at_most,
        alt="Accounts the file is about",
        config={},
        right=("Opening", "Movements", "Closing", "Rows"),
    )


def controls_frame(controls: Sequence[Control]) -> pd.DataFrame:
    """What each control states and what was read; the difference is read - stated."""
    return pd.DataFrame(
        {
            "Control": [KINDS[control.kind] for control in controls],
            "Result": [[VERDICTS[verdict(control)].label] for control in controls],
            "Difference": [
                NONE if control.agrees else _figure(control, control.found - control.stated) for control in controls
            ],
            "Stated": [_figure(control, control.stated) for control in controls],
            "Read": [_figure(control, control.found) for control in controls],
            "Ccy": [control.currency or NONE for control in controls],
            "In words": [clip(control.says, 400) for control in controls],
            "Account": [clip(control.account or NONE, 34) for control in controls],
        }
    )


def accounts_frame(accounts: Sequence[Account]) -> pd.DataFrame:
    """Balances as the file states them, movements as they were read."""
    return pd.DataFrame(
        {
            "Ccy": [account.currency for account in accounts],
            "Opening": [figure(account.opening, account.currency) for account in accounts],
            "Movements": [figure(account.total, account.currency) for account in accounts],
            "Closing": [figure(account.closing, account.currency) for account in accounts],
            "Rows": [count(account.row_count) for account in accounts],
            "Account": [clip(account.number or NONE, 34) for account in accounts],
            "Opened": [day(account.opened_on) for account in accounts],
            "Closed": [day(account.closed_on) for account in accounts],
        }
    )


def _without_empty(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Without those of these columns that say nothing."""
    return frame.drop(columns=[name for name in names if (frame[name] == NONE).all()])


def _figure(control: Control, value: int) -> str:
    return figure(value, control.currency) if control.currency else count(value)


def _grid(
    frame: pd.DataFrame, *, key: str, at_most: int, alt: str, config: dict[str, Any], right: Sequence[str]
) -> None:
    right_aligned = {name: st.column_config.TextColumn(alignment="right") for name in right if name in frame}
    st.dataframe(
        frame,
        key=key,
        hide_index=True,
        height=grid_height(len(frame), at_most=at_most),
        row_height=ROW_HEIGHT,
        placeholder=NONE,
        alt=alt,
        column_config={**right_aligned, **config},
    )
