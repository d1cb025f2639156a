"""Why a row may be the partner of another, in few words: what is the same, and by how much the rest is off."""

from __future__ import annotations

from recon.model.settlement import OpenRow
from recon.money import to_display
from recon.ui.format import MINUS


def why_near(row: OpenRow, near: OpenRow) -> str:
    """`same amount, +2 d`: the row as seen from the one it is held against."""
    if row.currency != near.currency:
        return f"in {row.currency}"
    return f"{_amount(row, near)}, {_day(row, near)}"


def _amount(row: OpenRow, near: OpenRow) -> str:
    off = row.open_amount - near.open_amount
    if not off:
        return "same amount"
    if row.open_amount == -near.open_amount:
        return "other sign"
    return f"{to_display(abs(off), row.currency).rsplit(' ', 1)[0]} {'more' if off > 0 else 'less'}"


def _day(row: OpenRow, near: OpenRow) -> str:
    days = (row.date - near.date).days
    if not days:
        return "same day"
    return f"{'+' if days > 0 else MINUS}{abs(days)} d"
