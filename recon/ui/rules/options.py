"""What is one pass's own among the rules: numbers, and lines of text such as fees and rates.

An input's key holds its value, so that it shows what a file or a version brought.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import streamlit as st

from recon.errors import RulesInvalid
from recon.model.aliases import aliases
from recon.model.fx import fx_rates
from recon.model.rules import (
    MAX_FX_TOLERANCE_BPS,
    MAX_SUBSET_ROWS,
    MAX_WINDOW_DAYS,
    PassName,
    Rules,
    fee_schedules,
)
from recon.ui.format import md
from recon.ui.pager import fingerprint
from recon.ui.rules.rest import put_rest

_HEIGHT: Final = 96
_TOLD: Final = 5
"""Lines that cannot be read which are named one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A whole number from 0 to `most`."""

    rule: str
    label: str
    most: int
    help: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines of text; `read` makes the rule of them or raises RulesInvalid."""

    rule: str
    label: str
    example: str
    read: Callable[[object], Any]
    help: str | None = None


OPTIONS: Final[Mapping[PassName, tuple[Number | Lines, ...]]] = {
    PassName.FEES: (
        Lines(
            rule="fee_schedules",
            label="What payments cost, one line for each currency and day it begins",
            example="2026-01-01 USD 2.9 % + 0.30",
            read=fee_schedules,
        ),
    ),
    PassName.FX: (
        Lines(
            rule="fx_rates",
            label="What currencies are worth, one line for each pair and day it begins",
            example="2026-01-01 EUR/USD 1.0842",
            read=fx_rates,
            help="1 EUR is 1.0842 USD from that day on, until the next line of the two. The other direction follows.",
        ),
        Number(
            rule="fx_tolerance_bps",
            label="Off the rate by (basis points)",
            most=MAX_FX_TOLERANCE_BPS,
            help="100 basis points are 1 % of the larger amount.",
        ),
        Number(
            rule="fx_max_age_days",
            label="A rate holds for (days)",
            most=MAX_WINDOW_DAYS,
            help="0 is until the next rate, however old. An older one counts as none.",
        ),
    ),
    PassName.NETTING: (Number(rule="netting_days", label="At most so many days apart", most=MAX_WINDOW_DAYS),),
    PassName.SUMS: (
        Number(
            rule="subset_rows",
            label="Rows tried together, 0 for none",
            most=MAX_SUBSET_ROWS,
            help="Beside all rows of an account and a window: so many of them at most may make up one row of the other "
            "side. What fits in more than one way is only suggested.",
        ),
    ),
}


ALIASES: Final = Lines(
    rule="aliases",
    label="One party a line: its name, then what else it is called",
    example="Kestrel Energy Ltd = KESTREL EN",
    read=aliases,
    help="Found as whole words, in any case, on both sides, before texts are compared.",
)
"""Of no pass its own: every one that looks at texts reads them so."""


def options(draft: Rules, name: PassName, *, prefix: str) -> None:
    """Draw those of one pass; a change is there with the next run of the page."""
    own = OPTIONS.get(name, ())
    for one in own:
        if isinstance(one, Lines):
            lines_input(one, draft, prefix=prefix)
    numbers = [one for one in own if isinstance(one, Number)]
    if numbers:
        with st.container(horizontal=True, gap="small"):
            for number in numbers:
                _draw_number(number, draft, prefix)


def problems(own: Lines, text: str) -> tuple[str, ...]:
    """A sentence for each line that cannot be read; if all can, what is wrong with them together."""
    lines = _split(text)
    found = [told for line in lines if (told := _problem(own, [line]))]
    if len(found) > _TOLD:
        return (*found[:_TOLD], f"{len(found) - _TOLD:,} more lines cannot be read.")
    together = _problem(own, lines)
    return tuple(found) or ((together,) if together else ())


def _split(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _problem(own: Lines, lines: list[str]) -> str | None:
    try:
        own.read(lines)
    except RulesInvalid as refused:
        return str(refused)
    return None


def _draw_number(number: Number, draft: Rules, prefix: str) -> None:
    value: int = getattr(draft, number.rule)
    key = f"{prefix}{number.rule}_{value}"
    st.number_input(
        number.label,
        min_value=0,
        max_value=number.most,
        value=value,
        key=key,
        help=number.help,
        width=205,
        on_change=lambda: put_rest(replace(draft, **{number.rule: st.session_state[key]}), prefix=prefix),
    )


def lines_input(own: Lines, draft: Rules, *, prefix: str) -> None:
    """Draw one; lines that cannot be read change nothing and say why."""
    lines = "\n".join(map(str, getattr(draft, own.rule)))
    key = f"{prefix}{own.rule}_{fingerprint(lines)}"
    st.text_area(
        own.label,
        value=lines,
        key=key,
        height=_HEIGHT,
        placeholder=own.example,
        help=own.help,
        on_change=_take,
        args=(own, draft, key, prefix),
    )
    for told in st.session_state.get(_problem_key(own, prefix), ()):
        st.error(md(told), icon=":material/error:")


def _take(own: Lines, draft: Rules, key: str, prefix: str) -> None:
    text = st.session_state[key]
    told = st.session_state[_problem_key(own, prefix)] = problems(own, text)
    if not told:
        put_rest(replace(draft, **{own.rule: own.read(_split(text))}), prefix=prefix)


def _problem_key(own: Lines, prefix: str) -> str:
    return f"{prefix}{own.rule}_problems"
