"""Where the definition of a reconciliation is shown, and which one: `settings?section=Reconciliations&of=NAME`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Never

import streamlit as st

from recon.ui.links import SETTINGS

SECTION: Final = "Reconciliations"
OF: Final = "of"


def open_definition(name: str) -> Never:
    """Go to the definition of one reconciliation."""
    st.switch_page(SETTINGS, query_params=to_definition(name))


def to_definition(name: str) -> dict[str, str]:
    """The query of a link to it."""
    return {"section": SECTION, OF: name}


def chosen_definition(names: Sequence[str]) -> str | None:
    """The reconciliation the URL names, if there is one of that name."""
    name = st.query_params.get(OF)
    return name if name in names else None


def show_definition(name: str) -> None:
    """Show another one, on the page one is on."""
    st.query_params[OF] = name
