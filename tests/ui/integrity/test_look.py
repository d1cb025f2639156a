"""The words of the board: a check's name, where it stands, when it is due, and its last runs in a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from checks import CHECKS
from recon.model.checks import CatalogueLine, Category, CheckBook, CheckStatus, Quantity
from recon.queries.checks import BoardCell, CheckRunRow, Strip
from recon.queries.timetable import CheckClock
from recon.ui.integrity.due import due_text
from recon.ui.integrity.look import Stand, figure_of, stand_of, title
from recon.ui.integrity.strip import told
from recon.workflows.checks_on_demand import OnDemandState

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
UAE = CheckBook.UAE
LRS = next(check.line for check in CHECKS if check.name == "lrs_viewtrade_tie_out")
FLOWS = next(check.line for check in CHECKS if check.name == "pending_flow_age")
RUN = CheckRunRow(
    id=7,
    check_name=FLOWS.name,
    book=UAE,
    category=Category.LIFECYCLE,
    as_of=date(2026, 3, 2),
    slot=None,
    requested_by="ana",
    started_at=NOW,
    finished_at=NOW,
    status=CheckStatus.OK,
    status_before=None,
    summary="Done.",
    variance_count=0,
    variance_totals={},
    duration_ms=3,
    examined_count=5,
    is_set_up=True,
)
RESTING = OnDemandState(waiting=frozenset(), at_work=frozenset(), done_count=0, total_count=0, problem=None)
KEY = (FLOWS.name, UAE)


def cell(last: CheckRunRow | None, *, at_work_since: datetime | None = None) -> BoardCell:
    return BoardCell(check_name=FLOWS.name, book=UAE, last=last, strip=(), open_count=0, at_work_since=at_work_since)


@pytest.mark.parametrize(
    ("line", "found", "asked", "stand"),
    [
        (FLOWS, cell(None), RESTING, Stand.NEVER),
        (FLOWS, cell(RUN), RESTING, Stand.OK),
        (FLOWS, cell(replace(RUN, examined_count=0)), RESTING, Stand.NOTHING),
        (FLOWS, cell(replace(RUN, status=CheckStatus.WARN)), RESTING, Stand.WARN),
        (FLOWS, cell(replace(RUN, status=CheckStatus.FAIL, examined_count=0)), RESTING, Stand.FAIL),
        (FLOWS, cell(replace(RUN, status=CheckStatus.ERROR)), RESTING, Stand.ERROR),
        (FLOWS, cell(replace(RUN, status=CheckStatus.ERROR, is_set_up=False)), RESTING, Stand.NOT_SET_UP),
        (FLOWS, cell(RUN, at_work_since=NOW), RESTING, Stand.WORKING),
        (FLOWS, cell(RUN), replace(RESTING, at_work=frozenset({KEY})), Stand.WORKING),
        (FLOWS, cell(RUN), replace(RESTING, waiting=frozenset({KEY})), Stand.WAITING),
        (LRS, cell(RUN), RESTING, Stand.NOT_APPLICABLE),
    ],
)
def test_where_a_check_stands(line: CatalogueLine, found: BoardCell, asked: OnDemandState, stand: Stand) -> None:
    assert stand_of(line, found, asked) is stand


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("trial_balance_zero", "Trial balance zero"),
        ("gtn_ledger_recon", "GTN ledger recon"),
        ("lrs_viewtrade_tie_out", "LRS ViewTrade tie out"),
    ],
)
def test_a_check_is_called_by_its_name_in_words(name: str, shown: str) -> None:
    assert title(name) == shown


@pytest.mark.parametrize(
    ("quantity", "unit", "shown"),
    [
        (-1_250, "USD", "−12.50"),
        (1_234_567, "JPY", "1,234,567"),
        (Decimal("-0.1000000000"), "units", "−0.1"),
        (Decimal("1200"), "units", "1,200"),
        (7, "rows", "7"),
    ],
)
def test_figures_are_exact_in_their_unit(quantity: Quantity, unit: str, shown: str) -> None:
    assert figure_of(quantity, unit) == shown


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "next 10:00"),
        ({"next_due_at": NOW + timedelta(days=1)}, "next 3 Mar"),
        ({"next_due_at": NOW - timedelta(minutes=1)}, "due now"),
        ({"next_due_at": NOW - timedelta(hours=1), "is_overdue": True}, "overdue since 08:30"),
        ({"is_enabled": False, "next_due_at": None}, ""),
    ],
)
def test_when_a_check_is_due(values: dict[str, object], said: str) -> None:
    clock = CheckClock(
        check_name=FLOWS.name,
        book=UAE,
        category=Category.LIFECYCLE,
        interval=timedelta(hours=1),
        is_enabled=True,
        last_done_at=None,
        next_due_at=NOW + timedelta(minutes=30),
        is_overdue=False,
        status=None,
        missed_count=0,
    )
    assert said in due_text(replace(clock, **values), now=NOW)  # type: ignore[arg-type]
    assert bool(due_text(replace(clock, **values), now=NOW)) is bool(said)  # type: ignore[arg-type]


def test_the_last_runs_are_told_in_words_too() -> None:
    runs = [Strip(run_id=n, status=status, finished_at=NOW) for n, status in enumerate(["ok", "ok", "fail"])]
    assert told([replace(run, status=CheckStatus(run.status)) for run in runs]) == "Last 3 runs: holds 2, fails 1"
    assert told([]) == "No run yet"
