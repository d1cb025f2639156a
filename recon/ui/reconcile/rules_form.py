"""The rules of the run: five figures in the URL, what they mean in one line, and a file to keep them in."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Final

import streamlit as st

from recon.errors import TieoutError
from recon.model.rules import MAX_TOLERANCE_MINOR, MAX_WINDOW_DAYS, Rules
from recon.ui.format import clip, md
from recon.ui.guard import Desk
from recon.ui.rules_text import rules_sentences
from recon.workflows.toml_text import format_rules, parse_rules, percent

_KEYS: Final = {
    "amount_tolerance_minor": "minor",
    "amount_tolerance_percent": "percent",
    "days_before": "before",
    "days_after": "after",
    "description_threshold": "alike",
}
"""Rule -> its name in the URL."""

_IMPORT: Final = "rules_file"
_PROBLEM: Final = "rules_problem"


def rules_form(desk: Desk, currencies: tuple[str, ...]) -> Rules | None:
    """Draw the rules; returns them, or None while one of them is no number."""
    default = desk.settings.default_rules()
    with st.container(border=True, key="rules", gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown("**Rules** :gray[· when two rows may be one movement]", width="content")
            menu = st.container(width="content")
        try:
            rules = _inputs(default)
        except TieoutError as problem:
            st.error(md(str(problem)), icon=":material/error:")
            return None
        st.caption(" ".join(md(sentence) for sentence in rules_sentences(rules.as_dict(), currencies)))
        with menu:
            _rules_file(rules, default)
    return rules


def put_rules(rules: Rules) -> None:
    """Put rules into the form; only before it is drawn, as from a callback."""
    for name, value in rules.as_dict().items():
        st.session_state[_KEYS[name]] = value


def _inputs(default: Rules) -> Rules:
    columns = st.columns(5, gap="small")
    minor = columns[0].number_input(
        "Amounts apart by (minor units)",
        min_value=0,
        max_value=MAX_TOLERANCE_MINOR,
        value=default.amount_tolerance_minor,
        key=_KEYS["amount_tolerance_minor"],
        bind="query-params",
        help="In the smallest unit of each currency: 50 is 0.50 EUR, 50 JPY or 0.050 KWD.",
    )
    share = columns[1].text_input(
        "or by (percent)",
        value=str(default.as_dict()["amount_tolerance_percent"]),
        max_chars=12,
        key=_KEYS["amount_tolerance_percent"],
        bind="query-params",
        help="Of the larger of the two amounts. Whichever of both tolerances is more counts.",
    )
    before = _days(columns[2], "Reference earlier by (days)", _KEYS["days_before"], default.days_before)
    after = _days(columns[3], "Reference later by (days)", _KEYS["days_after"], default.days_after)
    alike = columns[4].number_input(
        "Descriptions alike (%)",
        min_value=0,
        max_value=100,
        value=default.description_threshold,
        key=_KEYS["description_threshold"],
        bind="query-params",
        help="Words in another order count as the same. 100 is the same words, 0 any text.",
    )
    return Rules(
        amount_tolerance_minor=minor,
        amount_tolerance_percent=_percent(share),
        days_before=before,
        days_after=after,
        description_threshold=alike,
    )


def _days(place: st.delta_generator.DeltaGenerator, label: str, key: str, value: int) -> int:
    return place.number_input(label, min_value=0, max_value=MAX_WINDOW_DAYS, value=value, key=key, bind="query-params")


def _percent(text: str) -> Decimal:
    return percent(text.replace("%", "").replace(",", ".").strip() or "0")


def _rules_file(rules: Rules, default: Rules) -> None:
    """The rules as a file: take them away, bring some, or go back to the defaults."""
    with st.popover("Rules file", icon=":material/settings:", width="content", key="rules_menu"):
        st.download_button(
            "Save as TOML",
            data=format_rules(rules),
            file_name="rules.toml",
            mime="application/toml",
            key="rules_export",
            icon=":material/download:",
            on_click="ignore",
            width="stretch",
        )
        st.button(
            "Back to the defaults",
            icon=":material/restart_alt:",
            key="rules_reset",
            on_click=put_rules,
            args=(default,),
            width="stretch",
        )
        st.file_uploader(
            "Take rules from a TOML file", key=_IMPORT, max_upload_size=1, on_change=partial(_import, default)
        )
        problem = st.session_state.get(_PROBLEM)
        if problem:
            st.error(md(problem), icon=":material/error:")


def _import(default: Rules) -> None:
    st.session_state[_PROBLEM] = None
    sent = st.session_state[_IMPORT]
    if sent is None:
        return
    try:
        put_rules(parse_rules(sent.getvalue(), default, filename=clip(sent.name, 60)))
    except TieoutError as problem:
        st.session_state[_PROBLEM] = str(problem)
