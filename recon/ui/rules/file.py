"""Rules as a TOML file: take them away, or bring some."""

from __future__ import annotations

from functools import partial

import streamlit as st

from recon.errors import TieoutError
from recon.model.rules import Rules
from recon.ui.format import clip, md
from recon.ui.guard import Desk
from recon.ui.rules.inputs import put_rules
from recon.workflows.record_export import exported
from recon.workflows.toml_text import format_rules, parse_rules


def rules_file(desk: Desk, rules: Rules, default: Rules, *, filename: str = "rules.toml", prefix: str = "") -> None:
    """Draw the download and the drop zone; a file names the rules that differ from `default`."""
    st.download_button(
        "Save as TOML",
        data=partial(
            exported,
            desk.engine,
            lambda: format_rules(rules).encode(),
            subject="rules",
            file=filename,
            actor=desk.actor,
        ),
        file_name=filename,
        mime="application/toml",
        key=f"{prefix}rules_export",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )
    key, problem_key = f"{prefix}rules_file", f"{prefix}rules_problem"
    st.file_uploader(
        "Take rules from a TOML file",
        key=key,
        max_upload_size=1,
        on_change=partial(_import, key, problem_key, default, prefix),
    )
    if problem := st.session_state.get(problem_key):
        st.error(md(problem), icon=":material/error:")


def _import(key: str, problem_key: str, default: Rules, prefix: str) -> None:
    st.session_state[problem_key] = None
    sent = st.session_state[key]
    if sent is None:
        return
    try:
        put_rules(parse_rules(sent.getvalue(), default, filename=clip(sent.name, 60)), prefix=prefix)
    except TieoutError as problem:
        st.session_state[problem_key] = str(problem)
