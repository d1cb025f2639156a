"""The checks: named questions about the books, asked around the clock. This tuple is all there is to know of them.

To add one: write its file, add it here, add its test; a test fails until README lists it.
"""

from __future__ import annotations

from typing import Any, Final

from checks import (
    accounts,
    audit_chain,
    gtn,
    journal_lines,
    lrs,
    pending_flow,
    projections,
    sign,
    snapshot,
    trial_balance,
    uniqueness,
    viewtrade,
    wallet,
    zag,
)
from checks.check import Check

CHECKS: Final[tuple[Check[Any], ...]] = (
    trial_balance.CHECK,
    journal_lines.CHECK,
    uniqueness.CHECK,
    sign.CHECK,
    audit_chain.CHECK,
    projections.CHECK,
    wallet.CHECK,
    accounts.CHECK,
    snapshot.CHECK,
    gtn.CHECK,
    zag.CHECK,
    viewtrade.LEDGER_CHECK,
    viewtrade.HOLDINGS_CHECK,
    lrs.CHECK,
    pending_flow.CHECK,
)
"""In the order of their categories, as the board shows them."""

__all__ = ["CHECKS", "Check"]
