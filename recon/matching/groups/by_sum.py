"""Pass: rows without a common number that add up to one row of the other side: a day's takings and their deposit.

First whole days: the free rows of one day, or of one counterparty on one day, against each free row of the other side
within the window. Then, where the rules ask for it (`Rules.subset_rows`), any few rows of the window (`subsets`).

What adds up is booked when nothing else does: no row of it is in another sum that fits, and the sum is either paid by
the counterparty whose rows they are, or would hardly have come about by chance. Else it is suggested. Chance: the sums
that were compared with the row, over the amounts it could have had (its size, in units of what divides all of them).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.matching.arrays import Flags, Ints, Words, meet, mix, run_starts, spans
from recon.matching.board import Board, Particulars
from recon.matching.columns import Columns
from recon.matching.groups.keyed import sums
from recon.matching.groups.subsets import Fit, subset_fits
from recon.matching.strings import hashes, texts
from recon.model.outcome import Pass
from recon.model.transactions import Side

BY_CHANCE: Final = 0.0001
"""Up to here a sum that fits is no coincidence."""

_CROWD: Final = 16
"""Sums of one amount, or rows of it, that are held against each other; more say nothing."""


def sums_pass(board: Board) -> None:
    """Book or suggest what adds up: whole days, then few rows."""
    if not board.source_free.any() or not board.reference_free.any():
        return
    found = [fit for one in _directions(board) for fit in one.day_fits()]
    _settle(board, found)
    board.report("sums: days", board.decided_count(), board.row_count)
    if board.rules.subset_rows:
        found = []
        for one in _directions(board):
            fits, given_up = subset_fits(one.many, one.one, one.many_free(), one.one_free(), one.window, board.rules)
            found += [_Sum.of(one, fit) for fit in fits]
            board.give_up(one.one_side, given_up)
        _settle(board, found)
        board.report("sums: few rows", board.decided_count(), board.row_count)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sum:
    """Rows of the many side (ranks, ascending) that add up to one row of the other, and whether that is no chance."""

    many_side: Side
    rows: Ints
    one: int
    is_sure: bool

    @classmethod
    def of(cls, direction: _Direction, fit: Fit) -> _Sum:
        """A subset that fits."""
        return cls(many_side=direction.many_side, rows=fit.rows, one=fit.one, is_sure=fit.chance <= BY_CHANCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Direction:
    """Many rows of one side against one row of the other. `window`: days the one may be after the many, from, to."""

    board: Board
    many_side: Side
    many: Columns
    one: Columns
    window: tuple[int, int]

    @property
    def one_side(self) -> Side:
        return Side.REFERENCE if self.many_side is Side.SOURCE else Side.SOURCE

    def many_free(self) -> Ints:
        return self.board.free_source() if self.many_side is Side.SOURCE else self.board.free_reference()

    def one_free(self) -> Ints:
        return self.board.free_reference() if self.many_side is Side.SOURCE else self.board.free_source()

    def day_fits(self) -> Iterator[_Sum]:
        """Days, and counterparties' days, whose sum is a row's amount within the window."""
        rows, targets = self.many_free(), self.one_free()
        targets = targets[self.one.amount[targets] != 0]
        days = _Days.of(self.many, rows, _parties(self.many, rows))
        for group, target in self._equal(days, targets):
            members = days.members(group)
            is_theirs = bool(days.party[group]) and days.party[group] in _party_of(self.one, target)
            chance = self._chance(days, members, int(target))
            yield _Sum(
                many_side=self.many_side, rows=members, one=int(target), is_sure=is_theirs or chance <= BY_CHANCE
            )

    def _equal(self, days: _Days, targets: Ints) -> Iterator[tuple[int, int]]:
        amounts = _words(days.currency, days.amount), _words(self.one.currency[targets], self.one.amount[targets])
        met = meet(*amounts).renamed(np.arange(len(days)), targets)
        met = met.pick((met.source_count <= _CROWD) & (met.reference_count <= _CROWD))
        group, target = met.product()
        after = self.one.day[target] - days.day[group]
        fits = (days.amount[group] == self.one.amount[target]) & (days.currency[group] == self.one.currency[target])
        fits &= (after >= self.window[0]) & (after <= self.window[1])
        yield from zip(group[fits].tolist(), target[fits].tolist(), strict=True)

    def _chance(self, days: _Days, members: Ints, target: int) -> float:
        after = self.one.day[target] - days.day
        compared = (days.currency == self.one.currency[target]) & (after >= self.window[0]) & (after <= self.window[1])
        amount = int(self.one.amount[target])
        unit = int(np.gcd.reduce(np.append(np.abs(self.many.amount[members]), abs(amount))))
        return int(np.count_nonzero(compared)) * unit / abs(amount)


def _directions(board: Board) -> tuple[_Direction, _Direction]:
    before, after = board.rules.days_before, board.rules.days_after
    return (
        _Direction(board=board, many_side=Side.SOURCE, many=board.source, one=board.reference, window=(-before, after)),
        _Direction(
            board=board, many_side=Side.REFERENCE, many=board.reference, one=board.source, window=(-after, before)
        ),
    )


# Days -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Days:
    """Groups of two rows or more of one currency and day; `party` 0: all of the day. `rows` group after group."""

    rows: Ints
    start: Ints
    count: Ints
    currency: Ints
    day: Ints
    amount: Ints
    party: Words

    def __len__(self) -> int:
        return len(self.start)

    @classmethod
    def of(cls, side: Columns, rows: Ints, party: Words) -> _Days:
        """The days of these ranks (ascending), and their counterparties' where the day has others too."""
        order = np.lexsort((rows, party, side.day[rows], side.currency[rows]))
        rows, party = rows[order], party[order]
        currency, day = side.currency[rows], side.day[rows]
        of_day, of_party = run_starts(currency, day), run_starts(currency, day, party)
        day_count, party_count = (np.diff(start, append=len(rows)) for start in (of_day, of_party))
        is_part = (party[of_party] != 0) & (party_count < np.repeat(day_count, day_count)[of_party])
        start = np.concatenate([of_day, of_party[is_part]])
        count = np.concatenate([day_count, party_count[is_part]])
        kept = (count > 1) & _is_sure(side.amount[rows[spans(start, count)]], count)
        start, count = start[kept], count[kept]
        is_theirs = party[start] == party[start + count - 1]  # a day all of one counterparty is theirs
        return cls(
            rows=rows,
            start=start,
            count=count,
            currency=currency[start],
            day=day[start],
            amount=sums(side.amount[rows[spans(start, count)]], count),
            party=np.where(is_theirs, party[start], np.uint64(0)),
        )

    def members(self, group: int) -> Ints:
        """The ranks of a group, ascending."""
        begin = int(self.start[group])
        return np.sort(self.rows[begin : begin + int(self.count[group])])


def _is_sure(amounts: Ints, count: Ints) -> Flags:
    """Groups whose sum fits 64 bits."""
    if not len(count):
        return np.zeros(0, np.bool_)
    result: Flags = np.add.reduceat(np.abs(amounts).astype(np.float64), np.cumsum(count) - count) < 2.0**61
    return result


def _parties(side: Columns, rows: Ints) -> Words:
    """A hash of each row's counterparty in lower case, 0 where there is none."""
    if side.party.null_count == len(side.party):
        return np.zeros(len(rows), np.uint64)
    return hashes(texts(pc.utf8_lower(side.party.take(pa.array(side.row[rows])))))


def _party_of(side: Columns, rank: int) -> frozenset[int]:
    """Hashes of what may name the counterparty of one row."""
    row = pa.array([side.row[rank]])
    named = pa.concat_arrays([texts(side.party.take(row)), texts(side.text.at(side.row[[rank]]))])
    return frozenset(hashes(texts(pc.utf8_lower(named))).tolist()) - {0}


def _words(currency: Ints, amount: Ints) -> Words:
    return mix(amount.view(np.uint64) ^ (currency.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15))


# Booking --------------------------------------------------------------------------------------------------------------


def _settle(board: Board, found: list[_Sum]) -> None:
    """Book the sums that share no row with another, suggest the others, all of them at once."""
    uses = {
        Side.SOURCE: np.zeros(len(board.source), np.int64),
        Side.REFERENCE: np.zeros(len(board.reference), np.int64),
    }
    for fit in found:
        uses[fit.many_side][fit.rows] += 1
        uses[_other(fit.many_side)][fit.one] += 1
    booked: list[_Sum] = []
    suggested: list[_Sum] = []
    for fit in found:
        alone = (uses[fit.many_side][fit.rows] == 1).all() and uses[_other(fit.many_side)][fit.one] == 1
        (booked if alone and fit.is_sure else suggested).append(fit)
    _book(board, booked)
    if suggested:
        pairs = sorted({pair for fit in suggested for pair in _pairs(fit)})
        source, reference = np.array(pairs, np.int64).T
        board.suggest(Pass.SUMS, source, reference)


def _book(board: Board, booked: list[_Sum]) -> None:
    pairs = [pair for fit in booked for pair in _pairs(fit)]
    if not pairs:
        return
    source, reference = np.array(pairs, np.int64).T
    group = np.repeat(np.arange(len(booked)), [len(fit.rows) for fit in booked])
    board.book(
        Pass.SUMS,
        source,
        reference,
        particulars=Particulars(
            group=group, delta=np.zeros(len(group), np.int64), confidence=np.full(len(group), 0.9), evidence="amount"
        ),
    )


def _pairs(fit: _Sum) -> list[tuple[int, int]]:
    rows = fit.rows.tolist()
    return [(row, fit.one) for row in rows] if fit.many_side is Side.SOURCE else [(fit.one, row) for row in rows]


def _other(side: Side) -> Side:
    return Side.REFERENCE if side is Side.SOURCE else Side.SOURCE
