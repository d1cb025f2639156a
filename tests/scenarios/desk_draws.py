"""What is drawn for a desk: files, people, rows by chance, and what sensible people do with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from recon.model.rules import Rules
from recon.model.settlement import SettleMove
from recon.model.triage import Resolution
from tests.scenarios.desk_world import ACTORS, APPROVER, OPERATORS, SOURCE

FILE = st.lists(st.integers(0, len(SOURCE) - 1), min_size=1, max_size=len(SOURCE), unique=True)
WHOLE = st.permutations(range(len(SOURCE)))
FILES = st.one_of(WHOLE, WHOLE, FILE)
AMENDED = st.one_of(st.just(()), st.tuples(st.integers(0, len(SOURCE) - 1)))
ACTOR = st.sampled_from((*OPERATORS * 8, *ACTORS))
SECOND = st.sampled_from((*[APPROVER] * 6, *ACTORS))
PICKS = st.lists(st.integers(0, 99), max_size=3)
PICK = st.integers(0, 99)
REASON = st.sampled_from([None, Resolution.FEE, Resolution.ROUNDING])
ANSWERS = st.sampled_from([*Resolution, Resolution.WRITTEN_OFF, Resolution.WRITTEN_OFF, Resolution.ADJUSTED])
RULES = st.sampled_from([Rules(), Rules(amount_tolerance_minor=5), Rules(days_after=14, subset_rows=3)])

Plan = tuple[SettleMove, tuple[str, ...], tuple[str, ...], Resolution | None]
PLANS: tuple[Plan, ...] = (
    (SettleMove.MATCH, ("Payout of the week",), ("First half", "Second half"), None),
    (SettleMove.SPLIT, ("Payout of the week",), ("First half",), None),
    (SettleMove.SPLIT, ("Payout of the week",), ("Second half",), None),
    (SettleMove.MATCH, ("INV-2",), ("INV-2",), Resolution.FEE),
    (SettleMove.MATCH, ("INV-3",), ("INV-3",), Resolution.ROUNDING),
    (SettleMove.MATCH, ("Coffee",), ("Coffee bar",), None),
    (SettleMove.MATCH, ("Coffee", "Coffee"), ("Coffee", "Coffee bar"), None),
    (SettleMove.NET, ("Charge", "Charge taken back"), (), None),
    (SettleMove.WRITE_OFF, (), ("Fee",), Resolution.FEE),
    (SettleMove.WRITE_OFF, ("Payout of the week",), (), Resolution.DATA_ISSUE),
    (SettleMove.MATCH, ("Osaka Tools",), ("Osaka Tools",), Resolution.FX),
    (SettleMove.IGNORE, ("Charge",), ("Fee",), None),
)
"""What sensible people do with these rows."""


def one(found: Sequence[Any], pick: int) -> Any:
    """One of them, always the same for a pick."""
    return found[pick % len(found)]


def some(found: Sequence[Any], picks: Sequence[int]) -> list[Any]:
    """Some of them, none twice."""
    return list(dict.fromkeys(one(found, pick) for pick in picks)) if found else []
