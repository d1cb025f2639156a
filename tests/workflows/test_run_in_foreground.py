"""Two files to a published run in one call, and the same run the next time."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from recon.errors import FileHasQuestions, FileRefused
from recon.model.rules import Rules
from recon.store import runs
from recon.store.evidence import Evidence
from recon.workflows.run_in_foreground import Finished, SideInput, finish_run, run_in_foreground
from recon.workflows.submit_run import rerun

GATEWAY = "date,reference,amount,currency\n2026-03-25,INV-1,10.00,EUR\n2026-03-26,INV-2,20.00,EUR\n"
BANK = "date,reference,amount,currency\n2026-03-25,INV-1,10.00,EUR\n2026-03-26,INV-2,20.50,EUR\n"


def run(engine: Engine, evidence: Evidence, folder: Path, seen: list[str] | None = None) -> Finished:
    def watch(stage: str, _done: int, _total: int) -> None:
        if seen is not None and stage not in seen:
            seen.append(stage)

    return run_in_foreground(
        engine,
        evidence,
        source=SideInput(path=folder / "gateway.csv"),
        reference=SideInput(path=folder / "bank.csv"),
        reconciliation="Gateway vs bank",
        rules=Rules(),
        actor="ana",
        lease_seconds=60,
        on_progress=watch,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "gateway.csv").write_text(GATEWAY)
    (tmp_path / "bank.csv").write_text(BANK)
    return tmp_path


def test_two_files_become_a_published_run_and_the_same_run_again(
    engine: Engine, evidence: Evidence, folder: Path
) -> None:
    stages: list[str] = []
    first = run(engine, evidence, folder, stages)
    assert (first.run.status, first.cached) == ("succeeded", False)
    assert stages[:3] == ["read source", "read reference", "load"]
    assert stages[-1] == "published"
    again = run(engine, evidence, folder)
    assert (again.run, again.cached) == (first.run, True)


def test_a_file_that_cannot_be_read_as_it_is_stops_before_the_run(
    engine: Engine, evidence: Evidence, folder: Path
) -> None:
    (folder / "bank.csv").write_text("")
    with pytest.raises(FileRefused, match=r"bank\.csv"):
        run(engine, evidence, folder)
    (folder / "bank.csv").write_text("date,reference,amount,currency\n03/04/2026,A,1.00,EUR\n")
    with pytest.raises(FileHasQuestions, match=r"bank\.csv does not decide everything"):
        run(engine, evidence, folder)


def test_an_interrupt_cancels_the_run(engine: Engine, evidence: Evidence, folder: Path) -> None:
    first = run(engine, evidence, folder)
    again = rerun(engine, evidence, first.run.id, actor="ana")

    def interrupt(stage: str, _done: int, _total: int) -> None:
        if stage == "store":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finish_run(engine, evidence, again.run_id, lease_seconds=60, on_progress=interrupt)
    with engine.connect() as conn:
        assert runs.get(conn, again.run_id).status == "cancelled"
