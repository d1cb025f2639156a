"""Settings: as whom one acts, who may do what, what needs a second person, and the reconciliations, by `?section=`."""

from __future__ import annotations

import streamlit as st

from recon.queries.people import people
from recon.ui.format import counted, md
from recon.ui.guard import require
from recon.ui.header import header
from recon.ui.people.acting import acting_choice
from recon.ui.settings.people import people_section
from recon.ui.settings.reconciliations import reconciliations_section
from recon.ui.settings.second_person import second_person_section

SECTIONS = {
    "People": people_section,
    "Second person": second_person_section,
    "Reconciliations": reconciliations_section,
}
"""In the order they are offered; `?section=` names one."""

desk = require()
listed = people(desk.engine)
with header("Settings", f"{counted(len(listed), 'person', 'people')} · acting as {md(desk.actor)}"):
    acting_choice(desk.settings, listed)
section = st.segmented_control(
    "Section",
    list(SECTIONS),
    default=next(iter(SECTIONS)),
    required=True,
    key="section",
    bind="query-params",
    label_visibility="collapsed",
)
SECTIONS[section](desk)
