"""The command line acts as `RECON_ACTOR` and asks as the pages do: a stranger changes nothing with any command."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from recon.cli.exits import Exit
from recon.demo import DemoFiles
from recon.model.people import Person, PersonRole
from recon.workflows.manage_people import list_person
from tests.cli.conftest import Command


@pytest.fixture
def staff(engine: Engine, stored: None) -> Engine:
    """Ada administers, vic may look; mallory is nobody."""
    list_person(engine, Person(name="vic", role=PersonRole.VIEWER), actor="ada")
    return engine


def kept(engine: Engine) -> tuple[int, ...]:
    """How many rows there are of what commands write."""
    tables = ("audit_event", "upload", "reading", "run", "ledger_event", "check_run")
    with engine.connect() as conn:
        return tuple(conn.execute(text(f"select count(*) from {table}")).scalar_one() for table in tables)  # noqa: S608


@pytest.mark.parametrize("actor", ["mallory", "vic"])
def test_who_may_not_changes_nothing_with_any_command(
    tieout: Command, staff: Engine, sample: DemoFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, actor: str
) -> None:
    monkeypatch.setenv("RECON_ACTOR", actor)
    monkeypatch.setenv("ALERT_WEBHOOK_URL", "https://alerts.example.com/")
    journal = tmp_path / "journal.csv"
    journal.write_text("entry,date,account,amount\n1,2026-03-02,Bank,1.00\n")
    pair = sample.pairs()[0]
    before = kept(staff)
    for command in (
        ("run", "--source", pair.source, "--reference", pair.reference),
        ("ledger", "import", journal, "--book", "uae"),
        ("ledger", "replay", "--rebuild"),
        ("ledger", "snapshot", "--book", "uae"),
        ("alerts", "replay"),
        ("verify",),
        ("demo", "--load"),
    ):
        ended = tieout(*command)
        assert ended.status == Exit.REFUSED, command
        assert f"{actor} is " in ended.stderr, command
        assert kept(staff) == before, command
