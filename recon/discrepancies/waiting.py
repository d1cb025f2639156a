"""What needs no work now, or because a person said so; and where what a person said cannot hold any more."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from recon.discrepancies.rows import SideRows, about_rows, amounts_on_days, dates_text, discrepancies, one_sided
from recon.discrepancies.sentences import joined
from recon.discrepancies.sums import Ints
from recon.model.decisions import LostDecision
from recon.model.outcome import DiscrepancyKind
from recon.model.transactions import Side


def awaited(side: Side, rows: SideRows, at: Ints, due_day: Ints, currencies: tuple[str, ...]) -> pa.Table:
    """Rows whose counterpart is due on a later day (days since 1970, by row of the table)."""
    said = joined(amounts_on_days(rows, at, currencies), f" is in the {side}; its counterpart is due by ")
    detail = joined(said, dates_text(due_day[at]), ".")
    return about_rows(DiscrepancyKind.IN_TRANSIT, side, rows, at, currencies, detail)


def set_aside(side: Side, rows: SideRows, at: Ints, currencies: tuple[str, ...]) -> pa.Table:
    """Rows of which a person said that they need no counterpart."""
    detail = joined(amounts_on_days(rows, at, currencies), f" is in the {side} and was set aside by hand.")
    return about_rows(DiscrepancyKind.SET_ASIDE, side, rows, at, currencies, detail)


def lost_decisions(side: Side, rows: SideRows, lost: tuple[LostDecision, ...], currencies: tuple[str, ...]) -> pa.Table:
    """Rows that a person matched with others which are gone. What the rows come to is said by what became of them."""
    own = [one for one in lost if one.side is side]
    at = np.array([one.row for one in own], np.int64)
    return discrepancies(
        DiscrepancyKind.DECISION_LOST,
        side,
        **one_sided(side, at),
        currency=rows.currency[at],
        currencies=currencies,
        amount=np.zeros(len(at), np.int64),
        detail=pa.array([one.detail for one in own], pa.string()),
    )
