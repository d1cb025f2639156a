"""A set of rules as inputs that are kept in the URL: five figures and a switch, and what they start from.

Rules that no input shows are carried along from the base or from the file that was taken in: none is ever lost.

They start from a base: what was saved, or the settings' defaults. Another base takes the place of figures nobody
touched, never of those someone is working on; and what a URL says goes before any base.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recon.model.rules import MAX_TOLERANCE_MINOR, MAX_WINDOW_DAYS, Rules, Scoring
from recon.model.saved_rules import SavedRules
from recon.ui.rules.rest import carried_rest, keep_rest, put_rest, rest
from recon.workflows.toml_text import percent

LABELS: Final = {
    "amount_tolerance_minor": "Amounts apart by (minor units)",
    "amount_tolerance_percent": "or by (percent)",
    "days_before": "Reference earlier by (days)",
    "days_after": "Reference later by (days)",
    "description_threshold": "Descriptions alike (%)",
}
"""Rule -> its label; a change is told under the same name."""

_KEYS: Final = {
    "amount_tolerance_minor": "minor",
    "amount_tolerance_percent": "percent",
    "days_before": "before",
    "days_after": "after",
    "description_threshold": "alike",
}
"""Rule of a figure -> its name in the URL."""

_LEARN: Final = "learn"
"""The switch's name in the URL: whether `scoring` is learned."""

_CARRIED: Final = tuple(field.name for field in fields(Rules) if field.name not in {*_KEYS, "scoring"})
"""Rules that no input here shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What the figures start from: a reconciliation's version (0: none was saved, these are the defaults)."""

    reconciliation: str | None
    version: int
    rules: Rules

    @classmethod
    def of(cls, reconciliation: str | None, saved: SavedRules | None, default: Rules) -> Base:
        """The newest version, else the defaults."""
        if saved is None:
            return cls(reconciliation=reconciliation, version=0, rules=default)
        return cls(reconciliation=reconciliation, version=saved.version, rules=saved.rules)

    @property
    def name(self) -> str:
        """`version 3`, or `the defaults`."""
        return f"version {self.version}" if self.version else "the defaults"


def follow(newest: Base, *, prefix: str = "") -> Base:
    """The base of the figures: the newest, or the earlier one of the same reconciliation that they were made from."""
    known: Base | None = st.session_state.get(_base_key(prefix))
    if known is None or known == newest:
        start_from(newest, prefix=prefix, is_shown=True)
        return newest
    if known.reconciliation == newest.reconciliation and _is_touched(known.rules, prefix):
        return known
    start_from(newest, prefix=prefix, is_shown=known.rules == newest.rules)
    return newest


def start_from(base: Base, *, prefix: str = "", is_shown: bool = False) -> None:
    """Make this the base; the figures become its own, unless they show it already."""
    before: Base | None = st.session_state.get(_base_key(prefix))
    if is_shown and before is not None:
        keep_rest(before.rules, prefix=prefix)
    st.session_state[_base_key(prefix)] = base
    if not is_shown:
        put_rules(base.rules, prefix=prefix)


def put_rules(rules: Rules, *, prefix: str = "") -> None:
    """Make the inputs show these rules. Before they are drawn, or in a callback."""
    for key, value in _shown_as(rules).items():
        st.session_state[prefix + key] = value
    put_rest(rules, prefix=prefix)


def rules_inputs(places: Sequence[DeltaGenerator], base: Rules, *, learn_at: DeltaGenerator, prefix: str = "") -> Rules:
    """Draw the five figures into five places, and the switch into its own; returns the rules they give.

    Raises `RulesInvalid`.
    """
    carried = rest(base, prefix=prefix)
    is_learned = learn_at.toggle(
        "Learn from the rows",
        value=base.scoring == Scoring.LEARNED,
        key=prefix + _LEARN,
        bind="query-params",
        help="Rows without a common reference, or an equal amount and date, are weighed by what matches look like in "
        "these very files, instead of by the figures.",
    )
    minor = places[0].number_input(
        LABELS["amount_tolerance_minor"],
        min_value=0,
        max_value=MAX_TOLERANCE_MINOR,
        value=base.amount_tolerance_minor,
        key=prefix + _KEYS["amount_tolerance_minor"],
        bind="query-params",
        disabled=is_learned,
        help="In the smallest unit of each currency: 50 is 0.50 EUR, 50 JPY or 0.050 KWD.",
    )
    share = places[1].text_input(
        LABELS["amount_tolerance_percent"],
        value=str(base.as_dict()["amount_tolerance_percent"]),
        max_chars=12,
        key=prefix + _KEYS["amount_tolerance_percent"],
        bind="query-params",
        disabled=is_learned,
        help="Of the larger of the two amounts. Whichever of both tolerances is more counts.",
    )
    before = _days(places[2], "days_before", base.days_before, prefix, disabled=is_learned)
    after = _days(places[3], "days_after", base.days_after, prefix, disabled=is_learned)
    alike = places[4].number_input(
        LABELS["description_threshold"],
        min_value=0,
        max_value=100,
        value=base.description_threshold,
        key=prefix + _KEYS["description_threshold"],
        bind="query-params",
        disabled=is_learned,
        help="Words in another order count as the same. 100 is the same words, 0 any text.",
    )
    return replace(
        carried,
        amount_tolerance_minor=minor,
        amount_tolerance_percent=_percent(share),
        days_before=before,
        days_after=after,
        description_threshold=alike,
        scoring=Scoring.LEARNED if is_learned else Scoring.RULES,
    )


def _days(place: DeltaGenerator, rule: str, value: int, prefix: str, *, disabled: bool) -> int:
    return place.number_input(
        LABELS[rule],
        min_value=0,
        max_value=MAX_WINDOW_DAYS,
        value=value,
        key=prefix + _KEYS[rule],
        bind="query-params",
        disabled=disabled,
        help="Calendar days between the two rows' dates. Rows with the same reference may be further apart."
        if rule == "days_before"
        else None,
    )


def _percent(text: str) -> Decimal:
    return percent(text.replace("%", "").replace(",", ".").strip() or "0")


def _is_touched(rules: Rules, prefix: str) -> bool:
    shown = {key: st.session_state.get(prefix + key) for key in _shown_as(rules)}
    carried = carried_rest(prefix=prefix) or rules
    is_other = any(getattr(carried, name) != getattr(rules, name) for name in _CARRIED)
    return is_other or any(value is not None and value != _shown_as(rules)[key] for key, value in shown.items())


def _shown_as(rules: Rules) -> dict[str, int | str | bool]:
    """Name in the URL -> what its input shows."""
    values = rules.as_dict()
    figures = {key: values[rule] for rule, key in _KEYS.items()}
    return {**figures, _LEARN: rules.scoring == Scoring.LEARNED}


def _base_key(prefix: str) -> str:
    return f"{prefix}rules_base"
