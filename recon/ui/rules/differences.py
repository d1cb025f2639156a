"""What one set of rules says otherwise than another, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from recon.model.rules import ALL_PASSES, PassName, Rules
from recon.ui.format import count, md, words
from recon.ui.pass_words import pass_label, scoring_label

NAMES: Final = {
    "amount_tolerance_minor": ("Amounts apart", " minor unit"),
    "amount_tolerance_percent": ("Amounts apart", " %"),
    "days_before": ("Reference earlier", " day"),
    "days_after": ("Reference later", " day"),
    "description_threshold": ("Descriptions alike", " %"),
    "scoring": ("Near matches by", ""),
    "netting_days": ("Reversals apart by", " day"),
    "subset_rows": ("Rows tried together", " row"),
    "fee_schedules": ("Fees", ""),
    "fx_rates": ("Exchange rates", ""),
    "fx_tolerance_bps": ("Apart from the rate", " basis point"),
    "fx_max_age_days": ("A rate holds at most", " day"),
    "aliases": ("Same names", ""),
}
"""Rule -> its name and unit; a rule of a later version is named as it is."""


def differences(before: Rules, after: Rules) -> tuple[tuple[str, str, str], ...]:
    """Every rule that differs, as (name, before, after with its unit); none when they say the same.

    Of an order only the new one is told: beside the old one it would take two lines to see what moved.
    """
    ours, theirs = before.as_dict(), after.as_dict()
    found = []
    for rule in theirs:
        if rule == "passes":
            found += _passes(before.passes, after.passes)
        elif rule == "aliases":
            found += _aliases(ours[rule], theirs[rule])
        elif ours[rule] != theirs[rule]:
            name, unit = NAMES.get(rule, (words(rule), ""))
            plural = "s" if unit in (" day", " minor unit", " row", " basis point") and theirs[rule] != 1 else ""
            found.append((name, _plain(ours[rule]), _plain(theirs[rule]) + unit + plural))
    return tuple(found)


def differences_text(before: Rules, after: Rules) -> str:
    """The same as one line of Markdown: `Reference later 1 → **3 days**`."""
    return " · ".join(
        f"{md(name)}{f' :gray[{md(was)}]' if was else ''} → **{md(now)}**"
        for name, was, now in differences(before, after)
    )


def _passes(before: Sequence[PassName], after: Sequence[PassName]) -> list[tuple[str, str, str]]:
    """Those switched on or off, and the order of the rest where it is another."""
    found = []
    for name in ALL_PASSES:
        if (name in before) != (name in after):
            found.append((pass_label(name), "off" if name in after else "on", "on" if name in after else "off"))
    was, now = ([name for name in one if name in other] for one, other in ((before, after), (after, before)))
    return [*found, ("Order", "", ", ".join(pass_label(name) for name in after))] if was != now else found


def _aliases(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, str, str]]:
    """Each that is there only now, or no longer."""
    name, _ = NAMES["aliases"]
    gone = [(name, one, "none") for one in before if one not in after]
    return [*gone, *((name, "", one) for one in after if one not in before)]


def _plain(value: int | str | list[str]) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return count(value) if isinstance(value, int) else scoring_label(value)
