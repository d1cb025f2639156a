"""Checks on demand: each asked for once, made by a child, and said so when the child does not make it to the end."""

from __future__ import annotations

import sys
import time

import pytest
from sqlalchemy import URL, Engine

from checks.on_demand import COMMAND
from recon.config import Settings
from recon.model.checks import Category, CheckBook, CheckStatus
from recon.queries.checks import history
from recon.workflows.checks_on_demand import AskedCheck, ChecksOnDemand, OnDemandState

BALANCE = AskedCheck(check_name="trial_balance_zero", book=CheckBook.UAE, category=Category.INTERNAL)
FLOWS = AskedCheck(check_name="pending_flow_age", book=CheckBook.INDIA, category=Category.LIFECYCLE)
BROKER = AskedCheck(check_name="gtn_ledger_recon", book=CheckBook.UAE, category=Category.EXTERNAL)
FAITHFUL = """if True:
    import json, sys
    for name, book, actor in json.load(sys.stdin)["checks"]:
        print("noise", json.dumps({"check": name, "book": book}))
        for is_done in (False, True):
            print(json.dumps({"check": name, "book": book, "is_done": is_done}), flush=True)
"""


def python(code: str) -> ChecksOnDemand:
    return ChecksOnDemand((sys.executable, "-c", code))


def ended(asked: ChecksOnDemand) -> OnDemandState:
    deadline = time.monotonic() + 60
    while (state := asked.state()).is_live:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return state


def test_a_check_asked_for_is_made_and_recorded_under_who_asked(
    engine: Engine, settings: Settings, database: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database.render_as_string(hide_password=False))
    monkeypatch.setenv("RECON_HOME", str(settings.home))
    asked = ChecksOnDemand(COMMAND)
    assert asked.ask([BALANCE, FLOWS], actor="ana") == 2
    state = ended(asked)
    assert (state.done_count, state.total_count, state.problem) == (2, 2, None)
    for check in (BALANCE, FLOWS):
        (run,) = history(engine, check_name=check.check_name, book=check.book)
        assert (run.status, run.requested_by) == (CheckStatus.OK, "ana")


def test_internal_and_external_checks_have_a_child_each() -> None:
    asked = python(FAITHFUL)
    asked.ask([BALANCE, BROKER, FLOWS], actor="ana")
    state = ended(asked)
    assert (state.done_count, state.total_count, state.problem) == (3, 3, None)


def test_what_waits_already_is_not_asked_for_twice_but_may_be_again_later() -> None:
    asked = python("import time; time.sleep(0.3)\n" + FAITHFUL)
    assert asked.ask([BALANCE], actor="ana") == 1
    assert asked.state().is_live
    assert asked.ask([BALANCE, FLOWS], actor="bo") == 1
    assert ended(asked).done_count == 2
    assert asked.ask([BALANCE], actor="ana") == 1
    assert ended(asked).total_count == 1


@pytest.mark.parametrize("code", ["import sys; sys.exit(1)", "import os; os.kill(os.getpid(), 9)"])
def test_a_child_that_ends_early_is_said_until_something_is_asked_again(code: str) -> None:
    asked = python(code)
    asked.ask([BALANCE, FLOWS], actor="ana")
    assert "2 checks were not made" in (ended(asked).problem or "")
    asked.ask([BALANCE], actor="ana")
    assert "1 check was not made" in (ended(asked).problem or "")


def test_a_command_that_cannot_be_started_is_said_too() -> None:
    asked = ChecksOnDemand(("/nowhere/python",))
    asked.ask([BALANCE], actor="ana")
    assert ended(asked).problem
