"""Fixtures of the scenarios."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from recon.store.evidence import Evidence
from tests.scenarios.office import Office


@pytest.fixture
def office(engine: Engine, evidence_url: str, database_url: str, home: Path) -> Office:
    """A desk with its own database and folder."""
    return Office(engine=engine, evidence=Evidence(evidence_url), database_url=database_url, home=home)
