"""The triage queue read from a real database: the right rows, in the right order, exactly counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text, update

from recon.errors import RunNotFound
from recon.model.outcome import DiscrepancyKind
from recon.model.triage import DiscrepancyStatus
from recon.queries import discrepancies
from recon.queries.discrepancies import DiscrepancyFilter, Order, Sort, neighbours, page, totals
from recon.store import publication
from recon.store.tables import discrepancy
from tests.builders import Item, published_run, unfinished_run

KINDS = tuple(DiscrepancyKind)[:5]
BOTH = tuple(DiscrepancyStatus)


def numbered(count: int) -> list[Item]:
    """Items that differ in everything one can sort by, with ties."""
    return [
        Item(
            kind=KINDS[n % len(KINDS)],
            amount=(n % 7 - 3) * 1_000,
            currency=("EUR", "USD", "JPY")[n % 3],
            date=date(2026, 3, 1) + timedelta(days=n % 5),
            payment_ref=f"INV-2026-{n:03d}",
            counterparty=("Kestrel Energy plc", "Łódź Freight", None)[n % 3],
            description=f"payment {n}",
            status="resolved" if n % 4 == 0 else "open",
        )
        for n in range(count)
    ]


def found(engine: Engine, **wanted: object) -> list[str | None]:
    """References of what a filter finds, oldest id first."""
    order = Order(by=Sort.ID, is_descending=False)
    return [row.payment_ref for row in page(engine, DiscrepancyFilter(**wanted), order)]  # type: ignore[arg-type]


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("is_descending", [True, False])
@pytest.mark.parametrize("statuses", [BOTH, (DiscrepancyStatus.OPEN,)])
@pytest.mark.parametrize("search", ["", "payment"])
def test_pages_follow_each_other_without_gap_or_overlap_in_every_order(
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    sort: Sort,
    is_descending: bool,
    statuses: tuple[DiscrepancyStatus, ...],
    search: str,
) -> None:
    monkeypatch.setattr(discrepancies, "GLANCE", 7)  # a search finds its first page at a glance, gathers the others
    run_id = published_run(engine, numbered(23))
    wanted = DiscrepancyFilter(run_id=run_id, statuses=statuses, search=search)
    order = Order(by=sort, is_descending=is_descending)
    whole = [row.id for row in page(engine, wanted, order, limit=100)]
    pieces = [row.id for start in range(0, 25, 5) for row in page(engine, wanted, order, offset=start, limit=5)]
    assert pieces == whole
    assert len(set(whole)) == (23 if statuses == BOTH else 17)
    assert [row.id for row in page(engine, wanted, replace(order, is_descending=not is_descending), limit=100)] == (
        whole[::-1]
    )


@pytest.mark.parametrize("sort", Sort)
def test_previous_and_next_walk_the_same_queue(engine: Engine, sort: Sort) -> None:
    run_id = published_run(engine, numbered(12))
    wanted, order = DiscrepancyFilter(run_id=run_id, search="payment"), Order(by=sort)
    ids: Sequence[int | None] = [row.id for row in page(engine, wanted, order)]
    for previous, here, following in zip([None, *ids], ids, [*ids[1:], None], strict=False):
        assert here is not None
        beside = neighbours(engine, wanted, order, here)
        assert (beside.previous_id, beside.next_id) == (previous, following)


def test_the_next_one_is_found_from_a_row_that_was_just_resolved(engine: Engine) -> None:
    run_id = published_run(engine, numbered(12))
    wanted, order = DiscrepancyFilter(run_id=run_id), Order(by=Sort.ID)
    before, here, after = (row.id for row in page(engine, wanted, order, limit=3))
    with engine.begin() as connection:
        connection.execute(
            update(discrepancy).where(discrepancy.c.id == here).values(status="resolved", resolution="timing")
        )
    beside = neighbours(engine, wanted, order, here)
    assert (beside.previous_id, beside.next_id) == (before, after)


def test_rows_of_other_attempts_and_runs_are_never_seen(engine: Engine) -> None:
    run_id = published_run(engine, numbered(4), attempt=2)
    other = published_run(engine, numbered(5))
    with engine.begin() as connection:
        connection.execute(update(discrepancy).where(discrepancy.c.run_id == other).values(attempt=7))
    assert len(found(engine, run_id=run_id, statuses=BOTH)) == 4
    assert found(engine, run_id=other, statuses=BOTH) == []
    assert totals(engine, DiscrepancyFilter(run_id=other, statuses=BOTH)) == ()


def test_a_run_that_published_nothing_has_no_queue(engine: Engine) -> None:
    with pytest.raises(RunNotFound):
        page(engine, DiscrepancyFilter(run_id=unfinished_run(engine, "running")), Order())
    with pytest.raises(RunNotFound):
        totals(engine, DiscrepancyFilter(run_id=404))


SEARCHED = [
    Item(
        kind=DiscrepancyKind.DUPLICATE,
        amount=81_555,
        txn_id="TXN-00017",
        payment_ref="A",
        counterparty="Kestrel Energy plc",
        description="100% of order #4711 <b>paid</b>",
    ),
    Item(kind=DiscrepancyKind.DUPLICATE, amount=-200, payment_ref="B", counterparty="ŁÓDŹ freight_co", description="x"),
    Item(kind=DiscrepancyKind.DUPLICATE, amount=815, currency="JPY", payment_ref="C", description="-17e5 a.b@c.de"),
]


@pytest.mark.parametrize(
    ("search", "references"),
    [
        ("kestrel", ["A"]),
        ("KESTREL ener", ["A"]),
        ("energy kestrel", ["A"]),
        ("estrel", []),
        ("txn-00017", ["A"]),
        ("00017", ["A"]),
        ("#4711", ["A"]),
        ("paid", ["A"]),
        ("łódź", ["B"]),
        ("freight co", ["B"]),
        ("c.de", ["C"]),
        ("17e5", ["C"]),
        ("815.55", ["A"]),
        ("-2.00", ["B"]),
        ("%", []),
        ("_", []),
        ("' | !x:* & ( \\", ["B"]),
        ("';--", []),
        ("kestrel zzz", []),
        ("   ", ["A", "B", "C"]),
    ],
)
def test_a_search_finds_the_starts_of_words_and_nothing_else(
    engine: Engine, search: str, references: list[str]
) -> None:
    run_id = published_run(engine, SEARCHED)
    published_run(engine, SEARCHED)  # another run's rows with the same words
    assert found(engine, run_id=run_id, search=search) == references
    assert sum(s.count for s in totals(engine, DiscrepancyFilter(run_id=run_id, search=search))) == len(references)


def test_a_search_finds_a_discrepancy_by_its_number(engine: Engine) -> None:
    run_id = published_run(engine, SEARCHED)
    rows = page(engine, DiscrepancyFilter(run_id=run_id), Order())
    for row in rows:
        assert row.payment_ref in found(engine, run_id=run_id, search=f"#{row.id}")


def test_sizes_are_of_each_rows_own_currency_and_their_ends_belong(engine: Engine) -> None:
    sizes = {"EUR": (999, 1_000, 1_100, 1_101), "JPY": (9, 10, 11, 12), "KWD": (9_999, 10_000, 11_000, 11_001)}
    items = [
        Item(kind=DiscrepancyKind.DUPLICATE, amount=-size, currency=currency, payment_ref=f"{currency} {place}")
        for currency, row in sizes.items()
        for place, size in zip(("under", "on", "at", "over"), row, strict=True)
    ]
    run_id = published_run(engine, items)
    ten_to_eleven = {"amount_min": Decimal(10), "amount_max": Decimal(11)}
    on = [f"{currency} {place}" for currency in sizes for place in ("on", "at")]
    assert found(engine, run_id=run_id, **ten_to_eleven) == on
    assert len(found(engine, run_id=run_id, amount_min=Decimal("10.5"))) == 6
    assert len(found(engine, run_id=run_id, amount_max=Decimal("0.001"))) == 0
    assert found(engine, run_id=run_id, amount_min=Decimal("1e30")) == []


def test_filters_narrow_together_and_totals_agree_with_the_rows(engine: Engine) -> None:
    items = numbered(40)
    run_id = published_run(engine, items)
    for wanted in (
        DiscrepancyFilter(run_id=run_id),
        DiscrepancyFilter(run_id=run_id, statuses=(DiscrepancyStatus.RESOLVED,)),
        DiscrepancyFilter(run_id=run_id, statuses=BOTH, kinds=(KINDS[0], KINDS[2]), currency="EUR"),
        DiscrepancyFilter(run_id=run_id, date_from=date(2026, 3, 2), date_to=date(2026, 3, 3)),
        DiscrepancyFilter(run_id=run_id, search="kestrel", amount_min=Decimal(1), kinds=(KINDS[1],)),
    ):
        rows = page(engine, wanted, Order(), limit=100)
        by_currency = {s.currency: s for s in discrepancies.sums(rows)}
        assert {s.currency: s for s in totals(engine, wanted)} == by_currency
        assert rows, wanted


@pytest.mark.parametrize(("row_count", "is_known"), [(publication.MANY_ROWS - 1, False), (publication.MANY_ROWS, True)])
def test_after_a_large_publication_the_planner_knows_the_rows(engine: Engine, row_count: int, is_known: bool) -> None:
    published_run(engine, numbered(10))
    publication.count_anew(engine, row_count)
    with engine.connect() as connection:
        known = connection.execute(text("select reltuples from pg_class where relname = 'discrepancy'")).scalar_one()
    assert (known == 10) is is_known
