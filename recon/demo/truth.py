"""What a reconciliation of two of the exports ought to find, told from the movements and never from the engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from recon.demo.company import Fault, Movement
from recon.demo.exports import EXCHANGED, PART_OFFSETS, PAYOUTS, TWIN_OFFSET, Entry, Export
from recon.model.outcome import DiscrepancyKind

Finding = tuple[DiscrepancyKind, int | None, int | None]
"""Kind, source line, reference line; None on the side that has no row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The right answer for one source and one reference file, by physical line.

    `pairs` are the matches to book; the payments of a payout are each paired with it. Of rows that repeat each other,
    the first line is the one that is paired and the others are the duplicates. `ambiguous` holds each group of rows
    between which only a person can decide: its source lines and its reference lines. `netted` are the lines of either
    side that cancel each other. `findings` are all discrepancies but the suggestions.
    """

    pairs: frozenset[tuple[int, int]]
    findings: frozenset[Finding]
    ambiguous: frozenset[tuple[frozenset[int], frozenset[int]]]
    netted: tuple[frozenset[int], frozenset[int]]
    source_rejects: frozenset[int]
    reference_rejects: frozenset[int]


def truth_of(source: Export, reference: Export, movements: tuple[Movement, ...]) -> Truth:
    """The truth for these two exports of `movements`."""
    ours, theirs = _by_movement(source), _by_movement(reference)
    pairs: set[tuple[int, int]] = set()
    findings: set[Finding] = set()
    ambiguous: set[tuple[frozenset[int], frozenset[int]]] = set()
    netted: tuple[set[int], set[int]] = (set(), set())
    net_of_fees: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    exchanged: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for movement in movements:
        numbers = _numbers(movement)
        mine = [entry for number in numbers for entry in ours[number]]
        other = [entry for number in numbers for entry in theirs[number]]
        if len(numbers) > 1 and len(mine) != len(other):
            if movement.fault is Fault.AMBIGUOUS:
                ambiguous.add((frozenset(e.line for e in mine), frozenset(e.line for e in other)))
                continue
            if 1 in (len(mine), len(other)):  # the payout, and its payments
                pairs |= {(one.line, two.line) for one in mine for two in other}
                head = (min(mine, key=_amount).line, min(other, key=_amount).line)
                if movement.fault is Fault.PAID_OUT:
                    net_of_fees[movement.currency].append(head)
                else:
                    findings.add((DiscrepancyKind.INCOMPLETE_GROUP, *head))
                continue
        if movement.fault is Fault.REVERSED:
            netted[0].update(entry.line for entry in mine)
            netted[1].update(entry.line for entry in other)
            continue
        if movement.fault in EXCHANGED and mine and other and mine[0].currency != other[0].currency:
            legs = (mine[0].line, other[0].line)
            pairs.add(legs)
            for entry in (mine[0], other[0]):
                exchanged[entry.currency].append(legs)
            if movement.fault is not Fault.EXCHANGED:
                findings.add((DiscrepancyKind.FX_VARIANCE, *legs))
            continue
        for number in numbers:
            pairs |= set(_pair(ours[number], theirs[number]))
            findings |= set(_findings(ours[number], theirs[number]))
            if movement.fault is Fault.FEE_WRONG:
                findings.add((DiscrepancyKind.FEE_VARIANCE, ours[number][0].line, theirs[number][0].line))
    findings |= {(DiscrepancyKind.FEE, *min(heads)) for heads in net_of_fees.values()}
    findings |= {(DiscrepancyKind.FX_CONVERSION, *min(heads)) for heads in exchanged.values()}
    return Truth(
        pairs=frozenset(pairs),
        findings=frozenset(findings),
        ambiguous=frozenset(ambiguous),
        netted=(frozenset(netted[0]), frozenset(netted[1])),
        source_rejects=source.reject_lines(),
        reference_rejects=reference.reject_lines(),
    )


def _by_movement(export: Export) -> defaultdict[int, list[Entry]]:
    found: defaultdict[int, list[Entry]] = defaultdict(list)
    for entry in export.entries:
        if entry.is_readable:
            found[entry.number].append(entry)
    return found


def _numbers(movement: Movement) -> tuple[int, ...]:
    """The movement's, and those of what happened with it."""
    if movement.fault in PAYOUTS:
        return (movement.number, *(movement.number + offset for offset in PART_OFFSETS))
    twin = (movement.number + TWIN_OFFSET,) if movement.fault is Fault.AMBIGUOUS else ()
    return (movement.number, *twin)


def _amount(entry: Entry) -> int:
    return entry.amount


def _pair(mine: list[Entry], other: list[Entry]) -> Iterator[tuple[int, int]]:
    if mine and other:
        yield mine[0].line, other[0].line


def _findings(mine: list[Entry], other: list[Entry]) -> Iterator[Finding]:
    if mine and other and mine[0].amount != other[0].amount:
        yield DiscrepancyKind.AMOUNT_MISMATCH, mine[0].line, other[0].line
    if mine and not other:
        yield DiscrepancyKind.MISSING_IN_REFERENCE, mine[0].line, None
    if other and not mine:
        yield DiscrepancyKind.MISSING_IN_SOURCE, None, other[0].line
    for copy in mine[1:]:
        yield DiscrepancyKind.DUPLICATE, copy.line, None
    for copy in other[1:]:
        yield DiscrepancyKind.DUPLICATE, None, copy.line
