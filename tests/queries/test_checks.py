"""The board, a check's history and its runs: the newest first, along an index, however long the history is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, event, text

from recon.model.checks import (
    CatalogueLine,
    Category,
    CheckBook,
    CheckStatus,
    Judgement,
    Quantity,
    Subject,
    Variance,
    VarianceClass,
)
from recon.queries import checks as queries
from recon.queries.checks import CheckRunNotFound
from recon.queries.variances import (
    UnitTotal,
    VarianceFilter,
    VarianceOrder,
    amounts_by_day,
    variance_detail,
    variance_page,
    variance_totals,
)
from recon.store import checks as store
from recon.workflows.say_about_variance import say_about_variance
from tests.ledger.builders import TODAY

UAE, INDIA = CheckBook.UAE, CheckBook.INDIA
LONG = 100_000


def line(name: str, category: Category = Category.EXTERNAL) -> CatalogueLine:
    return CatalogueLine(
        name=name,
        category=category,
        books=(UAE, INDIA),
        must_hold="It holds.",
        guards_against="Nothing.",
        warns_when="Never.",
        fails_when="Never.",
    )


def off(customer: str, actual: Quantity, unit: str = "USD", *, explained: Quantity = 0) -> Variance:
    return Variance(
        subject=Subject(customer=customer), expected=0, actual=actual, unit=unit, explained=explained, note="As such."
    )


def ran(engine: Engine, name: str, *found: Variance, book: CheckBook = UAE) -> int:
    """The number of a run of the check that found this."""
    judgement = Judgement(
        status=CheckStatus.FAIL if found else CheckStatus.OK,
        summary="Done.",
        metrics={"examined_count": 7},
        variances=found,
    )
    with engine.begin() as conn:
        begun = store.begin(conn, line(name), book=book, as_of=TODAY, requested_by="ana", slot=None)
        assert begun is not None
        store.finish(conn, begun, judgement, duration_ms=12)
    return begun.run_id


def many(engine: Engine, name: str, count: int) -> None:
    """So many runs of the check, long ago, one an hour; every tenth failed."""
    with engine.begin() as conn:
        conn.execute(
            text("""
                insert into check_run (check_name, book, category, as_of, requested_by, started_at, lease_until,
                                       finished_at, status, summary, metrics, variance_count, variance_totals,
                                       duration_ms)
                select :name, 'uae', 'A', '2020-01-01', 'schedule', at, at, at,
                       case when n % 10 = 0 then 'fail' else 'ok' end, 'Done.', '{"examined_count": 7}', 0, '{}', 5
                  from (select n, timestamptz '2010-01-01' + n * interval '1 hour' as at
                          from generate_series(1, :count) n) as hours
            """),
            {"name": name, "count": count},
        )
        conn.execute(text("analyze check_run"))


def test_a_run_is_shown_with_all_it_recorded(engine: Engine) -> None:
    run_id = ran(engine, "gtn", off("ann", -1_50), off("bob", Decimal("0.25"), "units"), off("cy", 9, explained=9))
    found = queries.check_run_detail(engine, run_id)
    assert (found.run.status, found.run.variance_count, found.run.duration_ms) == (CheckStatus.FAIL, 3, 12)
    assert found.run.variance_totals == {"USD": Decimal(150), "units": Decimal("0.25")}
    assert found.metrics == {"examined_count": 7}
    with pytest.raises(CheckRunNotFound, match="no run 999"):
        queries.check_run_detail(engine, 999)


def test_variances_of_a_run_come_in_pages_the_largest_first(engine: Engine) -> None:
    run_id = ran(engine, "gtn", *(off(f"C-{n:03}", -n) for n in range(1, 121)))
    pages = [queries.run_variances(engine, run_id, limit=50, offset=offset) for offset in (0, 50, 100)]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert [pages[0][0].difference, pages[2][-1].difference] == [-120, -1]
    assert pages[0][0] == off("C-120", -120)


def test_changes_of_the_first_run_are_all_new(engine: Engine) -> None:
    run_id = ran(engine, "gtn", off("ann", 5))
    found = queries.changes(engine, run_id)
    assert (found.previous_id, found.new_count, found.still_open_count, found.fixed_count) == (None, 1, 0, 0)


def test_the_board_has_a_cell_for_each_check_and_book_in_the_order_asked(engine: Engine) -> None:
    for number in range(25):
        ran(engine, "gtn", *([off("ann", number)] if number % 2 else []))
    last = ran(engine, "zag", book=INDIA)
    gtn, never, zag = queries.board(engine, [("gtn", UAE), ("gtn", INDIA), ("zag", INDIA)])
    assert (len(gtn.strip), gtn.strip[-1].run_id, gtn.open_count) == (queries.STRIP, last - 1, 0)
    assert [past.status for past in gtn.strip[-3:]] == ["ok", "fail", "ok"]
    assert (never.last, never.strip, never.at_work_since) == (None, (), None)
    assert zag.last is not None
    assert zag.last.id == last


def test_a_long_history_is_read_along_an_index(engine: Engine) -> None:
    many(engine, "gtn", LONG)
    plans: list[str] = []

    @event.listens_for(engine, "after_cursor_execute")
    def explain(conn: object, cursor: object, statement: str, parameters: object, *_: object) -> None:
        if "check_run" in statement and not statement.startswith("explain"):
            driver = cursor.connection  # type: ignore[attr-defined]
            plans.extend(row[0] for row in driver.execute(f"explain (analyze) {statement}", parameters))

    first = queries.history(engine, check_name="gtn", book=UAE, limit=50)
    second = queries.history(engine, check_name="gtn", book=UAE, limit=50, before=first[-1].id)
    failed = queries.history(engine, check_name="gtn", book=UAE, statuses=[CheckStatus.FAIL], limit=50)
    queries.recent(engine, limit=50)
    (cell,) = queries.board(engine, [("gtn", UAE)])
    queries.changes(engine, first[0].id)
    event.remove(engine, "after_cursor_execute", explain)
    assert [first[0].id, second[0].id, second[-1].id] == [LONG, LONG - 50, LONG - 99]
    assert {run.status for run in failed} == {CheckStatus.FAIL}
    assert len(failed) == 50
    assert len(cell.strip) == queries.STRIP
    assert [step for step in plans if "Index Scan" in step]
    assert not [step for step in plans if "Seq Scan on check_run" in step]
    assert not [step for step in plans if "Sort" in step and "rows=100000" in step]


def ids(engine: Engine, wanted: VarianceFilter, order: VarianceOrder = VarianceOrder.OLDEST) -> list[str | None]:
    return [row.subject.customer for row in variance_page(engine, wanted, order=order)]


@pytest.fixture
def found(engine: Engine) -> Engine:
    """Four open variances over two checks and two books, and one that is fixed."""
    ran(engine, "gtn", off("gone", 1))
    ran(engine, "gtn", off("ann", -1_50), off("bob", 20_00, explained=20_00))
    ran(engine, "zag", off("cy", Decimal("0.25"), "units"), book=INDIA)
    ran(engine, "zag", off("a_b%", 3))
    return engine


@pytest.mark.parametrize(
    ("wanted", "customers"),
    [
        (VarianceFilter(), ["ann", "bob", "cy", "a_b%"]),
        (VarianceFilter(check_names=("zag",)), ["cy", "a_b%"]),
        (VarianceFilter(books=(INDIA,)), ["cy"]),
        (VarianceFilter(categories=(Category.EXTERNAL,)), ["ann", "bob", "cy", "a_b%"]),
        (VarianceFilter(categories=(Category.INTERNAL,)), []),
        (VarianceFilter(units=("units",)), ["cy"]),
        (VarianceFilter(only_unexplained=True), ["ann", "cy", "a_b%"]),
        (VarianceFilter(is_fixed=True), ["gone"]),
        (VarianceFilter(search=" BOB "), ["bob"]),
        (VarianceFilter(search="_b%"), ["a_b%"]),
        (VarianceFilter(search="as such", check_names=("gtn",)), ["ann", "bob"]),
        (VarianceFilter(classes=(None,)), ["ann", "bob", "cy", "a_b%"]),
        (VarianceFilter(classes=(VarianceClass.TIMING,)), []),
        (VarianceFilter(seen_before=datetime.now(UTC) - timedelta(days=1)), []),
    ],
)
def test_variances_are_filtered(found: Engine, wanted: VarianceFilter, customers: list[str]) -> None:
    assert ids(found, wanted) == customers


def test_variances_are_ordered_and_summed_by_unit(found: Engine) -> None:
    assert ids(found, VarianceFilter(), VarianceOrder.SIZE) == ["ann", "a_b%", "cy", "bob"]
    assert ids(found, VarianceFilter(), VarianceOrder.NEWEST)[0] == "a_b%"
    assert variance_totals(found, VarianceFilter()) == (
        UnitTotal(unit="USD", variance_count=3, net=-1_47, gross=1_53),
        UnitTotal(unit="units", variance_count=1, net=Decimal("0.25"), gross=Decimal("0.25")),
    )


def test_what_is_said_of_a_variance_is_kept_when_the_next_run_sees_it_again(found: Engine) -> None:
    (ann,) = variance_page(found, VarianceFilter(search="ann"))
    said = {"seen_version": ann.version, "actor": "ana"}
    timing = VarianceClass.TIMING
    say_about_variance(found, ann.id, variance_class=timing, comment=" Tomorrow. ", action_key="k1", **said)
    say_about_variance(found, ann.id, variance_class=timing, comment=" Tomorrow. ", action_key="k1", **said)
    ran(found, "gtn", off("ann", -2_00))
    detail = variance_detail(found, ann.id)
    assert (detail.variance.variance_class, detail.variance.actual, detail.variance.age_days) == (timing, -2_00, 0)
    assert [(e.actor, e.variance_class, e.comment) for e in detail.events] == [("ana", timing, "Tomorrow.")]
    assert ids(found, VarianceFilter(classes=(timing,))) == ["ann"]


def test_amounts_by_day_are_those_of_the_days_last_run(found: Engine) -> None:
    since = datetime.now(UTC) - timedelta(days=2)
    amounts = [(a.check_name, a.book, a.unit, a.amount) for a in amounts_by_day(found, since=since)]
    assert amounts == [
        ("gtn", UAE, "USD", Decimal(150)),
        ("zag", INDIA, "units", Decimal("0.25")),
        ("zag", UAE, "USD", Decimal(3)),
    ]
    assert [a.check_name for a in amounts_by_day(found, since=since, check_names=["gtn"])] == ["gtn"]
