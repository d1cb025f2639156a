"""The two rows of a discrepancy side by side, as Markdown cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from recon.ui.format import NONE, clip, day, figure, line_text, md

_FIELDS: Final = {
    "amount": "Amount",
    "date": "Date",
    "payment_ref": "Reference",
    "txn_id": "ID",
    "counterparty": "Party",
    "description": "Text",
    "kind": "Type",
    "group_id": "Group",
    "fee": "Fee",
    "line": "Line",
}
"""Fields of a transaction in the order they are compared; those that neither row has are left out."""


_CODES: Final = ("payment_ref", "txn_id", "group_id")
_NEVER_COMPARED: Final = ("line", "kind", "txn_id")
"""Each system has its own: that they differ says nothing."""


def comparison(
    source: Mapping[str, Any] | None,
    reference: Mapping[str, Any] | None,
    currency: str,
    *,
    first_runs: Mapping[int, int] | None = None,
) -> pd.DataFrame:
    """The two rows side by side as Markdown cells; what differs between two rows that are there is in bold orange.

    `first_runs`: of lines of carried rows, the runs in which they came first.
    """
    lines = []
    currencies = [(row or {}).get("currency", currency) for row in (source, reference)]
    if currencies[0] != currencies[1]:
        lines.append(("Currency", *(f":orange[**{md(code)}**]" for code in currencies)))
    for name, label in _FIELDS.items():
        ours, theirs = ((row or {}).get(name) for row in (source, reference))
        if ours is None and theirs is None:
            continue
        differs = None not in (source, reference) and name not in _NEVER_COMPARED and not _is_same(ours, theirs)
        if name == "line":
            ours, theirs = (None if line is None else line_text(line, first_runs) for line in (ours, theirs))
        cells = zip((ours, theirs), currencies, strict=True)
        lines.append((label, *(_cell(name, value, own, differs=differs) for value, own in cells)))
    return pd.DataFrame(lines, columns=["", "Source", "Reference"])


def _is_same(ours: Any, theirs: Any) -> bool:
    """Equal, or equal but for upper and lower case."""
    return bool(
        ours == theirs or (isinstance(ours, str) and isinstance(theirs, str) and ours.lower() == theirs.lower())
    )


def _cell(name: str, value: Any, currency: str, *, differs: bool) -> str:
    if value is None:
        return f":gray[{NONE}]"
    if name in ("amount", "fee"):
        text = md(figure(value, currency))
    elif name == "date":
        text = day(value)
    elif name in _CODES and not differs:
        return code(value)
    else:
        text = md(clip(value, 60))
    return f":orange[**{text}**]" if differs else text


def code(value: object) -> str:
    """An id as a small code span that shows exactly that text."""
    return f":small[`{clip(str(value or NONE).replace('`', 'ˋ'), 28)}`]"
