"""Pass: one row with one, where the other side's amount is less a fee: the row's own, or the one the rules schedule.

A fee that stands in the file explains a difference to the cent; one by a schedule to the cent it may be rounded by. The
pass needs dates within the window and texts as alike as the rules ask for, like any pair without a common id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow.compute as pc

from recon.matching.arrays import NONE, Flags, Ints, meet, mix, unique_pairs
from recon.matching.board import Board, Candidates, Particulars
from recon.matching.columns import Columns
from recon.matching.comparisons import NOT_COMPARED, text_similarities
from recon.model.outcome import Pass
from recon.model.terms import scheduled_fees
from recon.model.transactions import Side

ROUNDING: Final = 1
"""Minor units a scheduled fee may be off by."""

_CROWD: Final = 64
"""Pairs of one net amount that are looked at."""


def fees_pass(board: Board) -> None:
    """Book pairs that a fee explains."""
    sides = gross_and_net(board, Side.SOURCE), gross_and_net(board, Side.REFERENCE)
    if not any(side.is_any for side in sides):
        return
    forth = _pairs(board.source, board.free_source(), sides[0], board.reference, board.free_reference())
    back = _pairs(board.reference, board.free_reference(), sides[1], board.source, board.free_source())
    source, reference = np.concatenate([forth[0], back[1]]), np.concatenate([forth[1], back[0]])
    once = unique_pairs(source, reference, np.zeros(len(source), np.int64))
    _settle(board, source[once], reference[once])
    board.report("fees: net amounts", board.decided_count(), board.row_count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """The fee of each rank of a side, and what it may be off by; `known`: whether the rank has one."""

    fee: Ints
    rounding: Ints
    known: Flags

    @property
    def is_any(self) -> bool:
        """Whether any row has a fee."""
        return bool(self.known.any())


def gross_and_net(board: Board, which: Side) -> Fees:
    """Fees as the rows have them, else by the schedules of the rules."""
    side = board.source if which is Side.SOURCE else board.reference
    fee, known = np.zeros(len(side), np.int64), np.zeros(len(side), np.bool_)
    rounding = np.zeros(len(side), np.int64)
    if board.rules.fee_schedules:
        fee, known = scheduled_fees(board.rules.fee_schedules, board.currencies, side.currency, side.day, side.amount)
        rounding = np.where(known, ROUNDING, 0)
    column = side.table["fee"]
    if column.null_count < len(column):
        own = pc.fill_null(column.combine_chunks(), 0).to_numpy(zero_copy_only=False)[side.row]
        has = column.is_valid().to_numpy()[side.row]
        fee, rounding, known = np.where(has, own, fee), np.where(has, 0, rounding), known | has
    return Fees(fee=fee, rounding=rounding, known=known & (fee != 0))


def _pairs(gross: Columns, rows: Ints, fees: Fees, net: Columns, others: Ints) -> tuple[Ints, Ints]:
    """(gross rank, net rank) of free rows whose amounts differ by the fee of the first."""
    rows = rows[fees.known[rows]]
    if not len(rows) or not len(others):
        return NONE, NONE
    found = [(NONE, NONE)]
    words = _words(net, others, net.amount[others])
    for off in range(-ROUNDING, ROUNDING + 1):
        some = rows[np.abs(off) <= fees.rounding[rows]]
        met = meet(_words(gross, some, gross.amount[some] - fees.fee[some] + off), words).renamed(some, others)
        met = met.pick(met.source_count * met.reference_count <= _CROWD)
        one, other = met.product()
        equal = gross.amount[one] - fees.fee[one] + off == net.amount[other]
        equal &= gross.currency[one] == net.currency[other]
        found.append((one[equal], other[equal]))
    one, other = (np.concatenate(part) for part in zip(*found, strict=True))
    return one, other


def _words(side: Columns, rows: Ints, amount: Ints) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    currency = (side.currency[rows].astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    return mix(amount.view(np.uint64) ^ currency)


def _settle(board: Board, source: Ints, reference: Ints) -> None:
    """Book the best one-to-one choice among those near in date and alike in text; a coin toss is suggested."""
    days = board.reference.day[reference] - board.source.day[source]
    near = (days >= -board.rules.days_before) & (days <= board.rules.days_after)
    source, reference, days = source[near], reference[near], days[near]
    texts = board.source.texts_at(source), board.reference.texts_at(reference)
    similarity = text_similarities(*texts, board.threads) if len(source) else np.zeros(0, np.float32)
    asked = board.rules.description_threshold
    alike = (similarity >= asked) | (asked == 0)
    source, reference, similarity, days = source[alike], reference[alike], similarity[alike], days[alike]
    if not len(source):
        return
    measured = np.where(similarity == NOT_COMPARED, 50, similarity.astype(np.float64))
    utility = np.rint(measured * 10_000).astype(np.int64) - np.abs(days) * 1_000 + 1_000_000
    candidates = Candidates(source=source, reference=reference, similarity=similarity, utility=utility)
    best = board.best_choice(Pass.FEES, candidates)
    at = best.booked
    delta = board.source.amount[source[at]] - board.reference.amount[reference[at]]
    board.book(
        Pass.FEES,
        source[at],
        reference[at],
        similarity[at],
        particulars=Particulars(
            group=np.full(len(at), -1),
            delta=delta,
            confidence=np.round(0.6 + 0.4 * measured[at] / 100, 4),
            evidence="fee+description" if asked else "fee",
        ),
    )
    board.suggest(Pass.FEES, source[best.tied], reference[best.tied], similarity[best.tied])
