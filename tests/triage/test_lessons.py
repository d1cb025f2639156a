"""From matches people made to changes of the rules: what speaks for one, what against, and how far it reaches."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.model.lessons import Lesson, LessonKind, TaughtPair
from recon.model.rules import Rules, Scoring
from recon.triage.lessons import FEWEST_PAIRS, lessons, within

DAY = date(2026, 3, 2)
_serial = itertools.count(1)


def pair(
    source: int, reference: int | None = None, *, days: int = 0, similarity: int | None = 100, currency: str = "EUR"
) -> TaughtPair:
    return TaughtPair(
        decision_id=next(_serial),
        source_on=DAY,
        reference_on=DAY + timedelta(days=days),
        source_amount=source,
        reference_amount=source if reference is None else reference,
        source_currency=currency,
        reference_currency=currency,
        source_text="Kestrel",
        reference_text="Kestrel",
        similarity=similarity,
    )


def only(found: Sequence[Lesson]) -> Lesson:
    (one,) = found
    return one


@pytest.mark.parametrize(("count", "found"), [(FEWEST_PAIRS - 1, 0), (FEWEST_PAIRS, 1), (FEWEST_PAIRS + 1, 1)])
def test_a_few_pairs_say_nothing(count: int, found: int) -> None:
    assert len(lessons([pair(1_000, days=4) for _ in range(count)], [], Rules())) == found


def test_a_window_reaches_as_far_as_nine_in_ten_late_pairs_ask_for() -> None:
    late = [pair(1_000, days=3) for _ in range(9)] + [pair(1_000, days=25)]
    lesson = only(lessons([*late, pair(1_000, days=1)], [], Rules()))
    assert (lesson.kind, lesson.rules) == (LessonKind.LATER, Rules(days_after=3))
    assert (len(lesson.pairs), lesson.of_count) == (9, 10)
    earlier = only(lessons([pair(1_000, days=-5) for _ in range(3)], [], Rules()))
    assert (earlier.kind, earlier.rules) == (LessonKind.EARLIER, Rules(days_before=5))


@pytest.mark.parametrize(
    ("fee", "told"),
    [
        (lambda amount: 30, "2026-03-02 EUR 0 % + 0.30"),
        (lambda amount: round(amount * 0.015), "2026-03-02 EUR 1.5 %"),
        (lambda amount: round(amount * 0.029) + 30, "2026-03-02 EUR 2.9 % + 0.30"),
    ],
)
@pytest.mark.parametrize("is_net_source", [True, False])
def test_one_fee_that_explains_the_differences_is_a_schedule(fee: object, told: str, is_net_source: bool) -> None:
    amounts = [(gross, gross - fee(gross)) for gross in (5_000, 12_500, 20_000, 44_400, 91_300)]  # type: ignore[operator]
    pairs = [pair(net, gross) if is_net_source else pair(gross, net) for gross, net in amounts]
    lesson = only(lessons([*pairs, pair(70_000, 55_000)], [], Rules()))
    assert (lesson.kind, [str(one) for one in lesson.rules.fee_schedules]) == (LessonKind.FEE, [told])
    assert (len(lesson.pairs), lesson.of_count) == (5, 6)


def test_differences_that_no_fee_explains_are_a_tolerance_in_minor_units_or_in_percent() -> None:
    small = [pair(10_000 * n, 10_000 * n - 3 * n * n) for n in (1, 2, 3, 5)]
    lesson = only(lessons(small, [], Rules()))
    assert (lesson.kind, lesson.rules) == (LessonKind.TOLERANCE, Rules(amount_tolerance_minor=75))
    large = [pair(-100_000 * n, -100_000 * n + 170 * n * n) for n in (1, 2, 3, 5)]
    lesson = only(lessons(large, [], Rules()))
    assert lesson.rules == Rules(amount_tolerance_percent=Decimal("0.85"))
    assert only(lessons([pair(1_000, -900), pair(1_000, 500), *small], [], Rules())).of_count == 4


def test_texts_less_alike_than_asked_for_lower_the_threshold_but_never_to_nothing() -> None:
    unlike = [pair(1_000, similarity=alike) for alike in (61, 64, 70)]
    lesson = only(lessons(unlike, [], Rules()))
    assert (lesson.kind, lesson.rules) == (LessonKind.THRESHOLD, Rules(description_threshold=61))
    assert lessons([pair(1_000, similarity=12) for _ in range(5)], [], Rules()) == ()
    assert lessons([pair(1_000, similarity=None) for _ in range(5)], [], Rules()) == ()


def test_pairs_people_ruled_out_speak_against_a_change_that_would_let_them_in() -> None:
    late = [pair(1_000, days=4) for _ in range(3)]
    ruled_out = [pair(1_000, days=4), pair(1_000, days=1), pair(1_000, days=4, similarity=20)]
    assert only(lessons(late, ruled_out, Rules())).against_count == 1


def test_where_the_rows_teach_only_a_fee_is_proposed() -> None:
    pairs = [pair(1_000 * n, 1_000 * n - 30, days=5, similarity=40) for n in (1, 2, 3, 4)]
    assert [one.kind for one in lessons(pairs, [], Rules(scoring=Scoring.LEARNED))] == [LessonKind.FEE]


def test_rows_of_two_currencies_teach_no_amount() -> None:
    crossed = [
        TaughtPair(**{**{name: getattr(one, name) for name in one.__slots__}, "reference_currency": "USD"})
        for one in (pair(1_000, 900) for _ in range(4))
    ]
    assert lessons(crossed, [], Rules()) == ()


PAIRS = st.lists(
    st.builds(
        pair,
        st.integers(100, 100_000),
        st.integers(100, 100_000),
        days=st.integers(-9, 9),
        similarity=st.one_of(st.none(), st.integers(0, 100)),
        currency=st.sampled_from(["EUR", "JPY"]),
    ),
    max_size=12,
)


@given(pairs=PAIRS, seed=st.integers())
def test_a_lesson_only_ever_lets_more_in_and_the_order_of_the_pairs_never_matters(
    pairs: list[TaughtPair], seed: int
) -> None:
    rules = Rules()
    found = lessons(pairs, [], rules)
    shuffled = pairs.copy()
    random.Random(seed).shuffle(shuffled)
    assert lessons(shuffled, [], rules) == found
    for lesson in found:
        assert FEWEST_PAIRS <= len(lesson.pairs) <= lesson.of_count
        assert lesson.rules != rules
        assert all(within(one, lesson.rules) for one in pairs if within(one, rules))
        assert lesson.kind not in {again.kind for again in lessons(lesson.pairs, [], lesson.rules)} - {LessonKind.FEE}
