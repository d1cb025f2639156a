"""Section Second person: of everything that moves the books, from which amount on one person does not do it alone.

One line a deed, one column a place: what holds everywhere, and where a reconciliation says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from recon.model.people import DEEDS, Action, Deed, Policy
from recon.queries.people import policies, reconciliations
from recon.ui.format import NONE, md, money
from recon.ui.guard import Desk
from recon.ui.pager import ROW_HEIGHT, grid_height
from recon.ui.people.allowed import why_not
from recon.ui.people.forms import EVERYWHERE, limits_form

ALWAYS = "always"


def second_person_section(desk: Desk) -> None:
    """Draw it."""
    names = reconciliations(desk.engine)
    said = policies(desk.engine)
    refusal = why_not(desk, Action.PEOPLE)
    st.caption("What is more than this is proposed, and waits on Approvals until somebody else has looked at it.")
    beside = st.grid(4, min_column_width=230, gap="small")
    with beside.cell(column_span=3):
        selected = _table(said, names)
    with beside.cell().container(border=True, key="limits"):
        if selected is None:
            st.caption("Choose a line to say from which amount on it needs a second person.")
        elif refusal is not None:
            st.caption(md(refusal))
        else:
            st.subheader(DEEDS[selected].label, anchor=False)
            limits_form(desk, selected, said, names)


def told(said: Sequence[Policy]) -> str:
    """`above 500.00 EUR or 40,000 JPY; else always`, of one deed in one place."""
    above = [money(policy.above, policy.currency) for policy in said if policy.currency is not None]
    is_always = any(policy.currency is None for policy in said)
    if not above:
        return ALWAYS if is_always else NONE
    return f"above {' or '.join(sorted(above))}{'; else always' if is_always else ''}"


def _table(said: Sequence[Policy], names: Mapping[int, str]) -> Deed | None:
    """The table of all deeds; the one chosen."""
    own = [place for place in names if any(policy.reconciliation_id == place for policy in said)]
    columns: dict[str, list[str]] = {
        "What": [terms.label for terms in DEEDS.values()],
        "Its amount": [terms.amount or NONE for terms in DEEDS.values()],
        EVERYWHERE: [_cell(said, deed, None) for deed in DEEDS],
    }
    columns |= {names[place]: [_cell(said, deed, place) for deed in DEEDS] for place in own}
    rows = st.dataframe(
        pd.DataFrame(columns),
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=grid_height(len(DEEDS)),
        selection_mode="single-row",
        on_select="rerun",
        key="deeds",
        column_config={
            "What": st.column_config.TextColumn(width=150),
            "Its amount": st.column_config.TextColumn(width=256),
            EVERYWHERE: st.column_config.TextColumn(width=264),
        },
        alt="What needs a second person, and above which amount",
    )["selection"]["rows"]
    return list(DEEDS)[rows[0]] if rows else None


def _cell(said: Sequence[Policy], deed: Deed, place: int | None) -> str:
    return told([policy for policy in said if policy.action is deed and policy.reconciliation_id == place])
