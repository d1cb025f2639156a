from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert

from recon.model.outcome import DiscrepancyKind
from recon.store.schedule_tables import check_schedule
from tests.builders import Item, heartbeat, published_run, readings_of, unfinished_run
from tests.pages.conftest import Visit
from tests.pages.shown import buttons, metrics, text

NOW = datetime.now(UTC)


def test_an_empty_desk_offers_both_ways_to_begin(visit: Visit) -> None:
    at = visit()
    assert not at.exception
    assert "Nothing has been reconciled yet" in text(at)
    assert buttons(at) >= {"Load sample data", "Reconcile two files"}
    assert not at.metric


def test_the_headline_counts_what_is_open_and_never_adds_currencies(visit: Visit, engine: Engine) -> None:
    published_run(engine, finished_at=NOW - timedelta(minutes=5))
    at = visit()
    assert not at.exception
    shown = metrics(at)
    assert shown["Open discrepancies"] == "5"
    assert shown["Amount open"] == "142.50 EUR"
    assert shown["Auto-match rate"] == "94.05 %"
    assert shown["Older than 5 days"] == "5"
    assert shown["Runs today"] == "1" or NOW.hour == 0


def test_a_repeat_on_the_same_files_replaces_the_run_and_other_files_add_to_it(visit: Visit, engine: Engine) -> None:
    first = published_run(engine, finished_at=NOW - timedelta(hours=2))
    source, reference = readings_of(engine, first)
    published_run(
        engine,
        [Item(kind=DiscrepancyKind.DUPLICATE, amount=1)],
        finished_at=NOW - timedelta(hours=1),
        rerun_of_id=first,
        source_reading_id=source,
        reference_reading_id=reference,
    )
    assert metrics(visit())["Open discrepancies"] == "1"
    published_run(engine, finished_at=NOW - timedelta(minutes=30))
    assert metrics(visit())["Open discrepancies"] == "6"


def test_what_is_resolved_is_not_open(visit: Visit, engine: Engine) -> None:
    items = [Item(kind=DiscrepancyKind.DUPLICATE, amount=1, status=status) for status in ("open", "resolved")]
    published_run(engine, items, finished_at=NOW)
    at = visit()
    assert metrics(at)["Open discrepancies"] == "1"
    assert "1 resolved" in text(at)


def test_a_failed_run_and_a_silent_sidecar_need_attention(visit: Visit, engine: Engine) -> None:
    published_run(engine, [], finished_at=NOW - timedelta(hours=1))
    unfinished_run(engine, "failed", requested_at=NOW - timedelta(minutes=2))
    at = visit()
    assert "The sidecar is down (never seen)" in text(at)
    at = at.button(key="concern_2").click().run()
    assert at.title[0].value == "Run 2"


def test_an_overdue_check_needs_attention(visit: Visit, engine: Engine) -> None:
    published_run(engine, [], finished_at=NOW)
    heartbeat(engine, seen_at=datetime.now(UTC))
    since = datetime.now(UTC) - timedelta(hours=9)
    row = {"book": "uae", "category": "A", "interval": timedelta(hours=1), "is_enabled": True, "since_at": since}
    with engine.begin() as conn:
        conn.execute(insert(check_schedule), [row | {"check_name": name} for name in ("account_totals", "wallets")])
    at = visit()
    late = [label for label in buttons(at) if "overdue since" in label]
    assert sorted(label.split(" overdue")[0] for label in late) == ["Account totals (uae)", "Wallets (uae)"]
    assert "Nothing." not in text(at)
    at.button(key="late_wallets_uae").click().run()
    assert at.query_params["check"] == "wallets"


def test_a_living_sidecar_and_good_runs_leave_nothing_to_do(visit: Visit, engine: Engine) -> None:
    published_run(engine, [], finished_at=NOW)
    heartbeat(engine, seen_at=datetime.now(UTC))
    assert "Nothing. Every last run succeeded" in text(visit())


def test_runs_at_work_show_in_the_sidebar_of_every_page(visit: Visit, engine: Engine) -> None:
    unfinished_run(engine, "running")
    unfinished_run(engine, "queued", name="Gateway vs billing")
    for page in (None, "runs"):
        captions = [caption.value for caption in visit(page).sidebar.caption]
        assert any("1 running · 1 queued" in caption for caption in captions)


def test_a_hostile_name_of_a_reconciliation_is_shown_as_written(visit: Visit, engine: Engine) -> None:
    published_run(engine, name="![x](http://evil/p.png) :red[boo]", finished_at=NOW)
    at = visit()
    assert not at.exception
    assert "![x](" not in text(at) + str(buttons(at))


@pytest.mark.parametrize("page", [None, "runs"])
def test_a_database_that_is_gone_is_a_sentence_on_every_page(no_database: Visit, page: str | None) -> None:
    at = no_database(page)
    assert not at.exception
    assert any("cannot reach its database" in error.value for error in at.error)
    assert "Try again" in buttons(at)


def test_sample_data_is_one_click_away(visit: Visit) -> None:
    at = visit()
    at.button(key="load_sample").click().run()
    assert not at.exception
    assert int(metrics(at)["Open discrepancies"]) > 50
    assert int(metrics(at)["Runs today"]) >= 8 or NOW.hour == 0
