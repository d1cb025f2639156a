"""One customer: wallets, holdings, money on its way and what became of it, and remittances."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import pandas as pd
import streamlit as st

from recon.queries.customers import (
    FLOWS_SHOWN,
    CustomerDetail,
    Flow,
    Holding,
    Remittance,
    Wallet,
    customer_detail,
)
from recon.ui.format import NONE, age, clip, day, figure, md, money, words
from recon.ui.guard import Desk
from recon.ui.ledger import address, parts
from recon.ui.ledger.listing import amount, grid
from recon.ui.ledger.look import BOOKS
from recon.ui.ledger.sentences import units
from recon.ui.pager import ROW_HEIGHT, grid_height

DATES: Final = ("Sent", "Returned")


def customer_panel(desk: Desk, customer_id: UUID) -> None:
    """Draw it."""
    found = customer_detail(desk.engine, customer_id)
    if found is None:
        parts.missing("There is no such customer.")
        return
    parts.title(found.name, f":gray-badge[{BOOKS[found.book]}]")
    parts.facts(("Reference", md(clip(found.external_ref, 80))), *parts.metadata(found.metadata))
    _wallets(found.wallets)
    _table("Holdings", holding_frame(found.holdings), ("Quantity",), nothing="Holds no instrument.")
    _flows(found, now=desk.now)
    if found.remittances:
        _table("Remittances", remittance_frame(found.remittances), ("Amount",), nothing="")


def holding_frame(holdings: Sequence[Holding]) -> pd.DataFrame:
    """One row an instrument and broker."""
    return pd.DataFrame(
        {
            "Instrument": [clip(held.instrument, 60) for held in holdings],
            "Broker": [held.broker.upper() for held in holdings],
            "Quantity": [units(held.quantity) for held in holdings],
        }
    )


def flow_frame(flows: Sequence[Flow], *, now: datetime) -> pd.DataFrame:
    """One row a flow, with what became of it."""
    return pd.DataFrame(
        {
            "Kind": [words(flow.kind) for flow in flows],
            "Amount": [money(flow.amount, flow.currency) for flow in flows],
            "State": [clip(_state(flow, now=now), 80) for flow in flows],
        }
    )


def remittance_frame(remittances: Sequence[Remittance]) -> pd.DataFrame:
    """One row a remittance."""
    return pd.DataFrame(
        {
            "Sent": [sent.sent_on for sent in remittances],
            "Amount": [money(sent.amount, sent.currency) for sent in remittances],
            "To": [f"{sent.broker.upper()} {clip(sent.broker_ref, 40)}" for sent in remittances],
            "Returned": [sent.returned_on for sent in remittances],
        }
    )


def _wallets(wallets: Sequence[Wallet]) -> None:
    st.markdown("**Wallets**")
    if not wallets:
        st.caption("Has no wallet yet.")
    for wallet in wallets:
        st.button(
            f"**{md(figure(wallet.balance, wallet.currency))}** {wallet.currency}",
            icon=":material/wallet:",
            on_click=address.show_account,
            args=(wallet.account_id,),
            key=f"wallet_{wallet.account_id}",
            help="Open the account",
        )


def _flows(found: CustomerDetail, *, now: datetime) -> None:
    st.markdown("**Flows**")
    if not found.flows:
        st.caption("No money was ever on its way.")
        return

    def booked(entry_id: int | None) -> None:
        if entry_id is not None:
            address.show_entry(entry_id)

    grid(
        flow_frame(found.flows, now=now),
        [flow.entry_id for flow in found.flows],
        name="flows",
        opened=None,
        on_open=booked,
        config={"Kind": st.column_config.TextColumn(width=92), "Amount": amount(108)},
    )
    more = f" · the newest {FLOWS_SHOWN}" if len(found.flows) == FLOWS_SHOWN else ""
    st.caption(f"Click a settled one for the entry that books it{more}")


def _state(flow: Flow, *, now: datetime) -> str:
    if flow.settled_at is not None:
        return f"Settled {day(flow.settled_at.astimezone(UTC).date())}"
    if flow.failed_at is not None:
        return f"Failed {day(flow.failed_at.astimezone(UTC).date())}: {flow.reason or NONE}"
    return f"On its way, {age(flow.opened_at.astimezone(UTC).date(), today=now.date())}"


def _table(title: str, frame: pd.DataFrame, figures: Sequence[str], *, nothing: str) -> None:
    st.markdown(f"**{title}**")
    if frame.empty:
        st.caption(nothing)
        return
    config: dict[str, Any] = {name: amount() for name in figures}
    config |= {name: st.column_config.DateColumn(format="DD MMM YYYY") for name in DATES if name in frame}
    st.dataframe(
        frame,
        hide_index=True,
        height=grid_height(len(frame), at_most=8),
        row_height=ROW_HEIGHT,
        placeholder=NONE,
        alt=title,
        column_config=config,
    )
