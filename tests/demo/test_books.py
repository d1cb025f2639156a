"""The sample ledger is sound but for what is meant to be wrong, and grows week by week."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from recon.demo.books import load_books
from recon.queries.ledger import JournalFilter, journal
from recon.workflows.replay_ledger import replay_ledger
from recon.workflows.trial_balance import trial_balance_as_of
from tests.ledger.builders import contents

TODAY = date(2026, 11, 20)
MONDAYS = tuple(date(2026, 11, 16) - timedelta(weeks=weeks) for weeks in (2, 1))


@pytest.fixture
def loaded(engine: Engine) -> Engine:
    load_books(engine, actor="ana", today=TODAY, mondays=MONDAYS)
    return engine


def rows(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    with engine.connect() as conn:
        return [tuple(row) for row in conn.execute(text(query))]


def test_alice_is_funded_pays_bob_and_gets_some_back(loaded: Engine) -> None:
    query = """select c.name, w.balance, w.currency from wallet w join customer c on c.id = w.customer_id
               where c.name in ('Alice', 'Bob') order by 1"""
    assert rows(loaded, query) == [("Alice", 450_00, "USD"), ("Bob", 50_00, "USD")]
    told = [entry.metadata.get("description") for entry in journal(loaded, JournalFilter(booked_from=TODAY), limit=9)]
    assert told == ["Refund", "Payment", "Funding"]


def test_both_books_are_sound(loaded: Engine) -> None:
    balances = trial_balance_as_of(loaded)
    assert {line.book for line in balances} == {"uae", "india"}
    assert not any(line.difference for line in balances)
    assert not replay_ledger(loaded).differences
    wrong_side = """select count(*) from account a join account_balance b on b.account_id = a.id
                    where b.balance * case when a.type in ('liability', 'income', 'equity') then -1 else 1 end < 0"""
    assert rows(loaded, wrong_side) == [(0,)]
    moved = """select count(*) from wallet w
               where balance <> (select sum(amount) from journal_line l where l.account_id = w.account_id)"""
    assert rows(loaded, moved) == [(0,)]
    stale = """select count(*) from balance_snapshot s
               where balance <> (select coalesce(sum(amount), 0) from journal_line l
                                  where l.account_id = s.account_id and l.booked_on <= s.as_of)"""
    assert rows(loaded, stale) == [(0,)]


def test_one_flow_is_forgotten_and_two_left_yesterday(loaded: Engine) -> None:
    query = "select book, kind, opened_at::date from pending_flow where settled_at is null order by opened_at, book"
    assert rows(loaded, query) == [
        ("uae", "withdrawal", MONDAYS[0] - timedelta(weeks=5)),
        ("india", "remittance", TODAY - timedelta(days=1)),
        ("uae", "deposit", TODAY - timedelta(days=1)),
    ]


def test_every_broker_keeps_holdings_and_every_remittance_but_the_last_arrived(loaded: Engine) -> None:
    assert rows(loaded, "select distinct book, broker from holding where quantity > 0 order by 2") == [
        ("uae", "gtn"),
        ("india", "viewtrade"),
        ("uae", "zag"),
    ]
    assert rows(loaded, "select count(*), count(entry_id) from lrs_remittance") == [(9, 8)]


def test_loading_it_again_changes_nothing(loaded: Engine) -> None:
    before = contents(loaded)
    load_books(loaded, actor="ben", today=TODAY, mondays=MONDAYS)
    assert contents(loaded) == before


@pytest.mark.parametrize("days", [1, 3, 7, 30])
def test_a_later_load_goes_on_where_the_first_ended(loaded: Engine, days: int) -> None:
    later = TODAY + timedelta(days=days)
    monday = later - timedelta(days=later.weekday())
    load_books(loaded, actor="ana", today=later, mondays=(monday - timedelta(weeks=2), monday - timedelta(weeks=1)))
    still_open = "select opened_at::date from pending_flow where settled_at is null order by 1"
    yesterday = later - timedelta(days=1)
    assert [day for (day,) in rows(loaded, still_open)] == [MONDAYS[0] - timedelta(weeks=5), yesterday, yesterday]
    test_both_books_are_sound(loaded)


def test_older_weeks_loaded_later_take_the_snapshots_anew(loaded: Engine) -> None:
    load_books(loaded, actor="ana", today=TODAY, mondays=(MONDAYS[0] - timedelta(weeks=1), *MONDAYS))
    test_both_books_are_sound(loaded)
