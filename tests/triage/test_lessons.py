"""From matches people made to changes of the rules: what speaks for one, what against, and how far it reaches."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.model.aliases import Alias, reader
from recon.model.lessons import FEWEST_PAIRS, Lesson, LessonKind, TaughtPair
from recon.model.rules import Rules, Scoring
from recon.triage.lessons import lessons as learned
from recon.triage.lessons import stays_away, within

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


def alike(pair: TaughtPair, aliases: tuple[Alias, ...]) -> int | None:
    """100 where names make the texts equal, else as it was told."""
    one, other = (reader(aliases).read(text or "") for text in (pair.source_text, pair.reference_text))
    return 100 if aliases and one.lower() == other.lower() else pair.similarity


def lessons(matched: Sequence[TaughtPair], ruled_out: Sequence[TaughtPair], rules: Rules) -> tuple[Lesson, ...]:
    return learned(matched, ruled_out, rules, alike=alike)


def named(one: str, other: str, similarity: int = 40) -> TaughtPair:
    return replace(pair(1_000, similarity=similarity), source_text=one, reference_text=other)


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


def aliases_of(found: Sequence[Lesson]) -> list[list[str]]:
    return [[str(alias) for alias in one.rules.aliases] for one in found if one.kind is LessonKind.ALIAS]


def test_two_names_matched_again_and_again_are_one_party() -> None:
    short = [named("Kestrel Energy Ltd", "KESTREL EN") for _ in range(3)]
    assert aliases_of(lessons(short, [], Rules())) == [["Kestrel Energy Ltd = KESTREL EN"]]
    assert aliases_of(lessons(short[:2], [], Rules())) == []
    others = [named("Marlow and Sons", "MARLOW"), named("Osaka Tools", "Berlin Hats")]
    lesson = only(lessons([*short, *others], [], Rules()))
    assert (lesson.key, len(lesson.pairs), lesson.of_count) == ("alias: kestrel en = kestrel energy ltd", 3, 3)


def test_words_that_are_said_of_many_and_numbers_are_no_part_of_a_name() -> None:
    kestrel = [named(f"Payment Kestrel Energy Ltd {n}1", f"payment {n}1 KESTREL EN SEPA") for n in range(3)]
    others = [named(f"Payment {name}", f"payment {name} sepa", 100) for name in ("Marlow", "Osaka")]
    told = [replace(one, source_text="Kestrel Energy Ltd", reference_text="KESTREL EN") for one in kestrel]

    def cut(one: TaughtPair, aliases: tuple[Alias, ...]) -> int | None:
        return 66 if aliases else one.similarity

    found = learned([*kestrel, *others], [], Rules(), alike=cut)
    assert aliases_of(found) == [["Kestrel Energy Ltd = KESTREL EN"]]
    assert aliases_of(learned(told, [], Rules(), alike=cut)) == aliases_of(found)


def test_a_name_that_goes_with_two_others_is_none_of_theirs() -> None:
    torn = [named("Acme", other) for other in ("Marlow", "Osaka") for _ in range(4)]
    assert aliases_of(lessons(torn, [], Rules())) == []


def test_a_third_name_is_added_to_the_party_that_is_known() -> None:
    rules = Rules(aliases=(Alias.parse("Kestrel Energy Ltd = KESTREL EN"),))
    third = [named("KESTREL EN", "K E L") for _ in range(3)]
    assert aliases_of(lessons(third, [], rules)) == [["Kestrel Energy Ltd = KESTREL EN = K E L"]]


def test_names_people_ruled_out_speak_against_an_alias() -> None:
    pairs = [named("Kestrel Energy Ltd", "KESTREL EN") for _ in range(3)]
    (lesson,) = [one for one in lessons(pairs, [pairs[0], named("A", "B")], Rules()) if one.kind is LessonKind.ALIAS]
    assert lesson.against_count == 1


def test_what_was_waved_away_comes_back_only_when_it_goes_further_or_twice_as_many_ask() -> None:
    three, four, six = (only(lessons([pair(1_000, days=4) for _ in range(n)], [], Rules())) for n in (3, 4, 6))
    gone = {three.key: len(three.pairs)}
    assert [stays_away(one, gone) for one in (three, four, six)] == [True, True, False]
    shorter, longer = (only(lessons([pair(1_000, days=d) for _ in range(3)], [], Rules())) for d in (3, 5))
    assert (stays_away(shorter, gone), stays_away(longer, gone)) == (True, False)
    assert not stays_away(only(lessons([pair(1_000, days=-4) for _ in range(3)], [], Rules())), gone)


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
