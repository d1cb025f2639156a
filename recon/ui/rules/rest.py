"""Rules that none of the figures shows: carried by the session from the base or a file, some of them in the URL too.

So a file or a version brings all of its rules into a draft, whichever of them the page has inputs for.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from recon.errors import RulesInvalid
from recon.model.aliases import aliases
from recon.model.fx import fx_rates
from recon.model.rules import Rules, fee_schedules, pass_names

IN_URL: Final[dict[str, tuple[str, Callable[[Any], str], Callable[[str], Any]]]] = {
    "passes": ("passes", ".".join, lambda text: pass_names(text.split("."))),
    "netting_days": ("netting", str, int),
    "subset_rows": ("subset", str, int),
    "fee_schedules": ("fees", lambda found: _joined(found), lambda text: fee_schedules(_lines(text))),
    "fx_rates": ("rates", lambda found: _joined(found), lambda text: fx_rates(_lines(text))),
    "fx_tolerance_bps": ("rate_bps", str, int),
    "fx_max_age_days": ("rate_days", str, int),
    "aliases": ("names", lambda found: _joined(found), lambda text: aliases(_lines(text))),
}
"""Rule -> its name in the URL, where it differs from the base's; how it is written there, and read."""

_LONGEST: Final = 1_500
"""Characters of one rule in the URL: a year of rates would not fit into any; the session carries them."""


def put_rest(rules: Rules, *, prefix: str = "") -> None:
    """Carry these rules from now on. Before the inputs are drawn, or in a callback."""
    st.session_state[_key(prefix)] = rules
    for name, _, _ in IN_URL.values():
        st.query_params.pop(prefix + name, None)


def keep_rest(rules: Rules, *, prefix: str = "") -> None:
    """Carry these rules, unless others are carried already."""
    st.session_state.setdefault(_key(prefix), rules)


def carried_rest(*, prefix: str = "") -> Rules | None:
    """The rules that are carried; None while nothing is."""
    carried: Rules | None = st.session_state.get(_key(prefix))
    return carried


def rest(base: Rules, *, prefix: str = "") -> Rules:
    """What the URL says, over what is carried, over the base; the URL is told what differs from the base."""
    carried = carried_rest(prefix=prefix) or base
    for rule, (name, write, read) in IN_URL.items():
        asked = st.query_params.get(prefix + name)
        if asked is not None:
            with suppress(RulesInvalid, ValueError):
                carried = replace(carried, **{rule: read(asked)})
                st.session_state[_key(prefix)] = carried
        written = write(getattr(carried, rule))
        if getattr(carried, rule) == getattr(base, rule) or len(written) > _LONGEST:
            st.query_params.pop(prefix + name, None)
        else:
            st.query_params[prefix + name] = written
    return carried


def _joined(lines: tuple[object, ...]) -> str:
    return "|".join(map(str, lines))


def _lines(text: str) -> list[str]:
    return [line for line in text.split("|") if line]


def _key(prefix: str) -> str:
    return f"{prefix}rules_rest"
