"""From people's matches to changes of the rules, one rule at a time, each with what speaks for it.

Only pairs the rules keep out speak for a change, and no less than FEWEST_PAIRS of them. A change reaches as far as nine
in ten of these ask for: one odd match does not open a window for all. It is proposed, never made: a fee before a
tolerance and a name before a threshold, since they say what the difference is.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from typing import Final, TypeVar

import numpy as np

from recon.model.lessons import FEWEST_PAIRS, Lesson, LessonKind, TaughtPair
from recon.model.rules import Rules, Scoring
from recon.model.terms import FeeSchedule
from recon.triage.name_lessons import Alike, name_lessons

Value = TypeVar("Value", int, Fraction)

REACH: Final = Fraction(9, 10)
LONGEST_DAYS: Final = 31
LARGEST_SHARE: Final = Fraction(5, 100)
"""Of the amount: a difference beyond is no tolerance, but something to name."""
LEAST_ALIKE: Final = 30
FEE_EXPLAINS: Final = Fraction(6, 10)
"""Of the differing pairs of a currency; fewer are a coincidence."""
_SMALL_MINOR: Final = 100
_FEE_ROUNDING: Final = 1
_PAIRS_TRIED: Final = 40
_STEP: Final = Decimal("0.01")


def lessons(
    matched: Iterable[TaughtPair], ruled_out: Iterable[TaughtPair], rules: Rules, *, alike: Alike
) -> tuple[Lesson, ...]:
    """What the pairs people matched ask of these rules; any order of the pairs gives the same.

    `alike` says how alike the texts of a pair are under other aliases, as its `similarity` does under these rules.
    """
    taught = sorted(matched, key=lambda one: one.decision_id)
    against = tuple(ruled_out)
    fees = _fees(taught, rules)
    found = list(fees)
    if rules.scoring is Scoring.RULES:
        explained = {pair.decision_id for lesson in fees for pair in lesson.pairs}
        unlike = _unlike(taught, rules)
        names = name_lessons(taught, {pair.decision_id for pair in unlike}, rules, alike=alike)
        named = {pair.decision_id for lesson in names for pair in lesson.pairs}
        found += [*_windows(taught, rules), *names]
        found += _tolerance([pair for pair in taught if pair.decision_id not in explained], rules)
        found += _threshold([pair for pair in unlike if pair.decision_id not in named], rules)
    return tuple(replace(one, against_count=_let_in(against, rules, one.rules, alike)) for one in found)


def stays_away(lesson: Lesson, dismissed: Mapping[str, int]) -> bool:
    """Whether it was waved away: until it goes further than what was, or twice as many pairs speak for it as then.

    `dismissed`: key -> how many pairs spoke for it.
    """
    return any(_says_no_more(lesson, key) and len(lesson.pairs) < 2 * count for key, count in dismissed.items())


def within(pair: TaughtPair, rules: Rules) -> bool:
    """Whether window, tolerance and threshold let these two rows be a pair."""
    return (
        pair.is_comparable
        and -rules.days_before <= pair.days <= rules.days_after
        and abs(pair.difference) <= _allowed(pair, rules)
        and (pair.similarity or 0) >= rules.description_threshold
    )


def _windows(taught: Sequence[TaughtPair], rules: Rules) -> list[Lesson]:
    found = []
    for kind, now, sign in ((LessonKind.LATER, rules.days_after, 1), (LessonKind.EARLIER, rules.days_before, -1)):
        apart = [pair for pair in taught if now < sign * pair.days <= LONGEST_DAYS]
        if len(apart) >= FEWEST_PAIRS:
            days = _reaching([sign * pair.days for pair in apart])
            wider = replace(rules, days_after=days) if sign > 0 else replace(rules, days_before=days)
            pairs = [pair for pair in apart if sign * pair.days <= days]
            found.append(_lesson(kind, str(days), wider, pairs, len(apart)))
    return found


def _tolerance(taught: Sequence[TaughtPair], rules: Rules) -> list[Lesson]:
    apart = [pair for pair in _differing(taught, rules) if _share(pair) <= LARGEST_SHARE]
    if len(apart) < FEWEST_PAIRS:
        return []
    minor = _reaching([abs(pair.difference) for pair in apart])
    if minor <= _SMALL_MINOR:
        wider, name = replace(rules, amount_tolerance_minor=minor), f"{minor}"
    else:
        share = _reaching([_share(pair) for pair in apart]) * 100
        percent = (Decimal(share.numerator) / Decimal(share.denominator)).quantize(_STEP, rounding=ROUND_CEILING)
        wider, name = replace(rules, amount_tolerance_percent=percent), f"{percent} %"
    pairs = [pair for pair in apart if abs(pair.difference) <= _allowed(pair, wider)]
    return [_lesson(LessonKind.TOLERANCE, name, wider, pairs, len(apart))]


def _unlike(taught: Sequence[TaughtPair], rules: Rules) -> list[TaughtPair]:
    """The pairs that only their texts keep apart, or their texts and their dates."""
    return [
        pair
        for pair in taught
        if pair.is_comparable
        and pair.similarity is not None
        and pair.similarity < rules.description_threshold
        and abs(pair.difference) <= _allowed(pair, rules)
    ]


def _threshold(unlike: Sequence[TaughtPair], rules: Rules) -> list[Lesson]:
    if len(unlike) < FEWEST_PAIRS:
        return []
    lowest = -_reaching([-(pair.similarity or 0) for pair in unlike])
    if lowest < LEAST_ALIKE:
        return []
    pairs = [pair for pair in unlike if (pair.similarity or 0) >= lowest]
    lower = replace(rules, description_threshold=lowest)
    return [_lesson(LessonKind.THRESHOLD, str(lowest), lower, pairs, len(unlike))]


def _fees(taught: Sequence[TaughtPair], rules: Rules) -> list[Lesson]:
    found = []
    known = {schedule.currency for schedule in rules.fee_schedules}
    incoming = [pair for pair in _differing(taught, rules) if pair.source_amount > 0]
    for currency, own in itertools.groupby(
        sorted(incoming, key=lambda pair: (pair.source_currency, pair.decision_id)),
        key=lambda pair: pair.source_currency,
    ):
        apart = list(own)
        if currency in known or len(apart) < FEWEST_PAIRS:
            continue
        schedule, pairs = max(((one, _explained(one, apart)) for one in _candidates(currency, apart)), key=_preferred)
        if len(pairs) >= FEWEST_PAIRS and Fraction(len(pairs), len(apart)) >= FEE_EXPLAINS:
            with_fee = replace(rules, fee_schedules=(*rules.fee_schedules, schedule))
            found.append(_lesson(LessonKind.FEE, str(schedule), with_fee, pairs, len(apart)))
    return found


def _candidates(currency: str, apart: Sequence[TaughtPair]) -> list[FeeSchedule]:
    """Fees that one pair, or two together, would follow: fixed, a percentage, or both."""
    begins = min(min(pair.source_on, pair.reference_on) for pair in apart)
    points = sorted({(_gross(pair), abs(pair.difference)) for pair in apart})[:_PAIRS_TRIED]
    terms = {(Decimal(0), fee) for _, fee in points}
    terms |= {(_percent(Fraction(fee, gross)), 0) for gross, fee in points}
    for (gross, fee), (larger, its_fee) in itertools.combinations(points, 2):
        if larger > gross:
            percent = _percent(Fraction(its_fee - fee, larger - gross))
            terms.add((percent, round(fee - Fraction(percent) / 100 * gross)))
    return [
        FeeSchedule(from_on=begins, currency=currency, percent=percent, fixed=fixed)
        for percent, fixed in sorted(terms)
        if 0 <= percent < 100 and fixed >= 0 and (percent or fixed)
    ]


def _explained(schedule: FeeSchedule, apart: Sequence[TaughtPair]) -> list[TaughtPair]:
    fees = schedule.fees(np.array([_gross(pair) for pair in apart], np.int64)).tolist()
    return [pair for pair, fee in zip(apart, fees, strict=True) if abs(abs(pair.difference) - fee) <= _FEE_ROUNDING]


def _preferred(found: tuple[FeeSchedule, list[TaughtPair]]) -> tuple[int, bool, int, Decimal, int]:
    """The fee that explains most; of those the simplest, the roundest and then the lowest."""
    schedule, pairs = found
    is_simple = not (schedule.percent and schedule.fixed)
    digits = len(format(schedule.percent.normalize(), "f"))
    return len(pairs), is_simple, -digits, -schedule.percent, -schedule.fixed


def _differing(taught: Iterable[TaughtPair], rules: Rules) -> list[TaughtPair]:
    return [pair for pair in taught if pair.is_comparable and abs(pair.difference) > _allowed(pair, rules)]


def _allowed(pair: TaughtPair, rules: Rules) -> int:
    """The largest difference the rules let these amounts have, minor units."""
    return max(rules.amount_tolerance_minor, int(rules.amount_tolerance_percent * _gross(pair) / 100))


def _gross(pair: TaughtPair) -> int:
    return max(abs(pair.source_amount), abs(pair.reference_amount))


def _share(pair: TaughtPair) -> Fraction:
    return Fraction(abs(pair.difference), _gross(pair))


def _percent(share: Fraction) -> Decimal:
    return (Decimal(share.numerator * 100) / Decimal(share.denominator)).quantize(_STEP)


def _reaching(values: list[Value]) -> Value:
    """The least value that nine in ten of these do not exceed."""
    place = -(-REACH.numerator * len(values) // REACH.denominator)
    return sorted(values)[place - 1]


def _let_in(ruled_out: Iterable[TaughtPair], before: Rules, after: Rules, alike: Alike) -> int:
    read = ((pair, replace(pair, similarity=alike(pair, after.aliases))) for pair in ruled_out)
    return sum(within(then, after) and not within(now, before) for now, then in read)


def _says_no_more(lesson: Lesson, key: str) -> bool:
    """Whether a change that was waved away goes as far as this one."""
    kind, _, extent = key.partition(": ")
    if key == lesson.key or kind != lesson.kind or lesson.kind in (LessonKind.FEE, LessonKind.ALIAS):
        return key == lesson.key
    own, theirs = lesson.key.partition(": ")[2].split(), extent.split()
    if own[1:] != theirs[1:]:  # one in percent, the other in minor units
        return False
    is_lower = Decimal(own[0]) < Decimal(theirs[0])
    return not is_lower if lesson.kind is LessonKind.THRESHOLD else is_lower


def _lesson(kind: LessonKind, extent: str, rules: Rules, pairs: Sequence[TaughtPair], of_count: int) -> Lesson:
    return Lesson(kind=kind, key=f"{kind}: {extent}", rules=rules, pairs=tuple(pairs), of_count=of_count)
