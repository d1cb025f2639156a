"""Which open items are listed: the reconciliation, the stage, and what narrows it down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recon.model.transactions import Side
from recon.queries.item_list import Carrier, ItemFilter, Stage
from recon.queries.open_ages import AGES
from recon.ui.format import SIDES
from recon.ui.open_items.address import NAME, STAGE, STAGES, changed, clear, is_filtered


def asked(found: Sequence[Carrier]) -> Carrier:
    """The reconciliation that is chosen, before it is drawn: the one the URL names, else the first."""
    name = st.session_state.get(NAME) or st.query_params.get(NAME)
    return next((one for one in found if one.name == name), found[0])


def choose(actions: DeltaGenerator, found: Sequence[Carrier]) -> None:
    """Draw the choice of the reconciliation."""
    actions.selectbox(
        "Reconciliation",
        [one.name for one in found],
        key=NAME,
        label_visibility="collapsed",
        bind="query-params",
        width=300,
        on_change=clear,
    )


def filter_bar(carrier: Carrier, currencies: Sequence[str]) -> ItemFilter:
    """Draw the filters; what they ask for."""
    bound: dict[str, Any] = {"bind": "query-params", "label_visibility": "collapsed", "on_change": changed}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="item_filters"):
        stage = st.segmented_control(
            "Stage",
            list(Stage),
            format_func=lambda one: STAGES[one],
            default=Stage.MISSING,
            required=True,
            key=STAGE,
            width="content",
            **bound,
        )
        search = st.text_input(
            "Search", key="q", placeholder="Reference, id or text", icon=":material/search:", width=230, **bound
        )
        side = st.selectbox(
            "Side",
            list(Side),
            index=None,
            format_func=lambda one: SIDES[one],
            placeholder="Both sides",
            key="side",
            width=136,
            **bound,
        )
        currency = st.selectbox(
            "Currency", currencies, index=None, placeholder="All currencies", key="currency", width=148, **bound
        )
        ages: Sequence[int] = ()
        if stage is not Stage.CLEARED:
            ages = st.pills(
                "Age in business days",
                list(range(len(AGES))),
                format_func=lambda place: AGES[place][0],
                selection_mode="multi",
                key="ages",
                help="Business days since it was first seen",
                **bound,
            )
        if is_filtered():
            st.button("Clear", icon=":material/filter_alt_off:", type="tertiary", key="clear_items", on_click=clear)
    return ItemFilter(
        reconciliation_id=carrier.id,
        stage=stage or Stage.MISSING,
        side=side,
        currency=currency,
        ages=tuple(ages or ()),
        search=search,
    )
