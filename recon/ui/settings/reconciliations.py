"""Section Reconciliations: each saved definition as a line, and the chosen one in full below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from recon.queries.definitions import DefinitionRow, definition_rows
from recon.queries.owners import owners_by_reconciliation
from recon.ui import states
from recon.ui.definition.address import chosen_definition, show_definition
from recon.ui.definition.card import definition_card
from recon.ui.format import NONE, RUN_STATUS, clip, when
from recon.ui.guard import Desk
from recon.ui.ledger.listing import badges, grid
from recon.ui.links import RECONCILE


def reconciliations_section(desk: Desk) -> None:
    """Draw it."""
    rows = definition_rows(desk.engine)
    if not rows:
        if states.empty(
            "No reconciliation yet",
            "One is made with its name, when two files are first reconciled.",
            icon=":material/compare_arrows:",
            action="Reconcile two files",
            height=260,
        ):
            st.switch_page(RECONCILE)
        return
    owners = owners_by_reconciliation(desk.engine)
    name = chosen_definition([row.name for row in rows]) or rows[0].name
    grid(
        definitions_frame(rows, owners, desk),
        [row.name for row in rows],
        name="definitions",
        opened=name,
        on_open=show_definition,
        config={"Reconciliation": st.column_config.TextColumn(width="large"), "Last run": badges(RUN_STATUS, 100)},
        alt="Reconciliations",
    )
    definition_card(desk, next(row for row in rows if row.name == name), owners.get(name, ()))


def definitions_frame(rows: Sequence[DefinitionRow], owners: Mapping[str, Sequence[str]], desk: Desk) -> pd.DataFrame:
    """One line a reconciliation."""
    return pd.DataFrame(
        {
            "Reconciliation": [clip(row.name, 60) for row in rows],
            "Owners": [clip(", ".join(owners.get(row.name, ())), 40) or NONE for row in rows],
            "Open items": ["Carried" if row.carry_forward else "Not carried" for row in rows],
            "Runs": ["By itself" if row.runs_itself_by else "When asked" for row in rows],
            "Last run": [[RUN_STATUS[row.last_status].label] if row.last_status else [] for row in rows],
            "Asked for": [when(row.last_requested_at, now=desk.now) if row.last_requested_at else NONE for row in rows],
        }
    )
