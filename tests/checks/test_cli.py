"""`python -m checks`: what it prints, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from checks import CHECKS
from checks.cli import app
from recon.config import settings
from tests.checks.conftest import Tamper

Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, home: Path, database_url: str) -> Iterator[Ask]:
    """`ask("run", "--json")` gives exit status, stdout and stderr."""
    monkeypatch.setenv("RECON_HOME", str(home))
    monkeypatch.setenv("DATABASE_URL", database_url)
    settings.cache_clear()

    def call(*arguments: str) -> tuple[int, str, str]:
        ended = CliRunner().invoke(app, arguments)
        if ended.exception is not None and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        return ended.exit_code, ended.stdout, ended.stderr

    yield call
    settings.cache_clear()


def test_the_list_needs_no_database() -> None:
    command = [sys.executable, "-m", "checks", "list", "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert [check["name"] for check in json.loads(ended.stdout)["checks"]] == [check.name for check in CHECKS]


def test_checks_that_hold_end_with_0(ask: Ask, alice: object) -> None:
    status, told, _ = ask("run", "--category", "A", "--book", "uae", "--check", "trial_balance_zero")
    assert status == 0
    assert told.splitlines()[-1] == "1 runs: 1 ok, 0 warn, 0 fail, 0 error."


def test_a_check_that_fails_ends_with_1_and_its_variance_in_full(ask: Ask, alice: object, tamper: Tamper) -> None:
    tamper("update journal_line set amount = amount + 7 where amount = 10000")
    status, told, _ = ask("run", "--check", "trial_balance_zero", "--json")
    uae, india = json.loads(told)["results"]
    assert status == 1
    assert (uae["status"], india["status"]) == ("fail", "ok")
    (variance,) = uae["variances"]
    assert variance["subject"]["source_txn_id"] == "A1"
    assert (variance["expected"], variance["difference"], variance["unit"]) == ("0.00", "0.07", "USD")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--check", "trial_balance"), "Did you mean trial_balance_zero?"),
        (("--check", "trial_balance_zero", "--category", "D"), "No check fits all of these."),
        (("--book", "mars"), "Invalid value"),
    ],
)
def test_wrong_use_ends_with_2_and_says_why(ask: Ask, arguments: tuple[str, ...], sentence: str) -> None:
    status, told, complaint = ask("run", *arguments)
    assert (status, told) == (2, "")
    assert sentence in complaint
