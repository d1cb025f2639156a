"""What waits for a person, on a real database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, insert

from recon.model.checks import CheckStatus
from recon.model.outcome import DiscrepancyKind
from recon.model.people import Person, PersonRole
from recon.queries.attention import Concern, attention, failing_checks, overdue, to_approve
from recon.store.check_tables import check_run
from recon.store.people_tables import proposal
from recon.store.schedule_tables import check_schedule
from recon.workflows.manage_people import list_person
from tests.builders import NOON, Item, published_run, unfinished_run
from tests.queries.test_triage_desk import assign, seen

TODAY = date(2026, 3, 31)


def test_only_a_last_run_that_failed_needs_attention(engine: Engine) -> None:
    unfinished_run(engine, "failed", name="A")
    published_run(engine, [], name="A")
    failed = unfinished_run(engine, "failed", name="B")
    now = NOON + timedelta(seconds=30)
    (concern,) = attention(engine, now=now)
    assert (concern.concern, concern.run_id, concern.text) == (
        Concern.FAILED_RUN,
        failed,
        "march.csv is gone. Upload it again.",
    )


def test_a_run_that_waits_over_a_minute_needs_attention(engine: Engine) -> None:
    queued = unfinished_run(engine, "queued")
    assert attention(engine, now=NOON + timedelta(seconds=59)) == ()
    (concern,) = attention(engine, now=NOON + timedelta(seconds=61))
    assert (concern.concern, concern.run_id) == (Concern.STUCK_QUEUE, queued)


def test_the_last_run_of_a_check_says_how_it_stands(engine: Engine) -> None:
    schedule = {"book": "uae", "category": "A", "interval": timedelta(hours=1), "is_enabled": True}
    outcomes = {"mended": ("fail", "ok"), "broken": ("ok", "fail"), "crashed": ("error",), "never": ()}
    with engine.begin() as conn:
        conn.execute(insert(check_schedule), [schedule | {"check_name": name} for name in outcomes])
        for name, statuses in outcomes.items():
            for status in statuses:
                conn.execute(insert(check_run).values(_check_run(name, status)))
    found = failing_checks(engine)
    assert [(one.check_name, one.status) for one in found] == [
        ("crashed", CheckStatus.ERROR),
        ("broken", CheckStatus.FAIL),
    ]


def test_what_is_overdue_and_ones_own_comes_first(engine: Engine) -> None:
    late = [Item(kind=DiscrepancyKind.DUPLICATE, amount=100, date=TODAY - timedelta(days=20 + n)) for n in range(3)]
    soon = Item(kind=DiscrepancyKind.DUPLICATE, amount=100, date=TODAY)
    many, owned = published_run(engine, [*late, soon], name="A"), published_run(engine, late[:2], name="B")
    quiet = published_run(engine, [soon], name="C")
    assign(engine, seen(engine, owned)[:1], "somebody else")
    found = overdue(engine, [many, owned, quiet], today=TODAY, actor="ivo", owned=["B"])
    assert [(one.run_id, one.count, one.mine) for one in found] == [(owned, 2, 1), (many, 3, 0)]
    assert found[1].due_since == TODAY - timedelta(days=12)


def test_proposals_wait_for_who_may_approve_and_did_not_make_them(engine: Engine) -> None:
    asked = {
        "action": "WRITE_OFF",
        "subject": "run 1",
        "body": {},
        "amounts": {},
        "reason": "Cents.",
        "digest": "0" * 64,
    }
    in_a_day = datetime.now(UTC) + timedelta(days=1)
    with engine.begin() as conn:
        conn.execute(insert(proposal).values(asked | {"proposed_by": "ada", "expires_at": in_a_day, "action_key": "1"}))
    assert [to_approve(engine, actor=name) for name in ("ada", "ben")] == [0, 1]
    list_person(engine, Person(name="ben", role=PersonRole.APPROVER), actor="ada")
    list_person(engine, Person(name="ana", role=PersonRole.OPERATOR), actor="ada")
    assert [to_approve(engine, actor=name) for name in ("ada", "ana", "ben")] == [0, 0, 1]


def _check_run(name: str, status: str) -> dict[str, object]:
    return {
        "check_name": name,
        "book": "uae",
        "category": "A",
        "as_of": TODAY,
        "requested_by": "schedule",
        "started_at": NOON,
        "finished_at": NOON,
        "lease_until": NOON,
        "status": status,
        "summary": "",
        "variance_count": 0,
    }
