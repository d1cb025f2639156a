"""`newest`: the files that came last, run by the name of the reconciliation alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from recon.store import runs
from tests.cli.conftest import Command

CsvFile = Callable[..., Path]
HEADER = "date,description,amount,currency"


@pytest.mark.usefixtures("stored")
def test_a_reconciliation_is_run_by_its_name(tieout: Command, csv_file: CsvFile) -> None:
    files = [csv_file(f"{name}.csv", HEADER, "2026-03-30,Rent,-900.00,EUR") for name in "sr"]
    first = tieout("run", "--source", files[0], "--reference", files[1], "--name", "Bills", "--json").document
    again = tieout("newest", "Bills", "--json")
    assert (again.status, again.document["cached"], again.document["run_id"]) == (0, True, first["run_id"])
    assert again.document["counts"]["matched"] == 1


@pytest.mark.usefixtures("stored")
def test_without_files_it_says_what_is_missing(tieout: Command, engine: Engine) -> None:
    with engine.begin() as conn:
        runs.reconciliation_id(conn, name="Nothing yet", actor="ana")
    ended = tieout("newest", "Nothing yet", "--json")
    assert (ended.status, ended.document["run_id"]) == (3, None)
    assert ended.document["hurdles"]["source"] == "The source has no file yet. Choose one."
    assert "The reference has no file yet. Choose one." in tieout("newest", "Nothing yet").stderr


@pytest.mark.usefixtures("stored")
def test_a_name_nobody_knows_is_told(tieout: Command) -> None:
    ended = tieout("newest", "Bils")
    assert ended.status == 2
    assert "There is no reconciliation 'Bils'" in ended.stderr
