"""Saved rules: every version stays, the newest counts, and nobody's version is overwritten unseen."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import DBAPIError

from recon.errors import ReconciliationNotFound, RulesChanged
from recon.model.rules import Rules
from recon.model.saved_rules import SavedRules
from recon.store import rules
from recon.store.tables import audit_event, reconciliation
from tests.builders import published_run

BANK = "Bank vs ledger"
WIDE = Rules(amount_tolerance_minor=50, amount_tolerance_percent=Decimal("0.25"), days_after=3)


@pytest.fixture(autouse=True)
def reconciliations(engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(insert(reconciliation), [{"name": name, "created_by": "ana"} for name in (BANK, "Other")])


def save(engine: Engine, given: Rules, *, after: int, note: str = "Fees vary", actor: str = "ana") -> SavedRules:
    with engine.begin() as conn:
        return rules.save(conn, BANK, given, after=after, note=note, actor=actor)


def newest(engine: Engine, name: str = BANK) -> SavedRules | None:
    with engine.connect() as conn:
        return rules.newest(conn, name)


def test_saved_rules_come_back_as_they_were(engine: Engine) -> None:
    assert newest(engine) is None
    saved = save(engine, WIDE, after=0)
    assert (saved.version, saved.rules, saved.note, saved.created_by) == (1, WIDE, "Fees vary", "ana")
    assert newest(engine) == saved
    assert newest(engine, "Other") is None


def test_another_rule_is_another_version_and_all_stay(engine: Engine) -> None:
    first = save(engine, WIDE, after=0)
    second = save(engine, Rules(), after=1)
    with engine.connect() as conn:
        assert rules.versions(conn, BANK) == (second, first)
        assert rules.versions(conn, BANK, limit=1) == (second,)
        assert rules.versions(conn, BANK, before=2) == (first,)


def test_the_same_rules_again_add_nothing_whoever_saves_them(engine: Engine) -> None:
    saved = save(engine, WIDE, after=0)
    assert save(engine, WIDE, after=0, actor="ben") == saved


def test_a_version_saved_meanwhile_is_not_overwritten(engine: Engine) -> None:
    save(engine, WIDE, after=0, actor="ben")
    with pytest.raises(RulesChanged, match="Version 1 was saved by ben"):
        save(engine, Rules(days_after=9), after=0)
    assert newest(engine) is not None


def test_a_save_is_told_in_the_audit_log(engine: Engine) -> None:
    save(engine, WIDE, after=0)
    with engine.connect() as conn:
        event = conn.execute(select(audit_event)).mappings().one()
    assert (event["actor"], event["action"]) == ("ana", "rules_saved")
    assert event["detail"] == {"version": 1, "before": None, "after": WIDE.as_dict(), "reason": "Fees vary"}


def test_rules_belong_to_a_reconciliation_that_exists(engine: Engine) -> None:
    with engine.begin() as conn, pytest.raises(ReconciliationNotFound, match="'Nobody'"):
        rules.save(conn, "Nobody", Rules(), after=0, note="-", actor="ana")


KEPT = {
    "a version's rules": "update reconciliation_rules set rules = jsonb_set(rules, '{days_after}', '30')",
    "a version": "delete from reconciliation_rules",
    "all versions": "truncate reconciliation_rules",
    "the rules of a run": "update run set rules = jsonb_set(rules, '{days_after}', '30')",
    "the files of a run": "update run set source_reading_id = reference_reading_id",
    "the result of a run": "update run set digest = repeat('0', 64)",
}


@pytest.mark.parametrize("statement", KEPT.values(), ids=KEPT)
def test_neither_the_application_nor_the_owner_changes_rules_that_were_saved_or_used(
    engine: Engine, owner: Engine, statement: str
) -> None:
    save(engine, WIDE, after=0)
    published_run(engine, name=BANK)
    for who in (engine, owner):
        with pytest.raises(DBAPIError), who.begin() as conn:
            conn.execute(text(statement))
    assert newest(engine).rules == WIDE  # type: ignore[union-attr]
