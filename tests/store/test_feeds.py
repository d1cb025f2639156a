"""Feeds: every mapping stays, the newest counts, and saying the same twice adds nothing."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine, func, select

from recon.model.feed import NOTHING_DECIDED, SavedMapping, feed_name
from recon.model.reading import Mapping
from recon.model.transactions import Side
from recon.store import feeds
from recon.store.tables import audit_event, feed_mapping

BANK = feed_name("Bank vs ledger", Side.REFERENCE)
DAY_FIRST = Mapping(roles={"date": "Booked"}, answers={"DAY_MONTH_ORDER": "DMY"}, header=("Booked", "Amount"))
MONTH_FIRST = Mapping(roles={"date": "Booked"}, answers={"DAY_MONTH_ORDER": "MDY"}, header=("Booked", "Amount"))


def save(engine: Engine, mapping: Mapping, *, name: str = BANK) -> SavedMapping | None:
    with engine.begin() as conn:
        return feeds.save(conn, name, mapping, actor="ana")


def newest(engine: Engine, name: str = BANK) -> SavedMapping | None:
    with engine.connect() as conn:
        return feeds.newest(conn, name)


def test_a_saved_mapping_comes_back_as_it_was(engine: Engine) -> None:
    assert newest(engine) is None
    saved = save(engine, DAY_FIRST)
    assert saved is not None
    assert (saved.version, saved.mapping, saved.created_by) == (1, DAY_FIRST, "ana")
    assert newest(engine) == saved


def test_the_same_mapping_again_adds_no_version_and_another_adds_one(engine: Engine) -> None:
    assert save(engine, DAY_FIRST) == save(engine, DAY_FIRST)
    changed = save(engine, MONTH_FIRST)
    assert changed is not None
    assert changed.version == 2
    assert newest(engine) == changed


def test_the_two_sides_of_a_reconciliation_are_two_feeds(engine: Engine) -> None:
    save(engine, DAY_FIRST)
    assert newest(engine, feed_name("Bank vs ledger", Side.SOURCE)) is None


def test_a_forgotten_mapping_is_a_version_that_decides_nothing(engine: Engine) -> None:
    assert save(engine, NOTHING_DECIDED) is None
    save(engine, DAY_FIRST)
    forgotten = save(engine, NOTHING_DECIDED)
    assert forgotten is not None
    assert forgotten.is_forgotten
    assert newest(engine) == forgotten
    with engine.connect() as conn:
        assert conn.execute(select(func.count()).select_from(feed_mapping)).scalar_one() == 2


def test_every_version_is_in_the_audit_log(engine: Engine) -> None:
    for mapping in (DAY_FIRST, DAY_FIRST, NOTHING_DECIDED):
        save(engine, mapping)
    with engine.connect() as conn:
        found = conn.execute(select(audit_event.c.action, audit_event.c.actor, audit_event.c.detail)).all()
    assert [(event.action, event.actor) for event in found] == [("mapping_saved", "ana"), ("mapping_forgotten", "ana")]
    assert found[0].detail["after"]["answers"] == {"DAY_MONTH_ORDER": "DMY"}


def test_two_at_once_make_two_versions_in_turn(engine: Engine) -> None:
    ready = threading.Barrier(2)

    def save_when_both_are_ready(mapping: Mapping) -> int:
        ready.wait()
        saved = save(engine, mapping)
        assert saved is not None
        return saved.version

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(save_when_both_are_ready, (DAY_FIRST, MONTH_FIRST))) == [1, 2]
