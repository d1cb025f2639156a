"""Pass 2: a payout and its payments. Rows of one side share a key that the other side's row carries in some id column.

What the pass decides, and why:

- *The rows of a key add up to the other side's* (signed: refunds and chargebacks are minus, and so may a payout be):
  one match. Where both sides have several rows they are one match too, unless they are the same amounts on either
  side: those are pairs for the other passes.
- *They add up less their fees*: the side that has fees is gross, the other net. A match whose delta is the fees.
- *A group id is known on the other side, but the sum is off*: a match with a delta, which the caller reports as an
  incomplete group - if that side has it on one row, no row of it is decided otherwise, and the signs agree. A shared
  payment_ref or txn_id proves less, so sums that are off under one are left to the leftovers.
- Columns that both merely count 1, 2, 3 prove nothing: there, sums that are off are only booked where most are not.

Better columns go first. Two columns crossed rank the same, and groups that would share a row are left alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow.compute as pc

from recon.matching.arrays import Flags, Meeting, run_starts
from recon.matching.board import Board, Particulars
from recon.matching.groups.keyed import GROUP_ID, KeyGroups, Keys, key_groups, keys_of, lines, sums
from recon.matching.groups.net_of_fee import Fees, gross_and_net
from recon.model.outcome import Pass
from recon.model.transactions import Side

Relation = tuple[str, str]

TIERS: Final[tuple[tuple[Relation, ...], ...]] = (
    ((GROUP_ID, GROUP_ID),),
    ((GROUP_ID, "payment_ref"), ("payment_ref", GROUP_ID)),
    ((GROUP_ID, "txn_id"), ("txn_id", GROUP_ID)),
    (("payment_ref", "payment_ref"),),
    (("txn_id", "txn_id"),),
    (("payment_ref", "txn_id"), ("txn_id", "payment_ref")),
)
"""Which column of the source meets which of the reference, best evidence first; those of one tier rank the same."""

_FEW: Final = 2
"""Groups from which numbers that follow each other closely are taken for mere counting."""


def group_pass(board: Board) -> None:
    """Book groups of rows by their key: those that add up, then less their fees, then those that are incomplete."""
    desk = _Desk(
        board=board,
        keys=(keys_of(board.source), keys_of(board.reference)),
        fees=(gross_and_net(board, Side.SOURCE), gross_and_net(board, Side.REFERENCE)),
        complete=Counter(),
    )
    _book_all(desk, _adds_up, "amount")
    board.report("groups: sums", board.decided_count(), board.row_count)
    if any(fees.is_any for fees in desk.fees):
        _book_all(desk, _adds_up_less_fees, "fee")
    for tier in TIERS:
        by_group_id = tuple(relation for relation in tier if GROUP_ID in relation)
        found = _tier(desk, by_group_id, _is_incomplete, every=True)
        _book(desk, [part for part in found if _is_credible(desk, *part)], "")
    board.report("groups: incomplete", board.decided_count(), board.row_count)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What the pass works with, one of each a side. `complete` counts the groups that add up, by relation."""

    board: Board
    keys: tuple[Keys, Keys]
    fees: tuple[Fees, Fees]
    complete: Counter[Relation]


Judge = Callable[[_Desk, Relation, KeyGroups], Flags]
Found = list[tuple[Relation, KeyGroups]]


def _tier(desk: _Desk, tier: tuple[Relation, ...], judge: Judge, *, every: bool = False) -> Found:
    """The groups of a tier that pass, without those that share a row. `every`: groups hold decided rows too."""
    found: Found = []
    for relation in tier:
        groups = key_groups(desk.board, desk.keys, relation, is_free_only=not every)
        if groups is not None and len(groups):
            groups = groups.pick(judge(desk, relation, groups))
            if len(groups):
                found.append((relation, groups))
    return found if len(found) < 2 else _apart(desk.board, found)


def _apart(board: Board, found: Found) -> Found:
    source, reference = np.zeros(len(board.source), np.int64), np.zeros(len(board.reference), np.int64)
    for _, groups in found:
        one, _, other, _ = groups.meeting.rows()
        source[one] += 1
        reference[other] += 1
    return [(relation, groups.pick(~_any(groups.meeting, source > 1, reference > 1))) for relation, groups in found]


def _any(meeting: Meeting, source: Flags, reference: Flags) -> Flags:
    """Groups of which some row has its flag."""
    one, group, other, other_group = meeting.rows()
    result = np.zeros(len(meeting), np.bool_)
    result[group[source[one]]] = True
    result[other_group[reference[other]]] = True
    return result


# What makes a group a match ------------------------------------------------------------------------------------------


def _adds_up(desk: _Desk, relation: Relation, groups: KeyGroups) -> Flags:
    result: Flags = (groups.source_sum == groups.reference_sum) & _has_shape(desk.board, relation, groups)
    return result


def _adds_up_less_fees(desk: _Desk, relation: Relation, groups: KeyGroups) -> Flags:
    """One side's sum less its fees is the other's sum."""
    one, _, other, _ = groups.meeting.rows()
    off = groups.source_sum - groups.reference_sum
    is_net = np.zeros(len(groups), np.bool_)
    for fees, rows, count, gap in (
        (desk.fees[0], one, groups.meeting.source_count, off),
        (desk.fees[1], other, groups.meeting.reference_count, -off),
    ):
        kept = sums(fees.fee[rows], count)
        is_net |= (kept != 0) & (np.abs(gap - kept) <= sums(fees.rounding[rows], count))
    is_net &= _has_shape(desk.board, relation, groups)
    return is_net


def _has_shape(board: Board, relation: Relation, groups: KeyGroups) -> Flags:
    """One row with one only by a group id; several with several only where that says more than pairs would."""
    one, other = groups.meeting.source_count, groups.meeting.reference_count
    several = (one > 1) & (other > 1)
    fits = several | (one > 1) | (other > 1) | (GROUP_ID in relation)
    check = np.flatnonzero(several)
    fits[check] &= groups.source_sum[check] != 0
    fits[check] &= ~_same_amounts(board, groups.meeting.pick(several))
    return fits


def _same_amounts(board: Board, meeting: Meeting) -> Flags:
    """Groups that have the same amounts on both sides, row by row."""
    source, group, reference, other_group = meeting.rows()
    same: Flags = meeting.source_count == meeting.reference_count
    one, other = board.source.amount[source], board.reference.amount[reference]
    even, other_even = same[group], same[other_group]
    one = one[even][np.lexsort((one[even], group[even]))]
    other = other[other_even][np.lexsort((other[other_even], other_group[other_even]))]
    same[group[even][one != other]] = False  # both are in order of the group
    return same


def _is_incomplete(desk: _Desk, relation: Relation, groups: KeyGroups) -> Flags:
    """The side without the group id, or one side of two, has one row; none is decided; the sums have one sign, and
    differ: those that are equal were left alone above, for a reason."""
    meeting = groups.meeting
    lone, other_lone = meeting.source_count == 1, meeting.reference_count == 1
    alone = {(True, True): lone | other_lone, (True, False): other_lone, (False, True): lone}
    one_sign = np.sign(groups.source_sum) * np.sign(groups.reference_sum) > 0
    is_off = groups.source_sum != groups.reference_sum
    result: Flags = one_sign & is_off & alone[relation[0] == GROUP_ID, relation[1] == GROUP_ID]
    result &= ~_any(meeting, ~desk.board.source_free, ~desk.board.reference_free)
    return result


def _is_credible(desk: _Desk, relation: Relation, groups: KeyGroups) -> bool:
    """Whether sums that are off mean that rows are missing, not that two systems count from 1."""
    if desk.complete[relation] >= len(groups):
        return True
    meeting = groups.meeting
    ids = desk.keys[0][relation[0]].at(desk.board.source.row[meeting.source[meeting.source_start]])
    if len(ids) < _FEW or not pc.all(pc.match_substring_regex(ids, "^[0-9]{1,18}$")).as_py():
        return True
    numbers = ids.cast("int64").to_numpy()
    return bool(numbers.max() - numbers.min() >= 4 * len(numbers))


# Booking --------------------------------------------------------------------------------------------------------------


def _book_all(desk: _Desk, judge: Judge, proof: str) -> None:
    """Tier by tier, and again as long as what was booked left rows that add up without the rows it took."""
    before = -1
    while before < desk.board.decided_count():
        before = desk.board.decided_count()
        for tier in TIERS:
            _book(desk, _tier(desk, tier, judge), proof)


def _book(desk: _Desk, found: Found, proof: str) -> None:
    for relation, groups in found:
        one, other = relation
        name = one if one == other else f"{one}={other}"
        book_groups(desk.board, Pass.GROUPS, groups, f"{name}+{proof}" if proof else name)
        desk.complete[relation] += len(groups) if proof else 0


def book_groups(board: Board, by: Pass, groups: KeyGroups, evidence: str) -> None:
    """Book each group as one match, with its delta on its first line."""
    if not len(groups):
        return
    source, reference, group = lines(groups.meeting)
    delta = groups.source_sum - groups.reference_sum
    larger = np.maximum(np.maximum(np.abs(groups.source_sum), np.abs(groups.reference_sum)), 1)
    apart = np.abs(delta) / larger if not evidence.endswith(("+amount", "+fee")) else np.zeros(len(delta))
    first = np.zeros(len(group), np.bool_)
    first[run_starts(group)] = True
    is_pair = (groups.meeting.source_count == 1) & (groups.meeting.reference_count == 1)
    board.book(
        by,
        source,
        reference,
        particulars=Particulars(
            group=np.where(is_pair[group], -1, group),
            delta=np.where(first, delta[group], 0),
            confidence=0.5 + 0.5 * np.maximum(1 - apart, 0)[group],
            evidence=evidence,
        ),
    )
